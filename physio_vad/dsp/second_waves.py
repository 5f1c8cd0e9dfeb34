"""The second wave of a pulse: what comes back from the small arteries, or the dicrotic wave."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import percentile_filter

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import Beats
from physio_vad.dsp.event_windows import span_touches
from physio_vad.dsp.templates import local_mean, pieces_around

_LATEST = 0.8  # seconds from the rise
_SHORT, _AROUND = 25, 21  # percentile of the lengths of so many pulses: the mean is of these
_CLEAR = 0.1  # of the steepest fall: how much less steep the wave's front is than its back


def second_waves(beats: Beats, rises: IntArray, lengths: IntArray) -> IntArray:
    """Find when the second wave follows the rise, in the mean of the pulses around each.

    After its steepest fall the mean pulse has a wave if it falls less steeply for a while, or
    rises, and then more steeply again by a share of the steepest fall. The wave's peak is where
    it stops to rise; if it never does, where it falls least.

    Parameters
    ----------
    beats : Beats
        Pulses.
    rises : int array of shape (n_beats,)
        Samples of `beats.smooth` where they rise most steeply.
    lengths : int array of shape (n_beats,)
        Samples from there to the foot of the next pulse.

    Returns
    -------
    int array of shape (n_beats,)
        Samples from the rise, 0 where there is no second wave.

    References
    ----------
    Millasseau et al. (2002), doi:10.1042/cs1030371.
    """
    reach = max(int(_LATEST * beats.sfreq), 2)
    slopes = _mean_slopes(beats, rises, reach)
    usual = percentile_filter(lengths, _SHORT, _AROUND, mode="mirror")
    steps, row = np.arange(reach + 1), np.arange(len(rises))
    beyond = steps >= np.minimum(lengths, usual)[:, np.newaxis]
    before_foot = np.where(beyond, np.inf, slopes)
    fall = np.argmin(before_foot, axis=1)
    steepest = slopes[row, fall]
    backwards = np.ascontiguousarray(before_foot[:, ::-1].T)  # along its first axis it is fast
    steepest_after = np.minimum.accumulate(backwards, axis=0)[::-1].T
    clear = np.where(beyond | (steps <= fall[:, np.newaxis]), -np.inf, slopes - steepest_after)
    wave = np.argmax(clear, axis=1)
    there = (steepest < 0) & (clear[row, wave] >= -_CLEAR * steepest)
    still = (slopes > 0) | (steps < wave[:, np.newaxis])
    return np.where(there, np.argmin(still, axis=1), 0)


def _mean_slopes(beats: Beats, rises: IntArray, reach: int) -> FloatArray:
    """Compute the steps of the mean pulse around each, from its rise on, on any scale."""
    slopes = pieces_around(
        np.diff(beats.smooth), np.minimum(rises, len(beats.smooth) - 2), 0, reach
    )
    weight = np.where(span_touches(beats.bad, rises, rises + reach), 0.0, beats.agreement**4)
    return local_mean(slopes, weight, beats.times, PPG_BEAT.near)
