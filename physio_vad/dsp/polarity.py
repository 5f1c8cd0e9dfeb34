"""Which way is up in an ECG or a photoplethysmogram."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.blocks import blocks_of

SURE = 2 / 3
"""Share of the votes that is enough: a gap or noise must not decide."""

# Chosen on simulated pulses and on HKU956, looking at Stress-Predict too: not independent of it.
_REACH = 0.3  # seconds in which a narrow wave rises and falls
_COMPARABLE = 0.65  # as steep, as a share, are both flanks of a narrow wave


def upward_peaks(signal: FloatArray, good: BoolArray, size: int) -> float:
    """Share of the blocks of an ECG that reach further up than down.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        Filtered ECG.
    good : bool array of shape (n_blocks,)
        Blocks that vote.
    size : int
        Samples of a block, in which there is a beat.

    Returns
    -------
    float
        In [0, 1].
    """
    blocks = blocks_of(signal, size)
    return float((blocks.max(axis=1) + blocks.min(axis=1) >= 0)[good].mean())


def upward_pulses(slope: FloatArray, good: BoolArray, size: int, sfreq: float) -> float:
    """Share of the blocks of a photoplethysmogram whose pulses point up.

    The steepest flank of a pulse wave is its systolic rise. Behind a high-pass (AC coupling) its
    fall can be steeper still; but then the rise is close before it and nearly as steep, and they
    are the two sides of a narrow wave, which only a crest is: the trough of a pulse wave is wide
    on one side.

    Parameters
    ----------
    slope : array of shape (n_samples,)
        Slope of the filtered signal.
    good : bool array of shape (n_blocks,)
        Blocks that vote.
    size : int
        Samples of a block, in which there is a beat.
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    float
        In [0, 1].
    """
    steep = np.abs(blocks_of(slope, size)).argmax(axis=1) + size * np.arange(len(good))
    reach = int(_REACH * sfreq)
    inside = good & (steep >= reach) & (steep < len(slope) - reach)
    places = steep[inside] if inside.any() else steep[:0]
    up = 0
    for sign in (1, -1):
        some = places[np.sign(slope[places]) == sign]
        up += len(some) * (_first_flank(slope, some, reach) * sign > 0)
    return up / len(places) if len(places) else 1.0


def _first_flank(slope: FloatArray, places: IntArray, reach: int) -> int:
    """Tell whether the steepest flanks are rises (1) or the second flanks of narrow waves (-1)."""
    if len(places) == 0:
        return 1
    around = slope[places[:, np.newaxis] + np.arange(-reach, reach + 1)]
    flank = np.median(around / slope[places][:, np.newaxis], axis=0)
    before, after = -flank[:reach].min(initial=0.0), -flank[reach + 1 :].min(initial=0.0)
    return -1 if before > max(_COMPARABLE, after) else 1
