"""EEG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from physio_vad.dsp.spans import span_mean_sd
from physio_vad.modalities.base import CleanSignal, Feature, FloatArray, Modality, Others
from physio_vad.units import VOLTAGE_UV


class EEG(Modality[CleanSignal]):
    """EEG."""

    name = "eeg"
    unit = "uV"
    units = VOLTAGE_UV
    together = True

    @property
    def features(self) -> Sequence[Feature]:
        """Catalogue."""
        return (Feature("sd", "uV", "standard deviation"),)

    def prepare(self, signal: CleanSignal, others: Others) -> CleanSignal:  # noqa: ARG002
        """Keep the signal."""
        return signal

    def compute(
        self, prepared: CleanSignal, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute block statistics."""
        return {"sd": span_mean_sd(prepared.values, *prepared.spans(starts, stops))[1]}
