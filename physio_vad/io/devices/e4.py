"""Empatica E4 exports: a folder or a zip a person."""

from __future__ import annotations

import io
import itertools
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import (
    ArgumentError,
    GroupsWarning,
    RatingsWarning,
    ReadError,
    RecordingError,
    SkippedWarning,
)
from physio_vad.io.base import Reader, Source, natural, one_name_each
from physio_vad.io.formats.archive import Archive, open_archive
from physio_vad.io.formats.budget import metered
from physio_vad.io.rating_tables import Blocks, read_blocks
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.open import suffix_of
from physio_vad.io.tables.text import TextTable
from physio_vad.recording.recording import Events, Recording, Signal


@dataclass(frozen=True)
class _Member:
    modality: str
    unit: str
    channels: tuple[str, ...]


_MEMBERS: Mapping[str, _Member] = MappingProxyType(
    {
        "bvp.csv": _Member("ppg", "nW", ("BVP",)),
        "eda.csv": _Member("eda", "uS", ("EDA",)),
        "temp.csv": _Member("temperature", "C", ("TEMP",)),
        "acc.csv": _Member("acceleration", "1/64 g", ("x", "y", "z")),
    }
)


_UNUSED = ("ibi.csv", "hr.csv", "tags.csv")
_TABLES = (".csv", ".tsv")


@dataclass(frozen=True, kw_only=True)
class E4Reader(Reader):
    """Empatica E4: BVP, EDA, TEMP and ACC at their own rates, IBI as events.

    The name of a zip or folder is the person: ``anna.zip``. Several zips of one person lie in a
    folder with the person's name, ``anna/*.zip``; by name they are trial 1, 2 and so on.
    Time 0 is the earliest start line of the signals. ``HR.csv`` is left out: it is made of IBI.
    A zip is never unpacked to disk; where a folder of the same name stands beside it, that is read.
    One session is in memory while it is read.

    Parameters
    ----------
    blocks : str
        Name of a table of labelled blocks beside the people's files, used if it is there: columns
        ``subject, task, start, stop`` (seconds from time 0; may begin before it) and the targets;
        and ``trial``, where a person has several sessions.
    targets : sequence of str, optional
        Columns of that table with ratings; by default all the others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.
    trials : {None, "task", "tags"}
        Cut a recording into its blocks, named and with the stimulus by their task, or at the
        presses of the button.
    baseline : sequence of str
        Tasks that are rest, for ``normalise="baseline"``.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "empatica-e4"

    blocks: str = "blocks.csv"
    targets: Sequence[str] | None = None
    scale: Any = None
    trials: Literal["task", "tags"] | None = None
    baseline: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.trials not in (None, "task", "tags"):
            raise ArgumentError(f"trials must be None, 'task' or 'tags', got {self.trials!r}")
        if isinstance(self.baseline, str) or isinstance(self.targets, str):
            raise ArgumentError("baseline and targets must be lists of names")
        if self.baseline and self.trials:
            raise ArgumentError("baseline needs whole recordings: trials must be None")

    def find(self, path: Path) -> list[Source]:
        """List the exports under a folder, or the one that is given."""
        single = path.suffix.lower() == ".zip" or _holds_members(path, deep=False)
        exports = [Source((path,), _name(path))] if single else _exports(path)
        if not exports:
            raise ReadError(
                f"{path}: holds no E4 export: a folder or zip a person with BVP.csv, EDA.csv, "
                "TEMP.csv or ACC.csv"
            )
        folders = (path, path.parent) if single else (path,)
        beside = [folder / self.blocks for folder in folders]
        tables = [one for one in beside if one.is_file()][:1]
        if not tables and self.blocks != E4Reader.blocks:
            raise ReadError(f"{beside[0]}: there is no such table of blocks")
        if not (tables or single):
            _warn_of_other_tables(path, self.blocks)
        return [replace(one, files=(*one.files, *tables)) for one in exports]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one export; each session in it is a recording."""
        path, subject = source.files[0], source.subject or source.files[0].stem
        with open_archive(path) as archive:
            sessions = _sessions(archive)
            if not sessions:
                raise ReadError(f"{path}: holds none of {', '.join(_MEMBERS)}")
            several = source.trial is not None or len(sessions) > 1
            for number, members in enumerate(sessions.values(), start=1):
                trial = str(number)
                if source.trial is not None:
                    trial = source.trial if len(sessions) == 1 else f"{source.trial}.{number}"
                session = _read_session(archive, members, path, subject, trial)
                for one in self._label(*session, source.files[1:], several):
                    cut = several and self.trials is not None
                    yield replace(one, trial=f"{trial} {one.trial}") if cut else one

    def _label(
        self,
        recording: Recording,
        tags: FloatArray,
        tables: Sequence[Path],
        several: bool,
    ) -> Iterator[Recording]:
        blocks = None
        if tables:
            blocks = read_blocks(tables[0], recording, self.targets, self.scale, several=several)
        if blocks is not None:
            rest = [
                (float(start), float(stop))
                for start, stop, task in zip(blocks.starts, blocks.stops, blocks.tasks, strict=True)
                if task in self.baseline
            ]
            recording = replace(recording, ratings=blocks.ratings(), baseline=rest)
        if self.trials == "task":
            if blocks is None:
                raise ReadError(
                    f"trials = 'task' needs the table of blocks {self.blocks!r}, with rows for "
                    f"{recording.subject!r}"
                )
            yield from _cut_by_task(recording, blocks)
        elif self.trials == "tags":
            yield from _cut_by_tags(recording, tags)
        else:
            yield recording


