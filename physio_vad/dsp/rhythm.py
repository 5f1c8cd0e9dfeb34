"""Which candidates are beats, as their rhythm tells."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.blocks import local_median
from physio_vad.dsp.gaps import runs

# Chosen by ``benchmarks/ecg_band.py``, see there.
_AROUND = 11  # intervals of which the median one is expected
_SURPRISE = 1.0  # cost of an interval times the square of the logarithm of its ratio to that
_MOST = 0.2  # such cost at most: a heart may skip a beat
_WORTH = 0.5  # merit from which a beat is worth while, whatever the rhythm
_REGULAR = np.log(1.15)  # intervals that are not looked at again
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
        path = _path(places[within] / 1.0, merit[within] - _WORTH, step, first > 0, last < len(odd))
        chosen += [beats[done:first], within[path]]
        done = last + 1
    return np.concatenate([*chosen, beats[done:]])


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
    places: FloatArray, gains: FloatArray, step: FloatArray, from_first: bool, to_last: bool
) -> IntArray:
    """Choose candidates with the largest sum of gains minus costs of the intervals between."""
    best, before = gains.copy(), np.full(len(places), -1)
    if from_first:
        best[1:] = -np.inf
    latest = np.searchsorted(places, places - _SHORTEST * step, side="right")
    earliest = np.searchsorted(places, places - _LONGEST * step)
    earliest = np.minimum(earliest, np.maximum(latest - 1, 0))  # one at least, beyond a gap
    for number in range(len(places)):
        near = slice(earliest[number], latest[number])
        if near.start >= near.stop:
            continue
        odd = np.log((places[number] - places[near]) / step[number]) ** 2
        total = best[near] - np.minimum(_SURPRISE * odd, _MOST)
        where = int(np.argmax(total))
        if gains[number] + total[where] > best[number]:
            best[number] = gains[number] + total[where]
            before[number] = near.start + where
    path = [len(places) - 1 if to_last else int(np.argmax(best))]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])
