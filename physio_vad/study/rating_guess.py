"""What ratings in tables seem to be: their scale, and whether each is one of a whole trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import PhysioVadError
from physio_vad.io.tables.open import Table
from physio_vad.io.tables.runs import rating_changes

_SCALES = ((0, 1), (-1, 1), (1, 5), (1, 9), (0.5, 9.5), (0, 10), (0, 100))
_SHORTEST_TRIAL = 10.0
"""Seconds; ratings that stay longer than this are one a trial."""
_SHARE_OF_TRIALS = 0.9
"""So many of the stretches must be that long: a rating that is moved has many short ones."""
FASTEST = 1000.0
"""Rate in Hz that is supposed where none is known, so that no stretch is thought too long."""


@dataclass
class RatingGuess:
    """What was seen of the ratings in all files.

    Parameters
    ----------
    scales : dict of str to (low, high)
        Range that each column of ratings fits into.
    n_files : int
        Files that have ratings.
    changes : int
        How often they change, for the first person for whom they do.
    where : str
        Name of the file that shows it.
    by_trial : bool
        Whether these stay for so long that each is one of a trial.
    """

    scales: dict[str, tuple[float, float]] = field(default_factory=dict)
    n_files: int = 0
    changes: int = 0
    where: str = ""
    by_trial: bool = False


def guess_ratings(
    tables: Iterable[Table],
    names: Sequence[str],
    labels: Sequence[str],
    sfreq: float | None,
    subject: str | None = None,
) -> RatingGuess:
    """Look at the ratings of all files.

    Parameters
    ----------
    tables : iterable of Table
        Open tables; those without any of the labels, or that cannot be read, say nothing.
    names : sequence of str
        What the columns of files without names are called.
    labels : sequence of str
        Columns with ratings.
    sfreq : float, optional
        Rows a second.
    subject : str, optional
        Column that says whose a row is.
    """
    guess = RatingGuess()
    seen: dict[str, list[FloatArray]] = {name: [] for name in labels}
    lengths = [np.empty(0, dtype=np.int64)]
    for table in tables:
        own = table.names or (names if table.n_columns == len(names) else [])
        there = [one for one in labels if one in own and own.index(one) not in table.words]
        people = _load(table, own, there, subject)
        guess.n_files += bool(people)
        for values in people:
            for name, column in zip(there, values, strict=True):
                seen[name].append(column[np.isfinite(column)])
            lengths.append(_lengths(values))
            changes = max(int(np.count_nonzero(np.diff(seen[name][-1]))) for name in there)
            if changes and not guess.changes:
                guess.changes, guess.where = changes, table.path.name
    guess.scales = {name: one for name, parts in seen.items() if (one := _scale_of(parts))}
    long = np.concatenate(lengths) >= _SHORTEST_TRIAL * (sfreq or FASTEST)
    guess.by_trial = guess.changes > 0 and bool(np.mean(long) >= _SHARE_OF_TRIALS)
    return guess


def _load(
    table: Table, names: Sequence[str], labels: Sequence[str], subject: str | None
) -> list[FloatArray]:
    """Load the ratings of each person, (n_labels, n_rows); nothing where that cannot be."""
    if not labels:
        return []
    who = [names.index(one) for one in (subject,) if one in names]
    try:
        values, texts = table.load([names.index(one) for one in labels], who)
    except (PhysioVadError, ValueError):
        return []
    if not texts:
        return [values]
    codes: dict[str | None, int] = {}
    people = np.array([codes.setdefault(one, len(codes)) for one in texts[0]])
    return [values[:, people == code] for code in codes.values()]


def _lengths(labels: FloatArray) -> IntArray:
    """Rows of each stretch of equal ratings."""
    number = np.cumsum(rating_changes(labels))
    rows = np.bincount(number[~np.isnan(labels).all(axis=0)])
    return np.asarray(rows[rows > 0])


def _scale_of(parts: Sequence[FloatArray]) -> tuple[float, float] | None:
    """Choose the usual scale that values fit into, else whole numbers around them."""
    values = np.concatenate([*parts, []])
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    fitting = (one for one in _SCALES if one[0] <= low and high <= one[1])
    return next(fitting, (float(np.floor(low)), float(np.ceil(high))))
