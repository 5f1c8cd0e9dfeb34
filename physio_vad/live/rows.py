"""Rows of features from what is in the buffers, several windows at once where the delay allows.

A preparation (filters, events) of a modality holds for the windows that end so long before its last
sample as the modality looks ahead; and, where several end within `REFRESH` and the delay, for
those: they see so much less of what comes after them, never less than a step. The rows of all these
windows are computed in one go, since calls cost more than numbers do. Modalities take turns, so
that no update pays for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.dsp.polarity import polarity_of
from physio_vad.exceptions import ArgumentError
from physio_vad.features.inputs import Input
from physio_vad.features.long_recordings import SETTLINGS
from physio_vad.live.binding import make_buffer, pieces
from physio_vad.live.buffer import EventBuffer, SampleBuffer
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.clean import CLIP_REACH, CleanSignal
from physio_vad.recording.recording import Events, Signal

Buffers = Mapping[str, SampleBuffer | EventBuffer]

REUSE = 2.0
"""Seconds beyond settling that delay="settling" waits, so that a preparation serves for so long."""

REFRESH = 1.0
"""Seconds within which the windows begin that share a preparation which is not settled."""

LONGEST = 5.0
"""Seconds for which one serves in any case, so that no update pays for many windows."""

SPARE = 30.0
"""Seconds that are kept beyond what the preparation looks at: gaps, and sensors out of step."""


def reach_around(modality: AnyModality) -> float:
    """Count the seconds of good signal on both sides that a row depends on at most.

    Parameters
    ----------
    modality : Modality
        Any.
    """
    return SETTLINGS * modality.settling + 1 + (CLIP_REACH if modality.clips else 0.0)


def settling_of(modalities: Iterable[AnyModality]) -> float:
    """Count the seconds of delay from which on rows equal those of the batch.

    Parameters
    ----------
    modalities : iterable of Modality
        Those of the rows.
    """
    return REUSE + max(map(reach_around, modalities))


def reach_before(modality: AnyModality, delay: float) -> float:
    """Count the seconds of good signal before a row that are prepared with it.

    One settling where the delay is shorter than what rows depend on: a second one would move them
    by 1e-8 of their range at most, what is cut off after them moves them by a hundredth.

    Parameters
    ----------
    modality : Modality
        Any.
    delay : float
        Seconds of signal after the row.
    """
    whole = reach_around(modality)
    return whole if delay >= whole else whole - (SETTLINGS - 1) * modality.settling


def n_sharing(modality: AnyModality, delay: float, step: float) -> int:
    """Count the windows, a step apart, that one preparation serves.

    Parameters
    ----------
    modality : Modality
        Any.
    delay, step : float
        Seconds of signal after the first of them, and between two.
    """
    settled = min(delay - reach_around(modality), LONGEST)
    if settled >= 0:
        return 1 + int(settled / step + 1e-9)
    return max(math.ceil(min(REFRESH, delay) / step - 1e-9), 1)


@dataclass(frozen=True)
class Timing:
    """When windows begin and end.

    Parameters
    ----------
    origin, length, step : float
        Start of the first window, length, and seconds between two.
    delay : float
        Seconds of signal after a window that are waited for.
    """

    origin: float
    length: float
    step: float
    delay: float

    def windows(self, numbers: IntArray) -> tuple[FloatArray, FloatArray]:
        """Give starts and stops in seconds of the windows with these numbers, from 0."""
        starts: FloatArray = self.origin + self.step * numbers.astype(np.float64)
        return starts, starts + self.length


class LiveRows:
    """Buffers of the sensors, and the rows that modalities make of them.

    Parameters
    ----------
    modalities : sequence of Modality
        What is computed.
    sensors : mapping of str to Input
        What is pushed, by modality; others than those of `modalities` may be looked at.
    columns : sequence of str
        Columns of a row.
    length : float
        Length of a window in seconds.
    delay : float or "settling"
        Seconds of signal after a window that are waited for.
    jitter : float
        Seconds by which time stamps may be off without a sample being lost.

    Attributes
    ----------
    settling : float
        Delay in seconds from which on rows equal those of the batch.
    warm_up : float
        Seconds that features look back before a window's end at most.
    buffers : dict of str to SampleBuffer or EventBuffer
        By modality.
    """

    def __init__(
        self,
        modalities: Sequence[AnyModality],
        sensors: Mapping[str, Input],
        columns: Sequence[str],
        *,
        length: float,
        delay: float | Literal["settling"],
        jitter: float = 0.0,
    ) -> None:
        self._made = partial(
            LiveRows, modalities, sensors, columns, length=length, delay=delay, jitter=jitter
        )
        self.settling = settling_of(modalities)
        self.delay = self.settling if delay == "settling" else float(delay)
        if not 0 <= self.delay < np.inf:
            raise ArgumentError(f"delay must be 0 or more, or 'settling', got {delay!r}")
        self.warm_up = max([length, *(one.reach for one in modalities)])
        flat = max(one.flat for one in modalities)
        look_back = self.warm_up + self.settling + flat + SPARE
        kept = look_back + self.delay
        self.buffers = {name: make_buffer(one, kept, jitter) for name, one in sensors.items()}
        self.modalities = [
            LiveModality(one, self.buffers, columns, look_back, turn / len(modalities))
            for turn, one in enumerate(modalities, start=1)
        ]
        self._n_columns = len(columns)

    def push(
        self, name: str, samples: npt.ArrayLike, times: float | npt.ArrayLike | None = None
    ) -> None:
        """Take samples in, as of `Stream.push`.

        Parameters
        ----------
        name : str
            Which sensor.
        samples : array of shape (n_channels, n_samples) or (n_samples,)
            Values.
        times : float or array of shape (n_samples,), optional
            Stamp of the first sample, or of each.
        """
        buffer = self.buffers[name]
        if isinstance(buffer, EventBuffer):
            buffer.push(samples, np.empty(0) if times is None else times)
        elif times is None or np.ndim(times) == 0:
            buffer.push(samples, None if times is None else float(np.asarray(times)))
        else:
            for part, stamp in pieces(buffer, samples, np.asarray(times, dtype=np.float64)):
                buffer.push(part, stamp)

    def row(self, number: int, timing: Timing) -> FloatArray:
        """Compute the features of one window, NaN where a sensor gave nothing.

        Parameters
        ----------
        number : int
            Number of the window.
        timing : Timing
            When windows are.

        Returns
        -------
        array of shape (n_columns,)
            The row.
        """
        row = np.full(self._n_columns, np.nan)
        for one in self.modalities:
            one.fill(row, number, timing)
        return row

    def copy(self) -> LiveRows:
        """Make the same without any samples."""
        return self._made()

    def alone(
        self, start: float, stop: float, *, number: int = 0, step: float = REFRESH
    ) -> FloatArray:
        """Compute one window by a preparation of its own.

        Parameters
        ----------
        start, stop : float
            Seconds.
        number, step : int and float
            Where a stream with that step makes windows share a preparation, the modalities see as
            much after this one as after one of them, another for each number.

        Returns
        -------
        array of shape (n_columns,)
            The row.
        """
        row = np.full(self._n_columns, np.nan)
        for at, one in enumerate(self.modalities, start=number):
            place = at % n_sharing(one.modality, self.delay, step)
            one.fill_alone(row, start, stop, self.delay - step * place)
        return row


class LiveModality:
    """One modality of a model, computed as its windows fall due.

    Parameters
    ----------
    modality : Modality
        Computes the features.
    buffers : mapping of str to buffer
        All sensors; the modality may look at others.
    columns : sequence of str
        Columns of the whole row.
    look_back : float
        Seconds before a window's end that the buffers keep.
    turn : float
        In (0, 1]: share of its time for which the first preparation holds.
    """

    def __init__(
        self,
        modality: AnyModality,
        buffers: Buffers,
        columns: Sequence[str],
        look_back: float,
        turn: float = 1.0,
    ) -> None:
        self.modality, self.buffers, self.look_back = modality, buffers, look_back
        sensor = buffers[modality.name].sensor
        place = {column: number for number, column in enumerate(columns)}
        names = modality.columns(sensor.channels or ("0",))
        self._from = [number for number, name in enumerate(names) if name in place]
        self._to = [place[names[number]] for number in self._from]
        self._turn = turn
        self._first, self._rows = 0, np.empty((0, len(self._to)))
        self.prepared: list[Any] = []  # the newest, as `Modality.prepare_all` returned it
        self._votes = np.zeros((1, 2))  # since the beginning, on which way up channels are

    def fill(self, row: FloatArray, number: int, timing: Timing) -> None:
        """Write the features of one window into a row.

        Parameters
        ----------
        row : array of shape (n_columns,)
            Written to.
        number : int
            Number of the window.
        timing : Timing
            When windows are.
        """
        if not self._first <= number < self._first + len(self._rows):
            n_rows = n_sharing(self.modality, timing.delay, timing.step)
            n_rows, self._turn = math.ceil(n_rows * self._turn), 1.0
            windows = timing.windows(number + np.arange(n_rows))
            self._first, self._rows = number, self._computed(*windows, timing.delay)
        row[self._to] = self._rows[number - self._first]

    def fill_alone(self, row: FloatArray, start: float, stop: float, delay: float) -> None:
        """Write the features of one window into a row, as if there were no others.

        Parameters
        ----------
        row : array of shape (n_columns,)
            Written to.
        start, stop, delay : float
            Window and delay in seconds.
        """
        row[self._to] = self._computed(np.array([start]), np.array([stop]), delay)[0]

    def _computed(self, starts: FloatArray, stops: FloatArray, delay: float) -> FloatArray:
        """Compute windows from the samples that there are when the first falls due."""
        modality = self.modality
        margin = reach_before(modality, delay) + modality.flat
        begin, end = min(starts[0], stops[0] - modality.reach) - margin, stops[0] + delay
        furthest = stops[0] - self.look_back
        buffer = self.buffers[modality.name]
        clean = self._clean(furthest if isinstance(buffer, EventBuffer) else begin, end)
        if clean is not None and _has_gaps(clean, starts[0]):  # settling counts good signal only
            begin = furthest
            clean = self._clean(begin, end)
        if clean is None:
            return np.full((len(starts), len(self._to)), np.nan)
        others = _Others(self.buffers, modality.name, begin, end)
        self.prepared = modality.prepare_all(clean, others)
        block = modality.measure(clean, self.prepared, starts, stops)
        self._votes = self._votes + block.votes
        ways = [
            tuple(
                known or polarity_of(one, modality.turned)
                for known, one in zip(clean.polarity or (0,) * len(votes), votes, strict=True)
            )
            for votes in (block.votes, self._votes)
        ]
        if block.votes.any() and ways[0] != ways[1]:  # the past knows better
            clean = replace(clean, polarity=ways[1])
            self.prepared = modality.prepare_all(clean, others)
            block = modality.measure(clean, self.prepared, starts, stops)
        return block.values[:, self._from]

    def _clean(self, begin: float, end: float) -> CleanSignal | None:
        signal = self.buffers[self.modality.name].signal(begin, end)
        return self.modality.clean(signal) if signal is not None and len(signal.times) else None


def _has_gaps(clean: CleanSignal, before: float) -> bool:
    n_samples = max(int((before - clean.start) * clean.sfreq), 0) if clean.n_samples else 0
    return bool(clean.bad[:, :n_samples].any())


class _Others(Mapping[str, Signal | Events]):
    """The other sensors over a stretch, cut when they are asked for."""

    def __init__(self, buffers: Buffers, without: str, begin: float, end: float) -> None:
        self._buffers, self._without, self._stretch = buffers, without, (begin, end)

    def __getitem__(self, name: str) -> Signal | Events:
        found = None if name == self._without else self._buffers[name].signal(*self._stretch)
        if found is None or len(found.times) == 0:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._buffers if name in self)

    def __contains__(self, name: object) -> bool:
        try:
            self[str(name)]
        except KeyError:
            return False
        return True

    def __len__(self) -> int:
        return sum(1 for _ in self)
