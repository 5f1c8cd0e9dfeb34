"""Simulated muscle activity (EMG) and respiration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.synthetic.events import Course, course_at, sample_times, sum_pulses
from physio_vad.synthetic.noise import Random, coloured_noise, pink_noise


def simulate_emg(
    tonus: Course,
    sfreq: float,
    duration: float,
    *,
    bursts: npt.ArrayLike = (),
    heights: npt.ArrayLike = 40.0,
    lengths: npt.ArrayLike = 1.0,
    noise: float = 0.5,
    rng: Random = 0,
) -> FloatArray:
    """Surface EMG in microvolts: noise from 20 Hz up whose strength follows tonus and bursts.

    Parameters
    ----------
    tonus : float or array of shape (n_points,)
        Course of the root mean square at rest in uV.
    sfreq : float
        Sampling rate in Hz; above 20 Hz only what lies below Nyquist is simulated.
    duration : float
        Seconds.
    bursts : array of shape (n_bursts,)
        Times of the bursts' middles in seconds.
    heights : float or array of shape (n_bursts,)
        What each burst adds to the root mean square in its middle, in uV.
    lengths : float or array of shape (n_bursts,)
        Seconds from the start to the end of a burst.
    noise : float
        Root mean square of white noise in uV.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        EMG in uV.

    Raises
    ------
    ArgumentError
        If Nyquist lies below 20 Hz.
    """
    rng = np.random.default_rng(rng)
    times = sample_times(sfreq, duration)
    bursts = np.asarray(bursts, dtype=np.float64)
    height = np.broadcast_to(np.asarray(heights, dtype=np.float64), bursts.shape)[:, np.newaxis]
    half = np.broadcast_to(np.asarray(lengths, dtype=np.float64), bursts.shape)[:, np.newaxis] / 2
    reach = float(half.max(initial=0.0))
    envelope = course_at(tonus, times, duration) + sum_pulses(
        bursts,
        lambda t: height * np.cos(0.5 * np.pi * np.clip(t / half, -1, 1)) ** 2,
        reach,
        reach,
        sfreq,
        len(times),
    )
    carrier = coloured_noise(len(times), sfreq, _emg_gain, rng)
    return np.asarray(envelope * carrier + noise * rng.standard_normal(len(times)))


def _emg_gain(frequencies: FloatArray) -> FloatArray:
    """Flat-topped spectrum around 90 Hz that begins at 20 Hz."""
    hill = np.exp(-0.5 * ((frequencies - 90) / 60) ** 2)
    return np.where((frequencies >= 20) & (frequencies <= 450), hill, 0.0)


def simulate_respiration(
    breaths: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    depth: Course = 1.0,
    inspiration: float = 0.4,
    drift: float = 0.05,
    noise: float = 0.01,
    rng: Random = 0,
) -> FloatArray:
    """Respiration belt: rises during inspiration and falls back during expiration.

    Parameters
    ----------
    breaths : array of shape (n_breaths,)
        Onsets of inspiration (troughs) in seconds, ascending.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    depth : float or array of shape (n_points,)
        Course of the height from trough to peak; a breath keeps the depth of its onset.
    inspiration : float
        Share of a breath, in (0, 1), that is inspiration.
    drift, noise : float
        Root mean square of the 1/f drift below breathing and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Respiration in arbitrary units, 0 at troughs without drift and noise. Before the first and
        after the last onset breathing goes on at the mean pace.

    Examples
    --------
    >>> belt = simulate_respiration([0.0, 4.0, 8.0], 50.0, 12.0, depth=2.0, drift=0.0, noise=0.0)
    >>> float(belt.max()), float(belt[:200].argmax() / 50)
    (2.0, 1.6)
    """
    rng = np.random.default_rng(rng)
    times = sample_times(sfreq, duration)
    onsets = _beyond_edges(np.asarray(breaths, dtype=np.float64), duration)
    number = np.clip(np.searchsorted(onsets, times, side="right") - 1, 0, len(onsets) - 2)
    phase = (times - onsets[number]) / np.diff(onsets)[number]
    angle = np.where(
        phase < inspiration, phase / inspiration, 1 + (phase - inspiration) / (1 - inspiration)
    )
    belt = course_at(depth, onsets, duration)[number] * 0.5 * (1 - np.cos(np.pi * angle))
    slow = pink_noise(len(times), sfreq, exponent=2.0, lowest=0.03, rng=rng)
    return np.asarray(belt + drift * slow + noise * rng.standard_normal(len(times)))


def _beyond_edges(onsets: FloatArray, duration: float) -> FloatArray:
    """Onsets carried on at their mean pace until they enclose the recording."""
    pace = float(np.diff(onsets).mean()) if len(onsets) > 1 else 4.0
    onsets = onsets if len(onsets) else np.zeros(1)
    n_before = int(max(0.0, onsets[0]) / pace) + 1
    n_after = int(max(0.0, duration - onsets[-1]) / pace) + 1
    return np.concatenate(
        [
            onsets[0] - pace * np.arange(n_before, 0, -1),
            onsets,
            onsets[-1] + pace * np.arange(1, n_after + 1),
        ]
    )
