"""Recordings as they were read, kept beside the parts of a table, so that files are parsed once.

Each recording is one Arrow IPC file with an array of float64 a column, which is mapped into memory
and not copied; a JSON file for each source, written last, names them. The key of a source comes
from the digests of its files and from all that decides how they are read, so other bytes, another
layout or another version find nothing here. Damaged entries are named and count as absent. The
folder stays below a bound: what was used longest ago goes first. It may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.atomic import replacing
from physio_vad.exceptions import ReadError, WriteError
from physio_vad.integrity import damaged, read_json, write_json
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording, Signal

MOST_BYTES = 8 * 2**30
"""Bound of the folder; half of what is free on the disk, where that is less."""
_BLOCK = 8192
"""Numbers of which one checksum is made."""
_ABOUT = b"physio_vad"
_REMEDY = "the files are read again now"

Warned = list[list[str]]


@dataclass(frozen=True)
class RecordingCache:
    """A folder of recordings, by the key of their source.

    Parameters
    ----------
    folder : Path
        Made when something is kept.
    most_bytes : int
        Bound of its size.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, key: str, noted: list[str]) -> tuple[Iterator[Recording], Warned] | None:
        """Give the recordings of a source, one at a time, and what was warned of when it was read.

        Parameters
        ----------
        key : str
            Key of the source.
        noted : list of str
            What is damaged is added to it.

        Returns
        -------
        recordings : iterator of Recording
            Their samples are mapped from the files.
        warned : list of [kind, text]
            Warnings.
        None
            If the source is not kept here whole and undamaged.
        """
        sheet = self.folder / f"{key}.json"
        try:
            about = read_json(sheet, remedy=_REMEDY)
            checksums, warned = about["checksums"], about["warned"]
            paths = [self.part(key, number) for number in range(len(checksums))]
            for path, checksum in zip(paths, checksums, strict=True):
                if _checksum(*_mapped(path)) != checksum:
                    raise ReadError(damaged(path, _REMEDY))
            sheet.touch()
        except FileNotFoundError:
            return None
        except (OSError, ReadError, KeyError, TypeError) as error:
            noted.append(str(error))
            return None
        return map(_load, paths), warned

    def begin(self, key: str) -> Entry:
        """Begin to keep the recordings of a source."""
        return Entry(self, key)

    def trim(self) -> None:
        """Remove what was used longest ago until the folder is below its bound."""
        sizes = {path: path.stat().st_size for path in self.folder.glob("*.arrow")}
        room = min(
            self.most_bytes, sum(sizes.values()) / 2 + shutil.disk_usage(self.folder).free / 2
        )
        sheets = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for sheet in sheets:
            if sum(sizes.values()) <= room:
                return
            for path in [sheet, *self.folder.glob(f"{sheet.stem}-*.arrow")]:
                with contextlib.suppress(OSError):  # in use on some systems, or gone already
                    path.unlink()
                sizes.pop(path, None)

    def part(self, key: str, number: int) -> Path:
        """Return the file of a source's recording."""
        return self.folder / f"{key}-{number}.arrow"


class Entry:
    """The recordings of one source, as they are read.

    Parameters
    ----------
    cache : RecordingCache
        Where they are kept.
    key : str
        Key of the source.
    """

    def __init__(self, cache: RecordingCache, key: str) -> None:
        self._cache, self._key = cache, key
        self._checksums: list[str] = []
        self._whole = True

    def add(self, recording: Recording) -> None:
        """Keep one more recording, if it can be; no error keeps a study from going on."""
        made = _taken_apart(recording)
        size = sum(one.nbytes for one in made[1]) if made is not None else 0
        self._whole &= made is not None and size <= self._cache.most_bytes / 4
        if self._whole and made is not None:
            path = self._cache.part(self._key, len(self._checksums))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._checksums.append(_write(path, *made))
            except (WriteError, OSError):
                self._whole = False

    def finish(self, warned: Warned) -> None:
        """Say that these were all, and what was warned of while they were read."""
        if self._whole and self._checksums:
            content = {"checksums": self._checksums, "warned": warned}
            with contextlib.suppress(WriteError, OSError):
                write_json(self._cache.folder / f"{self._key}.json", content)
                self._cache.trim()


