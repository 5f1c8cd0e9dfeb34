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
    """Ridge on normal scores, of one target; made by `fit_ridges`.

    Parameters
    ----------
    ranks : NormalScores
        Scores of the columns.
    coef : array of shape (n_features + 1,)
        Coefficients of the scores, the intercept's last.
    alpha : float
        The penalty that was taken, as a share of the total weight.
    """

    def __init__(self, ranks: NormalScores, coef: FloatArray, alpha: float) -> None:
        self.ranks = ranks
        self.coef = coef
        self.alpha = alpha

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
        return np.asarray(np.ascontiguousarray(design(self.ranks, X) * self.coef).sum(axis=1))


def design(ranks: NormalScores, X: FloatArray) -> FloatArray:
    """Return the normal scores of rows, and a constant column.

    Parameters
    ----------
    ranks : NormalScores
        Scores of the columns.
    X : array of shape (n_rows, n_features)
        Rows, NaN where missing.
    """
    return np.column_stack([ranks.transform(X), np.full(len(X), INTERCEPT)])


def fit_ridges(
    X: FloatArray, Y: FloatArray, weight: FloatArray, units: IntArray
) -> tuple[list[RankRidge], FloatArray]:
    """Fit a ridge a target, the penalty being the one that does best for people left out.

    The predictions of people left out follow from one eigendecomposition and are exact, given the
    ranks of all rows.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.
    Y : array of shape (n_rows, n_targets)
        Targets, none missing.
    weight : array of shape (n_rows,)
        Positive weights of the rows.
    units : array of int of shape (n_rows,)
        Person of each row.

    Returns
    -------
    ridges : list of RankRidge
        One a target.
    out_of_fold : array of shape (n_rows, n_targets)
        Predictions of each person by the ridge of the others.
    """
    ranks = NormalScores(X)
    root = np.sqrt(weight)[:, np.newaxis]
    Z, target = design(ranks, X) * root, Y * root
    values, vectors = eigh(Z.T @ Z)
    Z = Z @ vectors
    penalties = ALPHAS * weight.sum()
    inverse = 1 / (np.maximum(values, 0) + penalties[:, np.newaxis])
    beta = inverse[:, :, np.newaxis] * (Z.T @ target)
    left_out = np.empty((len(ALPHAS), *Y.shape))
    for unit in np.unique(units):
        rows = units == unit
        left_out[:, rows] = _residuals(Z[rows], target[rows], beta, inverse)
    best = (left_out**2).sum(axis=1).argmin(axis=0)
    each = np.arange(Y.shape[1])
    coef = vectors @ beta[best, :, each].T
    ridges = [RankRidge(ranks, coef[:, one], float(ALPHAS[best[one]])) for one in each]
    return ridges, (target - left_out[best, :, each].T) / root


def _residuals(
    Z: FloatArray, target: FloatArray, beta: FloatArray, inverse: FloatArray
) -> FloatArray:
    """Residuals of one person by the ridge of the others: (I - H)^-1 r; (n_alphas, n_rows, ...).

    Where the person has more rows than there are features, the same by Woodbury's identity.
    """
    residual = target - Z @ beta
    if len(Z) <= Z.shape[1]:
        hat = (Z * inverse[:, np.newaxis]) @ Z.T
        return np.asarray(np.linalg.solve(np.eye(len(Z)) - hat, residual), dtype=float)
    gram = Z.T @ Z
    out = np.empty_like(residual)
    for number, diagonal in enumerate(1 / inverse):
        change = solve(np.diag(diagonal) - gram, Z.T @ residual[number], assume_a="pos")
        out[number] = residual[number] + Z @ change
    return out


def held_out_means(Y: FloatArray, weight: FloatArray, folds: IntArray) -> FloatArray:
    """Weighted means of targets over the other folds, for each row.

    Parameters
    ----------
    Y : array of shape (n_rows, n_targets)
        Targets.
    weight : array of shape (n_rows,)
        Weights of the rows.
    folds : array of int of shape (n_rows,)
        Fold of each row.
    """
    mean = np.empty_like(Y)
    for fold in np.unique(folds):
        out: BoolArray = folds == fold
        mean[out] = np.average(Y[~out], axis=0, weights=weight[~out])
    return mean
