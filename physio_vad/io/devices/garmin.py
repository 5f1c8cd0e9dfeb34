"""Garmin watches, recorded by the data logger that FLIRT reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from physio_vad._arrays import FloatArray
from physio_vad.io.clocks import clock_of_texts
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.joined import Part
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.text import TextTable
from physio_vad.io.timestamps import measure_bursts
from physio_vad.recording.recording import Events, Signal

_STAMP = rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)?;"
_BEATS = "HEART_RATE_VARIABILITY"


@dataclass(frozen=True, kw_only=True)
class GarminReader(DeviceReader):
    """Garmin: a folder a person, with ``data.csv`` (time, kind, value) and ``acc.csv``.

    Inter-beat intervals (``HEART_RATE_VARIABILITY``, in ms) become events, ``acc.csv`` (thousandths
    of g) acceleration. Heart rate, steps and the rest are left out: they are made of these.

    Checked on a genuine pair of files (im-ethz/flirt), which have no header.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "garmin"
    folder_is_person: ClassVar[bool] = True

    def holds(self, head: bytes) -> bool:
        """Say whether rows are a time with three numbers, or with a kind and a number."""
        return bool(re.match(_STAMP + rb"(-?\d+(;-?\d+){2}|[A-Z_]+;-?[\d.]+)\s", head))

    def load(self, path: Path) -> Part:
        """Read one file."""
        with path.open("rb") as stream:
            width = stream.readline(4096).count(b";") + 1
        names = tuple(map(str, range(width)))
        table = TextTable(path, dialect=Dialect(";", ".", "utf-8", 0, header=False, names=names))
        if width == 4:
            values, (stamps,) = table.load([1, 2, 3], [0])
            clock = clock_of_texts(stamps, str(path))
            return Part(_acceleration(values, clock.times, path), clock.start_time)
        values, (stamps, kinds) = table.load([2], [0, 1])
        clock = clock_of_texts(stamps, str(path))
        rows = [row for row, kind in enumerate(kinds) if kind == _BEATS]
        if not rows:
            return Part({}, clock.start_time)
        return Part({"ibi": Events(clock.times[rows], values[0, rows], "ms")}, clock.start_time)


def _acceleration(values: FloatArray, times: FloatArray, path: Path) -> dict[str, Signal | Events]:
    grid = measure_bursts(times, None, str(path))
    return {"acceleration": Signal(grid.place(values), grid.sfreq, "mg", ("x", "y", "z"))}
