"""BIDS data sets: EEG, physiological recordings and events of each person."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import RatingsWarning, ReadError, SkippedWarning
from physio_vad.io.base import Source, natural
from physio_vad.io.channels import choose_channels, table_signals
from physio_vad.io.devices.base import MarkedReader
from physio_vad.io.devices.mne_files import MneReader
from physio_vad.io.formats.json_text import load_json
from physio_vad.io.joined import Part, as_recording, merge
from physio_vad.io.markers import Mark
from physio_vad.io.rating_rows import RatingRows
from physio_vad.io.rating_tables import of_row, read_blocks, warn_of_no_row
from physio_vad.io.tables.column_roles import Column
from physio_vad.io.tables.open import describe_by_json, open_table
from physio_vad.io.timestamps import TimeGrid
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording, Signal

_PHYSIO = re.compile(r"_physio\.tsv(\.gz)?$")
_EEG = re.compile(r"_i?eeg\.(edf|bdf|vhdr|set)$")
_EVENTS = re.compile(r"_events\.tsv$")
_USUAL = {"cardiac": Column("ppg", "a.u."), "respiratory": Column("respiration", "a.u.")}
"""Names of BIDS that say no modality of their own."""
_PEOPLE = "participants.tsv"
_RATED = r"(.*_)?(valence|arousal|dominance|liking|familiarity|control|stress)(_.*)?"


@dataclass(frozen=True, kw_only=True)
class BidsReader(MarkedReader):
    """BIDS: ``sub-*/[ses-*/]{eeg,beh,func,...}/``, one recording a session, task and run.

    EEG is read as by ``mne``; ``*_physio.tsv.gz`` by the rate, names and units in its ``.json``,
    which may stand in a folder above, and from its ``StartTime``. Rows of ``*_events.tsv`` that
    hold ratings rate their stretch (``onset``, ``duration``); those that begin trials are cut by
    ``trial_start``, a pattern of ``trial_type``. The trial is named after session, task and run.
    These are the columns named valence, arousal and so on, unless `targets` says others; those that
    the events do not have are taken from ``participants.tsv``, one value a person.
    Who stands there and has no recording is told of.

    Written after the specification (https://bids-specification.readthedocs.io) and sidecars quoted
    in public repositories; tried on written files only.

    The options are those of `MarkedReader`; a table `ratings` in the root serves what the events
    and ``participants.tsv`` leave unrated. ``cardiac`` is a pulse wave unless `channels` says that
    it is an ECG.
    """

    name: ClassVar[str] = "bids"

    def find(self, path: Path) -> list[Source]:
        """List the recordings of a data set, or of one person's folder."""
        root = path if path.is_dir() else path.parent
        top = next((one for one in [root, *root.parents] if one.name.startswith("sub-")), None)
        groups: dict[tuple[str, str], list[Path]] = {}
        for file in sorted(root.rglob("sub-*"), key=lambda one: natural(one.as_posix())):
            key = _key(file.name) if file.is_file() else None
            inside = {"derivatives", "sourcedata"} & set(file.relative_to(root).parts)
            if key is not None and not inside and (path.is_dir() or key == _key(path.name)):
                groups.setdefault(key, []).append(file)
        found = {
            key: files
            for key, files in groups.items()
            if any(_PHYSIO.search(one.name) or _EEG.search(one.name) for one in files)
        }
        if not found:
            raise ReadError(
                f"{path}: holds no BIDS data: sub-*/[ses-*/]*/sub-*_physio.tsv.gz or sub-*_eeg.*"
            )
        home = top.parent if top else root
        people = [one for one in [home / _PEOPLE] if one.is_file()]
        table = self.table_in(home)
        if people and top is None:
            _tell_of_others(people[0], {subject for subject, _ in found})
        return [
            Source((*_with_sidecars(files, home), *people, *table), subject, trial or None)
            for (subject, trial), files in found.items()
        ]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one recording and cut it into its trials."""
        sidecars = [one for one in source.files if one.suffix == ".json"]
        data = [one for one in source.files if _PHYSIO.search(one.name) or _EEG.search(one.name)]
        events = next((one for one in source.files if _EVENTS.search(one.name)), None)
        subject = source.subject or source.files[0].name.split("_")[0]
        parts = [
            self._physio(one, sidecars) if _PHYSIO.search(one.name) else self._eeg(one)
            for one in data
        ]
        whole = as_recording(merge(parts, str(data[0])), subject, source.trial or "1")
        people = next((one for one in source.files if one.name == _PEOPLE), None)
        whole = self._rated(whole, events, people)
        marks = [] if events is None else _marks(events)
        yield from self.cut(whole, marks, self.table_of(source))

    def _eeg(self, path: Path) -> Part:
        """Read what MNE reads of a file."""
        reader = MneReader(channels=self.channels, ignore=self.ignore)
        (one,) = reader.read(Source((path,), "x"))
        return Part(dict(one.signals), one.start_time)

    def _physio(self, path: Path, sidecars: Sequence[Path]) -> Part:
        """Read a table without a header by the JSON file beside or above it."""
        table = open_table(path)
        said: dict[str, Any] = {}
        for file in sidecars:  # the nearest last
            said |= _json(file) if _applies(file, path) else {}
        describe_by_json(table, said)
        if table.names is None or table.sfreq is None:
            raise ReadError(
                f"{path}: needs a .json beside or above it with Columns, one for each of "
                f"{table.n_columns}, and SamplingFrequency"
            )
        named = zip(table.names, table.units or [""] * len(table.names), strict=True)
        channels = {**_USUAL, **self.channels}
        chosen = choose_channels(named, channels, self.ignore, str(path))
        start = said.get("StartTime", 0.0)
        start = float(start) if isinstance(start, int | float) and np.isfinite(start) else 0.0
        signals: dict[str, Signal | Events] = {}
        for name, one in table_signals(table, chosen, TimeGrid(table.sfreq)).items():
            assert isinstance(one, Signal)
            signals[name] = Signal(one.values, one.sfreq, one.unit, one.channels, one.start + start)
        return Part(signals)

    def _rated(self, recording: Recording, events: Path | None, people: Path | None) -> Recording:
        """Add the ratings there are; a fault of their table does not cost the recording."""
        try:
            ratings = self._ratings(recording, events, people)
        except ReadError as error:
            said = f"{error}. {recording.subject} is read without ratings"
            warnings.warn(said, RatingsWarning, stacklevel=2)
            return recording
        return replace(recording, ratings=ratings)

    def _ratings(
        self, recording: Recording, events: Path | None, people: Path | None
    ) -> Ratings | None:
        """Read the ratings of the events or, where only that table has the targets, of a person."""
        names = [] if events is None else RatingRows(events).targets
        targets = self.targets
        if targets is None:
            targets = [name for name in names if re.fullmatch(_RATED, name, re.IGNORECASE)]
        elif people is not None and not set(targets) <= set(names):
            table = RatingRows(people)
            if set(targets) <= set(table.targets):
                return _of_person(table, people, recording.subject, targets, self.scale)
        if events is None or not targets:
            return None
        blocks = read_blocks(events, recording, targets, self.scale, alone=True)
        return None if blocks is None else blocks.ratings()


def _people(table: RatingRows, path: Path) -> list[str]:
    """Names of the people in ``participants.tsv``, without ``sub-``."""
    if "subject" not in table.names:
        raise ReadError(f"{path}: must have a column participant_id, got {table.names}")
    return [(one or "").removeprefix("sub-") for one in table.texts("subject")]


def _of_person(
    table: RatingRows, path: Path, subject: str, targets: Sequence[str], scale: Any
) -> Ratings | None:
    """Take what holds for all recordings of a person."""
    names = _people(table, path)
    if subject not in names:
        warn_of_no_row(path, {"subject": subject}, [(one,) for one in names])
        return None
    if names.count(subject) > 1:
        raise ReadError(f"{path}: has {names.count(subject)} rows of {subject}, must have one")
    return of_row(table, path, names.index(subject), subject, targets, scale)


def _tell_of_others(path: Path, found: set[str]) -> None:
    """Warn of people who stand in ``participants.tsv`` and have no recording."""
    try:
        others = [one for one in _people(RatingRows(path), path) if one and one not in found]
    except ReadError:
        return  # a flaw of a side file; who needs it is told when it is read
    if others:
        listing = ", ".join(others[:8]) + ", ..." * (len(others) > 8)
        warnings.warn(
            f"{path}: {len(others)} of the people there have no physiological recording or EEG "
            f"here: {listing}",
            SkippedWarning,
            stacklevel=2,
        )


def _key(name: str) -> tuple[str, str] | None:
    """Person, and session, task and run of a file of ours; None for another."""
    if not any(kind.search(name) for kind in (_PHYSIO, _EEG, _EVENTS)):
        return None
    entities = [one for one in name.split("_")[:-1] if "-" in one]
    told = [one for one in entities[1:] if not one.startswith(("recording-", "split-", "desc-"))]
    return entities[0].removeprefix("sub-"), "_".join(told)


def _rank(path: Path) -> tuple[int, list[tuple[int, int, str]]]:
    """Sort EEG first, events last."""
    kinds = (_EEG, _PHYSIO, _EVENTS)
    place = next(i for i, kind in enumerate(kinds) if kind.search(path.name))
    return place, natural(path.name)


def _with_sidecars(files: Sequence[Path], root: Path) -> tuple[Path, ...]:
    """Put the files in order, with the JSON files that tell of them, from the top down."""
    ordered = sorted(files, key=_rank)
    folders = [folder for folder in reversed(files[0].parents) if folder.is_relative_to(root)]
    told = [
        file
        for folder in folders
        for file in sorted(folder.glob("*physio.json"))
        if any(_applies(file, one) for one in ordered)
    ]
    return (*ordered, *told)


def _applies(sidecar: Path, file: Path) -> bool:
    """Say whether a JSON file tells of a table: it lies above, with no entity of another."""
    own = set(_PHYSIO.sub("_physio", file.name).split("_"))
    return sidecar.parent in file.parents and set(sidecar.stem.split("_")) <= own


def _json(path: Path) -> dict[str, Any]:
    try:
        found = load_json(path.read_bytes())
    except ValueError as error:
        raise ReadError(f"{path}: is no JSON: {error}") from None
    return found if isinstance(found, dict) else {}


def _marks(path: Path) -> list[Mark]:
    """List the events: onset, duration and kind."""
    table = RatingRows(path)
    if not {"start", "stop", "task"} <= set(table.names):
        return []
    starts, stops = table.spans(None)
    stops = np.where(np.isfinite(stops), stops, starts)
    rows = zip(starts.tolist(), stops.tolist(), table.texts("task"), strict=True)
    return sorted((a, max(b - a, 0.0), text or "") for a, b, text in rows if np.isfinite(a))
