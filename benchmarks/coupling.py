"""Skill on simulated people with coupling, and without any (the null).

``python benchmarks/coupling.py --seeds 5`` evaluates 20 people of 5 minutes, each left out in turn,
with ``coupling=1`` and with ``coupling=0``, and prints the skill of each target over its best
baseline with the lower end of its 95 % interval, and the mean. A mean above 0 without coupling
would be a leak, and so would many lower ends: `--coupling 0 --seeds 20` counts them.
"""

import argparse

import joblib
import pandas as pd
from scipy import stats

from physio_vad import (
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)


def skill(*, coupling: float, seed: int, model: str, people: int, minutes: float) -> pd.DataFrame:
    """Give skill and the lower end of its interval for each target."""
    recordings = simulate_recordings(
        n_subjects=people, minutes=minutes, coupling=coupling, seed=seed
    )
    windows, y = make_windows(recordings)
    X = extract_features(windows)
    pipeline = build_pipeline(model, random_state=0)
    result = evaluate(pipeline, X, y, n_jobs=joblib.cpu_count())
    return pd.DataFrame({"skill": result.skill, "low": result.skill_interval()["low"]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--models", nargs="+", default=["multioutput"])
    parser.add_argument("--coupling", nargs="+", type=float, default=[1.0, 0.0])
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
        for coupling in arguments.coupling
        for seed in range(arguments.seeds)
    }
    table = pd.concat(rows, names=["model", "coupling", "seed"])
    print(table.unstack("target").round(3).to_string())
    print("\nmean over seeds")
    keys = ["model", "coupling"]
    print(table["skill"].unstack("target").groupby(keys).mean().round(3).to_string())
    for (model, coupling), part in table.groupby(level=keys):
        above = (part["low"] > 0).mean()
        by_seed = part["skill"].groupby("seed").mean()
        p = stats.ttest_1samp(by_seed, 0, alternative="greater").pvalue
        print(
            f"{model}, coupling {coupling:g}: lower end above 0 in {above:.1%} of "
            f"{len(part)} seed x target, mean skill {by_seed.mean():+.3f}, p that it is above 0 "
            f"by chance {p:.3f}"
        )


if __name__ == "__main__":
    main()
