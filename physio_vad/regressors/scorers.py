"""Scores that leave missing ratings out, for models, `cross_validate` and grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.pipeline import Pipeline

from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.targets import check_targets
from physio_vad.units import FloatArray

Metric = Callable[[FloatArray, FloatArray, Any], float]


def _rmse(truth: FloatArray, guess: FloatArray, weight: Any) -> float:
    return -float(np.sqrt(mean_squared_error(truth, guess, sample_weight=weight)))


def _mae(truth: FloatArray, guess: FloatArray, weight: Any) -> float:
    return -float(mean_absolute_error(truth, guess, sample_weight=weight))


def _r2(truth: FloatArray, guess: FloatArray, weight: Any) -> float:
    return float(r2_score(truth, guess, sample_weight=weight)) if len(truth) > 1 else np.nan


def _agreement(truth: FloatArray, guess: FloatArray, weight: Any) -> tuple[float, float, float]:
    """Covariance, variances added, and squared distance of the means."""
    mean, centre = np.average(truth, weights=weight), np.average(guess, weights=weight)
    covariance = np.average((truth - mean) * (guess - centre), weights=weight)
    spread = np.average((truth - mean) ** 2 + (guess - centre) ** 2, weights=weight)
    return float(covariance), float(spread), float((mean - centre) ** 2)


def _ccc(truth: FloatArray, guess: FloatArray, weight: Any) -> float:
    covariance, spread, distance = _agreement(truth, guess, weight)
    return 2 * covariance / (spread + distance) if spread > 0 else 0.0


METRICS: dict[str, Metric] = {"r2": _r2, "neg_rmse": _rmse, "neg_mae": _mae, "ccc": _ccc}
"""Scores by name; greater is better in each."""


@dataclass(frozen=True)
class MaskedScorer:
    """Score a model on the ratings that are there: for ``scoring=`` of scikit-learn.

    Scikit-learn's own scorers fail on missing targets, and a grid goes on with NaN. Columns of y
    that the model does not predict are left out.

    Parameters
    ----------
    metric : {"r2", "neg_rmse", "neg_mae", "ccc"}
        Score; greater is better. "ccc" is Lin's concordance (1989),
        https://doi.org/10.2307/2532051.
    target : str, optional
        The target that is scored; by default the mean over those with a rating.

    Raises
    ------
    ArgumentError
        If the metric or the target is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad.regressors import MultiOutput
    >>> X = np.arange(12.0).reshape(-1, 1)
    >>> y = np.column_stack([X[:, 0], np.where(X[:, 0] > 8, np.nan, -X[:, 0])])
    >>> round(MaskedScorer("r2")(MultiOutput("ridge").fit(X, y), X, y), 2)
    0.99
    """

    metric: str = "r2"
    target: str | None = None

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise ArgumentError(unknown_name("metric", self.metric, METRICS))

    def __call__(self, estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            A fitted model of this package, or a pipeline or search that ends in one.
        X : DataFrame or array of shape (n_rows, n_features)
            Features.
        y : DataFrame, Series or array of shape (n_rows,) or (n_rows, n_targets)
            Truth, NaN where missing.
        sample_weight : array of shape (n_rows,), optional
            Weights.

        Returns
        -------
        float
            The score, NaN where nothing is rated.
        """
        names = _names(estimator)
        by_name = isinstance(y, pd.DataFrame) and names is not None
        Y, found = check_targets(y, names if by_name else None, allow_empty=True)
        predictions = np.asarray(estimator.predict(X), dtype=float).reshape(len(Y), -1)
        names = found if names is None or len(names) != len(found) else names
        if self.target is not None:
            if self.target not in names:
                raise ArgumentError(unknown_name("target", self.target, names))
            column = names.index(self.target)
            Y, predictions = Y[:, [column]], predictions[:, [column]]
        return masked_score(METRICS[self.metric], Y, predictions, sample_weight)


def masked_score(
    metric: Metric, Y: FloatArray, predictions: FloatArray, sample_weight: Any = None
) -> float:
    """Average a score over the targets, each on the rows where the truth is known.

    Parameters
    ----------
    metric : callable
        Takes truth, prediction and weights (or None), all of shape (n_known,).
    Y : array of shape (n_rows, n_targets)
        Truth, NaN where missing.
    predictions : array of shape (n_rows, n_targets)
        Predictions.
    sample_weight : array of shape (n_rows,), optional
        Weights.

    Returns
    -------
    float
        Mean over the targets that have a score; NaN if none has.
    """
    values = []
    for truth, guess in zip(Y.T, predictions.T, strict=True):
        known = ~np.isnan(truth)
        if known.any():
            weight = None if sample_weight is None else np.asarray(sample_weight)[known]
            values.append(metric(truth[known], guess[known], weight))
    scores = [value for value in values if not np.isnan(value)]
    return float(np.mean(scores)) if scores else float("nan")


def masked_r2(Y: FloatArray, predictions: FloatArray, sample_weight: Any = None) -> float:
    """Return R2, averaged over the targets, of the rows where the truth is known.

    Parameters
    ----------
    Y : array of shape (n_rows, n_targets)
        Truth, NaN where missing.
    predictions : array of shape (n_rows, n_targets)
        Predictions.
    sample_weight : array of shape (n_rows,), optional
        Weights.

    Returns
    -------
    float
        Mean over the targets with at least two known rows; NaN if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> masked_r2(np.array([[1.0], [2.0], [np.nan]]), np.array([[1.0], [2.0], [9.0]]))
    1.0
    """
    return masked_score(_r2, Y, predictions, sample_weight)


def _names(estimator: Any) -> list[str] | None:
    """Find the target names of a model, also behind a pipeline or a search."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return getattr(estimator, "target_names_", None)
