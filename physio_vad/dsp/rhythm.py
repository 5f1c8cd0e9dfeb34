"""Which candidates are beats, as their rhythm tells."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, next_fast_len, rfft

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.blocks import local_median
from physio_vad.dsp.gaps import runs
from physio_vad.dsp.templates import dominant

# Chosen by ``benchmarks/ecg_band.py``, see there; in loud noise by ``benchmarks/ecg_noise.py``.
_AROUND = 11  # intervals of which the median one is expected
_SURPRISE = 1.0  # cost of an interval times the square of the logarithm of its ratio to that
_MOST = 0.2  # such cost at most: a heart may skip a beat
_WORTH = 0.5  # merit from which a beat is worth while, whatever the rhythm
_REGULAR = np.log(1.15)  # intervals that are not looked at again
_NOISY = 0.8  # agreement of a beat with its template below which noise is loud
_NOISY_BEATS = 11  # of which the median counts
_NOISY_COSTS = (3.0, 0.4)  # of an interval there: of a surprise, and at most
_NOISY_WORTH = 0.35
_BLOCKS = 16  # blocks of 1.5 s in which candidates are compared with themselves
_EVERY = 2  # blocks from one reading to the next
_BINS = 75  # of a block, 20 ms each
_LAGS = (16, 85)  # bins, 0.32 to 1.7 s
_PATHS_AT_ONCE = 4096  # candidates whose intervals cost at once, to bound memory
_AT_ONCE = 64  # places that are worked on at once, to bound memory
_HALF = 0.5  # of what repeats at half or a third of an interval counts against it
_SHORTEST, _LONGEST = 0.3, 3.2  # of the expected interval


def in_rhythm(places: IntArray, merit: FloatArray, beats: IntArray) -> IntArray:
    """Choose the beats anew where intervals are irregular, so that beats and rhythm fit best.

    Of all ways through the candidates the one is taken for which the merits of the beats, above
    what makes one worth while, minus the costs of the intervals, add up to most (the shortest
    path, found by dynamic programming). An interval costs the square of the logarithm of its
    ratio to the median one around, but not more than a fixed cost, so that a truly irregular heart
    is not made regular.

    Parameters
    ----------
    places : int array of shape (n_candidates,)
        Where candidates are, ascending.
    merit : array of shape (n_candidates,)
        How much each looks like a beat, in [0, 1]; 0 for what can be none.
    beats : int array of shape (n_beats,)
        Candidates that were taken for beats, ascending.

    Returns
    -------
    int array of shape (n_chosen,)
        Candidates.

    Examples
    --------
    >>> import numpy as np
    >>> places = np.array([0, 10, 20, 24, 30, 40, 50, 60, 70])
    >>> merit = np.array([0.9, 0.9, 0.9, 0.6, 0.9, 0.5, 0.9, 0.9, 0.9])
    >>> in_rhythm(places, merit, np.array([0, 1, 2, 3, 4, 6, 7, 8]))
    array([0, 1, 2, 4, 5, 6, 7, 8])
    """
    if len(beats) < 3:
        return beats
    intervals = np.diff(places[beats]).astype(np.float64)
    expected = local_median(intervals, _AROUND)
    odd = np.abs(np.log(intervals / expected)) > _REGULAR
    if not odd.any():
        return beats
    odd[1:] |= odd[:-1].copy()  # beside an odd interval the next one may change too
    odd[:-1] |= odd[1:].copy()
    chosen, done = [], 0
    for first, last in zip(*runs(odd), strict=True):
        low = beats[first] if first > 0 else 0
        high = beats[last] + 1 if last < len(odd) else len(places)
        within = low + np.flatnonzero(merit[low:high] > 0)
        step = np.interp(places[within], places[beats[1:]], expected)
        path = _path(
            places[within] / 1.0,
            merit[within] - _WORTH,
            step,
            (_SURPRISE, _MOST),
            (first > 0, last < len(odd)),
        )
        chosen += [beats[done:first], within[path]]
        done = last + 1
    return np.concatenate([*chosen, beats[done:]])


def through_noise(
    places: IntArray,
    merit: FloatArray,
    beats: IntArray,
    agreement: FloatArray,
    block: int,
    apart: float,
) -> IntArray:
    """Choose all beats anew where noise is so loud that the intervals between them tell nothing.

    As `in_rhythm`, but the expected interval is that at which candidates around repeat: the highest
    of their autocorrelation, by what they merit.

    Parameters
    ----------
    places : int array of shape (n_candidates,)
        Samples, ascending.
    merit : array of shape (n_candidates,)
        How much each looks like a beat, in [0, 1].
    beats : int array of shape (n_beats,)
        Candidates that were taken for beats, ascending.
    agreement : array of shape (n_beats,)
        Their correlation with the template, from which noise is told.
    block : int
        Samples of a block: the interval is read in the 16 around each.
    apart : float
        Shortest time between two beats in samples.

    Returns
    -------
    int array of shape (n_chosen,)
        Candidates.
    """
    noisy = local_median(agreement, _NOISY_BEATS) < _NOISY
    if not noisy.any():
        return beats
    top = np.flatnonzero(dominant(places, merit, apart))
    firsts, lasts = runs(noisy)
    ends = np.append(beats, len(places) - 1)
    spans = [
        (beats[first - 1] if first > 0 else 0, ends[last])
        for first, last in zip(firsts, lasts, strict=True)
    ]
    expected = _repeating(places[top], merit[top], block, places[np.array(spans)])
    chosen, done = [], 0
    for first, last, (low, high) in zip(firsts, lasts, spans, strict=True):
        inner = slice(*np.searchsorted(top, (low, high)))
        within = np.union1d(top[inner], (low, high))
        step = np.interp(places[within], *expected)
        path = _path(
            places[within] / 1.0,
            merit[within] - _NOISY_WORTH,
            step,
            _NOISY_COSTS,
            (first > 0, last < len(beats)),
        )
        chosen += [beats[done:first], within[path]]
        done = last
    return np.unique(np.concatenate([*chosen, beats[done:]]))


def _repeating(
    places: IntArray, merit: FloatArray, block: int, spans: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Interval at which candidates repeat in the 16 blocks around each other block of some spans.

    Returns
    -------
    middles, intervals : array of shape (n_read,)
        In samples.
    """
    last = max(int(places[-1]), int(spans.max())) // block
    length = _BLOCKS * _BINS
    bins = places * _BINS // block + _BLOCKS // 2 * _BINS
    train = np.bincount(bins, merit**2, (last + 1 + _BLOCKS) * _BINS)
    train = np.convolve(train, np.exp(-0.5 * (np.arange(-6, 7) / 2) ** 2), "same")
    windows = sliding_window_view(train, length)[:: _EVERY * _BINS]
    edges = np.zeros(len(windows) + 2, dtype=np.int64)
    np.add.at(edges, spans[:, 0] // (_EVERY * block), 1)
    np.add.at(edges, spans[:, 1] // (_EVERY * block) + 2, -1)
    blocks = np.flatnonzero(np.cumsum(edges[: len(windows)]))
    lags = np.arange(_LAGS[0], _LAGS[1])
    reach = 2 * _LAGS[1]
    padded = next_fast_len(length + reach, real=True)
    found = np.empty(len(blocks))
    for begin in range(0, len(blocks), _AT_ONCE):
        some = windows[blocks[begin : begin + _AT_ONCE]]
        spectrum = rfft(some - some.mean(axis=1, keepdims=True), padded, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        repeats = irfft(power, padded, axis=1)[:, :reach] / np.arange(length, length - reach, -1)
        third, half, twice = (
            np.max([repeats[:, lag + step] for step in (-1, 0, 1)], axis=0)
            for lag in (lags // 3, lags // 2, 2 * lags)
        )
        multiple = np.maximum(np.maximum(third, half), 0)
        repeated = repeats[:, lags] + 0.5 * twice - _HALF * multiple
        found[begin : begin + _AT_ONCE] = lags[np.argmax(repeated, axis=1)]
    return (blocks * (_EVERY * block)).astype(np.float64), found * (block / _BINS)


def same_intervals(beats: IntArray, chosen: IntArray) -> BoolArray:
    """Tell which intervals between the chosen beats are intervals between the first beats too.

    Parameters
    ----------
    beats, chosen : int array
        Candidates, ascending.

    Returns
    -------
    bool array of the shape of `chosen`
        One an interval, at the beat that it begins with; False for the last beat.

    Examples
    --------
    >>> import numpy as np
    >>> same_intervals(np.array([0, 1, 2, 4]), np.array([0, 1, 3, 4]))
    array([ True, False, False, False])
    """
    place = np.searchsorted(beats, chosen)
    there = np.isin(chosen, beats)
    same = np.zeros(len(chosen), dtype=bool)
    same[:-1] = there[:-1] & there[1:] & (np.diff(place) == 1)
    return same


def _path(
    places: FloatArray,
    gains: FloatArray,
    step: FloatArray,
    costs: tuple[float, float],
    ends: tuple[bool, bool],
) -> IntArray:
    """Choose candidates with the largest sum of gains minus costs of the intervals between."""
    surprise, most = costs
    from_first, to_last = ends
    latest = np.searchsorted(places, places - _SHORTEST * step, side="right")
    earliest = np.searchsorted(places, places - _LONGEST * step)
    earliest = np.minimum(earliest, np.maximum(latest - 1, 0))  # one at least, beyond a gap
    if (
        from_first
    ):  # what is too near to the first beat cannot follow it, so nothing comes from there
        earliest[latest <= np.count_nonzero(latest == 0)] = 0
    steps = np.arange((latest - earliest).max(initial=0))
    best, before = gains.tolist(), [-1] * len(places)  # lists: of few numbers they are faster
    if from_first:
        best[1:] = [-np.inf] * (len(best) - 1)
    for begin in range(0, len(places), _PATHS_AT_ONCE):
        some = slice(begin, begin + _PATHS_AT_ONCE)
        near = np.minimum(earliest[some, np.newaxis] + steps, len(places) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):  # of what is not in between
            odd = np.log((places[some, np.newaxis] - places[near]) / step[some, np.newaxis]) ** 2
        costs_of = np.minimum(surprise * odd, most).tolist()
        rows = zip(
            costs_of,
            gains[some].tolist(),
            earliest[some].tolist(),
            latest[some].tolist(),
            strict=True,
        )
        for number, (cost, gain, first, last) in enumerate(rows, begin):
            if first < last:
                total = [b - c for b, c in zip(best[first:last], cost, strict=False)]
                most_of = max(total)
                if gain + most_of > best[number]:
                    best[number] = gain + most_of
                    before[number] = first + total.index(most_of)
    path = [len(places) - 1 if to_last else int(np.argmax(best))]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return np.array(path[::-1])
