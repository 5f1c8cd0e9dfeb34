"""
Continuous ratings
==================

People move a joystick while the film runs. Such ratings change within seconds, and they
**trail the body**: the hand follows what is felt by some seconds.
"""

import numpy as np
import pandas as pd

from physio_vad import (
    Ratings,
    Recording,
    Signal,
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)

# Twenty ratings a second beside a sensor with four samples a second: each keeps its own clock.
skin = Signal(3 + 0.1 * np.sin(np.arange(240) / 9), sfreq=4.0, unit="uS")
seconds = np.arange(0, 60, 0.05)
felt = 5 + 3 * np.sin(seconds / 10)
ratings = Ratings.series(seconds, felt[:, None], ["arousal"], scale={"arousal": (1, 9)})
anna = Recording("anna", {"eda": skin}, ratings)

windows, y = make_windows([anna], length=10, step=5)
windows[["start", "stop"]].assign(label=y["arousal"].round(2)).head(3)

# %%
# The label of a window is the mean of the ratings in it, weighted by time. With ``label_lag=3``
# it is the mean of the ratings three seconds later:

lagged = make_windows([anna], length=10, step=5, label_lag=3)[1]
lagged.round(2).head(3)

# %%
# How much does it matter?
# ------------------------
# Simulated people whose ratings trail by 4 s, with feelings that change within 10 s:

people = simulate_recordings(n_subjects=8, minutes=3, seed=1, rating_lag=4.0, timescale=10.0)
error = {}
for lag in (0.0, 2.0, 4.0, 6.0):
    windows, y = make_windows(people, length=6, step=6, label_lag=lag)
    X = extract_features(windows, ["eog", "emg", "eeg", "respiration"])
    result = evaluate(build_pipeline(estimator="ridge"), X, y, cv="grouped-k-fold", random_state=0)
    error[f"{lag:g} s"] = result.summary()["r_subject"].rename(None)
table = pd.DataFrame(error)
table.loc["mean"] = table.mean()
table.round(2)

# %%
# Mean correlation within people, by lag. It rises towards the true lag and falls a little beyond
# it: feelings that last are still there two seconds later, and skin and breath are late
# themselves. Do not pick the best of these columns and report it: that is :doc:`tuning on the
# test people <../auto_traps/tuned_on_test_people>`. Fix the lag before you look (2 to 4 s are
# usual; 0 for one rating per film or block), or choose it on people who take no further part.
#
# In a recipe it is ``label_lag`` in ``[windows]``; a column that changes from row to row is read
# as a continuous rating by itself. Neighbouring windows of continuous ratings are close to each
# other in label too, so count people, not windows: the intervals of the report do.
