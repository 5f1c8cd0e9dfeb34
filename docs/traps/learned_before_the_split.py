"""
Scaling before splitting
========================

Whatever is learned from a table must be learned on the training people only. "Scale first, split
then" breaks this rule. How much it costs depends on what is learned, so here are three versions
of the same mistake, from harmless to absurd.

The table has 200 features and ratings that have nothing to do with each other. People differ in
the level of their ratings, as they do. **There is nothing to find.**
"""

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from physio_vad import build_pipeline, evaluate
from physio_vad.preprocessing import SelectFeatures

rng = np.random.default_rng(1)
index = pd.MultiIndex.from_product(
    [[f"S{number:02}" for number in range(1, 13)], ["1"], range(20)],
    names=["subject", "trial", "window"],
)
habit = np.repeat(rng.normal(size=12), 20)  # a person's level on the scale
X = pd.DataFrame(rng.normal(size=(240, 200)), index, [f"feature {n}" for n in range(200)])
y = pd.DataFrame({"valence": 5 + habit + 0.7 * rng.normal(size=240)}, index)
y.attrs["scale"] = {"valence": (0.0, 10.0)}


def scores(X, y, **steps):
    """Mean correlation within people left out, and RMSE, of ridge regression."""
    pipeline = build_pipeline(estimator="ridge", **steps)
    return evaluate(pipeline, X, y).summary().loc["valence", ["r_subject", "rmse"]]


# %%
# Scaling
# -------
# Means and standard deviations of all rows, the test people's too.

everybody = pd.DataFrame(StandardScaler().fit_transform(X), index, X.columns)
rows = {
    "scaled before": scores(everybody, y, select=10),
    "scaled inside": scores(X, y, select=10),
}

# %%
# Selecting
# ---------
# The 10 features that go best with the ratings, chosen on all rows.

best = SelectFeatures(10).fit(X, y).transform(X)
rows["selected before"] = scores(best, y)
rows["selected inside"] = rows["scaled inside"]

# %%
# Centring the ratings
# --------------------
# The ratings themselves, without the mean of each person. It takes away what people differ in:
# their level, which a new person has not told us. Counted in points of the scale:

own = y.groupby(level="subject").transform(lambda one: one - one.mean())
own.attrs["scale"] = {"valence": (-10.0, 10.0)}
rows["ratings centred by person before"] = scores(X, own, select=10)
rows["ratings as they are"] = rows["scaled inside"]

# %%
# All of it
# ---------

pd.DataFrame(rows).T.astype(float).round(2)

# %%
# In each pair the first row is wrong and the second honest. Scaling features before the split
# changes nothing here, which is why the habit lives on. The same line of code with selection in
# it finds a correlation in noise. And centred ratings make the error smaller by a knowledge that
# nobody has about a new person: the mean of the ratings that are to be predicted.
#
# What to do
# ----------
# Put every step that learns into the pipeline: `build_pipeline` has a place for scaling, filling,
# selecting and for normalising signals by person. Tuning belongs there too:
# :doc:`tuned_on_test_people`.
