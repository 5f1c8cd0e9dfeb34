"""Skill on simulated people with coupling, and without any (the null).

``python benchmarks/coupling.py --seeds 5`` evaluates 20 people of 5 minutes, each left out in turn,
with ``coupling=1`` and with ``coupling=0``, and prints the skill of each target over its best
baseline, and the mean. A mean above 0 without coupling would be a leak.
"""

import argparse

import joblib
import pandas as pd

from physio_vad import (
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)


def skill(*, coupling: float, seed: int, model: str, people: int, minutes: float) -> pd.Series:
    recordings = simulate_recordings(
        n_subjects=people, minutes=minutes, coupling=coupling, seed=seed
    )
    windows, y = make_windows(recordings)
    X = extract_features(windows)
    pipeline = build_pipeline(model, random_state=0)
    return evaluate(pipeline, X, y, n_jobs=joblib.cpu_count()).skill


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--models", nargs="+", default=["multioutput"])
    arguments = parser.parse_args()
    rows = {
        (model, coupling, seed): skill(
            coupling=coupling,
            seed=seed,
            model=model,
            people=arguments.people,
            minutes=arguments.minutes,
        )
        for model in arguments.models
        for coupling in (1.0, 0.0)
        for seed in range(arguments.seeds)
    }
    table = pd.DataFrame(rows).T.rename_axis(["model", "coupling", "seed"])
    print(table.round(3).to_string())
    print("\nmean over seeds")
    print(table.groupby(level=["model", "coupling"]).mean().round(3).to_string())


if __name__ == "__main__":
    main()
