"""Cost of extraction in two versions of the library, by sensors that are recorded together.

Run ``python benchmarks/before_after.py OLD NEW`` with the folders of two working trees, such as
``git worktree add --detach ../old c38b213`` makes them. A process each extracts the same simulated
recording (10 minutes, 250 Hz, windows of 10 s every 5 s) in turns; CPU milliseconds per minute, and
the ratio of the turns. Two recordings alternate, as the library remembers what it found last.
Memory is kept by the processes, so that page faults, which depend on what ran before, do not count.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import SFREQ, cpu, eight_channels, parser, show

import os
import subprocess
import sys
import tempfile
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import Recording, Signal, extract_features, make_windows

MINUTES = 10.0
TOGETHER = (
    *(("eeg",), ("eog",), ("eda",), ("temperature",), ("respiration",)),
    *(("ecg",), ("noisy ecg",), ("ppg",), ("ecg", "respiration"), ("ppg", "respiration")),
    *(("ppg", "ecg"), ("ppg", "ecg", "respiration")),
    ("eeg", "eog", "eda", "temperature", "ppg", "ecg", "respiration"),
)
KEEP = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "2000000000"}


def write(file: Path) -> None:
    """Write the signals; to the noisy ECG white noise of 1 mV is added."""
    signals = eight_channels(MINUTES).signals
    arrays = {name: one.values for name, one in signals.items()}
    noise = np.random.default_rng(0).normal(size=arrays["ecg"].shape)
    np.savez(file, **arrays, **{"noisy ecg": arrays["ecg"] + noise})


def serve(file: Path) -> None:
    """Extract what is asked for by number, and answer with the seconds it took."""
    arrays, units = np.load(file), {"eda": "uS", "temperature": "C", "ecg": "mV"}
    tasks = {}
    for line in sys.stdin:
        number = int(line)
        if number not in tasks:
            made = []
            for factor in (1.0, 1.001):
                signals = {}
                for name in TOGETHER[number]:
                    modality = name.split()[-1]
                    unit = units.get(modality, "uV" if modality in ("eeg", "eog") else "a.u.")
                    names = ("F3", "F4") if modality == "eeg" else ()
                    signals[modality] = Signal(factor * arrays[name], SFREQ, unit, names)
                made.append(make_windows([Recording("anna", signals)])[0])
            tasks[number] = cycle(made)
            for _ in range(2):
                extract_features(next(tasks[number]))
        windows = next(tasks[number])
        print(cpu(lambda w=windows: extract_features(w)), flush=True)


def compared(trees: list[str], file: Path, turns: int) -> pd.DataFrame:
    command = [sys.executable, "-W", "ignore", __file__, "--serve", str(file)]
    workers = [
        subprocess.Popen(
            command, stdin=-1, stdout=-1, text=True, env=os.environ | KEEP | {"PYTHONPATH": tree}
        )
        for tree in trees
    ]
    rows = {}
    for number, sensors in enumerate(TOGETHER):
        times = np.empty((turns, 2))
        for turn in range(turns):
            for place, worker in enumerate(workers):
                worker.stdin.write(f"{number}\n")
                worker.stdin.flush()
                times[turn, place] = float(worker.stdout.readline())
        ratios, ms = times[:, 1] / times[:, 0], 1000 / MINUTES * np.median(times, axis=0)
        ends = (np.median(ratios), *np.percentile(ratios, [25, 75]))
        rows[", ".join(sensors)] = dict(
            zip(("before", "after", "ratio", "25 %", "75 %"), (*ms, *ends), strict=True)
        )
    for worker in workers:
        worker.stdin.close()
    return pd.DataFrame(rows).T


def main() -> None:
    command = parser(__doc__)
    command.add_argument("trees", nargs="*", help="old and new")
    command.add_argument("--serve", type=Path, help="for use by the other process")
    arguments = command.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    if len(arguments.trees) != 2:
        command.error("give the folders of two working trees, OLD NEW")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "signals.npz"
        write(file)
        table = compared(arguments.trees, file, 5 if arguments.quick else 15)
    show({"Extraction, CPU ms per minute, before and after": table}, arguments.json)


if __name__ == "__main__":
    main()
