"""The eleven-column layout: eight sensors and three labels, one file a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from physio_vad.io.tables.column_roles import Column
from physio_vad.io.tables.layout import TableReader

SENSORS: Mapping[str, Column] = MappingProxyType(
    {
        "EEG_F3": Column("eeg", "uV", "F3"),
        "EEG_F4": Column("eeg", "uV", "F4"),
        "EOG": Column("eog", "uV"),
        "GSR": Column("eda", "uS"),
        "temperature": Column("temperature", "C"),
        "PPG": Column("ppg", "a.u."),
        "respiration": Column("respiration", "a.u."),
        "EMG": Column("emg", "uV"),
    }
)
"""The eight sensors in the order of their columns."""

LABELS = ("arousal", "dominance", "valence")
"""The labels in the order of columns 9 to 11."""

USUAL_RATE = 250.0
"""Rate in Hz that is taken unless told otherwise, since the layout has no clock."""


@dataclass(frozen=True, kw_only=True)
class ElevenColumnReader(TableReader):
    """Eight raw sensors, then three labels; 250 Hz, ratings from 1 to 9 unless told otherwise.

    The options are those of `TableReader`; only what they are by default differs.
    """

    name: ClassVar[str] = "eleven-column"

    columns: Mapping[str, Any] = field(default_factory=lambda: dict(SENSORS))
    labels: Sequence[str] = LABELS
    sfreq: float | None = USUAL_RATE
    scale: Any = (1.0, 9.0)
