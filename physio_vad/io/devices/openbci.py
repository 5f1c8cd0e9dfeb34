"""OpenBCI boards, recorded by the OpenBCI GUI as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.devices.text import Known, TextDevice
from physio_vad.io.joined import Part
from physio_vad.io.tables.open import Table
from physio_vad.io.tables.text import TextTable
from physio_vad.recording.recording import Signal

_BOARDS = (4, 8, 16)
"""Channels of Ganglion, Cyton, and Cyton with Daisy."""


@dataclass(frozen=True, kw_only=True)
class OpenBciReader(TextDevice):
    """OpenBCI GUI: text files, of the versions with and without a row of names.

    Channels are taken for EEG in microvolts; where one is another sensor `channels` says it:
    ``{"EXG Channel 7": {"modality": "ecg", "unit": "uV"}}``, by these names also in files without
    any. They have no places of the 10-20 system, since the board does not know them. Lost packets,
    by the number of the sample, are NaN. The marker channel gives marks for ``trial_start``. Times
    of day get their date from the name of the file, where it has one.

    Checked on genuine files: two of a Cyton without names (snarles/cyton_data_analysis); with
    names on written ones.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "openbci"

    known: ClassVar[tuple[Known, ...]] = (
        Known(r"EXG Channel \d+", "eeg", "uV"),
        Known(r"Accel Channel (\d)", "acceleration", "g", r"\1"),
    )
    rate_told: ClassVar[bytes] = rb"%\s*Sample Rate\s*=\s*(\d+(?:\.\d+)?)"
    clocks: ClassVar[tuple[str, ...]] = ("Timestamp",)
    counter: ClassVar[str] = "Sample Index"
    marker: ClassVar[str] = "Marker Channel"

    def holds(self, head: bytes) -> bool:
        """Say whether the first line is OpenBCI's."""
        return head.startswith(b"%OpenBCI")

    def open(self, path: Path) -> Table:
        """Open the table, and name the columns of old files."""
        table = TextTable(path)
        if table.names is not None:
            return table
        n_columns = table.n_columns
        n_clocks = int(n_columns - 1 in table.words)
        n_left = n_columns - 1 - n_clocks
        n_channels = n_left - 3 if n_left - 3 in _BOARDS else n_left
        if n_channels not in _BOARDS:
            raise ReadError(f"{path}: its {n_columns} columns are those of no board")
        table.names = [
            "Sample Index",
            *(f"EXG Channel {number}" for number in range(n_channels)),
            *(f"Accel Channel {number}" for number in range(n_left - n_channels)),
            *["Timestamp"] * n_clocks,
        ]
        return table

    def load(self, path: Path) -> Part:
        """Read one file; accelerometers that are slower than the rows stand still between."""
        part = super().load(path)
        signal = part.signals.get("acceleration")
        if isinstance(signal, Signal):
            there = (signal.values != 0).any(axis=0)
            last = np.maximum.accumulate(np.where(there, np.arange(len(there)), 0))
            part.signals["acceleration"] = replace(signal, values=signal.values[:, last])
        return part
