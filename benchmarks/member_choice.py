"""Which members `stack` should have, when the set it is judged on had no part in the choice.

``python benchmarks/member_choice.py --mtr DIR`` fits every member of the stack to the public tables
in the folder and to simulated people with many features (couplings 1 and .5), lets it predict the
inner folds and one held-out fold, and weighs each subset of members as the stack does. For each
table it then takes the subset that is best on all *other* tables (geometric mean of the error over
that of the members as they come), and prints its error on this one over

* that of the members as they come (`DEFAULT_MEMBERS`), and of all members;
* and the subset that was taken. Below 1 a choice of members would carry over to new tables.

Takes some five minutes of one core; ``--quick`` one table of each kind.
"""

from __future__ import annotations

import warnings
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
from common import parser, show
from sklearn.model_selection import GroupKFold, KFold
from tables import Table, multi_target, simulated

from physio_vad._arrays import FloatArray
from physio_vad.regressors import Stack
from physio_vad.regressors.stack import DEFAULT_MEMBERS, MEMBERS
from physio_vad.regressors.weights import FoldSums, stack_weights


class Recorded(Stack):
    """A stack that keeps what its members said of inner folds."""

    def _weigh(self, out_of_fold, truth, folds, training):
        self.kept_ = out_of_fold, truth, folds, training
        super()._weigh(out_of_fold, truth, folds, training)


def predictions(table: Table) -> dict[str, object]:
    """Fit all members to four fifths of the people (rows); keep what the choice needs."""
    X, y = table
    people = X.index.get_level_values("subject")
    folds = KFold(5, shuffle=True, random_state=0) if people.is_unique else GroupKFold(5)
    train, test = next(iter(folds.split(X, groups=people)))
    groups = None if people.is_unique else "subject"
    stack = Recorded(list(MEMBERS), groups=groups, random_state=0)
    stack.fit(X.iloc[train], y.iloc[train])
    out_of_fold, truth, inner, training = stack.kept_
    asked = X.iloc[test].iloc[:, stack.column_order_].to_numpy(dtype=float)
    asked = stack._missing.filler.fill(asked)
    tables = stack._preparation.tables(asked)
    said = [stack._preparation.predict(one, tables) - stack.mean_ for one in stack.members_]
    return {
        "sums": (out_of_fold, truth, inner, training),
        "said": np.stack(said, axis=2),
        "truth": y.iloc[test].to_numpy(dtype=float) - stack.mean_,
    }


def error(kept: dict[str, object], members: tuple[int, ...]) -> float:
    """Error of a stack of some members over that of the mean, averaged over targets."""
    out_of_fold, truth, folds, training = kept["sums"]
    chosen = list(members)
    sums = [
        FoldSums.of(
            out_of_fold[:, target][:, chosen],
            truth[:, target],
            folds,
            training.groups.n_units(~np.isnan(truth[:, target])),
            training.weight,
        )
        for target in range(truth.shape[1])
    ]
    weights, _ = stack_weights(sums)
    said: FloatArray = np.einsum("rtm,tm->rt", kept["said"][:, :, chosen], weights)
    miss = ((said - kept["truth"]) ** 2).mean(axis=0) / (kept["truth"] ** 2).mean(axis=0)
    return float(np.sqrt(miss).mean())


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--mtr", type=Path, required=True, help="folder of the public tables")
    made.add_argument("--seeds", type=int, nargs="*", default=[1920, 1921])
    arguments = made.parse_args()
    tables = multi_target(arguments.mtr)
    for coupling in (1.0, 0.5):
        for seed in arguments.seeds:
            tables[f"coupling {coupling:g}, seed {seed}"] = simulated(coupling, seed, 20)
    if arguments.quick:
        tables = {name: tables[name] for name in ("slump", "jura", list(tables)[-1])}
    kept = {}
    for name, table in tables.items():
        kept[name] = predictions(table)
        print(f"done: {name}", flush=True)
    names = list(MEMBERS)
    numbers = range(len(names))
    subsets = list(chain.from_iterable(combinations(numbers, n) for n in range(1, len(names) + 1)))
    errors = pd.DataFrame(
        {name: [error(one, members) for members in subsets] for name, one in kept.items()}
    )
    default = subsets.index(tuple(sorted(names.index(one) for one in DEFAULT_MEMBERS)))
    against = np.log(errors / errors.loc[default])
    rows = {}
    for name in errors:
        taken = int(against.drop(columns=name).mean(axis=1).idxmin())
        rows[name] = {
            "error as they come": errors.loc[default, name],
            "chosen on the others": np.exp(against.loc[taken, name]),
            "all members": np.exp(against[name].iloc[-1]),
            "best for itself": np.exp(against[name].min()),
            "which": " ".join(names[number] for number in subsets[taken]),
        }
    table = pd.DataFrame(rows).T
    columns = ["chosen on the others", "all members", "best for itself"]
    means = np.exp(np.log(table[columns].astype(float)).mean()).to_frame("geometric mean").T
    alone = pd.DataFrame(
        {name: np.exp(against.iloc[number]) for number, name in enumerate(names)}
    ).T
    show(
        {
            "error of the held-out fold over that of the members as they come": table,
            "over all tables": means,
            "one member alone": alone,
        },
        arguments.json,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
