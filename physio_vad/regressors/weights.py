"""Non-negative weights of a stack: those of all targets together, and how far each departs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky
from scipy.optimize import nnls

from physio_vad._arrays import BoolArray, FloatArray, IntArray

SHRINKAGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Strengths that are tried, relative to the spread of the target."""

FLOOR = 1000.0
"""The least strength is ``FLOOR / n_units**3``: 16 for four people, 0.1 for twenty."""

CAUTION = 1.5
"""What is taken off a gain, in units of its variance; see `earned_share`."""

EVEN = 60.0
"""Strength of the pull of the weights of a target to one another, ``EVEN / n_units**2``."""

COMMON = 10.0
"""Strength of the pull of the common weights to equal ones, ``COMMON / n_units**3``."""


@dataclass(frozen=True, eq=False)
class FoldSums:
    """All that weights of one target need to know: sums over the rated rows of each fold.

    Parameters
    ----------
    grams : array of shape (n_folds, n_members, n_members)
        Products of the members' out-of-fold predictions.
    moments : array of shape (n_folds, n_members)
        Products of predictions and truth.
    powers : array of shape (n_folds,)
        Squares of the truth.
    n_units : int
        Subjects (trials, or rows where they are independent) that rated the target.
    """

    grams: FloatArray
    moments: FloatArray
    powers: FloatArray
    n_units: int

    @classmethod
    def of(
        cls,
        predictions: FloatArray,
        truth: FloatArray,
        folds: IntArray,
        n_units: int,
        weight: FloatArray | None = None,
    ) -> FoldSums:
        """Add up the rows of each fold.

        Parameters
        ----------
        predictions : array of shape (n_rows, n_members)
            Out-of-fold predictions, centred on the training mean of their fold.
        truth : array of shape (n_rows,)
            Truth, centred likewise; rows where it is NaN are left out.
        folds : array of shape (n_rows,)
            Fold of each row.
        n_units : int
            Subjects with a rating.
        weight : array of shape (n_rows,), optional
            Weights of the rows.
        """
        root = np.ones(len(truth)) if weight is None else np.sqrt(weight)
        A, b = predictions * root[:, np.newaxis], truth * root
        parts = [(folds == k) & ~np.isnan(truth) for k in np.unique(folds)]
        return cls(
            np.array([A[part].T @ A[part] for part in parts]),
            np.array([A[part].T @ b[part] for part in parts]),
            np.array([b[part] @ b[part] for part in parts]),
            n_units,
        )

    def solve(self, folds: BoolArray, shrinkage: float, prior: FloatArray) -> FloatArray:
        """Find the weights that fit some folds best, pulled towards a prior.

        Parameters
        ----------
        folds : array of bool of shape (n_folds,)
            Folds that count.
        shrinkage : float
            Strength of the pull.
        prior : array of shape (n_members,)
            Weights that are pulled to.
        """
        strength = shrinkage * float(self.powers[folds].sum())
        return _solve(self.grams[folds].sum(0), self.moments[folds].sum(0), strength, prior)

    def error(self, fold: int, weights: FloatArray) -> float:
        """Return the squared error on a fold, less that of the plain mean."""
        return float(weights @ self.grams[fold] @ weights - 2 * weights @ self.moments[fold])


