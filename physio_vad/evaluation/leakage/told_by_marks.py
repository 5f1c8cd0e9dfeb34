"""Marks that tell the rating: where a column is missing, or lies above a cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.leakage.association import separation
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.rated import RatedRows

FEW = 10
"""Different values of a column that may be a rating in classes, at most."""

LEAST_SHARE = 0.1
"""Share of the rated rows that a mark and its absence must have each."""

LEAST_CHANGES = 12
"""Times that a mark must come or go from row to row of a person: once is no proof."""

APART = 0.98
"""From here on (``2 AUC - 1``) a mark is made from the rating."""

Marks = Callable[[RatedRows], "tuple[list[int], FloatArray]"]
"""From rated rows to the column of each mark, and the marks (n_marks, n_rated): 1, 0 or NaN."""


def binarised_label(evidence: Evidence) -> Iterator[Finding]:
    """Find a column of few values that cuts a rating in two, or in classes."""
    yield from _findings(
        evidence,
        cuts,
        "binarised_label",
        "column {name!r} cuts the ratings of {target!r} in two: {share:.1%} of the pairs of rows "
        "on both sides of a value of it are in the order of their ratings",
        "The column is the rating in classes, or was made from it.",
        "Drop the column.",
    )


def telling_gaps(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is missing where a rating is high, or low."""
    yield from _findings(
        evidence,
        gaps,
        "telling_gaps",
        "whether column {name!r} is missing tells {target!r}: {share:.1%} of the pairs of a row "
        "with and a row without it are in the order of their ratings",
        "Rows were left out by their rating, and a model that sees gaps learns it from them.",
        "Find out why values are missing; drop the column, or fill it the same way everywhere.",
    )


def cuts(rated: RatedRows) -> tuple[list[int], FloatArray]:
    """Mark the rows above each value of the columns that have few."""
    table = rated.table
    few = rated.usable & (table.contents.distinct <= FEW)
    names: list[int] = []
    marks = [np.empty((0, len(rated.rows)))]
    for numbers, block in table.blocks(few):
        for number, values in zip(numbers, block[:, rated.rows], strict=True):
            levels = np.unique(values[~np.isnan(values)])[:-1, None]
            marks.append(np.where(np.isnan(values), np.nan, values > levels))
            names += [int(number)] * len(levels)
    return names, np.concatenate(marks)


def gaps(rated: RatedRows) -> tuple[list[int], FloatArray]:
    """Mark the rows in which each column with gaps is missing."""
    table = rated.table
    some = table.contents.known < len(table.design.X)
    names: list[int] = []
    marks = [np.empty((0, len(rated.rows)))]
    for numbers, block in table.blocks(some):
        marks.append(np.isnan(block[:, rated.rows]).astype(float))
        names += numbers.tolist()
    return names, np.concatenate(marks)


def _findings(
    evidence: Evidence, make: Marks, check: str, seen: str, meaning: str, remedy: str
) -> Iterator[Finding]:
    for rated in evidence.rated:
        names, marks = _telling(*make(rated), rated.people)
        apart = _apart(marks, rated.rating[None], rated.people)[:, 0]
        if not (apart > APART).any():
            continue
        worst = int(np.argmax(apart))
        if apart[worst] > rated.limit([marks], _apart):
            text = seen.format(
                name=evidence.columns[names[worst]],
                target=rated.target,
                share=(1 + apart[worst]) / 2,
            )
            yield Finding("error", check, text, meaning, remedy)


def _telling(
    names: list[int], marks: FloatArray, people: list[IntArray]
) -> tuple[list[int], FloatArray]:
    """Keep the marks that are neither rare nor almost everywhere, and change often enough."""
    least = LEAST_SHARE * marks.shape[1]
    kept = ((marks == 1).sum(axis=1) >= least) & ((marks == 0).sum(axis=1) >= least)
    changes = np.abs(np.diff(marks, axis=1)) == 1
    changes[:, [rows[-1] for rows in people[:-1]]] = False  # from one person to the next
    kept &= changes.sum(axis=1) >= LEAST_CHANGES
    return [names[number] for number in np.flatnonzero(kept)], marks[kept]


def _apart(marks: FloatArray, ratings: FloatArray, people: list[IntArray]) -> FloatArray:
    """Separate the ratings by marks: over all rows or within people, where it is more."""
    total = np.zeros((len(marks), len(ratings)))
    weight = np.zeros((len(marks), 1))
    for rows in people:
        mine = marks[:, rows]
        n = np.minimum((mine == 1).sum(axis=1), (mine == 0).sum(axis=1))[:, None]
        total += n * separation(mine, ratings[:, rows])
        weight += n
    within = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    return np.maximum(separation(marks, ratings), within)
