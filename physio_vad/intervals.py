"""Intervals over people that hold: a jackknife with as many degrees of freedom as people count.

Each person is left out once. The spread of the values, on a scale on which they are about normal,
gives a standard error; Student's t has the degrees of freedom of the effective number of people,
one less than ``sum(share)^2 / sum(share^2)``: where one person makes up most of the error, there is
little more than one person. As the models of different folds share most of their training people,
predictions for people depend on each other, and the standard error is multiplied by what that was
measured to cost (`Link.training`). ``benchmarks/honesty.py`` measures the coverage.

References
----------
Efron & Stein 1981, The jackknife estimate of variance, doi:10.1214/aos/1176345462.
Satterthwaite 1946, Distribution of estimates of variance components, doi:10.2307/3002019.
Bates, Hastie & Tibshirani 2024, Cross-validation: what does it estimate and how well does it do
it?, doi:10.1080/01621459.2023.2197686.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError

LEAST_PEOPLE = 3
"""With fewer people there is no interval: its coverage was not measured."""


@dataclass(frozen=True)
class Link:
    """A scale on which a score is about normal.

    Parameters
    ----------
    there, back : callable
        To that scale and from it.
    training : float
        How much larger the standard error is for models that were trained on each other's people.
    """

    there: Callable[[FloatArray], FloatArray]
    back: Callable[[FloatArray], FloatArray]
    training: float


def _same(values: FloatArray) -> FloatArray:
    return values


def _log_rest(values: FloatArray) -> FloatArray:
    return np.asarray(np.log(1 - values))


def _rest(values: FloatArray) -> FloatArray:
    return np.asarray(1 - np.exp(values))


LINKS: dict[str, Link] = {
    "log": Link(np.log, np.exp, 1.5),
    "log of the rest": Link(_log_rest, _rest, 1.25),
    "difference": Link(_same, _same, 1.25),
    "Fisher z": Link(np.arctanh, np.tanh, 1.6),
    "none": Link(_same, _same, 1.75),
}
"""Scales by name: errors; skill and R2; differences of these; correlations; anything else."""


def left_out(n_people: int) -> FloatArray:
    """Count people when all are there and when each is left out, shape (1 + n_people, n_people)."""
    return np.vstack([np.ones(n_people), 1 - np.eye(n_people)])


def mean_over_people(values: FloatArray, level: float) -> tuple[float, float, float]:
    """Average a correlation of each person, with the interval of the mean, cut at -1 and 1.

    Parameters
    ----------
    values : array of shape (n_people,)
        NaN where it is undefined.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    mean, low, high : float
        NaN where there is nothing to average, or too few people for an interval.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan, np.nan, np.nan
    counts = left_out(len(known))
    with np.errstate(invalid="ignore"):
        means = counts @ known / counts.sum(axis=1)
    low, high = np.clip(over_people(means, np.ones(len(known)), level), -1.0, 1.0)
    return float(means[0]), float(low), float(high)


def over_people(
    values: FloatArray, share: FloatArray, level: float, link: str = "none"
) -> tuple[float, float]:
    """Compute the interval of a score over people.

    Parameters
    ----------
    values : array of shape (1 + n_people,)
        The score of all people, then that without each: see `left_out`.
    share : array of shape (n_people,)
        How much each person counts, such as rows or squared deviations.
    level : float
        Coverage, in (0, 1).
    link : str
        A name in `LINKS`.

    Returns
    -------
    low, high : float
        NaN with fewer than `LEAST_PEOPLE` people, or where the score is undefined, or perfect,
        without one of them.

    Raises
    ------
    ArgumentError
        If the level is no share.

    Examples
    --------
    >>> errors = np.array([0.9, 1.4, 1.1, 1.6])
    >>> rmse = np.sqrt(left_out(4) @ errors**2 / [4, 3, 3, 3, 3])
    >>> low, high = over_people(rmse, np.ones(4), 0.95, "log")
    >>> round(float(rmse[0]), 2), round(low, 2), round(high, 2)
    (1.28, 0.72, 2.29)
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level must be a share between 0 and 1, got {level!r}")
    n = len(share)
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = LINKS[link].there(np.asarray(values, dtype=float))
    if n < LEAST_PEOPLE or not np.isfinite(moved).all():
        return np.nan, np.nan
    error = np.sqrt((n - 1) / n * ((moved[1:] - moved[1:].mean()) ** 2).sum())
    squares = (share**2).sum()
    effective = share.sum() ** 2 / squares if squares > 0 else n
    half = LINKS[link].training * error * stats.t.ppf((1 + level) / 2, max(effective - 1, 1.0))
    low, high = np.sort(LINKS[link].back(moved[0] + np.array([-half, half])))
    return float(low), float(high)
