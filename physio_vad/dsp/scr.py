"""Skin conductance responses (SCRs) in a low-rate skin conductance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.event_windows import EventTable, span_touches
from physio_vad.dsp.filters import zero_phase
from physio_vad.dsp.onsets import climb_onsets
from physio_vad.dsp.peaks import prominent_peaks, vertices
from physio_vad.dsp.slopes import ascents, crossings

THRESHOLD = 0.05
"""Smallest amplitude of a response in uS, by default; 0.01 to 0.05 are in use."""

LOWEST_RATE = 2.0
"""Hz below which a response cannot be told from a drift."""

_CUTOFF = 1.0  # Hz; a response rises in 1 to 3 s
_DIP = 0.5  # a dip of less than this share of the threshold does not end a response
_SURROUND = 10.0  # s on each side in which a peak must stand out
_RECOVERY = 15.0  # s within which half of the amplitude must be lost again
_LONGEST_RISE = 4.0  # s
_MARGIN = 0.5  # s that must be good before the onset and after the peak


def find_responses(
    values: FloatArray,
    bad: BoolArray,
    sfreq: float,
    *,
    threshold: float = THRESHOLD,
    max_rise: float = _LONGEST_RISE,
    smooth: FloatArray | None = None,
) -> EventTable:
    """Find skin conductance responses by an absolute threshold.

    A response is a climb to a peak of the signal low-passed at 1 Hz, from the foot where the climb
    begins (`ascents`); a rise that goes on for longer than `max_rise` is a drift. Only what
    stands within 10 s of a peak decides about it, so an artefact cannot hide later responses.
    The low-pass lets a climb begin too early, so its onset is placed in the signal before it
    (`climb_onsets`).

    Parameters
    ----------
    values : array of shape (n_samples,)
        Skin conductance, finite, at 4 to 10 Hz.
    bad : bool array of shape (n_samples,)
        Samples that are no signal: a response that touches one is left out.
    sfreq : float
        Sampling rate in Hz.
    threshold : float
        Smallest amplitude, from foot to peak, in the unit of `values`.
    max_rise : float
        Longest time from foot to peak in seconds.
    smooth : array of shape (n_samples,), optional
        What `smoothed` gives of the values, where it is known.

    Returns
    -------
    dict of str to array of shape (n_responses,)
        `onset` and `peak` in seconds from sample 0; `amplitude` from foot to peak; `rise_time` from
        onset to peak and `half_recovery_time` from the peak until half of the amplitude is lost, in
        seconds, NaN where the next response or a gap comes first.

    References
    ----------
    Boucsein et al. (2012), doi:10.1111/j.1469-8986.2012.01384.x.
    """
    smooth = smoothed(values, sfreq) if smooth is None else smooth
    if sfreq < LOWEST_RATE or len(values) < 3:
        none = np.empty(0)
        return _table(none, none, none, none, sfreq)
    candidates, _ = _candidates(smooth, sfreq, threshold)
    feet, peaks = _climbs(smooth, bad, sfreq, candidates, threshold, max_rise)
    onsets = np.minimum(climb_onsets(values, feet, sfreq), (feet + peaks) / 2)
    half = _half_recovery(smooth, bad, feet, peaks, sfreq)
    return _table(onsets, vertices(smooth, peaks), smooth[peaks] - smooth[feet], half, sfreq)


def smoothed(values: FloatArray, sfreq: float) -> FloatArray:
    """Low-pass skin conductance of shape (..., n_samples) at 1 Hz: in it responses are found."""
    return zero_phase(values, sfreq, high=_CUTOFF)


def response_peaks(
    smooth: FloatArray, bad: BoolArray, sfreq: float, thresholds: Sequence[float]
) -> dict[float, FloatArray]:
    """Find when responses peak, those of each of several thresholds.

    Parameters
    ----------
    smooth : array of shape (n_samples,)
        What `smoothed` gives of a signal.
    bad, sfreq
        As for `find_responses`.
    thresholds : sequence of float
        Smallest amplitudes in the unit of the signal.

    Returns
    -------
    dict of float to array of shape (n_responses,)
        Seconds from sample 0, as `find_responses` with that threshold gives them.
    """
    if sfreq < LOWEST_RATE or len(smooth) < 3:
        return dict.fromkeys(thresholds, np.empty(0))
    candidates, heights = _candidates(smooth, sfreq, min(thresholds))
    times = {}
    for one in thresholds:
        some = candidates[heights >= _DIP * one]
        times[one] = vertices(smooth, _climbs(smooth, bad, sfreq, some, one)[1]) / sfreq
    return times


def _candidates(smooth: FloatArray, sfreq: float, threshold: float) -> tuple[IntArray, FloatArray]:
    """Peaks that stand out, and by how much."""
    return prominent_peaks(smooth, _DIP * threshold, 2 * int(_SURROUND * sfreq) + 1)


def _climbs(
    smooth: FloatArray,
    bad: BoolArray,
    sfreq: float,
    peaks: IntArray,
    threshold: float,
    max_rise: float = _LONGEST_RISE,
) -> tuple[IntArray, IntArray]:
    """Feet and peaks of the climbs that are high enough and touch no gap."""
    previous = np.concatenate([[0], peaks[:-1]]) if len(peaks) else peaks
    first = np.maximum(previous, peaks - int(np.ceil(max_rise * sfreq)))
    feet, _ = ascents(smooth, peaks, first)
    margin = int(np.ceil(_MARGIN * sfreq))
    kept = (feet >= 0) & (smooth[peaks] - smooth[feet] >= threshold)
    kept &= ~span_touches(bad, feet - margin, peaks + margin)
    return feet[kept], peaks[kept]


def _half_recovery(
    smooth: FloatArray,
    bad: BoolArray,
    feet: IntArray,
    peaks: IntArray,
    sfreq: float,
) -> FloatArray:
    """Sample at which each response has lost half of its amplitude, NaN if unknown."""
    following = np.concatenate([feet[1:], [len(smooth)]])[: len(peaks)]
    last = np.minimum(following, peaks + int(_RECOVERY * sfreq))
    half = crossings(smooth, peaks, last, (smooth[peaks] + smooth[feet]) / 2)
    end = np.where(np.isfinite(half), np.ceil(half), peaks).astype(np.int64)
    return np.where(span_touches(bad, peaks, end), np.nan, half)


def _table(
    onsets: FloatArray, peaks: FloatArray, amplitudes: FloatArray, half: FloatArray, sfreq: float
) -> EventTable:
    return {
        "onset": onsets / sfreq,
        "peak": peaks / sfreq,
        "amplitude": amplitudes,
        "rise_time": (peaks - onsets) / sfreq,
        "half_recovery_time": (half - peaks) / sfreq,
    }
