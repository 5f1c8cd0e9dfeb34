"""Recordings that a live session wrote: a note, and the chunks of each sensor as they came."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.formats.budget import OBJECT, metered
from physio_vad.io.formats.json_text import load_json
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.schema import Schema, are_names, fault, is_number, is_text, or_none

NOTE = "live.json"
"""Says who was recorded with which sensors."""

LONGEST_GAP = 600.0
"""Seconds; a larger step of the time stamps is a clock that was set, not samples that were lost."""

CLOSE = 10.0
"""Seconds within which the first chunks may have come in another order."""

_HEAD = struct.Struct("<IIII")  # channels, samples, stamps, and the check sum of these three
_SUM = struct.Struct("<I")  # of what follows


def frame(values: FloatArray, times: FloatArray) -> bytes:
    """Put a chunk into bytes: channels, samples and stamps, how many there are, and check sums.

    Parameters
    ----------
    values : array of shape (n_channels, n_samples)
        Samples.
    times : array of shape (1,) or (n_samples,)
        Stamp of the first sample or of each.
    """
    sizes = struct.pack("<III", *values.shape, len(times))
    body = times.astype("<f8").tobytes() + values.astype("<f8").tobytes()
    return sizes + _SUM.pack(zlib.crc32(sizes)) + _SUM.pack(zlib.crc32(body)) + body


def _frames(path: Path) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Take chunks with samples out of a file; one that was cut off by a kill ends them.

    Raises
    ------
    ReadError
        If one is not as it was written.
    """
    content, place = path.read_bytes(), 0
    while place + _HEAD.size + _SUM.size <= len(content):
        n_channels, n_samples, n_times, head = _HEAD.unpack_from(content, place)
        begin = place + _HEAD.size + _SUM.size
        end = begin + 8 * (n_times + n_channels * n_samples)
        whole = head == zlib.crc32(content[place : place + 12])
        if whole and end > len(content):
            return
        (body,) = _SUM.unpack_from(content, place + _HEAD.size)
        if not whole or body != zlib.crc32(content[begin:end]):
            raise ReadError(
                f"{path}: the chunk at byte {place} is not as it was written; cut the file off "
                f"there to keep what is before it: truncate -s {place}"
            )
        numbers = np.frombuffer(content[begin:end], dtype="<f8").astype(np.float64)
        if n_samples and n_times:
            yield numbers[n_times:].reshape(n_channels, n_samples), numbers[:n_times]
        place = end


def _are_sensors(value: Any) -> bool:
    """Tell whether a list says the name, rate, unit and channels of each sensor."""
    return isinstance(value, list) and all(not fault(one, _SENSOR, {}) for one in value)


_SENSOR: Schema = {
    "modality": (lambda value: is_text(value) and Path(value).name == value, "a name"),
    "sfreq": (lambda value: value is None or (is_number(value) and value > 0), "a rate or null"),
    "unit": (is_text, "text"),
    "channels": (are_names, "different names"),
}
_NOTED: Schema = {
    "subject": (is_text, "text"),
    "trial": (is_text, "text"),
    "start_time": (or_none(is_number), "seconds or null"),
    "sensors": (_are_sensors, "modality, sfreq, unit and channels of each sensor"),
}
"""What stands in the note."""


@dataclass(frozen=True, kw_only=True)
class LiveReader(Reader):
    """Folders that ``physio-vad live`` recorded, one a session, whole or cut off by a kill.

    Samples stand where their time stamps say, to the nearest; what was lost is NaN. Where the clock
    was set, samples go on.
    """

    name: ClassVar[str] = "live"

    def find(self, path: Path) -> list[Source]:
        """List the recordings at or below a folder."""
        folder = path if path.is_dir() else path.parent
        notes = sorted(folder.rglob(NOTE), key=lambda one: natural(str(one)))
        if not notes:
            raise ReadError(f"{path}: holds no {NOTE}, which `physio-vad live` writes")
        return [Source((note, *sorted(note.parent.glob("*.samples")))) for note in notes]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one session."""
        note = load_json(source.files[0].read_bytes())
        if wrong := fault(note, _NOTED, {}):
            raise ReadError(f"{source.files[0]}: {wrong}; `physio-vad live` writes it whole")
        signals: dict[str, Signal | Events] = {}
        for sensor in note["sensors"]:
            file = source.files[0].parent / f"{sensor['modality']}.samples"
            parts = list(metered(_frames(file), 8 * OBJECT))
            if parts:
                made = _events if sensor["sfreq"] is None else _signal
                signals[sensor["modality"]] = made(sensor, parts)
        if not signals:
            raise ReadError(f"{source.files[0]}: nothing was recorded")
        yield Recording(
            note["subject"], signals, trial=note["trial"], start_time=note["start_time"]
        )


def _events(sensor: dict[str, Any], parts: list[tuple[FloatArray, FloatArray]]) -> Events:
    times = np.concatenate([times for _, times in parts])
    values = np.concatenate([values.ravel() for values, _ in parts])
    order = np.argsort(times, kind="stable")
    return Events(times[order], values[order], sensor["unit"])


def _signal(sensor: dict[str, Any], parts: list[tuple[FloatArray, FloatArray]]) -> Signal:
    rate = float(sensor["sfreq"])
    start = _first(parts)
    samples = np.full((len(parts[0][0]), 1024), np.nan)
    end, moved = 0, 0  # samples so far, and by how many a clock that was set is off
    for values, times in parts:
        where = np.round((times - start) * rate).astype(np.int64)
        if len(where) != values.shape[1]:
            where = where[0] + np.arange(values.shape[1])
        if _was_set(samples, where + moved, values, end, rate):
            moved += end - (int(where[0]) + moved)
        where = where + moved
        samples = _with_room(samples, int(where.max()) + 1)
        samples[:, where] = values
        end = max(end, int(where.max()) + 1)
    return Signal(samples[:, :end], rate, sensor["unit"], tuple(sensor["channels"]), start)


def _first(parts: list[tuple[FloatArray, FloatArray]]) -> float:
    """Time of the first sample: chunks may have come in another order at the beginning."""
    first = float(parts[0][1][0])
    near = [float(times.min()) for _, times in parts[:100] if abs(times[0] - first) < CLOSE]
    return min(near)


def _was_set(
    samples: FloatArray, where: IntArray, values: FloatArray, end: int, rate: float
) -> bool:
    """Tell a clock that was set, as `Stream` does: far ahead, before all, or over other samples."""
    apart = int(where[0]) - end
    if apart > LONGEST_GAP * rate or where.min() < 0:
        return end > 0
    old = where < end
    there = samples[:, where[old]]
    both = np.isfinite(there) & np.isfinite(values[:, old])
    return bool((there[both] != values[:, old][both]).any())


def _with_room(samples: FloatArray, size: int) -> FloatArray:
    if size <= samples.shape[1]:
        return samples
    grown = np.full((len(samples), max(size, 2 * samples.shape[1])), np.nan)
    grown[:, : samples.shape[1]] = samples
    return grown
