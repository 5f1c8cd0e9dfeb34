"""
My sensors are fewer
====================

A recording may hold any of the sensors, each at its own rate, and people may differ in them. What
is missing becomes empty cells, not an error.
"""

import textwrap
import warnings
from dataclasses import replace

import pandas as pd

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings
from physio_vad.exceptions import MissingSensorWarning

people = simulate_recordings(n_subjects=6, minutes=2, seed=1)


def only(recording, names):
    """Keep some sensors of a recording."""
    return replace(recording, signals={name: recording.signals[name] for name in names})


# %%
# Everybody has the same two sensors
# ----------------------------------
# There is nothing to do. Features are made from what is there.

two = [only(one, ["eda", "temperature"]) for one in people]
windows, y = make_windows(two)
X = extract_features(windows)
print(two[0])
print(sorted({column.split("__")[0] for column in X}), X.shape)
evaluate(build_pipeline(estimator="ridge"), X, y)

# %%
# Somebody lacks a sensor
# -----------------------
# The third person's pulse sensor was not plugged in. Its columns are empty for this person, and the
# models fill them in: with what the other sensors suggest. Some cells are empty
# for everybody: those features need more than a window of 10 s.

mixed = list(people)
mixed[2] = only(people[2], ["eda", "temperature"])
windows, y = make_windows(mixed)
X = extract_features(windows, ["eda", "temperature", "ppg"])
empty = X.isna().groupby(level="subject").mean().T
empty.groupby(empty.index.str.split("__").str[0]).mean().round(2)

# %%
evaluate(build_pipeline(estimator="ridge"), X, y)

# %%
# A new person lacks a sensor
# ---------------------------
# A model that was trained on every sensor answers all the same, and warns once: which sensor is
# missing, and what error to expect then, judged from people left out of training.
# Someone with no sensor at all gets the training mean.

windows, y = make_windows(people)
everything = extract_features(windows)
train = everything.index.get_level_values("subject") < "S05"
model = build_pipeline(random_state=0).fit(everything[train], y[train])

pulse = [column for column in everything if column.startswith("ppg__")]
unplugged = everything[~train].assign(**dict.fromkeys(pulse, float("nan")))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", MissingSensorWarning)
    model.predict(unplugged)
print(textwrap.fill(str(caught[-1].message), 90))

# %%
# New people will have fewer sensors for good
# -------------------------------------------
# Then train on the sensors they will have: what is filled in is only as good as its link with the
# others in training, and only then does `evaluate` say what to expect for these people. Filling in
# comes close. Here the same two test people bring two sensors; training was on everything, or on
# these two.

few = [column for column in everything if column.split("__")[0] in ("eda", "temperature")]
brought = everything[~train].copy()
brought[everything.columns.difference(few)] = float("nan")
own = build_pipeline(random_state=0).fit(everything.loc[train, few], y[train])
with warnings.catch_warnings():
    warnings.simplefilter("ignore", MissingSensorWarning)
    answers = {
        "trained on all sensors": model.predict(brought),
        "trained on the two they bring": own.predict(brought[few]),
        "training mean": y[train].mean().to_numpy(),
    }
error = {name: ((y[~train] - one) ** 2).mean() ** 0.5 for name, one in answers.items()}
pd.DataFrame(error).T.assign(mean=lambda table: table.mean(axis=1)).round(2)

# %%
# In a recipe this is ``[features]`` with ``modalities = ["eda", "temperature"]``. `ablation`
# asks which sensors are worth their cables, and every report answers it.
