"""Saccades in an electrooculogram (EOG): fast steps of the gaze."""

from __future__ import annotations

import numpy as np
import scipy

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.blocks import between_blocks, block_medians, local_median
from physio_vad.dsp.event_windows import EventTable, span_touches
from physio_vad.dsp.filters import low_pass

BLOCK = 0.5
"""Seconds for which the noise of the speed is read."""

MIN_SACCADE = 30.0
"""Smallest change of level of a saccade in uV, by default."""

LOWEST_RATE = 50.0
"""Hz below which the speed of a saccade cannot be told."""

_CUTOFF = 20.0  # Hz
_ABOVE_NOISE = 4.5  # standard deviations of the velocity
_BLOCKS = 41  # blocks, some 20 s, of which the median noise is taken
_APART = 0.1  # s between saccades
_BEFORE, _AFTER = 0.04, 0.16  # s on each side between which the level before and after is read
_BLINK_MARGIN = 0.1  # s around a blink in which a fast change is the lid


def find_saccade_peaks(
    values: FloatArray,
    bad: BoolArray,
    sfreq: float,
    blinks: EventTable,
    *,
    min_amplitude: float = MIN_SACCADE,
) -> EventTable:
    """Find saccades: fast changes after which the signal stays where it went.

    The speed must exceed 4.5 standard deviations of its noise, which are read from the median
    speed over some 20 s as Engbert & Kliegl do, and the level must change by `min_amplitude`.

    Parameters
    ----------
    values : array of shape (n_samples,)
        EOG, finite.
    bad : bool array of shape (n_samples,)
        Samples that are no signal: a saccade near one is left out.
    sfreq : float
        Sampling rate in Hz.
    blinks : dict of str to array
        Table of `find_blink_peaks`: what happens between `onset` and `end` is no saccade.
    min_amplitude : float
        Smallest change of level in the unit of `values`.

    Returns
    -------
    dict of str to array of shape (n_saccades,)
        `time` of the highest speed in seconds from sample 0; `amplitude`, the change of level
        with its sign; `peak_velocity`, the highest speed, in units per second, positive.

    References
    ----------
    Engbert & Kliegl (2003), doi:10.1016/S0042-6989(03)00084-1.
    """
    if sfreq < LOWEST_RATE or len(values) < int(BLOCK * sfreq):
        return {name: np.empty(0) for name in ("time", "amplitude", "peak_velocity")}
    smooth = low_pass(values, sfreq, _CUTOFF)
    speed = np.abs(np.gradient(smooth, 1 / sfreq))
    least = _least_speed(speed, int(BLOCK * sfreq))
    fast = np.where(speed >= least, speed, 0.0)  # sooner looked through
    peaks, _ = scipy.signal.find_peaks(fast, height=least, distance=max(int(_APART * sfreq), 1))
    near, far = (int(np.ceil(side * sfreq)) for side in (_BEFORE, _AFTER))
    inside = (peaks >= far) & (peaks + far < len(values))
    peaks = peaks[inside & ~span_touches(bad, peaks - far, peaks + far)]
    away = np.arange(near, far + 1)
    after, before = (smooth[peaks[:, np.newaxis] + side].mean(axis=1) for side in (away, -away))
    time = peaks / sfreq
    kept = (np.abs(after - before) >= min_amplitude) & ~_within(time, blinks)
    return {
        "time": time[kept],
        "amplitude": (after - before)[kept],
        "peak_velocity": speed[peaks][kept],
    }


def _least_speed(speed: FloatArray, size: int) -> FloatArray:
    """Tell the noise of the velocity around each sample, whatever moves fast, times what is clear.

    The median of magnitudes is 1 / 1.4826 of the SD of normal noise.
    """
    level = local_median(block_medians(speed, size), _BLOCKS)
    return between_blocks(1.4826 * _ABOVE_NOISE * level, size, len(speed))


def _within(time: FloatArray, blinks: EventTable) -> BoolArray:
    """Tell which times lie in a blink."""
    number = np.searchsorted(blinks["onset"] - _BLINK_MARGIN, time, side="right") - 1
    ends = np.concatenate([[-np.inf], blinks["end"] + _BLINK_MARGIN])
    return np.asarray(time <= ends[number + 1])
