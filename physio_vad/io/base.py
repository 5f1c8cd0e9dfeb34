"""What every reader shares: which people, how much of each, and what to do with bad files."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from physio_vad._arrays import Progress
from physio_vad.exceptions import (
    ArgumentError,
    MissingExtraError,
    PhysioVadError,
    ReadError,
    RecordingError,
    SkippedWarning,
    unknown_name,
)
from physio_vad.io.formats.budget import Budget
from physio_vad.recording.names import as_name
from physio_vad.recording.recording import Events, Recording, Signal


@dataclass(frozen=True)
class Source:
    """Files that are read together, most often those of one person.

    Parameters
    ----------
    files : tuple of Path
        The main file first; errors name it.
    subject : str, optional
        Who was recorded; None if the file says it.
    trial : str, optional
        Which trial; None if the file says it or there is one only.
    """

    files: tuple[Path, ...]
    subject: str | None = None
    trial: str | None = None

    def __post_init__(self) -> None:
        for name in ("subject", "trial"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, as_name(getattr(self, name)))


class Reader(ABC):
    """Base of all readers. A subclass is a frozen dataclass whose fields are its options.

    A reader knows its layout only. Choosing people, cutting minutes, wrapping errors and leaving
    out bad files is done here, by `iter_recordings`, for all of them.
    """

    name: ClassVar[str]
    """Name of the layout in recipes."""
    distinctive: ClassVar[bool] = True
    """Whether the files themselves show that they have this layout, as `recognise` needs."""

    @classmethod
    def candidates(cls) -> list[Reader]:
        """List readers to try on files of unknown layout, with the options that may fit them."""
        return [cls()]

    @abstractmethod
    def find(self, path: Path) -> list[Source]:
        """List what there is to read under an existing path, in natural order.

        Parameters
        ----------
        path : Path
            File or folder.

        Raises
        ------
        ReadError
            If nothing there has this layout.
        """

    @abstractmethod
    def read(self, source: Source) -> Iterator[Recording]:
        """Read one source, one recording at a time.

        Any exception may be raised: it becomes a `ReadError` that names the source.

        Parameters
        ----------
        source : Source
            One of those that `find` listed.
        """


def iterate(
    reader: Reader,
    path: str | os.PathLike[str],
    *,
    on_error: Literal["raise", "skip"] = "raise",
    subjects: int | Sequence[str] | None = None,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> Iterator[Recording]:
    """Check the arguments now and give the recordings later, one at a time."""
    if on_error not in ("raise", "skip"):
        raise ArgumentError(f"on_error must be 'raise' or 'skip', got {on_error!r}")
    check_minutes(minutes)
    choice = Choice(subjects)
    sources = find_sources(reader, path)
    return _iterate(reader, sources, on_error == "skip", choice, minutes, progress)


def check_minutes(minutes: float | None) -> None:
    """Refuse a number of minutes that is not above 0.

    Raises
    ------
    ArgumentError
        If it is 0, negative or NaN.
    """
    if minutes is not None and not minutes > 0:
        raise ArgumentError(f"minutes must be above 0, got {minutes!r}")


def _iterate(
    reader: Reader,
    sources: list[Source],
    skip: bool,
    choice: Choice,
    minutes: float | None,
    progress: Progress | None,
) -> Iterator[Recording]:
    failures: list[ReadError] = []
    n_given = 0
    for number, source in enumerate(sources, start=1):
        try:
            if source.subject is None or choice.admits(source.subject):
                for recording in read_source(reader, source, minutes):
                    if choice.takes(recording.subject):
                        n_given += 1
                        yield recording
                    del recording
        except ReadError as error:
            failures.append(error)
            if not skip:
                raise
            warnings.warn(f"left out: {error}", SkippedWarning, stacklevel=2)
        if progress is not None:
            progress(source.subject or source.files[0].name, number, len(sources))
    check_some_read(failures, n_given)
    choice.check_all_seen()


def find_sources(reader: Reader, path: str | os.PathLike[str]) -> list[Source]:
    """List what a reader finds under a path.

    Raises
    ------
    ReadError
        If there is no such path, or nothing there has the layout.
    """
    root = Path(path)
    if not root.exists():
        raise ReadError(f"{root}: there is no such file or folder")
    try:
        return Budget([root]).spend(lambda: reader.find(root))
    except (ArgumentError, MissingExtraError, ReadError):
        raise
    except Exception as error:  # as in read_source
        raise _as_read_error(error, Source((root,))) from error


def read_source(
    reader: Reader, source: Source, minutes: float | None = None
) -> Iterator[Recording]:
    """Read one source, one recording at a time; nothing holds on to those before it.

    Parameters
    ----------
    reader : Reader
        Of its layout.
    source : Source
        One that the reader found.
    minutes : float, optional
        Only the first minutes of each recording.

    Raises
    ------
    ReadError
        Whatever goes wrong in the files; it names the source. So does what makes more bytes of them
        or takes longer than any recording does (`physio_vad.io.formats.budget`).
    """
    budget = Budget(source.files)
    try:
        recordings = iter(reader.read(source))
        while (recording := budget.spend(lambda: next(recordings, None))) is not None:
            yield recording if minutes is None else _head(recording, minutes)
            del recording  # the next one is read without this one in memory
    except (ArgumentError, MissingExtraError):
        raise  # what is wrong lies in the call, so it is wrong for every file
    except Exception as error:
        # broken files raise anything in the libraries that parse them
        raise _as_read_error(error, source) from error


def check_some_read(failures: Sequence[ReadError], n_read: int) -> None:
    """Raise if files were left out and nothing remains.

    Raises
    ------
    ReadError
        With the first of the failures.
    """
    if failures and not n_read:
        raise ReadError(
            f"none of {len(failures)} files could be read; the first: {failures[0]}"
        ) from failures[0]


class Choice:
    """Which people to take: all, the first n, or those named."""

    def __init__(self, subjects: int | Sequence[str] | None) -> None:
        self._limit = subjects if isinstance(subjects, int) else None
        if self._limit is not None and (isinstance(subjects, bool) or self._limit < 1):
            raise ArgumentError(
                f"subjects must be a number from 1 on or a list of names, got {subjects!r}"
            )
        if isinstance(subjects, str):
            subjects = [subjects]
        self._names = (
            None if subjects is None or isinstance(subjects, int) else {str(s) for s in subjects}
        )
        self._taken: set[str] = set()
        self._known: set[str] = set()

    def admits(self, subject: str) -> bool:
        """Say whether this person may be taken."""
        self._known.add(subject)
        if self._names is not None:
            return subject in self._names
        return self._limit is None or subject in self._taken or len(self._taken) < self._limit

    def takes(self, subject: str) -> bool:
        """Say whether this person is taken, and remember it."""
        admitted = self.admits(subject)
        if admitted:
            self._taken.add(subject)
        return admitted

    def wave(self, sources: Sequence[Source]) -> tuple[list[Source], list[Source]]:
        """Split sources into those that can be read side by side now, and those after them.

        Among the first n people are those of a file only once the files before it are read, where
        one of these may fail or names its people inside.
        """
        admitted = [one for one in sources if one.subject is None or self.admits(one.subject)]
        if self._limit is None:
            return admitted, []
        room, new = self._limit - len(self._taken), set[str]()
        for place, source in enumerate(admitted):
            if source.subject is None:
                alone = max(place, 1)
                return admitted[:alone], admitted[alone:]
            new |= {source.subject} - self._taken
            if len(new) > room:
                return admitted[:place], admitted[place:]
        return admitted, []

    def state(self) -> list[object]:
        """Plain values that say which people it would take now."""
        return [self._limit, sorted(self._names or ()), sorted(self._taken)]

    def check_all_seen(self) -> None:
        """Raise if a named person was not among the files."""
        for name in sorted((self._names or set()) - self._known):
            known: list[str] = sorted(self._known, key=natural)
            raise ArgumentError(unknown_name("subject", name, known))


def _head(recording: Recording, minutes: float) -> Recording:
    """Copy the first minutes, so that the rest of the file need not stay in memory."""
    stop = recording.start + 60.0 * minutes
    short = recording.crop(recording.start, stop)
    signals: dict[str, Signal | Events] = {
        name: replace(one, values=one.values.copy()) for name, one in short.signals.items()
    }
    baseline = [(begin, min(end, stop)) for begin, end in short.baseline if begin < stop]
    return replace(short, signals=signals, baseline=baseline)


def _as_read_error(error: Exception, source: Source) -> ReadError:
    where, files = str(source.files[0]), list(map(str, source.files))
    if isinstance(error, OSError) and error.strerror:
        return ReadError(f"{error.filename or where}: cannot be read: {error.strerror}")
    if isinstance(error, PhysioVadError):
        text, kind = str(error), type(error) if isinstance(error, ReadError) else ReadError
        return kind(text if any(one in text for one in files) else f"{where}: {text}")
    detail = " ".join(str(error).split()) or "no details"
    return ReadError(f"{where}: cannot be read: {type(error).__name__}: {detail}")


@contextlib.contextmanager
def named(what: str) -> Iterator[None]:
    """Name the trial or row whose ratings or signals break their contract.

    Raises
    ------
    ReadError
        In place of a `RecordingError`, with the name before what it says.
    """
    try:
        yield
    except RecordingError as error:
        raise ReadError(f"{what}: {error}") from None


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key by which S2 stands before S10.

    Examples
    --------
    >>> sorted(["S10", "S2", "S1"], key=natural)
    ['S1', 'S2', 'S10']
    """
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d{1,18})", name)
        if part
    ]


def one_name_each(names: Iterable[str]) -> list[str]:
    """Make names unique: the second "rest" becomes "rest (2)".

    Examples
    --------
    >>> one_name_each(["rest", "film", "rest"])
    ['rest', 'film', 'rest (2)']
    """
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def need(module: str, extra: str, why: str) -> Any:
    """Import a package that an extra brings.

    Raises
    ------
    MissingExtraError
        If it is not installed; says how to get it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a library says of others at its import
            return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(
            f"{why} needs {module}; install it with: pip install 'physio-vad[{extra}]'"
        ) from None
