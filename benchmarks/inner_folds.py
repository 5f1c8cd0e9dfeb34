"""How well inner folds tell what a model will do for people never seen.

Run ``python benchmarks/inner_folds.py``. The model "multioutput" is fitted on some people; its R2
on 80 others is the truth. Each person rates all higher or lower by a *habit*, in units of the
latent course. Beside it stands the R2 of out-of-fold predictions inside those people,
with whole people in the folds (by subject) and with rows dealt at random (by row). Both R2 are
against the mean of the training side. *deals* is the standard deviation over other deals of the
same people to folds: what repeating the inner folds could take away. The rest of the difference
is who the people are, which shrinks as they become more.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from multi_target import simulate_people

from physio_vad.regressors import MultiOutput
from physio_vad.regressors.groups import resolve_groups

OTHERS = 80


def squares(X: pd.DataFrame, y: pd.DataFrame, X_new: pd.DataFrame, y_new: pd.DataFrame):
    """Squared error of the model and of the training mean on new rows."""
    guess = MultiOutput("lightgbm", random_state=0).fit(X, y).predict(X_new)
    mean = y.mean().to_numpy()
    return ((y_new - guess) ** 2).to_numpy().sum(), ((y_new - mean) ** 2).to_numpy().sum()


def r2_inside(X: pd.DataFrame, y: pd.DataFrame, folds: np.ndarray) -> float:
    """R2 of out-of-fold predictions."""
    parts = [
        squares(X[folds != k], y[folds != k], X[folds == k], y[folds == k])
        for k in np.unique(folds)
    ]
    error, spread = np.sum(parts, axis=0)
    return 1 - error / spread


def one_run(habit: float, seed: int, n_people: int, n_folds: int, n_deals: int) -> dict:
    """Difference of the inner R2 to the truth, by subject and by row."""
    X, y, _ = simulate_people("plain", seed, n_people + OTHERS, habit)
    new = X.index.get_level_values("subject") >= f"s{n_people:03}"
    error, spread = squares(X[~new], y[~new], X[new], y[new])
    truth = 1 - error / spread
    X, y = X[~new], y[~new]
    people, rows = resolve_groups(X, len(X), "subject"), resolve_groups(X.to_numpy(), len(X))
    inside = [r2_inside(X, y, people.folds(n_folds, deal)) for deal in range(n_deals)]
    return {
        "truth": truth,
        "by subject": inside[0] - truth,
        "repeated": np.mean(inside) - truth,
        "deals": np.std(inside, ddof=1) if n_deals > 1 else np.nan,
        "by row": r2_inside(X, y, rows.folds(n_folds, seed)) - truth,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--habits", type=float, nargs="*", default=[0.4, 0.7])
    parser.add_argument("--people", type=int, nargs="*", default=[20, 40])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--deals", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=0)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    for habit in arguments.habits:
        for n_people in arguments.people:
            runs = pd.DataFrame(
                one_run(habit, seed, n_people, arguments.folds, arguments.deals) for seed in seeds
            )
            off = runs["by subject"]
            print(
                f"habit {habit:.1f}, {n_people} people: R2 {runs['truth'].mean():.3f}; by person "
                f"mean {off.mean():+.3f}, mean |off| {off.abs().mean():.3f}, worst "
                f"{off.abs().max():.3f}; repeated |off| {runs['repeated'].abs().mean():.3f}; "
                f"deals {runs['deals'].mean():.3f}; by row mean {runs['by row'].mean():+.3f}, "
                f"least {runs['by row'].min():+.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
