"""How the heart rate follows breathing: respiratory sinus arrhythmia."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.event_windows import EventTable
from physio_vad.dsp.heartrate import Intervals
from physio_vad.dsp.window_stats import span_sum

CHANCE = 0.001
"""Largest probability at which a share of pure chance counts as a rhythm, and has a phase."""

_BREATHS = 3  # whole ones, at least
_FREE = 8  # degrees of freedom that the residual must have at least
_CONSTANT = 1e-4  # beats/min: an SD below it is none


def sinus_arrhythmia(
    intervals: Intervals, breaths: EventTable, starts: FloatArray, stops: FloatArray
) -> dict[str, FloatArray]:
    """Share of the heart rate's variance that goes with breathing, and when the heart is fastest.

    Each interval belongs to the breath in which its middle lies, and has a phase there: half a
    turn from the onset to the peak of the breath, half a turn to its end. In each window a sine of
    the phase is fitted by least squares to the rates 60 / NN, with a level for each breath.

    Parameters
    ----------
    intervals : Intervals
        NN intervals.
    breaths : dict of str to array of shape (n_breaths,)
        ``onset``, ``peak`` and ``end`` in seconds, on the clock of the intervals.
    starts, stops : array of shape (n_windows,)
        Windows in seconds. Breaths count that lie whole in them.

    Returns
    -------
    dict of str to array of shape (n_windows,)
        ``rsa_share``, adjusted for the number of intervals, in [0, 1]; ``rsa_phase``, in breaths
        from the end of inspiration to the fastest heart, from -0.5 to 0.5, NaN where chance gives
        as large a share with a probability above `CHANCE`. Both are NaN with fewer than 3 breaths.

    References
    ----------
    Hirsch & Bishop (1981), doi:10.1152/ajpheart.1981.241.4.H620.

    Examples
    --------
    >>> import numpy as np
    >>> beats = np.cumsum(0.8 - 0.05 * np.cos(2 * np.pi * 0.2 * 0.8 * np.arange(75)))
    >>> nn = Intervals(beats[:-1], beats[1:], np.diff(beats), np.arange(74) > 0)
    >>> onset = np.arange(0.0, 55.0, 5.0)
    >>> breaths = {"onset": onset, "peak": onset + 2.5, "end": onset + 5}
    >>> found = sinus_arrhythmia(nn, breaths, np.array([0.0]), np.array([60.0]))
    >>> sorted(found)
    ['rsa_phase', 'rsa_share']
    """
    whose, angle = _phases((intervals.begins + intervals.ends) / 2, breaths)
    of_breaths = _sums(whose, angle, 60 / intervals.values, len(breaths["onset"]))
    ends = breaths["end"].copy()
    np.maximum.at(ends, whose[whose >= 0], intervals.ends[whose >= 0])
    ends = np.maximum.accumulate(ends)  # neither a breath nor a beat comes later than a window
    first = np.searchsorted(breaths["onset"], starts - 1e-6)
    last = np.maximum(first, np.searchsorted(ends, stops - 1e-6))
    number, used, cc, ss, cs, hc, hs, hh = span_sum(of_breaths, first, last)
    free = number - used - 2
    cosine, sine = (hc * ss - hs * cs), (hs * cc - hc * cs)
    whole = (cc * ss - cs**2) * hh
    enough = (used >= _BREATHS) & (free >= _FREE) & (hh > _CONSTANT**2 * number) & (whole > 0)
    share = (cosine * hc + sine * hs) / np.where(enough, whole, np.nan)
    share, free = np.clip(share, 0.0, 1.0), np.maximum(free, 1.0)
    chance = (1 - share) ** (free / 2)
    return {
        "rsa_phase": np.where(chance <= CHANCE, np.arctan2(sine, cosine) / (2 * np.pi), np.nan),
        "rsa_share": np.maximum(1 - (1 - share) * (number - used) / free, 0.0),
    }


def _phases(times: FloatArray, breaths: EventTable) -> tuple[IntArray, FloatArray]:
    """Breath in which each time lies, -1 for none, and its angle there: 0 where it is deepest."""
    onset, peak, end = (breaths[name] for name in ("onset", "peak", "end"))
    whose = np.searchsorted(onset, times, side="right") - 1
    if len(onset) == 0:
        return whose, np.zeros(len(times))
    since = times - peak[whose]
    part = np.where(since < 0, peak[whose] - onset[whose], end[whose] - peak[whose])
    whose = np.where(times < end[whose], whose, -1)
    return whose, np.pi * since / part


def _sums(whose: IntArray, angle: FloatArray, rate: FloatArray, n_breaths: int) -> FloatArray:
    """Add up over the intervals of each breath what deviates from its means: (8, n_breaths)."""
    inside = whose >= 0
    whose = whose[inside]
    number = np.bincount(whose, minlength=n_breaths)
    some = [np.cos(angle[inside]), np.sin(angle[inside]), rate[inside]]
    means = [np.bincount(whose, one, n_breaths) / np.maximum(number, 1) for one in some]
    c, s, h = (one - mean[whose] for one, mean in zip(some, means, strict=True))
    products = [np.bincount(whose, one, n_breaths) for one in (c * c, s * s, c * s, h * c, h * s)]
    return np.array([number, number > 0, *products, np.bincount(whose, h * h, n_breaths)])
