"""Reading eleven-column CSV beside pandas, pyarrow and polars alone; peak memory of a worker.

Run ``python benchmarks/reading.py``. 20 files of 60 minutes, 250 Hz, 8 sensors with 6 significant
digits and 3 labels, 1.6 GB in all, in the page cache; ``--quick`` is 3 files of 10 minutes. All
contenders take turns on every file, in an order that rotates; a ratio above 1, given with its
quartiles, says that physio_vad takes less. The others only parse; physio_vad gives a checked
recording with ratings. *Second run* takes what a first run of `features` kept. Memory is the peak
above the imports, in a fresh process each, as a multiple of the recording's 8 sensors as float64;
blocks of text in flight weigh more on short recordings. "read, extract" is all that a worker of
`features` does. ``--features`` also times the way to the feature table in two processes, and the
CPU time of one recording.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import parser, show

import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import iter_recordings, simulate_recordings, write_eleven_column
from physio_vad.study.recording_cache import RecordingCache

N_SENSORS, SFREQ = 8, 250


def write_people(folder: Path, people: int, minutes: int) -> list[Path]:
    """Write one simulated minute over and over: what a parser does is the same for each."""
    recordings = simulate_recordings(1, minutes=1.0, sfreq=SFREQ, seed=0)
    (path,) = write_eleven_column(recordings, folder / "minute")
    text = pd.read_csv(path).to_csv(index=False, float_format="%.6g")
    header, body = text.split("\n", 1)
    files = [folder / "data" / f"S{number:02}.csv" for number in range(1, people + 1)]
    files[0].parent.mkdir()
    for file in files:
        file.write_text(f"{header}\n" + body * minutes)
    return files


def with_physio_vad(file: Path) -> None:
    for recording in iter_recordings(file):
        del recording


def cache_of(file: Path) -> RecordingCache:
    return RecordingCache(file.parents[1] / "kept")


def keep(file: Path) -> None:
    """Keep a file's recordings, as a first run does."""
    entry = cache_of(file).begin(file.stem)
    for recording in iter_recordings(file):
        entry.add(recording)
    entry.finish([])


def with_kept(file: Path) -> None:
    """Read what was kept; its checksum reads every sample."""
    recordings, _ = cache_of(file).read(file.stem, []) or ((), ())
    (recording,) = recordings
    del recording


def with_pandas(file: Path) -> None:
    pd.read_csv(file, engine="c")


def with_pandas_exact(file: Path) -> None:
    pd.read_csv(file, engine="c", float_precision="round_trip")


def with_pyarrow(file: Path) -> None:
    from pyarrow import csv

    csv.read_csv(file)


def with_polars(file: Path) -> None:
    import polars

    polars.read_csv(file)


def with_features(file: Path) -> None:
    """Do all that a worker does for one recording: read, extract, write its part."""
    from physio_vad.study.table_store import build_table
    from physio_vad.study.recipe import Recipe

    with tempfile.TemporaryDirectory() as folder:
        build_table(Recipe(), file, Path(folder))


CONTENDERS = {
    "physio_vad": with_physio_vad,
    "pandas C": with_pandas,
    "pandas C, exact": with_pandas_exact,
    "pyarrow": with_pyarrow,
    "polars": with_polars,
}


def compare_speed(files: list[Path]) -> pd.DataFrame:
    """Time everybody on every file."""
    tasks = CONTENDERS | {"physio_vad, second run": with_kept}
    names = [name for name in tasks if name != "polars" or importlib.util.find_spec("polars")]
    keep(files[0])
    for name in names:  # imports and the page cache
        tasks[name](files[0])
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for number, file in enumerate(files):
        turn = number % len(names)
        keep(file)
        for name in names[turn:] + names[:turn]:
            wall, cpu = time.perf_counter(), time.process_time()
            tasks[name](file)
            taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    ours, size = np.array(taken["physio_vad"]), files[0].stat().st_size / 1e6
    rows = {}
    for name, times in taken.items():
        wall, cpu = np.median(times, axis=0)
        low, middle, high = np.percentile(np.array(times) / ours, [25, 50, 75], axis=0)
        rows[name] = {"MB/s": size / wall, "CPU s": cpu}
        for column, what in ((1, "CPU"), (0, "wall")):
            rows[name] |= {f"{what} ratio": middle[column], f"{what} 25 %": low[column]}
            rows[name] |= {f"{what} 75 %": high[column]}
    return pd.DataFrame(rows).T


def compare_memory(file: Path, minutes: int) -> pd.DataFrame:
    """Measure each peak in a process of its own."""
    one = N_SENSORS * minutes * 60 * SFREQ * 8
    rows = {}
    for name in [*CONTENDERS, "read, extract"]:
        command = [sys.executable, __file__, "--peak", name, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout.strip()
        rows[name] = int(said) / one if said else np.nan
    return pd.DataFrame({f"recordings of {one / 2**20:.0f} MiB": rows})


def peak(name: str, file: Path) -> None:
    """Print the bytes by which the resident memory rises at most; Linux tells them."""
    work = (CONTENDERS | {"read, extract": with_features})[name]
    with tempfile.TemporaryDirectory() as folder:  # imports and first uses are not counted
        (small,) = write_people(Path(folder), 1, 1)
        work(small)
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    work(file)
    print(_memory("VmHWM") - before)


def _memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(field))


def time_features(folder: Path, files: list[Path]) -> pd.DataFrame:
    """Time the way to the feature table by two processes, and the CPU time of one recording."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "physio_vad.cli.commands", "features", str(folder / "data")]
    out = ["--out", str(folder / "out"), "--jobs", "2"]
    subprocess.run([*command, *out], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    with_features(files[0])  # imports
    cpu = []
    for file in files[:3]:
        start = time.process_time()
        with_features(file)
        cpu.append(time.process_time() - start)
    rows = {f"{len(files)} people, 2 processes, wall": seconds, "one recording, CPU": min(cpu)}
    return pd.DataFrame({"seconds": rows})


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--people", type=int)
    made.add_argument("--minutes", type=int)
    made.add_argument("--features", action="store_true", help="time the feature table too")
    made.add_argument("--peak", nargs=2, help="used by this script itself")
    given = made.parse_args()
    if given.peak:
        peak(given.peak[0], Path(given.peak[1]))
        return
    people = given.people or (3 if given.quick else 20)
    minutes = given.minutes or (10 if given.quick else 60)
    with tempfile.TemporaryDirectory() as folder:
        files = write_people(Path(folder), people, minutes)
        size = sum(file.stat().st_size for file in files) / 1e9
        tables = {f"reading {people} files, {size:.2f} GB in all": compare_speed(files)}
        if sys.platform.startswith("linux"):
            tables["peak memory above the imports"] = compare_memory(files[0], minutes)
        if given.features:
            tables["to the feature table"] = time_features(Path(folder), files)
    show(tables, given.json)


if __name__ == "__main__":
    main()
