"""
A saved model in an application
===============================

The model file takes raw windows, so an application needs the file, the library and the samples.
Here the samples come in as they would live: a second at a time.
"""

import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from physio_vad import (
    FeatureExtractor,
    Recording,
    Signal,
    build_pipeline,
    deploy,
    extract_features,
    load_model,
    make_windows,
    save_model,
    simulate_recordings,
)

people = simulate_recordings(n_subjects=8, minutes=2, sfreq=128.0, seed=1)
sensors = ["eda", "temperature", "emg"]
windows, y = make_windows(people[:7], length=10, step=5)
pipeline = build_pipeline("chain", estimator="ridge", random_state=0)
pipeline.fit(extract_features(windows, sensors), y)
file = Path(tempfile.mkdtemp()) / "model.joblib"
ready = deploy(pipeline, FeatureExtractor(sensors))
saved = save_model(file, ready, targets=list(y.columns), scale=y.attrs["scale"])

# %%
# In the application
# ------------------
# Load once: it checks the versions first, then runs code from the file, so **load only your
# own**. Keep the last seconds of each sensor. A window of 10 s is not enough: filters, baselines
# of the skin and slow features look further back. How far, each modality says:

from physio_vad.modalities import MODALITIES

model = load_model(file)
for name in sensors:
    print(name, "settles within", MODALITIES[name]().settling, "s")


class Live:
    """The last minute of every sensor, and what the model makes of its last 10 s."""

    def __init__(self, model, units, sfreq, keep=60.0):
        self.model, self.units, self.sfreq = model, units, sfreq
        self.n_kept = round(keep * sfreq)
        self.samples = {name: np.empty((1, 0)) for name in units}

    def push(self, chunk):
        """Append samples, (n_channels, n_samples) of each sensor; NaN for what was lost."""
        for name, values in chunk.items():
            joined = np.concatenate([self.samples[name], values], axis=1)
            self.samples[name] = joined[:, -self.n_kept :]

    def predict(self):
        """Predict from the last 10 s; None while there are fewer."""
        signals = {
            name: Signal(values, self.sfreq, self.units[name])
            for name, values in self.samples.items()
        }
        recording = Recording("live", signals)
        if recording.stop < 10:
            return None
        windows, _ = make_windows([recording], length=10, step=1)
        return self.model.predict(windows.iloc[[-1]]).iloc[0]


# %%
# The eighth person, second by second; a prediction every five seconds.

person = people[7]
live = Live(model, {name: person.signals[name].unit for name in sensors}, sfreq=128.0)
said, seconds = {}, []
for second in range(120):
    live.push({name: person.signals[name].values[:, 128 * second :][:, :128] for name in sensors})
    if second >= 9 and (second + 1) % 5 == 0:
        begin = perf_counter()
        said[second + 1] = live.predict()
        seconds.append(perf_counter() - begin)
print(f"a prediction takes {np.median(seconds):.2f} s")

# %%
# How far is that from what the same model says of the whole recording afterwards?

import matplotlib.pyplot as plt
import pandas as pd

later_windows, rated = make_windows([person], length=10, step=5)
later = model.predict(later_windows).set_index(later_windows["stop"].to_numpy())
live_table = pd.DataFrame(said).T
both = live_table.index.intersection(later.index)
print((live_table.loc[both] - later.loc[both]).abs().median().round(2).to_string())

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.plot(later.index, later["arousal"], label="afterwards")
axes.plot(live_table.index, live_table["arousal"], ls="--", label="live")
axes.plot(later.index, rated["arousal"], color="0.6", label="rated")
axes.set(xlabel="seconds", ylabel="arousal", ylim=(1, 9))
legend = axes.legend(ncols=3)

# %%
# The two lines part where a filter does not know yet what comes next. Keep more seconds, or
# predict some seconds late, and they come together.
#
# Four things that an application must not forget:
#
# - the same sensors, units and rates of the kind that the model was trained with; the `Signal` says
#   them, and other units are converted;
# - windows as long as in training, here 10 s; the model warns of others;
# - a new person is new: show an interval (`conformal_intervals`) from the saved evaluation, not a
#   bare number, or calibrate with some labelled minutes (`fit_calibrator`);
#   :doc:`../auto_guide/15_save_load_predict` does both;
# - a sensor that is not there at all is filled in, with a warning of what that costs
#   (`MissingSensorWarning`), and one that fell off gives a number too: the ``quality`` columns of
#   `extract_features` say how far a window can be trusted.
