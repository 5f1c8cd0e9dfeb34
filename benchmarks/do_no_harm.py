"""Every model beside the training mean: how far below it, whether ever above it, and at what cost.

``python benchmarks/do_no_harm.py`` simulates people with couplings from 1 (the ratings are all that
moves the body) to 0 (nothing is), by seeds that no default was chosen on; ``--hku956``,
``--stress-predict`` and ``--mtr`` add recorded people and the public multi-target tables from their
folders. It prints

* each cell (table, target): RMSE over that of the training mean, by 5 folds of people (of rows in
  the public tables); below 1 is skill, above 1 is harm;
* for each model the mean and the worst cell, how many are above 1.01, and CPU seconds of a fit;
* for each kind of table the RMSE over that of LightGBM, which was the default before, paired over
  people, with its 95 % interval (`physio_vad.intervals`), targets and tables together.

``--models lightgbm multioutput --normalise none subject`` takes two minutes of one core for three
seeds, all models ten. ``--quick`` takes one seed and ten people.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import parser, show
from sklearn.model_selection import GroupKFold, KFold
from tables import COUPLINGS, Table, multi_target, recorded, simulated

from physio_vad import build_pipeline
from physio_vad.intervals import left_out, over_people

BEFORE = "lightgbm"
MODELS: dict[str, dict[str, Any]] = {
    BEFORE: {"model": "multioutput", "estimator": "lightgbm"},
    "ridge": {"model": "multioutput", "estimator": "ridge"},
    **{name: {"model": name} for name in ("multioutput", "chain", "chain_ensemble")},
    **{name: {"model": name} for name in ("stack", "shared")},
}
"""Models by name; those without an estimator have the default one, "blend"."""


def squared_errors(
    table: Table, arguments: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Sum squared errors by person and target: of model and mean; CPU seconds of a fit."""
    X, y = table
    people = X.index.get_level_values("subject")
    by_row = people.is_unique
    splits = (
        KFold(5, shuffle=True, random_state=0).split(X)
        if by_row
        else GroupKFold(5).split(X, groups=people)
    )
    parts, seconds = [], []
    for train, test in splits:
        pipeline = build_pipeline(**arguments, random_state=0)
        begin = time.process_time()
        pipeline.fit(X.iloc[train], y.iloc[train])
        seconds.append(time.process_time() - begin)
        truth = y.iloc[test]
        miss = truth - y.iloc[train].mean()
        parts.append(((pipeline.predict(X.iloc[test]) - truth) ** 2, miss**2))
    model, mean = (
        pd.concat(side).groupby(level="subject").sum() for side in zip(*parts, strict=True)
    )
    return model, mean, float(np.mean(seconds))


def paired(errors: list[tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[float, float, float]:
    """RMSE of one model over that of another with its interval, geometric mean over targets.

    Each pair holds the squared errors of both by person and target; people of all tables count.
    """
    n = sum(len(one) for one, _ in errors)
    counts = np.split(left_out(n), np.cumsum([len(one) for one, _ in errors])[:-1], axis=1)
    logs = [
        np.log((count @ one.to_numpy()) / (count @ other.to_numpy())).mean(axis=1) / 2
        for count, (one, other) in zip(counts, errors, strict=True)
    ]
    shares = np.concatenate(
        [(other / other.sum()).sum(axis=1).to_numpy() / len(errors) for _, other in errors]
    )
    ratio = np.exp(np.mean(logs, axis=0))
    return float(ratio[0]), *over_people(ratio, shares, 0.95, "log")


def tables_of(arguments: Any) -> dict[tuple[str, str], Callable[[], Table]]:
    """Name the tables: their kind, which one, and how each is made."""
    seeds = arguments.seeds[:1] if arguments.quick else arguments.seeds
    people = 10 if arguments.quick else 20
    made: dict[tuple[str, str], Callable[[], Table]] = {
        (f"coupling {coupling:g}", f"seed {seed}"): lambda c=coupling, s=seed: simulated(
            c, s, people
        )
        for coupling in COUPLINGS
        for seed in seeds
    }
    for name, folder in (
        ("HKU956", arguments.hku956),
        ("Stress-Predict", arguments.stress_predict),
    ):
        if folder:
            made[name, ""] = lambda n=name, f=folder: recorded(
                n, f, people if arguments.quick else None
            )
    if arguments.mtr:
        made |= {
            ("public", name): lambda t=one: t for name, one in multi_target(arguments.mtr).items()
        }
    return made


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--seeds", type=int, nargs="*", default=[1930, 1931, 1932])
    made.add_argument("--hku956", type=Path, help="folder of HKU956")
    made.add_argument("--stress-predict", type=Path, help="folder of Stress-Predict")
    made.add_argument("--mtr", type=Path, help="folder of the public tables")
    made.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    made.add_argument("--normalise", nargs="+", default=["none"], choices=["none", "subject"])
    arguments = made.parse_args()
    names = list(dict.fromkeys([BEFORE, *arguments.models]))
    cells, cpu, pairs = {}, {}, {}
    for (kind, which), make in tables_of(arguments).items():
        table = make()
        for normalise in arguments.normalise if kind != "public" else ["none"]:
            before = None
            for name in names:
                asked = MODELS[name] | ({"normalise": "subject"} if normalise == "subject" else {})
                model, mean, seconds = squared_errors(table, asked)
                before = model if name == BEFORE else before
                for target, ratio in np.sqrt(model.sum() / mean.sum()).items():
                    cells[kind, which, normalise, target, name] = ratio
                cpu[kind, which, normalise, name] = seconds
                pairs.setdefault((kind, normalise, name), []).append((model, before))
        print(f"done: {kind} {which}", flush=True)
    each = pd.Series(cells).unstack()[names]
    fits = pd.Series(cpu).unstack()[names]
    summary = pd.DataFrame(
        {
            "mean": each.mean(),
            "worst": each.max(),
            "where": [" ".join(filter(None, each[name].idxmax())) for name in names],
            "above 1.01": (each > 1.01).sum(),
            "cells": each.count(),
            "CPU s of a fit": fits.mean(),
            "CPU ratio": np.exp(np.log(fits.div(fits[BEFORE], axis=0)).mean()),
        }
    )
    against = pd.DataFrame(
        {key: paired(pair) for key, pair in pairs.items() if key[2] != BEFORE},
        index=["ratio", "low", "high"],
    ).T
    by_kind = each.groupby(level=[0, 2]).mean()
    show(
        {
            "RMSE over that of the training mean": each,
            "the same, mean by kind": by_kind,
            "models": summary,
            f"RMSE over that of {BEFORE}, paired over people": against,
        },
        arguments.json,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
