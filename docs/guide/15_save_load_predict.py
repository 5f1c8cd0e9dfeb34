"""
15. Save, load, predict
=======================

The model is tried; now it shall be used. Train it on everybody, put the feature extraction in
front, and save both as one file: raw signals in, predictions out.
"""

import tempfile
from pathlib import Path

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

people = simulate_recordings(n_subjects=20, minutes=2, seed=1)
windows, y = make_windows(people[:19])
sensors = ["eda", "temperature", "ppg", "emg"]
pipeline = build_pipeline("chain", estimator="ridge", random_state=0)
pipeline.fit(extract_features(windows, sensors), y)

ready = deploy(pipeline, FeatureExtractor(sensors))
file = Path(tempfile.mkdtemp()) / "model.joblib"
saved = save_model(file, ready, targets=list(y.columns), scale=y.attrs["scale"])
print(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB")

# %%
# Later, elsewhere: a new person, not rated. Cut windows of the same length as in training, here the
# default of 10 s. The model knows that length and warns of any other.

from dataclasses import replace

new_person = replace(people[19], ratings=None)
model = load_model(file)
new_windows, _ = make_windows([new_person])
model.predict(new_windows).head(3).round(2)

# %%
# The file remembers what it was made of.

print(model.targets, model.scale["valence"], model.versions["scikit-learn"], model.window_length)

# %%
# Two warnings. A model file is a pickle: **loading it runs code**, so load only files from people
# you trust. And it fits the versions it was made with; `load_model` checks them before it loads
# anything and says what differs.
#
# On the command line::
#
#     physio-vad predict results/model.joblib new_person --out predictions.csv
#
# That works with files of ``physio-vad run``, ``train`` and ``tune``: they hold the recipe, so the
# layout of the recordings is known. The file above holds none. Say how to read with ``--recipe
# pipelines/eleven_column.toml``, or save it with ``save_model(..., recipe=...)``, where the recipe
# is ``load_recipe("pipelines/eleven_column.toml").to_tables()``.
#
# What to look up next
# --------------------
# `save_model`, `load_model`, `deploy`, `Model`. Next: :doc:`16_real_data`.
