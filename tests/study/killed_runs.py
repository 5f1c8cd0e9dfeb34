"""Extract features in processes that are killed: killed_runs.py DATA FOLDER N_KILLS SEED.

Each run starts in a fresh folder, is killed at a random moment with all its processes, is checked
for half files, and is run again to its end. Moments are counted in CPU time, as Linux tells it, so
that they are spread over the run on a busy machine too. It prints one line of JSON for each: how
many files had been finished, and the digest of the final tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from physio_vad.study import steps
from physio_vad.study.recipe import make_recipe

RECIPE = {
    "windows": {"length": 5.0},
    "features": {"modalities": ["eda", "temperature", "respiration"]},
}


def main(data: Path, folder: Path, n_kills: int, seed: int) -> None:
    """Kill runs and finish them."""
    _extract(data, folder / "warm")  # what is imported late is imported once
    start = time.process_time()
    _extract(data, folder / "whole")
    seconds = time.process_time() - start
    print(json.dumps({"finished": 0, "digest": _digest(folder / "whole")}))
    rng = random.Random(seed)
    for number in range(n_kills):
        out = folder / f"killed{number}"
        child = os.fork()
        if child == 0:
            os.setsid()
            _extract(data, out)
            os._exit(0)
        _wait(child, rng.uniform(0, seconds))
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:  # it has not got so far as to lead a group
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        finished = _whole_files(out)
        _extract(data, out)
        _whole_files(out)
        left = [path.name for path in out.rglob(".*")]
        print(json.dumps({"finished": finished, "digest": _digest(out), "left": left}))


def _wait(child: int, seconds: float) -> None:
    """Wait until a process has used its seconds, or is at its end."""
    used = 0.0
    while used < seconds:
        time.sleep(0.002)
        stat = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        used = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        if stat[0] == "Z":
            return


def _extract(data: Path, out: Path) -> None:
    steps.make_tables(make_recipe(RECIPE), data, out)


def _whole_files(out: Path) -> int:
    """Read every file that has got its name, and count them."""
    named = [path for path in out.rglob("*.*") if not path.name.startswith(".")]
    for path in named:
        if path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".sha256":
            digest, name = path.read_text(encoding="utf-8").split()
            content = path.with_name(name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest
        elif path.suffix == ".arrow":
            pa.ipc.open_file(path).read_all()
        else:
            json.loads(path.read_text(encoding="utf-8"))
    return len(named)


def _digest(out: Path) -> list[str]:
    tables = (out / "features.parquet", out / "labels.parquet")
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in tables]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
