"""Readers, one a layout. Adding one is one file here and one line in `READERS`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Literal

from physio_vad._arrays import Progress
from physio_vad.exceptions import ArgumentError
from physio_vad.io.base import Reader, Source, iterate
from physio_vad.io.datasets.amigos import AmigosReader
from physio_vad.io.datasets.case import CaseReader
from physio_vad.io.datasets.ceap360vr import CeapReader
from physio_vad.io.datasets.deap import DeapReader
from physio_vad.io.datasets.dreamer import DreamerReader
from physio_vad.io.datasets.hku956 import Hku956Reader
from physio_vad.io.datasets.mahnob import MahnobReader
from physio_vad.io.datasets.wesad import WesadReader
from physio_vad.io.devices.acq import AcqReader
from physio_vad.io.devices.acqknowledge import AcqKnowledgeReader
from physio_vad.io.devices.base import DeviceReader, MarkedReader
from physio_vad.io.devices.bids import BidsReader
from physio_vad.io.devices.e4 import E4Reader
from physio_vad.io.devices.embraceplus import EmbracePlusReader
from physio_vad.io.devices.emotiv import EmotivReader
from physio_vad.io.devices.garmin import GarminReader
from physio_vad.io.devices.labchart import LabChartReader
from physio_vad.io.devices.live import LiveReader
from physio_vad.io.devices.mne_files import MneReader
from physio_vad.io.devices.muse import MuseReader
from physio_vad.io.devices.openbci import OpenBciReader
from physio_vad.io.devices.opensignals import OpenSignalsReader
from physio_vad.io.devices.polar import PolarReader
from physio_vad.io.devices.shimmer import ShimmerReader
from physio_vad.io.devices.wfdb import WfdbReader
from physio_vad.io.devices.xdf import XdfReader
from physio_vad.io.tables.column_roles import Column
from physio_vad.io.tables.eleven_column import ElevenColumnReader
from physio_vad.io.tables.layout import TableReader
from physio_vad.io.writer import write_eleven_column
from physio_vad.recording.recording import Recording
from physio_vad.registry import Registry

__all__ = [
    "READERS",
    "AcqKnowledgeReader",
    "AcqReader",
    "AmigosReader",
    "BidsReader",
    "CaseReader",
    "CeapReader",
    "Column",
    "DeapReader",
    "DeviceReader",
    "DreamerReader",
    "E4Reader",
    "ElevenColumnReader",
    "EmbracePlusReader",
    "EmotivReader",
    "GarminReader",
    "Hku956Reader",
    "LabChartReader",
    "LiveReader",
    "MahnobReader",
    "MarkedReader",
    "MneReader",
    "MuseReader",
    "OpenBciReader",
    "OpenSignalsReader",
    "PolarReader",
    "Reader",
    "ShimmerReader",
    "Source",
    "TableReader",
    "WesadReader",
    "WfdbReader",
    "XdfReader",
    "iter_recordings",
    "read_recordings",
    "write_eleven_column",
]

READERS: Registry[type[Reader]] = Registry(
    "layout",
    __name__,
    {
        reader.name: reader
        for reader in (
            ElevenColumnReader,
            TableReader,
            MneReader,
            E4Reader,
            OpenSignalsReader,
            XdfReader,
            AcqReader,
            LiveReader,
            MuseReader,
            OpenBciReader,
            EmotivReader,
            ShimmerReader,
            PolarReader,
            GarminReader,
            EmbracePlusReader,
            AcqKnowledgeReader,
            LabChartReader,
            WfdbReader,
            BidsReader,
            # `recognise` tries the last first: data sets before the devices they were made with
            DeapReader,
            DreamerReader,
            AmigosReader,
            CaseReader,
            WesadReader,
            MahnobReader,
            CeapReader,
            Hku956Reader,
        )
    },
)
"""The reader of each layout; what its constructor takes are the layout's options."""


def read_recordings(
    path: str | os.PathLike[str],
    layout: str | Reader = "eleven-column",
    *,
    on_error: Literal["raise", "skip"] = "raise",
    subjects: int | Sequence[str] | None = None,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> list[Recording]:
    """Read all recordings of a file or folder.

    Parameters
    ----------
    path : path
        File or folder.
    layout : str or Reader
        Name of a layout with its usual options, or a reader such as
        ``ElevenColumnReader(sfreq=128.0)``.
    on_error : {"raise", "skip"}
        What to do about a file that cannot be read: stop, or leave it out with a `SkippedWarning`.
    subjects : int or sequence of str, optional
        Only the first so many people, or those named.
    minutes : float, optional
        Only the first minutes of each recording.
    progress : callable, optional
        Called as ``progress(name, done, total)`` after each file.

    Returns
    -------
    list of Recording
        In natural order of the files: S2 before S10.

    Raises
    ------
    ReadError
        If there is no such file, nothing there has this layout, or a file is bad: names file,
        place, value and remedy.
    ArgumentError
        If an argument or an option of the layout cannot be.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from physio_vad import Ratings, Recording, Signal
    >>> gsr = Signal(np.full(2500, 2.5), sfreq=250.0, unit="uS")
    >>> anna = Recording("anna", {"gsr": gsr}, Ratings.constant({"valence": 6.0}))
    >>> reader = ElevenColumnReader(
    ...     columns={"GSR": {"modality": "eda", "unit": "uS"}}, labels=["valence"]
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_eleven_column([anna], folder)
    ...     read_recordings(folder, reader)
    [<Recording anna/1: eda at 250 Hz, 10 s>]
    """
    return list(
        iter_recordings(
            path,
            layout,
            on_error=on_error,
            subjects=subjects,
            minutes=minutes,
            progress=progress,
        )
    )


def iter_recordings(
    path: str | os.PathLike[str],
    layout: str | Reader = "eleven-column",
    *,
    on_error: Literal["raise", "skip"] = "raise",
    subjects: int | Sequence[str] | None = None,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> Iterator[Recording]:
    """Read recordings one at a time; the arguments are those of `read_recordings`.

    Returns
    -------
    iterator of Recording
        It gives one at a time; nothing holds on to those before it.
    """
    if isinstance(layout, str):
        layout = READERS.find(layout)()
    if not isinstance(layout, Reader):
        raise ArgumentError(f"layout must be a name or a Reader, got {layout!r}")
    return iterate(
        layout,
        path,
        on_error=on_error,
        subjects=subjects,
        minutes=minutes,
        progress=progress,
    )
