"""Spectra of slow waves, and what is read off a spectrum."""

from __future__ import annotations

import numpy as np
import scipy

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.welch import CHUNK


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
    taper = scipy.signal.get_window("hann", length)
    freqs = np.arange(length // 2 + 1, dtype=np.float64) * (sfreq / length)
    weights = band_weights(freqs, *band) * 2 / (sfreq * (taper**2).sum())
    waves = _detrended_waves(np.flatnonzero(weights), taper)
    weights = np.tile(weights[weights > 0], 2)
    size = max(CHUNK // length, 1)
    for begin in range(0, len(inside), size):
        which = inside[begin : begin + size]
        chunk = views[last[which] - length]
        power[which] = ((chunk - chunk[:, :1]) @ waves) ** 2 @ weights
    return power


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


def peak_frequency(psd: FloatArray, freqs: FloatArray, band: tuple[float, float]) -> FloatArray:
    """Frequency of the highest peak in a band, in Hz.

    A parabola through the logarithms of the three highest densities places the peak between two
    frequencies. Parameters are those of `spectral_edge`.

    Returns
    -------
    array of shape (...)
        Hz; NaN where the highest density of the band is no peak, because the spectrum goes on
        rising outside.
    """
    inside = np.flatnonzero(_within(freqs, band))
    inside = inside[(inside > 0) & (inside < len(freqs) - 1)]
    if len(inside) == 0:
        return np.full(psd.shape[:-1], np.nan)
    top = inside[0] + np.argmax(psd[..., inside], axis=-1, keepdims=True)
    left, middle, right = (np.take_along_axis(psd, top + step, axis=-1) for step in (-1, 0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        curve = np.log(left) - 2 * np.log(middle) + np.log(right)
        shift = (np.log(left) - np.log(right)) / (2 * curve)
    peak = freqs[top] + np.where(np.isfinite(shift), shift, 0.0) * freqs[1]
    return np.where((middle > left) & (middle > right), peak, np.nan)[..., 0]


def power_law_slope(
    psd: FloatArray, freqs: FloatArray, band: tuple[float, float], without: tuple[float, float]
) -> FloatArray:
    """Slope of the least-squares line of log10 density over log10 frequency.

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
    array of shape (...)
        -1 for a density of 1/f; NaN with fewer than three frequencies or a density of 0.
    """
    used = _within(freqs, band) & ~_within(freqs, without)
    if used.sum() < 3:
        return np.full(psd.shape[:-1], np.nan)
    x = np.log10(freqs[used])
    x = x - x.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((np.log10(psd[..., used]) @ x) / (x @ x))


def _within(freqs: FloatArray, band: tuple[float, float]) -> BoolArray:
    return np.asarray((freqs >= band[0] - 1e-9) & (freqs <= band[1] + 1e-9))
