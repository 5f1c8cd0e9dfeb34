"""The targets of a table: which, by what name, and whether X is a table of numbers at all."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array

from physio_vad._arrays import FloatArray, IntArray, as_floats
from physio_vad.exceptions import ArgumentError, GroupsError, PhysioVadWarning, unknown_name

_RESERVED = ("subject", "trial", "window", "start", "stop", "stimulus", "fold")
"""Columns that stand beside the targets in tables of predictions."""
_SUFFIXES = ("predicted", "low", "high")
"""What is put behind a target's name in such tables; names of baselines are too."""


def reserved_names(targets: Iterable[object], suffixes: Iterable[str] = ()) -> str:
    """Say which targets have the name of a column that stands beside them in saved tables.

    Parameters
    ----------
    targets : iterable of str
        Names of the targets.
    suffixes : iterable of str
        What is put behind their names too, such as names of baselines.

    Returns
    -------
    str
        What is wrong and what to do; empty if nothing is.
    """
    names = [str(name) for name in targets]
    ours = {f"{name}_{suffix}" for name in names for suffix in (*_SUFFIXES, *suffixes)}
    taken = [name for name in names if name in ours or name in _RESERVED]
    if not taken:
        return ""
    return (
        f"a target cannot be called {', '.join(map(repr, taken))}: the tables of predictions have "
        f"columns {', '.join(_RESERVED)} and <target>_predicted, _low, _high or with the name of a "
        "baseline; rename it"
    )


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
        y = as_floats(y) if isinstance(y, np.ma.MaskedArray) else np.asarray(y)
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


def name_orders(X: Any, n_rows: int, n_columns: int) -> tuple[IntArray, IntArray]:
    """Order rows and columns by their names, so that the order they came in decides nothing.

    Parameters
    ----------
    X : DataFrame or array of shape (n_rows, n_columns)
        Of an array, which has no names, rows and columns stay where they are.
    n_rows, n_columns : int
        Its shape.

    Returns
    -------
    rows : array of shape (n_rows,)
        Places of the rows in the order of the row index, rows of one name as they came.
    columns : array of shape (n_columns,)
        Places of the columns in the order of their names.
    """
    if not isinstance(X, pd.DataFrame):
        return np.arange(n_rows), np.arange(n_columns)
    levels = [X.index.get_level_values(number) for number in range(X.index.nlevels)]
    rows = np.lexsort([pd.factorize(level, sort=True)[0] for level in reversed(levels)])
    return rows, np.argsort(np.array([str(name) for name in X.columns]), kind="stable")


def check_same_rows(X: Any, y: Any) -> None:
    """Refuse ratings whose row index names other rows than that of the features.

    Parameters
    ----------
    X : DataFrame or array
        Features.
    y : DataFrame, Series or array
        Ratings. Where X or y has no named index, rows are paired by their place.

    Raises
    ------
    ArgumentError
        If both have a named row index and these differ: names the first row.
    """
    left, right = getattr(X, "index", None), getattr(y, "index", None)
    if not _is_named(left) or not _is_named(right) or left.equals(right):
        return
    if len(left) != len(right):
        raise ArgumentError(
            f"X has {len(left)} rows and y has {len(right)}: select the same rows of both, such "
            "as y = y.loc[X.index]"
        )
    row = next(k for k, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1])
    raise ArgumentError(
        f"X and y must have the same row index in the same order; row {row} is "
        f"{index_entry(left[row])} in X and {index_entry(right[row])} in y: use y = y.loc[X.index]"
    )


def index_entry(labels: Any) -> str:
    """Write an entry of a row index, such as ``anna/1/0``."""
    return "/".join(map(str, labels)) if isinstance(labels, tuple) else str(labels)


def _is_named(index: Any) -> TypeGuard[pd.Index]:
    return isinstance(index, pd.Index) and any(name is not None for name in index.names)


def level_values(index: pd.Index, name: str) -> pd.Index:
    """Read a level of the row index that must be known in every row.

    Parameters
    ----------
    index : Index
        Row index with this level.
    name : str
        The level, such as ``"subject"``.

    Raises
    ------
    GroupsError
        If it is missing in a row: says in how many and where first.
    """
    values = index.get_level_values(name)
    missing = np.flatnonzero(values.isna())
    if len(missing):
        raise GroupsError(
            f"the index level {name!r} is missing in {len(missing)} of {len(values)} rows, first "
            f"in row {missing[0]}; give each row its {name}, or leave these rows out"
        )
    return values


def _holds_numbers(column: pd.Series[Any]) -> bool:
    return bool(pd.to_numeric(column, errors="coerce").notna().eq(column.notna()).all())


def check_jobs(n_jobs: int | None) -> None:
    """Refuse a number of processes that joblib does not take.

    Parameters
    ----------
    n_jobs : int, optional
        Processes side by side; -1 for one a core, -2 for one less, and so on.

    Raises
    ------
    ArgumentError
        If it is 0 or no whole number.
    """
    if n_jobs is None or (isinstance(n_jobs, int | np.integer) and n_jobs != 0):
        return
    raise ArgumentError(
        f"n_jobs must be a number of processes from 1 on, or -1 for one a core, got {n_jobs!r}"
    )


def with_values(table: pd.DataFrame, values: FloatArray) -> pd.DataFrame:
    """Put other values, shape (n_rows, n_columns), into a table, which keeps its notes (attrs)."""
    changed = pd.DataFrame(values, index=table.index, columns=table.columns)
    changed.attrs = dict(table.attrs)
    return changed


def warn_of_other_length(lengths: Sequence[float], trained: float | None) -> None:
    """Warn of windows that are longer or shorter than those of the training.

    Parameters
    ----------
    lengths : sequence of float
        Lengths of the windows in seconds, rising.
    trained : float or None
        Length of those of the training; None where it is not known.
    """
    if trained is None:
        return
    others = [one for one in lengths if not np.isclose(one, trained, rtol=0.01)]
    if others:
        got = " to ".join(f"{one:g}" for one in dict.fromkeys([others[0], others[-1]]))
        warnings.warn(
            f"these windows are {got} s long, those of the training were {trained:g} s: the "
            f"predictions cannot be trusted; cut with make_windows(..., length={trained:g})",
            PhysioVadWarning,
            stacklevel=4,
        )


def check_scale(scale: Any, targets: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Give the declared range of targets: one for all, or that of each.

    Parameters
    ----------
    scale : (low, high) or mapping of str to (low, high)
        What was declared.
    targets : sequence of str
        Names it may have.

    Raises
    ------
    ArgumentError
        If it names something else, or is no range.
    """
    declared = dict(scale) if isinstance(scale, Mapping) else dict.fromkeys(targets, scale)
    for name, limits in declared.items():
        if name not in targets:
            raise ArgumentError(unknown_name("target in scale", name, targets))
        ends = np.asarray(limits).ravel()
        if (
            len(ends) != 2
            or ends.dtype.kind not in "iuf"
            or not -np.inf < ends[0] < ends[1] < np.inf
        ):
            raise ArgumentError(
                f"scale must be (low, high), such as (1, 9), or that for each target, got "
                f"{limits!r} for {name!r}"
            )
        declared[name] = (float(ends[0]), float(ends[1]))
    return declared
