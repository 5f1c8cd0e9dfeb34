"""Rows of different people that are much nearer to each other than rows of people are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.leakage.columns import BLOCK
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

MOST_ROWS = 400
"""Rows whose nearest neighbours are looked up, at most."""

LEAST_ROWS = 20
"""Rows below which nothing is said."""

TINY = 1e-6
"""Distance below which rows are the same: `duplicate_rows` tells of those."""

LEAST_COLUMNS = 3
"""Columns that must be known: in one or two, rows of honest tables come near each other."""

MOST_COLUMNS = 30
"""Columns that distances are taken in, at most."""

MUCH_NEARER = 0.15
"""Distance to the nearest row, as a share of that to the next, from which a row is a copy."""


def near_duplicates(evidence: Evidence) -> Iterator[Finding]:
    """Find rows that were copied from another person with small changes.

    A row counts whose nearest row of another person is much nearer than the next one (or the second
    than the third, where a person was copied twice). In few or dependent columns that happens by
    chance: with share t^d for a ratio t in d dimensions, which the third and fourth rows tell.
    """
    values, kept = _standard(evidence)
    if values.shape[1] < LEAST_COLUMNS or len(kept) < LEAST_ROWS:
        return
    rows, nearest, copies = _nearest(values, evidence.design.rows.subject_codes[kept])
    if not len(rows):
        return
    ratio = nearest[:, :-1] / np.maximum(nearest[:, 1:], TINY)
    copied = (nearest[:, 0] > TINY) & (ratio[:, :2] < MUCH_NEARER).any(axis=1)
    steps = -np.log(np.maximum(ratio[:, 2], TINY))  # exponential, of mean 1 / 3d
    by_chance = MUCH_NEARER ** (np.log(2) / (3 * max(float(np.median(steps)), TINY)))
    share = copied.mean()
    if copied.sum() < 3 or share <= 0.02 + 4 * by_chance:
        return
    first, index = int(np.argmax(copied)), evidence.design.X.index
    left, right = ("/".join(map(str, index[kept[row]])) for row in (rows[first], copies[first]))
    yield Finding(
        "error",
        "near_duplicates",
        f"{share:.0%} of {len(rows)} rows lie {1 / MUCH_NEARER:.0f} times nearer to one row of "
        f"another person than to all others, first {left} to {right}",
        "Recordings were copied, perhaps with small changes, from one person to another.",
        "Find out where these rows come from, and keep one of each.",
    )


def _nearest(values: FloatArray, people: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Give some rows, their distances to the four nearest of other people, and the nearest."""
    asked = np.arange(0, len(values), -(-len(values) // MOST_ROWS))
    others = len(people) - np.bincount(people)[people[asked]]
    asked = asked[others >= 4]
    distances, copies = [np.empty((0, 4))], [np.empty(0, dtype=np.intp)]
    size = np.einsum("ij,ij->i", values, values)
    for some in np.array_split(asked, 1 + len(asked) * len(values) // BLOCK):
        squared = size[some, None] + size - 2 * values[some] @ values.T
        squared[people[some, None] == people] = np.inf
        places = np.argpartition(squared, 3, axis=1)[:, :4]
        found = np.sqrt(np.maximum(np.take_along_axis(squared, places, axis=1), 0))
        order = np.argsort(found, axis=1)
        distances.append(np.take_along_axis(found, order, axis=1))
        copies.append(np.take_along_axis(places, order, axis=1)[:, 0])
    return asked, np.concatenate(distances), np.concatenate(copies)


def _standard(evidence: Evidence) -> tuple[FloatArray, IntArray]:
    """Standardise some columns whose values hardly repeat, in the rows that know half of them."""
    contents = evidence.contents
    usable = contents.continuous & (contents.known > contents.known.max(initial=0) / 2)
    chosen = np.flatnonzero(usable & (contents.spread > 0))
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_COLUMNS))]
    values = (evidence.values[:, chosen] - contents.middle[chosen]) / contents.spread[chosen]
    known = np.isfinite(values)
    kept = (known.sum(axis=1) >= max(LEAST_COLUMNS, len(chosen) / 2)) & ~evidence.design.rows.rest
    values = np.clip(np.where(known, values, 0.0), -3, 3)
    return values[kept], np.flatnonzero(kept)
