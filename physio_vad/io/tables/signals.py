"""Columns of a table become signals: on the grid of the rows, on one of their own, or events."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.clocks import TIME_UNITS, beat_times
from physio_vad.io.tables.column_roles import Column
from physio_vad.io.timestamps import EventTimes, TimeGrid
from physio_vad.recording.recording import Events, Signal

_FEW_SAMPLES = 20
"""So many good samples may stand apart by chance."""


def make_signals(
    part: FloatArray,
    signals: Mapping[str, tuple[slice, list[Column]]],
    grid: TimeGrid | EventTimes,
) -> dict[str, Signal | Events]:
    """Make the signals of some rows of a table.

    A sensor that is slower than the rows, with blanks between its samples, gets its own rate where
    these stand on every second, third, ... row, always the same.

    Parameters
    ----------
    part : array of shape (n_columns, n_rows)
        Columns as they were loaded.
    signals : mapping of str to (slice, list of Column)
        Rows of `part` that each modality has, and what they are.
    grid : TimeGrid or EventTimes
        When each row was.
    """
    made: dict[str, Signal | Events] = {}
    for modality, (rows, columns) in signals.items():
        if columns[0].events or isinstance(grid, EventTimes):
            made[modality] = _events(part[rows.start], columns[0], grid)
            continue
        values = grid.place(part[rows])
        first, every = _own_grid(values)
        made[modality] = Signal(
            np.ascontiguousarray(values[:, first::every]),
            grid.sfreq / every,
            columns[0].unit,
            tuple(column.channel for column in columns),
            first / grid.sfreq,
        )
    return made


def _events(values: FloatArray, column: Column, grid: TimeGrid | EventTimes) -> Events:
    """Take what stands in a column as events at the time of their rows.

    Beside samples a value that is written on every row until the next is one event.
    """
    there = np.flatnonzero(np.isfinite(values))
    if isinstance(grid, TimeGrid) and len(there) == len(values):
        there = np.flatnonzero(np.concatenate([[True], np.diff(values) != 0]))
    times = grid.time(there)
    if column.unit in TIME_UNITS:
        times = beat_times(values[there] * TIME_UNITS[column.unit], times)
    return Events(times, values[there], column.unit)


def event_times(
    part: FloatArray,
    times: FloatArray | None,
    signals: Mapping[str, tuple[slice, list[Column]]],
    where: str,
) -> EventTimes:
    """Say when each row was, of a table of events alone: by the clock, or by the intervals."""
    if times is not None:
        if not (np.diff(times) >= 0).all() or not np.isfinite(times).all():
            raise ReadError(f"{where}: times of events must be numbers and ascend; sort the rows")
        return EventTimes(times - times[0])
    for rows, columns in signals.values():
        if columns[0].unit in TIME_UNITS:
            return EventTimes(np.nancumsum(part[rows.start]) * TIME_UNITS[columns[0].unit])
    raise ArgumentError(f"{where}: events need a time column; name it: time = 'its name'")


def _own_grid(values: FloatArray) -> tuple[int, int]:
    """Find every how many rows a slower sensor has its samples, and the first of these rows."""
    if len(values.T) < 2 or not np.isnan(values[:, :2]).all(axis=0).any():
        return 0, 1  # samples on two rows that follow each other
    filled = np.flatnonzero(~np.isnan(values).all(axis=0))
    every = int(np.gcd.reduce(np.diff(filled))) if len(filled) > _FEW_SAMPLES else 1
    return (int(filled[0]) % every, every) if every > 1 else (0, 1)