def stack_weights(
    targets: Sequence[FoldSums], shrinkage: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """Weigh the members of a stack for each target.

    For each target ``sum (truth - predictions @ w)**2 + s * sum(truth**2) * sum (w - c)**2`` is
    least over ``w >= 0``, where c are the weights that fit all targets together best. A target
    that few people rated borrows its weights from the others so: simulated people of whom 3 to 6
    rated one lost a tenth against a single model by freely chosen weights. The weights need not
    add up to 1: what is missing is the weight of the plain mean, which is 0 after centring.

    Parameters
    ----------
    targets : sequence of FoldSums
        One a target, on the same folds and members.
    shrinkage : float, optional
        Strength s. By default the one with the least error on folds that neither w nor c was
        fitted on, the stronger one in a tie, and never below the floor for so few people.

    Returns
    -------
    weights : array of shape (n_targets, n_members)
        Non-negative weights.
    shrinkages : array of shape (n_targets,)
        Strengths that were taken.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.tile([1.0, -1.0, 2.0, -2.0], 30)
    >>> predictions = np.column_stack([truth, -truth])
    >>> sums = FoldSums.of(predictions, truth, np.repeat([0, 1, 2], 40), n_units=120)
    >>> stack_weights([sums])[0].round(3).tolist()
    [[1.0, 0.0]]
    """
    n_folds = len(targets[0].powers)
    everything = np.ones(n_folds, dtype=bool)
    sides = [np.arange(n_folds) != k for k in range(n_folds)]
    priors = [common_weights(targets, side) for side in sides]
    prior = common_weights(targets, everything)
    weights, taken = [], []
    for target in targets:
        choices = shrinkages_for(target.n_units) if shrinkage is None else (float(shrinkage),)
        best = choices[0] if len(choices) == 1 else _choose(target, choices, sides, priors)
        weights.append(target.solve(everything, best, prior))
        taken.append(best)
    return np.array(weights), np.array(taken)


def even_weights(sums: FoldSums) -> FloatArray:
    """Weigh members of one target, pulled to one another and to no sum.

    With few people out-of-fold errors cannot tell which of two good members is the better one, but
    they can tell how much both are worth: so only the differences between the weights are held
    small, and the less so the more people there are.

    Parameters
    ----------
    sums : FoldSums
        Out-of-fold predictions of the members.

    Returns
    -------
    array of shape (n_members,)
        Non-negative weights; what they lack to 1 is the weight of the plain mean.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.tile([1.0, -1.0, 2.0, -2.0], 30)
    >>> twice = np.column_stack([truth, truth]) / 2
    >>> even_weights(FoldSums.of(twice, truth, np.repeat([0, 1], 60), n_units=4)).round(3).tolist()
    [1.0, 1.0]
    """
    n_members = sums.moments.shape[1]
    strength = EVEN / sums.n_units**2 * float(sums.powers.sum())
    apart = np.eye(n_members) - 1 / n_members
    gram = sums.grams.sum(axis=0) + strength * apart
    return _solve(gram, sums.moments.sum(axis=0), 0.0, np.zeros(n_members))


def common_weights(targets: Sequence[FoldSums], folds: BoolArray) -> FloatArray:
    """Find the weights that fit all targets together, each on its own scale.

    A target counts as much as people rated it.

    Parameters
    ----------
    targets : sequence of FoldSums
        One a target.
    folds : array of bool of shape (n_folds,)
        Folds that count.

    Returns
    -------
    array of shape (n_members,)
        Non-negative weights, pulled a little towards equal ones.
    """
    gram, moment, total = np.zeros(()), np.zeros(()), 0.0
    for target in targets:
        power = float(target.powers[folds].sum())
        if power > 0:
            gram = gram + target.n_units / power * target.grams[folds].sum(0)
            moment = moment + target.n_units / power * target.moments[folds].sum(0)
            total += target.n_units
    n_members = targets[0].moments.shape[1]
    equal = np.full(n_members, 1 / n_members)
    if total == 0:
        return equal
    most = max(target.n_units for target in targets)
    return _solve(np.asarray(gram), np.asarray(moment), COMMON / most**3 * total, equal)


def earned_share(gains: FloatArray) -> float:
    """Return how much of a step away from the mean is kept, given what each person gains by it.

    It is the positive part of ``1 - CAUTION / t**2``, after James and Stein [1]_, where t is the
    mean gain over its standard error: nearly all where everyone gains, nothing where some gain and
    others lose, as they do by chance.

    Parameters
    ----------
    gains : array of shape (n_people,)
        Squared error of the mean less that of the prediction, summed for each person left out.

    Returns
    -------
    float
        In [0, 1].

    References
    ----------
    .. [1] James & Stein (1961). Estimation with quadratic loss. Proceedings of the Fourth Berkeley
       Symposium 1, 361-379.

    Examples
    --------
    >>> import numpy as np
    >>> earned_share(np.array([5.0, 6.0, 4.0, 5.0])) > 0.97
    True
    >>> earned_share(np.array([5.0, -4.0, 1.0, -1.0]))
    0.0
    """
    total = gains.sum()
    if total <= 0:
        return 0.0
    spread = len(gains) * gains.var(ddof=1)  # of the total
    return float(max(0.0, 1 - CAUTION * spread / total**2))


def shrinkages_for(n_units: int) -> tuple[float, ...]:
    """Return the strengths that are tried with so many people (or independent rows).

    With a handful of people, inner error cannot tell good weights from bad ones.

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


def _choose(
    target: FoldSums,
    choices: Sequence[float],
    sides: list[BoolArray],
    priors: list[FloatArray],
) -> float:
    errors = np.zeros(len(choices))
    for fold, (side, prior) in enumerate(zip(sides, priors, strict=True)):
        for number, strength in enumerate(choices):
            errors[number] += target.error(fold, target.solve(side, strength, prior))
    within = errors <= errors.min() + 1e-9 * target.powers.sum()
    return max(strength for strength, good in zip(choices, within, strict=True) if good)


def _solve(gram: FloatArray, moment: FloatArray, strength: float, prior: FloatArray) -> FloatArray:
    """Solve the non-negative least squares from its normal equations."""
    jitter = 1e-10 * max(float(np.trace(gram)), 1e-300)
    left = gram + (strength + jitter) * np.eye(len(moment))
    factor = cholesky(left)
    return np.asarray(nnls(factor, np.linalg.solve(factor.T, moment + strength * prior))[0])
