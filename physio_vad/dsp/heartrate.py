"""Normal-to-normal intervals between heart beats, and their statistics over windows.

Times and intervals are in seconds; what is computed from them has the units of the field
(1/min, ms, ms^2, percent).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft
from scipy.interpolate import CubicSpline
from scipy.ndimage import median_filter

from physio_vad.dsp.spans import IntArray, span_mean_sd, span_sum

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LF_BAND = (0.04, 0.15)
HF_BAND = (0.15, 0.40)

TACHOGRAM_RATE = 4.0
"""Hz at which intervals are interpolated for spectra."""

SAMPEN_INTERVALS = 100
"""Fewest intervals for a sample entropy: 10 to the power of its template length, 2."""


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
        ``meannn`` in ms, ``hr_mean`` = 60 / mean NN and ``hr_sd`` = SD (ddof 1) of 60 / NN, both in
        1/min.
    """
    mean = span_mean_sd(intervals.values, first, last)[0]
    _, rate_sd = _mean_sd(60 / intervals.values, first, last, None)
    return {"hr_mean": 60 / mean, "hr_sd": rate_sd, "meannn": 1000 * mean}


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
    sdsd = _mean_sd(steps, *pairs)[1]
    return {
        "sdnn": _mean_sd(values, first, last, None)[1],
        "rmssd": np.sqrt(span_sum(squares, *pairs[:2]) / number),
        "sdsd": sdsd,
        "pnn50": share(50.0),
        "pnn20": share(20.0),
        "sd1": sdsd / np.sqrt(2),
        "sd2": _mean_sd(sums, *pairs)[1] / np.sqrt(2),
    }


def spectral_power(
    intervals: Intervals, starts: FloatArray, stops: FloatArray
) -> dict[str, FloatArray]:
    """Power of the variability in the low- and the high-frequency band.

    The intervals, each at the beat that ends it, are interpolated at 4 Hz by a cubic spline (by a
    straight line where more than 3 s lie between two); then each window's periodogram (Hann
    taper, linear trend removed, padded with zeros to a power of 2) is summed over the bands.

    Parameters
    ----------
    intervals : Intervals
        NN intervals.
    starts, stops : array of shape (n_windows,)
        Windows in seconds; cut to where there are intervals.

    Returns
    -------
    dict
        ``lf`` (0.04-0.15 Hz) and ``hf`` (0.15-0.40 Hz) in ms^2.

    References
    ----------
    Task Force (1996), doi:10.1161/01.CIR.93.5.1043.
    """
    powers = {"lf": np.full(len(starts), np.nan), "hf": np.full(len(starts), np.nan)}
    # A window's grid ends with the window, wherever the recording begins.
    phases = np.round(stops % (1 / TACHOGRAM_RATE), 6)
    for phase in np.unique(phases):
        rows = np.flatnonzero(phases == phase)
        grid, values = _tachogram(intervals, starts[rows].min(), stops[rows])
        if len(grid) == 0:
            continue
        first = np.maximum(starts[rows], intervals.begins[0])
        last = np.searchsorted(grid, stops[rows] - 1e-6)
        end = np.minimum(stops[rows], grid[-1] + 1 / TACHOGRAM_RATE)
        number = ((end - first) * TACHOGRAM_RATE + 1e-6).clip(0, last).astype(np.int64)
        number[number < 2 * TACHOGRAM_RATE / HF_BAND[0]] = 0
        for name, power in _band_powers(values, last - number, number).items():
            powers[name][rows] = power
    return powers


