"""
Multi-task learning, step by step
=================================

Three ratings, one body: do the tasks help each other? This page trains three ways of doing several
tasks on the same split, and ends in a table and a picture. ``physio-vad compare`` does it for a
folder of your own, see the last step.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit

from physio_vad import (
    Ratings,
    build_pipeline,
    extract_features,
    make_windows,
    simulate_recordings,
)

# %%
# 1. Start small
# --------------
# A few people, a few minutes, three sensors. Dominance is made to go with valence and arousal here,
# as it often does; in your own data look at ``y.corr()`` first. Where ratings have nothing in
# common there is little to share but the features.

people = simulate_recordings(n_subjects=15, minutes=3, seed=4)
rng = np.random.default_rng(0)


def related(person):
    """Give a person's ratings a dominance that follows the two others."""
    given = person.ratings
    valence, arousal, dominance = map(given.targets.index, ("valence", "arousal", "dominance"))
    values = given.values.copy()
    mixed = 0.6 * values[:, valence] + 0.4 * values[:, arousal]
    values[:, dominance] = np.clip(mixed + 0.3 * rng.normal(size=len(values)), 1, 9)
    ratings = Ratings(given.starts, given.stops, values, given.targets, given.scale)
    return replace(person, ratings=ratings)


windows, y = make_windows([related(person) for person in people])
X = extract_features(windows, ["eda", "temperature", "emg"])
y.corr().round(2)

# %%
# 2. Split 80:20, by person
# -------------------------
# Rows of one person are never on both sides. `evaluate` does this for every person in turn; one
# split is enough to see how it works.

subjects = X.index.get_level_values("subject")
train, test = next(GroupShuffleSplit(1, test_size=0.2, random_state=1).split(X, groups=subjects))

# %%
# 3. Shared layers, three heads, three losses
# -------------------------------------------
# ``"multioutput"`` fits each rating alone, ``"chain"`` hands each prediction to the next model, and
# ``"shared"`` is one network: layers that all ratings share, then a head and a loss for each. The
# losses are added with ``loss_weights``: all 1 by default, numbers by name, or ``"learned"`` from
# the noise of each task (Kendall et al. 2018, `doi:10.1109/CVPR.2018.00781
# <https://doi.org/10.1109/CVPR.2018.00781>`__).

models = {
    "multioutput": build_pipeline("multioutput", estimator="ridge"),
    "chain": build_pipeline("chain", estimator="ridge", random_state=0),
    "shared": build_pipeline("shared", random_state=0),
    "shared, learned weights": build_pipeline("shared", random_state=0).set_params(
        model__loss_weights="learned"
    ),
}


def errors(ratings):
    """Mean absolute and squared error on the people left out, for each model and rating."""
    rows = {}
    for name, model in models.items():
        guess = np.asarray(model.fit(X.iloc[train], ratings.iloc[train]).predict(X.iloc[test]))
        miss = guess - y.iloc[test].to_numpy()
        rows[name] = pd.concat(
            {
                "MAE": pd.Series(np.abs(miss).mean(axis=0), y.columns),
                "MSE": pd.Series((miss**2).mean(axis=0), y.columns),
            }
        )
    mean = ratings.iloc[train].mean().to_numpy() - y.iloc[test].to_numpy()
    rows["training mean"] = pd.concat(
        {
            "MAE": pd.Series(np.abs(mean).mean(axis=0), y.columns),
            "MSE": pd.Series((mean**2).mean(axis=0), y.columns),
        }
    )
    return pd.DataFrame(rows).T


everybody = errors(y)
everybody.round(2)

# %%
# With no rating missing, sharing changes little: each task has enough rows of its own.
#
# 4. Where sharing pays
# ---------------------
# Now only two of the training people were ever asked for dominance. A model of dominance alone has
# two people to learn from; the shared layers still learn from what everybody said of the others.

asked = set(pd.unique(subjects[train])[:2])
few = y.copy()
few.loc[~subjects.isin(asked), "dominance"] = np.nan
scarce = errors(few)
scarce.xs("dominance", axis=1, level=1).round(2)

# %%
# Alone, and in the chain, dominance of new people becomes worse than the mean; the shared network
# does not do that. It has a price: in the same fit arousal, which everybody rated, is predicted
# worse than by its own model. One split of fifteen people shows the effect, not its size.
#
# The picture: squared error of dominance, as a share of that of the training mean.

columns = {"all rated": everybody, "two people rated": scarce}
mse = pd.DataFrame({name: table["MSE", "dominance"] for name, table in columns.items()})
ratio = (mse / mse.loc["training mean"]).drop("training mean")
import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)
axes = ratio.plot.barh(xlabel="MSE of dominance / MSE of the training mean")
axes.axvline(1, color="0.3", linewidth=1)
axes.invert_yaxis()

# %%
# 5. Where it does not pay
# ------------------------
# Ratings that do not go together, and tables with many rows of every rating: there the independent
# models are as good, faster, and easier to explain. Start with them; a shared model must beat them
# on people never seen, with the same split.
#
# 6. Tune last, and by person
# ---------------------------
# `search_space` knows what to try for each model, and `nested_search` tries it inside the training
# people only: :doc:`tuning <../auto_guide/12_tuning>`.
#
# 7. Your own data, one command
# -----------------------------
# .. code-block:: bash
#
#    physio-vad compare results --out compared --model multioutput --model chain --model shared
#
# ``results`` is the folder that ``run`` or ``features`` wrote. In ``compared`` stand the table of
# every two models (``differences.csv``, in words ``verdict.txt``), the picture ``scores.png`` and a
# report. ``--estimator ridge --estimator blend`` compares what the models are made of, too.
