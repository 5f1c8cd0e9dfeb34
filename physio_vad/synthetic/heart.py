"""Simulated heart beats and what ECG and PPG show of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.synthetic.events import (
    Course,
    count_of_rate,
    course_at,
    sample_times,
    sum_pulses,
    times_at_counts,
)
from physio_vad.synthetic.noise import Random, pink_noise

_ECG_WAVES = {  # s from the R peak, width (SD) in s, height as a share of R
    "P": (-0.17, 0.022, 0.13),
    "Q": (-0.032, 0.009, -0.10),
    "R": (0.0, 0.011, 1.0),
    "S": (0.034, 0.010, -0.22),
    "T early": (0.235, 0.050, 0.16),
    "T": (0.29, 0.032, 0.20),
}


def simulate_beats(
    heart_rate: Course,
    duration: float,
    *,
    rmssd: Course = 30.0,
    breaths: FloatArray | None = None,
    rng: Random = 0,
) -> FloatArray:
    """Beats whose intervals follow a heart rate and vary from beat to beat.

    Parameters
    ----------
    heart_rate : float or array of shape (n_points,)
        Course in beats/min.
    duration : float
        Seconds.
    rmssd : float or array of shape (n_points,)
        Course of the RMSSD in ms that the variability alone gives; slopes of the heart rate add
        a little.
    breaths : array of shape (n_breaths,), optional
        Onsets of inspiration in seconds; half of the variability (in power) then goes with
        breathing.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_beats,)
        Times of the R peaks in seconds, in [0, duration), not rounded to samples.

    Examples
    --------
    >>> beats = simulate_beats(60.0, 300.0, rmssd=40.0)
    >>> rmssd = 1000 * np.sqrt(np.mean(np.diff(beats, 2) ** 2))
    >>> bool(abs(rmssd - 40.0) < 2.0)
    True
    """
    rng = np.random.default_rng(rng)
    n_drawn = int(1.2 * count_of_rate(heart_rate, duration) + 40)
    counts = rng.uniform() + np.arange(n_drawn, dtype=np.float64)
    white = _unit_rmssd(rng.standard_normal(n_drawn))
    times = _beats_of(white, counts, heart_rate, rmssd, duration)
    if breaths is None or len(breaths) < 2:
        return times
    phase = np.interp(times, breaths, np.arange(len(breaths), dtype=np.float64))
    breathing = np.zeros(n_drawn)
    breathing[: len(times)] = _unit_rmssd(np.cos(2 * np.pi * phase))
    return _beats_of(_unit_rmssd(white + breathing), counts, heart_rate, rmssd, duration)


def _unit_rmssd(values: FloatArray) -> FloatArray:
    steps = np.sqrt(np.mean(np.diff(values) ** 2)) if len(values) > 1 else 0.0
    return np.asarray(values / steps) if steps > 0 else values


def _beats_of(
    variability: FloatArray,
    counts: FloatArray,
    heart_rate: Course,
    rmssd: Course,
    duration: float,
) -> FloatArray:
    """Beats whose intervals are longer and shorter by ``rmssd * variability``."""
    near = times_at_counts(counts, heart_rate, duration)
    shares = np.zeros(len(counts))  # of the interval that ends with a beat
    shares[: len(near)] = course_at(rmssd, near, duration) / 1000
    shares[: len(near)] *= course_at(heart_rate, near, duration) / 60 * variability[: len(near)]
    return times_at_counts(counts + np.cumsum(np.clip(shares, -0.4, 0.4)), heart_rate, duration)


def simulate_ecg(
    beats: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    amplitude: Course = 1.0,
    wander: float = 0.05,
    noise: float = 0.01,
    rng: Random = 0,
) -> FloatArray:
    """One ECG lead in mV: P, Q, R, S and T waves as Gaussians at every beat.

    Parameters
    ----------
    beats : array of shape (n_beats,)
        Times of the R peaks in seconds.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    amplitude : float or array of shape (n_points,)
        Course of the height of R in mV; negative for an inverted lead.
    wander, noise : float
        Root mean square in mV of the 1/f drift of the baseline and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        ECG in mV.
    """
    rng = np.random.default_rng(rng)
    beats = np.asarray(beats, dtype=np.float64)
    height = course_at(amplitude, beats, duration)[:, np.newaxis]

    def shape(times: FloatArray) -> FloatArray:
        waves = [
            share * np.exp(-0.5 * ((times - centre) / width) ** 2)
            for centre, width, share in _ECG_WAVES.values()
        ]
        return np.asarray(height * sum(waves))

    n_samples = len(sample_times(sfreq, duration))
    signal = sum_pulses(beats, shape, 0.30, 0.50, sfreq, n_samples)
    return (
        signal
        + wander * pink_noise(n_samples, sfreq, exponent=2.0, rng=rng)
        + noise * rng.standard_normal(n_samples)
    )


def simulate_ppg(
    beats: npt.ArrayLike,
    sfreq: float,
    duration: float,
    *,
    amplitude: Course = 1.0,
    delay: float = 0.25,
    level: float = 20.0,
    wander: float = 0.2,
    noise: float = 0.01,
    rng: Random = 0,
) -> FloatArray:
    """Photoplethysmogram: an asymmetric pulse and its dicrotic wave after every beat.

    The faster the heart, the shorter it ejects, and the sooner the dicrotic wave follows: at a
    fixed distance it would run into the next pulse from 100 beats/min on.

    Parameters
    ----------
    beats : array of shape (n_beats,)
        Times of the beats (R peaks) in seconds.
    sfreq : float
        Sampling rate in Hz.
    duration : float
        Seconds.
    amplitude : float or array of shape (n_points,)
        Course of the height of the pulses (AC); negative for light that falls with each pulse.
    delay : float
        Seconds from the beat to the systolic peak.
    level : float
        Constant part (DC).
    wander, noise : float
        Root mean square of the 1/f drift and of white noise.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        PPG in arbitrary units; the pulse of a beat has its maximum at ``beat + delay``.

    References
    ----------
    Weissler et al. (1968), doi:10.1161/01.CIR.37.2.149, for the ejection time.
    """
    rng = np.random.default_rng(rng)
    peaks = np.asarray(beats, dtype=np.float64) + delay
    height = course_at(amplitude, peaks - delay, duration)[:, np.newaxis]
    pace = _ejection(peaks)[:, np.newaxis] / _ejection(np.arange(2) * 60 / 70.0)[0]

    def shape(times: FloatArray) -> FloatArray:
        width = np.where(times < 0, 0.065, 0.11 * pace)
        systolic = np.exp(-0.5 * (times / width) ** 2)
        dicrotic = np.exp(-0.5 * ((times - 0.31 * pace) / (0.075 * pace)) ** 2)
        return np.asarray(height * (systolic + 0.28 * dicrotic))

    n_samples = len(sample_times(sfreq, duration))
    signal = sum_pulses(peaks, shape, 0.40, 0.75, sfreq, n_samples)
    return (
        level
        + signal
        + wander * pink_noise(n_samples, sfreq, exponent=2.0, lowest=0.05, rng=rng)
        + noise * rng.standard_normal(n_samples)
    )


def _ejection(beats: FloatArray) -> FloatArray:
    """Seconds for which the heart ejects at each beat, from the interval before it."""
    intervals = np.diff(beats)
    before = np.concatenate([intervals[:1], intervals]) if len(intervals) else np.ones(len(beats))
    return np.asarray(0.413 - 0.0017 * np.clip(60 / np.maximum(before, 1e-3), 40, 180))
