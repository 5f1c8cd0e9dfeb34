"""Growth with length and people, memory, and a day in blocks.

Run ``python benchmarks/growth.py``. A simulated recording of 10 minutes (8 channels at 250 Hz,
windows of 10 s every 5 s), played several times over, one thread. *exponent* is the slope of a line
through the logarithms: 1 is linear growth. Memory is measured in a fresh process each: what the
extraction takes at its peak beyond what was there before it, as a multiple of the float64 samples.

``python benchmarks/growth.py --hours 24`` writes a day of 8 sensors to disk, maps it, and extracts
it in blocks (``--block-minutes``); ``--compare`` does it in one piece too. *own* is memory of the
process; pages of the mapped file, which the system takes back whenever it likes, do not count.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import SFREQ, cpu, eight_channels, parser, repeated, show

import json
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import Recording, Signal, extract_features, make_windows

MEGABYTE = 2**20


def exponent(sizes: list[int], seconds: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth(quick: bool) -> dict[str, pd.DataFrame]:
    """CPU seconds by minutes of one recording, and by people with 10 minutes each."""
    ten, tables = eight_channels(10.0), {}
    minutes = [10, 30, 60, 120] if quick else [10, 20, 40, 60, 120, 240]
    people = [5, 10, 20] if quick else [5, 10, 20, 40, 80]
    extract_features(make_windows([ten])[0])  # warms up
    for title, sizes, recordings in (
        ("minutes", minutes, lambda n: [repeated(ten, n // 10, "anna")]),
        ("people", people, lambda n: [repeated(ten, 1, f"S{i}") for i in range(n)]),
    ):
        seconds = []
        for size in sizes:
            turns = [make_windows(recordings(size))[0] for _ in range(2)]
            seconds.append(min(cpu(lambda w=windows: extract_features(w)) for windows in turns))
        table = pd.DataFrame({title: sizes, "CPU s": seconds})
        table["exponent"] = exponent(sizes, seconds)
        tables[f"Growth with {title}"] = table.set_index(title)
    return tables


class OwnMemory(threading.Thread):
    """Watches the process's own memory (anonymous pages) until it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.running, self.before = 0, True, own_memory()

    def run(self):
        """Look every 5 ms."""
        while self.running:
            self.peak = max(self.peak, own_memory() - self.before)
            time.sleep(0.005)


def own_memory() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def extracted(recording: Recording, minutes: float | None) -> dict[str, float]:
    """Extract once, watching memory and time."""
    windows, _ = make_windows([recording])
    warm = recording.crop(0, 120)
    extract_features(make_windows([warm])[0])
    size = sum(one.values.nbytes for one in recording.signals.values())
    watch = OwnMemory()
    watch.start()
    begin = time.perf_counter(), time.process_time()
    extract_features(windows, block_minutes=minutes)
    end = time.perf_counter(), time.process_time()
    watch.running = False
    return {
        "windows": len(windows),
        "samples MB": size / MEGABYTE,
        "own MB": watch.peak / MEGABYTE,
        "own / samples": watch.peak / size,
        "s": end[0] - begin[0],
        "CPU s": end[1] - begin[1],
    }


def mapped(folder: Path, hours: float) -> Recording:
    """Write 10 minutes over and over, and map the files: nothing is read yet."""
    signals = {}
    for name, one in eight_channels(10.0).signals.items():
        shape = (one.n_channels, int(hours * 6) * one.n_samples)
        file = np.lib.format.open_memmap(
            folder / f"{name}.npy", mode="w+", dtype=np.float64, shape=shape
        )
        for begin in range(0, shape[1], one.n_samples):
            file[:, begin : begin + one.n_samples] = one.values
        file.flush()
        del file
        values = np.load(folder / f"{name}.npy", mmap_mode="r")
        signals[name] = Signal(values, SFREQ, one.unit, one.channels)
    return Recording("anna", signals)


def compared(recording: Recording, minutes: float) -> dict[str, float]:
    """Largest difference between blocks and one piece, as a share of the feature's range."""
    windows, _ = make_windows([recording])
    whole = extract_features(windows, block_minutes=None)
    parts = extract_features(windows, block_minutes=minutes)
    span = np.maximum(whole.max() - whole.min(), 1e-3 * whole.abs().max())
    return {
        "worst difference": ((whole - parts).abs().max() / span).max(),
        "NaN elsewhere": (whole.isna() != parts.isna()).to_numpy().sum(),
    }


def memory_in_fresh_processes(quick: bool) -> pd.DataFrame:
    rows = {}
    for minutes in [30, 60] if quick else [30, 60, 120, 240]:
        command = [sys.executable, __file__, "--memory", str(minutes)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows[minutes] = pd.Series(json.loads(done.stdout))
    return pd.DataFrame(rows).T.rename_axis("minutes")


def main() -> None:
    warnings.simplefilter("ignore")
    command = parser(__doc__)
    command.add_argument("--hours", type=float)
    command.add_argument("--block-minutes", type=float, default=60.0)
    command.add_argument("--compare", action="store_true", help="with one piece; needs memory")
    command.add_argument("--memory", type=int, help="minutes; for use by the other runs")
    arguments = command.parse_args()
    if arguments.memory:
        recording = repeated(eight_channels(10.0), arguments.memory // 10, "anna")
        print(json.dumps(extracted(recording, arguments.block_minutes)))
    elif arguments.hours:
        with tempfile.TemporaryDirectory() as folder:
            recording = mapped(Path(folder), arguments.hours)
            found = extracted(recording, arguments.block_minutes)
            if arguments.compare:
                found |= compared(recording, arguments.block_minutes)
        title = (
            f"{arguments.hours:g} h from a mapped file, blocks of {arguments.block_minutes:g} min"
        )
        show({title: pd.DataFrame([found])}, arguments.json)
    else:
        tables = growth(arguments.quick)
        tables["Memory beyond the samples"] = memory_in_fresh_processes(arguments.quick)
        show(tables, arguments.json)


if __name__ == "__main__":
    main()
