"""How far features move where a stream computes them instead of the whole recording."""

from __future__ import annotations

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.features.quality import SUFFIX


def movement(batch: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """Say how far features move where a stream computes them, as a share of their range.

    Parameters
    ----------
    batch, live : DataFrame of shape (n_windows, n_features)
        Of `extract_features` and `live_features`, same rows and columns.

    Returns
    -------
    DataFrame
        Index modality. Over windows and features: `median`, `q95` and `largest` share of the
        feature's range over the rows of `batch` (the quality's is 1), and `lost`, the share of
        numbers that are NaN on one side only. Columns of no sensor are passed over.

    Raises
    ------
    ArgumentError
        If rows or columns differ.
    """
    if not (batch.index.equals(live.index) and batch.columns.equals(live.columns)):
        raise ArgumentError("both tables must have the same rows and columns")
    rows = {}
    columns = [one for one in batch.columns if "__" in one]
    for modality in dict.fromkeys(column.split("__")[0] for column in columns):
        names = [one for one in columns if one.split("__")[0] == modality]
        one, other = batch[names].to_numpy(), live[names].to_numpy()
        apart = np.abs(one - other) / _ranges(one, names)
        known = apart[np.isfinite(apart)]
        rows[modality] = {
            "median": np.median(known) if len(known) else np.nan,
            "q95": np.quantile(known, 0.95) if len(known) else np.nan,
            "largest": known.max() if len(known) else np.nan,
            "lost": float((np.isnan(one) != np.isnan(other)).mean()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("modality")


def _ranges(values: FloatArray, names: list[str]) -> FloatArray:
    there = ~np.isnan(values)
    low = np.where(there, values, np.inf).min(axis=0)
    high = np.where(there, values, -np.inf).max(axis=0)
    ranges = np.where(high > low, high - low, 1.0)
    ranges[[one.endswith(SUFFIX) for one in names]] = 1.0
    return ranges
