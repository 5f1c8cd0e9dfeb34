"""Respiration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from physio_vad.dsp.spans import span_mean_sd
from physio_vad.modalities.base import CleanSignal, Feature, FloatArray, Modality, Others
from physio_vad.units import Conversion


class Respiration(Modality[CleanSignal]):
    """Respiration."""

    name = "respiration"
    aliases = ("rsp", "resp")
    unit = "a.u."
    units: ClassVar[Mapping[str, Conversion]] = {
        "a.u.": Conversion(),
        "V": Conversion(),
        "mV": Conversion(),
        "%": Conversion(),
    }

    @property
    def features(self) -> Sequence[Feature]:
        """Mean of the signal."""
        return (Feature("mean", "a.u.", "mean"),)

    def prepare(self, signal: CleanSignal, others: Others) -> CleanSignal:  # noqa: ARG002
        """Take the signal as it is."""
        return signal

    def compute(
        self, prepared: CleanSignal, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Average over each window."""
        first, last = prepared.spans(starts, stops)
        return {"mean": span_mean_sd(prepared.values, first, last, ~prepared.bad)[0]}
