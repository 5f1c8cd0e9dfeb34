"""What breathing changes in the beats of a signal, beside their distance."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.beats import Beats
from physio_vad.dsp.window_stats import span_max, span_mean, span_min

_QRS = 0.06  # seconds from an R peak that hold Q and S
_BEFORE = (0.1, 0.04)  # seconds before an R peak: between P and Q


def qrs_heights_and_levels(beats: Beats) -> FloatArray:
    """Height of each QRS complex, and the level before it.

    Parameters
    ----------
    beats : Beats
        Beats of an ECG.

    Returns
    -------
    array of shape (2, n_beats)
        In the unit of the signal.
    """
    signal = beats.smooth
    first, last = (_samples(beats, beats.times + apart) for apart in (-_QRS, _QRS))
    begin, end = (_samples(beats, beats.times - apart) for apart in _BEFORE)
    heights = span_max(signal, first, last + 1) - span_min(signal, first, last + 1)
    return np.array([heights, span_mean(signal, begin, end + 1)])


def pulse_levels(beats: Beats) -> FloatArray:
    """Mean of the signal from the rise of each pulse to the next.

    Parameters
    ----------
    beats : Beats
        Pulses of a photoplethysmogram.

    Returns
    -------
    array of shape (n_beats,)
        In the unit of the signal.
    """
    first = _samples(beats, beats.times)
    last = np.append(first[1:], len(beats.smooth))[: len(first)]
    return span_mean(beats.smooth, first, np.maximum(last, first + 1))


def _samples(beats: Beats, times: FloatArray) -> IntArray:
    samples = np.round((times - beats.offset) * beats.sfreq)
    return np.clip(samples, 0, len(beats.smooth) - 1).astype(np.int64)
