"""
Predict live
============

A model behind a sensor: push samples as they come, take predictions as they fall due. Here a
recording is replayed, and the skin sensor loses contact for half a minute.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from physio_vad import (
    FeatureExtractor,
    build_pipeline,
    deploy,
    extract_features,
    load_model,
    make_windows,
    save_model,
    simulate_recordings,
)
from physio_vad.live import Replay, Stream
from physio_vad.report import STYLE

plt.style.use(STYLE)
people = simulate_recordings(n_subjects=4, minutes=2, sfreq=64.0, seed=1)
sensors = ["eda", "temperature"]
windows, y = make_windows(people[:3], length=10, step=10)
pipeline = build_pipeline("multioutput", estimator="ridge").fit(
    extract_features(windows, sensors), y
)
save_model(
    "live.joblib",
    deploy(pipeline, FeatureExtractor(sensors)),
    targets=list(y.columns),
    scale=y.attrs["scale"],
)

# In the application: the file, a source, and a loop.
model, source = load_model("live.joblib"), Replay(people[3], speed=np.inf)  # speed=1: real time
stream, found = Stream(model, source.sensors, step=1.0), []
for chunk in source:
    if 50 <= chunk.times < 80 and chunk.modality in sensors:
        continue  # no contact
    stream.push(chunk.modality, chunk.samples, chunk.times)
    found += stream.predictions()

# What has too little signal is withheld, with the reason, and is a gap in the picture.
print(stream.status()[["lost", "late", "drift"]])
print({one.withheld for one in found})
table = pd.DataFrame([one.values for one in found], [one.time for one in found])
figure, axes = plt.subplots()
axes.plot(table.index, table, label=table.columns)
axes.set(xlabel="end of the window, s", ylabel="prediction", ylim=(1, 9))
legend = axes.legend(ncols=3)
