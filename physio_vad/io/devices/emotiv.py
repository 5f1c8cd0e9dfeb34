"""Emotiv headsets, exported by EmotivPRO or TestBench as CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from physio_vad.io.devices.text import Known, TextDevice


@dataclass(frozen=True, kw_only=True)
class EmotivReader(TextDevice):
    """EmotivPRO: CSV files with a line about the recording above the names.

    The EEG (``EEG.AF3``, about 4200 uV of offset included) is read; band powers (``POW``),
    performance metrics (``PM``), contact quality and motion are left out, unless `channels` says
    what they are. Markers (``MarkerValueInt``) are marks for ``trial_start``.

    No genuine file lay open; written after the columns and values that readers of such files name
    in public repositories, so tried on written files only.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "emotiv"

    known: ClassVar[tuple[Known, ...]] = (
        Known(r"EEG\.((?:AF|FC|FT|CP|TP|PO|Fp|F|C|T|P|O)(?:z|\d{1,2}))", "eeg", "uV", r"\1"),
    )
    rate_told: ClassVar[bytes] = rb"sampling:\D{0,9}(\d{2,4})\b"
    clocks: ClassVar[tuple[str, ...]] = ("Timestamp",)
    counter: ClassVar[str] = r"EEG\.Counter"
    marker: ClassVar[str] = "MarkerValueInt"

    def holds(self, head: bytes) -> bool:
        """Say whether there are columns of Emotiv's EEG."""
        return bool(re.search(rb"Timestamp.*\bEEG\.(Counter|AF3|T7|Pz)\b", head))
