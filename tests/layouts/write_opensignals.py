"""A small OpenSignals text file: constant counts."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

SENSORS = {"ECG": 49152, "EDA": 16384, "RESP": 49152, "LUX": 1234}


def write_opensignals(path: Path, n_rows: int = 2000, **counts: np.ndarray) -> Path:
    header = {
        "sensor": list(SENSORS),
        "column": ["nSeq", "DI", "CH1", "CH2", "CH3", "CH4"],
        "resolution": [4, 1, 16, 16, 16, 16],
        "sampling rate": 1000,
        "date": "2020-09-13",
        "time": "14:26:37.000",
    }
    own = [counts.get(name, np.full(n_rows, count)) for name, count in SENSORS.items()]
    rows = np.column_stack([np.arange(len(own[0])), np.zeros(len(own[0])), *own])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        stream.write("# OpenSignals Text File Format. Version 1\n")
        stream.write(f"# {json.dumps({'00:07:80:3B:46:61': header})}\n# EndOfHeader\n")
        np.savetxt(stream, np.round(rows).astype(int), fmt="%d", delimiter="\t")
    return path


def write_opensignals_h5(path: Path, **counts: np.ndarray) -> Path:
    """One BITalino of ten bits, with a group of raw channels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        group = file.create_group("20:16:02:26:60:88")
        group.attrs.update({"device": "bitalino_rev", "sampling rate": 1000, "date": "2020-9-13"})
        group.attrs.update(
            {"time": "12:26:40.5", "resolution": [4, 1, 1, 1, 1] + [10] * len(counts)}
        )
        for number, (sensor, values) in enumerate(counts.items(), start=1):
            data = group.create_dataset(f"raw/channel_{number}", data=values[:, np.newaxis])
            data.attrs.update({"label": f"A{number}", "sensor": sensor})
        group.create_dataset("raw/nSeq", data=np.arange(len(values))[:, np.newaxis] % 16)
    return path
