"""Zero-phase Butterworth filters that take arrays of any length."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view

from physio_vad._arrays import FloatArray

_DECAY = 8.5  # periods of an edge after which a filter of order 2 is at rest to the last digit
_MARGINS = 16  # margins that a block is long
_PART = 32_768  # samples that are filtered at a time: they stay in the cache
_BLOCKS = 16  # blocks that are transformed at once


def zero_phase(
    values: FloatArray,
    sfreq: float,
    *,
    low: float | None = None,
    high: float | None = None,
    order: int = 2,
) -> FloatArray:
    """Keep what lies between two frequencies, without delay.

    A Butterworth filter run forth and back (so of twice the order), the ends mirrored over one
    period of the lowest edge, or over what there is.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Finite numbers; filtered along the last axis.
    sfreq : float
        Sampling rate in Hz.
    low, high : float, optional
        Edges in Hz. A `high` at or above Nyquist removes nothing; a `low` there leaves 0.
    order : int
        Order of the filter.

    Returns
    -------
    array of the shape of `values`
        `values` itself where there is nothing to remove.

    Examples
    --------
    >>> import numpy as np
    >>> slow, fast = (np.sin(2 * np.pi * f * np.arange(1000) / 100) for f in (1, 30))
    >>> error = zero_phase(slow + fast, 100.0, high=6.0) - slow
    >>> bool(np.abs(error[100:-100]).max() < 0.01)
    True
    """
    if high is not None and high >= sfreq / 2:
        high = None
    if low is not None and low >= sfreq / 2:
        return np.zeros_like(values)
    n_samples = values.shape[-1]
    if n_samples == 0 or (low is None and high is None):
        return values
    sos, at_rest = _design(order, low, high, sfreq)
    padding = min(n_samples - 1, int(np.ceil(sfreq / min(filter(None, (low, high))))))
    return _forth_and_back(sos, at_rest, values, padding)


def _forth_and_back(
    sos: FloatArray, at_rest: FloatArray, values: FloatArray, padding: int
) -> FloatArray:
    """Give the very numbers of `scipy.signal.sosfiltfilt`, in place and by parts, so faster."""
    middle = slice(padding, padding + values.shape[-1])
    run = np.empty((*values.shape[:-1], values.shape[-1] + 2 * padding))
    run[..., middle] = values
    run[..., :padding] = 2 * values[..., :1] - values[..., padding:0:-1]
    run[..., middle.stop :] = 2 * values[..., -1:] - values[..., -2 : -padding - 2 : -1]
    initial = at_rest.reshape(len(sos), *[1] * (values.ndim - 1), 2)
    for way in (run, run[..., ::-1]):
        state = initial * way[..., :1]
        for begin in range(0, way.shape[-1], _PART):
            part = way[..., begin : begin + _PART]
            part[...], state = scipy.signal.sosfilt(sos, part, axis=-1, zi=state)
    return run[..., middle]


def split_bands(values: FloatArray, sfreq: float, edges: tuple[float, ...]) -> FloatArray:
    """Split what lies between the first and the last edge into bands, without delay.

    The bands add up to what `zero_phase` keeps below the last edge, without what it then keeps
    below the first one. Blocks are multiplied in the frequency domain, which gives the numbers of
    the filter to the last digits in half of the time; near the ends, where the signal is mirrored
    further, they differ a little.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers.
    sfreq : float
        Sampling rate in Hz.
    edges : tuple of float
        Edges of the bands in Hz, at least two, ascending, below Nyquist. The first one may be 0:
        ``(0, high)`` is a low-pass filter.

    Returns
    -------
    array of shape (len(edges) - 1, n_samples)
        The bands, the lowest first.

    Examples
    --------
    >>> import numpy as np
    >>> slow, fast = (np.sin(2 * np.pi * f * np.arange(1000) / 100) for f in (2, 10))
    >>> bands = split_bands(slow + fast + 7, 100.0, (0.5, 5.0, 40.0))
    >>> [bool(np.abs(band - wave)[200:-200].max() < 0.1) for band, wave in zip(bands, (slow, fast))]
    [True, True]
    """
    margin = int(np.ceil(_DECAY * sfreq / min(filter(None, edges))))
    n_samples = len(values)
    if n_samples <= margin:
        smooth = zero_phase(values, sfreq, high=edges[-1])
        below = [
            zero_phase(smooth, sfreq, high=edge) if edge else np.zeros_like(smooth)
            for edge in edges[:-1]
        ]
        return np.diff([*below, smooth], axis=0)
    size = scipy.fft.next_fast_len(_MARGINS * margin, real=True)
    step = size - 2 * margin
    n_blocks = -(-n_samples // step)
    mirrored = np.pad(values, margin, mode="reflect", reflect_type="odd")
    whole_blocks = np.pad(mirrored, (0, n_blocks * step - n_samples))
    blocks = sliding_window_view(whole_blocks, size)[::step]
    bands = np.empty((len(edges) - 1, n_blocks, step))
    for first in range(0, n_blocks, _BLOCKS):
        which = slice(first, first + _BLOCKS)
        spectrum = scipy.fft.rfft(blocks[which], axis=1)
        for band, gain in zip(bands, _gains(edges, sfreq, size), strict=True):
            band[which] = scipy.fft.irfft(spectrum * gain, size, axis=1)[:, margin:-margin]
    return bands.reshape(len(bands), -1)[:, :n_samples]


def low_pass(values: FloatArray, sfreq: float, edge: float) -> FloatArray:
    """Give what ``zero_phase(values, sfreq, high=edge)`` does of a long signal in half of the time.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers.
    sfreq : float
        Sampling rate in Hz.
    edge : float
        In Hz; at or above Nyquist nothing is removed.

    Returns
    -------
    array of shape (n_samples,)
        The same numbers to the last digits, but near the ends, where more is mirrored.
    """
    return values if edge >= sfreq / 2 else split_bands(values, sfreq, (0.0, edge))[0]


@lru_cache(maxsize=16)
def _gains(edges: tuple[float, ...], sfreq: float, size: int) -> FloatArray:
    """Gain of each band at the frequencies of a transform of `size` samples."""
    freqs = scipy.fft.rfftfreq(size, 1 / sfreq)
    low_passes = np.zeros((len(edges), len(freqs)))
    for low_pass, edge in zip(low_passes, edges, strict=True):
        if edge:
            sos, _ = _design(2, None, edge, sfreq)
            low_pass[:] = np.abs(scipy.signal.sosfreqz(sos, freqs, fs=sfreq)[1]) ** 2
    low_passes[:-1] *= low_passes[-1]
    return np.diff(low_passes, axis=0)


@lru_cache(maxsize=64)
def _design(
    order: int, low: float | None, high: float | None, sfreq: float
) -> tuple[FloatArray, FloatArray]:
    """Sections of a Butterworth filter, and their state after a long time at 1."""
    kind = "lowpass" if low is None else "highpass" if high is None else "bandpass"
    edges = [edge for edge in (low, high) if edge is not None]
    sos = scipy.signal.butter(
        order, edges if len(edges) > 1 else edges[0], kind, fs=sfreq, output="sos"
    )
    return np.asarray(sos), np.asarray(scipy.signal.sosfilt_zi(sos))
