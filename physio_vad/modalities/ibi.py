"""Inter-beat intervals or heart rate that a device gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from physio_vad.modalities.base import CleanSignal, Feature, FloatArray, Modality, Others
from physio_vad.units import Conversion


class IBI(Modality[CleanSignal]):
    """Heart rate and its variability from given intervals."""

    name = "ibi"
    aliases = ("rr", "hr")
    unit = "s"
    units: ClassVar[Mapping[str, Conversion]] = {
        "s": Conversion(),
        "ms": Conversion(factor=1e-3),
        "bpm": Conversion(factor=60.0, reciprocal=True),
    }

    @property
    def features(self) -> Sequence[Feature]:
        """Mean heart rate."""
        return (Feature("hr_mean", "1/min", "60 / mean NN"),)

    def prepare(self, signal: CleanSignal, others: Others) -> CleanSignal:  # noqa: ARG002
        """Take the signal as it is."""
        return signal

    def compute(
        self,
        prepared: CleanSignal,  # noqa: ARG002
        starts: FloatArray,
        stops: FloatArray,  # noqa: ARG002
    ) -> Mapping[str, FloatArray]:
        """Not known yet."""
        return {"hr_mean": np.full(len(starts), np.nan)}
