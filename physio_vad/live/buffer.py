"""The last seconds of one sensor on an even grid; what was lost is NaN."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.features.inputs import Input
from physio_vad.io.devices.live import LONGEST_GAP
from physio_vad.recording.recording import Events, Signal

FOLLOW = 0.1
"""Share of a deviation between time stamps and sample count that a chunk corrects."""


class SampleBuffer:
    """The last samples of a sensor with a constant rate.

    Memory is taken once, twice what is kept, so that the newest samples always lie in one piece.

    Parameters
    ----------
    sensor : Input
        With its rate.
    seconds : float
        How much is kept at least.
    grid : int
        The oldest sample that is given has a multiple of this as its number.
    jitter : float
        Seconds by which time stamps may be off without a sample being lost.

    Attributes
    ----------
    n_lost, n_late : int
        Samples that never came, and those that came again or too late to be kept.
    n_jumps : int
        Times the clock of the source jumped.
    """

    def __init__(self, sensor: Input, seconds: float, grid: int = 1, jitter: float = 0.0) -> None:
        if sensor.sfreq is None or not sensor.sfreq > 0:
            raise ArgumentError(
                f"{sensor.modality}: a live sensor needs its sampling rate in Hz, got "
                f"{sensor.sfreq!r}"
            )
        self.sensor, self.sfreq, self.grid = sensor, float(sensor.sfreq), grid
        self.tolerance = max(0.5 / self.sfreq, 2 * jitter)  # the first stamp may be off, too
        self.n_kept = int(np.ceil(seconds * self.sfreq)) + grid
        self.values = np.full((max(len(sensor.channels), 1), 2 * self.n_kept), np.nan)
        self.first = self.next = 0  # numbers of the oldest sample kept and of the one to come
        self.origin: float | None = None  # time of sample 0
        self.clock = 0.0  # what is added to the stamps after the clock has jumped back or far
        self._astray: tuple[float, FloatArray] | None = None  # a chunk that is much too late
        self.moved = 0.0
        self.n_lost = self.n_late = self.n_jumps = 0

    @property
    def newest(self) -> float:
        """Time after the newest sample in seconds, minus infinity before the first."""
        return -np.inf if self.origin is None else self.origin + self.next / self.sfreq

    @property
    def drift(self) -> float:
        """Parts per million by which the source's stamps run ahead of its samples."""
        return 1e6 * self.moved / max(self.next / self.sfreq, 1.0)

    def push(self, samples: npt.ArrayLike, time: float | None = None) -> None:
        """Take samples in.

        Parameters
        ----------
        samples : array of shape (n_channels, n_samples) or (n_samples,)
            In the sensor's unit, NaN where the source knows that it lost some.
        time : float, optional
            Stamp of the first sample in seconds; by default it follows the one before.
        """
        values = np.atleast_2d(np.asarray(samples, dtype=np.float64))
        if values.ndim != 2 or len(values) != len(self.values):
            raise ArgumentError(
                f"{self.sensor.modality}: samples must have shape ({len(self.values)}, n_samples), "
                f"got {np.shape(samples)}"
            )
        if time is not None and not np.isfinite(time):
            raise ArgumentError(f"{self.sensor.modality}: time must be finite, got {time!r}")
        if values.shape[1] == 0:
            return
        if self.origin is None:
            self.origin = 0.0 if time is None else float(time)
        number = self.next if time is None else self._number(time, values)
        before, self._astray = self._astray, None
        if time is not None and number + values.shape[1] <= self.first:
            if not self._goes_on(before, time):
                self._astray = float(time), values
                self.n_late += values.shape[1]
                return
            number = self.next
        for begin in range(0, values.shape[1], self.n_kept):
            self._write(number + begin, values[:, begin : begin + self.n_kept])

    def _number(self, time: float, values: FloatArray) -> int:
        """Find the number of the first sample of a chunk by its time stamp."""
        apart = time + self.clock - self.newest
        if abs(apart) <= self.tolerance:
            if abs(apart) > 1e-6:  # the clocks differ: follow slowly
                self.origin = float(self.origin or 0.0) + FOLLOW * apart
                self.moved += FOLLOW * apart
            return self.next
        number = self.next + round(apart * self.sfreq)
        if apart > LONGEST_GAP or (apart < 0 and not self._belongs(number, values)):
            self.clock -= apart
            self.n_jumps += 1
            return self.next
        return number

    def _goes_on(self, before: tuple[float, FloatArray] | None, time: float) -> bool:
        """Tell a clock that was set far back from a chunk that is much too late.

        The former goes on: a second chunk follows the first, which is then taken in.
        """
        if before is None:
            return False
        begin, first = before
        if abs(begin + first.shape[1] / self.sfreq - time) > self.tolerance:
            return False
        self.n_late -= first.shape[1]
        self.n_jumps += 1
        self.clock = self.newest - begin
        self._write(self.next, first)
        return True

    def _belongs(self, number: int, values: FloatArray) -> bool:
        """Whether samples stamped in the past came late or again; else the clock went back."""
        if number < self.first:
            return True
        there = self.values[:, number - self.first : self.next - self.first]
        both = values[:, : there.shape[1]]
        there = there[:, : both.shape[1]]
        known = np.isfinite(there) & np.isfinite(both)
        return bool((there[known] == both[known]).all())

    def _write(self, number: int, values: FloatArray) -> None:
        stop = number + values.shape[1]
        if stop <= self.first:
            self.n_late += values.shape[1]
            return
        if number < self.first:
            self.n_late += self.first - number
            values, number = values[:, self.first - number :], self.first
        self._make_room(max(stop, self.next))
        if number < self.first:
            values, number = values[:, self.first - number :], self.first
        if number > self.next:
            self.n_lost += number - self.next
            self.values[:, max(self.next - self.first, 0) : number - self.first] = np.nan
        old = min(stop, self.next) - number
        if old > 0:
            place = self.values[:, number - self.first : number - self.first + old]
            was_lost = np.isnan(place).all(axis=0)
            self.n_lost -= int(was_lost.sum())
            self.n_late += int((~was_lost).sum())
        self.values[:, number - self.first : stop - self.first] = values
        self.next = max(stop, self.next)

    def _make_room(self, stop: int) -> None:
        """Move the newest samples to the front if those up to `stop` would not fit."""
        if stop - self.first <= self.values.shape[1]:
            return
        first = max(stop - self.n_kept, self.first)
        first -= first % self.grid
        n_old = max(self.next - first, 0)
        if n_old:
            self.values[:, :n_old] = self.values[:, first - self.first :][:, :n_old].copy()
        self.values[:, n_old:] = np.nan
        self.first = first

    def signal(self, begin: float, end: float) -> Signal | None:
        """Give the samples of a stretch as a view, from a multiple of the grid on.

        Parameters
        ----------
        begin, end : float
            Seconds.

        Returns
        -------
        Signal or None
            None before the first sample.
        """
        if self.origin is None:
            return None
        first, last = (
            int(np.clip(np.ceil((time - self.origin) * self.sfreq - 1e-6), self.first, self.next))
            for time in (begin, end)
        )
        first = max(first - first % self.grid, self.first)
        start = self.origin + first / self.sfreq
        values = self.values[:, first - self.first : max(last, first) - self.first]
        return Signal(values, self.sfreq, self.sensor.unit, self.sensor.channels, start)


