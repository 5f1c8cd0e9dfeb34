"""Spectra of slow waves, and what is read off a spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.templates import parabola
from physio_vad.dsp.welch import CHUNK

FALSE_PEAKS = 0.01
"""Share of windows of noise in which a peak may be found: 0.01 to 0.06 in simulations, as the line
that peaks stand above is uncertain too."""

_OVERLAP = 0.055  # squared correlation of Hamming windows that overlap by half


def slow_power(
    values: FloatArray, last: IntArray, *, length: int, sfreq: float, band: tuple[float, float]
) -> FloatArray:
    """Power of waves that are slow beside the window, which leaves room for one segment only.

    The line of least squares is removed, so that a trend is no wave, and a Hann window applied.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers.
    last : int array of shape (n_windows,)
        The sample after each window.
    length : int
        Samples a window.
    sfreq : float
        Sampling rate in Hz.
    band : tuple of float
        Limits in Hz.

    Returns
    -------
    array of shape (n_windows,)
        In squared units; NaN where a window would begin before the array, or with fewer than
        three samples.
    """
    power = np.full(len(last), np.nan)
    inside = np.flatnonzero((last >= length) & (last <= len(values)))
    if length < 3 or len(inside) == 0:
        return power
    views = np.lib.stride_tricks.sliding_window_view(values, length)
    waves, weights = _weighed_waves(length, sfreq, *band)
    size = max(CHUNK // length, 1)
    for begin in range(0, len(inside), size):
        which = inside[begin : begin + size]
        chunk = views[last[which] - length]
        power[which] = ((chunk - chunk[:, :1]) @ waves) ** 2 @ weights
    return power


@lru_cache(maxsize=16)
def _weighed_waves(
    length: int, sfreq: float, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """Waves of a band, and what their squared products with a window count for its power."""
    taper = scipy.signal.get_window("hann", length)
    freqs = np.arange(length // 2 + 1, dtype=np.float64) * (sfreq / length)
    weights = band_weights(freqs, low, high) * 2 / (sfreq * (taper**2).sum())
    waves = _detrended_waves(np.flatnonzero(weights), taper)
    return waves, np.tile(weights[weights > 0], 2)


def _detrended_waves(cycles: IntArray, taper: FloatArray) -> FloatArray:
    """Tapered cosines and sines of so many cycles, without what a line has in common with them.

    The product with a window is the spectrum of what it is without its line, at few frequencies.
    """
    length = len(taper)
    time = np.arange(length) - (length - 1) / 2
    angles = 2 * np.pi * np.outer(time, cycles) / length
    waves = taper[:, np.newaxis] * np.hstack([np.cos(angles), np.sin(angles)])
    waves -= waves.mean(axis=0)
    return np.asarray(waves - np.outer(time, time @ waves / (time @ time)))


def band_weights(freqs: FloatArray, low: float, high: float) -> FloatArray:
    """Weights whose scalar product with a density is its integral from `low` to `high`.

    Each density holds for a cell of one frequency step around its frequency, so neighbouring
    bands add up, and on edges that are frequencies this is the trapezoidal rule.

    Parameters
    ----------
    freqs : array of shape (n_freqs,)
        Evenly spaced frequencies from 0.
    low, high : float
        Limits of the integral in Hz.

    Returns
    -------
    array of shape (n_freqs,)
        Hz; all zero where the band lies outside.

    Examples
    --------
    >>> import numpy as np
    >>> band_weights(np.arange(6.0), 1.0, 3.25)
    array([0.  , 0.5 , 1.  , 0.75, 0.  , 0.  ])
    """
    half = freqs[1] / 2 if len(freqs) > 1 else 0.0
    upper = np.minimum(freqs + half, freqs[-1:])
    lower = np.maximum(freqs - half, 0.0)
    return np.asarray(np.maximum(np.minimum(upper, high) - np.maximum(lower, low), 0.0))


def spectral_edge(
    psd: FloatArray, freqs: FloatArray, band: tuple[float, float], share: float
) -> FloatArray:
    """Frequency below which a share of a band's power lies.

    Parameters
    ----------
    psd : array of shape (..., n_freqs)
        Density.
    freqs : array of shape (n_freqs,)
        Evenly spaced frequencies from 0 in Hz.
    band : tuple of float
        Limits in Hz; what lies outside does not count.
    share : float
        0.5 for the median frequency, 0.95 for the 95 % edge.

    Returns
    -------
    array of shape (...)
        Hz, interpolated inside the cell of a frequency; NaN without power.
    """
    weights = band_weights(freqs, *band)
    inside = np.flatnonzero(weights)
    if len(inside) == 0:
        return np.full(psd.shape[:-1], np.nan)
    power = psd[..., inside] * weights[inside]
    cumulated = np.cumsum(power, axis=-1)
    wanted = share * cumulated[..., -1:]
    cell = np.argmax(cumulated >= wanted, axis=-1, keepdims=True)
    beyond = np.take_along_axis(cumulated, cell, axis=-1) - wanted
    with np.errstate(invalid="ignore", divide="ignore"):
        part = beyond / np.take_along_axis(power, cell, axis=-1)
    tops = max(band[0], 0.0) + np.cumsum(weights[inside])
    edge = tops[cell] - part * weights[inside][cell]
    return np.where(cumulated[..., -1] > 0, edge[..., 0], np.nan)


def mean_frequency(psd: FloatArray, freqs: FloatArray, band: tuple[float, float]) -> FloatArray:
    """Mean of the frequencies in a band, weighted by power, in Hz; NaN without power.

    Parameters are those of `spectral_edge`.
    """
    weights = band_weights(freqs, *band)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((psd @ (weights * freqs)) / (psd @ weights))


def spectral_entropy(psd: FloatArray, freqs: FloatArray, band: tuple[float, float]) -> FloatArray:
    """Entropy of the distribution of power over a band's frequencies, from 0 to 1.

    ``-sum(p * ln p) / ln n`` with p the density at each of the n frequencies, both limits
    included, divided by its sum: 1 for a flat spectrum, near 0 for a pure tone; NaN without power
    or with fewer than two frequencies. Parameters are those of `spectral_edge`.

    References
    ----------
    Inouye et al. (1991), doi:10.1016/0013-4694(91)90138-T.
    """
    inside = psd[..., _within(freqs, band)]
    with np.errstate(invalid="ignore", divide="ignore"):
        p = inside / inside.sum(axis=-1, keepdims=True)
        terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), p)
        return np.asarray(-terms.sum(axis=-1) / np.log(inside.shape[-1]))


def peak_frequency(
    psd: FloatArray,
    freqs: FloatArray,
    band: tuple[float, float],
    averages: npt.ArrayLike,
    *,
    around: tuple[float, float],
    without: tuple[float, float],
) -> FloatArray:
    """Frequency of the peak of a band that stands above what lies around it.

    The line of log density over log frequency through the neighbours is what a spectrum without
    a rhythm would go on with. The highest density above it is a peak if it is higher than the
    highest of as many densities of noise is in all but `FALSE_PEAKS` of the windows, about. A
    parabola through the logarithms of what stands above the line there and at its neighbours
    places it between two frequencies.

    Parameters
    ----------
    psd : array of shape (..., n_freqs)
        Density by Welch's method, Hamming windows that overlap by half.
    freqs : array of shape (n_freqs,)
        Evenly spaced frequencies from 0 in Hz.
    band : tuple of float
        Limits in Hz.
    averages : int or array of shape (...)
        Segments of which each density is the mean.
    around, without : tuple of float
        Limits in Hz of the neighbours, and of what lies between them.

    Returns
    -------
    array of shape (...)
        Hz; NaN without such a peak, and where the density goes on rising outside of the band.

    References
    ----------
    Donoghue et al. (2020), doi:10.1038/s41593-020-00744-x.
    """
    inside = np.flatnonzero(_within(freqs, band))
    inside = inside[(inside > 1) & (inside < len(freqs) - 1)]
    flanks = _within(freqs, around) & ~_within(freqs, without)
    if len(inside) == 0 or flanks.sum() < 3:
        return np.full(psd.shape[:-1], np.nan)
    line = power_law(psd, freqs, around, without)
    some = slice(inside[0] - 1, inside[-1] + 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        floor = 10 ** line(freqs[some])
        above = psd[..., some] / floor
    top = 1 + np.argmax(above[..., 1:-1], axis=-1, keepdims=True)
    left, middle, right = (np.take_along_axis(above, top + step, axis=-1) for step in (-1, 0, 1))
    there = (middle > left) & (middle > right)
    there &= middle > _highest_by_chance(averages, len(inside))[..., np.newaxis]
    rhythm = np.take_along_axis(psd[..., some] - floor, top + np.arange(-1, 2), axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shape = np.log(np.maximum(rhythm, 1e-3 * rhythm[..., 1:2]))
        shift = parabola(*np.split(shape, 3, axis=-1))
    peak = freqs[top + some.start] + shift * freqs[1]
    return np.where(there, peak, np.nan)[..., 0]


def _highest_by_chance(averages: npt.ArrayLike, n_freqs: int) -> FloatArray:
    """Highest of some densities of noise, by chance, over their geometric mean."""
    number, place = np.unique(np.maximum(averages, 1), return_inverse=True)
    shape = number / (1 + 2 * _OVERLAP * (1 - 1 / number))
    highest = scipy.special.gammaincinv(shape, (1 - FALSE_PEAKS) ** (1 / n_freqs))
    ratio = highest / np.exp(scipy.special.digamma(shape))
    return np.asarray(ratio[place].reshape(np.shape(averages)))


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """Lines of log10 density over log10 frequency.

    Parameters
    ----------
    offset, slope : array of shape (...)
        Log10 of the density at 1 Hz, and -1 for a density of 1/f.
    """

    offset: FloatArray
    slope: FloatArray

    def __call__(self, freqs: FloatArray) -> FloatArray:
        """Log10 of the density at frequencies above 0, shape (..., n_freqs)."""
        offset, slope = self.offset[..., np.newaxis], self.slope[..., np.newaxis]
        return np.asarray(offset + slope * np.log10(freqs))


def power_law(
    psd: FloatArray, freqs: FloatArray, band: tuple[float, float], without: tuple[float, float]
) -> PowerLaw:
    """Fit a line of least squares to log10 density over log10 frequency.

    Parameters
    ----------
    psd : array of shape (..., n_freqs)
        Density.
    freqs : array of shape (n_freqs,)
        Frequencies in Hz.
    band : tuple of float
        Limits of the line in Hz, above 0.
    without : tuple of float
        Frequencies that do not count, where a rhythm stands above the line.

    Returns
    -------
    PowerLaw
        NaN with fewer than three frequencies or a density of 0.
    """
    used = _within(freqs, band) & ~_within(freqs, without)
    if used.sum() < 3:
        none = np.full(psd.shape[:-1], np.nan)
        return PowerLaw(none, none)
    x = np.log10(freqs[used])
    weights = np.linalg.pinv(np.stack([np.ones_like(x), x]))
    with np.errstate(invalid="ignore", divide="ignore"):
        offset, slope = np.moveaxis(np.log10(psd[..., used]) @ weights, -1, 0)
    return PowerLaw(np.where(np.isfinite(offset), offset, np.nan), slope)


def _within(freqs: FloatArray, band: tuple[float, float]) -> BoolArray:
    return np.asarray((freqs >= band[0] - 1e-9) & (freqs <= band[1] + 1e-9))
