"""Simulated recordings of several people who rate what they feel."""

from __future__ import annotations

from typing import Literal, overload

import numpy as np

from physio_vad.exceptions import ArgumentError
from physio_vad.recording.recording import Recording
from physio_vad.synthetic.body import Truth, simulate_body
from physio_vad.synthetic.people import Person, latent_course


@overload
def simulate_recordings(
    n_subjects: int = ...,
    minutes: float = ...,
    sfreq: float = ...,
    coupling: float = ...,
    seed: int = ...,
    *,
    n_trials: int = ...,
    timescale: float = ...,
    rating_lag: float = ...,
    return_truth: Literal[False] = ...,
) -> list[Recording]: ...


@overload
def simulate_recordings(
    n_subjects: int = ...,
    minutes: float = ...,
    sfreq: float = ...,
    coupling: float = ...,
    seed: int = ...,
    *,
    n_trials: int = ...,
    timescale: float = ...,
    rating_lag: float = ...,
    return_truth: Literal[True],
) -> tuple[list[Recording], list[Truth]]: ...


def simulate_recordings(
    n_subjects: int = 20,
    minutes: float = 5.0,
    sfreq: float = 250.0,
    coupling: float = 1.0,
    seed: int = 0,
    *,
    n_trials: int = 1,
    timescale: float = 20.0,
    rating_lag: float = 0.0,
    return_truth: bool = False,
) -> list[Recording] | tuple[list[Recording], list[Truth]]:
    """Simulate people with eight sensors who rate valence, arousal and dominance on 1 to 9.

    A simulation to try and to test software with: every link between rating and body is put in by
    hand (`LINKS`), so scores reached on it say nothing about emotion. Sensors are two frontal EEG
    channels, vertical EOG, skin conductance, skin temperature, PPG (infrared), respiration and
    EMG. Each person has offsets and gains of their own, in the body and in using the scale.

    Parameters
    ----------
    n_subjects : int
        Number of people, named ``S01``, ``S02``, ... A person is the same whatever this number is.
    minutes : float
        Length of each trial.
    sfreq : float
        Rate of all signals in Hz, at least 64.
    coupling : float
        How much of the latent course behind the signals is the rated one, in [0, 1]: their
        correlation. 1 is all of it; 0 cuts every link, the null. Ratings do not depend on it.
    seed : int
        Of all that is random.
    n_trials : int
        Recordings of each person, named ``1``, ``2``, ...
    timescale : float
        Seconds over which feelings change.
    rating_lag : float
        Seconds by which ratings trail the body.
    return_truth : bool
        Give what is true in the signals as well.

    Returns
    -------
    recordings : list of Recording
        Person by person, trial by trial.
    truth : list of Truth
        One for each recording; only with `return_truth`.

    Raises
    ------
    ArgumentError
        If a number lies outside its range.

    Examples
    --------
    >>> anna, ben = simulate_recordings(n_subjects=2, minutes=0.5)
    >>> anna
    <Recording S01/1: eeg, eog, eda, temperature, ppg, respiration, emg at 250 Hz, 30 s>
    >>> anna.targets, anna.scale["valence"]
    (('valence', 'arousal', 'dominance'), (1.0, 9.0))
    """
    _check_arguments(
        n_subjects=(n_subjects, 1, np.inf),
        minutes=(minutes, 1 / 60, 1e6),
        sfreq=(sfreq, 64, 1e6),
        coupling=(coupling, 0, 1),
        seed=(seed, 0, np.inf),
        n_trials=(n_trials, 1, np.inf),
        timescale=(timescale, 1, np.inf),
        rating_lag=(rating_lag, 0, np.inf),
    )
    duration = 60 * minutes
    recordings, truths = [], []
    for subject in range(n_subjects):
        person = Person.draw(_generator(seed, subject))
        for trial in range(n_trials):
            felt, apart, rating, body = (
                _generator(seed, subject, trial, stream) for stream in range(4)
            )
            rated = latent_course(duration, timescale, felt)
            unrated = latent_course(duration, timescale, apart)
            latent = coupling * rated + np.sqrt(1 - coupling**2) * unrated
            signals, truth = simulate_body(person, latent, sfreq, duration, body)
            ratings = person.rate(rated, duration, rating_lag, rating)
            recordings.append(
                Recording(f"S{subject + 1:02d}", signals, ratings, trial=str(trial + 1))
            )
            truths.append(truth)
    return (recordings, truths) if return_truth else recordings


def _check_arguments(**limits: tuple[float, float, float]) -> None:
    for name, (value, low, high) in limits.items():
        if not low <= value <= high or value == np.inf:
            bound = f"between {low:g} and {high:g}" if np.isfinite(high) else f"at least {low:g}"
            raise ArgumentError(f"{name} must be {bound}, got {value!r}")


def _generator(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
