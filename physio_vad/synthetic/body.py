"""All sensors of one simulated person, and what is true in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.recording.ratings import VAD
from physio_vad.recording.recording import Signal
from physio_vad.synthetic.events import course_at, renewal_times
from physio_vad.synthetic.head import blink_wave, simulate_eeg, simulate_eog
from physio_vad.synthetic.heart import simulate_beats, simulate_ppg
from physio_vad.synthetic.people import Person
from physio_vad.synthetic.skin import scr_peak_delay, simulate_eda, simulate_temperature
from physio_vad.synthetic.trunk import simulate_emg, simulate_respiration

PULSE_DELAY = 0.25
"""Seconds from a simulated beat to the systolic peak of its pulse."""

_BLINK_IN_EEG = 0.08  # share of a blink's height that frontal EEG shows
_BETA = (13.0, 30.0)  # Hz


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true in a simulated recording; all times in seconds.

    Parameters
    ----------
    beats : array of shape (n_beats,)
        Times of the beats (R peaks).
    pulses : array of shape (n_pulses,)
        Times of the systolic peaks in the PPG.
    blinks : DataFrame
        `time` of the peak, `amplitude` in uV and `duration` in s from start to end of each blink.
    scrs : DataFrame
        `onset`, `peak` and `amplitude` in uS of each skin conductance response on its own, and its
        time constants `rise` and `decay` in s.
    breaths : array of shape (n_breaths,)
        Onsets of inspiration.
    bursts : DataFrame
        `time` of the middle, `amplitude` in uV and `duration` in s of each EMG burst.
    latent : DataFrame
        Valence, arousal and dominance that the signals follow, in standard deviations; index
        `time`.
    properties : DataFrame
        What follows from them (heart rate, rate of SCRs, ...): names and units of `LINKS`; index
        `time`.
    """

    beats: FloatArray
    pulses: FloatArray
    blinks: pd.DataFrame
    scrs: pd.DataFrame
    breaths: FloatArray
    bursts: pd.DataFrame
    latent: pd.DataFrame
    properties: pd.DataFrame


def simulate_body(
    person: Person, latent: FloatArray, sfreq: float, duration: float, rng: np.random.Generator
) -> tuple[dict[str, Signal], Truth]:
    """Simulate all sensors of one person in one trial.

    Parameters
    ----------
    person : Person
        Who is recorded.
    latent : array of shape (n_points, 3)
        Valence, arousal and dominance that the body follows, evenly spaced over the trial.
    sfreq : float
        Rate of all signals in Hz.
    duration : float
        Seconds.
    rng : Generator
        Random generator.

    Returns
    -------
    signals : dict of str to Signal
        By modality.
    truth : Truth
        What is true in them.
    """
    courses = person.properties(latent)
    breaths = renewal_times(
        courses["breath_rate"], duration, regularity=60.0, shortest=0.5, rng=rng
    )
    beats = simulate_beats(
        courses["heart_rate"], duration, rmssd=courses["rmssd"], breaths=breaths, rng=rng
    )
    index = pd.Index(np.linspace(0, duration, len(latent)), name="time")
    truth = Truth(
        beats=beats,
        pulses=beats + PULSE_DELAY,
        blinks=_draw_blinks(courses, duration, rng),
        scrs=_draw_scrs(courses, duration, rng),
        breaths=breaths,
        bursts=_draw_bursts(courses, duration, rng),
        latent=pd.DataFrame(latent, index=index, columns=list(VAD)),
        properties=pd.DataFrame(courses, index=index),
    )
    return _sensors(truth, person.alpha_frequency, sfreq, duration, rng), truth


def _draw_blinks(
    courses: dict[str, FloatArray], duration: float, rng: np.random.Generator
) -> pd.DataFrame:
    times = renewal_times(courses["blink_rate"], duration, shortest=0.2, rng=rng)
    typical = course_at(courses["blink_amplitude"], times, duration)
    return pd.DataFrame(
        {
            "time": times,
            "amplitude": np.clip(typical * np.exp(0.15 * rng.standard_normal(len(times))), 80, 300),
            "duration": rng.uniform(0.25, 0.45, len(times)),
        }
    )


