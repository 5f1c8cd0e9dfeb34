"""Trains of events: which of them fall into windows, and which touch a gap."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.window_stats import span_mean, span_mean_sd, span_sum

EventTable = dict[str, FloatArray]
"""Events as columns of equal length, one row an event."""


def event_spans(
    times: FloatArray, starts: FloatArray, stops: FloatArray
) -> tuple[IntArray, IntArray]:
    """Find the events of each window ``[start, stop)``, as spans of the train.

    Parameters
    ----------
    times : array of shape (n_events,)
        Seconds, ascending.
    starts, stops : array of shape (n_windows,)
        Seconds.

    Returns
    -------
    first, last : int array of shape (n_windows,)
        ``last - first`` is the number of events; spans as in `physio_vad.dsp.window_stats`.

    Examples
    --------
    >>> import numpy as np
    >>> event_spans(np.array([1.0, 2.0, 5.0]), np.array([0.0, 2.0]), np.array([2.0, 9.0]))
    (array([0, 1]), array([1, 3]))
    """
    # The same tolerance as for samples: 0.1 + 0.2 belongs to the window that starts at 0.3.
    first, last = (np.searchsorted(times, edges - 1e-6, side="left") for edges in (starts, stops))
    return first, np.maximum(first, last)


def event_mean(values: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Mean of the events of each window; unknown values (NaN) do not count.

    Parameters
    ----------
    values : array of shape (n_events,)
        A property of the events.
    first, last : int array of shape (n_windows,)
        Spans of events.

    Returns
    -------
    array of shape (n_windows,)
        NaN without an event.
    """
    return span_mean(values, first, last, np.isfinite(values))


def event_sd(values: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Compute the SD (ddof 1) of the known events of each window; NaN with fewer than two.

    Parameters are those of `event_mean`.
    """
    known = np.isfinite(values)
    number = last - first if known.all() else span_sum(known, first, last)
    with np.errstate(invalid="ignore", divide="ignore"):
        bessel = np.sqrt(np.where(number > 1, number / (number - 1), np.nan))
    return np.asarray(span_mean_sd(values, first, last, known)[1] * bessel)


def span_touches(bad: BoolArray, first: IntArray, last: IntArray) -> BoolArray:
    """Tell which closed ranges of samples ``first..last`` hold a bad sample.

    Parameters
    ----------
    bad : bool array of shape (n_samples,)
        Bad samples.
    first, last : int array of shape (n_ranges,)
        First and last sample; what lies outside the array does not count.

    Returns
    -------
    bool array of shape (n_ranges,)
        True where a range holds a bad sample.
    """
    if not bad.any():
        return np.zeros(len(first), dtype=bool)
    before = np.concatenate([[0], np.cumsum(bad)])
    begin = np.clip(first, 0, len(bad))
    end = np.clip(last + 1, begin, len(bad))
    return np.asarray(before[end] > before[begin])
