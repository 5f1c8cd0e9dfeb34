"""OpenSignals text files: a header in JSON, then counts of the converter, one column a channel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.rating_tables import find_table, rate
from physio_vad.io.tables.column_roles import make_columns
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.text import TextTable
from physio_vad.recording.recording import Recording, Signal

_SENSORS = {
    "ECG": ("ecg", "mV"),
    "EDA": ("eda", "uS"),
    "RESP": ("respiration", "%"),
    "RESPIRATION": ("respiration", "%"),
    "EMG": ("emg", "mV"),
}


_CONVERTED = dict(_SENSORS.values())
"""Modalities that counts are converted to, with the unit."""


@dataclass(frozen=True)
class _Board:
    """A device: volts of its supply, volts a microsiemens of its EDA, amplification of ECG, EMG."""

    vcc: float
    eda: float
    gain: Mapping[str, float]


_PLUX = _Board(3.0, 0.12, {"ecg": 1000.0, "emg": 1000.0})
_BITALINO = _Board(3.3, 0.132, {"ecg": 1100.0, "emg": 1009.0})


@dataclass(frozen=True)
class _Input:
    """A column that is used; bits is None where its numbers stay as they are."""

    name: str
    modality: str
    unit: str
    bits: int | None


@dataclass(frozen=True, kw_only=True)
class OpenSignalsReader(Reader):
    """OpenSignals text files (biosignalsplux, RespiBAN, BITalino): one file a person.

    ECG, EMG, EDA and respiration are converted from counts to units with the makers' formulas: for
    a supply of 3 V, or 3.3 V where the header's device is a BITalino, at the resolution of each
    channel. A column that the header calls RAW, as BITalino does, is converted once `channels` says
    what it is. Other sensors are left out, unless `channels` says what they are; then their counts
    stay counts. Files that say ``convertedValues: 1`` are in units already. The columns that are
    used are in memory while a file is read.

    Written from facts about genuine files (rows that end in a tab, headers without ``column``, one
    resolution for all channels); tried on written files only.

    Parameters
    ----------
    channels : mapping of str to Column
        What further columns are, by the name that the header gives them: ``{"CH3": {"modality":
        "ppg", "unit": "a.u."}}``.
    gain : mapping of str to float
        Amplification of ``ECG`` and ``EMG``, which differs between devices; 1000 by default.
    ratings : str
        Name of a table of ratings beside the files, used if it is there, as for ``mne``.
    targets : sequence of str, optional
        Columns of that table with ratings; by default all others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "opensignals"

    channels: Mapping[str, Any] = field(default_factory=dict)
    gain: Mapping[str, float] = field(default_factory=dict)
    ratings: str = "ratings.csv"
    targets: Sequence[str] | None = None
    scale: Any = None

    def __post_init__(self) -> None:
        for name, gain in self.gain.items():
            if name not in ("ECG", "EMG") or not gain > 0:
                raise ArgumentError(f"gain must be above 0, for ECG or EMG; got {name}: {gain!r}")
        columns = make_columns(self.channels) if self.channels else {}
        object.__setattr__(self, "channels", columns)

    def find(self, path: Path) -> list[Source]:
        """List the text files with such a header."""
        found = [path] if path.is_file() else sorted(path.glob("*.txt"))
        found = [one for one in found if path.is_file() or is_opensignals(one)]
        if not found:
            raise ReadError(f"{path}: holds no OpenSignals text file")
        table = find_table(path if path.is_dir() else path.parent, self.ratings, "ratings.csv")
        found.sort(key=lambda one: natural(one.name))
        return [Source((one, *table), one.stem) for one in found]

    def read(self, source: Source) -> Iterator[Recording]:
        """Read one file."""
        path = source.files[0]
        header = read_header(path)
        sfreq, names, sensors, bits = _layout(header, path)
        inputs = self._inputs(names[-len(sensors) :], sensors, bits, path)
        board = _BITALINO if "bitalino" in str(header.get("device", "")).lower() else _PLUX
        numbers = tuple(map(str, range(len(names))))
        dialect = Dialect("\t", ".", "utf-8", count_comments(path), header=False, names=numbers)
        places = [names.index(one.name) for one in inputs]
        rows = TextTable(path, dialect=dialect).load(places)[0]
        for row, one in zip(rows, inputs, strict=True):
            if one.bits is not None:
                row[:] = self._convert(row, one, one.bits, board)
        signals = {}
        for modality in dict.fromkeys(one.modality for one in inputs):
            mine = [place for place, one in enumerate(inputs) if one.modality == modality]
            channels = tuple(inputs[place].name for place in mine)
            signals[modality] = Signal(rows[mine], sfreq, inputs[mine[0]].unit, channels)
        recording = Recording(source.subject or path.stem, signals)
        if source.files[1:]:
            recording = rate(recording, source.files[1], self.targets, self.scale)
        yield recording

    def _inputs(
        self, names: list[str], sensors: list[str], bits: list[int | None], path: Path
    ) -> list[_Input]:
        inputs = []
        for name, sensor, n_bits in zip(names, sensors, bits, strict=True):
            column = self.channels.get(name)
            kind = _SENSORS.get(sensor.upper())
            if column is not None and sensor.upper() == "RAW" and column.modality in _CONVERTED:
                unit = _CONVERTED[column.modality]
                if n_bits is not None and column.unit not in (unit, "a.u."):
                    raise ArgumentError(f"{path}: {name} is converted to {unit}, not {column.unit}")
                kept = column.unit == "a.u."
                inputs.append(_Input(name, column.modality, column.unit, None if kept else n_bits))
            elif column is not None:
                inputs.append(_Input(name, column.modality, column.unit, None))
            elif kind is not None:
                inputs.append(_Input(name, *kind, n_bits))
        if not inputs:
            raise ReadError(
                f"{path}: none of its sensors ({', '.join(sensors)}) is known; say in channels "
                f"what its columns are ({', '.join(names)})"
            )
        return inputs

    def _convert(self, counts: FloatArray, one: _Input, bits: int, board: _Board) -> FloatArray:
        share = counts / 2.0**bits
        if one.modality == "eda":
            return share * board.vcc / board.eda
        if one.modality == "respiration":
            return (share - 0.5) * 100
        gain = self.gain.get(one.modality.upper(), board.gain[one.modality])
        return (share - 0.5) * board.vcc * 1000 / gain


