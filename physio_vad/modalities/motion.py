"""Trust in signals of a sensor that moves, where its acceleration is recorded too."""

from __future__ import annotations

import numpy as np

from physio_vad.dsp.motion import motion_level
from physio_vad.modalities.base import FloatArray, Others
from physio_vad.recording import Signal
from physio_vad.units import conversion

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
