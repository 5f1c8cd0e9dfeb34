"""How `evaluate` and the report grow with the people.

Run ``python benchmarks/people.py``. Made-up tables with 119 windows of 119 features a person, three
targets, a model that answers the mean: what is left is what `evaluate` itself costs, with leak
checks and baselines. The report is that of 1 000 people x 240 windows, its evaluation made up. CPU
seconds of one thread, each in a fresh process; the peak is above what the process held before, and
a multiple of the feature table that is evaluated, or that the predictions are of (119 features).
``--profile evaluate 200`` or ``--profile report 500`` prints where the time goes.
"""

from __future__ import annotations

# ruff: noqa: I001 - common sets the number of threads, so it comes before numpy
from common import cpu, parser, show

import cProfile
import json
import pstats
import resource
import subprocess
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.dummy import DummyRegressor

from physio_vad import evaluate
from physio_vad.evaluation import Evaluation

TARGETS = ["valence", "arousal", "dominance"]
LEVELS = ["subject", "trial", "window"]


def made_table(people: int, windows: int, columns: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and ratings without any relation."""
    rng = np.random.default_rng(0)
    names = [f"S{number:04}" for number in range(people)]
    index = pd.MultiIndex.from_product([names, ["1"], range(windows)], names=LEVELS)
    X = pd.DataFrame(rng.normal(size=(len(index), columns)), index)
    X.columns = [f"eda__f{number}" for number in range(columns)]
    y = pd.DataFrame(np.clip(rng.normal(5, 1, (len(index), 3)), 1, 9), index, TARGETS)
    y.attrs = {"scale": dict.fromkeys(TARGETS, (1, 9)), "window": {"length": 10.0, "step": 5.0}}
    return X, y


def made_evaluation(people: int, windows: int) -> Evaluation:
    """Predictions that follow the ratings a little."""
    X, y = made_table(people, windows, 3)
    table = y.reset_index()
    table["start"] = table["window"] * 5.0
    table["stop"] = table["start"] + 10.0
    table["stimulus"] = None
    table["fold"] = pd.factorize(table["subject"])[0]
    for name, noise in zip(TARGETS, X.to_numpy().T, strict=True):
        table[f"{name}_predicted"] = 5 + 0.3 * (table[name] - 5) + 0.5 * noise
        table[f"{name}_scale_midpoint"] = 5.0
        table[f"{name}_training_mean"] = 5.01
    info = {
        "targets": TARGETS,
        "metrics": ["rmse", "mae", "mse", "r", "ccc", "r2"],
        "baselines": ["scale_midpoint", "training_mean"],
        "scale": {name: [1, 9] for name in TARGETS},
        "window": {"length": 10.0, "step": 5.0},
        "cv": "leave-one-subject-out",
        "new_people": True,
    }
    return Evaluation(table, info)


def task_of(what: str, people: int, folder: Path):
    """Make what is measured, and the bytes of its table."""
    if what == "evaluate":
        X, y = made_table(people, 119, 119)
        return partial(evaluate, DummyRegressor(), X, y), X.to_numpy().nbytes
    evaluation = made_evaluation(people, 240)
    n_bytes = len(evaluation.predictions) * 119 * 8
    return partial(evaluation.to_html, folder / "report.html"), n_bytes


def measure(what: str, people: int) -> None:
    """Measure in this process, and print what was found."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warm, _ = task_of(what, 8, Path(name))
        warm()
        task, n_bytes = task_of(what, people, Path(name))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = cpu(task)
        peak = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        found = {"CPU s": seconds, "peak MB": peak / 1e6, "peak, x the table": peak / n_bytes}
        if what == "report":
            found["MB"] = (Path(name) / "report.html").stat().st_size / 1e6
    print(json.dumps(found))


def profile(what: str, people: int) -> None:
    """Print where the time goes."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task, _ = task_of(what, people, Path(name))
        profiler = cProfile.Profile()
        profiler.runcall(task)
    pstats.Stats(profiler).strip_dirs().sort_stats("cumtime").print_stats(40)


def in_fresh_process(what: str, people: int) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--measure", what, str(people)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--measure", nargs=2, metavar=("WHAT", "PEOPLE"))
    arguments.add_argument("--profile", nargs=2, metavar=("WHAT", "PEOPLE"))
    given = arguments.parse_args()
    if given.measure or given.profile:
        what, people = given.measure or given.profile
        (measure if given.measure else profile)(what, int(people))
        return
    numbers = [50, 100, 200] if given.quick else [50, 100, 200, 400, 1000]
    grown = pd.DataFrame({n: in_fresh_process("evaluate", n) for n in numbers}).T
    fitted = grown[grown.index <= 400]
    slope = np.polyfit(np.log(fitted.index.to_numpy(float)), np.log(fitted["CPU s"]), 1)[0]
    grown["exponent"] = [slope, *[np.nan] * (len(grown) - 1)]
    numbers = [20, 200] if given.quick else [20, 200, 1000]
    reports = pd.DataFrame({n: in_fresh_process("report", n) for n in numbers}).T
    tables = {
        "evaluate with a constant model, by people": grown,
        "report of 240 windows a person, by people": reports,
    }
    show(tables, given.json)


if __name__ == "__main__":
    main()