def _layout(
    header: Mapping[str, Any], path: Path
) -> tuple[float, list[str], list[str], list[int | None]]:
    """Rate, names of all columns, sensors of the last of them, and the bits of each sensor."""
    try:
        sfreq = float(header["sampling rate"])
        sensors = [str(one) for one in header["sensor"]]
        names = _columns(header, len(sensors), path)
        told = header["resolution"]
        listed = told if isinstance(told, list) else [told] * len(sensors)
        bits: list[int | None] = [int(one) for one in listed[-len(sensors) :]]
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise ReadError(
            f"{path}: the header must have column, sensor, resolution and sampling rate: "
            f"{type(error).__name__}: {error}"
        ) from None
    if not sensors or len(bits) != len(sensors) or len(names) < len(sensors):
        raise ReadError(f"{path}: the header must have one column and resolution a sensor")
    if header.get("convertedValues") == 1:
        bits = [None] * len(sensors)
    return sfreq, names, sensors, bits


def _columns(header: Mapping[str, Any], n_sensors: int, path: Path) -> list[str]:
    """Names of all columns; an old header labels only those of the sensors, which are the last."""
    if "column" in header or "label" not in header:
        return [str(one) for one in header["column"]]
    labels = [str(one) for one in header["label"]][-n_sensors:]
    with path.open(encoding="utf-8", errors="replace") as stream:
        row = next(line for line in stream if not line.startswith("#")).rstrip()
    others = len(row.split("\t")) - len(labels)
    return [*(f"other {number}" for number in range(1, others + 1)), *labels]


def is_opensignals(path: Path) -> bool:
    """Say whether a file begins as OpenSignals text does."""
    with path.open("rb") as stream:
        return b"opensignals" in stream.read(100).lower()


def read_header(path: Path) -> Mapping[str, Any]:
    """Read the second line: a comment that holds JSON, one entry a device.

    Raises
    ------
    ReadError
        If it is none, or tells of several devices.
    """
    with path.open(encoding="utf-8", errors="replace") as stream:
        lines = [stream.readline(65536) for _ in range(2)]
    try:
        devices = json.loads(lines[1].removeprefix("#"))
        (header,) = devices.values()
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ReadError(
            f"{path}: line 2 must be an OpenSignals header of one device: {error}"
        ) from None
    if not isinstance(header, dict):
        raise ReadError(f"{path}: line 2 must be an OpenSignals header, got {str(header)[:40]!r}")
    return header


def count_comments(path: Path) -> int:
    """Count the lines before the first row.

    Raises
    ------
    ReadError
        If there is none.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream):
            if not line.startswith(b"#"):
                return number
    raise ReadError(f"{path}: has no rows of data")
