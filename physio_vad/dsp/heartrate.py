"""Normal-to-normal intervals between heart beats, and their statistics over windows.

Times and intervals are in seconds; what is computed from them has the units of the field
(1/min, ms, ms^2, percent).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.window_stats import span_mean, span_mean_sd, span_sum


@dataclass(frozen=True)
class NormalLimits:
    """What makes an interval between two beats a normal one.

    Parameters
    ----------
    shortest, longest : float
        Seconds.
    tolerance : float
        Largest difference from the median of the 11 plausible intervals around, as its share.
    """

    shortest: float = 0.3
    longest: float = 2.0
    tolerance: float = 0.3


NORMAL = NormalLimits()


@dataclass(frozen=True, eq=False)
class Intervals:
    """Normal-to-normal (NN) intervals.

    Parameters
    ----------
    begins, ends : array of shape (n_intervals,)
        Times of the beats on either side in seconds, ascending.
    values : array of shape (n_intervals,)
        Lengths in seconds: end - begin, but for a sampled heart rate.
    follows : bool array of shape (n_intervals,)
        Whether an interval begins with the beat that ends the one before it.
    """

    begins: FloatArray
    ends: FloatArray
    values: FloatArray
    follows: BoolArray

    def only(self, which: BoolArray) -> Intervals:
        """Take some of the intervals, as a bool array of shape (n_intervals,) says."""
        kept = np.flatnonzero(which)
        follows = self.follows[kept] & (np.diff(kept, prepend=-2) == 1)
        return Intervals(self.begins[kept], self.ends[kept], self.values[kept], follows)

    def spans(self, starts: FloatArray, stops: FloatArray) -> tuple[IntArray, IntArray]:
        """Find the intervals that lie within each window, both beats in ``[start, stop)``."""
        first = np.searchsorted(self.begins, starts - 1e-6)
        return first, np.maximum(first, np.searchsorted(self.ends, stops - 1e-6))


def select_intervals(
    begins: FloatArray,
    ends: FloatArray,
    values: FloatArray,
    linked: BoolArray,
    limits: NormalLimits = NORMAL,
) -> tuple[Intervals, IntArray]:
    """Keep the intervals between two normal beats.

    Parameters
    ----------
    begins, ends : array of shape (n_intervals,)
        When each begins and ends, in ascending order.
    values : array of shape (n_intervals,)
        Their lengths in seconds; NaN for one that is broken by a gap.
    linked : bool array of shape (n_intervals,)
        Whether an interval begins with the beat that ends the one before it.
    limits : NormalLimits
        Which are kept.

    Returns
    -------
    intervals : Intervals
        Those kept.
    kept : int array of shape (n_kept,)
        Which ones they are.

    Examples
    --------
    >>> import numpy as np
    >>> beats = np.array([0, 0.8, 1.6, 3.2, 4.0, 4.8])  # one beat was missed
    >>> linked = np.ones(5, dtype=bool)
    >>> nn, kept = select_intervals(beats[:-1], beats[1:], np.diff(beats), linked)
    >>> kept, nn.follows
    (array([0, 1, 3, 4]), array([False,  True, False,  True]))
    """
    plausible = np.flatnonzero((values >= limits.shortest) & (values <= limits.longest))
    lengths = values[plausible]
    middle = median_filter(lengths, 11, mode="nearest") if len(lengths) else lengths
    kept = plausible[np.abs(lengths - middle) <= limits.tolerance * middle]
    follows = linked[kept] & (np.diff(kept, prepend=-2) == 1)
    begins, ends = (np.maximum.accumulate(times[kept]) for times in (begins, ends))
    return Intervals(begins, ends, values[kept], follows), kept


def covered_share(
    intervals: Intervals, starts: FloatArray, stops: FloatArray, weight: FloatArray | None = None
) -> FloatArray:
    """Share of each window that intervals cover, or the mean of their weight over the window.

    Parameters
    ----------
    intervals : Intervals
        Where two overlap, the earlier one counts.
    starts, stops : array of shape (n_windows,)
        Windows in seconds.
    weight : array of shape (n_intervals,), optional
        Between 0 and 1; 1 by default.

    Returns
    -------
    array of shape (n_windows,)
        Between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> begins, linked = np.array([0.0, 1.0]), np.array([False, True])
    >>> nn, _ = select_intervals(begins, begins + 1, np.ones(2), linked)
    >>> covered_share(nn, np.array([1.5]), np.array([3.5]))
    array([0.25])
    """
    if len(intervals.values) == 0:
        return np.zeros(len(starts))
    before = np.concatenate([[-np.inf], intervals.ends[:-1]])
    begins = np.clip(intervals.begins, before, intervals.ends)
    gains = (intervals.ends - begins) * (1.0 if weight is None else weight)
    total = np.cumsum(gains)
    knots = np.column_stack([begins, intervals.ends]).ravel()
    level = np.column_stack([total - gains, total]).ravel()
    covered = np.interp(stops, knots, level) - np.interp(starts, knots, level)
    return np.clip(covered / (stops - starts), 0.0, 1.0)


def rate_statistics(intervals: Intervals, first: IntArray, last: IntArray) -> dict[str, FloatArray]:
    """Heart rate of each span of intervals.

    Returns
    -------
    dict
        ``meannn`` in ms and ``hr_sd`` = SD (ddof 1) of 60 / NN in 1/min.
    """
    mean = span_mean(intervals.values, first, last)
    _, rate_sd = mean_sd(60 / intervals.values, first, last)
    return {"hr_sd": rate_sd, "meannn": 1000 * mean}


def mean_rate(intervals: Intervals, first: IntArray, last: IntArray) -> FloatArray:
    """Heart rate of each span of intervals in 1/min: 60 / mean interval."""
    return np.asarray(60 / span_mean(intervals.values, first, last))


def variability(intervals: Intervals, first: IntArray, last: IntArray) -> dict[str, FloatArray]:
    """Variability in the time domain of each span of intervals.

    What compares two intervals takes only those with a beat in common.

    Returns
    -------
    dict
        ``sdnn`` (ddof 1), ``rmssd``, ``sdsd`` (ddof 1), ``sd1`` and ``sd2`` (SD across and along
        the diagonal of the Poincare plot, ddof 1) in ms; ``pnn50`` and ``pnn20``, the percentage
        of the pairs that differ by more than 50 and 20 ms. Of N intervals without a gap there are
        N - 1 pairs; NeuroKit2 divides by N.
    """
    values = 1000 * intervals.values
    steps = np.diff(values, prepend=values[:1])
    sums = values + np.concatenate([values[:1], values[:-1]])
    pairs = (np.minimum(first + 1, last), last, intervals.follows)
    number = span_sum(intervals.follows, *pairs[:2])
    number = np.where(number > 0, number, np.nan)

    def share(limit: float) -> FloatArray:
        more = (np.abs(steps) > limit + 1e-6) & intervals.follows  # devices give whole ms
        return np.asarray(100 * span_sum(more, *pairs[:2]) / number)

    squares = np.where(intervals.follows, steps**2, 0.0)
    sdsd = mean_sd(steps, *pairs)[1]
    return {
        "sdnn": mean_sd(values, first, last)[1],
        "rmssd": np.sqrt(span_sum(squares, *pairs[:2]) / number),
        "sdsd": sdsd,
        "pnn50": share(50.0),
        "pnn20": share(20.0),
        "sd1": sdsd / np.sqrt(2),
        "sd2": mean_sd(sums, *pairs)[1] / np.sqrt(2),
    }


def mean_sd(
    values: FloatArray, first: IntArray, last: IntArray, good: BoolArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Mean and SD (ddof 1) of each span; parameters are those of `span_mean_sd`."""
    mean, sd = span_mean_sd(values, first, last, good)
    number = last - first if good is None else span_sum(good, first, last)
    return mean, sd * np.sqrt(np.where(number > 1, number / np.maximum(number - 1, 1), np.nan))


def triangular_index(intervals: Intervals, first: IntArray, last: IntArray) -> FloatArray:
    """Compute how many NN intervals there are for each in the fullest bin of 1/128 s.

    Parameters
    ----------
    intervals : Intervals
        NN intervals.
    first, last : int array of shape (n_windows,)
        Spans of intervals.

    Returns
    -------
    array of shape (n_windows,)
        1 where all lie in one bin; NaN without an interval.

    References
    ----------
    Task Force (1996), doi:10.1161/01.CIR.93.5.1043.

    Examples
    --------
    >>> import numpy as np
    >>> begins = np.array([0.0, 0.8, 1.6, 2.5])
    >>> nn = Intervals(begins, np.array([0.8, 1.6, 2.5, 3.3]), np.diff([*begins, 3.3]), begins > 0)
    >>> triangular_index(nn, np.array([0, 4]), np.array([4, 4])).round(2)
    array([1.33,  nan])
    """
    bins = np.floor(intervals.values * 128 + 1e-6).astype(np.int64)
    index = np.full(len(first), np.nan)
    for number in np.flatnonzero(last > first):
        some = bins[first[number] : last[number]]
        index[number] = len(some) / np.bincount(some).max()
    return index
