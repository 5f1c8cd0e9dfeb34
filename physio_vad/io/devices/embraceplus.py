"""Empatica EmbracePlus: raw data as AVRO files, or as CSV files made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.base import need
from physio_vad.io.devices.text import Known, TextDevice
from physio_vad.io.formats.avro import check_avro
from physio_vad.io.joined import Part
from physio_vad.recording.recording import Events, Signal

_SIGNALS: Mapping[str, tuple[str, str]] = {
    "bvp": ("ppg", "nW"),
    "eda": ("eda", "uS"),
    "temperature": ("temperature", "C"),
}
"""Modality and unit of each entry of ``rawData``."""


@dataclass(frozen=True, kw_only=True)
class EmbracePlusReader(TextDevice):
    """EmbracePlus: AVRO files of up to half an hour each (extra ``avro``), or CSV files.

    ``1-1-ANNA_1714673948.avro`` is of the participant ``1-1-ANNA``, wherever it lies, so the folder
    may be the one that the cloud delivers. Files that follow each other are one recording. BVP,
    EDA, temperature and acceleration keep their rates, presses of the button are marks named
    ``tag`` for ``trial_start``. The device finds no inter-beat intervals in its raw data; beats are
    found in the BVP. CSV files have a header with ``unix_timestamp`` in microseconds.

    Checked on genuine AVRO files (JocelynVelarde/EmbracePlus-Visualizer, schema 6.3; three of two
    people); CSV files on written ones only.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "embraceplus"

    suffixes: ClassVar[tuple[str, ...]] = (".avro", ".csv")
    known: ClassVar[tuple[Known, ...]] = (
        Known(r"bvp", "ppg", "nW"),
        Known(r"eda", "eda", "uS"),
        Known(r"temperature", "temperature", "C"),
        Known(r"(?:acc\w*_)?([xyz])", "acceleration", "g", r"\1"),
    )
    clocks: ClassVar[tuple[str, ...]] = ("unix_timestamp",)
    person: ClassVar[str] = r"(?P<subject>.+)_(?:\d{10}\.avro|\d{4}-\d{2}-\d{2}_\w+\.csv)$"
    named_anywhere: ClassVar[bool] = True
    folder_is_person: ClassVar[bool] = True

    def holds(self, head: bytes) -> bool:
        """Say whether a file is AVRO of Empatica's, or has the column of times."""
        if head.startswith(b"Obj\x01"):
            return b"empatica" in head
        first = head.partition(b"\n")[0].lower()
        return bool(re.match(rb"\W*unix_timestamp\b.*\b(bvp|eda|temperature|x)\b", first))

    def load(self, path: Path) -> Part:
        """Read one file."""
        if path.suffix.lower() != ".avro":
            return super().load(path)
        fastavro = need("fastavro", "avro", "reading AVRO files of the EmbracePlus")
        check_avro(path)
        with path.open("rb") as stream:
            records = list(fastavro.reader(stream))
        if len(records) != 1 or not isinstance(records[0].get("rawData"), dict):
            raise ReadError(f"{path}: is no file of an EmbracePlus: it has no rawData")
        return _part(records[0]["rawData"])


def _part(raw: Mapping[str, Any]) -> Part:
    """Make signals of what the device recorded; sensors that were off have no samples."""
    found: dict[str, tuple[float, Signal]] = {}
    for name, (modality, unit) in _SIGNALS.items():
        one = raw.get(name) or {}
        if one.get("values"):
            found[modality] = _signal(one, [one["values"]], unit, (name,))
    motion = raw.get("accelerometer") or {}
    if motion.get("x"):
        found["acceleration"] = _signal(motion, [motion[axis] for axis in "xyz"], "g", tuple("xyz"))
    if not found:
        return Part({})
    zero = min(start for start, _ in found.values())
    signals: dict[str, Signal | Events] = {
        name: Signal(one.values, one.sfreq, one.unit, one.channels, start - zero)
        for name, (start, one) in found.items()
    }
    tags = (raw.get("tags") or {}).get("tagsTimeMicros") or []
    marks = sorted((1e-6 * float(tag) - zero, 0.0, "tag") for tag in tags)
    return Part(signals, zero, marks)


def _signal(
    one: Mapping[str, Any], rows: list[list[float]], unit: str, channels: tuple[str, ...]
) -> tuple[float, Signal]:
    """Begin, in seconds since 1970, and samples; counts of the motion sensor become g."""
    values = np.array(rows, dtype=np.float64)
    scale = one.get("imuParams")
    if scale:
        counts = scale["digitalMax"] - scale["digitalMin"]
        values = values * (scale["physicalMax"] - scale["physicalMin"]) / counts
    return 1e-6 * float(one["timestampStart"]), Signal(
        values, float(one["samplingFrequency"]), unit, channels
    )
