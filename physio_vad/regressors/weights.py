"""Non-negative weights of a stack, shrunk towards equal ones as much as inner error asks for."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky
from scipy.optimize import nnls

from physio_vad.regressors.groups import IntArray
from physio_vad.units import FloatArray

SHRINKAGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Strengths that are tried, relative to the spread of the target."""

FLOOR = 1000.0
"""The least strength is ``FLOOR / n_units**3``: 16 for four people, 0.1 for twenty."""


def shrinkages_for(n_units: int) -> tuple[float, ...]:
    """Return the strengths that are tried with so many people (or independent rows).

    With a handful of people, inner error cannot tell good weights from bad ones: simulated people
    of whom 3 to 6 rated a target lost a tenth against a single model by freely chosen weights.

    Parameters
    ----------
    n_units : int
        Subjects (trials, rows) with a rating.

    Returns
    -------
    tuple of float
        Ascending, none below the floor.

    Examples
    --------
    >>> shrinkages_for(20)
    (0.125, 0.3, 1.0)
    """
    floor = FLOOR / n_units**3
    return (floor, *(strength for strength in SHRINKAGES if strength > floor))


def stack_weights(
    predictions: FloatArray,
    truth: FloatArray,
    folds: IntArray,
    weight: FloatArray | None = None,
    shrinkages: tuple[float, ...] = SHRINKAGES,
) -> tuple[FloatArray, float]:
    """Weigh the members of a stack for one target.

    Minimises ``sum (truth - predictions @ w)**2 + s * sum(truth**2) * sum (w - 1/n_members)**2``
    over ``w >= 0``. The weights need not add up to 1: what is missing is the weight of the plain
    mean, which is 0 after centring.

    Parameters
    ----------
    predictions : array of shape (n_rows, n_members)
        Out-of-fold predictions, centred on the training mean of their fold.
    truth : array of shape (n_rows,)
        Truth, centred likewise.
    folds : array of shape (n_rows,)
        Fold of each row.
    weight : array of shape (n_rows,), optional
        Weights of the rows.
    shrinkages : tuple of float
        Strengths s; the one with the least error on folds that the weights were not fitted on is
        taken, the stronger one in a tie.

    Returns
    -------
    weights : array of shape (n_members,)
        Non-negative weights.
    shrinkage : float
        The strength that was taken.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.tile([1.0, -1.0, 2.0, -2.0], 3)
    >>> predictions = np.column_stack([truth, -truth])
    >>> stack_weights(predictions, truth, np.repeat([0, 1, 2], 4))[0].round(3).tolist()
    [1.0, 0.0]
    """
    root = np.ones(len(truth)) if weight is None else np.sqrt(weight)
    A, b = predictions * root[:, np.newaxis], truth * root
    parts = [(A[folds == k], b[folds == k]) for k in np.unique(folds)]
    grams = np.array([part.T @ part for part, _ in parts])
    moments = np.array([part.T @ target for part, target in parts])
    powers = np.array([target @ target for _, target in parts])
    if len(shrinkages) == 1 or len(parts) < 2:
        best = shrinkages[0]
    else:
        errors = np.zeros(len(shrinkages))
        for k in range(len(parts)):
            rest = np.arange(len(parts)) != k
            for number, shrinkage in enumerate(shrinkages):
                w = _solve(grams[rest].sum(0), moments[rest].sum(0), powers[rest].sum(), shrinkage)
                errors[number] += w @ grams[k] @ w - 2 * w @ moments[k]
        tolerance = 1e-9 * powers.sum()
        best = max(
            s
            for s, error in zip(shrinkages, errors, strict=True)
            if error <= errors.min() + tolerance
        )
    return _solve(grams.sum(0), moments.sum(0), powers.sum(), best), float(best)


def _solve(gram: FloatArray, moment: FloatArray, power: float, shrinkage: float) -> FloatArray:
    """Solve the non-negative least squares from its normal equations."""
    n_members = len(moment)
    strength = shrinkage * power
    jitter = 1e-10 * max(float(np.trace(gram)), 1e-300)
    left = gram + (strength + jitter) * np.eye(n_members)
    right = moment + strength / n_members
    factor = cholesky(left)
    return np.asarray(nnls(factor, np.linalg.solve(factor.T, right))[0])
