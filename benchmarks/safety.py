"""What digests and budgets cost, counted within one run.

Run ``python benchmarks/safety.py``: 20 people, one hour each, as in ``whole_way.py``, one process:
the CPU time inside digests and budgets beside that of the whole, to the feature table and on to the
scores. ``--people 3 --minutes 10`` is a small run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whole_way import write

from physio_vad import integrity
from physio_vad.io.formats import budget
from physio_vad.study import parts, recording_cache, steps, table_store
from physio_vad.study.recipe import Recipe

spent: Counter[str] = Counter()


def timed(home: Any, name: str) -> None:
    """Count the CPU time of a function of a module or class."""
    function: Callable[..., Any] = getattr(home, name)

    def counted(*args: Any, **options: Any) -> Any:
        begin = time.thread_time()
        try:
            return function(*args, **options)
        finally:
            spent[name] += time.thread_time() - begin  # type: ignore[assignment]

    setattr(home, name, counted)


def main() -> None:
    """Run the study and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=60)
    arguments = parser.parse_args()
    for home, names in (
        (table_store, ("fingerprint",)),
        (parts, ("sha256",)),
        (integrity, ("sha256",)),
        (recording_cache, ("_checksum",)),
        (budget.Budget, ("make", "unpack")),
        (budget._Watch, ("__init__", "stop")),
    ):
        for name in names:
            timed(home, name)
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        write(folder / "data", arguments.people, arguments.minutes)
        begin = time.process_time()
        tables = steps.make_tables(Recipe(), folder / "data", folder / "out", n_jobs=1)
        _say("files to feature table", time.process_time() - begin)
        evaluations = steps.evaluate_models(tables, n_jobs=1)
        steps.save_evaluations(evaluations, folder / "out")
        _say("and on to the scores", time.process_time() - begin)


def _say(what: str, took: float) -> None:
    inside = sum(spent.values())
    print(f"{what}: {took:.1f} CPU s, {inside:.2f} in digests and budgets, {inside / took:.2%}")


if __name__ == "__main__":
    main()
