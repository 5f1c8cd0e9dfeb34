"""Welch segments of many overlapping windows: their spectra and variances.

A window's spectrum is the mean over its segments. Windows that overlap share segments, so every
segment is transformed once; segments that touch a gap can then be left out of the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy
from scipy.fft import rfft
from scipy.sparse import csr_array

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.window_stats import span_sum

CHUNK = 1 << 17
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
            members = self.members if keep.all() else self._without(~keep)
            count = np.diff(members.indptr)
            enough = (count >= least) & (count > 0)
            out[number] = (members @ rows) / np.where(enough, count, np.nan)[:, np.newaxis]
        return out

    def count(self, good: BoolArray) -> FloatArray:
        """Count the good segments of each window, shape (n_channels, n_windows)."""
        return np.asarray((self.members @ good.T.astype(np.float64)).T)

    def _without(self, lost: BoolArray) -> csr_array:
        members = self.members.copy()
        members.data[lost[members.indices]] = 0.0
        members.eliminate_zeros()
        return members


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
    taper = _hamming(length)
    scale = np.full(len(freqs), 2 / (sfreq * (taper**2).sum()))
    scale[:1] /= 2  # frequency 0 and, at even lengths, Nyquist have no mirror image
    if length % 2 == 0 and len(freqs) == length // 2 + 1:
        scale[-1] /= 2
    psd: FloatArray = np.empty((len(values), len(segments.starts), len(freqs)))
    for which, chunk, _ in _chunks(values, segments):
        level = chunk.mean(axis=-1, keepdims=True)
        tapered = chunk - level
        tapered *= taper
        spectrum = rfft(tapered, axis=-1)[..., : len(freqs)]
        psd[:, which] = (spectrum.real**2 + spectrum.imag**2) * scale
    return freqs, psd


@lru_cache(maxsize=16)
def _hamming(length: int) -> FloatArray:
    return np.asarray(scipy.signal.get_window("hamming", length))


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
    for which, chunk, joined in _chunks(values, segments):
        halved = joined and segments.length == 2 * segments.hop
        variances[:, which] = _variances_of_halves(chunk) if halved else _variances(chunk)
    return variances


def _variances(chunk: FloatArray) -> FloatArray:
    """Variances of segments, shape (n_channels, n_segments, 3), each on its own."""
    variances = np.empty((*chunk.shape[:-1], 3))
    steps = chunk - chunk.mean(axis=-1, keepdims=True)
    for order in range(3):
        power = np.einsum("cst,cst->cs", steps, steps) / steps.shape[-1]
        variances[..., order] = np.maximum(power - steps.mean(axis=-1) ** 2, 0.0)
        steps = np.diff(steps, axis=-1)
    return variances


def _variances_of_halves(chunk: FloatArray) -> FloatArray:
    """Compute `_variances` of segments that each share one half with the next, once a half."""
    length, half = chunk.shape[-1], chunk.shape[-1] // 2
    halves = np.concatenate([chunk[..., :half], chunk[:, -1:, half:]], axis=1)
    joined = halves.reshape(len(chunk), -1)
    level = halves.mean(axis=-1)
    halves = halves - level[..., np.newaxis]
    power = np.einsum("cst,cst->cs", halves, halves)
    variances = np.empty((*chunk.shape[:-1], 3))
    apart = level[:, 1:] - level[:, :-1]
    variances[..., 0] = (power[:, 1:] + power[:, :-1]) / length + apart**2 / 4
    steps = joined
    for order in (1, 2):
        first, last = steps[:, :-1:half], steps[:, length - order :: half]
        mean = (last[:, : first.shape[1] - 1] - first[:, : last.shape[1]]) / (length - order)
        steps = np.diff(steps, append=steps[:, -1:])  # what is appended is not used
        halves = steps.reshape(len(chunk), -1, half)
        within, across = halves[..., : half - order], halves[:, :-1, half - order :]
        power = np.einsum("cst,cst->cs", within, within)
        power = power[:, :-1] + power[:, 1:] + np.einsum("cst,cst->cs", across, across)
        variances[..., order] = np.maximum(power / (length - order) - mean**2, 0.0)
    return variances


def _chunks(values: FloatArray, segments: Segments) -> Iterator[tuple[slice, FloatArray, bool]]:
    """Yield groups of segments as (n_channels, n_chunk, length), their level near 0.

    True tells that they follow one another by the hop.
    """
    if len(segments.starts) == 0:
        return
    length, hop = segments.length, segments.hop
    windows = np.lib.stride_tricks.sliding_window_view
    size = max(CHUNK // (len(values) * length), 1)
    for begin in range(0, len(segments.starts), size):
        which = slice(begin, begin + size)
        starts = segments.starts[which]
        joined = bool((np.diff(starts) == hop).all())
        if joined:
            piece = values[:, starts[0] : starts[-1] + length]
            piece = piece - np.median(piece[:, ::hop], axis=-1, keepdims=True)
            yield which, windows(piece, length, axis=-1)[:, ::hop], joined
        else:
            chunk = windows(values, length, axis=-1)[:, starts]
            yield which, chunk - chunk.mean(axis=-1, keepdims=True), joined
