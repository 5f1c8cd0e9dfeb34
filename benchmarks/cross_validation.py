"""What leave-one-subject-out costs with each model, and where the time goes.

Run ``python benchmarks/cross_validation.py``: twenty people, 120 windows each, three ratings, as
many features as the catalogue gives with several channels. With one process it prints the CPU
seconds of all folds together and their ratio to `multioutput`; with more ``--jobs`` seconds on
the clock and their ratio, so that needs a quiet machine. With ``--profile`` it also prints the
functions in which most of the time is spent.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import time

import common  # noqa: F401 - sets the number of threads, before numpy
import numpy as np
import pandas as pd

from physio_vad import build_pipeline, evaluate

NAMES = ("multioutput", "chain_ensemble", "stack")


def simulate(n_people: int, n_windows: int, n_features: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People with offsets; a third of the features follow two latent courses; some are missing."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"s{i:02}" for i in range(n_people)], list("1234"), range(n_windows // 4)],
        names=["subject", "trial", "window"],
    )
    person = np.repeat(np.arange(n_people), len(index) // n_people)
    latent = rng.normal(size=(len(index), 2))
    loading = rng.normal(size=(2, n_features)) * (rng.random(n_features) < 0.3)
    X = latent @ loading + rng.normal(size=(n_people, n_features))[person]
    X += 2 * rng.normal(size=X.shape)
    X[rng.random(X.shape) < 0.02] = np.nan
    Y = np.tanh(np.column_stack([latent, latent @ [0.6, -0.4]]))
    Y += 0.4 * rng.normal(size=(n_people, 3))[person] + 0.3 * rng.normal(size=Y.shape)
    y = pd.DataFrame(Y, index=index, columns=["valence", "arousal", "dominance"])
    return pd.DataFrame(X, index=index, columns=[f"f{i}" for i in range(n_features)]), y


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--windows", type=int, default=120)
    parser.add_argument("--features", type=int, default=160)
    parser.add_argument("--folds", type=int, help="run the first folds only, and scale up")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--models", nargs="*", default=list(NAMES))
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    X, y = simulate(arguments.people, arguments.windows, arguments.features)
    subjects = X.index.get_level_values("subject")
    folds = [
        (np.flatnonzero(subjects != s), np.flatnonzero(subjects == s)) for s in subjects.unique()
    ]
    chosen = folds[: arguments.folds]
    times = {}
    for name in arguments.models:
        build_pipeline(name, random_state=0).fit(X.iloc[:240, :5], y.iloc[:240])  # imports
        profile = cProfile.Profile() if arguments.profile else None
        cpu, wall = time.process_time(), time.perf_counter()
        if profile:
            profile.enable()
        result = evaluate(
            build_pipeline(name, random_state=0), X, y, cv=chosen, n_jobs=arguments.jobs
        )
        if profile:
            profile.disable()
        scale = len(folds) / len(chosen)
        cpu = scale * (time.process_time() - cpu)
        wall = scale * (time.perf_counter() - wall)
        times[name] = cpu if arguments.jobs == 1 else wall
        spent = f"CPU {cpu:7.1f} s, " if arguments.jobs == 1 else ""
        ratio = times[name] / times[arguments.models[0]]
        print(
            f"{name:15s} {spent}clock {wall:7.1f} s with {arguments.jobs} processes, "
            f"x {ratio:5.1f}, skill {result.skill.mean():.4f}",
            flush=True,
        )
        if profile:
            said = io.StringIO()
            pstats.Stats(profile, stream=said).sort_stats("tottime").print_stats(8)
            print("\n".join(line for line in said.getvalue().splitlines() if line.strip()))


if __name__ == "__main__":
    main()
