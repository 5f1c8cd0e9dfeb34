"""The targets of a table: which, by what name, and whether X is a table of numbers at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError


def check_targets(
    y: Any, targets: Sequence[str] | str | None, allow_empty: bool = False
) -> tuple[FloatArray, list[str]]:
    """Bring the targets into one array with names.

    Parameters
    ----------
    y : DataFrame, Series or array of shape (n_rows,) or (n_rows, n_targets)
        Targets, NaN where missing.
    targets : sequence of str, optional
        Columns that are taken, in this order; for an array, the names of its columns. Default:
        all columns of y.
    allow_empty : bool
        Let a target pass of which no row is rated.

    Returns
    -------
    Y : array of shape (n_rows, n_targets)
        Targets.
    names : list of str
        Their names; ``target_0``, ``target_1`` ... where y has none.

    Raises
    ------
    ArgumentError
        If a target is not in y, or has no rating at all.
    """
    asked = [targets] if isinstance(targets, str) else None if targets is None else list(targets)
    if isinstance(y, pd.Series):
        y = y.to_frame(asked[0] if asked and len(asked) == 1 and y.name is None else y.name)
    if isinstance(y, pd.DataFrame):
        y = _pick(y, asked)
        names = [str(name) for name in y.columns]
    else:
        y = np.asarray(y)
        n_columns = 1 if y.ndim < 2 else y.shape[1]
        names = [f"target_{column}" for column in range(n_columns)] if asked is None else asked
        if len(names) != n_columns:
            raise ArgumentError(
                f"y has {n_columns} columns without names and targets names {len(names)}: {names}; "
                "give y as a DataFrame, or as many targets as columns"
            )
    Y = check_array(
        y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan", input_name="y"
    )
    Y = Y.reshape(len(Y), -1)
    empty = [name for name, column in zip(names, Y.T, strict=True) if np.isnan(column).all()]
    if empty and not allow_empty:
        raise ArgumentError(
            f"no row of the training side has a rating of {', '.join(map(repr, empty))}; leave it "
            f"out of targets, or train on people who rated it ({len(Y)} rows were given)"
        )
    return Y, names


def _pick(y: pd.DataFrame, asked: list[str] | None) -> pd.DataFrame:
    if asked is None:
        return y
    missing = [name for name in asked if name not in y.columns]
    if missing:
        raise ArgumentError(
            f"y has no column {', '.join(map(repr, missing))}; its columns are "
            f"{', '.join(map(repr, y.columns))}: name these in targets=, or leave targets out"
        )
    return y[asked]


def check_columns(X: Any) -> None:
    """Refuse a DataFrame that is no table of numbers.

    Parameters
    ----------
    X : DataFrame or array
        Only a DataFrame is looked at.

    Raises
    ------
    ArgumentError
        If a column holds something else.
    """
    if not isinstance(X, pd.DataFrame):
        return
    wrong = [
        str(name)
        for name, kind in X.dtypes.items()
        if not pd.api.types.is_numeric_dtype(kind) and not _holds_numbers(X[name])
    ]
    if wrong:
        raise ArgumentError(
            f"X must be a table of numbers, column {', '.join(map(repr, wrong[:5]))} is not; a "
            "table of windows goes through extract_features first, or into "
            "build_pipeline(features=FeatureExtractor())"
        )


def _holds_numbers(column: pd.Series[Any]) -> bool:
    return bool(pd.to_numeric(column, errors="coerce").notna().eq(column.notna()).all())
