"""What it costs to start: the import, and commands that only say something.

Run ``python benchmarks/starting.py``. Fresh processes in turn, warm file cache, CPU seconds of the
process with Python's own start. ``list`` reads the names that the first turn put into the cache.

*Two cold workers* are two processes that start, import what features and models need, and compute
for .1 s each; the CPU seconds are of all processes, with the servers and trackers that they need,
less those of the process that asks. ``joblib's own`` is what joblib starts by itself. Linux only.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import parser, show

import contextlib
import ctypes
import os
import resource
import subprocess
import sys

import pandas as pd

COMMAND = "import sys; sys.argv[0] = 'physio-vad'; from physio_vad.cli import main; main()"
STARTS = {
    "python alone": ["pass"],
    "import typer": ["import typer"],
    "import physio_vad": ["import physio_vad"],
    "import pandas, sklearn": ["import pandas, sklearn"],
    "a class of physio_vad": ["from physio_vad import Signal"],
    "physio-vad --version": [COMMAND, "--version"],
    "physio-vad --help": [COMMAND, "--help"],
    "physio-vad evaluate --help": [COMMAND, "evaluate", "--help"],
    "physio-vad list": [COMMAND, "list"],
}
WORKERS = """
import sys, time, joblib, physio_vad.study.table_store, physio_vad.evaluation
from contextlib import nullcontext
from physio_vad.workers import will_need, worker_processes
def work(_):
    import neurokit2, lightgbm, physio_vad.study.table_store, physio_vad.evaluation
    begin = time.process_time()
    while time.process_time() - begin < 0.1:
        pass
will_need("neurokit2", "lightgbm")
if sys.argv[1] != "no workers":
    with worker_processes() if sys.argv[1] == "preloaded" else nullcontext():
        joblib.Parallel(n_jobs=2, batch_size=1)(joblib.delayed(work)(n) for n in range(2))
"""
_ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)."""


def seconds(words: list[str]) -> float:
    """CPU seconds of one fresh process, and of all that it leaves behind."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", *words], stdout=subprocess.DEVNULL, check=True)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    arguments = parser(__doc__).parse_args()
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    turns = 4 if arguments.quick else 8
    rows = [{name: seconds(words) for name, words in STARTS.items()} for _ in range(turns)]
    found = pd.DataFrame(rows[1:])  # the first turn fills the caches
    starts = {"median": found.median(), "least": found.min(), "most": found.max()}
    kinds = ["no workers", "preloaded", "joblib's own"]
    rows = [{kind: seconds([WORKERS, kind]) for kind in kinds} for _ in range(turns // 2)]
    costs = pd.DataFrame(rows)
    costs = costs[kinds[1:]].sub(costs[kinds[0]], axis=0)
    workers = {"median": costs.median(), "least": costs.min(), "most": costs.max()}
    tables = {"Start, CPU s": starts, "Two cold workers, CPU s": workers}
    show({name: pd.DataFrame(one) for name, one in tables.items()}, arguments.json)


if __name__ == "__main__":
    main()
