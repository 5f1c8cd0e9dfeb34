"""A function of the samples of one window, called for many windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray

AT_ONCE = 1_000_000
"""Samples that a vectorised function gets at a time."""

WindowFunction = Callable[[FloatArray, float], Any]
"""Called with (values, sfreq); see `vectorised` for the shapes."""


def vectorised(function: WindowFunction) -> WindowFunction:
    """Mark a function that takes many windows at once.

    Parameters
    ----------
    function : callable
        Called with values of shape (n_windows, n_samples) and the sampling rate in Hz; returns an
        array of shape (n_windows,). Without the mark a function gets the values of one window,
        of shape (n_samples,), and returns a number.

    Returns
    -------
    callable
        The function itself, so that this may be a decorator.

    Examples
    --------
    >>> @vectorised
    ... def largest(values, sfreq):
    ...     return values.max(axis=1)
    """
    function.vectorised = True  # type: ignore[attr-defined]
    return function


def call_on_windows(
    function: WindowFunction,
    values: FloatArray,
    sfreq: float,
    first: IntArray,
    last: IntArray,
    wanted: BoolArray,
) -> FloatArray:
    """Call a function for the windows of each channel that are wanted.

    Parameters
    ----------
    function : callable
        See `vectorised`.
    values : array of shape (n_channels, n_samples)
        Finite numbers; the function gets them read-only.
    sfreq : float
        Sampling rate in Hz.
    first, last : int array of shape (n_windows,)
        Spans of samples.
    wanted : bool array of shape (n_channels, n_windows)
        Windows for which it is called; empty ones are passed over.

    Returns
    -------
    array of shape (n_channels, n_windows)
        NaN where it was not called.

    Raises
    ------
    TypeError, ValueError
        If it returns anything else than a number a window.
    """
    values = values.view()
    values.flags.writeable = False
    out = np.full(wanted.shape, np.nan)
    whole = getattr(function, "vectorised", False)
    for channel, row, some in zip(values, out, wanted & (last > first), strict=True):
        for length in np.unique((last - first)[some]):
            same = np.flatnonzero(some & (last - first == length))
            windows = np.lib.stride_tricks.sliding_window_view(channel, length)
            size = max(AT_ONCE // length, 1) if whole else 1
            for begin in range(0, len(same), size):
                which = same[begin : begin + size]
                piece = windows[first[which]] if whole else windows[first[which[0]]]
                row[which] = _numbers(function(piece, sfreq), (len(which),) if whole else ())
    return out


def _numbers(found: Any, shape: tuple[int, ...]) -> FloatArray:
    numbers = np.asarray(found, dtype=np.float64)
    if numbers.shape != shape:
        wanted = f"an array of shape {shape}" if shape else "one number"
        raise ValueError(f"it must return {wanted}, got shape {numbers.shape}")
    return numbers
