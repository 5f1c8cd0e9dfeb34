"""Metrics of a prediction, and intervals over people: for `evaluate` and for ``scoring=``.

Moments of parts (people, folds) add up to those of any union or resample of the parts, so that a
bootstrap over people needs no second pass over the rows. A metric that is no function of moments
(a rank correlation, a median) is computed from the rows instead: see `by_rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import ArgumentError
from physio_vad.registry import Registry

PartRows: TypeAlias = tuple[FloatArray, FloatArray, FloatArray | None]
Formula: TypeAlias = "Callable[[Moments], FloatArray]"

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
    rows : callable, optional
        Gives truth, prediction and weights (or None) of the rows of each part, one part after the
        other: for metrics that need them.
    """

    n: FloatArray
    truth: FloatArray
    prediction: FloatArray
    truth_var: FloatArray
    prediction_var: FloatArray
    covariance: FloatArray
    absolute_error: FloatArray
    squared_error: FloatArray
    rows: Callable[[], Iterator[PartRows]] | None = None

    @classmethod
    def of(
        cls,
        truth: npt.ArrayLike,
        prediction: npt.ArrayLike,
        parts: IntArray | None = None,
        n_parts: int = 1,
        weight: npt.ArrayLike | None = None,
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
        weight : array of shape (n_rows,), optional
            Weights of the rows; all 1 by default.
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
        w = None if weight is None else np.asarray(weight, dtype=float)[rated]
        n = np.bincount(part, w, minlength=n_parts).astype(float)

        def mean(values: FloatArray) -> FloatArray:
            with np.errstate(invalid="ignore"):
                weighted = values if w is None else values * w
                return np.asarray(np.bincount(part, weighted, minlength=n_parts) / n)

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
            partial(_rows_of_parts, t, p, part, n_parts, w),
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
            partial(_rows_of_resamples, self.rows, counts) if self.rows is not None else None,
        )

    def shares(self) -> FloatArray:
        """Squared deviations from the mean truth in each part that has a truth: what it counts."""
        rated = self.n > 0
        centre = np.average(self.truth[rated], weights=self.n[rated]) if rated.any() else 0.0
        return (self.n * (self.truth_var + (self.truth - centre) ** 2))[rated]

    def left_out(self) -> Moments:
        """Pool all parts, then all without each of those that have a truth."""
        rated = self.n > 0
        counts = np.zeros((1 + rated.sum(), len(rated)))
        counts[:, rated] = 1
        counts[np.arange(1, len(counts)), np.flatnonzero(rated)] = 0
        return self.pool(counts)

    def _about_centre(self, means: FloatArray) -> FloatArray:
        rated = self.n > 0
        return means - means[rated].mean() if rated.any() else means


def _rows_of_parts(
    t: FloatArray, p: FloatArray, part: IntArray, n_parts: int, w: FloatArray | None
) -> Iterator[PartRows]:
    order = np.argsort(part, kind="stable")
    bounds = np.searchsorted(part[order], np.arange(n_parts + 1))
    for first, last in pairwise(bounds):
        rows = order[first:last]
        yield t[rows], p[rows], None if w is None else w[rows]


def _rows_of_resamples(
    rows: Callable[[], Iterator[PartRows]], counts: FloatArray
) -> Iterator[PartRows]:
    parts = list(rows())
    sizes = np.array([len(truth) for truth, _, _ in parts])
    truth, prediction = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    weights = [part[2] for part in parts if part[2] is not None]
    weight = np.concatenate(weights) if len(weights) == len(parts) else None
    for one in counts:
        taken = np.repeat(np.arange(len(truth)), np.repeat(one.astype(int), sizes))
        yield truth[taken], prediction[taken], None if weight is None else weight[taken]


def by_rows(function: Callable[[FloatArray, FloatArray, FloatArray | None], float]) -> Formula:
    """Make a metric's formula of a function of rows, such as a rank correlation.

    A resample of people costs one call each, where a function of moments costs nothing.

    Parameters
    ----------
    function : callable
        Takes truth, prediction and weights (or None), each of shape (n_rows,) without missing
        values; returns a float.

    Returns
    -------
    callable
        The ``formula`` of a `Metric`; NaN where a part has no rows.

    Examples
    --------
    >>> import numpy as np
    >>> median = by_rows(lambda truth, prediction, weight: np.median(np.abs(prediction - truth)))
    >>> Metric("median_ae", "median absolute error", median)([1.0, 2.0, 3.0], [1.0, 2.5, 9.0])
    0.5
    """
    return partial(_each_part, function)


