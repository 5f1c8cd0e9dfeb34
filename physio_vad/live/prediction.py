"""What a stream says of one window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from physio_vad._arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of one window.

    Parameters
    ----------
    start, time : float
        Beginning and end of the window in seconds of the source's clock.
    values, low, high : mapping of str to float
        By target: prediction, calibrated by the person's ratings so far, and interval about the
        model's own; NaN where withheld, the last two empty without an interval.
    quality : mapping of str to float
        By sensor, from 0 to 1; 0 for one that gave nothing.
    withheld : str or None
        Why there is no prediction.
    warming_up : bool
        Whether some feature still looks back before the first sample.
    latency : float
        Seconds of computing, on the wall clock.
    features : array of shape (n_features,)
        The row of the feature table.
    """

    start: float
    time: float
    values: Mapping[str, float]
    quality: Mapping[str, float]
    withheld: str | None = None
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    warming_up: bool = False
    latency: float = 0.0
    features: FloatArray = field(default_factory=lambda: np.empty(0), repr=False)
