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


def check_min_quality(min_quality: float | None) -> None:
    """Raise an ArgumentError if a floor is neither a share nor None."""
    if min_quality is not None and not 0 <= min_quality <= 1:
        raise ArgumentError(f"min_quality must be from 0 to 1, or None, got {min_quality!r}")


def drop_poor_rows(table: pd.DataFrame, min_quality: float) -> tuple[pd.DataFrame, str]:
    """Leave out the rows of a feature table whose quality is below a floor.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_features)
        Feature table.
    min_quality : float
        From 0 to 1, compared with `row_quality`.

    Returns
    -------
    table : DataFrame
        The other rows; ``table.attrs["dropped"]`` says how many were left out. Their ratings are
        ``y.loc[table.index]``.
    report : str
        The same in words, empty if no row was left out.

    Raises
    ------
    ArgumentError
        If the floor is no share.

    Examples
    --------
    >>> drop_poor_rows(pd.DataFrame({"ecg__quality": [1.0, 0.2]}), 0.5)[1]
    '1 of 2 rows have a quality below 0.5 and are left out'
    """
    check_min_quality(min_quality)
    good = row_quality(table) >= min_quality
    dropped = int((~good).sum())
    rest = table[good]
    rest.attrs["dropped"] = dropped
    if not dropped:
        return rest, ""
    said = f"{dropped} of {len(table)} rows have a quality below {min_quality:g} and are left out"
    return rest, said
