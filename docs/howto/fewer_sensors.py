"""
My sensors are fewer
====================

A recording may hold any of the sensors, each at its own rate, and people may differ in them. What
is missing becomes empty cells, not an error.
"""

from dataclasses import replace

import pandas as pd

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

people = simulate_recordings(n_subjects=6, minutes=2, seed=1)


def only(recording, names):
    """Keep some sensors of a recording."""
    return replace(recording, signals={name: recording.signals[name] for name in names})


# %%
# Everybody has the same two sensors
# ----------------------------------
# Nothing is to be done. Features are made of what is there.

two = [only(one, ["eda", "temperature"]) for one in people]
windows, y = make_windows(two)
X = extract_features(windows)
print(two[0])
print(sorted({column.split("__")[0] for column in X}), X.shape)
evaluate(build_pipeline(estimator="ridge"), X, y)

# %%
# Somebody lacks a sensor
# -----------------------
# The third person's pulse sensor was not plugged in. Its columns are empty for this person.
# Boosted trees take empty cells as they are; other models get the training median (step
# ``impute``). Some cells are empty for everybody: those features need more than a window of 10 s.

mixed = list(people)
mixed[2] = only(people[2], ["eda", "temperature"])
windows, y = make_windows(mixed)
X = extract_features(windows, ["eda", "temperature", "ppg"])
empty = X.isna().groupby(level="subject").mean().T
empty.groupby(empty.index.str.split("__").str[0]).mean().round(2)

# %%
evaluate(build_pipeline(estimator="ridge"), X, y)

# %%
# The others have more sensors than a new person will have
# --------------------------------------------------------
# Train on what the new person will have. A model that learned to lean on EEG is a poor model
# without it. Here the same two test people bring two sensors; training was on everything, or on
# these two.

windows, y = make_windows(people)
everything = extract_features(windows)
train = everything.index.get_level_values("subject") < "S05"
few = [column for column in everything if column.split("__")[0] in ("eda", "temperature")]
brought = everything.copy()
brought.loc[~train, everything.columns.difference(few)] = float("nan")

error = {}
for name, columns in {"all sensors": list(everything), "the two they bring": few}.items():
    model = build_pipeline(random_state=0).fit(everything.loc[train, columns], y[train])
    predicted = model.predict(brought.loc[~train, columns])
    error[f"trained on {name}"] = ((y[~train] - predicted) ** 2).mean() ** 0.5
pd.DataFrame(error).T.assign(mean=lambda table: table.mean(axis=1)).round(2)

# %%
# In a recipe this is ``[features]`` with ``modalities = ["eda", "temperature"]``. Which sensors
# are worth their cables is asked by `ablation` and answered in every report.
