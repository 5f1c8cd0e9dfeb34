"""Candidates for beats: how high they are, and how much they resemble those around."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.beat_shapes import BeatShape
from physio_vad.dsp.blocks import blocks_of, local_median
from physio_vad.dsp.templates import dominant, local_maxima, local_mean, pieces_around
from physio_vad.dsp.window_stats import span_sum

_REFERENCE_BLOCKS = 13  # the median of their highest values is the height of beats around
_LEAST_HEIGHT = 0.2  # of that height: what is lower is no candidate
_FIRST_HEIGHTS = (0.35, 2.9)  # heights of the candidates that make the first template
_HIGHEST = 2.5  # of that height: what is higher is no beat
_LEAST_AGREEMENT = 0.5  # of beats with their template
_LOWER = 0.8  # of the beat before: what follows it soon and is lower may be its second wave
_MOSTLY = 1 / 4  # of the intervals around: so many such waves are no accident
_ECHOES = 21  # intervals around
_CLEAR = 0.9  # score of beats none of which is one too many: a premature beat may be between
_SHORT = 0.6  # of the local median: one of the two beats of such an interval is none


def find_candidates(
    signal: FloatArray, bad: BoolArray, good: BoolArray, size: int, before: int, after: int
) -> tuple[IntArray, FloatArray]:
    """Find local maxima away from gaps, and how high they are beside the beats around.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        Signal, beats upwards.
    bad : bool array of shape (n_samples,)
        Samples in gaps.
    good : bool array of shape (n_blocks,)
        Blocks whose highest value counts.
    size : int
        Samples of a block, in which there is a beat.
    before, after : int
        Samples on either side of a beat in which there must be no gap.

    Returns
    -------
    peaks : int array of shape (n_candidates,)
        Samples.
    heights : array of shape (n_candidates,)
        As a share of those of beats around; at least 0.2.
    """
    peaks = local_maxima(signal)
    tops = blocks_of(signal, size).max(axis=1)[good]
    middles = (np.flatnonzero(good) + 0.5) * size
    around = np.interp(peaks, middles, local_median(tops, _REFERENCE_BLOCKS))
    heights = signal[peaks] / np.where(around > 0, around, np.inf)
    there = heights >= _LEAST_HEIGHT
    if bad.any():
        first, last = np.maximum(peaks - before, 0), np.minimum(peaks + after + 1, len(signal))
        there &= span_sum(bad, first, last) == 0
    return peaks[there], heights[there]


def match_candidates(
    signal: FloatArray,
    peaks: IntArray,
    heights: FloatArray,
    before: int,
    after: int,
    rate: float,
    shape: BeatShape,
) -> tuple[FloatArray, FloatArray]:
    """Correlate candidates with the template around them, twice.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        Signal, beats upwards.
    peaks, heights : array of shape (n_candidates,)
        Of `find_candidates`.
    before, after : int
        Extent of the template in samples.
    rate : float
        Sampling rate in Hz.
    shape : BeatShape
        Which kind of beat.

    Returns
    -------
    agreement : array of shape (n_candidates,)
        Correlation with the template.
    score : array of shape (n_candidates,)
        How good a beat it is, 0 if it is none.
    """
    pieces = pieces_around(signal, peaks, before, after)
    pieces /= signal[peaks][:, np.newaxis]  # first, as squares of tiny numbers are 0
    pieces /= np.linalg.norm(pieces, axis=1, keepdims=True)
    low, high = _FIRST_HEIGHTS
    first = dominant(peaks, heights, shape.apart * rate) & (heights > low) & (heights < high)
    weight = first.astype(np.float64)
    agreement = score = np.zeros(len(peaks))
    for _ in range(2):
        template = local_mean(pieces, weight, peaks, shape.near * rate)
        agreement = np.clip((template * pieces).sum(axis=1), 0.0, 1.0)
        score = beat_score(peaks, heights, agreement, rate, shape)
        weight = np.where(score > 0, agreement**4, 0.0)
    return agreement, score


def beat_merit(heights: FloatArray, agreement: FloatArray) -> FloatArray:
    """Rate how much each candidate resembles a beat.

    Parameters
    ----------
    heights, agreement : array of shape (n_candidates,)
        Height as a share of that of beats around; correlation with the template.

    Returns
    -------
    array of shape (n_candidates,)
        In [0, 1]; 0 if it resembles none or is too high for one.
    """
    return np.where(agreement >= _LEAST_AGREEMENT, likeness(heights, agreement), 0.0)


def likeness(heights: FloatArray, agreement: FloatArray) -> FloatArray:
    """Rate as `beat_merit` does, candidates of any agreement: in loud noise it tells little."""
    merit = agreement * np.exp(-0.5 * np.abs(np.log(heights)))
    return np.where(heights < _HIGHEST, merit, 0.0)


def beat_score(
    peaks: IntArray, heights: FloatArray, agreement: FloatArray, rate: float, shape: BeatShape
) -> FloatArray:
    """Rate the candidates that no better one is near to.

    Parameters
    ----------
    peaks : int array of shape (n_candidates,)
        Samples, ascending.
    heights, agreement : array of shape (n_candidates,)
        Height as a share of that of beats around; correlation with the template.
    rate : float
        Sampling rate in Hz.
    shape : BeatShape
        Which kind of beat.

    Returns
    -------
    array of shape (n_candidates,)
        `beat_merit`; 0 for what is no beat.
    """
    merit = agreement * np.exp(-0.5 * np.abs(np.log(heights)))
    beat = dominant(peaks, merit, shape.apart * rate) & (heights > shape.lowest)
    return np.where(beat, beat_merit(heights, agreement), 0.0)


def second_waves(
    peaks: IntArray, heights: FloatArray, beats: BoolArray, longest: float
) -> BoolArray:
    """Mark second waves of the beats before them: soon after, lower, and after most beats.

    Parameters
    ----------
    peaks : int array of shape (n_candidates,)
        Samples, ascending.
    heights : array of shape (n_candidates,)
        As a share of those of beats around.
    beats : bool array of shape (n_candidates,)
        Candidates that are taken for beats.
    longest : float
        Samples within which a second wave follows; with 0 nothing is marked.

    Returns
    -------
    bool array of shape (n_candidates,)
        Second waves among the candidates that are taken for beats.

    Examples
    --------
    >>> import numpy as np
    >>> peaks, heights = np.array([0, 3, 8, 11, 16, 19]), np.array([1, 0.6, 1, 0.5, 1, 0.6])
    >>> second_waves(peaks, heights, np.ones(6, dtype=bool), longest=5)
    array([False,  True, False,  True, False,  True])
    """
    which = np.flatnonzero(beats)
    marked = np.zeros(len(peaks), dtype=bool)
    if longest <= 0 or len(which) < 3:
        return marked
    lower = heights[which[1:]] < _LOWER * heights[which[:-1]]
    echo = lower & (np.diff(peaks[which]) <= longest)
    share = uniform_filter1d(echo.astype(np.float64), _ECHOES, mode="reflect")
    marked[which[1:]] = echo & (share >= _MOSTLY)
    return marked


def without_extra(peaks: IntArray, score: FloatArray, beats: IntArray) -> IntArray:
    """Drop the worse of two beats that are much closer than those around.

    Parameters
    ----------
    peaks : int array of shape (n_candidates,)
        Samples, ascending.
    score : array of shape (n_candidates,)
        Of `beat_score`.
    beats : int array of shape (n_beats,)
        Candidates that are taken for beats, ascending.

    Returns
    -------
    int array of shape (n_kept,)
        Those that are kept.

    Examples
    --------
    >>> import numpy as np
    >>> without_extra(np.array([0, 10, 13, 20, 30]), np.array([1, 1, 0.6, 1, 1]), np.arange(5))
    array([0, 1, 3, 4])
    """
    for _ in range(4):
        intervals = np.diff(peaks[beats]).astype(np.float64)
        short = intervals < _SHORT * local_median(intervals, 11)
        before, after = score[beats[:-1]], score[beats[1:]]
        short &= np.minimum(before, after) < _CLEAR
        if not short.any():
            break
        extra = np.zeros(len(beats), dtype=bool)
        extra[:-1] |= short & (before < after)
        extra[1:] |= short & (after <= before)
        beats = beats[~extra]
    return beats
