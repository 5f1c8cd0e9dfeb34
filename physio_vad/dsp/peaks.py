"""Peaks that stand out from what is near them."""

from __future__ import annotations

import warnings

import numpy as np
import scipy

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.templates import parabola


def prominent_peaks(
    values: FloatArray, prominence: float, size: int
) -> tuple[IntArray, FloatArray]:
    """Find peaks by their height above the valleys around.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Signal.
    prominence : float
        Least height above the higher of the two valleys.
    size : int
        Samples around a peak, on both sides together, in which valleys are looked for.

    Returns
    -------
    peaks : int array of shape (n_peaks,)
        Samples; the middle one of a plateau.
    prominences : array of shape (n_peaks,)
        Height of each.

    Examples
    --------
    >>> import numpy as np
    >>> prominent_peaks(np.array([0.0, 3.0, 1.0, 2.0, 0.0]), 1.5, 5)
    (array([1]), array([2.]))
    """
    with warnings.catch_warnings():
        # A plateau wider than `size` has no valley: no peak, and nothing to warn of.
        warnings.filterwarnings("ignore", "some peaks have a prominence", RuntimeWarning)
        peaks, found = scipy.signal.find_peaks(values, prominence=prominence, wlen=size)
    return np.asarray(peaks, dtype=np.int64), np.asarray(found["prominences"])


def vertices(values: FloatArray, peaks: IntArray) -> FloatArray:
    """Place peaks between samples, by a parabola through each and its two neighbours.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Signal.
    peaks : int array of shape (n_peaks,)
        Samples of local maxima, the ends of the signal excepted.

    Returns
    -------
    array of shape (n_peaks,)
        Samples; a plateau's own.

    Examples
    --------
    >>> import numpy as np
    >>> vertices(5 - (np.arange(5) - 2.3) ** 2, np.array([2])).round(3)
    array([2.3])
    """
    return np.asarray(peaks + parabola(*(values[peaks + step] for step in (-1, 0, 1))))
