"""Devices that write text with a name for each column."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError, UnknownChannelsError
from physio_vad.io.channels import declared, in_one_unit
from physio_vad.io.clocks import TIME_UNITS, Clock, clock_of_numbers, clock_of_texts
from physio_vad.io.devices.base import HEAD, DeviceReader
from physio_vad.io.joined import Part
from physio_vad.io.markers import Mark
from physio_vad.io.tables.column_roles import Column, group_columns, unit_in_name
from physio_vad.io.tables.open import Table, open_table
from physio_vad.io.tables.signals import event_times, make_signals
from physio_vad.io.timestamps import EventTimes, TimeGrid, measure_bursts
from physio_vad.recording.unit_words import find_unit, unit_texts
from physio_vad.recording.units import is_irregular, known_units

Cells = FloatArray | list[str | None]


@dataclass(frozen=True)
class Known:
    r"""A column that a device writes.

    Parameters
    ----------
    pattern : str
        What its name looks like, without a unit in brackets; case does not matter.
    modality, unit : str
        What it holds. A unit that the file says comes before this one.
    channel : str
        Name of its channel, with the groups of the pattern: ``r"\1"``.
    """

    pattern: str
    modality: str
    unit: str = ""
    channel: str = r"\g<0>"

    def column(self, name: str, text: str) -> Column | None:
        """Say what the column of this name and unit is, None where it is another."""
        found = re.fullmatch(self.pattern, plain(name), re.IGNORECASE)
        if found is None:
            return None
        units = known_units(self.modality)
        told = (find_unit(one, units) for one in (text, *unit_texts(name)) if one)
        unit = next((one for one in told if one), self.unit)
        if not unit:
            return None
        channel, events = found.expand(self.channel), is_irregular(self.modality, unit)
        return Column(self.modality, unit, channel, events)


def plain(name: str) -> str:
    """Leave the unit in brackets out of a column's name."""
    return re.sub(r"\s*[(\[].*", "", name.strip()) or name


@dataclass(frozen=True, kw_only=True)
class TextDevice(DeviceReader):
    """Base of readers of text with one row a sample.

    The options are those of `MarkedReader`.
    """

    known: ClassVar[tuple[Known, ...]] = ()
    """Columns that are signals; of each modality a file gives those of the first that it has."""
    clocks: ClassVar[tuple[str, ...]] = ()
    """Patterns of columns with the time, the steadiest first."""
    wall: ClassVar[str] = ""
    """Pattern of the column with the time of day and date, where that is not the steadiest."""
    counter: ClassVar[str] = ""
    """Pattern of a column that counts the samples, and begins again after some."""
    marker: ClassVar[str] = ""
    """Pattern of a column that says what happened."""
    rate_told: ClassVar[bytes] = b""
    """Pattern of the rate in the head of a file."""
    rates: ClassVar[tuple[float, ...]] = ()
    """Rates in Hz that the device has, where its files do not say it."""
    slowest: ClassVar[float] = 0.0
    """Rate in Hz below which rows are no raw samples."""
    too_slow: ClassVar[str] = ""
    """What to do then."""

    def open(self, path: Path) -> Table:
        """Open the table in a file."""
        return open_table(path)

    def load(self, path: Path) -> Part:
        """Read one file."""
        table = self.open(path)
        chosen = self.choose(table, path)
        places, columns = list(chosen), list(chosen.values())
        clocks = [one for pattern in self.clocks if (one := _place(table, pattern)) is not None]
        wall, counter, marker = (
            _place(table, pattern) for pattern in (self.wall, self.counter, self.marker)
        )
        others = [one for one in (*clocks, wall, counter) if one is not None]
        values, cells, words = _load(table, places, list(dict.fromkeys(others)), marker)
        read = {one: _clock(table, one, cells[one], path) for one in others if one != counter}
        return self._part(
            in_one_unit(values, columns),
            columns,
            [read[one] for one in clocks],
            None if wall is None else read[wall],
            None if counter is None else cells[counter],
            words,
            path,
        )

    def choose(self, table: Table, path: Path) -> dict[int, Column]:
        """Say what columns are signals, by their place, those of one modality together.

        Raises
        ------
        ReadError
            If there are none.
        """
        names = table.names or []
        units = table.units or [""] * len(names)
        found: dict[int, Column] = {}
        rank: dict[str, int] = {}
        for place, (name, unit) in enumerate(zip(names, units, strict=True)):
            if place in table.words or any(fnmatch.fnmatchcase(name, one) for one in self.ignore):
                continue
            told = declared(name, self.channels)
            fitting = ((n, one.column(name, unit)) for n, one in enumerate(self.known))
            number, column = next(((n, one) for n, one in fitting if one), (0, None))
            if told is not None:
                number, column = -1, replace(told, channel=name)
            if column is None or number > rank.get(column.modality, number):
                continue
            if number < rank.get(column.modality, number):
                found = {p: one for p, one in found.items() if one.modality != column.modality}
            rank[column.modality], found[place] = number, column
        if not found:
            listed = ", ".join(map(repr, names)) or "they have no names"
            raise UnknownChannelsError(
                f"{path}: none of its columns ({listed}) is a known signal; "
                "say in channels what they are"
            )
        order = list(rank)
        return dict(sorted(found.items(), key=lambda item: order.index(item[1].modality)))

    def _part(
        self,
        values: FloatArray,
        columns: list[Column],
        clocks: list[Clock],
        wall: Clock | None,
        counter: Cells | None,
        words: Sequence[str | None],
        path: Path,
    ) -> Part:
        """Make signals of the rows that have any."""
        moving = [one for one in clocks if np.nanmax(one.times) > np.nanmin(one.times)]
        if not moving:
            raise ReadError(f"{path}: has no clock that goes on, so its rate is not known")
        clock, wall = moving[0], wall or moving[0]
        rows = np.isfinite(values).any(axis=0) & np.isfinite(clock.times)
        if not rows.any():
            raise ReadError(f"{path}: has no rows with samples")
        first = int(np.argmax(rows))
        times = clock.times[rows] - clock.times[first]
        grid: TimeGrid | EventTimes
        signals = group_columns(columns)
        if all(one.events for one in columns):
            grid = event_times(values[:, rows], times, signals, str(path))
        else:
            counted = counter[rows] if isinstance(counter, np.ndarray) else None
            grid = self._grid(times, counted, path)
        marks = _marks(words, clock.times - clock.times[first])
        made = make_signals(values[:, rows], signals, grid)
        return Part(made, _began(wall, first, path), marks)

    def _grid(self, times: FloatArray, counter: FloatArray | None, path: Path) -> TimeGrid:
        """Place rows by the clock, the counter and the device's rate."""
        nominal = None
        if self.rate_told:
            with path.open("rb") as stream:
                told = re.search(self.rate_told, stream.read(HEAD))
            nominal = float(told[1]) if told else None
        grid = measure_bursts(times, nominal or None, str(path), usual=self.rates, counter=counter)
        if grid.sfreq < self.slowest:
            raise ReadError(
                f"{path}: has {grid.sfreq:.3g} rows a second, so they are no raw samples; "
                f"{self.too_slow}"
            )
        return grid


