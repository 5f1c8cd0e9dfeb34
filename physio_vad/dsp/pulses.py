"""Height and peak of pulse waves, and how long they take from the heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import Beats
from physio_vad.dsp.blocks import median
from physio_vad.dsp.event_windows import span_touches
from physio_vad.dsp.second_waves import second_waves
from physio_vad.dsp.slopes import crossings
from physio_vad.dsp.templates import parabola
from physio_vad.dsp.window_stats import span_max, span_min

RISE = 0.3
"""Seconds within which a pulse rises from its foot, and then to its peak."""

_FALL = 3.0  # seconds within which it falls to half of its height, or never


# Set beforehand: pulses arrive at ears, fingers and wrists 0.1 to 0.35 s after the R peak.
_AFTER_HEART = (0.05, 0.65)  # seconds from the R peak in which flanks are looked for
_ARRIVAL = (0.08, 0.4)  # seconds from the R peak to the middle of a rise
_COHERENT = 0.4  # of a mean flank, each pulse's steepest one being 1
_FEWEST = 10  # R peaks


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
    rise_times : array
        Seconds from 10 to 90 % of the height.
    widths : array
        Seconds for which the pulse is above half of its height. Both are NaN where the pulse
        touches a gap, this one also where it does not fall so far before the next.
    reflections : array
        Height at the second wave over that of the peak; NaN at a gap and where there is no such
        wave among the pulses around.
    """

    peaks: FloatArray
    amplitudes: FloatArray
    rise_times: FloatArray
    widths: FloatArray
    reflections: FloatArray


def measure_pulses(beats: Beats) -> Pulses:
    """Measure the pulse waves around the rises that were found."""
    if len(beats.times) == 0:
        return Pulses(*(beats.times,) * 5)
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
    shape = _shape(beats, rises, first, top)
    lag += rises / rate - (beats.times - beats.offset)
    begin = np.searchsorted(beats.times, beats.times - PPG_BEAT.near)
    end = np.searchsorted(beats.times, beats.times + PPG_BEAT.near, side="right")
    total = np.concatenate([[0.0], np.cumsum(lag)])
    peaks = beats.times + (total[end] - total[begin]) / (end - begin)
    return Pulses(peaks, amplitudes, *shape)


def _shape(beats: Beats, rises: IntArray, first: IntArray, top: IntArray) -> list[FloatArray]:
    """Rise times, widths and reflections; see `Pulses`."""
    signal, rate = beats.smooth, beats.sfreq
    before = np.maximum(rises[:, np.newaxis] - np.arange(int(RISE * rate) + 2), 0)
    behind = np.where(before >= first[:, np.newaxis], signal[before], np.inf)
    feet = rises - np.argmin(behind, axis=1)
    peaks = np.minimum(rises + top, len(signal) - 1)
    backwards, back = signal[::-1], (len(signal) - 1 - peaks, len(signal) - 1 - feet)
    height = signal[peaks] - signal[feet]
    levels = signal[feet] + np.array([[0.1], [0.5], [0.9]]) * height
    tenth, half, most = crossings(backwards, *back, levels)
    following = np.concatenate([feet[1:], [len(signal) - 1]])
    latest = np.minimum(following, peaks + round(_FALL * rate))  # the next pulse may be after a gap
    down = crossings(signal, peaks, latest, levels[1])
    ends = np.where(np.isfinite(down), np.ceil(down), peaks).astype(np.int64)
    gap = span_touches(beats.bad, feet, ends)
    widths = (down - (len(signal) - 1 - half)) / rate
    waves = second_waves(beats, rises, following - rises)
    places = np.minimum(rises + waves, len(signal) - 1)
    second = (waves > 0) & ~span_touches(beats.bad, feet, places)
    reflections = np.where(second, (signal[places] - signal[feet]) / height, np.nan)
    return [np.where(gap, np.nan, one) for one in ((tenth - most) / rate, widths, reflections)]


def rise_after_heart(beats: Beats, heart: FloatArray) -> float:
    """Probability that pulse waves point up, from which flank follows the R peaks first.

    Whatever AC coupling does to a pulse, it rises before it falls, and soon after the R peak.

    Parameters
    ----------
    beats : Beats
        Pulses, of either polarity.
    heart : array of shape (n_beats,)
        Times of the R peaks in seconds, on the clock of `beats`.

    Returns
    -------
    float
        0.9 or 0.1; 0.5 where R peaks are few or no flank follows them at one and the same time.
    """
    rate, signal = beats.sfreq, beats.polarity * beats.smooth
    first, last = (int(np.ceil(time * rate)) for time in _AFTER_HEART)
    places = np.round((heart - beats.offset) * rate).astype(np.int64)
    places = places[(places >= 0) & (places + last < len(signal) - 1)]
    if len(places) < _FEWEST or len(signal) < 2:
        return 0.5
    slopes = np.gradient(signal)[places[:, np.newaxis] + np.arange(first, last)]
    size = np.abs(slopes).max(axis=1, keepdims=True)
    mean = median(slopes / np.where(size > 0, size, 1.0), axis=0)
    steep = np.abs(mean) >= max(0.5 * np.abs(mean).max(), _COHERENT)
    earliest = int(np.argmax(steep))
    if not steep.any() or not _ARRIVAL[0] <= (first + earliest) / rate <= _ARRIVAL[1]:
        return 0.5
    return 0.9 if mean[earliest] > 0 else 0.1


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
