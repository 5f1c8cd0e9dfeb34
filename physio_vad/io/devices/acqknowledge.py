"""BIOPAC AcqKnowledge: what it exports as text or for MATLAB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import PhysioVadError, ReadError
from physio_vad.io.channels import array_signals, choose_channels, table_signals
from physio_vad.io.clocks import TIME_UNITS, clock_of_texts
from physio_vad.io.devices.base import HEAD, DeviceReader
from physio_vad.io.formats.mat5 import parse_mat
from physio_vad.io.formats.matlab import cells
from physio_vad.io.joined import Part
from physio_vad.io.tables.dialect import TextOptions
from physio_vad.io.tables.text import TextTable
from physio_vad.io.timestamps import TimeGrid
from physio_vad.recording.unit_words import find_unit, is_unit

_INTERVAL = re.compile(r"^\s*([\d.]+(?:[eE][+-]?\d+)?)\s*([a-z]+)/sample", re.MULTILINE)
_VARIABLES = ("data", "labels", "units", "isi", "isi_units")


@dataclass(frozen=True, kw_only=True)
class AcqKnowledgeReader(DeviceReader):
    """AcqKnowledge: exported ``.txt`` (or ``.csv``) and ``.mat`` files, one a person.

    The text has a title, the interval (``0.5 msec/sample``), the number of channels, their names
    and units on lines of their own, and a row of sample counts above the samples; a column of time
    is not needed. MATLAB files hold ``data, labels, units, isi, isi_units``. Channels are known by
    their name and unit (``EDA - GSR100C`` in ``microsiemens``); what is not is listed and left out,
    until `channels` says it. ``.acq`` files themselves are read by the layout ``acq``.

    Written after the headers that public readers quote (physiopy/phys2bids, ReSurfEMG, TAPAS
    PhysIO); tried on written files only.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "acqknowledge"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".csv", ".mat")

    def holds(self, head: bytes) -> bool:
        """Say whether the interval between samples stands below the title."""
        lines = head.decode("latin-1").replace("\0", "").splitlines()[:6]
        return any(_INTERVAL.match(line) for line in lines)

    def is_own(self, path: Path) -> bool:
        """Say whether a file is such a text, or holds the variables of the MATLAB export."""
        if path.suffix.lower() != ".mat":
            return super().is_own(path)
        try:
            return set(_VARIABLES[:4]) <= set(parse_mat(path, _VARIABLES))
        except PhysioVadError:
            return False

    def load(self, path: Path) -> Part:
        """Read one file."""
        return self._matlab(path) if path.suffix.lower() == ".mat" else self._text(path)

    def _text(self, path: Path) -> Part:
        with path.open("rb") as stream:
            head = stream.read(HEAD).decode("latin-1").replace("\0", "")
        lines = head.splitlines()
        interval = next(filter(None, map(_INTERVAL.match, lines)))
        names = next((i for i, line in enumerate(lines) if re.search(r"\bCH\d+\b", line)), None)
        if names is None or names + 2 >= len(lines):
            raise ReadError(f"{path}: has no row of CH1, CH2 and so on above its samples")
        delimiter = "\t" if "\t" in lines[names] else ","
        heads = [one.strip() for one in lines[names].split(delimiter)]
        numbers = [i for i, one in enumerate(heads) if re.fullmatch(r"CH\d+", one)]
        named = _names_and_units(lines[:names], len(numbers), path)
        chosen = choose_channels(named, self.channels, self.ignore, str(path))
        options = TextOptions(delimiter=delimiter, skip=names + 2, header_row=0)
        table = TextTable(path, options=options)
        sfreq = _rate(float(interval[1]), interval[2], path)
        places = {numbers[number]: one for number, one in chosen.items()}
        began = re.search(r"Recording on:\s*(.+)", "\n".join(lines[:names]))
        start = clock_of_texts([began[1]], str(path)).start_time if began else None
        return Part(table_signals(table, places, TimeGrid(sfreq)), start)

    def _matlab(self, path: Path) -> Part:
        found = parse_mat(path, _VARIABLES)
        data = np.asarray(found["data"])
        labels = _texts(found["labels"])
        units = _texts(found["units"])
        if data.ndim != 2 or data.dtype.kind not in "fiu" or len(labels) not in data.shape:
            raise ReadError(
                f"{path}: data must have one column for each of {len(labels)} labels, got shape "
                f"{data.shape}"
            )
        if data.shape[1] != len(labels):
            data = data.T
        units += [""] * (len(labels) - len(units))
        named = zip(labels, units, strict=False)
        chosen = choose_channels(named, self.channels, self.ignore, str(path))
        isi = np.asarray(found["isi"], dtype=float).ravel()
        unit = _texts(found.get("isi_units", "ms"))[0] or "ms"
        sfreq = _rate(float(isi[0]) if len(isi) else 0.0, unit, path)
        rows = list(data.T.astype(np.float64))
        return Part(array_signals(rows, [sfreq] * len(rows), chosen, str(path)))


def _names_and_units(lines: list[str], n_channels: int, path: Path) -> list[tuple[str, str]]:
    """Pair the lines below the number of channels: in turn, or first all names, then all units."""
    lines = [line.strip() for line in lines]
    first = next((i for i, line in enumerate(lines) if re.fullmatch(r"\d+ channels?", line)), -1)
    rest = lines[first + 1 :][: 2 * n_channels]
    if first < 0 or len(rest) < 2 * n_channels:
        raise ReadError(f"{path}: its header must name {n_channels} channels, each with its unit")
    in_turn, after = rest[1::2], rest[n_channels:]
    if sum(map(is_unit, after)) > sum(map(is_unit, in_turn)):
        return list(zip(rest[:n_channels], after, strict=True))
    return list(zip(rest[::2], in_turn, strict=True))


def _rate(interval: float, text: str, path: Path) -> float:
    unit = find_unit(text, TIME_UNITS)
    if unit is None or not interval > 0 or not np.isfinite(interval):
        raise ReadError(f"{path}: its interval must be a time above 0, got {interval:g} {text!r}")
    return round(1 / (interval * TIME_UNITS[unit]), 9)


def _texts(value: Any) -> list[str]:
    return [str(one).strip("\0 ") for one in cells(value)]
