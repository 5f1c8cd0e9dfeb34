"""Intervals by resampling people, the unit that a new study would draw anew."""

from __future__ import annotations

import numpy as np

from physio_vad.exceptions import ArgumentError
from physio_vad.units import FloatArray


def subject_draws(n: FloatArray, n_resamples: int, random_state: int | None) -> FloatArray:
    """Draw how often each subject stands in each resample.

    Parameters
    ----------
    n : array of shape (n_subjects,)
        Rows of each subject; those without any are never drawn.
    n_resamples : int
        How many sets of subjects to draw.
    random_state : int, optional
        Seed of the draws.

    Returns
    -------
    array of shape (n_resamples, n_subjects)
        Counts; each row adds up to the number of subjects with rows.
    """
    rated = n > 0
    share = rated / max(rated.sum(), 1)
    rng = np.random.default_rng(random_state)
    return rng.multinomial(int(rated.sum()), share, size=n_resamples).astype(float)


def percentiles(values: FloatArray, n: FloatArray, level: float) -> tuple[float, float]:
    """Take the central interval of resampled values.

    Parameters
    ----------
    values : array of shape (n_resamples,)
        One value a resample, NaN where it is undefined.
    n : array of shape (n_subjects,)
        Rows of each subject; with fewer than two subjects there is no interval, but NaN.
    level : float
        Coverage, in (0, 1).
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level must be a share between 0 and 1, got {level!r}")
    if (n > 0).sum() < 2 or np.isnan(values).all():
        return np.nan, np.nan
    tail = (1 - level) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
