"""Which layout a folder has, by reading of it, and what was seen there."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physio_vad.exceptions import (
    ArgumentError,
    MissingExtraError,
    PhysioVadError,
    PhysioVadWarning,
    UnknownChannelsError,
)
from physio_vad.io import READERS, MarkedReader, Reader
from physio_vad.io.base import Source, read_source
from physio_vad.recording.recording import Recording, Signal

_TRIED = 3
"""So many recordings are tried before a layout is said not to be that of the files."""
_LARGE = 2**28
"""Bytes from which on a file is not read only to see whether it can be."""
_MOST_NAMED = 5


@dataclass(frozen=True)
class Recognised:
    """A layout that fits.

    Parameters
    ----------
    reader : Reader
        Of the layout, with the options that fit.
    sources : list of Source
        What it finds.
    recording : Recording, optional
        The first half minute of one of them, where one was read.
    remarks : list of str
        What was warned of meanwhile.
    is_sure : bool
        False where no channel is known, so that the files may be of another layout after all.
    """

    reader: Reader
    sources: list[Source]
    recording: Recording | None
    remarks: list[str]
    is_sure: bool = True

    def notes(self) -> list[str]:
        """Write what was seen in lines: people, an example, ratings, and what was warned of."""
        people = list(dict.fromkeys(one.subject for one in self.sources if one.subject))
        told = []
        if people:
            named = ", ".join(people[:_MOST_NAMED]) + ", ..." * (len(people) > _MOST_NAMED)
            many = f"{len(people)} people" if len(people) > 1 else "One person"
            told.append(f"{many}, by the names of folders, files or rows: {named}")
        if self.recording is not None:
            told.append(f"{self.recording.subject}, as an example: {_signals(self.recording)}.")
            told.append(self._ratings(self.recording))
        return [*told, *self.remarks]

    def _ratings(self, recording: Recording) -> str:
        if recording.ratings is not None:
            return f"Rated: {', '.join(recording.targets)}."
        if not isinstance(self.reader, MarkedReader):
            return "No ratings were found: there will be features, but nothing to predict."
        return (
            f"No ratings were found: a table {self.reader.ratings} beside, with the columns subject"
            " (as named above), trial where there are several, and one for each rating, is read."
        )


def find_layout(path: Path, doubts: list[str] | None = None) -> Recognised | None:
    """Find a layout with files of its own that has some there, and can read one.

    Readers that were registered last are tried first.

    Parameters
    ----------
    path : Path
        File or folder of recordings.
    doubts : list of str, optional
        Gets a line for each layout that has files of these names but cannot read them.
    """
    known = [reader for reader in READERS.values() if reader.distinctive]
    unsure: Recognised | None = None
    for reader in (one for cls in reversed(known) for one in _made(cls)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", PhysioVadWarning)
            try:
                sources = reader.find(path)
            except (PhysioVadError, OSError, ValueError):
                continue
            recording, fault = _read_one(reader, sources)
        if fault is None:
            remarks = dict.fromkeys(str(one.message) for one in caught)
            return Recognised(reader, sources, recording, list(remarks))
        if isinstance(fault, UnknownChannelsError):
            unsure = unsure or Recognised(reader, sources, None, [str(fault)], is_sure=False)
        if doubts is not None:
            doubts.append(f"no {reader.name}: {fault}")
    return unsure


def recognise(path: Path) -> Reader | None:
    """Return a reader of the layout that a file or folder has; None if there is none."""
    found = find_layout(path)
    return None if found is None else found.reader


def _made(cls: type[Reader]) -> list[Reader]:
    try:
        return cls.candidates()
    except (PhysioVadError, TypeError):
        return []  # it needs options that nobody knows yet


def _read_one(reader: Reader, sources: Sequence[Source]) -> tuple[Recording | None, object]:
    """Read a recording; say what is wrong if none of the first can be read."""
    fault: object = "finds nothing"
    for source in sources[:_TRIED]:
        if source.files[0].is_file() and source.files[0].stat().st_size > _LARGE:
            return None, None
        try:
            return next(read_source(reader, source, minutes=0.5), None), None
        except (ArgumentError, MissingExtraError):
            return None, None  # it is this layout, and needs to be told more
        except PhysioVadError as error:
            fault = error
    return None, fault


def _signals(recording: Recording) -> str:
    told = []
    for name, one in recording.signals.items():
        if isinstance(one, Signal):
            many = f", {one.n_channels} channels" if one.n_channels > 1 else ""
            told.append(f"{name} ({one.unit}, {one.sfreq:.6g} Hz{many})")
        else:
            told.append(f"{name} (events in {one.unit})")
    return ", ".join(told)
