"""How regular a train of heart beats is: sample entropy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from physio_vad.dsp.heartrate import FloatArray, Intervals, mean_sd
from physio_vad.dsp.spans import IntArray

SAMPEN_INTERVALS = 100
"""Fewest intervals for a sample entropy: 10 to the power of its template length, 2."""

_TOGETHER = 256  # intervals in which spans that share their pairs begin


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
    entropy = np.full(len(first), np.nan)
    enough = last - first >= SAMPEN_INTERVALS
    radius = 0.2 * mean_sd(intervals.values, first, last)[1]
    # Spans that begin near one another share most of their pairs, which are looked for once.
    group = np.where(enough, first // _TOGETHER, -1)
    for number in np.unique(group[enough]):
        rows = np.flatnonzero(group == number)
        begin, end = int(first[rows].min()), int(last[rows].max())
        reach = int((last[rows] - first[rows]).max())
        pairs = _close_pairs(intervals, begin, end, reach, float(radius[rows].max()))
        for row in rows:
            entropy[row] = pairs.entropy(int(first[row]), int(last[row]), float(radius[row]))
    return entropy


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

    def entropy(self, first: int, last: int, radius: float) -> float:
        """Sample entropy of one span; NaN without a match."""
        begin, end = np.searchsorted(self.earlier, (first, last))
        inside = self.later[begin:end] < last - 2
        matches, longer = (
            np.count_nonzero(inside & (apart[begin:end] <= radius))
            for apart in (self.two, self.three)
        )
        return float(np.log(matches / longer)) if longer else np.nan


def _close_pairs(intervals: Intervals, begin: int, end: int, reach: int, radius: float) -> _Pairs:
    """Find the pairs within a span that are less than `reach` apart in number."""
    values = intervals.values[begin:end]
    whole = np.zeros(len(values), dtype=bool)  # three intervals in a row from here
    whole[:-2] = intervals.follows[begin + 1 : end - 1] & intervals.follows[begin + 2 : end]
    found = list(_pieces(values, whole, reach, radius))
    earlier, later, two, three = (np.concatenate(column) for column in zip(*found, strict=True))
    return _Pairs(begin + earlier, begin + later, two, three)


def _pieces(
    values: FloatArray, whole: np.ndarray, reach: int, radius: float
) -> Iterator[tuple[IntArray, IntArray, FloatArray, FloatArray]]:
    padded = np.concatenate([values, np.full(reach, np.inf)])
    ahead = np.lib.stride_tricks.sliding_window_view(padded, reach)[:, 1:]
    for start in range(0, len(values) - 2, _TOGETHER):
        stop = min(start + _TOGETHER, len(values) - 2)
        apart = np.abs(ahead[start : stop + 2] - values[start : stop + 2, np.newaxis])
        two = np.maximum(apart[:-2], apart[1:-1])
        close = np.flatnonzero(two <= radius)
        earlier, step = np.divmod(close, reach - 1)
        three = np.maximum(two.ravel()[close], apart[2:].ravel()[close])
        later = start + earlier + step + 1
        kept = whole[start + earlier] & whole[later]
        yield start + earlier[kept], later[kept], two.ravel()[close][kept], three[kept]
