"""The default estimator beside LightGBM: how far each is from the training mean, and its cost.

Run ``python benchmarks/do_no_harm.py --quick``. People are simulated with couplings from 1 (the
ratings are all that moves the body) to 0 (nothing is), with seeds that no default was chosen on;
with ``--stress-predict FOLDER`` the Stress-Predict recordings are added. Each cell is the RMSE over
that of the training mean, by 5 folds of people: below 1 is skill, above 1 is harm. ``cpu`` is the
seconds of a fit, all targets together.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from common import parser, show
from sklearn.model_selection import GroupKFold

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings
from physio_vad.study.recipe import load_recipe
from physio_vad.study.table_store import build_table

ESTIMATORS = ("lightgbm", "ridge", "blend")
COUPLINGS = (1.0, 0.5, 0.3, 0.0)


def simulated(coupling: float, seed: int, people: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and ratings of simulated people, five minutes each."""
    recordings = simulate_recordings(people, 5.0, coupling=coupling, seed=seed, sfreq=128.0)
    windows, y = make_windows(recordings)
    return extract_features(windows, n_jobs=2), y


def stress_predict(folder: Path, people: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and the stand-in target of people with a wristband."""
    recipe = load_recipe(Path(__file__).parents[1] / "pipelines" / "stress_predict.toml")
    with tempfile.TemporaryDirectory() as store:
        table = build_table(recipe, folder, Path(store), subjects=people, n_jobs=2)
        return table.X, table.y


def cell(
    X: pd.DataFrame, y: pd.DataFrame, estimator: str, normalise: str | None
) -> tuple[pd.Series, float]:
    """Ratio to the training mean by target, and CPU seconds of a fit."""
    people = X.index.get_level_values("subject")
    errors, seconds = [], []
    for train, test in GroupKFold(5).split(X, groups=people):
        pipeline = build_pipeline(estimator=estimator, normalise=normalise, random_state=0)
        begin = time.process_time()
        pipeline.fit(X.iloc[train], y.iloc[train])
        seconds.append(time.process_time() - begin)
        truth = y.iloc[test]
        mean = truth - y.iloc[train].mean()
        errors.append(((pipeline.predict(X.iloc[test]) - truth) ** 2, mean**2))
    model, mean = (pd.concat(side).mean() for side in zip(*errors, strict=True))
    return np.sqrt(model / mean), float(np.mean(seconds))


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--seeds", type=int, nargs="*", default=[900, 901, 902])
    made.add_argument("--stress-predict", type=Path, help="folder of Stress-Predict")
    arguments = made.parse_args()
    seeds = arguments.seeds[:1] if arguments.quick else arguments.seeds
    people = 10 if arguments.quick else 20
    tables = {
        f"coupling {coupling:g}, seed {seed}": simulated(coupling, seed, people)
        for coupling in COUPLINGS
        for seed in seeds
    }
    if arguments.stress_predict:
        wrist = stress_predict(arguments.stress_predict, people if arguments.quick else None)
        tables["Stress-Predict"] = wrist
    rows = {}
    for name, (X, y) in tables.items():
        for normalise in (None, "subject"):
            row = rows.setdefault((name, normalise or "plain"), {})
            for estimator in ESTIMATORS:
                ratios, row[f"{estimator} cpu"] = cell(X, y, estimator, normalise)
                row |= {f"{estimator} {target}": ratio for target, ratio in ratios.items()}
    table = pd.DataFrame(rows).T
    ratios = {
        name: table[[c for c in table if c.startswith(name) and not c.endswith("cpu")]]
        for name in ESTIMATORS
    }
    overall = {
        name: {
            "mean": np.nanmean(part),
            "worst": np.nanmax(part),
            "cpu": table[f"{name} cpu"].mean(),
        }
        for name, part in ratios.items()
    }
    show(
        {"RMSE over that of the training mean": table, "all cells": pd.DataFrame(overall).T},
        arguments.json,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
