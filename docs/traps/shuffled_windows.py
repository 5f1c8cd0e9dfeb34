"""
Shuffled overlapping windows
============================

Windows that overlap share their signal and their label. A shuffled split puts one of two such
twins into training and the other into the test. A model that only remembers then looks as if it
understood.

Here the link between body and ratings is cut (``coupling=0``): **there is nothing to find**, and
the true correlation is 0.
"""

import pandas as pd
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

people = simulate_recordings(n_subjects=12, minutes=3, coupling=0.0, seed=1)
shuffled = KFold(5, shuffle=True, random_state=0)
model = build_pipeline(estimator=KNeighborsRegressor(3))  # a model that only remembers


def r(evaluation):
    """Mean over people and targets of the correlation between rating and prediction."""
    return evaluation.summary()["r_subject"].mean()


rows = {}
for step in (10, 5, 2.5):
    windows, y = make_windows(people, length=10, step=step)
    X = extract_features(windows, ["eda", "temperature", "respiration"])
    wrong = evaluate(model, X, y, cv=shuffled, allow_leakage=True)
    honest = evaluate(model, X, y, cv="grouped-k-fold", random_state=0)
    rows[f"{1 - step / 10:.0%}"] = {
        "wrong: rows shuffled": r(wrong),
        "honest: people kept whole": r(honest),
    }
table = pd.DataFrame(rows).T.rename_axis("overlap of windows").round(2)
table

# %%
# The more the windows overlap, the better the wrong number gets. The honest one stays where it
# belongs. Even without overlap the shuffled split is wrong: it knows each person from other
# windows.
#
# What to do
# ----------
# Leave the splitting to `evaluate`: it keeps people whole and refuses a split that does not. A
# shuffled split needs ``allow_leakage=True``, and the result is marked in its findings:

print(wrong.findings[0].seen)
