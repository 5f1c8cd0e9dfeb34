"""Which rows of a table are one recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import Source, one_name_each

Cells = Mapping[str, list[str | None]]

_TURNS = 3
"""People whose rows come back more often than this, each on average, take turns in a table."""


@dataclass(frozen=True)
class Run:
    """Rows of one recording.

    Parameters
    ----------
    rows : slice
        Where they stand.
    subject, trial : str
        Whose they are.
    stimulus : str, optional
        What was shown.
    """

    rows: slice
    subject: str
    trial: str
    stimulus: str | None


def find_runs(cells: Cells, n_rows: int, default: str, source: Source) -> list[Run]:
    """Cut a table at every change of subject, trial or stimulus.

    Raises
    ------
    ReadError
        If a row names no subject though there is a column for it.
    """
    changes = np.zeros(n_rows, dtype=bool)
    changes[0] = True
    for column in cells.values():
        texts = np.array(column, dtype=object)
        changes[1:] |= texts[1:] != texts[:-1]
    firsts = np.flatnonzero(changes)
    runs: dict[str, list[Run]] = {}
    for first, stop in zip(firsts, [*firsts[1:], n_rows], strict=True):
        subject, trial, stimulus = (
            cells[role][first] if role in cells else None
            for role in ("subject", "trial", "stimulus")
        )
        if "subject" in cells and subject is None:
            raise ReadError(f"{source.files[0]}: row {first + 1} names no subject")
        if "trial" in cells and trial is None:
            continue
        mine = runs.setdefault(subject or default, [])
        parts = [one for one in (source.trial, trial) if one is not None]
        name = "/".join(parts) or str(len(mine) + 1)
        mine.append(Run(slice(int(first), int(stop)), subject or default, name, stimulus))
    return _with_unique_trials(runs)


def _with_unique_trials(runs: Mapping[str, list[Run]]) -> list[Run]:
    return [
        Run(run.rows, run.subject, trial, run.stimulus)
        for mine in runs.values()
        for run, trial in zip(mine, one_name_each(run.trial for run in mine), strict=True)
    ]


def turns(cells: Cells) -> IntArray | None:
    """Find an order of rows in which each person's follow each other, None if they do already.

    A long table sorted by time has the rows of several people in turn.
    """
    subjects = cells.get("subject")
    if not subjects:
        return None
    firsts: dict[str | None, int] = {}
    codes = np.array([firsts.setdefault(one, len(firsts)) for one in subjects])
    if np.count_nonzero(np.diff(codes)) + 1 <= _TURNS * len(firsts):
        return None
    return np.asarray(np.argsort(codes, kind="stable"))


def rating_changes(labels: FloatArray) -> BoolArray:
    """Mark the rows whose ratings differ from those before, the first among them.

    Parameters
    ----------
    labels : array of shape (n_labels, n_rows)
        Ratings, NaN where there is none.
    """
    before, after = labels[:, :-1], labels[:, 1:]
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    return np.concatenate([[True], ~same.all(axis=0)])


def trials_of_ratings(labels: FloatArray, subjects: list[str | None] | None) -> list[str | None]:
    """Count the stretches of equal ratings of each person; rows without a rating get None.

    Parameters
    ----------
    labels : array of shape (n_labels, n_rows)
        Ratings, NaN where there is none.
    subjects : list of str or None, optional
        Who each row is of.
    """
    rated = np.asarray(~np.isnan(labels).all(axis=0))
    others = np.zeros(labels.shape[1], dtype=bool)
    if subjects is not None:
        names = np.array(subjects, dtype=object)
        others[1:] = names[1:] != names[:-1]
    number = np.cumsum((rating_changes(labels) | others) & rated)
    before_person = np.where(others, number - rated, 0)
    number = number - np.maximum.accumulate(before_person)
    numbers: list[int] = number.tolist()
    return [str(one) if there else None for one, there in zip(numbers, rated, strict=True)]
