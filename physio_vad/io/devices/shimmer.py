"""Shimmer sensors, exported by Consensys as CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from physio_vad.io.devices.text import Known, TextDevice


@dataclass(frozen=True, kw_only=True)
class ShimmerReader(TextDevice):
    """Shimmer: CSV files of Consensys, with calibrated columns (``CAL``).

    ``PERSON_Session1_Shimmer_B64E_Calibrated_SD.csv`` is named by its person where the files of all
    people lie in one folder. Units are those of the row below the names. Conductance is taken
    before resistance, the low-noise accelerometer before the wide-range one; raw counts, and the
    temperature of the board, are left out. Two Shimmers that ran together are one recording.

    Checked on a genuine file (hpi-dhc/devicely: GSR and motion, semicolons, a delimiter at the end
    of each row); the names of PPG, ECG and EMG columns on those that public scripts read.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "shimmer"

    known: ClassVar[tuple[Known, ...]] = (
        Known(r".*GSR_Skin_Conductance_CAL", "eda", "uS", "GSR"),
        Known(r".*GSR_Skin_Resistance_CAL", "eda", "kohm", "GSR"),
        Known(r".*PPG_A\d+_CAL", "ppg", "mV", "PPG"),
        Known(r".*ECG_(RESP)_\d+BIT_CAL", "respiration", "mV", r"\1"),
        Known(r".*ECG_((?:LL|LA|Vx)[-_](?:RA|LA|RL))_\d+BIT_CAL", "ecg", "mV", r"\1"),
        Known(r".*EMG_(CH\d)_\d+BIT_CAL", "emg", "mV", r"\1"),
        Known(r".*Accel_LN_([XYZ])_CAL", "acceleration", "m/s^2", r"\1"),
        Known(r".*Accel_WR_([XYZ])_CAL", "acceleration", "m/s^2", r"\1"),
    )
    rates: ClassVar[tuple[float, ...]] = (51.2, 102.4, 128.0, 204.8, 256.0, 512.0, 1024.0)
    clocks: ClassVar[tuple[str, ...]] = (
        r".*Timestamp(?:Sync)?_Unix_CAL",
        r".*Timestamp(?:Sync)?_FormattedUnix_CAL",
        r".*Timestamp(?:Sync)?_CAL",
    )
    marker: ClassVar[str] = r".*Event_Marker_CAL"
    person: ClassVar[str] = r"(?P<subject>.+?)_Session\d+_.+"

    def holds(self, head: bytes) -> bool:
        """Say whether the names are those of Consensys."""
        text = head.replace(b"\0", b"")
        return bool(re.search(rb"Timestamp(Sync)?_(Formatted)?(Unix_)?CAL\b", text))
