"""
Lost samples, clocks and delays
===============================

A live number is believed at once, so it must not be better than its signal. This page loses
samples, silences a sensor and lets clocks go wrong, and shows what the stream says.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from physio_vad import (
    FeatureExtractor,
    build_pipeline,
    deploy,
    extract_features,
    make_windows,
    simulate_recordings,
)
from physio_vad.features.inputs import inputs_of
from physio_vad.live import Replay, Stream
from physio_vad.persistence import Model
from physio_vad.report import STYLE

plt.style.use(STYLE)
people = simulate_recordings(n_subjects=4, minutes=3, sfreq=64.0, seed=3)
sensors = ["eda", "temperature", "ppg"]
windows, y = make_windows(people, length=10, step=10)
pipeline = build_pipeline("multioutput", estimator="ridge").fit(
    extract_features(windows, sensors), y
)
ready = deploy(pipeline, FeatureExtractor(sensors))
inputs = tuple(one for one in inputs_of(people) if one.modality in sensors)
scale = dict(y.attrs["scale"])
model = Model(ready, tuple(y), scale, tuple(ready[0].columns_), window_length=10.0, inputs=inputs)
person = people[3]


def run(chunks, **options):
    """Push chunks of (sensor, samples, time); give the stream and its predictions."""
    stream = Stream(model, model.inputs, **options)
    found = []
    for name, samples, time in chunks:
        if name in stream.sensors:
            stream.push(name, samples, time)
            found += stream.predictions()
    return stream, found


given = [(one.modality, one.samples, one.times) for one in Replay(person, speed=np.inf)]

# %%
# Lost samples
# ------------
# A device that counts its samples says it best: push with ``times=counter / rate``. Here one chunk
# in a hundred never comes, and from 60 to 90 s nothing does. A step of the time stamps is
# a gap: its samples are missing, never bridged into numbers. The quality of each window falls with
# them, and below `min_quality` the prediction is withheld, with the reason.

rng = np.random.default_rng(0)
kept = [one for one in given if rng.random() > 0.01 and not 60 <= one[2] < 90]
stream, found = run(kept)
print(stream.status()[["lost", "late", "jumps"]])
print({one.withheld for one in found})

table = pd.DataFrame([one.values for one in found], [one.time for one in found])
quality = pd.DataFrame([one.quality for one in found], table.index)
figure, (above, below) = plt.subplots(2, figsize=(7, 4), sharex=True)
above.plot(table.index, table["arousal"])
above.set(ylabel="arousal", ylim=(1, 9))
below.plot(quality.index, quality, label=quality.columns)
below.axhline(0.3, color="0.6", ls=":")
below.set(xlabel="end of the window, s", ylabel="quality", ylim=(0, 1.05))
legend = below.legend(ncols=3)

# %%
# A sensor that falls silent
# --------------------------
# Samples come late between sensors, so the stream waits for the slowest, but for no sensor longer
# than `stale_after`: then it goes on without it and says so (`stale`, page, shell). Here the
# EDA ends at 60 s; its quality falls to 0 while the others go on.

stream, found = run(one for one in given if one[0] != "eda" or one[2] < 60)
late = next(one for one in found if one.time == 80)
print(late.quality, late.withheld)

# %%
# Clocks
# ------
# No two clocks run alike. One that is 100 parts per million fast moves 9 ms in 90 s: the stamps are
# followed slowly, nothing is lost, and the drift is told. Stamps that jump back by minutes are a
# clock that was set: counted, and the samples go on where they were. Stamps are never smoothed:
# that would turn half a second of lost samples into a step of a few milliseconds.

drifting, _ = run((name, samples, time * (1 + 1e-4)) for name, samples, time in given)
jumping, _ = run((name, samples, time - 100 * (time > 120)) for name, samples, time in given)
print(drifting.status()[["lost", "drift"]].round(0))
print(jumping.status()[["lost", "jumps"]])

# %%
# Delays
# ------
# Filters and detectors look both ways. Without a delay the newest seconds are seen without their
# future; with `delay="settling"` rows equal those of the batch. Between them stands how far
# features move, as a share of their range, here over the windows of two people:

from physio_vad.evaluation import movement
from physio_vad.live import live_features

two = windows.loc[["S01", "S02"]]
batch = extract_features(two, sensors)
delays = [0.0, 1.0, 5.0, 20.0]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    moved = {
        delay: movement(batch, live_features(two, sensors, delay=delay))["q95"] for delay in delays
    }
moved = pd.DataFrame(moved).T
print(moved.round(4))
figure, axes = plt.subplots()
axes.plot(range(len(delays)), moved.clip(lower=1e-6), marker="o", label=moved.columns)
axes.set(
    xticks=range(len(delays)),
    xticklabels=[f"{delay:g} s" for delay in delays],
    yscale="log",
    xlabel="delay",
    ylabel="95 % of features move less\n(share of the range)",
)
legend = axes.legend()

# %%
# The first second is worth most, so 1 s is the default. With a `step` below a second the windows of
# a second share one preparation of each sensor, and the last of them see only a step of the delay.
# Whatever you take, evaluate with it: ``evaluate(..., as_live=live_features(...))``, or ``--as-live
# 1`` of `physio-vad run` and `evaluate`. What was measured stands in :doc:`/live`.
