"""Values without the digits that rounding decides.

The same recording gives the same features to about twelve digits, not to the last: a stream adds in
another order than the batch does. Where values repeat, as those of a coarse sensor do, the last
digits make one value many, and a tree may put its threshold between two of them.
"""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.normal_scores import quantiles_of_sorted, sorted_columns

KEPT = 2.0**-30
"""Step between values as a share of what the middle nine tenths of a column span, some 1e-9."""

EXACT = 2.0**-42
"""The least step as a share of the largest value: finer digits of a large number are of chance."""


class LastDigits:
    """Put columns with such values on a raster, so fine that nothing but chance is lost.

    Those are columns in which two values of the training differ by less than a step.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.

    Examples
    --------
    >>> digits = LastDigits(np.array([[0.1], [0.1 + 1e-15], [0.7], [30.0]]))
    >>> np.unique(digits.cut(np.array([[0.1], [0.1 - 1e-15], [0.7]]))).size
    2
    """

    def __init__(self, X: FloatArray) -> None:
        ordered = sorted_columns(X)
        low, q05, q95, high = quantiles_of_sorted(ordered, np.array([0.0, 0.05, 0.95, 1.0]))
        with np.errstate(over="ignore"):  # of values near the largest number there is
            spread = np.where(q95 > q05, q95 - q05, high - low)
        step = np.maximum(KEPT * spread, EXACT * np.maximum(np.abs(low), np.abs(high)))
        usable = (step > np.finfo(np.float64).tiny) & np.isfinite(step)
        self.steps = 2.0 ** np.floor(np.log2(np.where(usable, step, 1.0)))
        self.steps[~usable] = 0.0
        coarse = _on_raster(ordered, self.steps[:, np.newaxis])  # stays in order
        self.steps[_n_distinct(coarse) == _n_distinct(ordered)] = 0.0

    def cut(self, X: FloatArray) -> FloatArray:
        """Put rows on the raster.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Rows, NaN where missing.

        Returns
        -------
        array of shape (n_rows, n_features)
            Rows; values so large that no finer digit is there stay as they are. X itself where
            no column has a raster.
        """
        return _on_raster(X, self.steps) if self.steps.any() else X


def _on_raster(X: FloatArray, steps: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        whole = np.rint(X / steps)
        return np.where(np.abs(whole) < 2.0**52, whole * steps, X)


def _n_distinct(ordered: FloatArray) -> IntArray:
    return np.asarray((np.diff(ordered, axis=1) > 0).sum(axis=1))
