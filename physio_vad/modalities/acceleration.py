"""Acceleration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from physio_vad.dsp.spans import span_mean_sd
from physio_vad.modalities.base import CleanSignal, Feature, FloatArray, Modality, Others
from physio_vad.units import Conversion


class Acceleration(Modality[CleanSignal]):
    """Acceleration."""

    name = "acceleration"
    aliases = ("acc",)
    unit = "g"
    units: ClassVar[Mapping[str, Conversion]] = {
        "g": Conversion(),
        "m/s^2": Conversion(1 / 9.80665),
        "1/64 g": Conversion(1 / 64),
    }
    together = True

    @property
    def features(self) -> Sequence[Feature]:
        """Catalogue."""
        return (Feature("magnitude_mean", "g", "mean of the magnitude", per="modality"),)

    def prepare(self, signal: CleanSignal, others: Others) -> CleanSignal:  # noqa: ARG002
        """Keep the signal."""
        return signal

    def compute(
        self, prepared: CleanSignal, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute block statistics."""
        magnitude = np.sqrt((prepared.values**2).sum(axis=0))
        mean, _ = span_mean_sd(magnitude, *prepared.spans(starts, stops))
        return {"magnitude_mean": mean}
