"""
13. A new person: calibration and intervals
===========================================

Somebody new sits down. Two questions: can a few ratings of theirs make the model better, and how
sure is a prediction?
"""

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=15, minutes=4, seed=1))
X = extract_features(windows)
result = evaluate(build_pipeline(estimator="ridge"), X, y)

# %%
# Calibration
# -----------
# People use a scale in their own way: one rarely leaves the middle, another lives at the ends. If a
# new person rates the first minutes, their predictions can be shifted and stretched. How far to
# trust these minutes is learned from the other people; the score is that of the minutes after.

from physio_vad.evaluation import calibrate

curve = calibrate(result, minutes=(0.0, 0.5, 1.0, 2.0))
curve.curve.round(2)

# %%
# ``ratio`` below 1 is better than without; ``worse`` is the share of people who lost by it.

figure = result.plot_calibration(minutes=(0.0, 0.5, 1.0, 2.0))

# %%
# Intervals
# ---------
# A single number hides how wrong it may be. The errors on the people left out say how wide an
# interval must be to hold, say, 80 % of the ratings of a person to come.

from physio_vad.evaluation import conformal_intervals

intervals = conformal_intervals(result, coverage=0.8)
intervals.summary().round(2)

# %%
# ``half_width`` is in points of the scale. Wide intervals are honest news: a model that is often
# two points off on a scale of eight must say so. ``worst`` is the person whose ratings lay outside
# most often: the promise holds for people on average, not for each.

new = result.predictions[["valence_predicted", "arousal_predicted", "dominance_predicted"]].head(2)
intervals.apply(new).round(1)

# %%
# What to look up next
# --------------------
# `calibrate`,
# `fit_calibrator`,
# `conformal_intervals`. Next:
# :doc:`14_what_it_looks_at`.
