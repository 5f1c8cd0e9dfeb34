"""Simulated EEG and vertical EOG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic.events import Course, course_at, sample_times, sum_pulses
from physio_vad.synthetic.noise import Random, band_noise, pink_noise


def simulate_eeg(
    bands: Mapping[tuple[float, float], Sequence[Course]],
    sfreq: float,
    duration: float,
    *,
    background: float = 12.0,
    shared: float = 0.8,
    rng: Random = 0,
) -> FloatArray:
    """EEG in microvolts: a 1/f background and rhythms whose strength follows a course.

    Parameters
    ----------
    bands : mapping of (low, high) in Hz to a sequence of n_channels courses
        Root mean square of each channel's rhythm in uV.
    sfreq : float
        Sampling rate in Hz; bands end at Nyquist.
    duration : float
        Seconds.
    background : float
        Root mean square of the 1/f background above 0.5 Hz in uV.
    shared : float
        Share of the power, in [0, 1], that all channels have in common.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_channels, n_samples)
        EEG in uV.

    Raises
    ------
    ArgumentError
        If bands have different numbers of channels or there is no band.

    Examples
    --------
    >>> simulate_eeg({(8.0, 13.0): [10.0, 14.0]}, sfreq=250.0, duration=4.0).shape
    (2, 1000)
    """
    rng = np.random.default_rng(rng)
    counts = {len(courses) for courses in bands.values()}
    if len(counts) != 1 or 0 in counts:
        raise ArgumentError(
            f"every band needs one course for each channel, got {sorted(counts)} courses"
        )
    n_channels = counts.pop()
    times = sample_times(sfreq, duration)
    noises = [
        pink_noise(len(times), sfreq, exponent=1.2, lowest=0.5, rng=rng)
        for _ in range(n_channels + 1)
    ]
    eeg = background * _mix(noises, shared)
    for (low, high), courses in bands.items():
        noises = [band_noise(len(times), sfreq, low, high, rng=rng) for _ in range(n_channels + 1)]
        eeg += _mix(noises, shared) * [course_at(one, times, duration) for one in courses]
    return np.asarray(eeg)


def _mix(noises: list[FloatArray], shared: float) -> FloatArray:
    """Channels that share the first noise, each with one of the others of its own."""
    return np.asarray(np.sqrt(shared) * noises[0] + np.sqrt(1 - shared) * np.array(noises[1:]))


def simulate_eog(
    blinks: npt.ArrayLike,
    amplitudes: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    lengths: npt.ArrayLike = 0.3,
    saccades: npt.ArrayLike = (),
    steps: npt.ArrayLike = (),
    drift: float = 8.0,
    noise: float = 3.0,
    rng: Random = 0,
) -> FloatArray:
    """Vertical EOG in microvolts: blinks, saccades, 1/f drift and white noise; blinks are positive.

    Parameters
    ----------
    blinks : array of shape (n_blinks,)
        Times of the blinks' peaks in seconds.
    amplitudes : float or array of shape (n_blinks,)
        Height of the blinks in uV; negative for an inverted channel.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    lengths : float or array of shape (n_blinks,)
        Seconds from the start to the end of a blink, a third of it closing and two thirds opening;
        at half its height a blink is half as long.
    saccades : array of shape (n_saccades,)
        Times in seconds at which the gaze jumps.
    steps : array of shape (n_saccades,)
        Change of the signal at each jump in uV.
    drift, noise : float
        Root mean square in uV of the 1/f drift above 0.1 Hz and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        EOG in uV.

    Examples
    --------
    >>> eog = simulate_eog([1.0], [200.0], sfreq=100.0, duration=2.0, drift=0.0, noise=0.0)
    >>> float(eog.max()), float(eog.argmax() / 100), int((eog > 99).sum())
    (200.0, 1.0, 16)
    """
    rng = np.random.default_rng(rng)
    times = sample_times(sfreq, duration)
    eog = blink_wave(blinks, amplitudes, sfreq, duration, lengths=lengths)
    eog += _gaze(saccades, steps, sfreq, times)
    return np.asarray(
        eog
        + drift * pink_noise(len(times), sfreq, rng=rng)
        + noise * rng.standard_normal(len(times))
    )


def _gaze(
    saccades: npt.ArrayLike, steps: npt.ArrayLike, sfreq: float, times: FloatArray
) -> FloatArray:
    """Sum of the jumps of the gaze, each a smooth ramp of 40 ms."""
    jumps = np.asarray(saccades, dtype=np.float64)
    sizes = np.broadcast_to(np.asarray(steps, dtype=np.float64), jumps.shape)
    first = np.searchsorted(times, jumps)
    held = np.cumsum(np.bincount(first, sizes, minlength=len(times) + 1))[: len(times)]

    def missing(since: FloatArray) -> FloatArray:
        course = np.clip(since / 0.04, 0, 1)
        return np.where(since < 0, 0.0, sizes[:, np.newaxis] * (course**2 * (3 - 2 * course) - 1))

    return np.asarray(held + sum_pulses(jumps, missing, 0.0, 0.04, sfreq, len(times)))


def blink_wave(
    blinks: npt.ArrayLike,
    amplitudes: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    lengths: npt.ArrayLike = 0.3,
) -> FloatArray:
    """Blinks alone, each two half-cosines of different lengths; parameters as in `simulate_eog`.

    Returns
    -------
    array of shape (n_samples,)
        Blinks in the unit of `amplitudes`.
    """
    blinks = np.asarray(blinks, dtype=np.float64)
    height = np.broadcast_to(np.asarray(amplitudes, dtype=np.float64), blinks.shape)
    whole = np.broadcast_to(np.asarray(lengths, dtype=np.float64), blinks.shape)[:, np.newaxis]

    def shape(times: FloatArray) -> FloatArray:
        side = np.where(times < 0, whole / 3, whole * 2 / 3)
        share = np.clip(times / side, -1, 1)
        return np.asarray(height[:, np.newaxis] * 0.5 * (1 + np.cos(np.pi * share)))

    reach = float(whole.max(initial=0.0))
    n_samples = len(sample_times(sfreq, duration))
    return sum_pulses(blinks, shape, reach / 3, reach * 2 / 3, sfreq, n_samples)
