"""CASE's raw files: volts and joystick positions, in text without header."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.base import Source, natural
from physio_vad.io.file_patterns import compile_template
from physio_vad.io.tables.text import TextTable
from physio_vad.io.timestamps import measure
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

TARGETS = ("valence", "arousal")
SCALE = dict.fromkeys(TARGETS, (0.5, 9.5))

_LOWEST, _RANGE = -26225.0, 52450.0
_LINEAR = {  # value = factor * volts + offset
    "ecg": ("ecg", "V", 1.0, 0.0),
    "bvp": ("ppg", "%", 58.962, -115.09),
    "gsr": ("eda", "uS", 24.0, -49.2),
    "rsp": ("respiration", "%", 58.923, -115.01),
    "skt": ("temperature", "C", 21.341, -32.085),
    "emg_zygo": ("emg", "uV", 250.0, -500.0),
    "emg_coru": ("emg", "uV", 250.0, -500.0),
    "emg_trap": ("emg", "uV", 250.0, -500.0),
}


def find_raw(path: Path) -> list[Source]:
    """List the people's files.

    Raises
    ------
    ReadError
        If there are none.
    """
    pattern = compile_template("sub{subject}_DAQ.txt")
    found = []
    for file in path.rglob("sub*_DAQ.txt"):
        if fits := pattern.fullmatch(file.name):
            name = f"sub{fits['subject']}_joystick.txt"
            found.append(Source((file, file.parent.parent / "annotations" / name), fits["subject"]))
    if not found:
        raise ReadError(f"{path}: holds no physiological/sub1_DAQ.txt and so on")
    return sorted(found, key=lambda one: natural(str(one.subject)))


def read_raw(source: Source) -> Recording:
    """Read one person; time 0 is the first sample.

    Raises
    ------
    ReadError
        If a file has not the columns that it must have.
    """
    body = _load(source.files[0], 1 + len(_LINEAR))
    felt = _load(source.files[1], 1 + len(TARGETS))
    zero = body[0, 0]
    grid = measure(body[0] - zero, 1000.0, str(source.files[0]))
    placed = grid.place(body[1:])
    rows: dict[str, list[tuple[str, str, FloatArray]]] = {}
    for values, (name, (modality, unit, factor, offset)) in zip(
        placed, _LINEAR.items(), strict=True
    ):
        with np.errstate(over="ignore"):  # no voltage is that high: it is infinite, so missing
            scaled = factor * values + offset
        rows.setdefault(modality, []).append((name, unit, scaled))
    signals = {
        modality: Signal(
            np.array([values for *_, values in part]),
            grid.sfreq,
            part[0][1],
            tuple(name for name, *_ in part),
        )
        for modality, part in rows.items()
    }
    with np.errstate(over="ignore"):
        rated = 0.5 + 9.0 * (felt[1:] - _LOWEST) / _RANGE
    ratings = Ratings.series(felt[0] - zero, rated.T, TARGETS, SCALE)
    return Recording(str(source.subject), signals, ratings)


def _load(path: Path, n_columns: int) -> FloatArray:
    """Load a table of numbers whose first column is the time in seconds."""
    table = TextTable(path)
    if table.n_columns != n_columns:
        raise ReadError(f"{path}: must have {n_columns} columns, it has {table.n_columns}")
    return table.load(range(n_columns))[0]
