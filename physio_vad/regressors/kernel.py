"""Kernel ridge regression that bears large tables and takes weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import solve
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.one_thread import one_thread

CHUNK = 4096
"""Rows whose kernel values are in memory at a time."""


class KernelRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression with a Gaussian kernel on standardised features.

    The target is centred and brought to standard deviation 1 inside, so that `alpha` means the
    same on every scale. Above ``2 * n_landmarks`` rows the function is spanned by the kernels of
    `n_landmarks` rows drawn at random (subset of regressors [1]_): time and memory then grow with
    the rows, not with their square.

    Parameters
    ----------
    alpha : float
        Strength of the ridge penalty.
    width : float
        ``gamma * n_features``: the kernel is ``exp(-width * d**2)``, d**2 the mean squared
        distance over the features.
    n_landmarks : int
        Rows that span the function in a large table.
    random_state : int, optional
        Seed of the landmarks.

    Attributes
    ----------
    landmarks_ : array of shape (n_landmarks, n_features)
        Rows whose kernels are added up.
    coef_ : array of shape (n_landmarks,)
        Their weights.
    mean_, scale_ : float
        Mean and standard deviation of the training target.

    References
    ----------
    .. [1] Quinonero-Candela & Rasmussen (2005). A unifying view of sparse approximate Gaussian
       process regression. Journal of Machine Learning Research 6, 1939-1959.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-2, 2, 50).reshape(-1, 1)
    >>> KernelRegressor(alpha=1e-3).fit(X, X[:, 0] ** 2).predict([[1.5]]).round(1).tolist()
    [2.3]
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        width: float = 0.3,
        n_landmarks: int = 500,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.width = width
        self.n_landmarks = n_landmarks
        self.random_state = random_state

    @one_thread()
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KernelRegressor:
        """Fit the weights of the kernels.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Standardised features.
        y : array of shape (n_rows,)
            Target.
        sample_weight : array of shape (n_rows,), optional
            Weights of the rows, 0 leaves a row out.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        weight = np.ones(len(y))
        if sample_weight is not None:
            weight = np.asarray(sample_weight, dtype=np.float64)
            if weight.shape != y.shape or not (weight > 0).any():
                raise ArgumentError(
                    f"sample_weight must have the shape {y.shape} and not be zero in every row, "
                    f"got the shape {weight.shape}"
                )
        X, y, weight = X[weight > 0], np.asarray(y, dtype=float)[weight > 0], weight[weight > 0]
        self.mean_ = float(np.average(y, weights=weight))
        spread = float(np.sqrt(np.average((y - self.mean_) ** 2, weights=weight)))
        self.scale_ = spread if spread > 1e-12 * abs(self.mean_) else 1.0
        z = (y - self.mean_) / self.scale_
        if len(X) <= 2 * self.n_landmarks:
            self.landmarks_ = X
            kernel = self._kernel(X)
            self.coef_ = solve(kernel + np.diag(self.alpha / weight), z, assume_a="pos")
        else:
            random = check_random_state(self.random_state)
            self.landmarks_ = X[np.sort(random.choice(len(X), self.n_landmarks, replace=False))]
            self.coef_ = self._spanned(X, z, weight)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Predict the target.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Standardised features.

        Returns
        -------
        array of shape (n_rows,)
            Predictions.
        """
        check_is_fitted(self)
        return self.predict_checked(validate_data(self, X, reset=False, dtype=np.float64))

    @one_thread()
    def predict_checked(self, X: FloatArray) -> FloatArray:
        """Predict without checks, which for a single row cost more than the kernel.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Standardised features, finite.
        """
        parts = [self._kernel(X[at : at + CHUNK]) @ self.coef_ for at in range(0, len(X), CHUNK)]
        return np.concatenate(parts) * self.scale_ + self.mean_

    def _kernel(self, X: FloatArray) -> FloatArray:
        gamma = self.width / X.shape[1]
        return np.asarray(rbf_kernel(X, self.landmarks_, gamma=gamma))

    def _spanned(self, X: FloatArray, z: FloatArray, weight: FloatArray) -> FloatArray:
        kernel = self._kernel(self.landmarks_)
        left, right = self.alpha * kernel, np.zeros(len(kernel))
        for at in range(0, len(X), CHUNK):
            part = self._kernel(X[at : at + CHUNK])
            weighted = part * weight[at : at + CHUNK, np.newaxis]
            left += weighted.T @ part
            right += weighted.T @ z[at : at + CHUNK]
        left[np.diag_indices_from(left)] += 1e-8 * np.trace(left) / len(left)
        return np.asarray(solve(left, right, assume_a="pos"))
