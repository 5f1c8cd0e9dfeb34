"""What readers of a device's own files share: people, sessions, trials and ratings."""

from __future__ import annotations

import re
import warnings
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from physio_vad.exceptions import ArgumentError, MissingExtraError, ReadError, SkippedWarning
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.joined import Part, as_recording, join, sessions
from physio_vad.io.markers import Mark, TrialMarkers
from physio_vad.io.rating_tables import find_table, rate_or_warn
from physio_vad.io.tables.column_roles import make_columns
from physio_vad.recording.recording import Recording

_USUAL_RATINGS = "ratings.csv"
HEAD = 16384
"""Bytes by which a file is known."""


@dataclass(frozen=True, kw_only=True)
class MarkedReader(Reader):
    """Base of readers of files with named channels, and marks that say what happened when.

    Parameters
    ----------
    channels : mapping of str to Column
        What channels are, by name or pattern, the first that fits, where the reader does not know
        or differs: ``{"EXG Channel 7": {"modality": "ecg", "unit": "uV"}}``. The unit is used where
        the file says none.
    ignore : sequence of str
        Names or patterns of channels to leave out.
    trial_start : str, optional
        Pattern of the marks in the files that begin a trial, which lasts for `trial_length` or
        else to the next `trial_stop`, the mark's own end, or the next start. The stimulus is the
        text of the mark. By default a recording is one trial.
    trial_stop : str, optional
        Pattern of the marks that end a trial.
    trial_length : float, optional
        Length of a trial in seconds.
    ratings : str
        Name of a table of ratings beside the files, used if it is there: ``subject``, ``trial`` if
        there are several, and the targets; or labelled blocks with ``start`` and ``stop``.
    targets : sequence of str, optional
        Columns of that table with ratings; by default all others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    channels: Mapping[str, Any] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    trial_start: str | None = None
    trial_stop: str | None = None
    trial_length: float | None = None
    ratings: str = _USUAL_RATINGS
    targets: Sequence[str] | None = None
    scale: Any = None

    def __post_init__(self) -> None:
        self.rule()
        for option in ("ignore", "targets"):
            if isinstance(getattr(self, option), str):
                raise ArgumentError(f"{option} must be a list, got {getattr(self, option)!r}")
        columns = make_columns(self.channels) if self.channels else {}
        object.__setattr__(self, "channels", columns)

    def rule(self) -> TrialMarkers:
        """Say which marks begin and end a trial."""
        return TrialMarkers(self.trial_start, self.trial_stop, self.trial_length)

    def table_in(self, folder: Path) -> tuple[Path, ...]:
        """Find the table of ratings in a folder."""
        return find_table(folder, self.ratings, _USUAL_RATINGS)

    def table_of(self, source: Source) -> Path | None:
        """Find the table of ratings among the files of a source."""
        names = [Path(self.ratings).with_suffix(end).name for end in (".csv", ".tsv", ".xlsx")]
        beside = (one for one in source.files[1:] if one.name in (self.ratings, *names))
        return next(beside, None)

    def cut(self, whole: Recording, marks: list[Mark], table: Path | None) -> Iterator[Recording]:
        """Give the trials of a recording; those without ratings get them from the table."""
        for one in self.rule().cut(whole, marks):
            if table is None or one.ratings is not None:
                yield one
            else:
                yield rate_or_warn(one, table, self.targets, self.scale)


@dataclass(frozen=True, kw_only=True)
class DeviceReader(MarkedReader):
    """Base of readers of the files that a device, its app or its maker's program writes.

    A subclass says which files are its own, by what stands in them, and what is in one. Files in
    the folder that is named are a person each, named by the file; those in a folder below it are
    of one person, named by that folder, unless the device's file names tell people apart. Files of
    a person that overlap in time, or with no pause of more than ten minutes between them, are one
    recording, with NaN where nothing was recorded; later ones are the next trials. A broken file
    among several of a person is warned of and left out. All files of a person are in memory.

    The options are those of `MarkedReader`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".tsv")
    """Endings that its files may have."""
    person: ClassVar[str] = ""
    """What names of files look like that tell people apart, with a group ``subject``."""
    named_anywhere: ClassVar[bool] = False
    """Whether these names say more than the folder that a file lies in."""
    folder_is_person: ClassVar[bool] = False
    """Whether one folder holds the files of one person, one a sensor."""

    def holds(self, head: bytes) -> bool:
        """Say by the beginning of a file whether it is the device's; by default its ending does."""
        del head
        return True

    @abstractmethod
    def load(self, path: Path) -> Part:
        """Read one file."""

    def load_parts(self, path: Path) -> list[Part]:
        """Read one file that may hold several stretches of time."""
        return [self.load(path)]

    def find(self, path: Path) -> list[Source]:
        """List the people whose files there are."""
        folder = path if path.is_dir() else path.parent
        entries = sorted(path.rglob("*"), key=lambda one: natural(one.as_posix()))
        entries = [path] if path.is_file() else entries
        files = [one for one in entries if self._is_named(one) and self.is_own(one)]
        if not files:
            endings = ", ".join(self.suffixes)
            raise ReadError(f"{path}: holds no file of the layout {self.name!r} ({endings})")
        table = self.table_in(folder)
        people: dict[str, list[Path]] = {}
        for one in files:
            people.setdefault(self._person(one, path), []).append(one)
        names = sorted(people, key=natural)
        return [Source((*people[name], *table), name) for name in names]

    def _is_named(self, path: Path) -> bool:
        named = path.name.lower().endswith(self.suffixes) and not path.name.startswith(".")
        return named and path.is_file()

    def is_own(self, path: Path) -> bool:
        """Say whether a file of the right ending is one of the device's."""
        with path.open("rb") as stream:
            return self.holds(stream.read(HEAD))

    def _person(self, file: Path, root: Path) -> str:
        told = re.match(self.person, file.name) if self.person else None
        inside = file.relative_to(root).parts if root.is_dir() else (file.name,)
        if told and (len(inside) == 1 or self.named_anywhere):
            return told["subject"]
        if len(inside) > 1:
            return inside[0]
        return root.name if self.folder_is_person and root.is_dir() else file.stem

    def read(self, source: Source) -> Iterator[Recording]:
        """Read the files of a person, and cut them into trials."""
        table = self.table_of(source)
        files = [one for one in source.files if one != table and self._is_named(one)]
        subject = source.subject or files[0].stem
        groups = sessions(self._load_all(files))
        rule = self.rule()
        marked = [
            any(rule.begins(mark) for part in group for mark in part.marks) for group in groups
        ]
        for number, group in enumerate(groups, start=1):
            if any(marked) and not marked[number - 1]:
                continue  # a session in which no trial began
            part = join(group, str(files[0]))
            yield from self.cut(as_recording(part, subject, str(number)), part.marks, table)

    def _load_all(self, files: Sequence[Path]) -> list[Part]:
        """Read the files; one that is broken costs only itself."""
        parts: list[Part] = []
        failure: Exception | None = None
        for file in files:
            try:
                loaded = self.load_parts(file)
            except (ArgumentError, MissingExtraError, MemoryError):
                raise
            except Exception as error:  # broken files raise anything in what parses them
                if len(files) == 1:
                    raise
                failure = error
                where = "" if str(file) in str(error) else f"{file}: "
                warnings.warn(f"left out: {where}{error}", SkippedWarning, stacklevel=4)
                continue
            parts += [one for one in loaded if any(s.values.size for s in one.signals.values())]
        if not parts:
            raise failure or ReadError(f"{files[0]}: holds no samples")
        return parts