def _began(wall: Clock, row: int, path: Path) -> float | None:
    """Say when a row was; a time of day has its date in the name of the file, if anywhere."""
    date = re.search(r"(\d{4}-\d{2}-\d{2})[_T ](\d{2})-(\d{2})-(\d{2})", path.name)
    if wall.start_time is not None or date is None:
        return wall.began(row)
    try:
        began = np.datetime64(f"{date[1]}T{date[2]}:{date[3]}:{date[4]}", "s")
    except ValueError:
        return None
    return float(began.astype(np.int64)) + float(wall.times[row])


def _place(table: Table, pattern: str) -> int | None:
    """Find the first column whose name fits."""
    fitting = (
        place
        for place, name in enumerate(table.names or [])
        if pattern and re.fullmatch(pattern, plain(name), re.IGNORECASE)
    )
    return next(fitting, None)


def _load(
    table: Table, signals: Sequence[int], others: Sequence[int], marker: int | None
) -> tuple[FloatArray, dict[int, Cells], list[str | None]]:
    """Load the signals as one array, other columns as numbers or text, and the marks as text."""
    texts = [place for place in others if place in table.words]
    numbers = [place for place in others if place not in table.words]
    marks = [] if marker is None else [marker]
    values, words = table.load([*signals, *numbers], [*texts, *marks])
    cells: dict[int, Cells] = dict(zip(numbers, values[len(signals) :], strict=True))
    cells.update(zip(texts, words, strict=False))
    return values[: len(signals)], cells, words[-1] if marks else []


def _clock(table: Table, place: int, cells: Cells, path: Path) -> Clock:
    if not isinstance(cells, np.ndarray):
        return clock_of_texts(cells, str(path))
    name = (table.names or [])[place]
    below = find_unit(table.units[place], TIME_UNITS) if table.units else None
    return clock_of_numbers(cells, unit_in_name(name) or below or None)


def _marks(cells: Sequence[str | None], times: FloatArray) -> list[Mark]:
    """List what the marker column says, each time that it says something new."""
    texts = [None if cell is None or cell in ("0", "0.0", "0.00") else cell for cell in cells]
    news = [row for row, text in enumerate(texts) if text and (row == 0 or texts[row - 1] != text)]
    marks = [(float(times[row]), 0.0, str(texts[row])) for row in news]
    return sorted(mark for mark in marks if np.isfinite(mark[0]))
