"""Everything that is pushed, on disk as it comes: a kill loses the last second at most."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from physio_vad.atomic import replacing
from physio_vad.exceptions import ArgumentError
from physio_vad.features.inputs import Input
from physio_vad.io.devices.live import NOTE, frame

FLUSH = 0.5
"""Seconds after which what was pushed is handed to the disk."""


class Recorder:
    """Appends chunks to one file a sensor, which the layout ``"live"`` reads as a recording.

    Parameters
    ----------
    folder : path
        Made if it is not there; must hold no recording.
    sensors : iterable of Input
        What will be pushed.
    subject, trial : str
        Who is recorded.

    Raises
    ------
    ArgumentError
        If the folder already holds a recording.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        sensors: Iterable[Input],
        *,
        subject: str = "live",
        trial: str = "1",
    ) -> None:
        self.folder = Path(folder)
        if (self.folder / NOTE).exists():
            raise ArgumentError(f"{self.folder}: holds a recording; give a new folder")
        self.sensors = {one.modality: one for one in sensors}
        note = {
            "subject": subject,
            "trial": trial,
            "start_time": time.time(),
            "sensors": [asdict(one) for one in self.sensors.values()],
        }
        with replacing(self.folder / NOTE) as temporary:
            temporary.write_text(json.dumps(note, indent=1), encoding="utf-8")
        self._files: dict[str, BinaryIO] = {
            name: (self.folder / f"{name}.samples").open("ab") for name in self.sensors
        }
        self._flushed = time.monotonic()

    def push(self, modality: str, samples: npt.ArrayLike, times: npt.ArrayLike) -> None:
        """Append a chunk.

        Parameters
        ----------
        modality : str
            Which sensor.
        samples : array of shape (n_channels, n_samples) or (n_samples,)
            Values; or of shape (n_events,).
        times : float or array
            Stamp of the first sample, or of each event, in seconds.
        """
        values = np.atleast_2d(np.asarray(samples, dtype="<f8"))
        stamps = np.atleast_1d(np.asarray(times, dtype="<f8"))
        self._files[modality].write(frame(values, stamps))
        if time.monotonic() - self._flushed > FLUSH:
            self.flush()

    def flush(self) -> None:
        """Hand everything to the system, so that it survives the end of this process."""
        for file in self._files.values():
            file.flush()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Write the rest and close the files."""
        for file in self._files.values():
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
