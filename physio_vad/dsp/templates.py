"""Comparing events of a signal with the mean event around them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, next_fast_len, rfft

from physio_vad._arrays import BoolArray, FloatArray, IntArray

_KERNEL_REACH = 8  # samples on either side that count for a value between two samples
_FINE = 8  # values between two samples
_STEPS = np.arange(-_FINE - 1, _FINE + 2) / _FINE
_DISTANCE = _STEPS[:, np.newaxis] - np.arange(-_KERNEL_REACH, _KERNEL_REACH + 1)
_KERNEL = np.sinc(_DISTANCE) * np.cos(np.pi * _DISTANCE / (2 * _KERNEL_REACH + 4)) ** 2
_BLOCKS = 64  # blocks that are transformed at once: they stay in the cache


def local_maxima(signal: FloatArray) -> IntArray:
    """List samples above 0 that are higher than the one before and not lower than the one after."""
    inner = signal[1:-1]
    higher = (inner > signal[:-2]) & (inner >= signal[2:]) & (inner > 0)
    return np.asarray(np.flatnonzero(higher) + 1)


def dominant(places: IntArray | FloatArray, merit: FloatArray, apart: float) -> BoolArray:
    """Mark events that no better one is as near to as `apart`; of two equal ones the first.

    Examples
    --------
    >>> import numpy as np
    >>> dominant(np.array([0, 3, 9]), np.array([1.0, 2.0, 1.0]), apart=5)
    array([False,  True,  True])
    """
    best = np.ones(len(places), dtype=bool)
    for step in range(1, len(places)):
        near = places[step:] - places[:-step] <= apart
        if not near.any():
            break
        best[:-step] &= ~(near & (merit[step:] > merit[:-step]))
        best[step:] &= ~(near & (merit[:-step] >= merit[step:]))
    return best


def pieces_around(signal: FloatArray, peaks: IntArray, before: int, after: int) -> FloatArray:
    """Cut ``signal[peak - before : peak + after + 1]`` at each peak, 0 beyond the ends.

    Returns
    -------
    array of shape (n_peaks, before + 1 + after)
        Copies.
    """
    padded = np.concatenate([np.zeros(before), signal, np.zeros(after)])
    return np.asarray(sliding_window_view(padded, before + after + 1)[peaks])


def local_mean(
    pieces: FloatArray,
    weight: FloatArray,
    places: IntArray | FloatArray,
    near: float,
    at: IntArray | FloatArray | None = None,
) -> FloatArray:
    """Weighted sum of the pieces within `near` of each, scaled to length 1.

    Parameters
    ----------
    pieces : array of shape (n_events, n)
        One row an event.
    weight : array of shape (n_events,)
        Not negative.
    places : array of shape (n_events,)
        Where the events are, ascending.
    near : float
        In the unit of `places`.
    at : array of shape (n_templates,), optional
        Where templates are wanted; at the events by default.

    Returns
    -------
    array of shape (n_templates, n)
        Templates; 0 where nothing near it has weight.
    """
    middles = places if at is None else at
    used = np.flatnonzero(weight)
    if len(used) < len(pieces):
        pieces, weight, places = pieces[used], weight[used], places[used]
    first = np.searchsorted(places, middles - near)
    last = np.searchsorted(places, middles + near, side="right")
    total = np.zeros((len(pieces) + 1, pieces.shape[1]))
    np.cumsum(weight[:, np.newaxis] * pieces, axis=0, out=total[1:])
    mean = total[last] - total[first]
    norm = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.asarray(mean / np.where(norm > 0, norm, 1.0))


def matched_filter(
    signal: FloatArray,
    peaks: IntArray,
    weight: FloatArray,
    *,
    before: int,
    after: int,
    near: float,
    block: int,
) -> FloatArray:
    """Compare what surrounds each sample with the mean event around it.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        Signal.
    peaks : int array of shape (n_events,)
        Ascending.
    weight : array of shape (n_events,)
        Weight of each event, scaled to length 1, in the templates.
    before, after : int
        Extent of the template in samples.
    near : float
        Samples on either side whose events make a template.
    block : int
        Samples that share a template.

    Returns
    -------
    array of shape (n_samples,)
        Product of what surrounds each sample with the template of length 1.
    """
    pieces = pieces_around(signal, peaks, before, after)
    norm = np.linalg.norm(pieces, axis=1)
    weight = weight / np.where(norm > 0, norm, np.inf)
    n_samples = len(signal)
    n_blocks = -(-n_samples // block)
    middles = (np.arange(n_blocks, dtype=np.float64) + 0.5) * block
    template = local_mean(pieces, weight, peaks, near, at=middles)
    padded = np.pad(signal, (before, after + n_blocks * block - n_samples))
    around = sliding_window_view(padded, before + block + after)[::block]
    size = next_fast_len(around.shape[1], real=True)
    output = np.empty((n_blocks, block))
    for begin in range(0, n_blocks, _BLOCKS):
        some = slice(begin, begin + _BLOCKS)
        spectrum = rfft(around[some], size, axis=1)
        spectrum *= rfft(template[some], size, axis=1).conj()
        output[some] = irfft(spectrum, size, axis=1)[:, :block]
    return output.ravel()[:n_samples]


def place_by_template(
    signal: FloatArray,
    peaks: IntArray,
    weight: FloatArray,
    *,
    before: int,
    after: int,
    near: float,
) -> FloatArray:
    """Place events between the samples, where they fit the mean event around them best.

    The template fades to 0 at its ends and has mean 0, so that neighbours and drifts weigh little.
    What is placed is the template's own maximum.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        A signal with little above 0.45 times its sampling rate.
    peaks : int array of shape (n_events,)
        Ascending.
    weight : array of shape (n_events,)
        Weight of each event in the templates of those around.
    before, after : int
        Extent of the template in samples.
    near : float
        Samples on either side whose events make a template.

    Returns
    -------
    array of shape (n_events,)
        Places in samples, within 4 of `peaks`.
    """
    shift = 2
    margin = _KERNEL_REACH + shift
    wide = pieces_around(signal, peaks, before + margin, after + margin)
    size = np.linalg.norm(wide[:, margin:-margin], axis=1, keepdims=True)
    mean = local_mean(wide / np.where(size > 0, size, 1.0), weight, peaks, near)
    middle = before + margin
    own = vertex(mean[:, middle - _KERNEL_REACH : middle + _KERNEL_REACH + 1])
    template = mean[:, margin:-margin] * _fade(before, after)
    template -= template.mean(axis=1, keepdims=True)
    windows = sliding_window_view(wide, template.shape[1], axis=1)
    fit = np.einsum("esn,en->es", windows, template)
    best = np.argmax(fit[:, _KERNEL_REACH : _KERNEL_REACH + 2 * shift + 1], axis=1)
    around = best[:, np.newaxis] + np.arange(2 * _KERNEL_REACH + 1)
    moved = best - shift + vertex(np.take_along_axis(fit, around, axis=1))
    return np.asarray(peaks + own + moved)


def vertex(rows: FloatArray) -> FloatArray:
    """Find the maximum near the middle of each row between its samples.

    Band-limited interpolation (a sinc under a cosine window), then a parabola.

    Parameters
    ----------
    rows : array of shape (n, 17)
        Evenly spaced values, the highest near the middle.

    Returns
    -------
    array of shape (n,)
        Distance of the maximum from the middle in samples, in [-1, 1].

    Examples
    --------
    >>> import numpy as np
    >>> vertex(np.cos(2 * np.pi * (np.arange(-8, 9)[np.newaxis] - 0.3) / 5)).round(2)
    array([0.3])
    """
    middle = rows[:, _KERNEL_REACH : _KERNEL_REACH + 1]
    values = (rows - middle) @ _KERNEL.T  # of differences, as the kernel's sum is not quite 1
    best = 1 + np.argmax(values[:, 1:-1], axis=1)
    number = np.arange(len(rows))
    left, top, right = (values[number, best + step] for step in (-1, 0, 1))
    return np.asarray(np.clip(_STEPS[best] + parabola(left, top, right) / _FINE, -1.0, 1.0))


def parabola(left: FloatArray, top: FloatArray, right: FloatArray) -> FloatArray:
    """Distance of the maximum of a parabola through three evenly spaced points from the middle one.

    Examples
    --------
    >>> import numpy as np
    >>> parabola(*(-((np.array([[-1.0], [0.0], [1.0]]) - 0.25) ** 2)))
    array([0.25])
    """
    bend = left - 2 * top + right
    share = 0.5 * (left - right) / np.where(bend < 0, bend, -np.inf)
    return np.asarray(np.clip(share, -1.0, 1.0))


def _fade(before: int, after: int) -> FloatArray:
    """Weight of each sample of a template: 1 in the middle, 0 just beyond its ends."""
    up = np.arange(1, before + 2) / (before + 1)
    down = 1 - np.arange(1, after + 1) / (after + 1)
    return np.asarray(np.sin(np.pi / 2 * np.concatenate([up, down])) ** 2)
