"""The files of OpenSignals: text with a header in JSON, and HDF5."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import need
from physio_vad.io.formats.budget import make
from physio_vad.io.formats.hdf5 import check_heaps
from physio_vad.io.formats.json_text import load_json
from physio_vad.io.tables.dialect import Dialect
from physio_vad.io.tables.text import TextTable


@dataclass(frozen=True)
class Device:
    """What one device in a file recorded.

    Parameters
    ----------
    name, kind : str
        Its address, and what the header calls it.
    sfreq : float
        Rate in Hz.
    names : list of str
        Its channels.
    sensors : dict of str to str
        Sensor of each channel.
    bits : dict of str to int or None
        Resolution of each channel; None where its numbers stay as they are.
    start_time : float or None
        Seconds since 1970.
    load : callable
        Returns the counts of channels, shape (n_channels, n_samples).
    """

    name: str
    kind: str
    sfreq: float
    names: list[str]
    sensors: dict[str, str]
    bits: dict[str, int | None]
    start_time: float | None
    load: Callable[[Sequence[str]], FloatArray]


def read_text(path: Path) -> list[Device]:
    """Open the devices whose columns stand side by side in a text."""
    devices, first = [], 0
    skip = count_comments(path)
    headers = read_headers(path)
    layouts = {name: _layout(header, path, len(headers)) for name, header in headers.items()}
    width = sum(len(names) for _, names, _, _ in layouts.values())
    if len({sfreq for sfreq, *_ in layouts.values()}) > 1:
        raise ReadError(
            f"{path}: its devices have different rates; save them in files of their own"
        )
    for name, (sfreq, names, sensors, bits) in layouts.items():
        used = names[-len(sensors) :]
        places = {one: first + names.index(one) for one in used}
        header = headers[name]
        devices.append(
            Device(
                name,
                str(header.get("device", "")),
                sfreq,
                used,
                dict(zip(used, sensors, strict=True)),
                dict(zip(used, bits, strict=True)),
                start_of(header),
                partial(_load_columns, path, skip, width, places),
            )
        )
        first += len(names)
    return devices


def _load_columns(
    path: Path, skip: int, width: int, places: Mapping[str, int], names: Sequence[str]
) -> FloatArray:
    with path.open("rb") as stream:
        row = next(line for line in stream if not line.startswith(b"#")).rstrip(b"\r\n")
    n_cells = width + 1 if row.endswith(b"\t") and row.count(b"\t") == width else 0
    numbers = tuple(map(str, range(width)))
    dialect = Dialect("\t", ".", "utf-8", skip, header=False, names=numbers, n_cells=n_cells)
    return TextTable(path, dialect=dialect).load([places[name] for name in names])[0]


def start_of(header: Mapping[str, Any]) -> float | None:
    """Read when a device began, in seconds since 1970 as if its clock were UTC.

    Examples
    --------
    >>> start_of({"date": "2016-6-11", "time": "7:3:47.29"})
    1465628627.29
    """
    date = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", str(header.get("date", "")).strip())
    said = str(header.get("time", "")).strip()
    time = re.fullmatch(r"(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)", said)
    if date is None or time is None:
        return None
    year, month, day = (int(one) for one in date.groups())
    try:
        midnight = datetime.datetime(year, month, day, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return None
    return round(midnight + 3600 * int(time[1]) + 60 * int(time[2]) + float(time[3]), 6)


def _layout(
    header: Mapping[str, Any], path: Path, n_devices: int
) -> tuple[float, list[str], list[str], list[int | None]]:
    """Rate, names of all columns, sensors of the last of them, and the bits of each sensor."""
    try:
        sfreq = float(header["sampling rate"])
        sensors = [str(one) for one in header["sensor"]]
        names = _columns(header, len(sensors), path if n_devices == 1 else None)
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


def _columns(header: Mapping[str, Any], n_sensors: int, path: Path | None) -> list[str]:
    """Names of all columns; an old header labels only those of the sensors, which are the last."""
    if "column" in header or "label" not in header or path is None:
        return [str(one) for one in header["column"]]
    labels = [str(one) for one in header["label"]][-n_sensors:]
    with path.open(encoding="utf-8", errors="replace") as stream:
        row = next(line for line in stream if not line.startswith("#")).rstrip()
    others = len(row.split("\t")) - len(labels)
    return [*(f"other {number}" for number in range(1, others + 1)), *labels]


def read_headers(path: Path) -> dict[str, Mapping[str, Any]]:
    """Read the second line: a comment that holds JSON, one entry a device.

    Raises
    ------
    ReadError
        If it is none.
    """
    with path.open(encoding="utf-8", errors="replace") as stream:
        lines = [stream.readline(65536) for _ in range(2)]
    try:
        headers = dict(load_json(lines[1].removeprefix("#").encode()).items())
    except (ValueError, AttributeError, TypeError) as error:
        raise ReadError(f"{path}: line 2 must be an OpenSignals header: {error}") from None
    if not headers or not all(isinstance(one, dict) for one in headers.values()):
        raise ReadError(f"{path}: line 2 must be an OpenSignals header, got {str(headers)[:40]!r}")
    return headers


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


_MAX_RATIO = 1100
"""Bytes that a byte of a packed file can hold."""


def read_hdf5(path: Path) -> list[Device]:
    """Open the devices of an HDF5 file: a group each, with attributes and ``raw/channel_1``.

    Raises
    ------
    ReadError
        If it is no whole file, or claims more samples than it has bytes.
    """
    h5py = need("h5py", "h5", "reading HDF5 files of OpenSignals")
    check_heaps(path)
    try:
        with h5py.File(path, "r") as file:
            # not items(): left at an error, it keeps the lock of h5py that its collection waits for
            devices = [_of_group(name, file[name], path) for name in list(file)]
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise ReadError(f"{path}: is no whole HDF5 file of OpenSignals: {error}") from None
    if not devices:
        raise ReadError(f"{path}: holds no device")
    return devices


def _of_group(name: str, group: Any, path: Path) -> Device:
    said = dict(group.attrs)
    channels = [one for one in list(group["raw"]) if one.startswith("channel_")]
    channels.sort(key=lambda one: int(one.removeprefix("channel_")))
    told = [int(one) for one in np.atleast_1d(said["resolution"])]
    bits = told[-len(channels) :] if len(told) >= len(channels) else told[-1:] * len(channels)
    columns, sensors, own = {}, {}, {}
    for channel, n_bits in zip(channels, bits, strict=True):
        data = group["raw"][channel]
        if data.size * data.dtype.itemsize > _MAX_RATIO * path.stat().st_size:
            raise ReadError(f"{path}: is damaged: {channel} claims {data.size} samples")
        make(8 * data.size)
        label = str(data.attrs.get("label", channel))
        columns[label] = np.asarray(data, dtype=np.float64).ravel()
        sensors[label], own[label] = str(data.attrs.get("sensor", "RAW")), n_bits
    return Device(
        name,
        str(said.get("device", "")),
        float(said["sampling rate"]),
        list(columns),
        sensors,
        dict(own),
        start_of(said),
        lambda names: np.array([columns[one] for one in names]),
    )
