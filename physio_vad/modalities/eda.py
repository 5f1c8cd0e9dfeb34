"""Electrodermal activity (skin conductance)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from physio_vad.dsp.spans import span_mean_sd
from physio_vad.modalities.base import CleanSignal, Feature, FloatArray, Modality, Others
from physio_vad.units import Conversion


class EDA(Modality[CleanSignal]):
    """Electrodermal activity (skin conductance)."""

    name = "eda"
    aliases = ("gsr",)
    unit = "uS"
    units: ClassVar[Mapping[str, Conversion]] = {
        "uS": Conversion(),
        "mS": Conversion(factor=1e3),
        "S": Conversion(factor=1e6),
        "nS": Conversion(factor=1e-3),
        "ohm": Conversion(factor=1e6, reciprocal=True),
        "kohm": Conversion(factor=1e3, reciprocal=True),
        "Mohm": Conversion(reciprocal=True),
    }

    @property
    def features(self) -> Sequence[Feature]:
        """Mean of the signal."""
        return (Feature("scl_mean", "uS", "mean"),)

    def prepare(self, signal: CleanSignal, others: Others) -> CleanSignal:  # noqa: ARG002
        """Take the signal as it is."""
        return signal

    def compute(
        self, prepared: CleanSignal, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Average over each window."""
        first, last = prepared.spans(starts, stops)
        return {"scl_mean": span_mean_sd(prepared.values, first, last, ~prepared.bad)[0]}
