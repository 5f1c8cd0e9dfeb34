"""Event trains that follow a rate, and the sum of the pulses that events cause."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.integrate import cumulative_trapezoid

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic.noise import Random

Course = float | FloatArray
"""A constant, or values at evenly spaced times from 0 to the duration, linear in between."""

_GRID_RATE = 20.0  # Hz at which a rate is integrated


def course_at(course: Course, times: npt.ArrayLike, duration: float) -> FloatArray:
    """Evaluate a course at given times.

    Parameters
    ----------
    course : float or array of shape (n_points,)
        A constant, or values at evenly spaced times from 0 to `duration`.
    times : array of shape (n,)
        Seconds.
    duration : float
        Seconds.

    Returns
    -------
    array of shape (n,)
        Values, interpolated linearly.

    Examples
    --------
    >>> course_at(np.array([60.0, 80.0]), [0.0, 15.0, 60.0], duration=60.0)
    array([60., 65., 80.])
    """
    times = np.asarray(times, dtype=np.float64)
    values = np.asarray(course, dtype=np.float64)
    if values.ndim == 0:
        return np.full_like(times, values)
    return np.asarray(np.interp(times, np.linspace(0, duration, len(values)), values))


def sample_times(sfreq: float, duration: float) -> FloatArray:
    """Time in seconds of each sample of a signal."""
    n_samples = round(duration * sfreq)
    if not n_samples >= 1:
        raise ArgumentError(f"{duration:g} s at {sfreq:g} Hz is no sample; take a longer duration")
    return np.arange(n_samples) / sfreq


def count_of_rate(rate: Course, duration: float) -> float:
    """Integrate a rate per minute over the whole duration."""
    return float(_integrated(rate, duration)[1][-1])


def times_at_counts(counts: FloatArray, rate: Course, duration: float) -> FloatArray:
    """Find when the integral of a rate passes given counts; counts never reached are dropped.

    Parameters
    ----------
    counts : array of shape (n,)
        Ascending.
    rate : float or array of shape (n_points,)
        Course of the rate per minute, positive.
    duration : float
        Seconds.

    Returns
    -------
    array of shape (n_reached,)
        Seconds, ascending.
    """
    grid, integral = _integrated(rate, duration)
    reached = counts[(counts >= 0) & (counts < integral[-1])]
    return np.asarray(np.interp(reached, integral, grid))


def renewal_times(
    rate: Course,
    duration: float,
    *,
    regularity: float = 2.0,
    shortest: float = 0.3,
    rng: Random = 0,
) -> FloatArray:
    """Events at random times that follow a rate.

    Parameters
    ----------
    rate : float or array of shape (n_points,)
        Course of the mean rate per minute, positive.
    duration : float
        Seconds.
    regularity : float
        Shape of the gamma distribution of the gaps: 1 is as irregular as a Poisson process.
    shortest : float
        Shortest gap as a share, in [0, 1), of the mean gap at that time.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_events,)
        Seconds, ascending, in [0, duration).

    Examples
    --------
    >>> len(renewal_times(30.0, 600.0, regularity=50.0)) in range(280, 321)
    True
    """
    rng = np.random.default_rng(rng)
    expected = count_of_rate(rate, duration)
    n_drawn = int(expected + 10 * np.sqrt(expected) + 20)
    gaps = shortest + (1 - shortest) * rng.gamma(regularity, 1 / regularity, n_drawn)
    gaps[0] *= rng.uniform()
    return times_at_counts(np.cumsum(gaps), rate, duration)


def sum_pulses(
    times: FloatArray,
    shape: Callable[[FloatArray], FloatArray],
    before: float,
    after: float,
    sfreq: float,
    n_samples: int,
) -> FloatArray:
    """Sum pulses at events, each evaluated at its own exact time between the samples.

    Parameters
    ----------
    times : array of shape (n_events,)
        Seconds.
    shape : callable
        Height of the pulses at times from their event, (n_events, n_times) to the same shape.
    before, after : float
        Seconds from the event outside which a pulse is 0.
    sfreq : float
        Sampling rate in Hz.
    n_samples : int
        Length of the signal; the parts of pulses outside are cut off.

    Returns
    -------
    array of shape (n_samples,)
        Sum of all pulses.
    """
    offsets = np.arange(np.floor(-before * sfreq), np.ceil(after * sfreq) + 1)
    samples = np.round(times * sfreq)[:, np.newaxis] + offsets
    heights = shape(samples / sfreq - times[:, np.newaxis])
    inside = (samples >= 0) & (samples < n_samples)
    return np.bincount(samples[inside].astype(int), heights[inside], minlength=n_samples).astype(
        np.float64
    )


def _integrated(rate: Course, duration: float) -> tuple[FloatArray, FloatArray]:
    grid = np.linspace(0, duration, max(2, int(np.ceil(duration * _GRID_RATE)) + 1))
    per_second = course_at(rate, grid, duration) / 60
    if not (per_second > 0).all():
        raise ArgumentError("a rate of events must be above 0 per minute at all times")
    return grid, np.asarray(cumulative_trapezoid(per_second, grid, initial=0.0))