def _cut_by_task(recording: Recording, blocks: Blocks) -> Iterator[Recording]:
    names = one_name_each(blocks.tasks)
    for start, stop, task, name in zip(
        blocks.starts, blocks.stops, blocks.tasks, names, strict=True
    ):
        yield from _part(recording, float(start), float(stop), name, task)


def _cut_by_tags(recording: Recording, tags: FloatArray) -> Iterator[Recording]:
    inside = tags[(tags > recording.start) & (tags < recording.stop)]
    edges = [recording.start, *np.unique(inside).tolist(), recording.stop]
    for number, (start, stop) in enumerate(itertools.pairwise(edges), start=1):
        yield from _part(recording, start, stop, str(number), None)


def _part(
    recording: Recording, start: float, stop: float, trial: str, stimulus: str | None
) -> Iterator[Recording]:
    """Cut one trial; nothing if no signal has a sample in it."""
    part = recording.crop(start, stop)
    filled = {name: one for name, one in part.signals.items() if one.values.size}
    if filled:
        yield replace(part, signals=filled, trial=trial, stimulus=stimulus)


def _exports(folder: Path) -> list[Source]:
    """List the exports of all people: one each, or the several in a person's folder."""
    exports = []
    if not folder.is_dir():
        return []
    people = _people(folder)
    _warn_of_device_names(people)
    for one in people:
        sessions = _zipped_sessions(one) or [one]
        several = len(sessions) > 1
        exports += [
            Source((session,), _name(one), str(number) if several else None)
            for number, session in enumerate(sessions, start=1)
        ]
    return exports


def _name(path: Path) -> str:
    return path.stem if path.suffix.lower() == ".zip" else path.name


def _people(folder: Path) -> list[Path]:
    """Folders with exports, and zips beside which no such folder stands."""
    folders = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]
    people = {
        one.name: one for one in folders if _holds_members(one, deep=True) or _zipped_sessions(one)
    }
    for one in _zips(folder):
        people.setdefault(one.stem, one)
    return [people[name] for name in sorted(people, key=natural)]


def _zips(folder: Path) -> list[Path]:
    entries = [one for one in folder.iterdir() if not one.name.startswith(".")]
    return [one for one in entries if one.suffix.lower() == ".zip" and one.is_file()]


def _zipped_sessions(person: Path) -> list[Path]:
    """List the sessions in a person's folder, if zips of E4 exports are among them."""
    if not person.is_dir() or _holds_members(person, deep=False):
        return []
    return _people(person) if any(map(_may_be_export, _zips(person))) else []


def _may_be_export(path: Path) -> bool:
    try:
        with open_archive(path) as archive:
            return bool(_sessions(archive))
    except ReadError:
        return True  # it is broken: reading it says so


def _warn_of_device_names(people: Sequence[Path]) -> None:
    """Warn of names by the device: they do not tell people apart."""
    named = [match for one in people if (match := re.fullmatch(r"\d{10}_(A\w+)", _name(one)))]
    devices = [match[1] for match in named]
    again = [match[0] for match in named if devices.count(match[1]) > 1]
    if again:
        warnings.warn(
            f"{', '.join(again[:4])}{', ...' if len(again) > 4 else ''}: names that the device "
            "gives say nothing about people, and each is taken as a person of its own. Sessions of "
            "one person in training and test are a leak: put them into a folder with the person's "
            "name (anna/*.zip), or rename the zip of a person with one session (anna.zip)",
            GroupsWarning,
            stacklevel=3,
        )


