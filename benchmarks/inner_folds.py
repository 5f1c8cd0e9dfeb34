"""How well inner folds tell what a model does for people held out.

Run ``python benchmarks/inner_folds.py``. The model "multioutput" on simulated people, each of whom
rates all higher or lower by a *habit*, in units of the latent course. Five outer folds by subject
give the R2 for people *held out*. Inside each training side stands the R2 of out-of-fold
predictions, with whole people in the inner folds (*by subject*) and with rows dealt at random (*by
row*). All are against the mean of their training side, and pooled over the outer folds.

*others* is another question: how far the R2 of 20 people held out is from that of 80 more people,
for whom the model of all 20 is taken. That is the chance of who takes part; no fold removes it.
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
    return np.array([((y_new - one) ** 2).to_numpy().sum() for one in (guess, mean)])


def out_of_fold(X: pd.DataFrame, y: pd.DataFrame, folds: np.ndarray):
    """Both squared errors of out-of-fold predictions."""
    return sum(
        squares(X[folds != k], y[folds != k], X[folds == k], y[folds == k])
        for k in np.unique(folds)
    )


def one_run(setting: str, habit: float, seed: int, n_people: int) -> dict:
    """R2 held out, and what inner folds by subject and by row and other people differ from it."""
    X, y, _ = simulate_people(setting, seed, n_people + OTHERS, habit)
    new = X.index.get_level_values("subject") >= f"s{n_people:03}"
    others = squares(X[~new], y[~new], X[new], y[new])
    X, y = X[~new], y[~new]
    outer = resolve_groups(X, len(X), "subject").folds(5, seed)
    held, by_subject, by_row = np.zeros((3, 2))
    for k in range(5):
        inner_X, inner_y = X[outer != k], y[outer != k]
        held += squares(inner_X, inner_y, X[outer == k], y[outer == k])
        people = resolve_groups(inner_X, len(inner_X), "subject")
        rows = resolve_groups(inner_X.to_numpy(), len(inner_X))
        by_subject += out_of_fold(inner_X, inner_y, people.folds(5, seed))
        by_row += out_of_fold(inner_X, inner_y, rows.folds(5, seed))
    truth = 1 - held[0] / held[1]
    inner = {"by subject": by_subject, "by row": by_row, "others": others}
    return {"held out": truth} | {name: 1 - a / b - truth for name, (a, b) in inner.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", nargs="*", default=["plain", "weak"])
    parser.add_argument("--habits", type=float, nargs="*", default=[0.4, 0.7])
    parser.add_argument("--people", type=int, nargs="*", default=[20])
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=0)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    for setting in arguments.settings:
        for habit in arguments.habits:
            for n_people in arguments.people:
                runs = pd.DataFrame(one_run(setting, habit, seed, n_people) for seed in seeds)
                sizes, row, others = runs["by subject"].abs(), runs["by row"], runs["others"].abs()
                print(
                    f"{setting}, habit {habit:.1f}, {n_people} people: held out R2 "
                    f"{runs['held out'].mean():.3f}; by subject mean "
                    f"{runs['by subject'].mean():+.3f}, mean size {sizes.mean():.3f}, largest "
                    f"{sizes.max():.3f}; by row mean {row.mean():+.3f}, least {row.min():+.3f}; "
                    f"others mean size {others.mean():.3f}, largest {others.max():.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
