"""
1. What is recorded and what is rated
=====================================

You have people, sensors and ratings. This guide takes eight sensors, twenty people and three
ratings, and goes from files to a model that is tested on people it has never seen. You need nothing
but Python and this package: simulated people stand in for yours, so every page runs as
it stands. They show that the way works. They say nothing about emotion.
"""

from physio_vad import simulate_recordings

recordings = simulate_recordings(n_subjects=20, minutes=2, seed=1)
recording = recordings[0]
recording

# %%
# What is recorded
# ----------------
# A recording is one person in one trial: a stretch recorded in one go, such as one film.
# It holds signals. Each has a unit, a sampling rate of its own and one or more channels.

import pandas as pd

pd.DataFrame(
    [
        (name, signal.n_channels, signal.sfreq, signal.unit, signal.stop - signal.start)
        for name, signal in recording.signals.items()
    ],
    columns=["signal", "channels", "rate in Hz", "unit", "seconds"],
)

# %%
# - **EEG**: voltage at the scalp. Its rhythms change with attention, rest and effort.
# - **EOG**: voltage beside the eye. Blinks and jumps of the eye stand out.
# - **EDA** (also GSR): how well the skin conducts. Sweat glands answer to whatever matters to us.
# - **Temperature** of the skin: vessels narrow under strain, slowly.
# - **PPG**: light through the skin. Every heart beat is a wave, so it gives heart rate and its
#   variability.
# - **Respiration**: a belt. How fast, how deep, how regular.
# - **EMG**: voltage over a muscle. In the face it shows a smile or a frown before it can be seen.
#
# You may have fewer sensors, or others: any subset works.

# %%
# What is rated
# -------------
# Each person says how it felt, in three numbers, here from 1 to 9:
#
# - **valence**: from unpleasant to pleasant;
# - **arousal**: from calm to excited;
# - **dominance**: from being controlled to being in control.
#
# Some studies ask once after each film, others have people move a joystick throughout. Both are
# ratings with times; a rating that was not given is missing, not zero.

given = recording.ratings
ratings = pd.DataFrame(given.values, given.starts, list(given.targets))
ratings.index.name = "seconds"
ratings.head(3).round(2)

# %%
import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)
ax = ratings.plot(ylabel="rating, 1 to 9", title="What the first person rated")

# %%
# What to ask about your own data before anything else
# ----------------------------------------------------
# 1. Who is who: which files belong to which person? Everything later hangs on it.
# 2. At which rate, in which unit, was each signal recorded?
# 3. Which column is which rating, on which scale? Orders differ between data sets.
# 4. When was a rating given: for a whole film, or for a moment?
# 5. Was there a rest before? It helps to compare people.
#
# What to look up next
# --------------------
# `Recording`, `Signal` and `Ratings` hold all this. `read_recordings` reads yours; how to name your
# columns is a :doc:`how-to page <../auto_howto/index>`. Then :doc:`02_three_tasks`.
