"""How much a sensor moves, from its acceleration."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from physio_vad._arrays import FloatArray
from physio_vad.dsp.window_stats import sample_spans, span_sum

STILL = 2.0
"""Seconds whose mean is the posture, so gravity, and no movement."""


LARGEST = 1e6
"""Larger numbers are no acceleration; running sums would lose all digits after one of them."""


def motion_level(
    values: FloatArray,
    starts: FloatArray,
    stops: FloatArray,
    *,
    sfreq: float,
    origin: float = 0.0,
) -> FloatArray:
    """Strength of movement in windows: root mean square of the acceleration without gravity.

    Gravity is the mean over 2 s around, so what is measured is how the acceleration vector
    changes, whichever way the sensor points.

    Parameters
    ----------
    values : array of shape (n_axes, n_samples)
        Acceleration; a sample does not count if one of its values is not finite.
    starts, stops : array of shape (n_windows,)
        Windows in seconds.
    sfreq : float
        Sampling rate in Hz.
    origin : float
        Time of the first sample in seconds.

    Returns
    -------
    array of shape (n_windows,)
        In the unit of `values`: about 0.01 g at rest, above 0.1 g in walking; NaN where fewer than
        half of the samples count.

    Examples
    --------
    >>> import numpy as np
    >>> shake = np.sin(2 * np.pi * 3 * np.arange(640) / 32)
    >>> values = np.vstack([np.where(np.arange(640) < 320, 0.0, shake), np.ones(640)])
    >>> motion_level(values, np.array([0.0, 12.0]), np.array([8.0, 18.0]), sfreq=32.0).round(2)
    array([0.  , 0.71])
    """
    good = np.asarray((np.abs(values) <= LARGEST).all(axis=0))
    weight = good.astype(np.float64)
    size = max(round(STILL * sfreq), 1)
    clean = np.where(good, values, 0.0)
    share = uniform_filter1d(weight, size, mode="constant")
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        gravity = uniform_filter1d(clean, size, axis=-1, mode="constant") / share
        power = np.where(good, ((clean - gravity) ** 2).sum(axis=0), 0.0)
        first, last = sample_spans(
            starts, stops, sfreq=sfreq, origin=origin, n_samples=values.shape[-1]
        )
        number = span_sum(good, first, last)
        level = np.sqrt(span_sum(power, first, last) / number)
    enough = (number > 0) & (number >= (stops - starts) * sfreq / 2 - 1e-6)
    return np.where(enough, level, np.nan)
