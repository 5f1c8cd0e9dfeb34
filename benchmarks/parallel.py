"""Two processes beside one: from memory, and from files.

Run ``python benchmarks/parallel.py``. 20 people, one hour each, 8 sensors at 250 Hz.

- memory: `extract_features` of recordings that are there already, so that each goes to a worker
  through shared memory (which is forced here: below `FEW_VALUES` samples it takes threads);
- files: what ``physio-vad run`` does until the feature table: each worker reads eleven-column CSV
  itself and gives a table back, so that nothing large is passed on.

*cold* workers must start and import first; *warm* ones have done so, by the call before. Seconds
are on the clock, so run it on a quiet machine. What a busy one hardly changes is CPU time: *work*
is that of all processes as a share of that of one, and *gain if free* what one process computes
over what the busiest of the warm ones computes. *machine* is what two processes gain here that
share nothing and wait for nothing: the same filter in each, timed in the same turn. Linux only.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import eight_channels, parser, repeated, show

import os
import tempfile
import time
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from reading import write_people
from scipy import signal

from physio_vad import extract_features, make_windows
from physio_vad.features import tasks
from physio_vad.fork_server import SERVER
from physio_vad.study.table_store import build_table
from physio_vad.study.recipe import Recipe
from physio_vad.workers import worker_processes


def from_files(files: Path, n_jobs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build_table(Recipe(), files, Path(folder), n_jobs=n_jobs)


def computing() -> dict[int, float]:
    """CPU seconds so far, of this process and of those that it started, or their server did."""
    spent, seen = {os.getpid(): time.process_time()}, [os.getpid()]
    for process in seen:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
        for child in children.split():
            stat = Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2]
            ticks = sum(int(number) for number in stat.split()[11:13])
            spent[int(child)] = ticks / os.sysconf("SC_CLK_TCK")
            seen.append(int(child))
    return spent


def timed(task) -> tuple[float, list[float]]:
    """Seconds on the clock, and CPU seconds of each process."""
    before, begin = computing(), time.perf_counter()
    task()
    seconds = time.perf_counter() - begin
    return seconds, [spent - before.get(pid, 0.0) for pid, spent in computing().items()]


def filtered(turns: int) -> None:
    samples = np.random.default_rng(0).normal(size=(8, 225_000))
    sections = signal.butter(4, 0.1, output="sos")
    for _ in range(turns):
        signal.sosfiltfilt(sections, samples)


def gain_of_machine() -> float:
    """Time eight rounds of filtering in one process, over those shared by two warm workers."""
    with worker_processes():
        workers = joblib.Parallel(n_jobs=2, batch_size=1)
    workers(joblib.delayed(filtered)(1) for _ in range(2))
    alone, _ = timed(lambda: [filtered(4) for _ in range(8)])
    shared, _ = timed(lambda: workers(joblib.delayed(filtered)(4) for _ in range(8)))
    return alone / shared


def compared(one, two, repeats: int) -> pd.DataFrame:
    """Time one process, two that start first, and two that have worked before."""
    rows = []
    for _ in range(repeats):
        alone, work = timed(one)
        cold, _ = timed(two)
        warm, works = timed(two)
        machine = gain_of_machine()
        get_reusable_executor().shutdown(wait=True)
        SERVER._stop()
        rows.append(
            {
                "one, s": alone,
                "two cold, s": cold,
                "two warm, s": warm,
                "gain cold": alone / cold,
                "gain warm": alone / warm,
                "machine": machine,
                "work": sum(works) / sum(work),
                "gain if free": sum(work) / max(works),
            }
        )
    table = pd.DataFrame(rows)
    return pd.concat([table, table.median().rename("median").to_frame().T])


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = parser(__doc__).parse_args()
    people, minutes, repeats = (6, 60, 1) if arguments.quick else (20, 60, 3)
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        files = write_people(Path(folder), people, minutes)[0].parent
        from_files(files / "S01.csv", 1)  # imports
        rows = compared(lambda: from_files(files, 1), lambda: from_files(files, 2), repeats)
        tables["From files to the feature table"] = rows
    ten = eight_channels(10.0)
    windows, _ = make_windows([repeated(ten, minutes // 10, f"S{i:02}") for i in range(people)])
    extract_features(windows.iloc[:1])
    tasks.FEW_VALUES = 0
    rows = compared(
        lambda: extract_features(windows), lambda: extract_features(windows, n_jobs=2), repeats
    )
    tables["From memory to the feature table"] = rows
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
