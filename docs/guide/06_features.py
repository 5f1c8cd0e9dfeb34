"""
6. Features
===========

A feature is a number that describes a window: beats per minute, how well the skin conducts, how
strong a rhythm is. Each is named ``<modality>__<feature>``, with the channel behind it where there
are several.
"""

from physio_vad import extract_features, feature_catalogue, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=20, minutes=2, seed=1))
X = extract_features(windows)
X.filter(like="ppg__").iloc[:3, :5].round(2)

# %%
# The catalogue says what each one means, with its unit.

catalogue = feature_catalogue(["eda", "ppg"])
catalogue.head(6)

# %%
# Missing is not zero
# -------------------
# Where a window has too little good signal, or nothing to measure, the cell is empty. The mean
# amplitude of skin responses is empty in a window without a response; their number is 0 there. The
# models of this package take empty cells.

share = X.isna().mean().groupby(lambda name: name.split("__")[0]).mean()
share.rename("share of empty cells").to_frame().round(3)

# %%
# Each modality also has ``<modality>__quality``, from 0 to 1: how far to trust the window.
#
# People differ
# -------------
# One person's skin conducts 3 µS and another's 12 µS, both at rest. Differences between people are
# larger than those between feelings, and a model for new people has to live with that.

import matplotlib.pyplot as plt

from physio_vad.report import STYLE

plt.style.use(STYLE)
fig, ax = plt.subplots()
column = X["eda__scl_mean"]
people = column.index.get_level_values("subject")
ax.boxplot([column[people == person] for person in people.unique()], tick_labels=people.unique())
ax.set(ylabel="mean skin conductance, µS", title="Twenty people, one feature")
ax.tick_params(axis="x", rotation=90)

# %%
# ``build_pipeline(normalise="subject")`` removes each person's own mean and spread from each
# feature, which needs the whole session before the first prediction. ``normalise="baseline"`` needs
# a rest period only. Neither looks at ratings. Say in your paper which one you took.
#
# More features are not better: with 20 people, 119 columns are many. ``select=20`` keeps those that
# go best with the ratings, chosen afresh in each fold.
#
# What to look up next
# --------------------
# The :doc:`feature catalogue <../features>`, `extract_features`, `SubjectScaler`. Another sensor is
# one file: see `Modality`. Next: :doc:`07_first_a_baseline`.
