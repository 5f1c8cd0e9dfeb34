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
# ``ratio`` below 1 is better than without; ``worse`` is the share of people for whom it made things
# worse.

figure = result.plot("calibration", minutes=(0.0, 0.5, 1.0, 2.0))

# %%
# To use it, fit a calibrator for the minutes that a new person will give, and hand it their ratings
# and predictions. Here S15 plays the new person, and the calibrator knows only the others. What it
# gives stays on the scale. Fewer minutes than it was fitted for are trusted too much.

from physio_vad.evaluation import fit_calibrator

is_new = result.predictions["subject"] == "S15"
known = result.with_predictions(result.predictions[~is_new], "window")
mine = result.predictions[is_new]
calibrated = fit_calibrator(known, minutes=1.0).apply(mine[mine["stop"] <= 60], mine)
both = mine[["arousal", "arousal_predicted"]].assign(calibrated=calibrated["arousal_predicted"])
both.tail(3).round(2)

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
# With K people at most K / (K + 1) can be promised, 0.93 with these 15; more gives infinite
# intervals and a warning that names the largest coverage.
#
# The promise is for the predictions as the model gives them. Calibrated ones have other errors, and
# the library has no intervals for them: show intervals about the prediction before calibration.
#
# On the command line ``physio-vad predict --intervals`` puts them into the table. How to do both
# with a saved model and a person who just came in: :doc:`15_save_load_predict`.
#
# What to look up next
# --------------------
# `calibrate`,
# `fit_calibrator`,
# `conformal_intervals`. Next:
# :doc:`14_what_it_looks_at`.
