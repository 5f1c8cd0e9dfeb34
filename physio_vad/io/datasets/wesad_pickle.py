"""WESAD's ``S2.pkl``: both devices on one clock, and a code of the condition for each sample."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.matlab import numbers
from physio_vad.io.formats.unpickle import parse_pickle
from physio_vad.recording.recording import Signal

CONDITIONS: Mapping[int, str] = MappingProxyType({1: "Base", 2: "TSST", 3: "Fun", 4: "Medi"})
"""Names of the codes as the questionnaires have them; the other codes are no condition."""

_LABEL_SFREQ = 700.0
_XYZ = ("x", "y", "z")
_DEVICES: Mapping[str, Mapping[str, tuple[str, str, float, tuple[str, ...]]]] = {
    "chest": {
        "ACC": ("acceleration", "g", 700.0, _XYZ),
        "ECG": ("ecg", "mV", 700.0, ("ECG",)),
        "EMG": ("emg", "mV", 700.0, ("EMG",)),
        "EDA": ("eda", "uS", 700.0, ("EDA",)),
        "Temp": ("temperature", "C", 700.0, ("TEMP",)),
        "Resp": ("respiration", "%", 700.0, ("RESPIRATION",)),
    },
    "wrist": {
        "ACC": ("acceleration", "1/64 g", 32.0, _XYZ),
        "BVP": ("ppg", "nW", 64.0, ("BVP",)),
        "EDA": ("eda", "uS", 4.0, ("EDA",)),
        "TEMP": ("temperature", "C", 4.0, ("TEMP",)),
    },
}


def read_synchronised(
    path: Path, device: str
) -> tuple[dict[str, Signal], list[tuple[str, float, float]]]:
    """Read one device, and when each condition began and ended.

    Parameters
    ----------
    path : Path
        The pickle, of which only plain data are read.
    device : {"chest", "wrist"}
        Which device.

    Returns
    -------
    signals : dict of str to Signal
        By modality.
    conditions : list of (str, float, float)
        Name, start and stop in seconds, by time.

    Raises
    ------
    ReadError
        If the file is damaged, asks for more than plain data, or lacks something.
    """
    top = parse_pickle(path)
    sensors = _inside(_inside(top, "signal", path), device, path)
    signals = {}
    for key, (modality, unit, sfreq, channels) in _DEVICES[device].items():
        values = np.asarray(_inside(sensors, key, path))
        values = values[:, np.newaxis] if values.ndim == 1 else values
        rows = numbers(values, (None, len(channels)), f"{path}: {device} {key}")
        signals[modality] = Signal(rows.T, sfreq, unit, channels)
    codes = numbers(_inside(top, "label", path), (None,), f"{path}: label")
    edges = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)]])
    runs = [(int(codes[i]), i, j) for i, j in itertools.pairwise(edges.tolist()) if i < j]
    return signals, [
        (CONDITIONS[code], start / _LABEL_SFREQ, stop / _LABEL_SFREQ)
        for code, start, stop in runs
        if code in CONDITIONS
    ]


def _inside(value: Any, key: str, path: Path) -> Any:
    if not isinstance(value, dict) or key not in value:
        raise ReadError(f"{path}: lacks {key!r}")
    return value[key]
