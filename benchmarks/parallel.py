"""Two processes beside one: from memory, and from files.

Run ``python benchmarks/parallel.py``. 20 people, one hour each, 8 sensors at 250 Hz.

- memory: `extract_features` of recordings that are there already, so that each goes to a worker
  through shared memory (which is forced here: below `FEW_VALUES` samples it takes threads);
- files: what ``physio-vad run`` does until the feature table: each worker reads eleven-column CSV
  itself and gives a table back, so that nothing large is passed on.

*cold* workers must start and import first; *warm* ones have done so, which is the second of two
calls. Seconds are on the clock, so run it on a quiet machine; *CPU ratio* is the work of all
processes as a share of that of one, which a busy machine hardly changes: 2 / CPU ratio is the most
that two processes can gain.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import eight_channels, parser, repeated, show

import resource
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd
from joblib.externals.loky import get_reusable_executor
from reading import write_people

from physio_vad import extract_features, features, make_windows
from physio_vad.parts import make_parts
from physio_vad.recipes import Recipe


def from_files(files: Path, n_jobs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_parts(Recipe(), files, Path(folder), n_jobs=n_jobs)


def timed(task) -> tuple[float, float]:
    """Seconds on the clock, and of computing in this process and those that have ended."""
    begin = time.perf_counter(), computing()
    task()
    end = time.perf_counter()
    get_reusable_executor().shutdown(wait=True)  # what workers computed counts once they are gone
    return end - begin[0], computing() - begin[1]


def computing() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def compared(one, two, repeats: int) -> pd.DataFrame:
    """Time one process, two that start first, and two that have worked before."""
    rows = []
    for _ in range(repeats):
        alone, alone_cpu = timed(one)
        cold, cold_cpu = timed(two)
        twice, twice_cpu = timed(lambda: (two(), two()))
        warm, warm_cpu = twice - cold, twice_cpu - cold_cpu
        rows.append(
            {
                "one, s": alone,
                "two cold, s": cold,
                "two warm, s": warm,
                "gain cold": alone / cold,
                "gain warm": alone / warm,
                "CPU ratio warm": warm_cpu / alone_cpu,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = parser(__doc__).parse_args()
    people, minutes, repeats = (6, 60, 1) if arguments.quick else (20, 60, 2)
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        files = write_people(Path(folder), people, minutes)[0].parent
        from_files(files / "S01.csv", 1)  # imports
        rows = compared(lambda: from_files(files, 1), lambda: from_files(files, 2), repeats)
        tables["From files to the feature table"] = rows
    ten = eight_channels(10.0)
    windows, _ = make_windows([repeated(ten, minutes // 10, f"S{i:02}") for i in range(people)])
    extract_features(windows.iloc[:1])
    features.FEW_VALUES = 0
    rows = compared(
        lambda: extract_features(windows), lambda: extract_features(windows, n_jobs=2), repeats
    )
    tables["From memory to the feature table"] = rows
    show(tables, arguments.json)


if __name__ == "__main__":
    main()
