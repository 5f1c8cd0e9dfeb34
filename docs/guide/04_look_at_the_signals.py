"""
4. Look at the signals
======================

Look before you compute. A sensor that fell off, a plug the wrong way round, a unit that is a
thousand times too small: a model does not complain about them, it just learns less.
"""

from dataclasses import replace

import numpy as np

from physio_vad import simulate_recordings
from physio_vad.report import plot_recording

recording = simulate_recordings(n_subjects=20, minutes=2, seed=1)[0]

# Two faults to look for: the pulse sensor loses contact for eight seconds, and somebody plugged in
# the EOG the wrong way round.
signals = dict(recording.signals)
pulse, eyes = signals["ppg"], signals["eog"]
lost = (pulse.times >= 50) & (pulse.times < 58)
signals["ppg"] = replace(pulse, values=np.where(lost, np.nan, pulse.values))
signals["eog"] = replace(eyes, values=-eyes.values)
faulty = replace(recording, signals=signals)

figure = plot_recording(faulty, modalities=["eog", "eda", "ppg", "respiration"])

# %%
# Blinks, skin responses, beats and breaths that were found are marked. Below each panel is the
# quality of each stretch; the lost contact is shaded; the ratings come last. Look for
#
# - **marks that are missing** where you can see the event, or that stand where there is none;
# - **straight lines**: the sensor was off, or at the end of its range;
# - **the unit**: skin conductance is 1 to 20 µS, skin 28 to 36 °C, an EEG some tens of µV;
# - **hum**: a band of 50 or 60 Hz over everything.
#
# The stretch before the loss, seen closely: ``start`` and ``stop`` are seconds.

closely = plot_recording(faulty, modalities=["ppg", "respiration"], start=40, stop=52)

# %%
# You can get what was found as a table.

from physio_vad import find_beats, find_scrs

beats = find_beats(recording.signals["ppg"].values[0], pulse.sfreq, "ppg")
beats.iloc[10:13].round(3)

# %%
skin = recording.signals["eda"]
responses = find_scrs(skin.values[0], skin.sfreq)
print(f"{len(responses)} skin responses in {skin.stop / 60:.0f} minutes")

# %%
# Do this for several people, ideally for all. Write down what you leave out and why, **before** you
# see a score.
#
# What to look up next
# --------------------
# `plot_recording`, `find_beats`, `find_scrs`, `find_blinks`, `find_breaths`.
# Next: :doc:`05_windows_labels_lag`.
