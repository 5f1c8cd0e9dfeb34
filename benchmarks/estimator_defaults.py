"""What the defaults of the single-target estimators were compared with.

Run ``python benchmarks/estimator_defaults.py --data DIR`` with the folder of the public tables.
Errors (aRRMSE, lower is better) of one independent estimator a target, on simulated people held
out in five folds and on the public sets in five shuffled folds. The first row of each estimator
is its default.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from multi_target import relative_error, simulate_people
from sklearn.model_selection import GroupKFold, KFold

from physio_vad import build_pipeline
from physio_vad.regressors import make_estimator

SETTINGS = {
    "ridge": [{}, {"alpha": 1.0}, {"alpha": 100.0}, {"alpha": 1000.0}],
    "kernel_ridge": [{}, {"alpha": 0.01}, {"alpha": 0.1}, {"width": 1.0}],
    "svr": [{}, {"regressor__C": 0.1}, {"regressor__C": 10.0}, {"regressor__epsilon": 0.3}],
    "elastic_net": [{}, {"regressor__alpha": 0.01}, {"regressor__alpha": 0.2}],
    "extra_trees": [
        {},
        {"min_samples_leaf": 2},
        {"min_samples_leaf": 5},
        {"max_features": 1.0},
        {"max_features": 0.2},
    ],
}


def tables(folder: Path | None, seeds: list[int]):
    """Yield name, features, targets and splits of each table."""
    for setting in ("plain", "weak"):
        for seed in seeds:
            X, y, _ = simulate_people(setting, seed)
            splits = GroupKFold(5).split(X, groups=X.index.get_level_values("subject"))
            yield f"{setting} people", X, y, list(splits)
    for path in sorted(folder.glob("*.parquet")) if folder else ():
        table = pd.read_parquet(path)
        X, y = table.filter(regex="^x"), table.filter(regex="^y")
        yield path.stem, X, y, list(KFold(5, shuffle=True, random_state=0).split(X))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the public sets")
    parser.add_argument("--seeds", type=int, nargs="*", default=[400, 401])
    parser.add_argument("--estimators", nargs="*", default=list(SETTINGS))
    arguments = parser.parse_args()
    rows = {}
    for table, X, y, splits in tables(arguments.data, arguments.seeds):
        for name in arguments.estimators:
            for changes in SETTINGS[name]:
                model = build_pipeline(
                    estimator=make_estimator(name).set_params(**changes),
                    groups=None,
                    random_state=0,
                )

                def predict(a, b, model=model, X=X, y=y):
                    return model.fit(X.iloc[a], y.iloc[a]).predict(X.iloc[b])

                said = ", ".join(f"{key.rpartition('__')[2]}={v}" for key, v in changes.items())
                key = (name, said or "default", table)
                rows.setdefault(key, []).append(relative_error(splits, y.to_numpy(), predict))
    errors = pd.DataFrame(rows_of(rows)).T
    print(errors.round(3).to_string())


def rows_of(errors: dict) -> dict:
    """Turn errors by (estimator, setting, table) into one row a setting, mean of the seeds."""
    rows: dict = {}
    for (name, setting, table), values in errors.items():
        rows.setdefault((name, setting), {})[table] = float(np.mean(values))
    return rows


if __name__ == "__main__":
    main()
