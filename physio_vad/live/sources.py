"""Where samples come from: a source says its sensors and gives chunks as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.features.inputs import Input, inputs_of
from physio_vad.io import read_recordings
from physio_vad.io.base import Reader
from physio_vad.recording.recording import Events, Recording


@dataclass(frozen=True, eq=False)
class Chunk:
    """Samples of one sensor.

    Parameters
    ----------
    modality : str
        Which sensor.
    samples : array of shape (n_channels, n_samples), or (n_events,)
        Values.
    times : float or array of shape (n_events,)
        Stamp of the first sample, or of each event, in seconds.
    """

    modality: str
    samples: FloatArray
    times: float | FloatArray


@dataclass(frozen=True, eq=False)
class Replay:
    """A recording, given again as it was recorded.

    Parameters
    ----------
    recording : Recording
        What is replayed.
    speed : float
        Seconds of the recording a second of the wall clock; infinite for as fast as it goes.
    chunk : float
        Seconds of a chunk.

    Raises
    ------
    ArgumentError
        If `speed` or `chunk` is not above 0.
    """

    recording: Recording
    speed: float = 1.0
    chunk: float = 0.2

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise ArgumentError(f"speed must be above 0, got {self.speed!r}")
        if not 0 < self.chunk < np.inf:
            raise ArgumentError(f"chunk must be above 0 s, got {self.chunk!r}")

    @property
    def sensors(self) -> tuple[Input, ...]:
        """What it gives, with the names of all channels."""
        return inputs_of([self.recording])

    def __iter__(self) -> Iterator[Chunk]:
        began = time.monotonic()
        first, last = self.recording.start, self.recording.stop
        for number in range(int(np.ceil((last - first) / self.chunk)) + 1):
            begin, end = (first + (number + more) * self.chunk for more in (0, 1))
            wait = (end - first) / self.speed - (time.monotonic() - began)
            if wait > 0:
                time.sleep(wait)
            for name, signal in self.recording.signals.items():
                part = signal.crop(begin, end)
                if isinstance(part, Events):
                    if len(part.times):
                        yield Chunk(name, part.values, part.times)
                elif part.n_samples:
                    yield Chunk(name, part.values, part.start)


@runtime_checkable
class LiveSource(Protocol):
    """Anything that says its sensors and gives chunks, or None where there is nothing new."""

    @property
    def sensors(self) -> tuple[Input, ...]:
        """What it gives."""
        ...

    def __iter__(self) -> Iterator[Chunk | None]: ...


def open_source(
    text: str,
    *,
    layout: str | Reader = "eleven-column",
    speed: float = 1.0,
    wanted: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
) -> LiveSource:
    """Open a source by its text on the command line.

    Parameters
    ----------
    text : str
        ``replay:FILE``, of which the first recording is taken, or ``lsl:NAME``, several names with
        commas between them.
    layout : str or Reader
        How the file is read.
    speed : float
        As of `Replay`.
    wanted : sequence of str
        Modalities that streams are waited for.
    units : mapping of str to str, optional
        By modality, the unit of streams that do not say theirs.

    Returns
    -------
    LiveSource
        The source.

    Raises
    ------
    ArgumentError
        If the text names no kind of source.
    """
    kind, _, where = text.partition(":")
    if kind not in ("replay", "lsl") or not where:
        raise ArgumentError(f"source must be replay:FILE or lsl:NAME, got {text!r}")
    if kind == "replay":
        return Replay(read_recordings(where, layout)[0], speed)
    from physio_vad.live.lsl import LSLSource  # it needs an extra

    return LSLSource(where.split(","), wanted=wanted, units=units)
