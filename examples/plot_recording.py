"""
Look at a recording
===================

Before any model: one picture of what the sensors gave, what was found in it, and how far each
stretch can be trusted. Simulated here, with two faults put in; ``read_recordings("my_folder",
"eleven-column")`` gives yours.
"""

from dataclasses import replace

import numpy as np

from physio_vad import find_beats, simulate_recordings
from physio_vad.report import plot_recording

recording = simulate_recordings(n_subjects=1, minutes=2, seed=4)[0]

# A pulse sensor that loses contact for eight seconds, and an EOG channel that was plugged in the
# wrong way round.
signals = dict(recording.signals)
pulse = signals["ppg"]
lost = (pulse.times >= 50) & (pulse.times < 58)
signals["ppg"] = replace(pulse, values=np.where(lost, np.nan, pulse.values))
signals["eog"] = replace(signals["eog"], values=-signals["eog"].values)
recording = replace(recording, signals=signals)

# Blinks, responses, beats and breaths are marked and gaps are shaded; a title says that the EOG is
# the wrong way round; below each panel stands the quality of every window of 10 s.
figure = plot_recording(recording, modalities=["eog", "eda", "ppg", "respiration"])

# The ten seconds around the loss, seen closely. In a notebook with ``%matplotlib widget`` (it comes
# with ``pip install ".[zoom]"``) and ``fig=plt.figure()`` one zooms with the mouse, and sees all
# samples of what is shown.
closely = plot_recording(recording, modalities=["eda", "ppg"], start=44, stop=54)

# What is drawn can be had as a table too.
beats = find_beats(pulse.values[0], pulse.sfreq, "ppg")
print(beats.head(3).round(3))
