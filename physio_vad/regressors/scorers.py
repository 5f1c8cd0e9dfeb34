"""Scores that leave missing ratings out, for models, `cross_validate` and grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.metrics import METRICS
from physio_vad.validation import check_targets


@dataclass(frozen=True)
class MaskedScorer:
    """Score a model on the ratings that are there: for ``scoring=`` of scikit-learn.

    Scikit-learn's own scorers fail on missing targets, and a grid goes on with NaN. Columns of y
    that the model does not predict are left out.

    Parameters
    ----------
    metric : str
        A name in `physio_vad.metrics.METRICS`. Greater is better in a score, so errors ("rmse",
        "mae", "mse") have their sign turned.
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
        METRICS.find(self.metric)

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
        return METRICS[self.metric].score(Y, predictions, sample_weight)


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
        Mean over the targets whose known truth is not constant; NaN if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> masked_r2(np.array([[1.0], [2.0], [np.nan]]), np.array([[1.0], [2.0], [9.0]]))
    1.0
    """
    return METRICS["r2"].score(Y, predictions, sample_weight)


def _names(estimator: Any) -> list[str] | None:
    """Find the target names of a model, also behind a pipeline or a search."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return getattr(estimator, "target_names_", None)
