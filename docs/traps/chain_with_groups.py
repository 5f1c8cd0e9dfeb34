"""
scikit-learn's chain with groups
================================

A chain feeds the prediction of one target to the next. What stands there in training must be as
bad as it will be for a new person, or the next model trusts it too much. scikit-learn's
``RegressorChain(cv=5)`` cuts these inner folds by row, and cannot cut them by person.
"""

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.multioutput import RegressorChain

from physio_vad import CrossFittedChain, make_estimator

# People with habits: each has a level of ratings, and features that give the person away.
rng = np.random.default_rng(0)
n_people, n_rows = 60, 30
person = np.repeat(np.arange(n_people), n_rows)
subject = pd.Index([f"S{number:02}" for number in person], name="subject")
felt = rng.normal(size=(len(person), 2))
X = felt @ rng.normal(size=(2, 12)) + rng.normal(size=(len(person), 12))
X += 1.5 * rng.normal(size=(n_people, 12))[person]
valence = 0.5 * felt[:, 0] + 0.6 * rng.normal(size=n_people)[person]
arousal = 0.8 * valence + 0.3 * felt[:, 1] + 0.2 * rng.normal(size=len(person))
X = pd.DataFrame(X, subject, [f"feature {number}" for number in range(12)])
Y = pd.DataFrame({"valence": valence, "arousal": arousal}, subject)
known = person < 20  # the others tell the truth
booster = make_estimator("lightgbm")


def r2(truth, predicted):
    """Share of variance that is predicted."""
    return 1 - ((truth - predicted) ** 2).mean() / truth.var(ddof=0)


# %%
# Groups do not reach the inner folds. This is what happens to whoever asks for them:

try:
    RegressorChain(booster, cv=GroupKFold(5)).fit(X[known], Y[known])
except ValueError as error:
    print(f"ValueError: {error}")

# %%
# How good does the first link look to the second one?

x, first = X[known].to_numpy(), Y.loc[known, "valence"].to_numpy()
by_row = cross_val_predict(booster, x, first, cv=KFold(5, shuffle=True, random_state=0))
by_person = cross_val_predict(booster, x, first, cv=GroupKFold(5), groups=person[known])
truth = booster.fit(x, first).predict(X[~known].to_numpy())
pd.Series(
    {
        "wrong: inner folds by row": r2(first, by_row),
        "honest: inner folds by person": r2(first, by_person),
        "what it is for 40 new people": r2(Y.loc[~known, "valence"].to_numpy(), truth),
    },
    name="R2 of valence, the input of the next link",
).round(2).to_frame()

# %%
# And what it does to the target behind it, for the new people:

chains = {
    "scikit-learn, trained on true valence": RegressorChain(booster),
    "scikit-learn, cv=5": RegressorChain(booster, cv=5),
    "CrossFittedChain, by person": CrossFittedChain(booster, groups="subject", random_state=0),
}
errors = {}
for name, chain in chains.items():
    predicted = np.asarray(chain.fit(X[known], Y[known]).predict(X[~known]))
    errors[name] = np.sqrt(((Y.loc[~known, "arousal"] - predicted[:, 1]) ** 2).mean())
pd.Series(errors, name="RMSE of arousal for 40 new people").round(3).to_frame()

# %%
# The inner number of the first table is several times too good. The loss behind it is smaller,
# some per cent, because the later link still has the features. It is a loss for nothing.
#
# What to do
# ----------
# ``build_pipeline("chain")`` takes the person from the row index and keeps people whole in the
# inner folds. The same goes for stacking and for early stopping: ``"stack"`` and ``"shared"`` do
# it too. An honest chain gains little over independent models: :doc:`the models page <../models>`
# has the figures.
