"""
12. Tuning without fooling yourself
===================================

Every model has settings. A search tries many and keeps the best. Its score is then **the best of
many**, and too good: part of it is luck. The cure is to make the search part of the training. Each
person left out is predicted by a model that was tuned on the others.
"""

import numpy as np

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

# Ratings the body knows nothing of (coupling=0): whatever looks like skill here is luck.
windows, y = make_windows(simulate_recordings(n_subjects=16, minutes=2, seed=1, coupling=0.0))
X = extract_features(windows, ["eda", "temperature", "emg", "respiration", "eog"])
y = y[["valence"]]
ours = X.index.get_level_values("subject") <= "S08"
model = build_pipeline(estimator="ridge")

# %%
# How to fool yourself
# --------------------
# Try twelve sets of four features on eight people, look at each score, report the best.

rng = np.random.default_rng(0)
sets = [list(rng.choice(X.columns, 4, replace=False)) for _ in range(12)]


def skill(features, people):
    """Score a set of features on some of the people."""
    return evaluate(model, X.loc[people, features], y[people], cv="grouped-k-fold").skill["valence"]


tried = [skill(features, ours) for features in sets]
best = sets[int(np.argmax(tried))]
print(f"worst of twelve {min(tried):+.2f}, best {max(tried):+.2f}")
print(f"the best set on eight other people {skill(best, ~ours):+.2f}")

# %%
# There was nothing to find, and twelve tries found something. On other people it is gone.
#
# How to do it right
# ------------------
# The search goes into `evaluate` like any other model. In each fold it sees the training people
# only, and splits them by person again.

from physio_vad.evaluation import nested_search

space = {"select__k": [2, 4, 8, 16], "model__estimator__alpha": [1.0, 10.0, 1000.0]}
tuned = nested_search(build_pipeline(estimator="ridge", select=4), space, n_iter=4, random_state=0)
honest = evaluate(tuned, X[ours], y[ours], cv="grouped-k-fold")
print(f"tuned within each fold: {honest.skill['valence']:+.2f}")

# %%
# `search_space` proposes settings to try for each model.
#
# All choices count as tuning: window length, lag, which sensors, which people were left out. Fix
# them beforehand, or put them inside. If you tried things out on all people, say so.
#
# Does tuning pay? With twenty people often not. Compare with the defaults, as in
# :doc:`this example <../auto_examples/plot_tuning>`.
#
# For use, tune on everybody: ``tuned.fit(X, y).best_estimator_``. Its inner score is not reported.
#
# What to look up next
# --------------------
# `nested_search`; ``physio-vad tune``. Next:
# :doc:`13_a_new_person`.
