"""Small tables in the eleven-column layout, with values that tell columns apart."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np

NAMES = (
    "EEG_F3",
    "EEG_F4",
    "EOG",
    "GSR",
    "temperature",
    "PPG",
    "respiration",
    "EMG",
    "arousal",
    "dominance",
    "valence",
)


def eleven_values(n_rows: int = 1000, seed: int = 0) -> np.ndarray:
    """Column i of the sensors lies near 10 (i + 1); arousal is 2, dominance 5, valence 8."""
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(0, 1, (n_rows, 11)), 4)
    values[:, :8] += 10.0 * np.arange(1, 9)
    values[:, 8:] = [2.0, 5.0, 8.0]
    return values


def write_text(
    path: Path,
    values: np.ndarray | Sequence[Sequence[object]],
    names: Sequence[str] | None = NAMES,
    *,
    delimiter: str = ",",
    decimal: str = ".",
    bom: bool = False,
    end: str = "\n",
    missing: str = "",
    encoding: str = "utf-8",
) -> Path:
    """Write a table as text in any of the ways people do; gzipped if the name says so."""
    lines = [] if names is None else [delimiter.join(names)]
    for row in values:
        cells = [missing if str(cell) in ("None", "nan") else str(cell) for cell in row]
        lines.append(delimiter.join(cells).replace(".", decimal))
    data = (("\ufeff" if bom else "") + end.join(lines) + end).encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
