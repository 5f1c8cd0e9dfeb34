"""Height and peak of pulse waves, and how long they take from the heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import Beats
from physio_vad.dsp.templates import parabola
from physio_vad.dsp.window_stats import span_max, span_min

RISE = 0.3
"""Seconds within which a pulse rises from its foot, and then to its peak."""


@dataclass(frozen=True, eq=False)
class Pulses:
    """Properties of pulse waves, each of shape (n_beats,).

    Parameters
    ----------
    peaks : array
        Time of the systolic peak in seconds from the first sample: the steepest rise, which can
        be placed best, plus the mean time from there to the peak among the pulses around.
    amplitudes : array
        Peak - foot.
    """

    peaks: FloatArray
    amplitudes: FloatArray


def measure_pulses(beats: Beats) -> Pulses:
    """Measure the pulse waves around the rises that were found."""
    if len(beats.times) == 0:
        return Pulses(beats.times, beats.times)
    rate, signal = beats.sfreq, beats.smooth
    rises = np.clip(np.round((beats.times - beats.offset) * rate), 0, len(signal) - 1).astype(int)
    reach = max(int(RISE * rate), 1)
    first = np.maximum(rises - reach, np.concatenate([[0], rises[:-1]]))
    last = np.minimum(rises + reach, np.concatenate([rises[1:], [len(signal) - 1]]))
    amplitudes = span_max(signal, rises, last + 1) - span_min(signal, first, rises + 1)
    after = np.arange(reach + 2)
    ahead = signal[np.minimum(rises[:, np.newaxis] + after, len(signal) - 1)]
    beyond = after >= (last - rises)[:, np.newaxis]
    top = np.clip(np.argmax(np.where(beyond, -np.inf, ahead), axis=1), 1, reach)
    row = np.arange(len(rises))
    lag = (top + parabola(*(ahead[row, top + step] for step in (-1, 0, 1)))) / rate
    lag += rises / rate - (beats.times - beats.offset)
    begin = np.searchsorted(beats.times, beats.times - PPG_BEAT.near)
    end = np.searchsorted(beats.times, beats.times + PPG_BEAT.near, side="right")
    total = np.concatenate([[0.0], np.cumsum(lag)])
    return Pulses(beats.times + (total[end] - total[begin]) / (end - begin), amplitudes)


def arrival_times(
    rises: FloatArray, beats: FloatArray, *, shortest: float = 0.05, longest: float = 0.6
) -> FloatArray:
    """Time from the last R peak to each pulse's steepest rise.

    Parameters
    ----------
    rises, beats : array
        Ascending times in seconds, of pulses (n_pulses,) and of R peaks (n_beats,).
    shortest, longest : float
        Limits of a plausible time in seconds.

    Returns
    -------
    array of shape (n_pulses,)
        Seconds; NaN where there is no plausible R peak.

    Examples
    --------
    >>> import numpy as np
    >>> arrival_times(np.array([1.25, 2.25, 4.25]), np.array([1.0, 2.0])).tolist()
    [0.25, 0.25, nan]
    """
    if len(beats) == 0:
        return np.full(len(rises), np.nan)
    before = np.searchsorted(beats, rises - shortest, side="right") - 1
    delay = rises - beats[np.maximum(before, 0)]
    return np.where((before >= 0) & (delay <= longest), delay, np.nan)
