"""One model a target: the plain way, with missing ratings left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet
from physio_vad.regressors.estimators import fit_estimators, predict_estimator


class MultiOutput(MultiTargetRegressor):
    """Fit one independent estimator a target.

    Where targets are complete it gives what scikit-learn's ``MultiOutputRegressor`` gives; a row
    with a missing target is left out for that target only.

    Parameters
    ----------
    estimator : str or estimator
        A name ("blend", "lightgbm", "extra_trees", "ridge", "kernel_ridge", "svr",
        "elastic_net") or any scikit-learn regressor.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of the estimators that have none of their own.
    n_jobs : int, optional
        Targets fitted side by side; each with one thread where there are several.

    Attributes
    ----------
    estimators_ : list of estimator
        One fitted estimator a target.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of shape (n_features,)
        Their names, where X was a DataFrame.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(12.0).reshape(-1, 1)
    >>> y = np.column_stack([X[:, 0], np.where(X[:, 0] > 8, np.nan, -X[:, 0])])
    >>> MultiOutput("ridge").fit(X, y).predict([[5.5]]).shape
    (1, 2)
    """

    def __init__(
        self,
        estimator: Any = "blend",
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
        self.estimators_ = fit_estimators(
            self.estimator,
            training.X,
            training.Y,
            self._run,
            sample_weight=training.weight,
            groups=training.groups.subjects,
            random_state=training.seed,
            single_thread=self._single_thread(),
        )

    def _predict(self, X: FloatArray) -> FloatArray:
        return np.column_stack([predict_estimator(one, X) for one in self.estimators_])
