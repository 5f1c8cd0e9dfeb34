"""Skin conductance responses (SCRs) in a low-rate skin conductance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.event_windows import EventTable, span_touches
from physio_vad.dsp.filters import zero_phase
from physio_vad.dsp.peaks import prominent_peaks
from physio_vad.dsp.slopes import ascents, crossings

LOWEST_RATE = 2.0
"""Hz below which a response cannot be told from a drift."""

_CUTOFF = 1.0  # Hz; a response rises in 1 to 3 s
_DIP = 0.5  # a dip of less than this share of the threshold does not end a response
_SURROUND = 10.0  # s on each side in which a peak must stand out
_RECOVERY = 15.0  # s within which half of the amplitude must be lost again
_MARGIN = 0.5  # s that must be good before the onset and after the peak


def find_responses(
    values: FloatArray,
    bad: BoolArray,
    sfreq: float,
    *,
    threshold: float = 0.05,
    max_rise: float = 4.0,
) -> EventTable:
    """Find skin conductance responses by an absolute threshold.

    A response is a climb to a peak of the signal low-passed at 1 Hz. Its onset is where the
    climb begins (`ascents`); a rise that goes on for longer than `max_rise` is a drift. Only what
    stands within 10 s of a peak decides about it, so an artefact cannot hide later responses.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Skin conductance, finite, at 4 to 10 Hz.
    bad : bool array of shape (n_samples,)
        Samples that are no signal: a response that touches one is left out.
    sfreq : float
        Sampling rate in Hz.
    threshold : float
        Smallest amplitude, from onset to peak, in the unit of `values`.
    max_rise : float
        Longest time from onset to peak in seconds.

    Returns
    -------
    dict of str to array of shape (n_responses,)
        `onset` and `peak` in seconds from sample 0; `amplitude`; `rise_time` from onset to peak
        and `half_recovery_time` from the peak until half of the amplitude is lost, in seconds,
        NaN where the next response or a gap comes first.

    References
    ----------
    Boucsein et al. (2012), doi:10.1111/j.1469-8986.2012.01384.x.
    """
    smooth = zero_phase(values, sfreq, high=_CUTOFF)
    if sfreq < LOWEST_RATE or len(values) < 3:
        return _table(smooth, np.empty(0, int), np.empty(0, int), np.empty(0), sfreq)
    size = 2 * int(_SURROUND * sfreq) + 1
    peaks, _ = prominent_peaks(smooth, _DIP * threshold, size)
    previous = np.concatenate([[0], peaks[:-1]]) if len(peaks) else peaks
    first = np.maximum(previous, peaks - int(np.ceil(max_rise * sfreq)))
    onsets, _ = ascents(smooth, peaks, first)
    margin = int(np.ceil(_MARGIN * sfreq))
    kept = (onsets >= 0) & (smooth[peaks] - smooth[onsets] >= threshold)
    kept &= ~span_touches(bad, onsets - margin, peaks + margin)
    onsets, peaks = onsets[kept], peaks[kept]
    half = _half_recovery(smooth, bad, onsets, peaks, sfreq)
    return _table(smooth, onsets, peaks, half, sfreq)


def _half_recovery(
    smooth: FloatArray,
    bad: BoolArray,
    onsets: npt.NDArray[np.int64],
    peaks: npt.NDArray[np.int64],
    sfreq: float,
) -> FloatArray:
    """Sample at which each response has lost half of its amplitude, NaN if unknown."""
    following = np.concatenate([onsets[1:], [len(smooth) - 1]])[: len(peaks)]
    last = np.minimum(following, peaks + int(_RECOVERY * sfreq))
    half = crossings(smooth, peaks, last, (smooth[peaks] + smooth[onsets]) / 2)
    end = np.where(np.isfinite(half), np.ceil(half), peaks).astype(np.int64)
    return np.where(span_touches(bad, peaks, end), np.nan, half)


def _table(
    smooth: FloatArray,
    onsets: npt.NDArray[np.int64],
    peaks: npt.NDArray[np.int64],
    half: FloatArray,
    sfreq: float,
) -> EventTable:
    return {
        "onset": onsets / sfreq,
        "peak": peaks / sfreq,
        "amplitude": smooth[peaks] - smooth[onsets],
        "rise_time": (peaks - onsets) / sfreq,
        "half_recovery_time": (half - peaks) / sfreq,
    }
