"""
7. First a baseline
===================

Before any model: how well can one predict **without looking at the body**? A score means nothing
without that.
"""

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=20, minutes=2, seed=1))
X = extract_features(windows)
result = evaluate(build_pipeline(estimator="ridge"), X, y)
result.baselines[["rmse", "mae", "r", "ccc"]].round(2)

# %%
# - **scale midpoint**: always answer 5 on a scale from 1 to 9.
# - **training mean**: answer the mean of the people in training.
# - **stimulus mean**: where everybody saw the same films, answer what the others rated for this
#   one.
# - **session course**: where everybody follows one timetable, answer what the others rated at the
#   same minute. A clock, no body.
# - **subject mean** and **last value**: for models of people who are already known.
#
# Those that apply are computed in each fold from the training people, as a model is. Look at the
# mean: its RMSE is small, its correlation nil. A model whose RMSE is no smaller has learned
# nothing, however nice its correlation.
#
# That correlation is below 0, and has to be: a person who rates high is left out of the mean that
# is answered for that person, so it is a little lower than for others, and the other way round.
#
# Skill
# -----
# One number puts the two together: **skill = 1 - RMSE / RMSE of the best baseline**. 0 is no better
# than not looking, 1 is perfect, below 0 is worse than not looking.

table = result.summary()
table[["rmse", "baseline", "baseline_rmse", "skill", "skill_low", "skill_high"]].round(2)

# %%
# The interval is over people: it says how much the skill would change with twenty other people. If
# it contains 0, you have shown nothing.
#
# What to look up next
# --------------------
# `evaluate`, `Evaluation`; ``physio-vad list baselines``. Next: :doc:`08_split_by_person`.
