"""Statistics of many windows over one array, without a loop over windows.

A *span* is a half-open range of samples ``[first, last)``; spans may overlap and be empty.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, IntArray


def sample_spans(
    starts: FloatArray, stops: FloatArray, *, sfreq: float, origin: float, n_samples: int
) -> tuple[IntArray, IntArray]:
    """Turn windows in seconds into spans of samples, cut to the array.

    Parameters
    ----------
    starts, stops : array of shape (n_windows,)
        Windows ``[start, stop)`` in seconds.
    sfreq : float
        Sampling rate in Hz.
    origin : float
        Time of sample 0 in seconds.
    n_samples : int
        Length of the array.

    Returns
    -------
    first, last : int array of shape (n_windows,)
        ``first <= last``; a window outside the array is an empty span.

    Examples
    --------
    >>> import numpy as np
    >>> sample_spans(np.array([0.0, 1.5]), np.array([1.0, 9.0]), sfreq=4, origin=0, n_samples=8)
    (array([0, 6]), array([4, 8]))
    """
    first, last = (
        np.clip(np.ceil((times - origin) * sfreq - 1e-6), 0, n_samples).astype(np.int64)
        for times in (starts, stops)
    )
    return first, np.maximum(first, last)


def span_sum(values: npt.NDArray[np.generic], first: IntArray, last: IntArray) -> FloatArray:
    """Sum over each span along the last axis; an empty span sums to 0.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Numbers or booleans.
    first, last : int array of shape (n_spans,)
        Spans.

    Returns
    -------
    array of shape (..., n_spans)
        Sums.

    Examples
    --------
    >>> import numpy as np
    >>> span_sum(np.arange(5.0), np.array([0, 2, 4]), np.array([3, 2, 5]))
    array([3., 0., 4.])
    """
    if values.dtype == bool:
        return _count(values.astype(np.bool_, copy=False), first, last)
    return _reduce(np.add, values, first, last, 0.0)


def _count(mask: npt.NDArray[np.bool_], first: IntArray, last: IntArray) -> FloatArray:
    """Count what is True, by the places of True or of False, whichever are fewer."""
    shape = mask.shape[:-1]
    counts = np.empty((*shape, len(first)))
    n_rows, n_samples = math.prod(shape), mask.shape[-1]
    rows = mask.reshape(n_rows, n_samples)
    for count, row in zip(counts.reshape(n_rows, len(first)), rows, strict=True):
        mostly = 2 * np.count_nonzero(row) > n_samples
        places = np.flatnonzero(~row if mostly else row)
        number = np.searchsorted(places, last) - np.searchsorted(places, first)
        count[:] = last - first - number if mostly else number
    return counts


def span_min(values: npt.NDArray[np.generic], first: IntArray, last: IntArray) -> FloatArray:
    """Minimum over each span along the last axis; an empty span gives NaN."""
    return _reduce(np.minimum, values, first, last, np.nan)


def span_max(values: npt.NDArray[np.generic], first: IntArray, last: IntArray) -> FloatArray:
    """Maximum over each span along the last axis; an empty span gives NaN."""
    return _reduce(np.maximum, values, first, last, np.nan)


def span_mean_sd(
    values: FloatArray, first: IntArray, last: IntArray, good: npt.NDArray[np.bool_] | None = None
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation (ddof 0) over each span along the last axis.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Finite numbers.
    first, last : int array of shape (n_spans,)
        Spans.
    good : bool array of the shape of `values`, optional
        Samples that count.

    Returns
    -------
    mean, sd : array of shape (..., n_spans)
        NaN where no sample counts.
    """
    both = np.empty((2, *values.shape[:-1], len(first)))
    for row in np.ndindex(values.shape[:-1]):  # copies of one row fit into the processor's cache
        some = None if good is None else good[row]
        both[(slice(None), *row)] = _mean_sd(values[row], first, last, some)
    return both[0], both[1]


