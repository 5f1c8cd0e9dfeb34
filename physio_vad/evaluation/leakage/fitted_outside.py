"""Columns that a scaler or imputer has seen before the split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.evaluation.leakage.columns import LEAST, count_distinct, quantile
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

LEAST_OF_PERSON = 5
"""Different values that a person must have."""

STANDARD, ROBUST, RANGE, FILLED = TRACES = (
    "mean 0 and SD 1",
    "median 0 and quartiles 1 apart",
    "minimum 0 and maximum 1",
    "gaps filled with the mean of all",
)


def fitted_outside(evidence: Evidence) -> Iterator[Finding]:
    """Find columns whose statistics over all people are exact: a transformer saw the test side."""
    if not evidence.columns:
        return
    everyone, rated = _traces_of_all(evidence)
    within = _within_people(evidence)
    for trace in TRACES:
        marks = (everyone[trace] | rated[trace]) & ~within
        if trace == RANGE and marks.sum() <= max(2, len(marks) / 2):
            continue  # a share may well reach 0 and 1 in one column
        if marks.any():
            yield Finding(
                "error",
                "fitted_outside",
                f"{marks.sum()} of {len(marks)} columns have {trace} over all people, first "
                f"{evidence.columns[int(np.argmax(marks))]!r}",
                "A scaler or imputer was fitted on training and test people together.",
                "Give the table as it was extracted; put scaling and imputing into the pipeline.",
            )
    if within.any():
        yield Finding(
            "warning",
            "fitted_outside",
            f"{within.sum()} of {len(within)} columns are standardised by subject",
            "That needs a person's whole session before the first prediction.",
            'Say so, or use normalise="baseline" in the pipeline: it needs the rest period only.',
        )


def _traces_of_all(evidence: Evidence) -> tuple[dict[str, BoolArray], dict[str, BoolArray]]:
    """Look for traces in all rows, and in the rated ones: others may have been added later."""
    rated = evidence.design.y.notna().any(axis=1).to_numpy()
    found: list[dict[str, BoolArray]] = []
    for rows in (slice(None), rated):
        marks = {trace: np.zeros(len(evidence.columns), dtype=bool) for trace in TRACES}
        for numbers, block in evidence.blocks(evidence.contents.varies):
            for trace, columns in traces(np.sort(block[:, rows], axis=1)).items():
                marks[trace][numbers] = columns
        found.append(marks)
    return found[0], found[1]


def _within_people(evidence: Evidence) -> BoolArray:
    """Mark the columns that show the same trace in everybody in whom they vary."""
    marks = np.zeros(len(evidence.columns), dtype=bool)
    for numbers, block in evidence.blocks(evidence.contents.varies):
        shown = {trace: np.ones(len(numbers), dtype=bool) for trace in (STANDARD, ROBUST, RANGE)}
        people = np.zeros(len(numbers), dtype=np.intp)
        for rows in evidence.people:
            values = np.sort(block[:, rows], axis=1)
            varies = count_distinct(values) >= LEAST_OF_PERSON
            found = traces(values, LEAST_OF_PERSON)
            people += varies
            shown = {name: kept & (found[name] | ~varies) for name, kept in shown.items()}
            if not any(kept.any() for kept in shown.values()):
                break
        marks[numbers] = np.logical_or.reduce(list(shown.values())) & (people > 1)
    return marks


def traces(values: FloatArray, least: int = LEAST) -> dict[str, BoolArray]:
    """Mark the columns that show what a scaler or imputer leaves behind.

    Parameters
    ----------
    values : array of shape (n_columns, n_rows)
        Sorted along the rows, NaN last.
    least : int
        Different values that a column must have. Few values have a round mean or median by
        chance; where quartiles are looked at, half of the values must differ.

    Returns
    -------
    dict of str to array of shape (n_columns,)
        By trace.
    """
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    some = np.maximum(n, 1)
    filled = np.where(known, values, 0.0)
    mean = filled.sum(axis=1) / some
    squares = np.where(known, (filled - mean[:, None]) ** 2, 0.0).sum(axis=1)
    distinct = count_distinct(values)
    low, first, middle, third, high = (quantile(values, at) for at in (0, 0.25, 0.5, 0.75, 1))
    enough, measured = distinct >= least, distinct > n / 2
    spread = [np.sqrt(squares / some), np.sqrt(squares / np.maximum(some - 1, 1))]
    return {
        STANDARD: enough & _is(mean, 0) & (_is(spread[0], 1) | _is(spread[1], 1)),
        ROBUST: enough & measured & _is(middle, 0) & _is(third - first, 1),
        RANGE: enough & measured & _is(low, 0) & _is(high, 1),
        FILLED: np.array([_filled(row[:k]) for row, k in zip(values, n, strict=True)], dtype=bool),
    }


def _filled(values: FloatArray) -> bool:
    """Tell whether one value repeats that is the mean of all the others, which hardly repeat."""
    if len(values) <= 10:
        return False
    bounds = np.flatnonzero(np.diff(values, prepend=np.nan, append=np.nan) != 0)
    counts = np.diff(bounds)
    most = int(np.argmax(counts))
    if counts[most] <= 2 or len(counts) - 1 <= max(10, (len(values) - counts[most]) / 2):
        return False
    others = np.delete(values, slice(bounds[most], bounds[most + 1]))
    return bool(abs(values[bounds[most]] - others.mean()) <= 1e-9 * others.std())


def _is(values: FloatArray, number: float) -> BoolArray:
    return np.asarray(np.abs(values - number) < 1e-7)
