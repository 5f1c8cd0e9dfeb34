"""
5. Windows, labels, lag
=======================

A model needs rows. A row is a **window**: some seconds of one person in one trial. Its **label** is
the mean rating in that time.
"""

from physio_vad import make_windows, simulate_recordings

recordings = simulate_recordings(n_subjects=20, minutes=2, seed=1)
windows, y = make_windows(recordings, length=10, step=5)
windows[["start", "stop"]].join(y).head(4).round(2)

# %%
# The row is named by person, trial and window. Keep these names: whatever must not mix people reads
# them there.
#
# How long should a window be?
# ----------------------------
# Long enough for what you want to see in it, short enough that the feeling stays the same. A heart
# beat takes a second and a breath four, so 10 s is a fair start for pulse and skin; heart rate
# variability and slow breathing want 30 s or more. Windows that overlap (here by half) make more
# rows, not more data: neighbours share signal and label.

import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)  # this package's own look, for your pictures too
fig, axes = plt.subplots(2, figsize=(7, 4), sharex=True)
fig.suptitle("Windows of one person, and their labels")
skin = recordings[0].signals["eda"]
axes[0].plot(skin.times, skin.values[0])
axes[0].set_ylabel("EDA in µS")
ratings = recordings[0].ratings
arousal = ratings.values[:, ratings.targets.index("arousal")]
axes[1].plot(ratings.starts, arousal)
first = windows.loc["S01"]
for number, (start, stop) in enumerate(zip(first["start"], first["stop"], strict=True)):
    axes[0].axvspan(start, stop, ymax=0.08 + 0.08 * (number % 2), alpha=0.3)
    axes[1].hlines(y.loc["S01"]["arousal"].iloc[number], start, stop, lw=3, alpha=0.5)
labels = axes[1].set(ylabel="arousal", xlabel="seconds")

# %%
# Lag
# ---
# People need time to notice what they feel and to move a joystick. Continuous ratings trail the
# body by some seconds. ``label_lag`` takes the rating that much later than the window. Here people
# were simulated who rate four seconds late, and a model is tried with several lags.

from physio_vad import build_pipeline, evaluate, extract_features

late = simulate_recordings(n_subjects=10, minutes=2, seed=1, rating_lag=4.0, timescale=10.0)
windows, _ = make_windows(late)
X = extract_features(windows, ["eeg", "emg", "eda"])
model = build_pipeline(estimator="ridge", normalise="subject")
skill = {}
for lag in (0.0, 2.0, 4.0, 6.0, 8.0):
    _, labels = make_windows(late, label_lag=lag)  # the last windows have no rating that late
    skill[lag] = evaluate(model, X.loc[labels.index], labels, cv="grouped-k-fold").skill

import pandas as pd

pd.DataFrame(skill).T.rename_axis("lag in s").round(2)

# %%
# Valence and dominance are predicted best at the true lag. Arousal is not: the skin is late itself,
# by as much as the hand, so the two cancel out. A lag belongs to a pair of sensor and rating.
#
# Do not take the lag with the best score and report that score: you have then tuned on the test
# people. Fix it before you look: 2 to 4 s are usual for continuous ratings, 0 for one
# rating per film or block. Or choose it among the training people only (page :doc:`12_tuning`).
#
# What to look up next
# --------------------
# `make_windows`. Next: :doc:`06_features`.
