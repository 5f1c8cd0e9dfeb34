"""Metrics of a prediction, all from the same moments.

Moments of parts (people, folds) add up to those of any union or resample of the parts, so that a
bootstrap over people needs no second pass over the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from physio_vad.evaluation.rows import IntArray
from physio_vad.exceptions import ArgumentError
from physio_vad.units import FloatArray

CONSTANT = 1e-24
"""A variance below this share of the squared mean is rounding: the values are constant."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, means and second moments of truth and prediction in each of some parts.

    Parameters
    ----------
    n : array of shape (n_parts,)
        Rows with a truth (or their weight in a resample).
    truth, prediction : array of shape (n_parts,)
        Means.
    truth_var, prediction_var, covariance : array of shape (n_parts,)
        Second moments about the means, divided by n.
    absolute_error, squared_error : array of shape (n_parts,)
        Means of ``|prediction - truth|`` and of its square.
    """

    n: FloatArray
    truth: FloatArray
    prediction: FloatArray
    truth_var: FloatArray
    prediction_var: FloatArray
    covariance: FloatArray
    absolute_error: FloatArray
    squared_error: FloatArray

    @classmethod
    def of(
        cls,
        truth: npt.ArrayLike,
        prediction: npt.ArrayLike,
        parts: IntArray | None = None,
        n_parts: int = 1,
    ) -> Moments:
        """Compute the moments of each part; rows without truth are left out.

        Parameters
        ----------
        truth, prediction : array of shape (n_rows,)
            Truth may be NaN.
        parts : array of shape (n_rows,), optional
            Number of each row's part, from 0; all rows are one part by default.
        n_parts : int
            How many parts there are.
        """
        t, p = np.asarray(truth, dtype=float), np.asarray(prediction, dtype=float)
        if t.ndim != 1 or t.shape != p.shape:
            raise ArgumentError(
                "truth and prediction must have the same shape (n_rows,), got "
                f"{t.shape} and {p.shape}"
            )
        rated = ~np.isnan(t)
        t, p = t[rated], p[rated]
        part = np.zeros(len(t), dtype=np.intp) if parts is None else parts[rated]
        n = np.bincount(part, minlength=n_parts).astype(float)

        def mean(values: FloatArray) -> FloatArray:
            with np.errstate(invalid="ignore"):
                return np.asarray(np.bincount(part, values, minlength=n_parts) / n)

        truth_mean, prediction_mean = mean(t), mean(p)
        dt, dp = t - truth_mean[part], p - prediction_mean[part]
        error = p - t
        return cls(
            n,
            truth_mean,
            prediction_mean,
            mean(dt * dt),
            mean(dp * dp),
            mean(dt * dp),
            mean(np.abs(error)),
            mean(error * error),
        )

    def pool(self, counts: npt.ArrayLike | None = None) -> Moments:
        """Put parts together.

        Parameters
        ----------
        counts : array of shape (n_resamples, n_parts), optional
            How often each part is taken in each resample; every part once by default.

        Returns
        -------
        Moments
            One part for each resample.
        """
        counts = np.ones((1, len(self.n))) if counts is None else np.asarray(counts, dtype=float)
        weights = counts * self.n
        n = weights.sum(axis=1)

        def mean(values: FloatArray) -> FloatArray:
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(weights @ np.where(self.n > 0, values, 0.0) / n)

        truth, prediction = mean(self.truth), mean(self.prediction)
        # Means of parts are centred before they are squared, which keeps small variances exact.
        dt, dp = self._about_centre(self.truth), self._about_centre(self.prediction)
        mt, mp = mean(dt), mean(dp)
        return Moments(
            n,
            truth,
            prediction,
            np.maximum(mean(self.truth_var + dt * dt) - mt * mt, 0.0),
            np.maximum(mean(self.prediction_var + dp * dp) - mp * mp, 0.0),
            mean(self.covariance + dt * dp) - mt * mp,
            mean(self.absolute_error),
            mean(self.squared_error),
        )

    def _about_centre(self, means: FloatArray) -> FloatArray:
        rated = self.n > 0
        return means - means[rated].mean() if rated.any() else means


@dataclass(frozen=True)
class Metric:
    """A metric: call it with truth and prediction.

    Parameters
    ----------
    name : str
        Name in the registry.
    text : str
        What the number means.
    formula : callable
        From `Moments` to an array of values.
    greater_is_better : bool
        Whether a larger value is a better one.

    Examples
    --------
    >>> METRICS["rmse"]([1.0, 2.0, float("nan")], [1.0, 4.0, 9.0])
    1.4142135623730951
    """

    name: str
    text: str
    formula: Callable[[Moments], FloatArray]
    greater_is_better: bool = False

    def __call__(self, truth: npt.ArrayLike, prediction: npt.ArrayLike) -> float | FloatArray:
        """Score rows whose truth is known.

        Parameters
        ----------
        truth, prediction : array of shape (n_rows,) or (n_rows, n_targets)
            Truth may be NaN.

        Returns
        -------
        float or array of shape (n_targets,)
            NaN without any truth.
        """
        t, p = np.asarray(truth, dtype=float), np.asarray(prediction, dtype=float)
        if t.ndim == 2 and t.shape == p.shape:
            return np.array([self(*column) for column in zip(t.T, p.T, strict=True)], dtype=float)
        return float(self.formula(Moments.of(t, p))[0])


def _constant(variance: FloatArray, mean: FloatArray) -> npt.NDArray[np.bool_]:
    return np.asarray(variance <= CONSTANT * mean * mean)


def _pearson(m: Moments) -> FloatArray:
    spread = np.sqrt(m.truth_var * m.prediction_var)
    flat_truth = _constant(m.truth_var, m.truth)
    flat = _constant(m.prediction_var, m.prediction)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(flat, 0.0, np.clip(m.covariance / spread, -1.0, 1.0))
    return np.where(flat_truth | (m.n == 0), np.nan, r)


def _concordance(m: Moments) -> FloatArray:
    flat = _constant(m.prediction_var, m.prediction) | _constant(m.truth_var, m.truth)
    distance = m.truth_var + m.prediction_var + (m.truth - m.prediction) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        ccc = np.where(flat, 0.0, 2 * m.covariance / distance)
    return np.where(m.n == 0, np.nan, ccc)


def _determination(m: Moments) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = 1.0 - m.squared_error / m.truth_var
    return np.where(_constant(m.truth_var, m.truth), np.nan, r2)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "rmse",
            "root mean squared error, in the unit of the ratings",
            lambda m: np.sqrt(m.squared_error),
        ),
        Metric(
            "mae", "mean absolute error, in the unit of the ratings", lambda m: m.absolute_error
        ),
        Metric("mse", "mean squared error", lambda m: m.squared_error),
        Metric(
            "r",
            "Pearson correlation; 0 for a constant prediction, NaN where the truth is constant",
            _pearson,
            greater_is_better=True,
        ),
        Metric(
            "ccc",
            "concordance correlation, 2 r sx sy / (sx^2 + sy^2 + (mx - my)^2); 0 for a constant "
            "(Lin 1989, doi:10.2307/2532051)",
            _concordance,
            greater_is_better=True,
        ),
        Metric(
            "r2",
            "share of the truth's variance explained, about the mean of the rows scored",
            _determination,
            greater_is_better=True,
        ),
    )
}
"""The metrics by name."""
