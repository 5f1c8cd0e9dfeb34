"""One quality a row: to weigh rows by, or to leave the poor ones out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from physio_vad.exceptions import ArgumentError
from physio_vad.units import FloatArray

SUFFIX = "__quality"


def row_quality(table: pd.DataFrame) -> FloatArray:
    """Average the quality of the sensors in each row of a feature table.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table with the columns ``<modality>__quality``.

    Returns
    -------
    array of shape (n_rows,)
        In [0, 1]. A sensor that a recording lacks does not count; 0 where it has none.

    Raises
    ------
    ArgumentError
        If the table has no such column.

    Examples
    --------
    >>> table = pd.DataFrame({"ecg__quality": [1.0, 0.2, 0.0], "eda__quality": [0.5, np.nan, 0.0]})
    >>> row_quality(table)
    array([0.75, 0.2 , 0.  ])
    """
    columns = [name for name in getattr(table, "columns", []) if str(name).endswith(SUFFIX)]
    if not columns:
        raise ArgumentError(
            f"quality is read from columns that end in {SUFFIX!r}, and the table has none; give "
            "the feature table of extract_features with its quality columns"
        )
    return np.asarray(table[columns].mean(axis=1).fillna(0.0), dtype=np.float64)


def quality_weights(table: pd.DataFrame) -> FloatArray:
    """Weights of rows for fitting: their quality, or 1 in each if no row has any.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table.

    Returns
    -------
    array of shape (n_rows,)
        Weights.
    """
    quality = row_quality(table)
    return quality if quality.any() else np.ones_like(quality)
