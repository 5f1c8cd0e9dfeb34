"""
14. What the model looks at
===========================

A model that predicts well may do so for a bad reason: the clock, the film, the hand that holds the
joystick. Ask it.
"""

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=12, minutes=2, seed=1))
X = extract_features(windows)
model = build_pipeline(estimator="ridge")

# %%
# Shuffle one sensor
# ------------------
# Exchange all features of one sensor between the windows of each held-out person, and see how much
# worse the predictions get.

from physio_vad.explain import group_importance
from physio_vad.report import plot_importance

importance = group_importance(model, X, y, n_repeats=2)
importance.xs("arousal").sort_values("importance", ascending=False).round(3)

# %%
figure = plot_importance(importance)

# %%
# The interval is over people. If it contains 0, the sensor may not matter for other people. Sensors
# that say the same stand in for each other, so each on its own can look useless.
#
# Leave a sensor out, or take one alone
# -------------------------------------
# This fits anew, so it answers what you would lose by not buying the sensor.

from physio_vad.explain import ablation

lost = ablation(model, X, y, cv="grouped-k-fold", random_state=0)
lost.xs("arousal")[["rmse", "skill", "skill_low", "skill_high"]].round(2)

# %%
# These people are simulated, and we know what was put in: arousal drives skin responses, heart rate
# and muscle tone. The answers above find it again. With real people nobody knows, so read them as
# hints about the model, never as facts about the body.
#
# What to look up next
# --------------------
# `group_importance`,
# `ablation`, and
# `shap_importance` for boosted trees. The report of
# ``physio-vad run`` holds all this. Next: :doc:`15_save_load_predict`.
