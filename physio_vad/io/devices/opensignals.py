"""OpenSignals text files: a header in JSON, then counts of the converter, one column a channel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural
from physio_vad.io.rating_tables import find_table, rate
from physio_vad.io.tables.column_roles import Column, make_columns
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.text import TextTable
from physio_vad.recording.recording import Recording, Signal

VCC = 3.0
"""Voltage of the sensors' supply."""

_SENSORS = {
    "ECG": ("ecg", "mV"),
    "EDA": ("eda", "uS"),
    "RESP": ("respiration", "%"),
    "RESPIRATION": ("respiration", "%"),
    "EMG": ("emg", "mV"),
}


@dataclass(frozen=True, kw_only=True)
class OpenSignalsReader(Reader):
    """OpenSignals text files (biosignalsplux, RespiBAN): one file a person.

    ECG, EMG, EDA and respiration are converted from counts to units with the makers' formulas for
    a supply of 3 V. Other sensors are left out, unless `channels` says what they are; then their
    counts stay counts. The columns that are used are in memory while a file is read.

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
        try:
            sfreq = float(header["sampling rate"])
            names, sensors = list(header["column"]), list(header["sensor"])
            bits = [int(one) for one in header["resolution"]][-len(sensors) :]
        except (KeyError, TypeError, ValueError) as error:
            raise ReadError(
                f"{path}: the header must have column, sensor, resolution and sampling rate: "
                f"{type(error).__name__}: {error}"
            ) from None
        if not sensors or len(bits) != len(sensors) or len(names) < len(sensors):
            raise ReadError(f"{path}: the header must have one column and resolution a sensor")
        made = self._signals(
            path, sfreq, names, dict(zip(names[-len(sensors) :], sensors, strict=True)), bits
        )
        recording = Recording(source.subject or path.stem, made)
        if source.files[1:]:
            recording = rate(recording, source.files[1], self.targets, self.scale)
        yield recording

    def _signals(
        self, path: Path, sfreq: float, names: list[str], sensors: dict[str, str], bits: list[int]
    ) -> dict[str, Signal]:
        parts: dict[str, list[tuple[str, Column, int | None]]] = {}
        for (name, sensor), n_bits in zip(sensors.items(), bits, strict=True):
            column = self.channels.get(name)
            kind = _SENSORS.get(str(sensor).upper())
            if column is not None:
                parts.setdefault(column.modality, []).append((name, column, None))
            elif kind is not None:
                parts.setdefault(kind[0], []).append((name, Column(*kind, sensor), n_bits))
        if not parts:
            raise ReadError(
                f"{path}: none of its sensors ({', '.join(map(str, sensors.values()))}) is known; "
                "say in channels what its columns are"
            )
        wanted = [name for part in parts.values() for name, *_ in part]
        numbers = tuple(map(str, range(len(names))))
        dialect = Dialect("\t", ".", "utf-8", count_comments(path), header=False, names=numbers)
        table = TextTable(path, dialect=dialect)
        counts = dict(
            zip(wanted, table.load([names.index(name) for name in wanted])[0], strict=True)
        )
        return {
            modality: Signal(
                np.array(
                    [
                        counts[name] if n_bits is None else self._convert(counts[name], one, n_bits)
                        for name, one, n_bits in part
                    ]
                ),
                sfreq,
                part[0][1].unit,
                tuple(name for name, *_ in part),
            )
            for modality, part in parts.items()
        }

    def _convert(self, counts: FloatArray, column: Column, bits: int) -> FloatArray:
        share = counts / 2.0**bits
        if column.modality == "eda":
            return share * VCC / 0.12
        if column.modality == "respiration":
            return (share - 0.5) * 100
        gain = self.gain.get(column.channel.upper(), 1000.0)
        return (share - 0.5) * VCC * 1000 / gain


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
