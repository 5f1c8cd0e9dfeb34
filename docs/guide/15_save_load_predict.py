"""
15. Save, load, predict
=======================

The model has been tested; now it is to be used. Train it on everybody, put the feature extraction
in front, and save both as one file: raw signals in, predictions out. The evaluation is saved beside
it: its errors say how sure a prediction is (:doc:`13_a_new_person`).
"""

import tempfile
from pathlib import Path

from physio_vad import (
    FeatureExtractor,
    build_pipeline,
    deploy,
    evaluate,
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
X = extract_features(windows, sensors)

folder = Path(tempfile.mkdtemp())
evaluate(pipeline, X, y).save(folder / "evaluation")
ready = deploy(pipeline.fit(X, y), FeatureExtractor(sensors))
file = folder / "model.joblib"
saved = save_model(file, ready)
print(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB")

# %%
# Later, elsewhere: a new person, not rated. Cut windows of the same length as in training, here the
# default of 10 s. The model knows that length and warns of any other.

from dataclasses import replace

new_person = replace(people[19], ratings=None)
model = load_model(file)
new_windows, _ = make_windows([new_person])
predicted = model.predict(new_windows)
predicted.head(3).round(2)

# %%
# How sure is that? Load the evaluation, and put intervals about the predictions. 19 people allow a
# coverage of up to 19 / 20; more is infinite, and a warning says so.

from physio_vad import Evaluation
from physio_vad.evaluation import conformal_intervals, fit_calibrator

result = Evaluation.load(folder / "evaluation")
intervals = conformal_intervals(result, coverage=0.8)
predicted.join(intervals.apply(predicted)).filter(like="arousal").head(3).round(2)

# %%
# Then the person rates the first minute, and the predictions move towards that. The calibrator
# takes the ratings, finds the predictions of the same windows, and keeps to the scale.

rated = make_windows([people[19]])[1]
minute = rated[new_windows["stop"] <= 60]
calibrated = fit_calibrator(result, minutes=1.0).apply(minute, predicted)
predicted.join(calibrated.add_suffix("_calibrated")).filter(like="arousal").tail(3).round(2)

# %%
# The intervals above belong to ``predicted``. They promise nothing about ``calibrated``.
#
# A sensor that is not there
# --------------------------
# The model predicts all the same, from the rest, and warns: which recording lacks which sensor, and
# how many columns are empty.

import warnings

fewer = replace(new_person, signals={"eda": people[19].signals["eda"]})
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.predict(make_windows([fewer])[0])
print(caught[0].message)

# %%
# The file remembers what it was made of.

print(model.targets, model.scale["valence"], model.versions["scikit-learn"], model.window_length)

# %%
# Two warnings. A model file is a pickle: **loading it runs code**, so load only files from people
# you trust. To give a model to others, save it with ``save_model(..., format="skops")`` (extra
# ``[skops]``): loading that runs no code of the file. And it fits the versions it was made with;
# `load_model` checks them before it loads anything and says what differs.
#
# On the command line::
#
#     physio-vad predict results/model.joblib new_person --out predictions.csv \
#         --intervals results/evaluations/multioutput --coverage 0.8
#
# The table has start and stop of each window, the targets, ``<target>_low`` and ``<target>_high``
# if there are ``--intervals``, and ``quality``, the mean quality of the sensors that are there.
# The new files need no ratings. If one lacks the column of a sensor, give ``--recipe`` with a copy
# of the recipe that leaves this column out.
#
# That works with files of ``physio-vad run``, ``train`` and ``tune``: they hold the recipe, so the
# layout of the recordings is known. The file above holds none. Say how to read with ``--recipe
# pipelines/eleven_column.toml``, or save it with ``save_model(..., recipe=...)``, where the recipe
# is ``load_recipe("pipelines/eleven_column.toml").to_tables()``.
#
# What to look up next
# --------------------
# `save_model`, `load_model`, `deploy`, `Model`, `Evaluation`, `conformal_intervals`,
# `fit_calibrator`. Next: :doc:`16_real_data`.