def _warn_of_other_tables(folder: Path, wanted: str) -> None:
    """Warn of tables that stand where the blocks would: nothing reads them."""
    entries = [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
    others = [one.name for one in entries if suffix_of(one) in _TABLES]
    others = sorted(name for name in others if name.lower() not in (*_MEMBERS, *_UNUSED))
    if others:
        warnings.warn(
            f"{folder}: there is no {wanted}, so nobody is rated, and {', '.join(others[:4])} is "
            f"not read. If ratings stand in it (columns subject, start, stop and the targets), "
            f'name it {wanted}, or say blocks = "{others[0]}" under [layout] of a recipe',
            RatingsWarning,
            stacklevel=4,
        )


def _holds_members(folder: Path, *, deep: bool) -> bool:
    files = folder.rglob("*.csv") if deep else folder.glob("*.csv")
    return any(one.name.lower() in _MEMBERS for one in files)


def _sessions(archive: Archive) -> dict[str, dict[str, str]]:
    """Members of each session, by their plain names: members may lie in folders."""
    sessions: dict[str, dict[str, str]] = {}
    for name in archive.names():
        path = PurePosixPath(name)
        if not path.name.startswith("."):
            sessions.setdefault(str(path.parent), {})[path.name.lower()] = name
    return {
        folder: members
        for folder, members in sessions.items()
        if not folder.startswith("__MACOSX") and not members.keys().isdisjoint(_MEMBERS)
    }


def read_export(path: Path, subject: str) -> tuple[Recording, float]:
    """Read a folder or zip with one session, without labels.

    Returns
    -------
    recording : Recording
        All its signals.
    zero : float
        Time of the first sample, in seconds since 1970 UTC.

    Raises
    ------
    ReadError
        If there is no such export, or not one session in it.
    """
    if not path.exists():
        raise ReadError(f"{path}: there is no such E4 export")
    with open_archive(path) as archive:
        sessions = list(_sessions(archive).values())
        if len(sessions) != 1:
            raise ReadError(f"{path}: must hold one E4 session, it holds {len(sessions)}")
        recording, _ = _read_session(archive, sessions[0], path, subject, "1")
    return recording, recording.start_time or 0.0


def _read_session(
    archive: Archive, members: Mapping[str, str], path: Path, subject: str, trial: str
) -> tuple[Recording, FloatArray]:
    """Read the signals of one session, its tags in seconds from the first sample."""
    read = {
        member.modality: _read_signal(archive.read(members[name]), member, path / members[name])
        for name, member in _MEMBERS.items()
        if name in members
    }
    zero = min(signal.start for signal in read.values())
    signals: dict[str, Signal | Events] = {
        name: replace(one, start=one.start - zero) for name, one in read.items()
    }
    if "ibi.csv" in members:
        where = path / members["ibi.csv"]
        beats = _read_beats(archive.read(members["ibi.csv"]), where, zero)
        signals |= {} if beats is None else {"ibi": beats}
    tags = np.empty(0)
    if "tags.csv" in members:
        tags = _read_tags(archive.read(members["tags.csv"]), path / members["tags.csv"]) - zero
    return Recording(subject, signals, trial=trial, start_time=zero), tags


def _read_tags(data: bytes, where: Path) -> FloatArray:
    """Read the first column of the marks that a person set, leaving out lines without a time."""
    lines = metered(io.BytesIO(data))
    cells = [line.split(b",")[0].strip() for line in lines if line.strip()]
    texts = (cell.decode("ascii", errors="replace") for cell in cells)
    times: FloatArray = np.array([_number(text) for text in texts], dtype=float)
    bad = np.flatnonzero(~np.isfinite(times))
    if len(bad):
        warnings.warn(
            f"{where}: {len(bad)} of {len(times)} lines are no times in seconds, the first is "
            f"number {bad[0] + 1}; they are left out",
            SkippedWarning,
            stacklevel=3,
        )
    return np.delete(times, bad)


def _read_signal(data: bytes, member: _Member, where: Path) -> Signal:
    """Read a member whose first line is the start and whose second line is the rate."""
    lines = data.split(b"\n", 2)
    if len(lines) < 3 or not lines[2].strip():
        raise ReadError(f"{where}: {'has no rows of data' if data.strip() else 'is empty'}")
    start = _first_number(lines[0], "line 1 must be the start in seconds", where)
    sfreq = _first_number(lines[1], "line 2 must be a rate above 0 Hz", where)
    if sfreq <= 0:
        raise ReadError(f"{where}: line 2 must be a rate above 0 Hz, got {sfreq:g}")
    values = _rows(data, len(member.channels), 2, where)
    try:
        return Signal(values, sfreq, member.unit, member.channels, start)
    except RecordingError as error:
        raise ReadError(f"{where}: {error}") from None


def _read_beats(data: bytes, where: Path, zero: float) -> Events | None:
    """Read inter-beat intervals; None if the device found no beat."""
    lines = data.split(b"\n", 1)
    if len(lines) < 2 or not lines[1].strip():
        return None
    start = _first_number(lines[0], "line 1 must be the start in seconds", where)
    offsets, intervals = _rows(data, 2, 1, where)
    order = np.argsort(offsets, kind="stable")
    return Events(start - zero + offsets[order], intervals[order], "s")


def _rows(data: bytes, n_columns: int, skip: int, where: Path) -> FloatArray:
    names = tuple(map(str, range(1, n_columns + 1)))
    table = TextTable(
        where, data=data, dialect=Dialect(",", ".", "utf-8", skip, header=False, names=names)
    )
    return table.load(range(n_columns))[0]


def _first_number(line: bytes, need: str, where: Path) -> float:
    cell = line.split(b",")[0].strip().decode("ascii", errors="replace")
    number = _number(cell)
    if not np.isfinite(number):
        raise ReadError(f"{where}: {need}, got {cell[:40]!r}")
    return number


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan
