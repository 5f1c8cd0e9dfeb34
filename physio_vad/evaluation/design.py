"""The design of an evaluation: checked tables and checked folds."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.baselines import BASELINES
from physio_vad.evaluation.fold_rows import FoldRows, Split
from physio_vad.evaluation.overlap import in_both, refuse, shared_parts
from physio_vad.evaluation.rows import Rows
from physio_vad.evaluation.splits import make_splitter
from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.validation import check_same_rows, check_scale, index_entry, reserved_names

Limits = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Design:
    """Checked input of an evaluation: the tables, who is in which row, and the folds.

    Parameters
    ----------
    X, y : DataFrame
        Features (or raw windows) and ratings, same index.
    rows : Rows
        Identity of the rows.
    splits : FoldRows
        Row numbers of both sides of each fold.
    cv : str
        What the split is called.
    chronological : bool
        Whether test rows of a subject come after its training rows.
    leaks : tuple of str
        What the sides share and must not, let through on request.
    random_state : int, optional
        Seed of the draw.
    as_live : tuple of DataFrame
        Features of the same rows that the test sides are predicted from, the scored ones first.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    rows: Rows
    splits: FoldRows
    cv: str
    chronological: bool
    leaks: tuple[str, ...]
    random_state: int | None = None
    as_live: tuple[pd.DataFrame, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Name of each column of y."""
        return tuple(str(name) for name in self.y.columns)

    @property
    def scale(self) -> dict[str, tuple[float, float]]:
        """Declared range of targets, where there is one."""
        scale = self.y.attrs.get("scale", {})
        return {name: scale[name] for name in self.targets if name in scale}

    @cached_property
    def rated(self) -> BoolArray:
        """Mark the rows with a rating of any target."""
        return np.asarray(self.y.notna().any(axis=1))

    @cached_property
    def tests_new_people(self) -> bool:
        """Whether no one on the test side of a fold is on its training side."""
        codes = self.rows.subject_codes
        return not any(len(in_both(codes, train, test)) for train, test in self.splits)

    def __sizeof__(self) -> int:
        """Return the bytes of the tables, so that an engine sends a large design only once."""
        return int(self.X.memory_usage().sum() + self.y.memory_usage().sum())

    def with_ratings(self, values: FloatArray) -> Design:
        """Put other ratings, shape (n_rows, n_targets), on the same rows and folds."""
        y = pd.DataFrame(values, self.y.index, self.y.columns)
        y.attrs = self.y.attrs
        return replace(self, y=y)

    def where(self, number: int) -> str:
        """Name a fold and the people on its test side, for messages."""
        return f"fold {number}{whose(self.rows, self.splits.test(number))}"


def make_design(
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    cv: Any,
    *,
    allow_leakage: bool = False,
    random_state: int | None = None,
    scale: Limits | Mapping[str, Limits] | None = None,
    as_live: pd.DataFrame | Sequence[pd.DataFrame] | None = None,
) -> Design:
    """Check the tables and draw the folds of an evaluation.

    Parameters
    ----------
    X : DataFrame
        As in `evaluate`.
    y : DataFrame of shape (n_rows, n_targets) or Series
        As in `evaluate`.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    allow_leakage : bool
        As in `evaluate`.
    random_state : int, optional
        As in `evaluate`.
    scale : (low, high) or mapping of str to (low, high), optional
        As in `evaluate`.
    as_live : DataFrame or sequence of DataFrame, optional
        As in `evaluate`.

    Returns
    -------
    Design
        Folds whose test side has no rating are left out.
    """
    y = y.to_frame() if isinstance(y, pd.Series) else y
    rows = _check_tables(X, y)
    live = (as_live,) if isinstance(as_live, pd.DataFrame) else tuple(as_live or ())
    if not all(one.index.equals(X.index) and one.columns.equals(X.columns) for one in live):
        raise ArgumentError(
            "as_live must have the rows and columns of X: live_features(windows, ...) of the same "
            "windows and modalities"
        )
    if scale is not None:
        y = _declare_scale(y, scale)
    splitter = make_splitter(cv, random_state) if isinstance(cv, str) else cv
    leaks: dict[str, None] = {}
    folds = _checked_folds(splitter, X, y, rows, leaks, allow_leakage=allow_leakage)
    splits = FoldRows(len(rows), folds)
    if not splits:
        raise ArgumentError("no fold has a rating on its test side: nothing to score")
    return Design(
        X,
        y,
        rows,
        splits,
        cv if isinstance(cv, str) else _describe(cv),
        bool(getattr(splitter, "chronological", False)),
        tuple(leaks),
        random_state,
        live,
    )


def _checked_folds(
    splitter: Any,
    X: pd.DataFrame,
    y: pd.DataFrame,
    rows: Rows,
    leaks: dict[str, None],
    *,
    allow_leakage: bool,
) -> Iterator[Split]:
    """Check fold after fold, note what its sides share, and give those with something to score."""
    shares = {
        name: bool(getattr(splitter, name, False)) for name in ("shares_subjects", "shares_trials")
    }
    rated = y.notna().to_numpy()
    for number, (train, test) in enumerate(_folds(splitter, X, y, rows)):
        shared = shared_parts(rows, train, test, **shares)
        if not allow_leakage:
            refuse(shared)
        leaks.update(dict.fromkeys(shared))
        if rated[test].any():
            _check_rated(rated, train, test, y, f"fold {number}{whose(rows, test)}")
            yield train, test


def _check_tables(X: pd.DataFrame, y: pd.DataFrame) -> Rows:
    if not isinstance(X, pd.DataFrame) or not isinstance(y, pd.DataFrame):
        raise ArgumentError(
            "evaluate needs X and y as DataFrames with row index (subject, trial, window), got "
            f"{type(X).__name__} and {type(y).__name__}; make them of arrays with "
            "physio_vad.evaluation.as_tables(X, y, groups=subjects)"
        )
    rows = Rows.of(X, y)
    _check_levels(y, X.index)
    if taken := reserved_names(y.columns, BASELINES):
        raise ArgumentError(taken)
    check_same_rows(X, y)
    doubles = X.index[X.index.duplicated()]
    if len(doubles):
        raise ArgumentError(
            f"{len(doubles)} rows of X repeat an index entry, first {index_entry(doubles[0])}; "
            f"each ({', '.join(map(str, X.index.names))}) stands once"
        )
    missing = y.isna().to_numpy()
    if missing.all():
        raise ArgumentError(
            f"all {len(y)} labels of {list(y.columns)!r} are missing: nothing to fit or to score"
        )
    return rows


def _check_levels(y: pd.DataFrame, wanted: pd.Index) -> None:
    """Refuse ratings without the index levels of the features."""
    if list(y.index.names) == list(wanted.names):
        return
    columns = [name for name in wanted.names if name in y.columns]
    if columns:
        raise ArgumentError(
            f"y holds {', '.join(map(repr, columns))} as columns, they belong into its row index: "
            f"y = y.set_index({list(wanted.names)!r})"
        )
    raise ArgumentError(
        f"the row index of y has the levels {list(y.index.names)!r}, that of X "
        f"{list(wanted.names)!r}; where the rows are in the same order, y.index = X.index"
    )


def _declare_scale(y: pd.DataFrame, scale: Limits | Mapping[str, Limits]) -> pd.DataFrame:
    """Put a scale into the attributes of a copy of y."""
    declared = check_scale(scale, [str(name) for name in y.columns])
    y = y.copy(deep=False)
    y.attrs["scale"] = {**y.attrs.get("scale", {}), **declared}
    return y


def _folds(splitter: Any, X: pd.DataFrame, y: pd.DataFrame, rows: Rows) -> Iterator[Split]:
    given = splitter
    if hasattr(splitter, "split"):
        with _no_word_of_groups():
            given = splitter.split(X, y, rows.subjects)
    try:
        pairs = iter(given)
    except TypeError as error:
        raise _no_folds(splitter) from error
    while True:
        with _no_word_of_groups():
            pair = next(pairs, None)
        if pair is None:
            return
        try:
            fold = tuple(_numbers(side) for side in pair)
        except TypeError as error:
            raise _no_folds(splitter) from error
        if len(fold) != 2:
            raise ArgumentError(f"each fold of cv must be (train, test), got {len(fold)} parts")
        yield fold[0], fold[1]


@contextlib.contextmanager
def _no_word_of_groups() -> Iterator[None]:
    """Silence splitters that know no groups and say so; the check of the borders says more."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        yield


def _no_folds(splitter: Any) -> ArgumentError:
    return ArgumentError(
        "cv must be the name of a split, a splitter or a list of (train, test) row numbers, "
        f"got {type(splitter).__name__}"
    )


def _numbers(side: npt.ArrayLike) -> IntArray:
    side = np.asarray(side)
    return np.asarray(np.flatnonzero(side) if side.dtype == bool else side, dtype=np.intp)


def _check_rated(
    rated: BoolArray, train: IntArray, test: IntArray, y: pd.DataFrame, where: str
) -> None:
    asked = np.any(rated[test], axis=0)
    lacking = [
        str(name)
        for name, column, is_asked in zip(y.columns, rated.T, asked, strict=True)
        if is_asked and not column[train].any()
    ]
    if lacking:
        raise GroupsError(
            f"{where}: no training row has a rating of {lacking!r}; drop these targets from y, or "
            "take a split with more people on the training side"
        )


def _describe(cv: Any) -> str:
    return repr(cv) if hasattr(cv, "split") else "list of (train, test)"


def whose(rows: Rows, test: IntArray) -> str:
    """Name the people on a test side, for messages."""
    people = [str(name) for name in pd.unique(rows.subjects[test])]
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    return f" (subject {', '.join(map(repr, people[:3]))}{more} on the test side)"
