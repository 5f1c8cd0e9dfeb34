"""Latent valence, arousal and dominance, how people rate them, and what they do to a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from physio_vad._arrays import FloatArray
from physio_vad.recording.ratings import VAD, Ratings

COURSE_RATE = 4.0
"""Points per second of latent courses and of what follows from them."""

RATING_SCALE = (1.0, 9.0)
"""Range of the simulated ratings of every target."""


@dataclass(frozen=True)
class Link:
    """How a property of the body follows the latent course.

    Parameters
    ----------
    typical : float
        Value of an average person with all latents at 0.
    spread : float
        Standard deviation between people.
    valence, arousal, dominance : float
        Change for one standard deviation of each latent.
    limits : (low, high)
        Values outside are cut.
    lag : float
        Time constant in seconds with which the property follows.
    additive : bool
        Whether spread and changes are in the unit of the property; else they are changes of its
        logarithm, so 0.1 is about 10 %.
    """

    typical: float
    spread: float
    valence: float = 0.0
    arousal: float = 0.0
    dominance: float = 0.0
    limits: tuple[float, float] = (-np.inf, np.inf)
    lag: float = 0.0
    additive: bool = False


LINKS: Mapping[str, Link] = {
    "scr_rate": Link(4.0, 0.25, arousal=0.55, limits=(0.5, 15)),  # per min
    "scr_amplitude": Link(0.3, 0.3, arousal=0.2, limits=(0.05, 1.0)),  # uS
    "eda_level": Link(6.0, 0.35, arousal=0.06, limits=(2, 15), lag=8.0),  # uS
    "temperature": Link(33.0, 0.7, arousal=-0.25, limits=(30, 35), lag=20.0, additive=True),  # C
    "heart_rate": Link(72.0, 0.10, arousal=0.09, limits=(55, 100), lag=2.0),  # beats/min
    "rmssd": Link(32.0, 0.25, arousal=-0.3, limits=(8, 90), lag=2.0),  # ms
    "pulse_amplitude": Link(1.0, 0.25, valence=0.2, arousal=-0.05, limits=(0.2, 4)),  # a.u.
    "emg_tonus": Link(5.0, 0.2, arousal=0.2, limits=(1.5, 20)),  # uV
    "burst_rate": Link(7.0, 0.2, valence=0.6, limits=(0.5, 20)),  # per min
    "alpha": Link(7.0, 0.2, arousal=-0.05, limits=(2, 20)),  # uV
    "alpha_asymmetry": Link(0.0, 0.15, valence=0.35, additive=True),  # ln(right / left), power
    "beta": Link(5.0, 0.2, dominance=0.22, limits=(1, 15)),  # uV
    "breath_rate": Link(15.0, 0.08, dominance=-0.13, limits=(8, 26)),  # per min
    "breath_depth": Link(1.0, 0.2, dominance=0.2, limits=(0.2, 4)),  # a.u.
    "blink_rate": Link(15.0, 0.2, dominance=-0.5, limits=(2, 40)),  # per min
    "blink_amplitude": Link(170.0, 0.2, limits=(80, 300)),  # uV
    "burst_amplitude": Link(40.0, 0.25, limits=(15, 100)),  # uV
}
"""What follows the latents, with the names used in the truth."""


@dataclass(frozen=True)
class Person:
    """What makes one simulated person differ from others; nothing here is known to a model.

    Parameters
    ----------
    offsets : mapping of str to float
        Each property's departure from the typical value, in its link's spread.
    gains : mapping of str to float
        How strongly each property follows the latents; 1 on average.
    rating_offsets, rating_gains : array of shape (3,)
        How the person uses the rating scale: points away from the middle, points per standard
        deviation of the latent.
    alpha_frequency : float
        Individual alpha frequency in Hz.
    """

    offsets: Mapping[str, float]
    gains: Mapping[str, float]
    rating_offsets: FloatArray
    rating_gains: FloatArray
    alpha_frequency: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Person:
        """Draw a person."""
        # Departures beyond two standard deviations are folded back: no extreme people.
        offsets = np.clip(rng.standard_normal(len(LINKS)), -2, 2)
        gains = np.exp(0.25 * np.clip(rng.standard_normal(len(LINKS)), -2, 2))
        return cls(
            dict(zip(LINKS, offsets.tolist(), strict=True)),
            dict(zip(LINKS, gains.tolist(), strict=True)),
            0.4 * rng.standard_normal(len(VAD)),
            1.6 * np.exp(0.15 * rng.standard_normal(len(VAD))),
            float(rng.uniform(9.3, 10.7)),
        )

    def properties(self, latent: FloatArray) -> dict[str, FloatArray]:
        """Courses of all properties of `LINKS` under a latent course (n_points, 3)."""
        return {
            name: _follow(link, self.offsets[name], self.gains[name], latent)
            for name, link in LINKS.items()
        }

    def rate(
        self, latent: FloatArray, duration: float, lag: float, rng: np.random.Generator
    ) -> Ratings:
        """Rate a latent course (n_points, 3) once a second, `lag` seconds late."""
        times = np.arange(max(1, int(duration)), dtype=np.float64)
        grid = np.linspace(0, duration, len(latent))
        felt = np.column_stack([np.interp(times - lag, grid, one) for one in latent.T])
        points = self.rating_offsets + self.rating_gains * felt
        points += 0.1 * rng.standard_normal(points.shape)
        low, high = RATING_SCALE
        middle, half = (low + high) / 2, (high - low) / 2
        values = middle + half * np.tanh(points / half)  # the ends of the scale are approached
        return Ratings.series(times, values, VAD, dict.fromkeys(VAD, RATING_SCALE))


def latent_course(duration: float, timescale: float, rng: np.random.Generator) -> FloatArray:
    """Draw a smooth course of the three latents.

    A stationary Gaussian process without any trend that people would have in common: the time
    in a recording says nothing about its latents.

    Parameters
    ----------
    duration : float
        Seconds.
    timescale : float
        Seconds after which the correlation has fallen to ``exp(-1/2)``.
    rng : Generator
        Random generator.

    Returns
    -------
    array of shape (n_points, 3)
        Valence, arousal and dominance at evenly spaced times from 0 to `duration`; mean 0 and
        variance 1 over many draws.
    """
    n_points = max(2, round(duration * COURSE_RATE) + 1)
    width = timescale / np.sqrt(2) * COURSE_RATE
    reach = int(np.ceil(4 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt(np.sum(kernel**2))
    white = rng.standard_normal((n_points + 2 * reach, len(VAD)))
    return np.asarray(scipy.signal.fftconvolve(white, kernel[:, np.newaxis], mode="valid", axes=0))


def _follow(link: Link, offset: float, gain: float, latent: FloatArray) -> FloatArray:
    change = latent @ np.array([link.valence, link.arousal, link.dominance])
    if link.lag:
        keep = np.exp(-1 / (link.lag * COURSE_RATE))
        change, _ = scipy.signal.lfilter([1 - keep], [1, -keep], change, zi=[keep * change[0]])
    departure = link.spread * offset + gain * change
    value = link.typical + departure if link.additive else link.typical * np.exp(departure)
    return np.asarray(np.clip(value, *link.limits))
