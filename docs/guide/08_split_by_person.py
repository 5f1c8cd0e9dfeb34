"""
8. Split by person: why 80:20 of rows lies
==========================================

The textbook says: shuffle the rows, train on 80 %, test on 20 %. With windows from people that
lies, for two reasons. Neighbouring windows share signal and label, so the test rows have twins in
training. And a model can learn **who** it is looking at, and how this person rates.

.. drawing:: splits

How much it lies can be measured. Here the link between body and ratings is cut (``coupling=0``):
there is nothing to find. Any skill is a lie.
"""

from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import KFold

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=8, minutes=2, seed=1, coupling=0.0))
X = extract_features(windows, ["temperature", "ppg", "emg"])
model = build_pipeline(estimator=ExtraTreesRegressor(50, random_state=0))

shuffled = KFold(5, shuffle=True, random_state=0)
lie = evaluate(model, X, y, cv=shuffled, allow_leakage=True)
true = evaluate(model, X, y, cv="grouped-k-fold", random_state=0)

import pandas as pd

pd.DataFrame(
    {
        ("80:20 of rows", "r"): lie.summary()["r"],
        ("80:20 of rows", "skill"): lie.skill,
        ("by person", "r"): true.summary()["r"],
        ("by person", "skill"): true.skill,
    }
).round(2)

# %%
# The left half looks like a result one could publish. The right half is the truth: nothing.
#
# `evaluate` does not let the first one happen by accident. Without ``allow_leakage=True`` it stops:

from textwrap import fill

from physio_vad.exceptions import LeakageError

try:
    evaluate(model, X, y, cv=shuffled)
except LeakageError as error:
    print(fill(str(error), 90))

# %%
# And with it the result is marked.

print("leaky:", lie.leaky)

# %%
# Which split answers which question
# ----------------------------------
# ======================================  =======================================
# question                                ``cv=``
# ======================================  =======================================
# does it work for a new person?          ``"leave-one-subject-out"``
# the same, faster                        ``"grouped-k-fold"``
# 80:20, done right                       ``"holdout"``: 20 % of the people
# does it work for a new film?            ``"leave-stimulus-out"``
# a new person and a new film?            ``"leave-subject-and-stimulus-out"``
# later in the session of a known person  ``"within-subject-chronological"``
# ======================================  =======================================
#
# What to look up next
# --------------------
# :doc:`The page of traps <../auto_traps/index>` shows this and others with their cost;
# `check_leakage` looks for them in your tables. Next: :doc:`09_train`.
