"""Cost of the models: CPU seconds to fit, to predict the table, and milliseconds for one row.

Run ``python benchmarks/model_cost.py --rows 2400 --features 120``. All are CPU times of one thread,
so that they depend little on what else the machine does; one row is predicted 100 times.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from physio_vad import build_pipeline
from physio_vad.regressors import MODELS


def simulate(n_rows: int, n_features: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twenty people, three ratings that follow some of the features."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"s{i:02}" for i in range(20)], ["1"], range(n_rows // 20)],
        names=["subject", "trial", "window"],
    )
    X = rng.normal(size=(len(index), n_features))
    Y = np.tanh(X[:, :3]) + 0.5 * X[:, 3:6] + rng.normal(size=(len(index), 3))
    columns = [f"f{i}" for i in range(n_features)]
    y = pd.DataFrame(Y, index=index, columns=["valence", "arousal", "dominance"])
    return pd.DataFrame(X, index=index, columns=columns), y


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[2400])
    parser.add_argument("--features", type=int, default=120)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    arguments = parser.parse_args()
    for name in arguments.models:
        for n_rows in arguments.rows:
            X, y = simulate(n_rows, arguments.features)
            start = time.process_time()
            model = build_pipeline(name, random_state=0).fit(X, y)
            fit = time.process_time() - start
            start = time.process_time()
            model.predict(X)
            predict = time.process_time() - start
            singles = []
            for _ in range(100):
                begin = time.process_time()
                model.predict(X.iloc[:1])
                singles.append(1e3 * (time.process_time() - begin))
            print(
                f"{name:15s} {n_rows:7d} rows: fit {fit:8.1f} s, predict {predict:6.2f} s, "
                f"one row {min(singles):5.2f} ms (median {np.median(singles):.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