def _band_powers(values: FloatArray, first: IntArray, number: IntArray) -> dict[str, FloatArray]:
    """Power in each band of `number` values from `first` on; NaN of none."""
    powers = {name: np.full(len(first), np.nan) for name in ("lf", "hf")}
    sizes = 2 ** np.ceil(np.log2(np.maximum(number, 1))).astype(np.int64)
    for size in np.unique(sizes[number > 0]):
        rows = np.flatnonzero((sizes == size) & (number > 0))
        power = _periodograms(values, first[rows], number[rows], int(size))
        freqs = np.fft.rfftfreq(size, 1 / TACHOGRAM_RATE)
        for name, (low, high) in (("lf", LF_BAND), ("hf", HF_BAND)):
            powers[name][rows] = power[:, (freqs >= low) & (freqs < high)].sum(axis=1)
    return powers


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
    enough = np.flatnonzero(last - first >= SAMPEN_INTERVALS)
    if len(enough) == 0:
        return entropy
    radius = 0.2 * _mean_sd(intervals.values, first, last, None)[1]
    whole = np.zeros(len(intervals.values), dtype=bool)  # three intervals in a row from here
    whole[:-2] = intervals.follows[1:-1] & intervals.follows[2:]
    for row in enough:
        begin, end = int(first[row]), int(last[row])
        close = _within(intervals.values[begin:end], radius[row])
        two = close[:-2, :-2] & close[1:-1, 1:-1]
        ok = whole[begin : end - 2]
        three = two & close[2:, 2:]
        if not ok.all():
            two, three = two[np.ix_(ok, ok)], three[np.ix_(ok, ok)]
        matches, longer = (np.count_nonzero(pairs) - len(pairs) for pairs in (two, three))
        if matches and longer:
            entropy[row] = np.log(matches / longer)
    return entropy


def _within(values: FloatArray, radius: float) -> BoolArray:
    """Tell which pairs differ by `radius` at most; small integers compare faster than floats."""
    order = np.argsort(values)
    ordered = values[order]
    rank = np.empty(len(values), dtype=np.uint16)
    rank[order] = np.arange(len(values))
    low = np.searchsorted(ordered, values - radius).astype(np.uint16)
    width = np.searchsorted(ordered, values + radius, side="right").astype(np.uint16) - low
    return np.asarray(rank - low[:, np.newaxis] < width[:, np.newaxis])


def _periodograms(values: FloatArray, first: IntArray, number: IntArray, size: int) -> FloatArray:
    """Power at each frequency of `number` values from `first` on, padded with zeros to `size`."""
    columns = np.arange(int(number.max()))
    inside = columns < number[:, np.newaxis]
    pieces = values[np.minimum(first[:, np.newaxis] + columns, len(values) - 1)]
    pieces = np.where(inside, pieces - values[first][:, np.newaxis], 0.0)
    time = np.where(inside, columns - (number[:, np.newaxis] - 1) / 2, 0.0)
    slope = (pieces * time).sum(axis=1) / (time**2).sum(axis=1)
    level = pieces.sum(axis=1) / number
    pieces -= level[:, np.newaxis] + slope[:, np.newaxis] * time
    taper = np.where(inside, 0.5 - 0.5 * np.cos(2 * np.pi * columns / number[:, np.newaxis]), 0.0)
    scale = 2 / (size * (taper**2).sum(axis=1))
    return np.asarray(np.abs(rfft(pieces * taper, size, axis=1)) ** 2 * scale[:, np.newaxis])


def _tachogram(
    intervals: Intervals, start: float, stops: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Interpolate intervals in ms on the regular grid of the stops, held at the ends."""
    times, values = intervals.ends, 1000 * intervals.values
    later = np.diff(times, prepend=-np.inf) > 1e-3  # a spline needs distinct times
    times, values = times[later], values[later]
    if len(times) < 4 or times[-1] - times[0] > 1e6:
        return np.empty(0), np.empty(0)
    anchor, end = stops[0], min(times[-1], stops.max())
    begin = np.ceil((max(start, intervals.begins[0]) - anchor) * TACHOGRAM_RATE - 1e-6)
    grid = anchor + np.arange(begin, (end - anchor) * TACHOGRAM_RATE - 1e-6) / TACHOGRAM_RATE
    smooth = CubicSpline(times, values)(np.maximum(grid, times[0]))
    place = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    wide = times[place] - times[place - 1] > 3.0
    return grid, np.where(wide, np.interp(grid, times, values), smooth)


def _mean_sd(
    values: FloatArray, first: IntArray, last: IntArray, good: BoolArray | None
) -> tuple[FloatArray, FloatArray]:
    """Mean and SD with ddof 1."""
    mean, sd = span_mean_sd(values, first, last, good)
    number = span_sum(np.ones(len(values)) if good is None else good, first, last)
    return mean, sd * np.sqrt(np.where(number > 1, number / np.maximum(number - 1, 1), np.nan))
