"""
Some ratings are missing
========================

A question left unanswered is an empty cell (NaN) in ``y``. Nothing is thrown away because of it: a
row without dominance still teaches valence.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from physio_vad import (
    Ratings,
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)

people = simulate_recordings(n_subjects=8, minutes=2, seed=2)

# Half of the people were never asked for dominance.
for number in range(0, 8, 2):
    given = people[number].ratings
    values = given.values.copy()
    values[:, given.targets.index("dominance")] = np.nan
    ratings = Ratings(given.starts, given.stops, values, given.targets, given.scale)
    people[number] = replace(people[number], ratings=ratings)

windows, y = make_windows(people)
X = extract_features(windows, ["eda", "temperature", "emg"])
y.notna().groupby(level="subject").mean()

# %%
# All models of this library leave a missing rating out for that target only. Scores are taken
# where there is a truth to compare with; ``windows`` says how many that were.

result = evaluate(build_pipeline("chain", estimator="ridge", random_state=0), X, y)
result.summary()[["rmse", "skill", "windows", "subjects"]].round(2)

# %%
# The usual alternative throws away every row that lacks something: half of the table here.

whole = y.notna().all(axis=1)
model = build_pipeline("multioutput", estimator="ridge")
new = X.index.get_level_values("subject") == "S02"
rows = {
    "all rows": model.fit(X[~new], y[~new]).predict(X[new]),
    "whole rows only": model.fit(X[~new & whole], y[~new & whole]).predict(X[new]),
}
pd.Series(
    {name: np.sqrt(((y.loc[new, "valence"] - p[:, 0]) ** 2).mean()) for name, p in rows.items()},
    name="RMSE of valence for S02",
).round(3).to_frame()

# %%
# Windows that are rated in part
# ------------------------------
# Where a person stopped rating for some seconds, ``min_coverage`` says how much of a window must
# be rated (half of it by default). Windows without any rating are left out, or kept with
# ``keep_unrated=True`` for models that use them, as normalising by person does.
#
# What scikit-learn's own tools do
# --------------------------------
# ``RegressorChain`` and ``MultiOutputRegressor`` refuse an empty cell in ``y``, and so do its
# scores. `MaskedScorer` is a score for ``cross_validate`` and ``GridSearchCV`` that leaves them
# out.
