"""Bursts of activity: where an envelope stands well above its resting level around."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import percentile_filter

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.gaps import fill_gaps, runs
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.window_stats import span_sum

BLOCK = 0.05
"""Seconds that one value of the envelope stands for."""
REST = 31
"""Seconds around, of which the quiet quarter is rest."""
SHORTEST = 0.1
"""Seconds: shorter bursts do not count, and shorter pauses do not end one."""


def find_bursts(
    values: FloatArray, bad: BoolArray, *, sfreq: float, ratio: float, floor: float
) -> tuple[FloatArray, FloatArray]:
    """Find bursts in a signal without slow parts.

    The envelope is the mean of ``|x|`` over 0.15 s, its resting level the lower quartile of the
    medians of the 31 seconds around. A burst rises above `ratio` times rest (and `floor`) and ends
    two thirds of the way down, so an activity of more than about 20 s becomes the new rest.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers.
    bad : bool array of shape (n_samples,)
        Samples that are no signal; a burst that touches one is left out.
    sfreq : float
        Sampling rate in Hz.
    ratio, floor : float
        Smallest height of a burst, as a multiple of rest and in the unit of `values`.

    Returns
    -------
    onsets, offsets : array of shape (n_bursts,)
        Seconds from the first sample.
    """
    factor = max(int(BLOCK * sfreq), 1)
    envelope, missing = block_average(np.abs(values), bad, factor)
    if len(envelope) == 0:
        return np.empty(0), np.empty(0)
    touched = block_average(bad.astype(np.float64), np.zeros_like(bad), factor)[0] > 0
    rate = sfreq / factor
    padded = np.pad(fill_gaps(envelope, missing), 1, mode="edge")
    envelope = (padded[:-2] + padded[1:-1] + padded[2:]) / 3  # a running sum would lose digits
    threshold = np.maximum(ratio * _resting_level(envelope, rate), floor)
    first, last = _hysteresis(envelope, threshold, threshold * 2 / 3)
    first, last = _join(first, last, SHORTEST * rate)
    keep = (span_sum(touched, first, last) == 0) & (last - first >= SHORTEST * rate)
    return first[keep] / rate, last[keep] / rate


def _resting_level(envelope: FloatArray, rate: float) -> FloatArray:
    """Lower quartile, over the seconds around, of the median of each second."""
    second = min(max(round(rate), 1), len(envelope))
    n_seconds = len(envelope) // second
    medians = np.median(envelope[: n_seconds * second].reshape(n_seconds, second), axis=1)
    level = percentile_filter(medians, 25, size=REST, mode="reflect")
    middles = (np.arange(n_seconds) + 0.5) * second - 0.5
    return np.asarray(np.interp(np.arange(len(envelope)), middles, level))


def _hysteresis(values: FloatArray, on: FloatArray, off: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the runs above `off` that somewhere rise above `on`."""
    first, last = runs(values > off)
    if len(first) == 0:
        return first, last
    keep = span_sum(values > on, first, last) > 0
    return first[keep], last[keep]


def _join(first: IntArray, last: IntArray, pause: float) -> tuple[IntArray, IntArray]:
    """Join runs with less than `pause` samples between them."""
    if len(first) == 0:
        return first, last
    split = first[1:] - last[:-1] >= pause
    return first[np.append(True, split)], last[np.append(split, True)]
