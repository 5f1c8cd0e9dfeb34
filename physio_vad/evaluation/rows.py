"""Who, which trial, which stimulus and when: what the row index of a table says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray, ObjectArray
from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.features.windows import INDEX_NAMES
from physio_vad.validation import level_values


@dataclass(frozen=True, eq=False)
class Rows:
    """Identity of each row of a table.

    Parameters
    ----------
    subjects, trials : array of shape (n_rows,)
        Labels of the row index.
    windows : array of shape (n_rows,)
        Window numbers; negative ones are rest (baseline) windows.
    starts, stops : array of shape (n_rows,)
        Seconds from the recording's start, NaN where unknown.
    stimuli : array of shape (n_rows,)
        What was shown, None where unknown.
    """

    subjects: ObjectArray
    trials: ObjectArray
    windows: IntArray
    starts: FloatArray
    stops: FloatArray
    stimuli: ObjectArray

    @classmethod
    def of(cls, X: Any, y: Any = None) -> Rows:
        """Read the identity of rows from a table and its labels.

        Parameters
        ----------
        X : DataFrame
            Row index ``(subject, trial, window)``, or ``(subject, trial)`` where a row is a trial;
            columns `start` and `stop` are used where there are any.
        y : DataFrame, optional
            ``attrs["window"]`` gives the times where X has none, ``attrs["stimulus"]`` what was
            shown.

        Raises
        ------
        GroupsError
            If the row index lacks a level, or a row an entry.
        """
        index = _index_of(X)
        subjects, trials = (np.asarray(level_values(index, name)) for name in INDEX_NAMES[:2])
        by_window = "window" in index.names
        windows = np.asarray(level_values(index, "window") if by_window else np.zeros(len(X), int))
        attrs = {**X.attrs, **getattr(y, "attrs", {})}
        starts, stops = _times(X, windows, attrs.get("window"))
        shown = attrs.get("stimulus") or {}
        stimuli = np.empty(len(index), dtype=object)
        stimuli[:] = [
            shown.get(who, {}).get(trial) for who, trial in zip(subjects, trials, strict=True)
        ]
        return cls(subjects.astype(object), trials.astype(object), windows, starts, stops, stimuli)

    def __len__(self) -> int:
        return len(self.subjects)

    def take(self, numbers: IntArray) -> Rows:
        """Keep the rows of these numbers."""
        return Rows(*(getattr(self, one.name)[numbers] for one in fields(self)))

    @cached_property
    def rest(self) -> BoolArray:
        """Mark the rest (baseline) windows, which carry no label."""
        return np.asarray(self.windows < 0)

    @cached_property
    def subject_codes(self) -> IntArray:
        """Number of each row's subject, in the order of first appearance."""
        return np.asarray(pd.factorize(self.subjects)[0], dtype=np.intp)

    @cached_property
    def trial_codes(self) -> IntArray:
        """Number of each row's ``(subject, trial)``, in the order of first appearance."""
        return self.group_codes((self.subjects, self.trials))[0]

    def group_codes(self, keys: tuple[np.ndarray, ...]) -> tuple[IntArray, int]:
        """Give rows that have something in common one number.

        Remembered for keys that are attributes of these rows.

        Parameters
        ----------
        keys : tuple of array of shape (n_rows,)
            Rows that agree in all of them are one group; None marks an unknown key.

        Returns
        -------
        codes : array of shape (n_rows,)
            Number of each row's group, as of the function `group_codes`.
        n_groups : int
            How many there are.
        """
        place = tuple(self._name_of(key) for key in keys)
        if "" in place:
            return group_codes(keys)
        if place not in self._groups:
            self._groups[place] = group_codes(keys)
        return self._groups[place]

    def _name_of(self, key: np.ndarray) -> str:
        return next((name for name, own in vars(self).items() if own is key), "")

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], tuple[IntArray, int]]:
        return {}


def group_codes(keys: Sequence[npt.ArrayLike]) -> tuple[IntArray, int]:
    """Give rows that agree in all keys one number.

    Parameters
    ----------
    keys : sequence of array of shape (n_rows,)
        None marks an unknown key.

    Returns
    -------
    codes : array of shape (n_rows,)
        Number of each row's group, from 0 in the order of first appearance; where a key is unknown,
        the number of groups.
    n_groups : int
        How many groups there are.
    """
    codes = np.zeros(len(np.asarray(keys[0])), dtype=np.intp)
    for key in keys:
        part, names = pd.factorize(np.asarray(key))
        codes = np.where((codes < 0) | (part < 0), -1, codes * len(names) + part)
        codes = np.asarray(pd.factorize(np.where(codes < 0, np.nan, codes))[0], dtype=np.intp)
    n_groups = int(codes.max(initial=-1)) + 1
    return np.where(codes < 0, n_groups, codes), n_groups


def subjects_of(X: Any, groups: Any = None) -> ObjectArray:
    """Read the subject of each row from the row index, or else from `groups`.

    Raises
    ------
    GroupsError
        If X has no index level `subject` and no groups are given.
    """
    index = getattr(X, "index", None)
    if index is not None and "subject" in index.names:
        return np.asarray(level_values(index, "subject")).astype(object)
    if groups is None:
        raise GroupsError(
            "a split by subject needs to know the subject of each row: give a DataFrame whose row "
            "index has the level 'subject', or groups= with one subject a row"
        )
    return np.asarray(groups).astype(object)


def _index_of(X: Any) -> pd.MultiIndex:
    index = getattr(X, "index", None)
    names = list(index.names) if isinstance(index, pd.Index) else None
    if names is None or any(name not in names for name in INDEX_NAMES[:2]):
        got = f"index levels {names!r}" if names is not None else type(X).__name__
        raise GroupsError(
            f"rows must be told apart by the index levels {INDEX_NAMES!r} (without the last "
            f"where a row is a trial), got {got}; tables of make_windows "
            "and extract_features have them, and keep them in a parquet file; of a "
            f"CSV file: pandas.read_csv(path, index_col={list(INDEX_NAMES)!r})"
        )
    if not isinstance(index, pd.MultiIndex):
        raise ArgumentError("the row index must be a MultiIndex")
    return index


def _times(
    X: pd.DataFrame, windows: IntArray, grid: dict[str, float] | None
) -> tuple[FloatArray, FloatArray]:
    if {"recording", "start", "stop"} <= set(X.columns):
        return X["start"].to_numpy(dtype=float), X["stop"].to_numpy(dtype=float)
    if grid is None:
        unknown = np.full(len(X), np.nan)
        return unknown, unknown
    starts = np.where(windows >= 0, windows * float(grid["step"]), np.nan)
    return starts, starts + float(grid["length"])
