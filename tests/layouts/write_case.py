"""Small CASE and EPiC folders: every value says its column, video and row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SIGNALS = ["ecg", "bvp", "gsr", "rsp", "skt", "emg_zygo", "emg_coru", "emg_trap"]


def body(start_ms: float, seconds: float, first: float) -> pd.DataFrame:
    """Value = first + position of the column."""
    n_rows = int(1000 * seconds)
    frame = pd.DataFrame(np.tile(first + np.arange(8.0), (n_rows, 1)), columns=SIGNALS)
    frame.insert(0, "daqtime", start_ms + np.arange(float(n_rows)))
    return frame


def felt(start_ms: float, seconds: float) -> pd.DataFrame:
    """Valence rises from 1 by 0.01 a row, arousal falls from 9."""
    rows = np.arange(int(20 * seconds))
    return pd.DataFrame(
        {"jstime": start_ms + 50.0 * rows, "valence": 1 + 0.01 * rows, "arousal": 9 - 0.01 * rows}
    )


def write_case(folder: Path, subject: int = 1) -> Path:
    """Videos 10 (a screen), 3 and 1, of 2, 4 and 5 s."""
    starts, lengths, videos = [0, 2000, 6000], [2, 4, 5], [10, 3, 1]
    parts = list(zip(starts, lengths, videos, strict=True))
    files = {
        "physiological": [body(at, s, 100 * v).assign(video=v) for at, s, v in parts],
        "annotations": [felt(at, s).assign(video=v) for at, s, v in parts],
    }
    for name, frames in files.items():
        path = folder / "data" / "interpolated" / name / f"sub_{subject}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.concat(frames).to_csv(path, index=False)
    return folder


def write_raw(folder: Path, subject: int = 1, seconds: float = 4) -> Path:
    """Volts count up from 1 by a tenth a column; the joystick goes from end to end, and rests."""
    rows = np.arange(int(1000 * seconds))
    volts = np.tile(1 + 0.1 * np.arange(8), (len(rows), 1))
    stick = np.arange(int(20 * seconds))
    left = np.linspace(-26225, 26225, len(stick))
    for name, values in (
        (f"physiological/sub{subject}_DAQ.txt", np.column_stack([5 + rows / 1000, volts])),
        (
            f"annotations/sub{subject}_joystick.txt",
            np.column_stack([5 + stick / 20, left, 0 * left]),
        ),
    ):
        path = folder / "data" / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savetxt(path, values, fmt="%.4f", delimiter="\t")
    return folder


def write_epic(folder: Path, subject: int = 0, video: int = 2) -> Path:
    """Physiology from 0 to 26 s, annotations from 10 to 16 s."""
    frames = {
        "physiology": body(0, 26, 200).rename(columns={"daqtime": "time"}),
        "annotations": felt(10_000, 6).rename(columns={"jstime": "time"}),
    }
    for name, frame in frames.items():
        path = folder / "test" / name / f"sub_{subject}_vid_{video}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
    return folder