def _each_part(function: Callable[..., float], moments: Moments) -> FloatArray:
    if moments.rows is None:
        raise ArgumentError("this metric needs rows: make the moments with Moments.of")
    return np.array([function(*rows) if len(rows[0]) else np.nan for rows in moments.rows()])


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
        From `Moments` to an array of values; `by_rows` makes one of a function of rows.
    greater_is_better : bool
        Whether a larger value is a better one.
    link : str
        Scale on which intervals are computed: a name in `physio_vad.intervals.LINKS`.
    label : str
        How tables and pictures write it, if not by its name.
    unitless : bool
        Whether it is comparable between targets on other scales.

    Examples
    --------
    >>> METRICS["rmse"]([1.0, 2.0, float("nan")], [1.0, 4.0, 9.0])
    1.4142135623730951
    """

    name: str
    text: str
    formula: Formula
    greater_is_better: bool = False
    link: str = "none"
    label: str = ""
    unitless: bool = False

    @property
    def shown(self) -> str:
        """How tables and pictures write it."""
        return self.label or self.name

    def __call__(
        self,
        truth: npt.ArrayLike,
        prediction: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
    ) -> float | FloatArray:
        """Score rows whose truth is known.

        Parameters
        ----------
        truth, prediction : array of shape (n_rows,) or (n_rows, n_targets)
            Truth may be NaN.
        weight : array of shape (n_rows,), optional
            Weights of the rows.

        Returns
        -------
        float or array of shape (n_targets,)
            NaN without any truth.
        """
        t, p = np.asarray(truth, dtype=float), np.asarray(prediction, dtype=float)
        if t.ndim == 2 and t.shape == p.shape:
            columns = zip(t.T, p.T, strict=True)
            return np.array([self(*column, weight) for column in columns], dtype=float)
        return float(self.formula(Moments.of(t, p, weight=weight))[0])

    def score(self, truth: npt.ArrayLike, prediction: npt.ArrayLike, weight: Any = None) -> float:
        """Score so that greater is better, averaged over the targets that have a score.

        Parameters
        ----------
        truth, prediction : array of shape (n_rows, n_targets)
            Truth may be NaN.
        weight : array of shape (n_rows,), optional
            Weights of the rows.

        Returns
        -------
        float
            Errors have their sign turned; NaN if no target has a score.
        """
        values = np.asarray(self(truth, prediction, weight), dtype=float)
        known = values[~np.isnan(values)]
        sign = 1.0 if self.greater_is_better else -1.0
        return sign * float(known.mean()) if known.size else float("nan")


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


METRICS: Registry[Metric] = Registry(
    "metric",
    __name__,
    {
        metric.name: metric
        for metric in (
            Metric(
                "rmse",
                "root mean squared error, in the unit of the ratings",
                lambda m: np.sqrt(m.squared_error),
                link="log",
                label="RMSE",
            ),
            Metric(
                "mae",
                "mean absolute error, in the unit of the ratings",
                lambda m: m.absolute_error,
                link="log",
                label="MAE",
            ),
            Metric("mse", "mean squared error", lambda m: m.squared_error, link="log", label="MSE"),
            Metric(
                "r",
                "Pearson correlation; 0 for a constant prediction, NaN where the truth is constant",
                _pearson,
                greater_is_better=True,
                link="Fisher z",
                unitless=True,
            ),
            Metric(
                "ccc",
                "concordance correlation, 2 r sx sy / (sx^2 + sy^2 + (mx - my)^2); 0 for a "
                "constant (Lin 1989, doi:10.2307/2532051)",
                _concordance,
                greater_is_better=True,
                link="Fisher z",
                unitless=True,
                label="CCC",
            ),
            Metric(
                "r2",
                "share of the truth's variance explained, about the mean of the rows scored",
                _determination,
                greater_is_better=True,
                link="log of the rest",
                unitless=True,
                label="R²",
            ),
        )
    },
)
"""The metrics by name. A new one is one line."""
