"""Clocks of files: numbers in some unit, dates, times of day; what they say in seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import ReadError

TIME_UNITS: Mapping[str, float] = MappingProxyType(
    {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "ticks": 1e-7}
)
"""Units of a clock in seconds; ticks are those of .NET, 100 ns since the year 1."""

SINCE_1970 = (3e8, 4.5e9)
"""Seconds since 1970 that a recording can have, from 1979 to 2112."""

_DAY = 86400.0
_YEAR_1 = 62135596800.0
"""Seconds from the year 1 to 1970."""
_COUNTERS = (2.0**8, 2.0**16, 2.0**24, 2.0**32)
_TIME_OF_DAY = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,:](\d+))?\s*([ap])?\.?m?\.?", re.IGNORECASE
)
_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})[T ]?\s*(.*)")
_ZONE = re.compile(r"(.*?)\s*(Z|UTC|[+-]\d{2}:?\d{2})$")


@dataclass(frozen=True)
class Clock:
    """When each row of a file was taken.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Seconds, from any zero; NaN where the clock says nothing.
    start_time : float, optional
        Seconds since 1970 at ``times == 0``, where the clock is one of the wall.
    unit_is_known : bool
        Whether the file or the user said what the clock counts.
    """

    times: FloatArray
    start_time: float | None = None
    unit_is_known: bool = True

    def began(self, row: int) -> float | None:
        """Seconds since 1970 at some row, where the clock is one of the wall."""
        if self.start_time is None or not np.isfinite(self.times[row]):
            return None
        return float(self.start_time + self.times[row])


def clock_of_numbers(values: FloatArray, unit: str | None) -> Clock:
    """Read a clock of numbers.

    A counter that starts again at 0 (of 8, 16, 24 or 32 bits, or at midnight) goes on. Numbers
    since 1970, or since the year 1 in ticks, are known by their size.

    Parameters
    ----------
    values : array of shape (n_rows,)
        What the file holds.
    unit : str, optional
        One of `TIME_UNITS`; None if nobody told.

    Examples
    --------
    >>> import numpy as np
    >>> clock = clock_of_numbers(1.6e12 + 250.0 * np.arange(4), None)
    >>> clock.times, clock.start_time
    (array([0.  , 0.25, 0.5 , 0.75]), 1600000000.0)
    """
    finite = values[np.isfinite(values)]
    first = float(finite[0]) if len(finite) else np.nan
    since = unit or _unit_since_1970(first)
    if since is not None:
        began = first * TIME_UNITS[since] - (_YEAR_1 if since == "ticks" else 0.0)
        if SINCE_1970[0] < began < SINCE_1970[1]:
            return Clock((values - first) * TIME_UNITS[since], began)
    second = TIME_UNITS[unit or "s"]
    return Clock(_unwrap(values, (*_COUNTERS, _DAY / second)) * second, None, unit is not None)


def _unit_since_1970(first: float) -> str | None:
    """Tell the unit of a clock by its size, where that is one of our time."""
    for unit, second in TIME_UNITS.items():
        began = first * second - (_YEAR_1 if unit == "ticks" else 0.0)
        if unit != "min" and 9e8 < began < SINCE_1970[1]:
            return unit
    return None


def _unwrap(values: FloatArray, counters: Sequence[float]) -> FloatArray:
    """Let a counter go on where it starts again, if all its steps back are one."""
    steps = np.diff(values)
    back = np.flatnonzero(steps < 0)
    if len(back) == 0 or len(values) < 4:
        return values
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    for counter in counters:
        mended = steps[back] + counter
        if np.nanmax(values) < counter and (mended > 0).all() and (mended < 4 * usual).all():
            added = np.zeros(len(values))
            added[back + 1] = counter
            return np.asarray(values + np.cumsum(added))
    return values


def clock_of_texts(texts: Sequence[str | None], where: str, day_first: bool | None = None) -> Clock:
    """Read a clock of dates with times, or of times of day.

    Parameters
    ----------
    texts : sequence of str or None
        ``"2023-03-05 10:00:00.250+01:00"``, ``"05.03.2023 10:00"``, ``"1:30:54.403 PM"`` and so
        on. Without a zone the time is taken for UTC. Times of day go on over midnight.
    where : str
        Name of the file, for errors.
    day_first : bool, optional
        Whether ``03/05/2023`` is the third of May; by default what other rows prove.

    Raises
    ------
    ReadError
        If a row has neither, or the order of day and month matters and nothing tells it.

    Examples
    --------
    >>> clock_of_texts(["23:59:59.5", None, "0:00:00.5"], "a.csv").times
    array([ 0., nan,  1.])
    """
    rows = np.array([i for i, text in enumerate(texts) if text is not None], dtype=np.int64)
    if len(rows) == 0:
        raise ReadError(f"{where}: the time column is empty; name another, or declare sfreq")
    cells = [str(texts[row]).strip().strip("\"'") for row in rows]
    seconds = np.full(len(texts), np.nan)
    dates = [_DATE.fullmatch(cell) for cell in cells]
    if dates[0] is None:
        seconds[rows] = _over_midnight(_times_of_day(cells, rows, where))
        return Clock(seconds - seconds[rows[0]])
    bad = next((i for i, date in enumerate(dates) if date is None), None)
    if bad is not None:
        raise ReadError(f"{where}: row {rows[bad] + 1}: {cells[bad][:40]!r} is no date and time")
    parts = [date.groups() for date in dates if date is not None]
    days, told = _days([(p[0], p[2], p[3]) for p in parts], parts[0][1], day_first, where)
    clocks, offsets = _zones([part[4] for part in parts])
    seconds[rows] = days * _DAY + _times_of_day(clocks, rows, where) - offsets
    first = float(seconds[rows[0]])
    return Clock(seconds - first, first if told else None)


def _days(
    parts: Sequence[tuple[str, str, str]], mark: str, day_first: bool | None, where: str
) -> tuple[IntArray, bool]:
    """Count the days since 1970, and say whether their date is sure."""
    different = sorted(set(parts))
    sure = True
    if len(different[0][0]) == 4:
        order = (0, 1, 2)
    else:
        if day_first is None:
            day_first = _proven_day_first(different, mark)
        if day_first is None:
            sure = len(different) == 1
            if not sure:
                raise ReadError(
                    f"{where}: {mark.join(different[0])} may begin with the day or the month, and "
                    "no row tells; say day_first = true or false"
                )
            sure = False
        order = (2, 1, 0) if day_first else (2, 0, 1)
    days = {}
    for one in different:
        year, month, day = (int(one[place]) for place in order)
        text = f"{year + (2000 if year < 100 else 0):04}-{month:02}-{day:02}"
        try:
            days[one] = int(np.datetime64(text, "D").astype(np.int64))
        except ValueError:
            raise ReadError(f"{where}: {mark.join(one)} is no date") from None
    return np.array([days[one] for one in parts], dtype=np.int64), sure


def _proven_day_first(parts: Sequence[tuple[str, str, str]], mark: str) -> bool | None:
    if mark == "." or any(int(one[0]) > 12 for one in parts):
        return True
    return False if any(int(one[1]) > 12 for one in parts) else None


def _zones(texts: Sequence[str]) -> tuple[list[str], FloatArray]:
    """Split off the zone, and give its seconds from UTC."""
    split = [
        (text, None) if (zone := _ZONE.match(text)) is None else zone.groups() for text in texts
    ]
    known = {zone: _offset(zone) for _, zone in split}
    return [str(text) for text, _ in split], np.array([known[zone] for _, zone in split])


def _offset(zone: str | None) -> float:
    if zone is None or zone[0] not in "+-":
        return 0.0
    digits = zone[1:].replace(":", "")
    seconds = 3600.0 * int(digits[:2]) + 60.0 * int(digits[2:])
    return -seconds if zone[0] == "-" else seconds


def _times_of_day(cells: Sequence[str], rows: IntArray, where: str) -> FloatArray:
    seconds = np.empty(len(cells))
    for i, cell in enumerate(cells):
        found = _TIME_OF_DAY.fullmatch(cell)
        if found is None:
            raise ReadError(
                f"{where}: row {rows[i] + 1}: the time column must hold numbers, dates or times "
                f"of day, got {cell[:40]!r}; name another column as time, or declare sfreq"
            )
        hour, minute, second, part, half = found.groups()
        hours = int(hour) % 12 + 12 * (half in "pP") if half else int(hour)
        seconds[i] = 3600 * hours + 60 * int(minute) + int(second or 0) + float(f"0.{part or 0}")
    return seconds


def _over_midnight(seconds: FloatArray) -> FloatArray:
    added = np.zeros(len(seconds))
    added[1:] = np.where(np.diff(seconds) < -_DAY / 2, _DAY, 0.0)
    return np.asarray(seconds + np.cumsum(added))


def spread_blocks(times: FloatArray) -> FloatArray:
    """Spread rows that share a stamp evenly over the time to the next.

    Devices hand on samples in blocks that are stamped once. A block before a gap gets the time
    that its rows usually take. Stamps that repeat in less than one row of a hundred are left
    alone: these are mistakes.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Seconds.

    Examples
    --------
    >>> import numpy as np
    >>> spread_blocks(np.repeat([0.0, 0.5, 1.0, 5.0], 5))[[0, 1, 14, 15]]
    array([0. , 0.1, 1.6, 5. ])
    """
    steps = np.diff(times)
    repeats = np.count_nonzero(steps == 0)
    if repeats < max(0.01 * len(times), 10) or not (steps >= 0).all():
        return times
    firsts = np.concatenate([[0], np.flatnonzero(steps) + 1])
    sizes = np.diff(np.concatenate([firsts, [len(times)]]))
    stamps = times[firsts]
    if len(stamps) < 3:
        return times
    spans = np.diff(stamps)
    usual = float(np.median(spans / sizes[:-1]))
    each = np.concatenate([np.minimum(spans / sizes[:-1], 1.5 * usual), [usual]])
    return np.asarray(np.repeat(stamps, sizes) + _place_in(sizes) * np.repeat(each, sizes))


def _place_in(sizes: IntArray) -> IntArray:
    """Count the rows within each block from 0."""
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.asarray(np.arange(sizes.sum()) - np.repeat(firsts, sizes))


MOST_DRIFT = 2.0
"""Seconds by which beats that follow each other may part from their stamps."""


def beat_times(intervals: FloatArray, stamps: FloatArray | None = None) -> FloatArray:
    """Find when each inter-beat interval ended.

    Without stamps beats follow each other. Stamps that fit the intervals are the beats' own;
    others are those of a message with one or more intervals, so beats follow each other until
    they are `MOST_DRIFT` off, where some were lost.

    Parameters
    ----------
    intervals : array of shape (n_beats,)
        Seconds.
    stamps : array of shape (n_beats,), optional
        Seconds, not falling.

    Returns
    -------
    array of shape (n_beats,)
        Seconds, ascending; from the begin of the first interval where there are no stamps.

    Examples
    --------
    >>> import numpy as np
    >>> beat_times(np.array([0.8, 0.9, 0.7]))
    array([0.8, 1.7, 2.4])
    >>> beat_times(np.array([0.8, 0.9, 0.7]), np.array([10.0, 11.0, 11.0]))
    array([10. , 10.9, 11.6])
    """
    if stamps is None or len(stamps) == 0:
        return np.asarray(np.cumsum(intervals))
    if len(stamps) > 1 and np.median(np.abs(np.diff(stamps) - intervals[1:])) < 0.02:
        return stamps
    times = np.empty(len(stamps))
    last = float(stamps[0] - intervals[0])
    for i, (interval, stamp) in enumerate(zip(intervals, stamps, strict=True)):
        before, last = last, float(last + interval)
        if abs(stamp - last) > MOST_DRIFT:
            last = max(float(stamp), before)
        times[i] = last
    return times
