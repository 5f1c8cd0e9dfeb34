"""How regular a train of heart beats is: sample entropy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.heartrate import Intervals, mean_sd

SAMPEN_INTERVALS = 100
"""Fewest intervals for a sample entropy: 10 to the power of its template length, 2."""

_TOGETHER = 1024  # intervals in which spans that share their pairs begin
_AT_ONCE = 65_536  # pairs that are compared at once


def sample_entropy(intervals: Intervals, first: IntArray, last: IntArray) -> FloatArray:
    """Sample entropy of each span of intervals: m = 2, r = 0.2 SD (ddof 1).

    Parameters
    ----------
    intervals : Intervals
        NN intervals; a template never spans a gap.
    first, last : int array of shape (n_spans,)
        Spans.

    Returns
    -------
    array of shape (n_spans,)
        In nats; NaN below `SAMPEN_INTERVALS` intervals or without a match.

    References
    ----------
    Richman & Moorman (2000), doi:10.1152/ajpheart.2000.278.6.H2039.
    """
    matches = np.full((2, len(first)), np.nan)
    enough = last - first >= SAMPEN_INTERVALS
    radius = 0.2 * mean_sd(intervals.values, first, last)[1]
    # Spans that begin near one another share most of their pairs, which are looked for once.
    group = np.where(enough, first // _TOGETHER, -1)
    for number in np.unique(group[enough]):
        rows = np.flatnonzero(group == number)
        begin, end = int(first[rows].min()), int(last[rows].max())
        reach = int((last[rows] - first[rows]).max())
        pairs = _close_pairs(intervals, begin, end, reach, float(radius[rows].max()))
        bounds = np.searchsorted(pairs.earlier, (first[rows], last[rows])).T
        for row, (low, high) in zip(rows.tolist(), bounds.tolist(), strict=True):
            matches[:, row] = pairs.matches(slice(low, high), last[row] - 2, radius[row])
    matches[1, matches[1] == 0] = np.nan
    return np.asarray(np.log(matches[0] / matches[1]))


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of templates that are close, in ascending order of the earlier one.

    Parameters
    ----------
    earlier, later : int array of shape (n_pairs,)
        Where the templates begin.
    two, three : array of shape (n_pairs,)
        Largest difference over two and over three intervals.
    """

    earlier: IntArray
    later: IntArray
    two: FloatArray
    three: FloatArray

    def matches(self, which: slice, last: np.int64, radius: np.float64) -> tuple[int, int]:
        """Count the pairs that begin before `last` and match over two, and over three."""
        inside = self.later[which] < last
        two, three = inside & (self.two[which] <= radius), inside & (self.three[which] <= radius)
        return int(np.count_nonzero(two)), int(np.count_nonzero(three))


def _close_pairs(intervals: Intervals, begin: int, end: int, reach: int, radius: float) -> _Pairs:
    """Find the pairs within a span that are less than `reach` intervals apart."""
    follows = intervals.follows[begin:end]
    places = begin + np.flatnonzero(follows[1:-1] & follows[2:])  # three intervals in a row
    reach = min(reach, len(places))
    columns = [intervals.values[places + step] for step in range(3)]
    beyond = np.full(reach + 1, np.inf)
    ahead = [sliding_window_view(np.concatenate([one[1:], beyond]), reach) for one in columns[:2]]
    found = [_Pairs(places[:0], places[:0], *np.empty((2, 0)))]
    for start in range(0, len(places), max(_AT_ONCE // (reach + 1), 1)):
        stop = min(start + max(_AT_ONCE // (reach + 1), 1), len(places))
        found.append(_pairs_of(places, columns, ahead, slice(start, stop), radius))
    return _Pairs(*map(np.concatenate, zip(*(vars(one).values() for one in found), strict=True)))


def _pairs_of(
    places: IntArray,
    columns: list[FloatArray],
    ahead: list[FloatArray],
    rows: slice,
    radius: float,
) -> _Pairs:
    """Compare some templates with those ahead of each, Inf beyond the end."""
    apart = [one[rows] - own[rows, np.newaxis] for one, own in zip(ahead, columns, strict=False)]
    for one in apart:
        np.abs(one, out=one)
    two = np.maximum(apart[0], apart[1], out=apart[0])
    close = np.flatnonzero(two <= radius)
    row, step = np.divmod(close, two.shape[1])
    earlier = rows.start + row
    later = earlier + step + 1
    two = two.ravel()[close]
    three = np.maximum(two, np.abs(columns[2][later] - columns[2][earlier]))
    return _Pairs(places[earlier], places[later], two, three)
