"""
Long recordings
===============

A day at 250 Hz does not fit into memory as windows. It never needs to: a window is a reference, a
signal is prepared in blocks, and one recording is in memory at a time.

From the shell
--------------
``physio-vad features`` reads one recording, writes its rows into ``tables/parts/`` and forgets
it. If a run was stopped, or a file is added later, only what is new is computed::

    physio-vad features my_folder --out tables --jobs 2
    physio-vad evaluate tables --out results

In Python
---------
`iter_recordings` gives one recording after the other.
"""

import tempfile
from pathlib import Path

import pandas as pd

from physio_vad import (
    extract_features,
    iter_recordings,
    make_windows,
    simulate_recordings,
    write_eleven_column,
)

folder = Path(tempfile.mkdtemp())
write_eleven_column(simulate_recordings(n_subjects=2, minutes=4, seed=1), folder)

features, labels = [], []
for recording in iter_recordings(folder, "eleven-column"):
    windows, y = make_windows([recording], length=10, step=5)
    features.append(extract_features(windows, ["eda", "temperature"]))
    labels.append(y)
X, y = pd.concat(features), pd.concat(labels)
y.attrs = labels[0].attrs  # the scale: pandas forgets it here
print(X.shape)

# %%
# Blocks
# ------
# A long recording is worked on in pieces of ``block_minutes`` with a margin around each, as long
# as the sensor's filters look. The numbers are those of one piece, within a millionth of a
# feature's range:

(recording,) = iter_recordings(folder, "eleven-column", subjects=1)
windows, _ = make_windows([recording])
whole = extract_features(windows, ["eda"], block_minutes=None)
blocks = extract_features(windows, ["eda"], block_minutes=1.0)
((whole - blocks).abs().max() / (whole.max() - whole.min())).max()

# %%
# Less to read
# ------------
# - ``subjects`` and ``minutes`` read a part.
# - A `FeatureExtractor` or ``[features]`` with few ``modalities`` prepares only those.
# - CSV is slow and large: the same layouts read Parquet and Feather files.
# - Longer steps make fewer rows; windows that overlap add little.
#
# More than one machine: :doc:`a cluster <../cluster>`.
