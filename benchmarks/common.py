"""What the benchmarks share: the simulated recording, CPU time, ratios, results on disk.

Importing this sets one thread for numpy's libraries, so it comes before numpy.
"""

# ruff: noqa: E402
from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse
import itertools
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import Recording, Signal, simulate_recordings
from physio_vad.synthetic import simulate_beats, simulate_ecg

SFREQ = 250.0
ESSENTIAL = ("eeg", "eda", "temperature", "ppg", "respiration")
"""One sensor for brain, sweat glands, skin vessels, heart and breath."""


def eight_channels(minutes: float, seed: int = 0, subject: str = "anna") -> Recording:
    """Simulate 2 EEG, EOG, GSR, temperature, PPG, ECG and respiration at 250 Hz."""
    signals = dict(simulate_recordings(1, minutes=minutes, sfreq=SFREQ, seed=seed)[0].signals)
    beats = simulate_beats(70.0, 60 * minutes)
    signals["ecg"] = Signal(simulate_ecg(beats, SFREQ, 60 * minutes), SFREQ, "mV")
    del signals["emg"]
    return Recording(subject, signals)


_FACTORS = (1 + 1e-6 * number for number in itertools.count())


def repeated(recording: Recording, times: int, subject: str) -> Recording:
    """Play a recording several times over: any length, without simulating it.

    Each one that is made has samples of its own, a millionth larger: what the library found in
    the very same ones that came last is recalled, so it would cost nothing.
    """
    factor = next(_FACTORS)
    signals = {
        name: Signal(factor * np.tile(one.values, times), one.sfreq, one.unit, one.channels)
        for name, one in recording.signals.items()
    }
    return Recording(subject, signals)


def windows_of(minutes: float) -> tuple[np.ndarray, np.ndarray]:
    """Windows of 10 s every 5 s."""
    starts = np.arange(0.0, 60 * minutes - 9.9, 5.0)
    return starts, starts + 10.0


def cpu(task) -> float:
    """Seconds of computing, all threads."""
    begin = time.process_time()
    task()
    return time.process_time() - begin


def clock(task) -> float:
    """Seconds on the clock."""
    begin = time.perf_counter()
    task()
    return time.perf_counter() - begin


def take_turns(tasks: dict, repeats: int, measure=cpu) -> pd.DataFrame:
    """Seconds of each task, one row a turn; one turn before them warms up."""
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for repeat in range(repeats + 1):
            row = {name: measure(task) for name, task in tasks.items()}
            rows += [row] if repeat else []
    return pd.DataFrame(rows)


def spread(ratios: pd.DataFrame) -> pd.DataFrame:
    """Median, least and most of each column."""
    return pd.DataFrame({"median": ratios.median(), "least": ratios.min(), "most": ratios.max()})


def parser(text: str | None) -> argparse.ArgumentParser:
    """Command line of every part."""
    made = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--quick", action="store_true", help="less data and fewer turns")
    made.add_argument("--json", type=Path, help="write the tables to this file too")
    return made


def show(tables: dict[str, pd.DataFrame], path: Path | None) -> None:
    """Print tables, and write them as JSON."""
    for title, table in tables.items():
        print(f"\n{title}\n{table.to_string(float_format=lambda x: f'{x:.3g}')}", flush=True)
    if path is not None:
        data = {title: json.loads(one.to_json(orient="split")) for title, one in tables.items()}
        path.write_text(json.dumps(data), encoding="utf-8")
