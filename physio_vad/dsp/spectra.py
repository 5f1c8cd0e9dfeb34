"""Welch spectra of many overlapping windows, and what is read off a spectrum.

A window's spectrum is the mean over its segments. Windows that overlap share segments, so every
segment is transformed once; segments that touch a gap can then be left out of the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from scipy.fft import rfft
from scipy.sparse import csr_array

from physio_vad.dsp.spans import IntArray, span_sum

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CHUNK = 1 << 16
"""Samples that are worked on at a time: they stay in the processor's cache."""

MNE_CHUNK = 1_000_000
"""Samples that go to MNE in one call: it turns to a slow loop at 10 MB."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The Welch segments of many windows, each listed once.

    Parameters
    ----------
    starts : int array of shape (n_segments,)
        First sample of each segment, ascending.
    length : int
        Samples a segment.
    hop : int
        Samples from one segment of a window to its next.
    members : sparse array of shape (n_windows, n_segments)
        1 where a segment belongs to a window.
    """

    starts: IntArray
    length: int
    hop: int
    members: csr_array

    @property
    def regular(self) -> bool:
        """Whether all segments sit on one grid of `hop` samples, so that windows share them."""
        return len(self.starts) > 0 and bool((np.diff(self.starts) % self.hop == 0).all())

    def good(self, bad: BoolArray) -> BoolArray:
        """Tell which segments hold no bad sample, shape (n_channels, n_segments)."""
        if not bad.any():
            return np.ones((len(bad), len(self.starts)), dtype=bool)
        return np.asarray(span_sum(bad, self.starts, self.starts + self.length) == 0)

    def mean(self, values: FloatArray, good: BoolArray, least: npt.ArrayLike = 1) -> FloatArray:
        """Average what was computed for each segment over the good segments of each window.

        Parameters
        ----------
        values : array of shape (n_channels, n_segments, n_values)
            One row a segment.
        good : bool array of shape (n_channels, n_segments)
            Segments that count.
        least : float or array of shape (n_windows,)
            Good segments that a window needs.

        Returns
        -------
        array of shape (n_channels, n_windows, n_values)
            NaN where there are fewer than `least` good segments, or none.
        """
        out = np.empty((len(values), self.members.shape[0], values.shape[2]))
        for number, (rows, keep) in enumerate(zip(values, good, strict=True)):
            count = self.members @ keep.astype(np.float64)
            enough = (count >= least) & (count > 0)
            total = self.members @ np.where(keep[:, np.newaxis], rows, 0.0)
            out[number] = total / np.where(enough, count, np.nan)[:, np.newaxis]
        return out


