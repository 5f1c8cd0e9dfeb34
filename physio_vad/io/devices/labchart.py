"""ADInstruments LabChart: what it exports as text or for MATLAB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import PhysioVadError, ReadError
from physio_vad.io.channels import array_signals, choose_channels, table_signals
from physio_vad.io.clocks import TIME_UNITS
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.formats.budget import metered
from physio_vad.io.formats.mat5 import parse_mat
from physio_vad.io.formats.matlab import cells
from physio_vad.io.joined import Part
from physio_vad.io.markers import Mark
from physio_vad.io.tables.dialect import TextOptions
from physio_vad.io.tables.text import TextTable
from physio_vad.io.timestamps import TimeGrid
from physio_vad.recording.unit_words import find_unit

_DAY = 86400.0
_EXCEL_1970, _MATLAB_1970 = 25569.0, 719529.0
"""1970 in days of Excel, and of MATLAB."""
_FIRST_ROWS, _TOLERANCE = 50, 0.02
"""Rows in which a column of time is looked for, and how far their mean step may be off."""
_NEEDED = ("data", "datastart", "dataend", "titles", "samplerate")
_MORE = ("unittext", "unittextmap", "blocktimes", "com", "comtext", "tickrate", "firstsampleoffset")


@dataclass(frozen=True, kw_only=True)
class LabChartReader(DeviceReader):
    """LabChart: exported ``.txt`` and ``.mat`` files, one a person.

    Blocks with no pause of more than ten minutes between them are one recording, with NaN where
    LabChart was paused; blocks whose time is not told are trials. Comments are marks for
    ``trial_start``. Channels are known by their title and unit; what is not is listed and left out,
    until `channels` says it. Channels of a MATLAB file keep their rates.

    Written after the headers and variables that public readers quote (physiopy/phys2bids, PsPM,
    tytell/neuromech); tried on written files only.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "labchart"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".mat")

    def holds(self, head: bytes) -> bool:
        """Say whether a text begins with the interval and the titles of the channels."""
        text = head.replace(b"\0", b"")
        return b"Interval=" in text[:200] and b"ChannelTitle=" in text

    def is_own(self, path: Path) -> bool:
        """Say whether a file is such a text, or holds the variables of the MATLAB export."""
        if path.suffix.lower() != ".mat":
            return super().is_own(path)
        try:
            return set(_NEEDED) <= set(parse_mat(path, _NEEDED))
        except PhysioVadError:
            return False

    def load(self, path: Path) -> Part:
        """Read the first block of a file."""
        return self.load_parts(path)[0]

    def load_parts(self, path: Path) -> list[Part]:
        """Read the blocks of a file."""
        if path.suffix.lower() == ".mat":
            return self._matlab(path)
        return [self._block(one, path) for one in metered(_blocks(path.read_bytes()), 2**12)]

    def _block(self, text: str, path: Path) -> Part:
        """Read a header and the rows below it."""
        lines = text.splitlines()
        said = {}
        for line in lines:
            key, mark, rest = line.partition("=")
            if not mark or not re.fullmatch(r"[A-Za-z]+", key):
                break
            said[key] = [cell.strip() for cell in rest.split("\t")[1:]] or [rest.strip()]
        titles = said.get("ChannelTitle", [])
        rows = [line for line in lines[len(said) :] if line.strip()]
        if not titles or not rows:
            raise ReadError(f"{path}: has no channels or no rows below its header")
        rows, marks = _without_comments(rows)
        units = [*said.get("UnitName", []), *[""] * len(titles)]
        ranges = [*said.get("Range", []), *[""] * len(titles)]
        named = [
            (title, unit if unit not in ("", "*") else one.rpartition(" ")[2])
            for title, unit, one in zip(titles, units, ranges, strict=False)
        ]
        chosen = choose_channels(named, self.channels, self.ignore, str(path))
        data = "\n".join([*rows, ""]).replace("NaN", "nan").encode()
        options = TextOptions(delimiter="\t", skip=0, header_row=0)
        table = TextTable(path, data=data, options=options)
        sfreq = _rate(said.get("Interval", [""]), path)
        timed = table.most_columns > len(titles) or _is_time(rows, sfreq)
        places = {number + timed: one for number, one in chosen.items()}
        if max(places) >= table.most_columns:
            more = " and the time" if timed else ""
            raise ReadError(
                f"{path}: has {table.most_columns} columns for {len(titles)} channels{more}; "
                "export all that it names"
            )
        signals = table_signals(table, places, TimeGrid(sfreq))
        return Part(signals, _excel_time(said), [(row / sfreq, 0.0, text) for row, text in marks])

    def _matlab(self, path: Path) -> list[Part]:
        found = parse_mat(path, (*_NEEDED, *_MORE))
        firsts, lasts = _grid_of(found, "datastart"), _grid_of(found, "dataend")
        titles = [str(one).strip("\0 ") for one in cells(found["titles"])]
        if firsts.shape != lasts.shape or len(firsts) != len(titles):
            raise ReadError(
                f"{path}: datastart and dataend must have a row for each of {len(titles)} titles, "
                f"got {firsts.shape} and {lasts.shape}"
            )
        data = np.asarray(found["data"], dtype=np.float64).ravel()
        rates = np.broadcast_to(_grid_of(found, "samplerate"), firsts.shape)
        parts = []
        for block in metered(range(firsts.shape[1]), 2**12):
            units = _units(found, block, len(titles))
            named = zip(titles, units, strict=True)
            chosen = choose_channels(named, self.channels, self.ignore, str(path))
            spans = zip(firsts[:, block], lasts[:, block], strict=True)
            samples = [data[int(a) - 1 : max(int(b), 0)] if a >= 1 else data[:0] for a, b in spans]
            chosen = {number: one for number, one in chosen.items() if len(samples[number])}
            if chosen:
                signals = array_signals(samples, rates[:, block].tolist(), chosen, str(path))
                parts.append(Part(signals, _matlab_time(found, block), _comments(found, block)))
        if not parts:
            raise ReadError(f"{path}: none of its channels has samples")
        return parts