def span_mean(
    values: FloatArray, first: IntArray, last: IntArray, good: npt.NDArray[np.bool_] | None = None
) -> FloatArray:
    """Mean over each span; parameters are those of `span_mean_sd`, values of shape (n_samples,)."""
    centre, _, mean, _ = _means(values, first, last, good)
    return np.asarray(centre + mean)


def _mean_sd(
    values: FloatArray, first: IntArray, last: IntArray, good: npt.NDArray[np.bool_] | None
) -> tuple[FloatArray, FloatArray]:
    centre, centred, mean, number = _means(values, first, last, good)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        np.square(centred, out=centred)
        variance = span_sum(centred, first, last) / number - mean**2
    return centre + mean, np.sqrt(np.maximum(variance, 0.0))


def _means(
    values: FloatArray, first: IntArray, last: IntArray, good: npt.NDArray[np.bool_] | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray | IntArray]:
    """Mean of all, values without it (0 where they do not count), their means, how many count."""
    if good is not None and good.all():
        good = None
    centre = _centre(values, good)
    centred = values - centre
    number: FloatArray | IntArray = last - first
    if good is not None:
        centred[~good] = 0.0
        number = span_sum(good, first, last)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return centre, centred, span_sum(centred, first, last) / number, number


def span_slope(
    values: FloatArray,
    first: IntArray,
    last: IntArray,
    *,
    sfreq: float,
    good: npt.NDArray[np.bool_] | None = None,
) -> FloatArray:
    """Slope of the least-squares line over each span, in units of `values` per second.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Finite numbers.
    first, last : int array of shape (n_spans,)
        Spans.
    sfreq : float
        Sampling rate in Hz.
    good : bool array of the shape of `values`, optional
        Samples that count.

    Returns
    -------
    array of shape (..., n_spans)
        NaN where fewer than two samples count.

    Examples
    --------
    >>> import numpy as np
    >>> span_slope(np.arange(8.0), np.array([0, 4]), np.array([8, 5]), sfreq=2.0)
    array([ 2., nan])
    """
    weight = np.ones_like(values) if good is None else good.astype(np.float64)
    time = np.arange(values.shape[-1], dtype=np.float64)  # whole numbers: their sums are exact
    centred = (values - _centre(values, good)) * weight
    middle = (first + last - 1) / 2
    n = span_sum(weight, first, last)
    t = span_sum(weight * time, first, last) - middle * n
    tt = span_sum(weight * time**2, first, last) - 2 * middle * (t + middle * n) + middle**2 * n
    x = span_sum(centred, first, last)
    tx = span_sum(centred * time, first, last) - middle * x
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = sfreq * (n * tx - t * x) / (n * tt - t**2)
    return np.where(n >= 2, slope, np.nan)


def _centre(values: FloatArray, good: npt.NDArray[np.bool_] | None) -> FloatArray:
    """Mean along the last axis, kept as an axis: subtracted before squaring, it saves digits."""
    if values.shape[-1] == 0:
        return np.zeros((*values.shape[:-1], 1))
    if good is None:
        return np.asarray(values.mean(axis=-1, keepdims=True))
    number = np.maximum(good.sum(axis=-1, keepdims=True), 1)
    return np.asarray(np.where(good, values, 0.0).sum(axis=-1, keepdims=True) / number)


def _reduce(
    ufunc: np.ufunc,
    values: npt.NDArray[np.generic],
    first: IntArray,
    last: IntArray,
    empty: float,
) -> FloatArray:
    n_samples = values.shape[-1]
    if len(first) == 0 or n_samples == 0:
        return np.full((*values.shape[:-1], len(first)), empty)
    # reduceat takes no end beyond the last sample: the last one is added by hand, not by a copy
    edges = np.minimum(np.column_stack([first, last]).ravel(), n_samples - 1)
    out = ufunc.reduceat(values, edges, axis=-1, dtype=np.float64)[..., ::2]
    add = np.flatnonzero((last == n_samples) & (first < n_samples - 1))
    out[..., add] = ufunc(out[..., add], values[..., -1:])
    return np.where(last > first, out, empty)
