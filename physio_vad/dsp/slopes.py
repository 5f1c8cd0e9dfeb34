"""The flanks of peaks: where the climb to a peak begins, and how steep it is."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray, IntArray


def ascents(
    values: FloatArray, peaks: IntArray, first: IntArray, share: float = 0.1
) -> tuple[IntArray, FloatArray]:
    """Find the foot of the climb to each peak.

    From the steepest step before the peak the climb is followed back until a step rises by no more
    than a share of the steepest one: there is its foot. Unlike the lowest point before the peak,
    it does not wander off along a noisy or slowly drifting baseline.

    Parameters
    ----------
    values : array of shape (n_samples,)
        A smooth signal.
    peaks : int array of shape (n_peaks,)
        Samples of the peaks.
    first : int array of shape (n_peaks,)
        Sample before which each search must not go.
    share : float
        Share of the steepest step, in [0, 1).

    Returns
    -------
    feet : int array of shape (n_peaks,)
        Samples of the feet, -1 where the climb does not begin within the search.
    steepest : array of shape (n_peaks,)
        The steepest step, in units of `values` per sample.

    Examples
    --------
    >>> import numpy as np
    >>> ascents(np.array([0, 0, 0, 1, 3, 4, 3.0]), np.array([5]), np.array([0]))
    (array([2]), array([2.]))
    """
    reach = int((peaks - first).max(initial=0))
    if reach <= 0:
        return np.full(len(peaks), -1), np.full(len(peaks), np.nan)
    steps = peaks[:, np.newaxis] - 1 - np.arange(reach)  # a step leads from a sample to the next
    inside = steps >= first[:, np.newaxis]
    steps = np.maximum(steps, 0)
    slopes = np.where(inside, values[steps + 1] - values[steps], -np.inf)
    where = np.argmax(slopes, axis=1)
    steepest = slopes[np.arange(len(peaks)), where]
    level = (slopes <= share * steepest[:, np.newaxis]) & inside
    level &= np.arange(reach) > where[:, np.newaxis]
    found = level.any(axis=1) & (steepest > 0)
    feet = steps[np.arange(len(peaks)), np.argmax(level, axis=1)] + 1
    return np.where(found, feet, -1), np.where(np.isfinite(steepest), steepest, np.nan)


def crossings(
    values: FloatArray, peaks: IntArray, last: IntArray, levels: FloatArray
) -> FloatArray:
    """Find where the signal first falls to a level after each peak.

    Parameters
    ----------
    values : array of shape (n_samples,)
        A signal.
    peaks : int array of shape (n_peaks,)
        Samples of the peaks.
    last : int array of shape (n_peaks,)
        Sample beyond which each search must not go.
    levels : array of shape (..., n_peaks)
        Levels below the peaks.

    Returns
    -------
    array of shape (..., n_peaks)
        Samples, interpolated between two; NaN where the signal stays above.

    Examples
    --------
    >>> import numpy as np
    >>> crossings(np.array([0.0, 4, 3, 1, 0]), np.array([1]), np.array([4]), np.array([2.0]))
    array([2.5])
    """
    last = np.minimum(last, len(values) - 1)
    reach = int((last - peaks).max(initial=0))
    if reach <= 0:
        return np.full(levels.shape, np.nan)
    samples = peaks[:, np.newaxis] + np.arange(1, reach + 1)
    inside = samples <= last[:, np.newaxis]
    ahead = np.where(inside, values[np.minimum(samples, len(values) - 1)], np.inf)
    below = ahead <= levels[..., np.newaxis]
    after = peaks + 1 + np.argmax(below, axis=-1)
    after = np.minimum(after, len(values) - 1)
    high, low = values[after - 1], values[after]
    with np.errstate(invalid="ignore", divide="ignore"):
        crossed = after - (levels - low) / (high - low)
    return np.where(below.any(axis=-1), crossed, np.nan)
