"""A long-lived process that reads harmed files: read_damaged.py FOLDER SEED N_FILES [SHARED].

It prints one line of JSON: how many files of each kind were read or refused, and what came out
that must not: an error that is not ours, a warning of a library, too much memory, a hang, a file
written. Harmed files that did so are kept in FOLDER/findings.
"""

from __future__ import annotations

import collections
import faulthandler
import json
import logging
import os
import random
import resource
import sys
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

import bioread  # noqa: E402, F401  (before the memory is limited)
import fastavro  # noqa: E402, F401
import h5py  # noqa: E402, F401
import mne  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.dataset  # noqa: E402
import pyxdf  # noqa: E402, F401
from fuzz.damage import damage  # noqa: E402
from fuzz.reader_seeds import make_seeds  # noqa: E402

from physio_vad.exceptions import PhysioVadError, PhysioVadWarning  # noqa: E402
from physio_vad.io import iter_recordings  # noqa: E402
from physio_vad.io.base import need  # noqa: E402

need("wfdb", "wfdb", "reading WFDB")
MORE_MEMORY = 2**30
SECONDS = 5.0


def main(folder: Path, seed: int, n_files: int, shared: Path | None) -> None:
    """Read harmed files and report."""
    logging.disable()
    mne.set_log_level("ERROR")
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    base = folder / "files"
    seeds = make_seeds(base, shared)
    os.chdir(folder)
    names = [f"{home.relative_to(base)}/{file}" for home, file, _ in seeds]
    for _ in range(2):  # what is imported late counts before the limit
        for home, file, reader in seeds:
            outcome = _read(home, reader)
            if outcome != ("refused" if home.name.startswith("evil") else "read"):
                raise SystemExit(f"{home}/{file}, whole: {outcome}")
    before = {path for path in folder.rglob("*") if path.is_file()}
    _limit_memory()
    rng = random.Random(seed)
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in names}
    findings: list[str] = []
    slowest = 0.0
    for number in range(n_files):
        index = number % len(seeds)
        home, file, reader = seeds[index]
        whole = (home / file).read_bytes()
        harmed = damage(whole, rng)
        (home / file).write_bytes(harmed)
        faulthandler.dump_traceback_later(60, exit=True)
        start = time.process_time()
        outcome = _read(home, reader)
        took = time.process_time() - start
        faulthandler.cancel_dump_traceback_later()
        (home / file).write_bytes(whole)
        slowest = max(slowest, took)
        outcome = f"took {took:.1f} s" if took > SECONDS else outcome
        counts[names[index]][outcome if outcome in ("read", "refused") else "wrong"] += 1
        if outcome not in ("read", "refused"):
            findings.append(f"{names[index]} (seed {seed}, number {number}): {outcome}")
            (folder / "findings").mkdir(exist_ok=True)
            (folder / "findings" / f"{number}-{Path(file).name}").write_bytes(harmed)
    after = {path for path in folder.rglob("*") if path.is_file()}
    written = sorted(str(path) for path in after - before if "findings" not in path.parts)
    findings += [f"written: {path}" for path in written]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"files": n_files, "slowest": slowest, "gib": memory, "counts": counts,
                      "findings": findings}))  # fmt: skip


def _read(home: Path, reader: object) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", PhysioVadWarning)
            for _ in iter_recordings(home, reader):
                pass
    except PhysioVadError as error:
        if isinstance(error.__cause__, MemoryError | Warning):
            return f"{type(error.__cause__).__name__}: {error.__cause__}"
        return "refused"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "read"


def _limit_memory() -> None:
    """Leave room for one gibibyte more than the libraries take by themselves."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    _, where, number, count, *rest = sys.argv
    main(Path(where), int(number), int(count), Path(rest[0]) if rest else None)
