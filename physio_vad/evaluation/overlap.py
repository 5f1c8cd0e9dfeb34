"""What must not stand on both sides of a split: a subject, a trial, an overlapping window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import IntArray
from physio_vad.evaluation.rows import Rows
from physio_vad.exceptions import ArgumentError, LeakageError


def check_split(
    rows: Rows,
    train: npt.ArrayLike,
    test: npt.ArrayLike,
    *,
    shares_subjects: bool = False,
    shares_trials: bool = False,
) -> None:
    """Raise if the two sides of a split share what they must not.

    Parameters
    ----------
    rows : Rows
        Identity of the rows.
    train, test : array of int
        Row numbers of the two sides.
    shares_subjects, shares_trials : bool
        Whether the split is meant to have one subject, or one trial, on both sides (see
        `physio_vad.evaluation.splits`). Overlapping windows never may.

    Raises
    ------
    LeakageError
        If a subject, trial or overlapping window stands on both sides; it says which.
    """
    refuse(
        shared_parts(
            rows, train, test, shares_subjects=shares_subjects, shares_trials=shares_trials
        )
    )


def refuse(shared: Sequence[str]) -> None:
    """Raise if two sides share anything.

    Parameters
    ----------
    shared : sequence of str
        What `shared_parts` returned.

    Raises
    ------
    LeakageError
        It says what is shared.
    """
    if shared:
        raise LeakageError(
            "training and test side share " + "; ".join(shared) + ". Scores would be too good: "
            'split by subject (cv="leave-one-subject-out" or groups=), or pass allow_leakage=True '
            "to go on with a marked result"
        )


def shared_parts(
    rows: Rows,
    train: npt.ArrayLike,
    test: npt.ArrayLike,
    *,
    shares_subjects: bool = False,
    shares_trials: bool = False,
) -> list[str]:
    """Say what the two sides of a split share and must not.

    Rest windows are left out: they carry no label.

    Parameters
    ----------
    rows : Rows
        Identity of the rows.
    train, test : array of int
        Row numbers of the two sides.
    shares_subjects, shares_trials : bool
        Whether one subject, or one trial, may stand on both sides.

    Returns
    -------
    list of str
        One phrase a kind, naming the first few; empty for a clean split.
    """
    train, test = (_without_rest(rows, side) for side in (train, test))
    found: list[str] = []
    people = in_both(rows.subject_codes, train, test)
    if not len(people):  # then they share no trial, which is that of one person
        return found
    first = [int(np.argmax(rows.subject_codes == code)) for code in people]
    subjects = sorted(repr(str(rows.subjects[row])) for row in first)
    if subjects and not shares_subjects:
        found.append("subject " + _naming(subjects))
    codes = rows.trial_codes
    trials = [int(code) for code in in_both(codes, train, test)]
    if trials and not shares_trials:
        found.append("trial " + _naming([_trial_name(rows, codes, code) for code in trials]))
    overlaps = []
    for code in trials:
        pair = _overlap(rows, train[codes[train] == code], test[codes[test] == code])
        if pair is not None:
            windows = " and ".join(str(rows.windows[row]) for row in pair)
            overlaps.append(f"{windows} of {_trial_name(rows, codes, code)}")
    if overlaps:
        found.append("overlapping windows " + _naming(overlaps))
    return found


def in_both(codes: IntArray, train: IntArray, test: IntArray) -> IntArray:
    """Return the groups that stand on both sides.

    Parameters
    ----------
    codes : array of shape (n_rows,)
        Number of each row's group, from 0.
    train, test : array of int
        Row numbers of the two sides.

    Returns
    -------
    array of int
        Numbers of the groups, in rising order.
    """
    asked = np.unique(codes[test])
    met = np.bincount(codes[train], minlength=int(asked.max(initial=0)) + 1)[asked] > 0
    return np.asarray(asked[met])


def _without_rest(rows: Rows, side: npt.ArrayLike) -> IntArray:
    side = np.asarray(side)
    if side.dtype == bool:
        side = np.flatnonzero(side)
    side = side.astype(np.intp, copy=False)
    if len(side) == 0:
        raise ArgumentError("a split has an empty side: both sides need rows")
    if side.min() < -len(rows) or side.max() >= len(rows):
        raise ArgumentError(
            f"a split names row {side.max()}, but the table has {len(rows)} rows; were the rows "
            "filtered after the split was made?"
        )
    return np.asarray(side[~rows.rest[side]]) if rows.rest.any() else side


def _trial_name(rows: Rows, codes: IntArray, code: int) -> str:
    row = int(np.argmax(codes == code))
    return f"{str(rows.subjects[row])!r}/{str(rows.trials[row])!r}"


def _naming(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _overlap(rows: Rows, train: IntArray, test: IntArray) -> tuple[int, int] | None:
    """Find a training and a test row of one trial that share time (or the window's number)."""
    same = rows.windows[train][:, np.newaxis] == rows.windows[test]
    with np.errstate(invalid="ignore"):
        meets = (rows.starts[train][:, np.newaxis] < rows.stops[test] - 1e-9) & (
            rows.stops[train][:, np.newaxis] > rows.starts[test] + 1e-9
        )
    pairs = np.argwhere(same | meets)
    return (int(train[pairs[0, 0]]), int(test[pairs[0, 1]])) if len(pairs) else None
