"""A feature table on disk beside the same one in memory: what `evaluate` holds.

Run ``python benchmarks/on_disk.py``. 1 000 people x 1 hour (720 windows) at reduced width, 20
features, ten folds of whole people, a model that answers the mean; ``--quick`` is 100 people. Each
way in a fresh process. *Peak* is memory that no file stands behind (RssAnon of /proc), above what
the process held before the table was opened or made: mapped pages are the system's, which may drop
them. Linux only.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import cpu, parser, show

import json
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from people import made_table
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GroupKFold

from physio_vad import FeatureTable, evaluate

WIDTH = 20


def pieces(people: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Make up an hour of one person after the other."""
    X, y = made_table(1, 720, WIDTH)
    for number in range(people):
        index = X.index.set_levels([f"S{number:04}"], level="subject")
        values = np.random.default_rng(number).normal(size=X.shape)
        features, ratings = pd.DataFrame(values, index, X.columns), y.set_axis(index)
        ratings.attrs = y.attrs
        yield features, ratings


def anonymous() -> int:
    """Bytes of this process that no file stands behind."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


class Watch(threading.Thread):
    """Notes the largest amount of memory until it is told to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = anonymous()
        self.ended = threading.Event()

    def run(self) -> None:
        """Look two hundred times a second."""
        while not self.ended.is_set():
            self.most = max(self.most, anonymous())
            time.sleep(0.005)


def scores(table: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Evaluate a table."""
    return evaluate(DummyRegressor(), *table, cv=GroupKFold(10)).summary()


def measure(way: str, people: int, folder: Path) -> None:
    """Evaluate the table in this process, and print what that took."""
    warnings.simplefilter("ignore")
    scores(tuple(pd.concat(some) for some in zip(*pieces(10), strict=True)))
    watch = Watch()
    watch.start()
    if way == "on disk":
        table = FeatureTable.open(folder)
    else:
        table = tuple(pd.concat(some) for some in zip(*pieces(people), strict=True))
    found: list[pd.DataFrame] = []
    seconds = cpu(lambda: found.append(scores(table)))
    watch.ended.set()
    watch.join()
    n_bytes = 8 * WIDTH * 720 * people
    peak = watch.most - watch.before
    numbers = {
        "table MB": n_bytes / 1e6,
        "peak MB": peak / 1e6,
        "peak, x the table": peak / n_bytes,
    }
    print(json.dumps({"CPU s": seconds, **numbers, "rmse": found[0]["rmse"].sum()}))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--measure", nargs=3, metavar=("WAY", "PEOPLE", "FOLDER"))
    given = arguments.parse_args()
    if given.measure:
        measure(given.measure[0], int(given.measure[1]), Path(given.measure[2]))
        return
    people = 100 if given.quick else 1000
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        FeatureTable.write(folder, pieces(people))
        for way in ("on disk", "in memory"):
            command = [sys.executable, __file__, "--measure", way, str(people), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows[way] = json.loads(done.stdout)
    show({f"evaluate {people} people x 1 h, {WIDTH} features": pd.DataFrame(rows).T}, given.json)


if __name__ == "__main__":
    main()
