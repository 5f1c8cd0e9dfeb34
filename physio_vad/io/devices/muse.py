"""Muse headbands, recorded by Mind Monitor or muse-lsl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from physio_vad.io.devices.text import Known, TextDevice
from physio_vad.io.formats.budget import metered
from physio_vad.io.tables.dialect import TextOptions
from physio_vad.io.tables.open import Table, open_table
from physio_vad.io.tables.text import TextTable

_FIRST = b"timestamp,"
"""First name of a file of Mind Monitor; muse-lsl writes ``timestamps``."""


@dataclass(frozen=True, kw_only=True)
class MuseReader(TextDevice):
    """Muse: CSV files of Mind Monitor, or of muse-lsl.

    The EEG is raw (``RAW_TP9``, or ``TP9``), its channels are named by their place. Rows come in
    bursts, so the rate is that of many rows. What Mind Monitor writes in ``Elements`` (blinks,
    markers) are marks for ``trial_start``. Band powers are left out: they are computed anew. The
    auxiliary input is left out, unless `channels` says what it is.

    Checked on genuine files: Mind Monitor (hpi-dhc/devicely, 39 names above rows of 38 cells) and
    muse-lsl (mad-lab-fau/BioPsyKit).

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "muse"

    known: ClassVar[tuple[Known, ...]] = (
        Known(r"(?:RAW_)?(TP9|AF7|AF8|TP10)", "eeg", "uV", r"\1"),
        Known(r"Accelerometer_([XYZ])", "acceleration", "g", r"\1"),
        Known(r"PPG_IR", "ppg", "a.u."),
    )
    rates: ClassVar[tuple[float, ...]] = (256.0, 220.0)
    slowest: ClassVar[float] = 100.0
    too_slow: ClassVar[str] = "set the recording interval of Mind Monitor to 'constant'"
    clocks: ClassVar[tuple[str, ...]] = ("timestamps?",)
    marker: ClassVar[str] = "Elements|Marker0"

    def holds(self, head: bytes) -> bool:
        """Say whether the header is one of either program."""
        first = head.partition(b"\n")[0]
        return bool(re.match(rb"\W*timestamps?,.*\b(RAW_)?(TP9|AF7|AF8|TP10)\b", first, re.I))

    def open(self, path: Path) -> Table:
        """Open the table; Mind Monitor leaves the last cell out of most rows."""
        with path.open("rb") as stream:
            if stream.read(len(_FIRST)).lower() != _FIRST:
                return open_table(path)
            stream.seek(0)
            lines = [line.rstrip(b"\r\n") for line in metered(stream) if line.strip()]
        names = lines[0].count(b",")
        filled = (line + b"," * (names - line.count(b",")) for line in lines)
        options = TextOptions(delimiter=",", header_row=1, units_row=0)
        return TextTable(path, data=b"\n".join(filled), options=options)
