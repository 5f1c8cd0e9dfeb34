"""
A saved model behind a sensor
=============================

A model file, a source of samples, and predictions whose quality is known. Here a recording is the
sensor: it is replayed as it was recorded. A device that speaks LSL takes its place in one word.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import (
    FeatureExtractor,
    build_pipeline,
    deploy,
    extract_features,
    load_model,
    make_windows,
    read_recordings,
    save_model,
    simulate_recordings,
)
from physio_vad.evaluation import conformal_intervals, evaluate
from physio_vad.features.inputs import inputs_of

people = simulate_recordings(n_subjects=7, minutes=2, sfreq=64.0, seed=1)
sensors = ["eda", "temperature", "ppg"]
windows, y = make_windows(people[:6], length=10, step=10)
X = extract_features(windows, sensors)
pipeline = build_pipeline("multioutput", estimator="ridge", random_state=0).fit(X, y)

# %%
# The file
# --------
# It holds what the application must know: which sensors, in which unit, at which rate, and how far
# predictions lie off. The scores that count are those of the live way, so the test rows are
# computed **as a stream computes them**: without what comes later.

from physio_vad.live import live_features

evaluation = evaluate(pipeline, X, y, as_live=live_features(windows, sensors, delay=1.0))
print(evaluation.summary()[["rmse", "skill"]].round(2))
print(pd.DataFrame(evaluation.info["live"]["delays"][0]["movement"]).T.round(4))

folder = Path(tempfile.mkdtemp())
saved = save_model(
    folder / "model.joblib",
    deploy(pipeline, FeatureExtractor(sensors)),
    targets=list(y.columns),
    scale=y.attrs["scale"],
    inputs=[one for one in inputs_of(people) if one.modality in sensors],
    half_widths={0.8: conformal_intervals(evaluation, 0.8).half_widths},
)

# %%
# The application
# ---------------
# Load once: it checks the versions first, then runs code from the file, so **load only your
# own**. The stream asks the source for the sensors, units and channels of the training and refuses
# what does not fit. It says how long features look back before all of them mean what they meant in
# training (`warm_up`), and from which delay on its rows equal those of the whole recording.

from physio_vad.live import Recorder, Replay, Stream

model = load_model(folder / "model.joblib")
source = Replay(people[6], speed=np.inf)  # speed=1 is real time
stream = Stream(model, source.sensors, delay=1.0, step=1.0, interval=0.8)
print(f"warm-up {stream.warm_up:g} s, settled from a delay of {stream.settling:g} s on")

# %%
# Push what comes, whenever it comes, and take what fell due. Everything that is pushed goes to
# disk too, and is an ordinary recording afterwards, even if the program was killed.

found = []
with Recorder(folder / "session", stream.sensors.values()) as recorder:
    for chunk in source:
        recorder.push(chunk.modality, chunk.samples, chunk.times)
        stream.push(chunk.modality, chunk.samples, chunk.times)
        found += stream.predictions()
found += stream.finish()
(again,) = read_recordings(folder / "session", "live")
print(found[-1].values, found[-1].quality, found[-1].withheld)
print(f"an update takes {1e3 * np.median([one.latency for one in found]):.1f} ms")

# %%
# How far is that from what the same model says of the whole recording afterwards?

import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)

later_windows, rated = make_windows([people[6]], length=10, step=1)
later = model.predict(later_windows).set_index(later_windows["stop"].to_numpy())
live_table = pd.DataFrame([one.values for one in found], [one.time for one in found])
both = live_table.index.intersection(later.index)
print((live_table.loc[both] - later.loc[both]).abs().median().round(3).to_string())

low, high = np.transpose([(one.low["arousal"], one.high["arousal"]) for one in found])
figure, axes = plt.subplots()
axes.fill_between(live_table.index, low, high, alpha=0.2, label="80 % interval")
axes.plot(later.index, later["arousal"], label="afterwards")
axes.plot(live_table.index, live_table["arousal"], ls="--", label="live")
axes.plot(later.index, rated["arousal"], color="0.6", label="rated")
axes.set(xlabel="seconds", ylabel="arousal", ylim=(1, 9))
legend = axes.legend(ncols=4)

# %%
# A person who rates
# ------------------
# Ratings move the predictions that follow, the more the more there are, and the stream says
# whether that beats the mean of the person's own ratings, or that it does not.

stream = Stream(model, source.sensors, delay=1.0, step=5.0)
for chunk in Replay(people[6], speed=np.inf):
    stream.push(chunk.modality, chunk.samples, chunk.times)
    for one in stream.predictions():
        if one.time % 20 == 0:
            state = stream.rate({"arousal": rated["arousal"].iloc[int(one.time) - 10]})
print(state["arousal"])

# %%
# Without a line of code
# ----------------------
# The same from the shell, with a page on http://127.0.0.1:8765 that shows each sensor, the
# predictions with what is withheld and why, sensors that fell silent, and keys to rate::
#
#     physio-vad live model.joblib --source replay:NEW.csv --out session
#     physio-vad live model.joblib --source lsl:NAME --out session
#     physio-vad replay NEW.csv --name NAME   # a device to try it with
#
# The last two need ``pip install "physio-vad[live]"``. The page, while the temperature falls silent
# and after three ratings:
#
# .. image:: /images/live.png
#    :alt: The page of a live session: valence and arousal with their interval, seven sensors with
#          what was found in them, one of them silent, and keys to rate.
#
# What becomes of lost samples, clocks and delays stands in :doc:`dropouts_clocks_delays`.
