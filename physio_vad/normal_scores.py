"""Features on a common scale that outliers do not reach: normal scores of their ranks."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from physio_vad._arrays import FloatArray, IntArray

KNOTS = 101
"""Quantiles of a column between which ranks are interpolated."""

SAME = 1e-9
"""Share of a column's range within which a value is a tied one: last digits may be of chance."""

FEW_ROWS = 20
"""Up to here all columns are mapped at once; `numpy.interp` takes them one after the other."""


class NormalScores:
    """Map each column to normal scores of its ranks, and back [1]_.

    However far a value lies out, it counts no more than the largest one of the training. Missing
    values and columns that were constant or empty in training become 0.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.

    Attributes
    ----------
    quantiles : array of shape (n_knots, n_features)
        Quantiles of each column, evenly spaced in rank.
    scores : array of shape (n_knots,)
        Their normal scores.
    flat : array of bool of shape (n_features,)
        Columns that were constant or empty.

    References
    ----------
    .. [1] Conover (1999). Practical nonparametric statistics, 3rd edition, section 5.10. Wiley.

    Examples
    --------
    >>> import numpy as np
    >>> scores = NormalScores(np.arange(1001.0).reshape(-1, 1))
    >>> scores.transform(np.array([[500.0], [np.nan], [1e9]])).round(2).ravel().tolist()
    [0.0, 0.0, 2.58]
    """

    def __init__(self, X: FloatArray) -> None:
        share = np.linspace(0, 1, KNOTS)
        edge = 0.5 / KNOTS
        self.scores = ndtri(np.clip(share, edge, 1 - edge))
        self.quantiles = quantiles(X, share)
        self.flat = self.quantiles[0] == self.quantiles[-1]
        self._tied = (np.diff(self.quantiles, axis=0) == 0).any(axis=0) & ~self.flat

    def transform(self, X: FloatArray) -> FloatArray:
        """Map rows to scores.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Rows, NaN where missing.

        Returns
        -------
        array of shape (n_rows, n_features)
            Normal scores; ties get the middle of theirs.
        """
        interpolate = _at_once if len(X) <= FEW_ROWS else _one_by_one
        Z = interpolate(X, self.quantiles, self.scores)
        tied = np.flatnonzero(self._tied)
        near = SAME * (self.quantiles[-1] - self.quantiles[0])[tied]
        upper = interpolate(X[:, tied] + near, self.quantiles[:, tied], self.scores)
        lower = interpolate(near - X[:, tied], -self.quantiles[::-1, tied], -self.scores[::-1])
        Z[:, tied] = (upper - lower) / 2
        Z[:, self.flat] = 0.0
        return np.asarray(np.nan_to_num(Z, copy=False))

    def inverse(self, Z: FloatArray, columns: IntArray) -> FloatArray:
        """Map scores of some columns back to values, none beyond those of the training.

        Parameters
        ----------
        Z : array of shape (n_rows, n_columns)
            Scores.
        columns : array of int of shape (n_columns,)
            Places of the columns.

        Returns
        -------
        array of shape (n_rows, n_columns)
            Values.
        """
        X = np.empty_like(Z)
        for place, column in enumerate(columns):
            X[:, place] = np.interp(Z[:, place], self.scores, self.quantiles[:, column])
        return X


def quantiles(X: FloatArray, share: FloatArray) -> FloatArray:
    """Quantiles of each column without its NaN; 0 where it has no value.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Rows, NaN where missing.
    share : array of shape (n_quantiles,)
        From 0 for the least to 1 for the largest value.

    Returns
    -------
    array of shape (n_quantiles, n_features)
        As `numpy.nanquantile`, which takes ten times as long.
    """
    return quantiles_of_sorted(sorted_columns(X), share)


def sorted_columns(X: FloatArray) -> FloatArray:
    """Sort each column, its NaN last; one row a column, shape (n_features, n_rows)."""
    return np.sort(np.ascontiguousarray(X.T), axis=1)


def quantiles_of_sorted(ordered: FloatArray, share: FloatArray) -> FloatArray:
    """Give what `quantiles` does, of what `sorted_columns` gave."""
    last = np.maximum((~np.isnan(ordered)).sum(axis=1) - 1, 0)[:, np.newaxis]
    place = share * last
    below = np.floor(place).astype(int)
    low = np.take_along_axis(ordered, below, axis=1)
    high = np.take_along_axis(ordered, np.minimum(below + 1, last), axis=1)
    return np.asarray(np.nan_to_num(low + (high - low) * (place - below)).T)


def _one_by_one(X: FloatArray, knots: FloatArray, scores: FloatArray) -> FloatArray:
    Z = np.empty_like(X)
    for column in range(X.shape[1]):
        Z[:, column] = np.interp(X[:, column], knots[:, column], scores)
    return Z


def _at_once(X: FloatArray, knots: FloatArray, scores: FloatArray) -> FloatArray:
    """Give what `numpy.interp` gives of each column, in calls whose number does not grow."""
    left = (knots[np.newaxis] <= X[:, np.newaxis]).sum(axis=1) - 1
    place = np.clip(left, 0, len(knots) - 2)
    columns = np.arange(X.shape[1])
    low, high = knots[place, columns], knots[place + 1, columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (scores[place + 1] - scores[place]) / (high - low)
        Z = slope * (X - low) + scores[place]
    Z = np.where(left < 0, scores[0], np.where(left >= len(knots) - 1, scores[-1], Z))
    return np.where(np.isnan(X), np.nan, Z)
