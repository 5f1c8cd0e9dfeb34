"""
Own columns: from any CSV file to a recipe
==========================================

Your columns have other names, another order, fewer sensors, another rate? Say what each column is,
first in Python, then as a recipe that anybody can run again.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import TableReader, extract_features, load_recipe, make_windows, read_recordings

# A folder as a student might have it: one file a person, semicolons, decimal commas, 128 Hz, two
# sensors, a time column in milliseconds, and ratings from 1 to 5 for two questions.
folder = Path(tempfile.mkdtemp())
rng = np.random.default_rng(0)
for person in ("anna", "ben"):
    n_rows = 128 * 40
    pd.DataFrame(
        {
            "clock_ms": np.arange(n_rows) * 1000 / 128,
            "Hautleitwert": 3 + 0.2 * np.cumsum(rng.normal(size=n_rows)) / np.sqrt(n_rows),
            "Hauttemp": 33 + 0.01 * rng.normal(size=n_rows),
            "pleasant": rng.integers(1, 6),
            "excited": rng.integers(1, 6),
        }
    ).to_csv(folder / f"{person}.csv", sep=";", decimal=",", index=False)

# In Python: a reader that knows the columns. Delimiter and decimal comma are found out.
reader = TableReader(
    columns={
        "Hautleitwert": {"modality": "eda", "unit": "uS"},
        "Hauttemp": {"modality": "temperature", "unit": "C"},
    },
    labels=["pleasant", "excited"],
    scale=(1, 5),
    time="clock_ms",
)
recordings = read_recordings(folder, reader)
print(recordings)
windows, y = make_windows(recordings)
print(y.groupby("subject").first())

# The same as a recipe: save it as my_study.toml and run
# `physio-vad run my_study.toml --data FOLDER --out RESULTS`.
recipe_file = folder / "my_study.toml"
recipe_file.write_text("""
[layout]
name = "table"
labels = ["pleasant", "excited"]
scale = [1.0, 5.0]
time = "clock_ms"

[layout.columns]
Hautleitwert = { modality = "eda", unit = "uS" }
Hauttemp = { modality = "temperature", unit = "C" }

[windows]
length = 10.0
step = 5.0

[features]
modalities = ["eda", "temperature"]
""")
recipe = load_recipe(recipe_file)
recordings = read_recordings(folder, recipe.reader())
windows, y = make_windows(recordings, **vars(recipe.windows))
X = extract_features(windows, recipe.modalities())
print(X.filter(like="_mean").round(2).head(3))
