"""Where the time goes from CSV files to the leave-one-subject-out table.

Run ``python benchmarks/whole_way.py``: 20 people, one hour each, 8 sensors at 250 Hz, as
eleven-column CSV with 6 significant digits in the page cache. Each person's ten simulated minutes
are played six times over (not counted). Then the feature table is made from the files, as
``physio-vad run`` does it, and `multioutput` is evaluated leave-one-subject-out. Seconds on the
clock; the goals are 25 s to the table and 90 s to the scores on
two quiet cores. ``--people 5 --minutes 10`` is a small run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path

import joblib
import pandas as pd
from common import show

from physio_vad import build_pipeline, evaluate, simulate_recordings, write_eleven_column
from physio_vad.study.recipe import Recipe
from physio_vad.study.table_store import build_table

TEN = 10


def write(folder: Path, people: int, minutes: int) -> Path:
    """Write every person's ten minutes, then their lines over and over."""
    recordings = simulate_recordings(people, minutes=float(TEN), seed=0)
    for file in write_eleven_column(recordings, folder):
        text = pd.read_csv(file).to_csv(index=False, float_format="%.6g")
        header, body = text.split("\n", 1)
        file.write_text(f"{header}\n" + body * max(minutes // TEN, 1), encoding="utf-8")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 people, 10 minutes")
    parser.add_argument("--json", type=Path, help="write the table to this file too")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=joblib.cpu_count())
    parser.add_argument("--model", default="multioutput")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.people, arguments.minutes = 5, TEN
    rows: dict[str, float] = {}

    def timed(step, call):
        begin = time.perf_counter()
        result = call()
        rows[step] = time.perf_counter() - begin
        return result

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "data", arguments.people, arguments.minutes)
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        parts = Path(name) / "parts"
        made = timed(
            "files to feature table",
            lambda: build_table(Recipe(), folder, parts, n_jobs=arguments.jobs),
        )
    pipeline = build_pipeline(arguments.model, random_state=0)
    result = timed("evaluate", lambda: evaluate(pipeline, made.X, made.y, n_jobs=arguments.jobs))
    rows["all"] = sum(rows.values())
    title = (
        f"{arguments.people} people, {size:.0f} MB of CSV, {made.X.shape[0]} windows x "
        f"{made.X.shape[1]} features, {arguments.jobs} processes"
    )
    show({title: pd.DataFrame({"s": rows})}, arguments.json)
    print(result.skill.round(3).to_string())


if __name__ == "__main__":
    main()
