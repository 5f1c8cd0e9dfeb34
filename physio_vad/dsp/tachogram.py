"""Spectrum of heart rate variability, from the intervals on a regular grid."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
from scipy.fft import rfft
from scipy.interpolate import CubicSpline

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.heartrate import Intervals

BANDS = {"lf": (0.04, 0.15), "hf": (0.15, 0.40)}
"""Edges in Hz."""

TACHOGRAM_RATE = 4.0
"""Hz at which intervals are interpolated."""

_AT_ONCE = 65_536  # values that are transformed at once
_LEAST = 2 * TACHOGRAM_RATE / BANDS["hf"][0]  # values: two periods of the slowest in a band


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
    powers = {name: np.full(len(starts), np.nan) for name in BANDS}
    # A window's grid ends with the window, wherever the recording begins.
    phases = np.round(stops % (1 / TACHOGRAM_RATE), 6)
    for phase in np.unique(phases):
        rows = np.flatnonzero(phases == phase)
        grid, values = tachogram(intervals, starts[rows].min(), stops[rows])
        if len(grid) == 0:
            continue
        first = np.maximum(starts[rows], intervals.begins[0])
        last = np.searchsorted(grid, stops[rows] - 1e-6)
        end = np.minimum(stops[rows], grid[-1] + 1 / TACHOGRAM_RATE)
        number = ((end - first) * TACHOGRAM_RATE + 1e-6).clip(0, last).astype(np.int64)
        for name, power in _band_powers(values, last - number, number).items():
            powers[name][rows] = power
    return powers


def tachogram(
    intervals: Intervals, start: float, stops: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Interpolate intervals in ms on the regular grid of the stops, held at the ends.

    Parameters
    ----------
    intervals : Intervals
        NN intervals.
    start : float
        Where the grid begins at the earliest, in seconds.
    stops : array of shape (n_windows,)
        Seconds, a multiple of the grid's step apart; the grid ends before the last one.

    Returns
    -------
    grid, values : array of shape (n_times,)
        Seconds and ms; nothing of fewer than four intervals.
    """
    times, values = intervals.ends, 1000 * intervals.values
    later = np.diff(times, prepend=-np.inf) > 1e-3  # a spline needs distinct times
    times, values = times[later], values[later]
    if len(times) < 4 or times[-1] - times[0] > 1e6:
        return np.empty(0), np.empty(0)
    anchor, end = stops[0], min(times[-1], stops.max())
    begin = np.ceil((max(start, intervals.begins[0]) - anchor) * TACHOGRAM_RATE - 1e-6)
    grid = anchor + np.arange(begin, (end - anchor) * TACHOGRAM_RATE - 1e-6) / TACHOGRAM_RATE
    smooth = CubicSpline(times, values)(np.maximum(grid, times[0]))
    wide = np.diff(times, prepend=times[0])[np.searchsorted(times, grid)] > 3.0
    if wide.any():
        smooth = np.where(wide, np.interp(grid, times, values), smooth)
    return grid, np.asarray(smooth)


def _band_powers(values: FloatArray, first: IntArray, number: IntArray) -> dict[str, FloatArray]:
    """Power in each band of `number` values from `first` on; NaN of too few."""
    powers = {name: np.full(len(first), np.nan) for name in BANDS}
    sizes = 2 ** np.ceil(np.log2(np.maximum(number, 1))).astype(np.int64)
    sizes[number < _LEAST] = 0
    commonest = number == np.bincount(number).argmax()  # these share their weights
    for size, common in product(np.unique(sizes[sizes > 0]), (True, False)):
        of_size = np.flatnonzero((sizes == size) & (commonest == common))
        for begin in range(0, len(of_size), max(_AT_ONCE // int(size), 1)):
            rows = of_size[begin : begin + max(_AT_ONCE // int(size), 1)]
            power = _periodograms(values, first[rows], number[rows], int(size))
            for name, band in BANDS.items():
                powers[name][rows] = power[:, _inside(band, int(size))].sum(axis=1)
    return powers


def _inside(band: tuple[float, float], size: int) -> slice:
    """Say which frequencies of a spectrum are in a band; its upper edge is not."""
    low, high = (int(np.ceil(edge * size / TACHOGRAM_RATE)) for edge in band)
    return slice(low, high)


def _periodograms(values: FloatArray, first: IntArray, number: IntArray, size: int) -> FloatArray:
    """Power up to the end of the last band; each row of values is padded with zeros to `size`."""
    longest = int(number.max())
    padded = np.pad(values, (0, longest))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, longest)[first]
    time, taper = _weights(number, longest)
    pieces -= pieces[:, :1]
    if len(taper) > 1:
        pieces[np.arange(longest) >= number[:, np.newaxis]] = 0.0
    slope = np.einsum("ij,ij->i", pieces, time) / np.einsum("ij,ij->i", time, time)
    pieces -= (pieces.sum(axis=1) / number)[:, np.newaxis]
    pieces -= slope[:, np.newaxis] * time
    pieces *= taper
    scale = 2 / (size * np.einsum("ij,ij->i", taper, taper))
    spectra = rfft(pieces, size, axis=1)[:, : _inside(BANDS["hf"], size).stop]
    return np.asarray((spectra.real**2 + spectra.imag**2) * scale[:, np.newaxis])


def _weights(number: IntArray, longest: int) -> tuple[FloatArray, FloatArray]:
    """Time from the middle and Hann taper, 0 from `number` on; one row if all are alike."""
    lengths = number[:1] if (number == longest).all() else number
    weights = np.zeros((2, len(lengths), longest))
    for row, length in enumerate(lengths.tolist()):
        weights[:, row, :length] = _weights_of(length)
    return weights[0], weights[1]


@lru_cache(maxsize=256)
def _weights_of(length: int) -> FloatArray:
    """Time from the middle and Hann taper of so many values, shape (2, length)."""
    columns = np.arange(length)
    return np.array([columns - (length - 1) / 2, 0.5 - 0.5 * np.cos(2 * np.pi * columns / length)])