def _draw_scrs(
    courses: dict[str, FloatArray], duration: float, rng: np.random.Generator
) -> pd.DataFrame:
    onsets = renewal_times(courses["scr_rate"], duration, shortest=0.3, rng=rng)
    typical = course_at(courses["scr_amplitude"], onsets, duration)
    decay = rng.uniform(2.0, 4.0, len(onsets))
    rise = rng.uniform(0.6, 0.9, len(onsets))
    return pd.DataFrame(
        {
            "onset": onsets,
            "peak": onsets + scr_peak_delay(rise, decay),
            "amplitude": np.clip(typical * np.exp(0.4 * rng.standard_normal(len(onsets))), 0.05, 1),
            "rise": rise,
            "decay": decay,
        }
    )


def _draw_bursts(
    courses: dict[str, FloatArray], duration: float, rng: np.random.Generator
) -> pd.DataFrame:
    times = renewal_times(courses["burst_rate"], duration, shortest=0.2, rng=rng)
    typical = course_at(courses["burst_amplitude"], times, duration)
    return pd.DataFrame(
        {
            "time": times,
            "amplitude": typical * np.exp(0.3 * rng.standard_normal(len(times))),
            "duration": rng.uniform(0.6, 1.6, len(times)),
        }
    )


def _sensors(
    truth: Truth, alpha_frequency: float, sfreq: float, duration: float, rng: np.random.Generator
) -> dict[str, Signal]:
    """Signals of what is true."""
    courses = {str(name): column.to_numpy() for name, column in truth.properties.items()}
    ppg = simulate_ppg(
        truth.beats,
        sfreq,
        duration,
        amplitude=courses["pulse_amplitude"],
        delay=PULSE_DELAY,
        rng=rng,
    )
    scrs, bursts = truth.scrs, truth.bursts
    eda = simulate_eda(
        scrs["onset"],
        scrs["amplitude"],
        sfreq,
        duration,
        rise=scrs["rise"],
        decay=scrs["decay"],
        level=courses["eda_level"],
        drift=0.15,
        rng=rng,
    )
    emg = simulate_emg(
        courses["emg_tonus"],
        sfreq,
        duration,
        bursts=bursts["time"],
        heights=bursts["amplitude"],
        lengths=bursts["duration"],
        rng=rng,
    )
    breath = simulate_respiration(
        truth.breaths, sfreq, duration, depth=courses["breath_depth"], rng=rng
    )
    skin = simulate_temperature(courses["temperature"], sfreq, duration, rng=rng)
    return {
        "eeg": Signal(
            _eeg(truth, courses, alpha_frequency, sfreq, duration, rng), sfreq, "uV", ("F3", "F4")
        ),
        "eog": Signal(_eog(truth.blinks, sfreq, duration, rng), sfreq, "uV", ("vertical",)),
        "eda": Signal(eda, sfreq, "uS"),
        "temperature": Signal(skin, sfreq, "C"),
        "ppg": Signal(ppg, sfreq, "a.u."),
        "respiration": Signal(breath, sfreq, "a.u."),
        "emg": Signal(emg, sfreq, "uV"),
    }


def _eeg(
    truth: Truth,
    courses: dict[str, FloatArray],
    alpha_frequency: float,
    sfreq: float,
    duration: float,
    rng: np.random.Generator,
) -> FloatArray:
    # The asymmetry is one of power: a quarter of it to the amplitude of each side.
    tilt = np.exp(courses["alpha_asymmetry"] / 4)
    bands = {
        (alpha_frequency - 1.2, alpha_frequency + 1.2): [
            courses["alpha"] / tilt,
            courses["alpha"] * tilt,
        ],
        _BETA: [courses["beta"]] * 2,
    }
    eeg = simulate_eeg(bands, sfreq, duration, rng=rng)
    blinks = truth.blinks
    return eeg + _BLINK_IN_EEG * blink_wave(
        blinks["time"], blinks["amplitude"], sfreq, duration, lengths=blinks["duration"]
    )


def _eog(
    blinks: pd.DataFrame, sfreq: float, duration: float, rng: np.random.Generator
) -> FloatArray:
    saccades = renewal_times(25.0, duration, rng=rng)
    gaze = np.clip(25 * rng.standard_normal(len(saccades) + 1), -60, 60)  # uV
    return simulate_eog(
        blinks["time"],
        blinks["amplitude"],
        sfreq,
        duration,
        lengths=blinks["duration"],
        saccades=saccades,
        steps=np.diff(gaze),
        rng=rng,
    )
