"""Rows with a clock: what the rate really is, and where samples are missing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.exceptions import RateWarning, ReadError
from physio_vad.io.clocks import spread_blocks
from physio_vad.io.formats.budget import make

HOUR = 3600.0
"""Seconds by which a clock on the wall is set for summer time."""

TOLERANCE = 0.01
"""A nominal rate further off the measured one than this share is warned about."""

SLOWEST = 1.01
"""Hz; a clock whose unit nobody told must run faster than this to be taken for seconds."""

PAUSE = 1.0
"""Seconds between stamps of two bursts from which on samples are missing."""

_NEAR = 0.03
"""A rate that is off from a usual one by a smaller share is that one."""

MAX_GROWTH = 20
"""A record is not filled up with missing samples beyond this many times its rows."""


@dataclass(frozen=True)
class TimeGrid:
    """Where each row lies on a grid of constant rate.

    Parameters
    ----------
    sfreq : float
        Rate in Hz.
    positions : int array of shape (n_rows,), optional
        Sample number of each row; None if no sample is missing.
    """

    sfreq: float
    positions: npt.NDArray[np.int64] | None = None

    def place(self, values: FloatArray) -> FloatArray:
        """Put rows, last axis, on the grid; missing samples are NaN."""
        if self.positions is None:
            return values
        make(8 * values[..., 0].size * (int(self.positions[-1]) + 1))
        placed = np.full((*values.shape[:-1], int(self.positions[-1]) + 1), np.nan)
        placed[..., self.positions] = values
        return placed

    def time(self, rows: npt.NDArray[np.int64]) -> FloatArray:
        """Seconds from the first row to each of some rows."""
        return np.asarray((rows if self.positions is None else self.positions[rows]) / self.sfreq)


@dataclass(frozen=True)
class EventTimes:
    """When each row was, where rows come at irregular times.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Seconds.
    sfreq : float
        Reciprocal of the seconds for which the last row holds.
    """

    times: FloatArray
    sfreq: float = 1.0

    def time(self, rows: npt.NDArray[np.int64]) -> FloatArray:
        """Seconds of some rows."""
        return self.times[rows]


def measure(
    times: FloatArray,
    nominal: float | None,
    where: str,
    first_row: int = 0,
    *,
    unit_is_known: bool = True,
) -> TimeGrid:
    """Measure the rate by the clock and find the gaps.

    The rate is the mean over all intervals that are no gap, so a clock in whole milliseconds is
    no worse than a fine one. Rows of a block that share its stamp are spread evenly. A step of more
    than 1.5 intervals, plus the clock's own resolution, is a gap.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Seconds.
    nominal : float, optional
        Rate in Hz that was declared.
    where : str
        Name of the file, for errors.
    first_row : int
        Number of the first row within the file, for errors.
    unit_is_known : bool
        Whether it was told that times are seconds; if not, a rate of 1 Hz or less is refused
        unless it is the nominal one.

    Returns
    -------
    TimeGrid
        The measured rate, or the nominal one where the clock cannot tell them apart.

    Raises
    ------
    ReadError
        If times do not ascend, gaps are absurdly long, or the unit is likely another.

    Warns
    -----
    RateWarning
        If the nominal rate is more than 1 % off.

    Examples
    --------
    >>> import numpy as np
    >>> grid = measure(np.array([0.0, 0.5, 1.0, 3.0, 3.5]), nominal=2.0, where="a.csv")
    >>> grid.sfreq, grid.positions.tolist()
    (2.0, [0, 1, 2, 6, 7])
    """
    times = spread_blocks(times)
    steps = np.diff(times)
    bad = np.flatnonzero(~(steps > 0)) + 1
    if len(times) and not np.isfinite(times[0]):
        bad = np.array([0])
    if len(bad):
        row = int(bad[0])
        raise ReadError(
            f"{where}: times must ascend, row {first_row + row + 1} has {_backwards(times, row)}; "
            "sort the rows, or ignore the time column and declare sfreq"
        )
    if len(steps) == 0:
        return TimeGrid(nominal or 1.0)
    usual = float(np.median(steps))
    if not unit_is_known:
        _check_unit(usual, nominal, where)
    resolution = _resolution(steps[steps <= 1.5 * usual])
    is_gap = steps > 1.5 * usual + resolution
    n_steady, steady = int((~is_gap).sum()), float(steps[~is_gap].sum())
    sfreq = _settle(n_steady / steady, n_steady, resolution / steady, nominal, where)
    if not is_gap.any():
        return TimeGrid(sfreq)
    jumps = np.ones(len(steps))
    jumps[is_gap] = np.round(steps[is_gap] * sfreq)
    return _on_grid(sfreq, jumps, steps, where, first_row)


def measure_bursts(
    times: FloatArray,
    nominal: float | None,
    where: str,
    *,
    usual: Sequence[float] = (),
    counter: FloatArray | None = None,
) -> TimeGrid:
    """Place rows that a radio handed on in bursts, each stamped when it came.

    Rows follow each other at one rate. Stamps tell that rate over all rows, unless they are off
    from the nominal one by less than a late burst at each end; a gap is where they step by more
    than a pause, or where the device's counter does. Where nearly all stamps are even, the device
    made them, and a gap is where one is missing.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Seconds; stamps of one burst may be equal or out of order.
    nominal : float, optional
        The device's rate in Hz.
    where : str
        Name of the file, for errors.
    usual : sequence of float
        Rates that such devices have; one within 3 % is the nominal one, where none is told.
    counter : array of shape (n_rows,), optional
        Number of each sample, which begins again after some, such as 0 to 255. One that does not
        go on evenly is not used.

    Raises
    ------
    ReadError
        If stamps are missing, go back by more than a pause, or gaps are absurdly long.

    Warns
    -----
    RateWarning
        If the nominal rate is more than 1 % off.

    Examples
    --------
    >>> import numpy as np
    >>> stamps = np.repeat(np.arange(100) * 0.05, 12)  # 12 rows every 50 ms
    >>> stamps[600:] += 2.0
    >>> grid = measure_bursts(stamps, 240.0, "a.csv")
    >>> grid.sfreq, grid.positions[[599, 600]].tolist()
    (240.0, [599, 1080])
    """
    steps = np.diff(times)
    bad = np.flatnonzero(~(steps > -PAUSE)) + 1
    if len(times) and not np.isfinite(times[0]):
        bad = np.array([0])
    if len(bad):
        row = int(bad[0])
        raise ReadError(f"{where}: times must ascend, row {row + 1} has {_backwards(times, row)}")
    samples, again = _counted(counter, len(steps))
    is_even, pause = _even_steps(steps)
    is_gap = steps > pause
    n_samples, seconds = float(samples[is_even].sum()), float(steps[is_even].sum())
    near = (one for one in usual if abs(n_samples - seconds * one) < _NEAR * n_samples)
    nominal = nominal or next(near, None)
    if nominal is not None and abs(n_samples / nominal - seconds) < 2 * pause:
        sfreq = nominal
    elif seconds > 0:
        sfreq = _settle(n_samples / seconds, int(n_samples), 0.0, nominal, where)
    else:
        raise ReadError(f"{where}: its clock stands still, so its rate is not known")
    so_far, before = 0.0, 0
    for row in np.flatnonzero(
        is_gap
    ).tolist():  # by the first stamps of two bursts, which lag alike
        so_far += float(samples[before:row].sum())
        missed = (times[row + 1] - times[0]) * sfreq - so_far
        before = row
        if again:  # the clock says how often the counter began again, the counter says the rest
            missed = samples[row] + again * np.round((missed - samples[row]) / again)
        samples[row] = max(np.round(missed), 1)
    return _on_grid(sfreq, samples, steps, where, 0)


def _even_steps(steps: FloatArray) -> tuple[BoolArray, float]:
    """Say which steps tell the rate, and from how many seconds on samples are missing."""
    usual = float(np.median(steps)) if len(steps) else 0.0
    resolution = _resolution(steps[steps <= 1.5 * usual])
    even = np.abs(steps - usual) < 0.25 * usual + resolution
    short = steps <= PAUSE
    if steps[even].sum() > 0.9 * steps[short].sum():
        return even, 1.5 * usual + resolution
    return short, PAUSE


def _counted(counter: FloatArray | None, n_steps: int) -> tuple[FloatArray, float]:
    """Count samples from each row to the next, and those after which the counter begins again."""
    each = np.ones(n_steps)
    if counter is None or n_steps < 2 or not np.isfinite(counter).all() or counter.min() < 0:
        return each, 0.0
    steps = np.diff(counter)
    usual, times = np.unique(steps, return_counts=True)
    step = float(usual[np.argmax(times)])
    if step <= 0 or times.max() < 0.8 * n_steps:
        return each, 0.0
    top = float(counter.max() - counter.min() % step + step)
    return np.maximum(np.round(np.mod(steps, top) / step), 1), top / step


def _backwards(times: FloatArray, row: int) -> str:
    """Say what a row has in place of a time after that of the row before."""
    if not np.isfinite(times[row]):
        return "no time"
    before = f" after {times[row - 1]:.10g} s" if row else ""
    hour = row and abs(times[row] - times[row - 1] + HOUR) < 1
    said = " (an hour back: the end of summer time? Give times in UTC)" if hour else ""
    return f"{times[row]:.10g} s{before}{said}"


def _on_grid(
    sfreq: float, jumps: FloatArray, steps: FloatArray, where: str, first_row: int
) -> TimeGrid:
    """Make the grid on which rows follow each other by so many samples."""
    if (jumps == 1).all():
        return TimeGrid(sfreq)
    if jumps.sum() > MAX_GROWTH * (len(jumps) + 1) + 1e6:
        row = int(np.argmax(steps)) + 1
        raise ReadError(
            f"{where}: gaps in the time column are far longer than the record: {steps.max():.6g} s "
            f"before row {first_row + row + 1}; is its unit right?"
        )
    hours = np.flatnonzero((jumps > 1) & (np.abs(steps - HOUR) < 1))
    if len(hours):
        warnings.warn(
            f"{where}: the clock jumps by an hour before row {first_row + int(hours[0]) + 2}: an "
            "hour without samples is read. If that is the beginning of summer time there was no "
            "pause: give times in UTC",
            RateWarning,
            stacklevel=4,
        )
    return TimeGrid(sfreq, np.concatenate([[0], np.cumsum(jumps).astype(np.int64)]))


def _check_unit(step: float, nominal: float | None, where: str) -> None:
    """Refuse what is most likely a clock in milliseconds, taken for seconds."""
    agrees = nominal is not None and abs(1 / step / nominal - 1) <= TOLERANCE
    if agrees or 1 / step > SLOWEST:
        return
    unit = "ms" if step < 1e3 else "us" if step < 1e6 else "ns"
    name = {"ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}[unit]
    raise ReadError(
        f"{where}: the time column steps by {step:.6g}, which as seconds is {1 / step:.4g} Hz, and "
        f"nothing says what its unit is; if these are {name}: time_unit = '{unit}', if they are "
        "seconds: time_unit = 's', if it counts samples: ignore it and declare sfreq"
    )


def _resolution(steps: FloatArray) -> float:
    """Smallest difference between two steps: 1 ms for a clock in whole milliseconds."""
    different = np.unique(np.round(steps, 9))
    return float(np.diff(different).min()) if len(different) > 1 else 0.0


def _settle(measured: float, n_steps: int, blur: float, nominal: float | None, where: str) -> float:
    if nominal is not None and abs(measured / nominal - 1) > TOLERANCE:
        warnings.warn(
            f"{where}: the time column gives {measured:.6g} Hz, {nominal:g} Hz was declared; "
            f"{measured:.6g} Hz is used",
            RateWarning,
            stacklevel=2,
        )
    # two rates that drift by less than half a sample over the record are one rate to this clock
    slack = 0.5 / n_steps + blur
    for candidate in (nominal, float(round(measured))):
        if candidate and abs(measured / candidate - 1) <= min(slack, TOLERANCE):
            return candidate
    return measured
