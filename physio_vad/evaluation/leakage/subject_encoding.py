"""A column that hardly changes within people and follows their mean rating."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.leakage.association import correlations, ranks
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

LEAST_PEOPLE = 6
"""People with fewer of whom nothing is said."""

LEAST_R = 0.9
"""Correlation over people, by value and by rank, from which a column encodes them."""


def subject_encoding(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that hardly changes within people and follows their mean rating."""
    steady, level = _steady(evidence)
    for rated in evidence.rated:
        people = evidence.design.rows.subject_codes[rated.rows[[mine[0] for mine in rated.people]]]
        mean = np.array([rated.rating[mine].mean() for mine in rated.people])[None]
        values = level[:, people]
        n = np.count_nonzero(~np.isnan(values), axis=1)
        r = correlations(values, mean)[:, 0]
        size = np.minimum(np.abs(r), np.abs(correlations(ranks(values), ranks(mean))[:, 0]))
        tests = max(1, len(steady)) * len(evidence.rated)
        sure = _p_value(r, n) * tests < 0.001
        found = np.flatnonzero((n >= LEAST_PEOPLE) & (size > LEAST_R) & sure)
        if len(found):
            worst = found[np.argmax(size[found])]
            yield Finding(
                "error",
                "subject_encoding",
                f"column {evidence.columns[steady[worst]]!r} is almost constant within each person "
                f"and follows the mean {rated.target!r} of each (r = {r[worst]:.3f} over "
                f"{n[worst]} people)",
                "It encodes the subject by the ratings, those of test people too.",
                "Drop the column, or encode inside the pipeline.",
            )


def _steady(evidence: Evidence) -> tuple[IntArray, FloatArray]:
    """Give the columns that hardly change within people, and their means (n_steady, n_people)."""
    numbers, levels = [np.empty(0, dtype=np.intp)], [np.empty((0, len(evidence.people)))]
    for some, block in evidence.blocks(evidence.contents.varies):
        parts = [_mean_and_variance(block[:, rows]) for rows in evidence.people]
        mean, variance = (np.stack([part[i] for part in parts], axis=1) for i in (0, 1))
        _, between = _mean_and_variance(mean)
        within, _ = _mean_and_variance(variance)
        steady = within <= 0.05 * between
        numbers.append(some[steady])
        levels.append(mean[steady])
    return np.concatenate(numbers), np.concatenate(levels)


def _mean_and_variance(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of the known values of each row; NaN without any."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=1) / n
        squares = np.where(known, values - mean[:, None], 0.0) ** 2
        return mean, squares.sum(axis=1) / n


def _p_value(r: FloatArray, n: IntArray) -> FloatArray:
    """Chance of Pearson correlations (t test)."""
    free = np.maximum(n - 2, 1)
    t = np.abs(r) * np.sqrt(free / np.maximum(1 - r * r, 1e-15))
    return np.asarray(2 * stats.t.sf(t, free))
