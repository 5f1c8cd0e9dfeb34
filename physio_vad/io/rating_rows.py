"""A table of ratings as people keep it: wide or long, in seconds or by the clock on the wall."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.clocks import Clock, clock_of_numbers, clock_of_texts
from physio_vad.io.tables.open import open_table

KEYS = ("subject", "trial", "stimulus", "task")
"""Columns that say what a row is of."""
_BIDS = {"onset": "start", "participant_id": "subject", "trial_type": "task"}
"""What BIDS calls them."""
_TIMES = ("start", "stop", "duration")
SINCE_1970 = 9e8
"""No session is so long that a block of it begins this many seconds after its start."""


class RatingRows:
    """Rows of a table of ratings.

    Columns may have their names of BIDS, ``onset, duration, trial_type, participant_id``. A long
    table, with a row for each answer (``target, value``), is read as one with a column a target.

    Parameters
    ----------
    path : Path
        Table in any of the formats of `open_table`, with a header.

    Attributes
    ----------
    names : list of str
        Names of the columns; ``start`` and ``stop`` where rows are stretches of time.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._table = path, open_table(path)
        found = self._table.names or []
        names = [_BIDS.get(one, one) for one in found]
        self.names = names if len(set(names)) == len(names) else list(found)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._made: dict[str, list[str | None]] = {}
        if {"target", "value"} <= set(self.names):
            self._widen()
        if "start" in self.names and "stop" not in self.names and "duration" in self.names:
            self.names[self.names.index("duration")] = "stop"

    @property
    def targets(self) -> list[str]:
        """Columns that may be ratings."""
        return [name for name in self.names if name not in (*KEYS, *_TIMES)]

    def texts(self, name: str) -> list[str | None]:
        """Return the cells of a column as text."""
        if name in self._made:
            return self._made[name]
        (cells,) = self._table.load([], [self._places[name]])[1]
        return cells

    def numbers(self, name: str) -> FloatArray:
        """Return the cells of a column as numbers, NaN where there is none.

        Raises
        ------
        ReadError
            If one is no number.
        """
        if name not in self._made:
            values: FloatArray = self._table.load([self._places[name]])[0][0]
            return values
        try:
            cells = [np.nan if cell is None else float(cell) for cell in self._made[name]]
        except ValueError as error:
            raise ReadError(f"{self._path}: column value must hold numbers: {error}") from None
        return np.array(cells)

    def spans(self, zero: float | None) -> tuple[FloatArray, FloatArray]:
        """Return when rows begin and end, in seconds from a recording's start.

        Parameters
        ----------
        zero : float, optional
            Seconds since 1970 at that start, for rows that say the time on the wall. Where it is
            not known these stay seconds since 1970.

        Raises
        ------
        ReadError
            If a time is neither a number nor a date.
        """
        starts = self._seconds("start", zero)
        if "stop" in self._places or "stop" in self._made:
            return starts, self._seconds("stop", zero)
        return starts, starts + self.numbers("duration")

    def _seconds(self, name: str, zero: float | None) -> FloatArray:
        is_text = self._places.get(name) in self._table.words and name not in self._made
        if is_text:
            clock = self._dates(name)
        else:
            values = self.numbers(name)
            finite = values[np.isfinite(values)]
            if not len(finite) or float(np.median(finite)) < SINCE_1970:
                return values
            clock = clock_of_numbers(values, None)
        return np.asarray(clock.times + (clock.start_time or 0.0) - (zero or 0.0))

    def _dates(self, name: str) -> Clock:
        try:
            clock = clock_of_texts(self.texts(name), str(self._path))
        except ReadError as error:
            clock, fault = Clock(np.empty(0)), str(error)
        else:
            fault = "they have no date"
        if clock.start_time is None:
            raise ReadError(
                f"{self._path}: column {name} must hold seconds from the recording's start, or "
                f"dates with times, such as 2026-03-05 10:00:00: {fault}"
            )
        return clock

    def _widen(self) -> None:
        """Make a column of each target of a long table."""
        keys = [name for name in self.names if name in (*KEYS, *_TIMES)]
        columns = [self.texts(name) for name in keys]
        answers = zip(self.texts("target"), self.texts("value"), strict=True)
        rows: dict[tuple[str | None, ...], dict[str, str | None]] = {}
        for key, (target, value) in zip(zip(*columns, strict=True), answers, strict=True):
            row = rows.setdefault(key, {})
            if target in row:
                raise ReadError(
                    f"{self._path}: two rows rate {target!r} for {', '.join(map(str, key))}"
                )
            if target is not None:
                row[target] = value
        targets = dict.fromkeys(target for row in rows.values() for target in row)
        for place, name in enumerate(keys):
            self._made[name] = [key[place] for key in rows]
        for target in targets:
            self._made[target] = [row.get(target) for row in rows.values()]
        self.names = [*keys, *targets]
