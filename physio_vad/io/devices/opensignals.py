"""OpenSignals files: counts of the converter, with a header for each device that was connected."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, UnknownChannelsError
from physio_vad.io.channels import declared
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.devices.opensignals_files import Device, read_hdf5, read_text
from physio_vad.io.joined import Part, merge
from physio_vad.recording.recording import Events, Signal

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
class OpenSignalsReader(DeviceReader):
    """OpenSignals text and HDF5 files (biosignalsplux, RespiBAN, BITalino): one file a person.

    ECG, EMG, EDA and respiration are converted from counts to units with the makers' formulas: for
    a supply of 3 V, or 3.3 V where the header's device is a BITalino, at the resolution of each
    channel. A column that the header calls RAW, as BITalino does, is converted once `channels` says
    what it is. Other sensors are left out, unless `channels` says what they are; then their counts
    stay counts. Files that say ``convertedValues: 1`` are in units already. Channels of several
    devices in one file are named after the device too: ``"00:07:80:3B:46:61 CH1"``. The columns
    that are used are in memory while a file is read. HDF5 files need the extra ``h5``.

    Checked on genuine files of a BITalino (BITalinoWorld/revolution-sample-data: ECG and EDA, as
    text with one resolution for all, and as HDF5); two devices in
    one file, RespiBAN and converted files on written ones.

    The further options are those of `MarkedReader`.

    Parameters
    ----------
    channels : mapping of str to Column
        What further columns are, by the name that the header gives them: ``{"CH3": {"modality":
        "ppg", "unit": "a.u."}}``.
    gain : mapping of str to float
        Amplification of ``ECG`` and ``EMG``, which differs between devices; 1000 by default.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "opensignals"
    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".h5")

    gain: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, gain in self.gain.items():
            if name not in ("ECG", "EMG") or not gain > 0:
                raise ArgumentError(f"gain must be above 0, for ECG or EMG; got {name}: {gain!r}")

    def holds(self, head: bytes) -> bool:
        """Say whether a file begins as OpenSignals text or HDF5 does."""
        if head.startswith(b"\x89HDF\r\n"):
            return b"sampling rate" in head
        return b"opensignals" in head[:100].lower()

    def load(self, path: Path) -> Part:
        """Read one file."""
        devices = read_hdf5(path) if path.suffix.lower() == ".h5" else read_text(path)
        parts = []
        for device in devices:
            sensors = [device.sensors[name] for name in device.names]
            prefix = f"{device.name} " if len(devices) > 1 else ""
            bits = [device.bits[name] for name in device.names]
            inputs = self._inputs(device.names, sensors, bits, path, prefix)
            if inputs:
                parts.append(self._part(device, inputs, prefix))
        if not parts:
            listed = ", ".join(one for device in devices for one in device.sensors.values())
            names = ", ".join(one for device in devices for one in device.names)
            raise UnknownChannelsError(
                f"{path}: none of its sensors ({listed}) is known; say in channels what its "
                f"columns are ({names})"
            )
        return merge(parts, str(path))

    def _part(self, device: Device, inputs: Sequence[_Input], prefix: str) -> Part:
        """Convert the counts of one device."""
        rows = device.load([one.name for one in inputs])
        board = _BITALINO if "bitalino" in device.kind.lower() else _PLUX
        for row, one in zip(rows, inputs, strict=True):
            if one.bits is not None:
                row[:] = self._convert(row, one, one.bits, board)
        signals: dict[str, Signal | Events] = {}
        for modality in dict.fromkeys(one.modality for one in inputs):
            mine = [place for place, one in enumerate(inputs) if one.modality == modality]
            channels = tuple(prefix + inputs[place].name for place in mine)
            unit = inputs[mine[0]].unit
            signals[modality] = Signal(rows[mine], device.sfreq, unit, channels)
        return Part(signals, device.start_time)

    def _inputs(
        self,
        names: Sequence[str],
        sensors: Sequence[str],
        bits: Sequence[int | None],
        path: Path,
        prefix: str,
    ) -> list[_Input]:
        """Say which channels of a device are used, and as what."""
        inputs = []
        for name, sensor, n_bits in zip(names, sensors, bits, strict=True):
            column = declared(prefix + name, self.channels) or declared(name, self.channels)
            if any(fnmatch.fnmatchcase(prefix + name, one) for one in self.ignore):
                continue
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
        return inputs

    def _convert(self, counts: FloatArray, one: _Input, bits: int, board: _Board) -> FloatArray:
        share = counts / 2.0**bits
        if one.modality == "eda":
            return share * board.vcc / board.eda
        if one.modality == "respiration":
            return (share - 0.5) * 100
        gain = self.gain.get(one.modality.upper(), board.gain[one.modality])
        return (share - 0.5) * board.vcc * 1000 / gain
