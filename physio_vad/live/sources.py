"""Where samples come from: a source says its sensors and gives chunks as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

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


def open_source(text: str, *, layout: str | Reader = "eleven-column", speed: float = 1.0) -> Replay:
    """Open a source by its text on the command line.

    Parameters
    ----------
    text : str
        ``replay:FILE``; of several recordings the first is taken.
    layout : str or Reader
        How the file is read.
    speed : float
        As of `Replay`.

    Returns
    -------
    Replay
        The source.

    Raises
    ------
    ArgumentError
        If the text names no kind of source.
    """
    kind, _, where = text.partition(":")
    if kind != "replay" or not where:
        raise ArgumentError(f"source must be replay:FILE, got {text!r}")
    return Replay(read_recordings(where, layout)[0], speed)
