"""Breaths in a low-rate respiration signal."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import percentile_filter

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.event_windows import EventTable, span_touches
from physio_vad.dsp.filters import zero_phase
from physio_vad.dsp.gaps import fill_gaps, no_signal
from physio_vad.dsp.peaks import prominent_peaks, vertices
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.recent import Recent
from physio_vad.dsp.window_stats import span_mean_sd

BLOCK = 5.0
"""Seconds for which the depth of breathing is read: at least most of a breath."""

LOWEST_RATE = 2.0
"""Hz below which breaths cannot be told apart."""

FLAT = 20.0
"""Seconds of equal values that are no signal: a held breath is flat."""

_RATE = 10.0  # Hz: far above breathing, and a block of 0.1 s averages mains hum away
_CUTOFF = 1.5  # Hz
_BLOCKS = 13  # blocks, some 65 s, from whose depths a typical one is taken
_TYPICAL = 70  # percentile of them: a breath may be held in half of the time
_SHARE = 0.25  # of that depth that a breath must have
_PERIODS = (1.0, 15.0)  # s
_CLEAR = 4.0  # SD of the noise within it: waves of white noise reach 3.5


def low_rate_factor(sfreq: float) -> int:
    """Count the samples that are averaged to one, at about 10 Hz."""
    return max(round(sfreq / _RATE), 1)


def find_breaths_raw(values: FloatArray, sfreq: float) -> EventTable:
    """Find breaths in a channel as it comes: what is missing, flat or absurd counts as a gap.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Respiration.
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    dict of str to array of shape (n_breaths,)
        The clear ones of `find_breath_cycles`, times in seconds from the first sample.
    """
    bad = no_signal(values, FLAT * sfreq)
    factor = low_rate_factor(sfreq)
    low, bad = block_average(fill_gaps(values, bad), bad, factor)
    found = clear_breaths(find_breath_cycles(low, bad, sfreq / factor))
    offset = (factor - 1) / 2 / sfreq
    return found | {name: found[name] + offset for name in ("onset", "peak", "end")}


def find_breath_cycles(values: FloatArray, bad: BoolArray, sfreq: float) -> EventTable:
    """Find breaths, from trough to peak to trough.

    In the signal low-passed at 1.5 Hz a peak and a trough count if they stand out from their
    surround of 15 s by 25 % of the depth of breathing there: a typical one, over some 65 s, of the
    ranges within 5 s. A breath is a trough, the peak after it and the next trough; it takes 1 to
    15 s. Inspiration is taken to rise.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Respiration, finite, at about 10 Hz.
    bad : bool array of shape (n_samples,)
        Samples that are no signal: a breath that touches one is left out.
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    dict of str to array of shape (n_breaths,)
        `onset` (trough), `peak` and `end` (next trough) in seconds from sample 0; `amplitude`
        from onset to peak; `period`, `inspiration` and `expiration` in seconds; `noise`, the SD of
        what is faster than 1.5 Hz within it.
    """
    rate, found = _recent.recall(values, bad) or (0.0, {})
    if rate != sfreq:
        found = _breath_cycles(values, bad, sfreq)
        for one in found.values():
            one.setflags(write=False)
        _recent.keep(values.copy(), bad.copy(), (sfreq, found))
    return dict(found)


_recent: Recent[tuple[float, EventTable]] = Recent()


def _breath_cycles(values: FloatArray, bad: BoolArray, sfreq: float) -> EventTable:
    smooth = zero_phase(values, sfreq, high=_CUTOFF)
    if sfreq < LOWEST_RATE or len(values) < 3:
        nothing = np.empty(0, np.int64)
        return _table(values, smooth, nothing, nothing, nothing, sfreq)
    depth = _depth(smooth, bad, sfreq)
    troughs, peaks = _alternate(
        smooth, _extremes(-smooth, depth, sfreq), _extremes(smooth, depth, sfreq)
    )
    onset, end = troughs[:-1], troughs[1:]
    peak = peaks[np.searchsorted(peaks, onset)] if len(onset) else onset
    period = (end - onset) / sfreq
    kept = (period >= _PERIODS[0]) & (period <= _PERIODS[1]) & ~span_touches(bad, onset, end)
    return _table(values, smooth, onset[kept], peak[kept], end[kept], sfreq)


def clear_breaths(breaths: EventTable) -> EventTable:
    """Take the breaths that stand out from their noise, without its column.

    Parameters
    ----------
    breaths : dict of str to array of shape (n_breaths,)
        As of `find_breath_cycles`.

    Returns
    -------
    dict of str to array
        Those at least four times as high as the SD of the noise within them.
    """
    clear = stands_out(breaths)
    return {name: one[clear] for name, one in breaths.items() if name != "noise"}


def stands_out(breaths: EventTable) -> BoolArray:
    """Mark the breaths that `clear_breaths` takes."""
    return np.asarray(breaths["amplitude"] >= _CLEAR * breaths["noise"])


def _depth(smooth: FloatArray, bad: BoolArray, sfreq: float) -> FloatArray:
    """Depth of breathing around each sample, shape (n_samples,)."""
    size = min(int(BLOCK * sfreq), len(smooth))
    number = len(smooth) // size
    blocks = smooth[: number * size].reshape(number, size)
    good = ~bad[: number * size].reshape(number, size).any(axis=1)
    middles = (np.arange(number) + 0.5) * size
    if good.any():  # gaps are bridged by lines, which have no depth
        blocks, middles = blocks[good], middles[good]
    depth = percentile_filter(np.ptp(blocks, axis=1), _TYPICAL, _BLOCKS, mode="nearest")
    return np.asarray(np.interp(np.arange(len(smooth)), middles, depth))


def _extremes(signal: FloatArray, depth: FloatArray, sfreq: float) -> IntArray:
    size = 2 * int(_PERIODS[1] * sfreq) + 1
    peaks, prominences = prominent_peaks(signal, 0.0, size)
    wanted = prominences >= _SHARE * depth[peaks]
    return np.asarray(peaks[wanted & (prominences > 0)])


def _alternate(signal: FloatArray, troughs: IntArray, peaks: IntArray) -> tuple[IntArray, IntArray]:
    """Keep the lowest of troughs without a peak between them, and the highest of such peaks."""
    samples = np.concatenate([troughs, peaks])
    kinds = np.repeat([-1.0, 1.0], [len(troughs), len(peaks)])
    order = np.argsort(samples, kind="stable")
    samples, kinds = samples[order], kinds[order]
    if len(samples) == 0:
        return troughs, peaks
    runs = np.cumsum(np.diff(kinds, prepend=kinds[0]) != 0)
    by_height = np.lexsort((-kinds * signal[samples], runs))
    best = by_height[np.unique(runs[by_height], return_index=True)[1]]
    return samples[best][kinds[best] < 0], samples[best][kinds[best] > 0]


def _table(
    values: FloatArray,
    smooth: FloatArray,
    onset: IntArray,
    peak: IntArray,
    end: IntArray,
    sfreq: float,
) -> EventTable:
    first, last = (vertices(-smooth, troughs) / sfreq for troughs in (onset, end))
    top = vertices(smooth, peak) / sfreq
    return {
        "onset": first,
        "peak": top,
        "end": last,
        "amplitude": smooth[peak] - smooth[onset],
        "period": last - first,
        "inspiration": top - first,
        "expiration": last - top,
        "noise": span_mean_sd(values - smooth, onset, end)[1],
    }
