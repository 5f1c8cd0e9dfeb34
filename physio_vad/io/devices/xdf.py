"""XDF, the files of the lab streaming layer, through pyxdf."""

from __future__ import annotations

import contextlib
import fnmatch
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import ReadError, RecordingError, UnknownChannelsError
from physio_vad.io.base import need
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.formats.xdf_chunks import check_xdf
from physio_vad.io.joined import Part
from physio_vad.io.markers import Mark
from physio_vad.io.tables.column_roles import Column
from physio_vad.io.timestamps import measure
from physio_vad.recording.recording import Events, Signal
from physio_vad.recording.unit_words import find_unit
from physio_vad.recording.units import conversion, known_units, modality_name, own_unit

_TYPES = {
    "EEG": Column("eeg", "uV"),
    "EOG": Column("eog", "uV"),
    "EMG": Column("emg", "uV"),
    "ECG": Column("ecg", "uV"),
    "EDA": Column("eda", "uS"),
    "GSR": Column("eda", "uS"),
    "PPG": Column("ppg", "a.u."),
}
"""What the usual types of streams are, in the units that the layer recommends."""


@dataclass(frozen=True, kw_only=True)
class XdfReader(DeviceReader):
    """XDF files, as LabRecorder writes them; needs the extra ``xdf``.

    Channels are named ``"stream/channel"`` in `channels` and `ignore`: ``"BioSemi/*"``. The unit of
    a channel is that of its ``<unit>``, and its kind that of its ``<type>``, else that of the
    stream's (EEG, EOG, EMG, ECG in uV, EDA or GSR in uS, PPG; any modality's name where the unit is
    said); others are left out. Texts in streams of markers are marks for ``trial_start``.

    Each stream keeps its own rate, measured by its clock, which pyxdf aligns with those of the
    others. Time 0 is the first sample of those that are read. Gaps of more than 1 s hold NaN and
    are not filled; shorter jitter of the clock is smoothed by pyxdf.

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "xdf"
    suffixes: ClassVar[tuple[str, ...]] = (".xdf",)

    def load(self, path: Path) -> Part:
        """Read one file."""
        pyxdf = need("pyxdf", "xdf", "reading XDF")
        check_xdf(path)
        with np.errstate(all="ignore"), _silent():  # a clock that stands still is refused below
            streams, _ = pyxdf.load_xdf(str(path), jitter_break_threshold_samples=1)
        chosen = [(one, self._choose(one)) for one in streams if len(one["time_stamps"])]
        chosen = [(one, columns) for one, columns in chosen if columns]
        if not chosen:
            raise UnknownChannelsError(
                f"{path}: none of its streams ({_list(streams)}) is of a known type and has "
                "samples; say in channels what they are"
            )
        zero = min(float(one["time_stamps"][0]) for one, _ in chosen)
        signals: dict[str, Signal | Events] = {}
        for stream, columns in chosen:
            for modality, signal in _signals(stream, columns, zero, path):
                if modality in signals:
                    raise ReadError(
                        f"{path}: several streams hold {modality!r}, each with its own clock; "
                        "leave all but one out with ignore"
                    )
                signals[modality] = signal
        return Part(signals, marks=_marks(streams, zero))

    def _choose(self, stream: dict[str, Any]) -> dict[int, Column]:
        """Say what the channels of a stream are, by their number."""
        if _text(stream, "channel_format") == "string":
            return {}
        return channel_columns(
            _text(stream, "name"),
            _text(stream, "type"),
            _channels(stream),
            int(_text(stream, "channel_count")),
            known=self.channels,
            ignore=self.ignore,
        )


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep from the user what pyxdf logs of clocks, which are measured anew."""
    logger = logging.getLogger("pyxdf")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def channel_columns(
    name: str,
    kind: str,
    described: Sequence[Mapping[str, str]],
    n_channels: int,
    *,
    known: Mapping[str, Column] | None = None,
    ignore: Sequence[str] = (),
    default_units: bool = True,
) -> dict[int, Column]:
    """Say what the channels of a stream of the lab streaming layer are, by their number.

    Parameters
    ----------
    name, kind : str
        Name and type of the stream.
    described : sequence of mapping of str to str
        Label, type and unit of each channel, as far as the stream says them.
    n_channels : int
        Channels of the stream.
    known : mapping of str to Column, optional
        What channels are, by pattern of ``"stream/channel"``, before what they say.
    ignore : sequence of str
        Patterns of channels to leave out.
    default_units : bool
        Take the unit that the layer recommends where none is said; else it is empty then.

    Returns
    -------
    dict of int to Column
        Without channels of an unknown kind.
    """
    chosen = {}
    for row, label in enumerate(_labels(described, n_channels)):
        about = described[row] if row < len(described) else {}
        place = f"{name}/{label}"
        if any(fnmatch.fnmatchcase(place, pattern) for pattern in ignore):
            continue
        fitting = (c for key, c in (known or {}).items() if fnmatch.fnmatchcase(place, key))
        column = next(fitting, _kind(about.get("type", "")) or _kind(kind))
        if column is not None:
            unit = find_unit(about.get("unit", ""), known_units(column.modality))
            unit = unit or (column.unit if default_units else "")
            chosen[row] = Column(column.modality, unit, label)
    return {row: one for row, one in chosen.items() if one.unit or not default_units}