class EventBuffer:
    """The last events of a sensor that gives them at times of their own.

    Parameters
    ----------
    sensor : Input
        Without a rate.
    seconds : float
        How much is kept.
    """

    def __init__(self, sensor: Input, seconds: float) -> None:
        self.sensor, self.seconds = sensor, seconds
        self.times, self.values = np.empty(0), np.empty(0)
        self.n_lost = self.n_late = self.n_jumps = 0
        self.drift = 0.0

    @property
    def origin(self) -> float | None:
        """Time of the oldest event kept."""
        return float(self.times[0]) if len(self.times) else None

    @property
    def newest(self) -> float:
        """Time of the newest event in seconds, minus infinity before the first."""
        return float(self.times[-1]) if len(self.times) else -np.inf

    def push(self, samples: npt.ArrayLike, times: npt.ArrayLike) -> None:
        """Take events in: values and times, both of shape (n_events,)."""
        values = np.asarray(samples, dtype=np.float64).ravel()
        stamps = np.asarray(times, dtype=np.float64).ravel()
        if values.shape != stamps.shape:
            raise ArgumentError(
                f"{self.sensor.modality}: events need a time each, got {values.shape} values and "
                f"{stamps.shape} times"
            )
        again = np.isin(stamps, self.times)
        self.n_late += int(again.sum())
        stamps = np.concatenate([self.times, stamps[~again]])
        values = np.concatenate([self.values, values[~again]])
        order = np.argsort(stamps, kind="stable")
        order = order[stamps[order] >= (stamps.max() if len(stamps) else 0.0) - self.seconds]
        self.times, self.values = stamps[order], values[order]

    def signal(self, begin: float, end: float) -> Events | None:
        """Give the events of a stretch, with one more before it."""
        if not len(self.times):
            return None
        first, last = np.searchsorted(self.times, [begin, end])
        which = slice(max(int(first) - 1, 0), int(last))
        return Events(self.times[which], self.values[which], self.sensor.unit)
