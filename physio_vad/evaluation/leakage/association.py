"""How closely columns follow ratings: for all rows, by rank, and within people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats

from physio_vad._arrays import BoolArray, FloatArray, IntArray


def correlations(values: FloatArray, ratings: FloatArray) -> FloatArray:
    """Correlate columns with ratings over the rows where a column is known.

    Parameters
    ----------
    values : array of shape (n_columns, n_rows)
        NaN where unknown.
    ratings : array of shape (n_ratings, n_rows)
        Known throughout.

    Returns
    -------
    array of shape (n_columns, n_ratings)
        Pearson correlation, 0 for what is constant.
    """
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    x = np.where(known, values, 0.0)
    x = np.where(known, x - x.sum(axis=1, keepdims=True) / n, 0.0)
    y = ratings - ratings.mean(axis=1, keepdims=True)
    there = known.astype(float)
    sum_y, yy = there @ y.T, there @ (y * y).T
    spread_x, spread_y = (x * x).sum(axis=1, keepdims=True), yy - sum_y**2 / n
    size = np.where(known, np.abs(values), 0.0).max(axis=1, keepdims=True, initial=0.0)
    varies = (spread_x > n * (1e-12 * size) ** 2) & (spread_y > 1e-12 * yy)
    spread = np.sqrt(np.where(varies, spread_x * spread_y, 1.0))
    return np.where(varies, np.clip(x @ y.T / spread, -1.0, 1.0), 0.0)


def ranks(values: FloatArray) -> FloatArray:
    """Rank the known values of each row, shape (n, n_rows); ties share their mean rank."""
    known = ~np.isnan(values)
    return np.where(known, stats.rankdata(np.where(known, values, np.inf), axis=-1), np.nan)


def mean_correlation(
    values: FloatArray, ratings: FloatArray, people: Sequence[IntArray]
) -> FloatArray:
    """Average the size of the correlation within people over them.

    Parameters
    ----------
    values : array of shape (n_columns, n_rows)
        NaN where unknown.
    ratings : array of shape (n_ratings, n_rows)
        Known throughout.
    people : sequence of array of int
        Row numbers of each person.

    Returns
    -------
    array of shape (n_columns, n_ratings)
        Weighted by rows; people with fewer than three known rows or a constant rating are left out.
    """
    total = np.zeros((len(values), len(ratings)))
    weight = total.copy()
    for rows in people:
        x, y = values[:, rows], ratings[:, rows]
        n = np.count_nonzero(~np.isnan(x), axis=1)[:, None] * (np.ptp(y, axis=1) > 0)
        n[n < 3] = 0
        total += n * np.abs(correlations(x, y))
        weight += n
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)


def separation(marks: FloatArray, ratings: FloatArray) -> FloatArray:
    """Tell how far marked rows and the others are apart in their ratings.

    Parameters
    ----------
    marks : array of shape (n_marks, n_rows)
        1 for the marked rows, 0 for the others, NaN where unknown.
    ratings : array of shape (n_ratings, n_rows)
        Known throughout.

    Returns
    -------
    array of shape (n_marks, n_ratings)
        ``|2 AUC - 1|`` over the rows where a mark is known: 1 where every marked row is rated
        higher than every other, or lower.
    """
    apart = np.zeros((len(marks), len(ratings)))
    for unknown, some in _by_gaps(marks):
        ranked, mine = ranks(ratings[:, ~unknown]), marks[np.ix_(some, ~unknown)]
        m, n = (np.maximum(side.sum(axis=1, keepdims=True), 1) for side in (mine, 1 - mine))
        apart[some] = np.abs(mine @ ranked.T / m - (1 - mine) @ ranked.T / n) * 2
        apart[some] /= max(1, mine.shape[1])
    return apart


def _by_gaps(marks: FloatArray) -> Iterator[tuple[BoolArray, IntArray]]:
    """Give marks that are unknown in the same rows together: these rows, and their numbers."""
    groups: dict[bytes, list[int]] = {}
    for number, gaps in enumerate(np.isnan(marks)):
        groups.setdefault(gaps.tobytes(), []).append(number)
    for numbers in groups.values():
        yield np.isnan(marks[numbers[0]]), np.array(numbers)
