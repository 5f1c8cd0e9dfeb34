"""One estimator that is fitted on all targets at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet
from physio_vad.regressors.estimators import (
    fit_estimator,
    fit_estimator_jointly,
    predict_estimator,
    predict_estimator_jointly,
)
from physio_vad.regressors.moments import target_moments


class JointRegressor(MultiTargetRegressor):
    """Fit a natively multi-target estimator, such as extra trees, on standardised targets.

    Its splits serve all targets together. Where a rating is missing, that of an estimator of the
    same kind stands in, fitted on the rows that have it; no row is lost.

    Parameters
    ----------
    estimator : str or estimator
        Takes a two-dimensional y: "extra_trees", "ridge" or an instance.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of an estimator that has none of its own.
    n_jobs : int, optional
        Fits of the stand-ins side by side.

    Attributes
    ----------
    estimator_ : estimator
        The fitted estimator.
    mean_, scale_ : array of shape (n_targets,)
        Mean and standard deviation of the training targets.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(20.0).reshape(-1, 1)
    >>> y = np.column_stack([X[:, 0], np.where(X[:, 0] > 15, np.nan, -X[:, 0])])
    >>> JointRegressor("ridge").fit(X, y).predict([[5.5]]).shape
    (1, 2)
    """

    def __init__(
        self,
        estimator: Any = "extra_trees",
        *,
        targets: Sequence[str] | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.targets = targets
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, training: TrainingSet) -> None:
        self.mean_, self.scale_ = target_moments(training.Y, training.weight)
        Z = (training.Y - self.mean_) / self.scale_
        partly = [target for target in range(Z.shape[1]) if np.isnan(Z[:, target]).any()]
        stand_ins = self._run(self._stand_in, [(training, Z[:, target]) for target in partly])
        for target, values in zip(partly, stand_ins, strict=True):
            Z[np.isnan(Z[:, target]), target] = values
        self.estimator_ = fit_estimator_jointly(
            self.estimator,
            training.X,
            Z,
            sample_weight=training.weight,
            groups=training.groups.subjects,
            random_state=training.seed,
        )

    def _stand_in(self, training: TrainingSet, z: FloatArray) -> FloatArray:
        fitted = fit_estimator(
            self.estimator,
            training.X,
            z,
            sample_weight=training.weight,
            groups=training.groups.subjects,
            random_state=training.seed,
            single_thread=self._single_thread(),
        )
        return predict_estimator(fitted, training.X[np.isnan(z)])

    def _predict(self, X: FloatArray) -> FloatArray:
        Z = predict_estimator_jointly(self.estimator_, X, len(self.mean_))
        return Z * self.scale_ + self.mean_
