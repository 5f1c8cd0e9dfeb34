"""Who the rows of a table belong to, and inner folds that never cut a person in two."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from physio_vad._arrays import BoolArray, IntArray
from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning

SUBJECT, TRIAL = "subject", "trial"
"""Index levels that a feature table holds."""

HOW_TO_GIVE_GROUPS = (
    "give X as a DataFrame whose row index has that level, or give one group a row to fit: "
    "fit(X, y, groups=...), pipeline.fit(X, y, model__groups=...); groups=None says that rows are "
    "independent. In a search such as GridSearchCV give that DataFrame, and split by people too: "
    "physio_vad.nested_search(pipeline, space) is such a search. If X had the level before a "
    "pipeline, a step that was swapped in (set_params, a grid) has dropped the row index: call "
    "set_output(transform='pandas') on that step"
)


@dataclass(frozen=True)
class Groups:
    """The subject and the trial of every row, as numbers.

    Parameters
    ----------
    n_rows : int
        Rows of the table.
    subjects : array of shape (n_rows,), optional
        Number of the subject of each row; None says that rows are independent.
    trials : array of shape (n_rows,), optional
        Number of the trial of each row, different for trials of different subjects.
    """

    n_rows: int
    subjects: IntArray | None = None
    trials: IntArray | None = None

    def folds(
        self, n_folds: int, random_state: int | None = None, rated: BoolArray | None = None
    ) -> IntArray:
        """Deal the rows to folds: whole subjects, or whole trials where one subject is rated.

        Parameters
        ----------
        n_folds : int
            Folds that are wished for; there are never more than rated subjects (or trials).
        random_state : int, optional
            Seed of the order in which subjects are dealt.
        rated : array of shape (n_rows,), optional
            Rows with a label. Every fold's other side holds at least one of them.

        Returns
        -------
        array of shape (n_rows,)
            Number of the fold in which a row is held out, from 0.

        Raises
        ------
        GroupsError
            If there is only one rated subject and only one rated trial.

        Examples
        --------
        >>> import numpy as np
        >>> Groups(6, subjects=np.array([0, 0, 1, 1, 2, 2])).folds(5, random_state=0).tolist()
        [2, 2, 1, 1, 0, 0]
        """
        if isinstance(n_folds, bool) or not isinstance(n_folds, int | np.integer) or n_folds < 2:
            raise ArgumentError(f"cv must be a number of inner folds, at least 2, got {n_folds!r}")
        rated = np.ones(self.n_rows, dtype=bool) if rated is None else rated
        units = self._units(rated)
        with_label = np.unique(units[rated])
        without = np.setdiff1d(units, with_label)
        random = check_random_state(random_state)
        order = np.concatenate([random.permutation(with_label), random.permutation(without)])
        fold_of = np.empty(int(units.max()) + 1, dtype=int)
        fold_of[order] = np.arange(len(order)) % min(n_folds, len(with_label))
        return fold_of[units]

    def take(self, rows: BoolArray | IntArray) -> Groups:
        """Keep some rows, or put them in another order.

        Parameters
        ----------
        rows : array of bool of shape (n_rows,), or of int
            Rows that are kept.
        """
        subjects = None if self.subjects is None else self.subjects[rows]
        trials = None if self.trials is None else self.trials[rows]
        return Groups(len(np.arange(self.n_rows)[rows]), subjects, trials)

    def n_units(self, rated: BoolArray) -> int:
        """Count the independent units with a label: subjects, else trials, or rows.

        Parameters
        ----------
        rated : array of bool of shape (n_rows,)
            Rows with a label.
        """
        return len(np.unique(self._units(rated)[rated]))

    def _units(self, rated: BoolArray) -> IntArray:
        """Give each row the number of what stays whole; two such units or more are rated."""
        if self.subjects is None:
            if rated.sum() < 2:
                raise GroupsError(
                    f"inner folds need at least 2 rated rows, got n_samples = {rated.sum()}"
                )
            return np.arange(self.n_rows)
        for units in (self.subjects, self.trials):
            if units is not None and len(np.unique(units[rated])) > 1:
                return units
        trials = "an index level 'trial' is missing" if self.trials is None else "one rated trial"
        raise GroupsError(
            "inner folds need at least two rated subjects, or two rated trials of one subject; got "
            f"{len(np.unique(self.subjects[rated]))} rated subject and {trials}: fit on more "
            "people, or take model='multioutput', which needs no inner folds"
        )


def resolve_groups(X: Any, n_rows: int, level: str | None = None, groups: Any = None) -> Groups:
    """Find out who each row belongs to.

    Parameters
    ----------
    X : DataFrame or array of shape (n_rows, ...)
        The table; its row index is read where it is a DataFrame.
    n_rows : int
        Rows of the table.
    level : str, optional
        Index level that holds the subject; None says that rows are independent.
    groups : array of shape (n_rows,), optional
        Subject of each row; wins over `level`.

    Returns
    -------
    Groups
        Subjects and trials by number.

    Raises
    ------
    GroupsError
        If the level is not there, or `groups` does not fit the rows.

    Warns
    -----
    GroupsWarning
        If rows are said to be independent and the index knows subjects.
    """
    index = X.index if isinstance(X, pd.DataFrame) else None
    names = [] if index is None else list(index.names)
    if level is not None and not isinstance(level, str):
        raise GroupsError(
            f"groups must name an index level or be None, got {type(level).__name__}; an array of "
            "groups goes to fit(X, y, groups=...)"
        )
    if groups is not None:
        subjects = _group_codes(groups, n_rows)
    elif level is None:
        if SUBJECT in names:
            _warn_of_subjects()
        return Groups(n_rows)
    elif index is None or level not in names:
        named = [name for name in names if name is not None]
        found = f"X has the levels {named}" if named else "X names no subjects"
        raise GroupsError(f"groups={level!r} is no index level, {found}; {HOW_TO_GIVE_GROUPS}")
    else:
        subjects = _group_codes(index.get_level_values(level), n_rows)
    trials = None
    if index is not None and TRIAL in names:
        number = _codes(index.get_level_values(TRIAL))
        trials = _codes(subjects * (number.max(initial=0) + 1) + number)
    return Groups(n_rows, subjects, trials)


def known_groups(X: Any, n_rows: int, groups: Any = None) -> Groups:
    """Find out who each row belongs to where that may be unknown.

    Parameters
    ----------
    X : DataFrame or array of shape (n_rows, ...)
        The table.
    n_rows : int
        Rows of the table.
    groups : array of shape (n_rows,), optional
        Subject of each row; wins over the index level ``subject``.

    Returns
    -------
    Groups
        Independent rows where neither says it.
    """
    named = isinstance(X, pd.DataFrame) and SUBJECT in X.index.names
    if groups is None and not named:
        return Groups(n_rows)
    return resolve_groups(X, n_rows, SUBJECT, groups)


def contiguous(n_rows: int, n_parts: int) -> IntArray:
    """Cut rows into parts of neighbours.

    Parameters
    ----------
    n_rows, n_parts : int
        Rows, and parts of about equal length.
    """
    return np.arange(n_rows) * n_parts // n_rows


def deal(units: IntArray, n_folds: int, random: np.random.RandomState) -> IntArray:
    """Deal whole people to folds.

    Parameters
    ----------
    units : array of int of shape (n_rows,)
        Person of each row, from 0.
    n_folds : int
        Folds, fewer where there are fewer people.
    random : RandomState
        Draws the order.
    """
    n_units = int(units.max()) + 1
    fold = np.empty(n_units, dtype=int)
    fold[random.permutation(n_units)] = np.arange(n_units) % min(n_folds, n_units)
    return np.asarray(fold[units])


def _codes(values: Any) -> IntArray:
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=int)


def _group_codes(groups: Any, n_rows: int) -> IntArray:
    values = groups if isinstance(groups, pd.Index) else np.asarray(groups)
    if np.shape(values) != (n_rows,):
        raise GroupsError(
            f"groups must hold one subject a row, shape ({n_rows},), got {np.shape(values)}"
        )
    missing = np.flatnonzero(pd.isna(values))
    if len(missing):
        raise GroupsError(f"groups must not be missing: {len(missing)} are, first row {missing[0]}")
    return _codes(values)


def _warn_of_subjects() -> None:
    warnings.warn(
        "groups=None treats rows as independent although X knows subjects: inner folds put the "
        "same person on both sides and look too good; groups='subject' keeps people whole",
        GroupsWarning,
        stacklevel=5,
    )