def _taken_apart(recording: Recording) -> tuple[dict[str, Any], list[FloatArray]] | None:
    """Split a recording into plain values and arrays; None for parts of a class not ours."""
    known = type(recording) is Recording and all(
        type(one) in (Signal, Events) for one in recording.signals.values()
    )
    ratings = recording.ratings
    if not known or type(ratings) not in (Ratings, type(None)):
        return None
    arrays: list[FloatArray] = []
    signals = []
    for name, one in recording.signals.items():
        about: dict[str, Any] = {"name": name, "unit": one.unit}
        if isinstance(one, Signal):
            about |= {"sfreq": one.sfreq, "channels": one.channels, "start": one.start}
            arrays.append(one.values)
        else:
            arrays += [one.times, one.values]
        signals.append(about)
    about = {
        "subject": recording.subject,
        "trial": recording.trial,
        "stimulus": recording.stimulus,
        "baseline": [list(one) for one in recording.baseline],
        "start_time": recording.start_time,
        "signals": signals,
        "ratings": None,
    }
    if ratings is not None:
        about["ratings"] = {"targets": ratings.targets, "scale": dict(ratings.scale)}
        arrays += [ratings.starts, ratings.stops, ratings.values]
    return about, arrays


def _load(path: Path) -> Recording:
    """Put a recording together again."""
    text, arrays = _mapped(path)
    about, taken = json.loads(text), iter(arrays)
    signals: dict[str, Signal | Events] = {}
    for one in about["signals"]:
        name, unit = one.pop("name"), one.pop("unit")
        if one:
            values = next(taken).reshape(len(one["channels"]), -1)
            signals[name] = Signal(values, unit=unit, **one)
        else:
            signals[name] = Events(next(taken), next(taken), unit)
    ratings = about["ratings"]
    if ratings is not None:
        starts, stops, values = taken
        ratings = Ratings(starts, stops, values.reshape(len(starts), -1), **ratings)
    return Recording(**about | {"signals": signals, "ratings": ratings})


def _write(path: Path, about: dict[str, Any], arrays: Sequence[FloatArray]) -> str:
    """Write a recording and return its checksum."""
    import pyarrow as pa

    flat = [np.ascontiguousarray(one).ravel() for one in arrays]
    columns = [pa.LargeListArray.from_arrays([0, len(one)], pa.array(one)) for one in flat]
    text = json.dumps(about).encode()
    schema = pa.schema(
        [pa.field(str(place), column.type) for place, column in enumerate(columns)],
        metadata={_ABOUT: text},
    )
    with replacing(path) as temporary, pa.ipc.new_file(str(temporary), schema) as file:
        file.write(pa.RecordBatch.from_arrays(columns, schema=schema))
    return _checksum(text, flat)


def _mapped(path: Path) -> tuple[bytes, list[FloatArray]]:
    """Map what a file holds into memory: plain values as JSON, and the arrays, flat.

    Raises
    ------
    ReadError
        If it cannot be read.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as file:
            batch = pa.ipc.open_file(file).get_batch(0)
        batch.validate()
        return batch.schema.metadata[_ABOUT], [one.values.to_numpy() for one in batch.columns]
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        pa.ArrowException,
    ) as error:
        raise ReadError(f"{path}: cannot be read: {error}; {_REMEDY}") from error


def _checksum(text: bytes, arrays: Sequence[FloatArray]) -> str:
    """Digest of sums over blocks of the numbers' bits: any changed bit changes it."""
    found = hashlib.sha256(text)
    for one in arrays:
        bits = one.view(np.uint64)
        found.update(len(bits).to_bytes(8, "little"))
        if len(bits):
            found.update(np.add.reduceat(bits, np.arange(0, len(bits), _BLOCK)).tobytes())
    return found.hexdigest()
