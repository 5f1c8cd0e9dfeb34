"""Tables that models are judged on: simulated people, recorded ones, and tables of no people."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from physio_vad import extract_features, make_windows, simulate_recordings
from physio_vad.study.recipe import load_recipe
from physio_vad.study.table_store import build_table

Table = tuple[pd.DataFrame, pd.DataFrame]
"""Features and ratings, with the index subject, trial, window."""

COUPLINGS = (1.0, 0.5, 0.3, 0.0)
RECIPES = {"HKU956": "hku956", "Stress-Predict": "stress_predict"}
"""Recorded sets whose folder can be named, and their recipes."""


def simulated(coupling: float, seed: int, people: int) -> Table:
    """Simulate people of five minutes each, whose body follows the ratings by `coupling`."""
    recordings = simulate_recordings(people, 5.0, coupling=coupling, seed=seed, sfreq=128.0)
    windows, y = make_windows(recordings)
    return extract_features(windows), y


def recorded(name: str, folder: Path, people: int | None = None) -> Table:
    """Read a recorded set by the recipe of the package."""
    recipe = load_recipe(Path(__file__).parents[1] / "pipelines" / f"{RECIPES[name]}.toml")
    with tempfile.TemporaryDirectory() as store:
        table = build_table(recipe, folder, Path(store), subjects=people)
        return table.X, table.y


def multi_target(folder: Path) -> dict[str, Table]:
    """Read the public multi-target tables; each row is a person of its own."""
    tables = {}
    for path in sorted(folder.glob("*.parquet")):
        table = pd.read_parquet(path)
        rows = [(f"row {number}", "1", 0) for number in range(len(table))]
        table.index = pd.MultiIndex.from_tuples(rows, names=["subject", "trial", "window"])
        tables[path.stem] = table.filter(regex="^x"), table.filter(regex="^y")
    return tables