def welch_segments(first: IntArray, last: IntArray, *, length: int, hop: int) -> Segments:
    """Cut spans of samples into overlapping segments, from the start of each span.

    Parameters
    ----------
    first, last : int array of shape (n_windows,)
        Spans of samples; one shorter than `length` has no segment.
    length, hop : int
        Samples a segment, and from one segment to the next; at least 1.

    Returns
    -------
    Segments
        Every segment once.

    Examples
    --------
    >>> import numpy as np
    >>> segments = welch_segments(np.array([0, 2]), np.array([6, 8]), length=4, hop=2)
    >>> segments.starts, segments.members.toarray().astype(int).tolist()
    (array([0, 2, 4]), [[1, 1, 0], [0, 1, 1]])
    """
    count = np.where(last - first >= length, (last - first - length) // hop + 1, 0)
    window = np.repeat(np.arange(len(first)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    starts, column = np.unique(first[window] + hop * number, return_inverse=True)
    members = csr_array((np.ones(len(window)), (window, column)), shape=(len(first), len(starts)))
    return Segments(starts, length, hop, members)


def segment_psd(
    values: FloatArray, segments: Segments, *, sfreq: float, fmax: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Power spectral density of every segment: mean removed, Hamming window.

    The mean over a window's segments is Welch's estimate, equal to MNE's ``psd_array_welch``.

    Parameters
    ----------
    values : array of shape (n_channels, n_samples)
        Finite numbers.
    segments : Segments
        Where to cut.
    sfreq : float
        Sampling rate in Hz.
    fmax : float
        Highest frequency that is returned, in Hz.

    Returns
    -------
    freqs : array of shape (n_freqs,)
        Frequencies in Hz.
    psd : array of shape (n_channels, n_segments, n_freqs)
        One-sided density in squared units per Hz.

    References
    ----------
    Welch (1967), doi:10.1109/TAU.1967.1161901.
    """
    length = segments.length
    freqs = np.arange(length // 2 + 1, dtype=np.float64) * (sfreq / length)
    freqs = freqs[freqs <= fmax]
    taper = scipy.signal.get_window("hamming", length)
    scale = np.full(len(freqs), 2 / (sfreq * (taper**2).sum()))
    scale[:1] /= 2  # frequency 0 and, at even lengths, Nyquist have no mirror image
    if length % 2 == 0 and len(freqs) == length // 2 + 1:
        scale[-1] /= 2
    psd: FloatArray = np.empty((len(values), len(segments.starts), len(freqs)))
    for which, chunk in _chunks(values, segments):
        spectrum = rfft(chunk * taper, axis=-1)[..., : len(freqs)]
        psd[:, which] = (spectrum.real**2 + spectrum.imag**2) * scale
    return freqs, psd


def segment_psd_mne(
    values: FloatArray, segments: Segments, *, sfreq: float, fmax: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Compute `segment_psd` with MNE, many segments in one call.

    Parameters and results are those of `segment_psd`. Values must be finite: MNE turns NaN into
    finite numbers without a word.
    """
    from mne.time_frequency import psd_array_welch  # slow to import

    views = np.lib.stride_tricks.sliding_window_view(values, segments.length, axis=-1)
    parts = []
    size = max(MNE_CHUNK // (len(values) * segments.length), 1)
    for begin in range(0, len(segments.starts), size):
        psd, freqs = psd_array_welch(
            views[:, segments.starts[begin : begin + size]],
            sfreq,
            fmax=fmax,
            n_fft=segments.length,
            window="hamming",
            verbose="error",
        )
        parts.append(psd)
    return np.asarray(freqs), np.concatenate(parts, axis=1)


def segment_variances(values: FloatArray, segments: Segments) -> FloatArray:
    """Variance of a signal and of its first two differences, in every segment.

    Parameters
    ----------
    values : array of shape (n_channels, n_samples)
        Finite numbers.
    segments : Segments
        Where to cut; of at least 3 samples.

    Returns
    -------
    array of shape (n_channels, n_segments, 3)
        Variances (ddof 0) of x, of its differences and of their differences.
    """
    variances = np.empty((len(values), len(segments.starts), 3))
    for which, chunk in _chunks(values, segments):
        for order in range(3):
            level = chunk.mean(axis=-1) if order else 0.0  # the chunk comes without its mean
            power = np.einsum("cst,cst->cs", chunk, chunk) / chunk.shape[-1]
            variances[:, which, order] = np.maximum(power - level**2, 0.0)
            chunk = np.diff(chunk, axis=-1)  # noqa: PLW2901
    return variances


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
    time = np.arange(length) - (length - 1) / 2
    taper = scipy.signal.get_window("hann", length)
    freqs = np.arange(length // 2 + 1, dtype=np.float64) * (sfreq / length)
    weights = band_weights(freqs, *band) * 2 / (sfreq * (taper**2).sum())
    size = max(CHUNK // length, 1)
    for begin in range(0, len(inside), size):
        which = inside[begin : begin + size]
        chunk = views[last[which] - length]
        chunk = chunk - chunk.mean(axis=-1, keepdims=True)
        chunk -= np.outer(chunk @ time / (time @ time), time)
        spectrum = rfft(chunk * taper, axis=-1)
        power[which] = (spectrum.real**2 + spectrum.imag**2) @ weights
    return power


def _chunks(values: FloatArray, segments: Segments) -> Iterator[tuple[slice, FloatArray]]:
    """Yield groups of segments, shape (n_channels, n_chunk, length), their mean removed."""
    if len(segments.starts) == 0:
        return
    views = np.lib.stride_tricks.sliding_window_view(values, segments.length, axis=-1)
    size = max(CHUNK // (len(values) * segments.length), 1)
    for begin in range(0, len(segments.starts), size):
        which = slice(begin, begin + size)
        chunk = views[:, segments.starts[which]]
        yield which, chunk - chunk.mean(axis=-1, keepdims=True)


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
