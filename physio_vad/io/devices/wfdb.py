"""WFDB records, as PhysioNet keeps them."""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io.base import Source, need
from physio_vad.io.channels import array_signals, choose_channels
from physio_vad.io.devices.base import DeviceReader
from physio_vad.io.formats.budget import make
from physio_vad.io.joined import Part
from physio_vad.io.markers import Mark

_RECORD = re.compile(rb"\s*[\w-]+\s+\d+\s+[\d.]+(e[+-]?\d+)?[\s/(]", re.IGNORECASE)
_EPOCH = datetime.datetime(1970, 1, 1)
_MAX_CHANNELS = 256
_MAX_RATIO = 30
"""Samples that a byte of a packed (FLAC) file may hold."""


@dataclass(frozen=True, kw_only=True)
class WfdbReader(DeviceReader):
    """WFDB: a header (``.hea``) with its signal files a person; needs the extra ``wfdb``.

    Channels keep their rates, and are known by their name and unit (``MLII`` in ``mV``, ``foot
    GSR`` in ``uS``); what is not is listed and left out, until `channels` says it. Annotations
    (``.atr``) are marks for ``trial_start``, by their note or else their symbol. Records of several
    segments are left out.

    Checked on genuine records (MIT-LCP/wfdb-python: 100, a103l, 03700181, test01_00s).

    The options are those of `MarkedReader`.
    """

    name: ClassVar[str] = "wfdb"
    suffixes: ClassVar[tuple[str, ...]] = (".hea",)

    def holds(self, head: bytes) -> bool:
        """Say whether the first line names a record with its channels and rate."""
        lines = [line for line in head.splitlines() if line.strip() and not line.startswith(b"#")]
        return bool(lines and _RECORD.match(lines[0] + b" "))

    def find(self, path: Path) -> list[Source]:
        """List the people whose records there are, each with its signal files."""
        return [replace(one, files=(*one.files, *_beside(one.files))) for one in super().find(path)]

    def load(self, path: Path) -> Part:
        """Read one record."""
        wfdb = need("wfdb", "wfdb", "reading WFDB records")
        record = str(path.with_suffix(""))
        _check(path, wfdb.rdheader(record))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas, at what wfdb does
            read = wfdb.rdrecord(record, smooth_frames=False)
        names = [str(name) for name in read.sig_name]
        named = zip(names, [str(unit) for unit in read.units], strict=True)
        chosen = choose_channels(named, self.channels, self.ignore, str(path))
        rates = [float(read.fs) * n for n in read.samps_per_frame]
        rows = [np.asarray(row, dtype=np.float64) for row in read.e_p_signal]
        signals = array_signals(rows, rates, chosen, str(path))
        began = read.base_datetime
        start = None if began is None else (began - _EPOCH).total_seconds()
        return Part(signals, start, _marks(wfdb, path, float(read.fs)))


def _beside(headers: Sequence[Path]) -> list[Path]:
    """List the signal files that headers name, and annotations, as far as they are there."""
    found: list[Path] = []
    for header in headers:
        if header.suffix.lower() == ".hea":
            found += [header.with_name(name) for name in _signal_files(header)]
            found.append(header.with_suffix(".atr"))
    return [one for one in dict.fromkeys(found) if one.is_file()]


def _signal_files(header: Path) -> list[str]:
    """Read the names of the signal files; those that lead elsewhere are none."""
    lines = [line for line in header.read_bytes().splitlines() if line.strip()]
    rows = [line.split()[0] for line in lines if not line.lstrip().startswith(b"#")][1:]
    names = [row.decode("latin-1") for row in rows[:_MAX_CHANNELS]]
    return [name for name in dict.fromkeys(names) if re.fullmatch(r"[\w.-]+", name)]


def _check(path: Path, header: Any) -> None:
    """Look at how much a header claims before it is made.

    Raises
    ------
    ReadError
        If it has several segments, or its files are elsewhere or too short for what it claims.
    """
    if not hasattr(header, "file_name") or not header.file_name:
        raise ReadError(f"{path}: has several segments or no signals; convert it first")
    there = set(_signal_files(path))
    elsewhere = [str(one) for one in header.file_name if str(one) not in there]
    if elsewhere:
        raise ReadError(f"{path}: its signal files must lie beside it, got {elsewhere[:3]}")
    if not 0 < int(header.n_sig) <= _MAX_CHANNELS:
        raise ReadError(f"{path}: must have 1 to {_MAX_CHANNELS} channels, got {header.n_sig}")
    size = sum(path.with_name(name).stat().st_size for name in there)
    n_samples = int(header.sig_len or 0) * sum(int(n or 1) for n in header.samps_per_frame)
    if not 0 <= n_samples <= _MAX_RATIO * size:
        raise ReadError(f"{path}: claims {n_samples} samples in {size} bytes")
    make(16 * n_samples)


def _marks(wfdb: Any, path: Path, sfreq: float) -> list[Mark]:
    """Read the annotations beside a record; a fault of them does not cost the record."""
    if not path.with_suffix(".atr").is_file():
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = wfdb.rdann(str(path.with_suffix("")), "atr")
        notes = [str(one or "").strip("\0 ") for one in found.aux_note]
        rows = zip(found.sample.tolist(), found.symbol, notes, strict=True)
        return sorted((float(at) / sfreq, 0.0, note or str(symbol)) for at, symbol, note in rows)
    except Exception as error:  # broken files raise anything
        warnings.warn(
            f"{path.with_suffix('.atr')}: left out: {error}", SkippedWarning, stacklevel=3
        )
        return []
