"""Simulated skin: electrodermal activity and temperature."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.synthetic.events import Course, course_at, sample_times, sum_pulses
from physio_vad.synthetic.noise import Random, pink_noise


def scr_peak_delay(rise: npt.ArrayLike = 0.75, decay: npt.ArrayLike = 3.0) -> FloatArray:
    """Seconds from the onset of a simulated skin conductance response to its peak.

    The Bateman function ``exp(-t / decay) - exp(-t / rise)`` is largest where its derivative is
    0, at ``ln(decay / rise) / (1 / rise - 1 / decay)``.

    Parameters
    ----------
    rise, decay : float or array of shape (n,)
        Time constants in seconds, ``rise < decay``.

    Returns
    -------
    array
        Seconds.

    Examples
    --------
    >>> round(float(scr_peak_delay(0.75, 3.0)), 3)
    1.386
    """
    rise, decay = np.asarray(rise, dtype=np.float64), np.asarray(decay, dtype=np.float64)
    return np.asarray(np.log(decay / rise) / (1 / rise - 1 / decay))


def simulate_eda(
    onsets: npt.ArrayLike,
    amplitudes: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    rise: npt.ArrayLike = 0.75,
    decay: npt.ArrayLike = 3.0,
    level: Course = 5.0,
    drift: float = 0.0,
    noise: float = 0.005,
    rng: Random = 0,
) -> FloatArray:
    """Electrodermal activity in microsiemens: a tonic level and Bateman-shaped responses.

    Parameters
    ----------
    onsets : array of shape (n_scrs,)
        Onsets of the skin conductance responses (SCRs) in seconds.
    amplitudes : float or array of shape (n_scrs,)
        Height of each response in uS; responses that overlap add up.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    rise, decay : float or array of shape (n_scrs,)
        Time constants of the responses in seconds, ``rise < decay``.
    level : float or array of shape (n_points,)
        Course of the tonic level in uS.
    drift, noise : float
        Root mean square in uS of a drift below 0.05 Hz and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Skin conductance in uS.

    Examples
    --------
    >>> skin = simulate_eda([10.0], [0.5], sfreq=100.0, duration=40.0, noise=0.0)
    >>> round(float(skin.max() - skin.min()), 3), round(float(skin.argmax() / 100), 1)
    (0.5, 11.4)
    """
    rng = np.random.default_rng(rng)
    onsets = np.asarray(onsets, dtype=np.float64)
    rise = np.broadcast_to(np.asarray(rise, dtype=np.float64), onsets.shape)[:, np.newaxis]
    decay = np.broadcast_to(np.asarray(decay, dtype=np.float64), onsets.shape)[:, np.newaxis]
    height = np.broadcast_to(np.asarray(amplitudes, dtype=np.float64), onsets.shape)
    scale = height[:, np.newaxis] / _bateman(scr_peak_delay(rise, decay), rise, decay)
    times = sample_times(sfreq, duration)
    reach = 10 * float(decay.max(initial=0.0))
    signal = sum_pulses(
        onsets, lambda t: scale * _bateman(t, rise, decay), 0.0, reach, sfreq, len(times)
    )
    slow = drift * _slow_noise(len(times), sfreq, rng) if drift else 0.0
    white = noise * rng.standard_normal(len(times))
    return course_at(level, times, duration) + signal + slow + white


def _bateman(times: FloatArray, rise: FloatArray, decay: FloatArray) -> FloatArray:
    since = np.maximum(times, 0.0)
    return np.asarray(np.exp(-since / decay) - np.exp(-since / rise))


def _slow_noise(n_samples: int, sfreq: float, rng: np.random.Generator) -> FloatArray:
    """Noise of root mean square 1 that changes within minutes."""
    coarse = max(2, int(n_samples / sfreq) + 2)
    values = pink_noise(coarse, 1.0, exponent=3.0, lowest=1 / 120, rng=rng)
    return np.asarray(np.interp(np.arange(n_samples) / sfreq, np.arange(coarse), values))


def simulate_temperature(
    level: Course,
    sfreq: float,
    duration: float,
    *,
    drift: float = 0.05,
    noise: float = 0.01,
    rng: Random = 0,
) -> FloatArray:
    """Skin temperature in degrees Celsius.

    Parameters
    ----------
    level : float or array of shape (n_points,)
        Course of the temperature in C.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    drift, noise : float
        Root mean square in C of a drift over minutes and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Temperature in C.
    """
    rng = np.random.default_rng(rng)
    times = sample_times(sfreq, duration)
    slow = drift * _slow_noise(len(times), sfreq, rng)
    return course_at(level, times, duration) + slow + noise * rng.standard_normal(len(times))