def _kind(text: str) -> Column | None:
    """Know a kind by its usual name, or by that of a modality, whose unit must then be said."""
    usual = _TYPES.get(text.upper())
    if usual is not None or not text:
        return usual
    try:
        return Column(modality_name(text.lower()), "")
    except RecordingError:
        return None


def _signals(
    stream: dict[str, Any], columns: dict[int, Column], zero: float, path: Path
) -> Iterator[tuple[str, Signal]]:
    where = f"{path}: stream {_text(stream, 'name')!r}"
    times = np.asarray(stream["time_stamps"], dtype=np.float64)
    values = np.asarray(stream["time_series"], dtype=np.float64).T
    grid = measure(times - zero, float(_text(stream, "nominal_srate")) or None, where)
    for modality in dict.fromkeys(column.modality for column in columns.values()):
        rows = [row for row, column in columns.items() if column.modality == modality]
        names = tuple(columns[row].channel for row in rows)
        placed, unit = grid.place(values[rows]), columns[rows[0]].unit
        if any(columns[row].unit != unit for row in rows):
            how = [conversion(modality, columns[row].unit) for row in rows]
            placed = np.array([one(row) for one, row in zip(how, placed, strict=True)])
            unit = own_unit(modality)
        yield modality, Signal(placed, grid.sfreq, unit, names, times[0] - zero)


def _marks(streams: list[dict[str, Any]], zero: float) -> list[Mark]:
    return sorted(
        (float(time) - zero, 0.0, str(text[0]))
        for stream in streams
        if _text(stream, "channel_format") == "string"
        for time, text in zip(stream["time_stamps"], stream["time_series"], strict=True)
    )


def _channels(stream: dict[str, Any]) -> list[dict[str, str]]:
    """Read what the stream says of each channel: label, type, unit."""
    try:
        channels = stream["info"]["desc"][0]["channels"][0]["channel"]
        return [{key: str((one[key] or [""])[0] or "") for key in one} for one in channels]
    except (KeyError, IndexError, TypeError):
        return []


def _labels(described: Sequence[Mapping[str, str]], n_channels: int) -> list[str]:
    """Names of the channels, as far as the stream describes them; else their numbers."""
    labels = [one["label"] for one in described if one.get("label")]
    if len(set(labels)) != n_channels:
        labels = [str(number) for number in range(1, n_channels + 1)]
    return labels


def _text(stream: dict[str, Any], key: str) -> str:
    return str((stream["info"].get(key) or [""])[0] or "")


def _list(streams: list[dict[str, Any]]) -> str:
    names = [f"{_text(one, 'name')!r} of type {_text(one, 'type')!r}" for one in streams]
    return re.sub(r"\s+", " ", ", ".join(names)) or "none"
