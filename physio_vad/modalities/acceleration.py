"""Acceleration of a sensor, from one, two or three axes, and trust in sensors that move with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.motion import motion_level
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.window_stats import sample_spans, span_mean, span_mean_sd, span_sum
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.recording import Signal
from physio_vad.recording.units import Conversion, conversion

GRAVITY = 9.80665


@dataclass(frozen=True, eq=False)
class PreparedAcceleration:
    """Magnitude and speed of change of the acceleration vector, at about 32 Hz."""

    magnitude: FloatArray
    jerk: FloatArray
    good: BoolArray
    sfreq: float
    start: float


class Acceleration(Modality[PreparedAcceleration]):
    """How strongly and how abruptly a sensor is moved.

    All axes are one sensor: its vector at a moment is missing if one axis is. Rates above 32 Hz
    are averaged down to about 32 Hz, so that jerk is that of the body and not the sensor's noise.
    How much a window is disturbed by movement is `physio_vad.dsp.motion.motion_level`.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> lying = np.vstack([np.zeros(320), np.full(320, 38.4), np.full(320, 51.2)])
    >>> wrist = Signal(lying, 32.0, "1/64 g", channels=["x", "y", "z"])
    >>> recording = Recording("anna", {"acc": wrist})
    >>> block = Acceleration().extract(recording, np.array([0.0]), np.array([10.0]))
    >>> dict(zip(block.columns, block.values[0].round(6).tolist(), strict=True))
    {'acceleration__magnitude_mean': 1.0, 'acceleration__magnitude_sd': 0.0,
     'acceleration__jerk': 0.0, 'acceleration__quality': 1.0}
    """

    name = "acceleration"
    aliases = ("acc", "accelerometer")
    column_pattern = r"acc[xyz]?|acceleration|accelerometer|accel|beschleunigung"
    unit = "g"
    units: ClassVar[Mapping[str, Conversion]] = {
        "g": Conversion(),
        "m/s^2": Conversion(1 / GRAVITY),
        "1/64 g": Conversion(1 / 64),
        "mg": Conversion(1e-3),
    }
    together = True
    settling = 0.1  # averaging to 32 Hz
    flat = 300.0  # a coarse sensor on a sleeping arm gives equal values for minutes
    plausible = (-200.0, 200.0)
    clips = False

    @property
    def features(self) -> Sequence[Feature]:
        """Magnitude and jerk."""
        bouten = "Bouten et al. 1997"
        return (
            Feature("magnitude_mean", "g", "mean length of the vector", bouten, "modality"),
            Feature("magnitude_sd", "g", "SD of its length (ddof 0)", bouten, "modality"),
            Feature("jerk", "g/s", "mean length of its change a second", "Flash & Hogan 1985",
                    "modality"),
        )  # fmt: skip

    def grid(self, sfreq: float) -> int:
        """Count the samples that are averaged to one."""
        return max(int(sfreq / 32), 1)

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedAcceleration:  # noqa: ARG002
        """Average down to about 32 Hz and take lengths of vectors."""
        factor = self.grid(signal.sfreq)
        bad = np.broadcast_to(signal.bad.any(axis=0), signal.bad.shape)
        values, bad = block_average(signal.values, bad, factor)
        sfreq = signal.sfreq / factor
        steps = np.diff(values, axis=-1, prepend=values[:, :1]) * sfreq
        return PreparedAcceleration(
            np.sqrt((values**2).sum(axis=0)),
            np.sqrt((steps**2).sum(axis=0)),
            ~bad[0],
            sfreq,
            signal.start + (factor - 1) / 2 / signal.sfreq,
        )

    def compute(
        self, prepared: PreparedAcceleration, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute means over the good samples of each window."""
        good, sfreq = prepared.good, prepared.sfreq
        first, last = sample_spans(
            starts, stops, sfreq=sfreq, origin=prepared.start, n_samples=len(good)
        )
        mean, sd = span_mean_sd(prepared.magnitude, first, last, good)
        enough = span_sum(good, first, last) >= (stops - starts) * sfreq * self.min_good - 1
        moving = good & np.concatenate([[False], good])[: len(good)]
        jerk = span_mean(prepared.jerk, np.minimum(first + 1, last), last, moving)
        found = {"magnitude_mean": mean, "magnitude_sd": sd, "jerk": jerk}
        return {name: np.where(enough, value, np.nan) for name, value in found.items()}


RESTLESS = 0.1
"""Movement in g at which a window is trusted half as much."""


def acceleration_in_g(others: Others) -> Signal | None:
    """Return the acceleration among a recording's other signals in g, if it is there."""
    signal = others.get("acceleration")
    if not isinstance(signal, Signal):
        return None
    values = conversion("acceleration", signal.unit)(signal.values)
    return Signal(values, signal.sfreq, "g", signal.channels, signal.start)


def stillness(
    acceleration: Signal | None, starts: FloatArray, stops: FloatArray
) -> FloatArray | float:
    """Rate windows by how still the sensor is.

    Parameters
    ----------
    acceleration : Signal or None
        In g.
    starts, stops : array of shape (n_windows,)
        Windows in seconds.

    Returns
    -------
    array of shape (n_windows,) or 1
        1 at rest and where nothing is known, a half at 0.1 g, less beyond.
    """
    if acceleration is None:
        return 1.0
    level = motion_level(
        acceleration.values, starts, stops, sfreq=acceleration.sfreq, origin=acceleration.start
    )
    return np.asarray(1 / (1 + np.nan_to_num(level / RESTLESS) ** 2))
