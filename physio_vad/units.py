"""Units and how they convert: what a writer of a modality needs, in one place."""

from physio_vad.recording.units import VOLTAGE_UV, Conversion, conversion, modality_name, unit_name

__all__ = ["VOLTAGE_UV", "Conversion", "conversion", "modality_name", "unit_name"]
