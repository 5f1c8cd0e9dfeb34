"""Ridge regression on ranked features whose penalty is chosen by leaving out whole people."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh, solve

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.normal_scores import NormalScores

ALPHAS = np.geomspace(1e-3, 1e3, 13)
"""Penalties that are tried, as shares of the total weight of the rows."""

INTERCEPT = 1e3
"""Value of the constant column: so large that the penalty does not reach its coefficient."""


class RankRidge:
    """Ridge on normal scores; the penalty is the one that does best for people left out.

    The predictions of people left out follow from one eigendecomposition and are exact, given the
    ranks of all rows.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.
    y : array of shape (n_rows,)
        Target.
    weight : array of shape (n_rows,)
        Positive weights of the rows.
    units : array of int of shape (n_rows,)
        Person of each row.

    Attributes
    ----------
    coef : array of shape (n_features + 1,)
        Coefficients of the scores, the intercept's last.
    out_of_fold : array of shape (n_rows,)
        Predictions of each person by the ridge of the others.
    alpha : float
        The penalty that was taken, as a share of the total weight.
    """

    def __init__(self, X: FloatArray, y: FloatArray, weight: FloatArray, units: IntArray) -> None:
        self.ranks = NormalScores(X)
        root = np.sqrt(weight)[:, np.newaxis]
        Z = self._design(X) * root
        target = y * root[:, 0]
        values, vectors = eigh(Z.T @ Z)
        Z = Z @ vectors
        penalties = ALPHAS * weight.sum()
        inverse = 1 / (np.maximum(values, 0) + penalties[:, np.newaxis])
        beta = inverse * (Z.T @ target)
        left_out = np.empty((len(ALPHAS), len(y)))
        for unit in np.unique(units):
            rows = units == unit
            left_out[:, rows] = _residuals(Z[rows], target[rows], beta, inverse)
        best = int((left_out**2).sum(axis=1).argmin())
        self.alpha = float(ALPHAS[best])
        self.coef = vectors @ beta[best]
        self.out_of_fold = (target - left_out[best]) / root[:, 0]

    def predict(self, X: FloatArray) -> FloatArray:
        """Predict rows.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Rows, NaN where missing.

        Returns
        -------
        array of shape (n_rows,)
            Predictions.
        """
        # not by BLAS, whose last bit depends on where in memory the rows lie
        return np.asarray(np.ascontiguousarray(self._design(X) * self.coef).sum(axis=1))

    def _design(self, X: FloatArray) -> FloatArray:
        return np.column_stack([self.ranks.transform(X), np.full(len(X), INTERCEPT)])


def _residuals(
    Z: FloatArray, target: FloatArray, beta: FloatArray, inverse: FloatArray
) -> FloatArray:
    """Residuals of one person by the ridge of the others: (I - H)^-1 r; (n_alphas, n_rows).

    Where the person has more rows than there are features, the same by Woodbury's identity.
    """
    residual = target - beta @ Z.T
    if len(Z) <= Z.shape[1]:
        hat = (Z * inverse[:, np.newaxis]) @ Z.T
        left_out = np.linalg.solve(np.eye(len(Z)) - hat, residual[:, :, np.newaxis])
        return np.asarray(left_out[:, :, 0], dtype=float)
    gram = Z.T @ Z
    out = np.empty_like(residual)
    for number, diagonal in enumerate(1 / inverse):
        move = solve(np.diag(diagonal) - gram, Z.T @ residual[number], assume_a="pos")
        out[number] = residual[number] + Z @ move
    return out


def held_out_means(y: FloatArray, weight: FloatArray, folds: IntArray) -> FloatArray:
    """Weighted mean of y over the other folds, for each row.

    Parameters
    ----------
    y, weight : array of shape (n_rows,)
        Target and weights.
    folds : array of int of shape (n_rows,)
        Fold of each row.
    """
    mean = np.empty(len(y))
    for fold in np.unique(folds):
        out: BoolArray = folds == fold
        mean[out] = np.average(y[~out], weights=weight[~out])
    return mean