def _is_time(rows: list[str], sfreq: float) -> bool:
    """Tell whether the first column goes up by a sample's time: cells of the last one may lack."""
    try:
        times = [float(row.partition("\t")[0]) for row in rows[:_FIRST_ROWS]]
    except ValueError:
        return False
    steps = sfreq * np.diff(times)  # those of rounded times differ
    return len(steps) > 1 and bool((steps >= 0).all() and abs(steps.mean() - 1) < _TOLERANCE)


def _blocks(data: bytes) -> list[str]:
    """Split a text at the headers of its blocks."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(encoding, errors="replace").lstrip("\ufeff")
    return [one for one in re.split(r"(?m)^(?=Interval=)", text) if one.strip()]


def _without_comments(rows: list[str]) -> tuple[list[str], list[tuple[int, str]]]:
    """Cut comments off the ends of rows, and say in which they stood."""
    marks = []
    for number, row in enumerate(rows):
        if "#" in row:
            rows[number], _, text = row.partition("#")
            rows[number] = rows[number].rstrip("\t")
            marks.append((number, text.strip("* \t")))
    return rows, marks


def _rate(interval: list[str], path: Path) -> float:
    value, _, text = interval[0].partition(" ")
    unit = find_unit(text or "s", TIME_UNITS)
    try:
        step = float(value.replace(",", ".")) * TIME_UNITS[unit or "s"]
    except ValueError:
        step = 0.0
    if unit is None or not 0 < step < np.inf:
        raise ReadError(f"{path}: Interval= must be a time above 0, got {interval[0][:40]!r}")
    return round(1 / step, 9)


def _excel_time(said: Mapping[str, list[str]]) -> float | None:
    """Read when a block began, in seconds since 1970."""
    try:
        days = float(said["ExcelDateTime"][0].replace(",", "."))
    except (KeyError, IndexError, ValueError):
        return None
    return _since_1970(days - _EXCEL_1970)


def _matlab_time(found: Mapping[str, Any], block: int) -> float | None:
    times = np.asarray(found.get("blocktimes", ()), dtype=float).ravel()
    return _since_1970(float(times[block]) - _MATLAB_1970) if block < len(times) else None


def _since_1970(days: float) -> float | None:
    return round(days * _DAY, 3) if 0 < days < 1e5 else None


def _grid_of(found: Mapping[str, Any], name: str) -> FloatArray:
    """Return numbers by channel and block."""
    values = np.asarray(found[name], dtype=np.float64)
    return values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)


def _units(found: Mapping[str, Any], block: int, n_channels: int) -> list[str]:
    texts = [str(one).strip("\0 ") for one in cells(found.get("unittext", ""))]
    places: IntArray = np.full(n_channels, -1)
    if "unittextmap" in found:
        grid = _grid_of(found, "unittextmap")
        if grid.shape[0] == n_channels and block < grid.shape[1]:
            places = np.nan_to_num(grid[:, block], nan=-1).astype(np.int64)
    return [texts[one - 1] if 0 < one <= len(texts) else "" for one in places.tolist()]


def _comments(found: Mapping[str, Any], block: int) -> list[Mark]:
    """List the comments of a block: channel, block, tick, kind and number of the text."""
    rows = np.asarray(found.get("com", np.empty((0, 5))), dtype=float)
    texts = [str(one).strip("\0 ") for one in cells(found.get("comtext", ""))]
    ticks = np.asarray(found.get("tickrate", ()), dtype=float).ravel()
    if rows.ndim != 2 or rows.shape[1] < 5 or not len(ticks):
        return []
    tick = float(ticks[min(block, len(ticks) - 1)])
    mine = rows[(rows[:, 1] == block + 1) & (rows[:, 4] >= 1) & (rows[:, 4] <= len(texts))]
    return sorted((float(row[2]) / tick, 0.0, texts[int(row[4]) - 1]) for row in mine if tick > 0)
