"""A sensor that is missing at prediction: each model against the same one trained without it.

``python benchmarks/missing_sensor.py`` simulates people whose body follows the ratings; recorded
sets are added by their folders, ``--hku956`` and ``--stress-predict``. Each model is fitted to some
of the people with all sensors and, for each sensor, without it. The other people then lack that
sensor. It prints, for each model, table and sensor, the mean over targets of

* ``ratio``: RMSE with the sensor filled in over that of the model trained without it (goal 1.10);
* ``worst``: the same of the worst target;
* ``to mean``: RMSE with the sensor filled in over that of the training mean, worst target;
* ``full``: RMSE with the sensor over that of the training mean.

It ends with the worst of each model. ``--quick`` takes fewer people and one fold.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import parser, show
from do_no_harm import MODELS
from sklearn.model_selection import GroupKFold
from tables import Table, recorded, simulated

from physio_vad import build_pipeline
from physio_vad.column_names import columns_by_modality


def errors(table: Table, arguments: dict[str, Any], n_folds: int) -> pd.DataFrame:
    """Root mean squared errors by sensor (and target): full, filled, without, mean."""
    X, y = table
    people = X.index.get_level_values("subject")
    sums = []
    for train, test in list(GroupKFold(3).split(X, groups=people))[:n_folds]:
        known, rated, rest, truth = X.iloc[train], y.iloc[train], X.iloc[test], y.iloc[test]
        full = build_pipeline(**arguments, random_state=0).fit(known, rated)
        answers = {"mean": truth * 0 + rated.mean(), "full": full.predict(rest)}
        squared = {name: ((one - truth) ** 2).sum() for name, one in answers.items()}
        rows = {}
        for sensor, places in columns_by_modality(X.columns).items():
            columns = X.columns[places]
            without = build_pipeline(**arguments, random_state=0)
            without.fit(known.drop(columns=columns), rated)
            lacking = rest.copy()
            lacking[columns] = np.nan
            sides = {
                "filled": full.predict(lacking),
                "without": without.predict(rest.drop(columns=columns)),
            }
            for name, one in (
                squared | {k: ((v - truth) ** 2).sum() for k, v in sides.items()}
            ).items():
                rows |= {(sensor, target, name): error for target, error in one.items()}
        sums.append(pd.Series(rows))
    return np.sqrt(sum(sums)).unstack()


def judged(each: pd.DataFrame) -> pd.DataFrame:
    """Ratios by sensor."""
    ratios = pd.DataFrame(
        {
            "ratio": each["filled"] / each["without"],
            "worst": each["filled"] / each["without"],
            "to mean": each["filled"] / each["mean"],
            "full": each["full"] / each["mean"],
        }
    )
    how = {"ratio": "mean", "worst": "max", "to mean": "max", "full": "mean"}
    return ratios.groupby(level=0).agg(how)


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--seeds", type=int, nargs="*", default=[1910])
    made.add_argument("--couplings", type=float, nargs="*", default=[1.0, 0.5])
    made.add_argument("--hku956", type=Path, help="folder of HKU956")
    made.add_argument("--stress-predict", type=Path, help="folder of Stress-Predict")
    made.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    made.add_argument("--normalise", choices=["subject"])
    arguments = made.parse_args()
    people, n_folds = (9, 1) if arguments.quick else (20, 3)
    tables: dict[str, Callable[[], Table]] = {
        f"coupling {c:g}, seed {s}": lambda c=c, s=s: simulated(c, s, people)
        for c in arguments.couplings
        for s in arguments.seeds
    }
    for name, folder in (
        ("HKU956", arguments.hku956),
        ("Stress-Predict", arguments.stress_predict),
    ):
        if folder:
            tables[name] = lambda n=name, f=folder: recorded(n, f, people)
    parts = {}
    for name, make in tables.items():
        table = make()
        for model in arguments.models:
            asked = MODELS[model] | {"normalise": arguments.normalise}
            parts[model, name] = judged(errors(table, asked, n_folds))
            print(f"done: {model}, {name}", flush=True)
    each = pd.concat(parts, names=["model", "table", "sensor"])
    worst = each.groupby(level="model", sort=False)[["ratio", "worst", "to mean"]].max()
    show({"missing sensors": each, "worst of each model": worst}, arguments.json)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
