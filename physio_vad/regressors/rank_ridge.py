"""Ridge on ranked features and Gaussian kernels of them, its penalty chosen by people."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.normal_scores import NormalScores
from physio_vad.one_thread import one_thread

ALPHAS = np.geomspace(1e-3, 1e3, 7)
"""Penalties that are tried, as shares of the total weight of the rows."""

INTERCEPT = 1e3
"""Value of the constant column: so large that the penalty does not reach its coefficient."""

LANDMARKS = 200
"""Training rows at most on which Gaussian kernels stand."""

NEGLIGIBLE = 1e-8
"""Share of the largest eigenvalue of the kernels below which a direction is rounding."""

CHUNK = 5000
"""Rows whose kernels are in memory at once."""


class Basis:
    """What a ridge weighs: normal scores of the features, and Gaussian kernels of these [1]_.

    Together the kernels span as much as all features do, so that one penalty suits both.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.

    Attributes
    ----------
    ranks : NormalScores
        Scores of the columns.
    landmarks : array of shape (n_landmarks, n_features)
        Scores of training rows, evenly spaced over the table.
    whitening : array of shape (n_landmarks, n_kernels)
        Turns kernels into columns that do not repeat each other.

    References
    ----------
    .. [1] Williams & Seeger (2000). Using the Nystrom method to speed up kernel machines. Advances
       in Neural Information Processing Systems 13, 682-688.
    """

    def __init__(self, X: FloatArray) -> None:
        self.ranks = NormalScores(X)
        rows = np.unique(np.linspace(0, len(X) - 1, min(LANDMARKS, len(X))).astype(int))
        self.landmarks = self.ranks.transform(X[rows])
        values, vectors = eigh(self.kernels(self.landmarks))
        kept = values > NEGLIGIBLE * values[-1]
        self.whitening = vectors[:, kept] * np.sqrt(X.shape[1] / values[kept])

    def kernels(self, Z: FloatArray) -> FloatArray:
        """Gaussian kernels between rows of scores and the landmarks.

        Parameters
        ----------
        Z : array of shape (n_rows, n_features)
            Scores.

        Returns
        -------
        array of shape (n_rows, n_landmarks)
            In (0, 1].
        """
        # not by BLAS, whose last bit depends on where in memory the rows lie
        return self._bells(Z, np.einsum("ip,lp->il", np.ascontiguousarray(Z), self.landmarks))

    def _bells(self, Z: FloatArray, product: FloatArray) -> FloatArray:
        """Turn products of rows and landmarks into kernels, in their place."""
        squares = (Z**2).sum(axis=1)[:, np.newaxis] + (self.landmarks**2).sum(axis=1)
        product *= -2
        product += squares
        np.maximum(product, 0, out=product)
        product /= -Z.shape[1]
        return np.asarray(np.exp(product, out=product))

    def design(self, X: FloatArray) -> FloatArray:
        """Return scores, kernels and a constant column.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Rows, NaN where missing.

        Returns
        -------
        array of shape (n_rows, n_features + n_kernels + 1)
            The columns of the regression.
        """
        Z = self.ranks.transform(X)
        kernels = self._bells(Z, Z @ self.landmarks.T) @ self.whitening
        return np.column_stack([Z, kernels, np.full(len(X), INTERCEPT)])


class RankRidge:
    """Ridge on normal scores and kernels, of one target; made by `fit_ridges`.

    Parameters
    ----------
    basis : Basis
        Gives the columns.
    coef : array of shape (n_columns,)
        Coefficients of the columns of `Basis.design`.
    alpha : float
        The penalty that was taken, as a share of the total weight.

    Attributes
    ----------
    coef_of_scores : array of shape (n_features,)
        Coefficients of the scores.
    coef_of_kernels : array of shape (n_landmarks,)
        Coefficients of the kernels.
    constant : float
        What is added.
    """

    def __init__(self, basis: Basis, coef: FloatArray, alpha: float) -> None:
        self.basis = basis
        self.alpha = alpha
        n_features = basis.landmarks.shape[1]
        self.coef_of_scores = coef[:n_features].copy()
        self.coef_of_kernels = basis.whitening @ coef[n_features:-1]
        self.constant = float(coef[-1] * INTERCEPT)

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
        return np.concatenate([self._predict(X[at : at + CHUNK]) for at in range(0, len(X), CHUNK)])

    def _predict(self, X: FloatArray) -> FloatArray:
        Z = self.basis.ranks.transform(X)
        linear = np.ascontiguousarray(Z * self.coef_of_scores).sum(axis=1)
        bent = np.ascontiguousarray(self.basis.kernels(Z) * self.coef_of_kernels).sum(axis=1)
        return np.asarray(linear + bent + self.constant)


@one_thread()
def fit_ridges(
    X: FloatArray, Y: FloatArray, weight: FloatArray, folds: IntArray
) -> tuple[list[RankRidge], FloatArray]:
    """Fit a ridge a target, the penalty being the one that does best for people left out.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Training rows, NaN where missing.
    Y : array of shape (n_rows, n_targets)
        Targets, none missing.
    weight : array of shape (n_rows,)
        Positive weights of the rows.
    folds : array of int of shape (n_rows,)
        Fold in which each row is left out; at least two.

    Returns
    -------
    ridges : list of RankRidge
        One a target.
    out_of_fold : array of shape (n_rows, n_targets)
        Predictions of each fold by the ridge of the others; ranks and kernels are those of all.
    """
    basis = Basis(X)
    Z = basis.design(X)
    sides = [folds == number for number in np.unique(folds)]
    grams = np.array([(Z[side].T * weight[side]) @ Z[side] for side in sides])
    moments = np.array([(Z[side].T * weight[side]) @ Y[side] for side in sides])
    totals = np.array([weight[side].sum() for side in sides])
    left_out = np.empty((len(ALPHAS), *Y.shape))
    for side, gram, moment, total in zip(sides, grams, moments, totals, strict=True):
        rest, known = grams.sum(axis=0) - gram, moments.sum(axis=0) - moment
        for number, alpha in enumerate(ALPHAS):
            coef = solve_ridge(rest, known, alpha * (totals.sum() - total))
            left_out[number, side] = Z[side] @ coef
    errors = (weight[:, np.newaxis] * (Y - left_out) ** 2).sum(axis=1)
    best, each = errors.argmin(axis=0), np.arange(Y.shape[1])
    ridges = []
    for target, alpha in zip(each, ALPHAS[best], strict=True):
        coef = solve_ridge(grams.sum(axis=0), moments.sum(axis=0)[:, target], alpha * totals.sum())
        ridges.append(RankRidge(basis, coef, float(alpha)))
    return ridges, left_out[best, :, each].T


def solve_ridge(gram: FloatArray, moment: FloatArray, penalty: float) -> FloatArray:
    """Solve the normal equations of a ridge.

    Parameters
    ----------
    gram : array of shape (n_columns, n_columns)
        Products of the columns.
    moment : array of shape (n_columns, ...)
        Products of columns and targets.
    penalty : float
        What is added to the diagonal, above 0.

    Returns
    -------
    array of shape (n_columns, ...)
        Coefficients.
    """
    left = gram + penalty * np.eye(len(gram))
    factor = cho_factor(left, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, moment, check_finite=False))


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
