"""How often ratings on another scale, or turned round, are told of, and how often without reason.

Simulated people rate films from 1 to 9 in whole numbers; they agree by what films have in common,
as a multiple of what each feels alone. One person's ratings of one target are turned round, or all
are on another scale.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from physio_vad.evaluation.leakage import check_leakage

Table = tuple[pd.DataFrame, pd.DataFrame]
TURN = "turned round"
SCALES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "0 to 100": lambda one: (one - 1) * 12.5,
    "0 to 1": lambda one: (one - 1) / 8,
    "-4 to 4": lambda one: one - 5,
    "1 to 5": lambda one: 1 + (one - 1) / 2,
}


def ratings(n_people: int, n_films: int, agreement: float, level: float, seed: int) -> Table:
    """Make features without meaning, and ratings of two targets."""
    rng = np.random.default_rng(seed)
    people, films = (
        [f"{mark}{i}" for i in range(n)] for mark, n in (("s", n_people), ("t", n_films))
    )
    index = pd.MultiIndex.from_product([people, films, [0]], names=["subject", "trial", "window"])
    felt = agreement * rng.normal(size=(n_films, 2)) + rng.normal(size=(n_people, n_films, 2))
    felt = 5 + 1.5 * felt + level * rng.normal(size=(n_people, 1, 2))
    values = np.clip(np.round(felt), 1, 9).reshape(-1, 2)
    y = pd.DataFrame(values, index, ["valence", "arousal"])
    y.attrs["stimulus"] = {one: {film: film for film in films} for one in people}
    return pd.DataFrame(rng.normal(size=(len(index), 2)), index, ["a", "b"]), y


def told(check: str, table: Table) -> bool:
    """Say whether a check finds something."""
    return any(one.check == check for one in check_leakage(*table))


def spoilt(table: Table, name: str) -> Table:
    """Put one person's ratings on another scale, or turn those of valence round."""
    X, y = table[0], table[1].copy()
    mine = y.index.get_level_values("subject") == "s2"
    if name == TURN:
        y.loc[mine, "valence"] = 10 - y.loc[mine, "valence"]
    else:
        y.loc[mine] = SCALES[name](y.loc[mine])
    y.attrs = table[1].attrs
    return X, y


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    draws = range(parser.parse_args().draws)
    found = {
        (n, name): np.mean(
            [told("unlike_rating", spoilt(ratings(n, 12, 1.0, 0.5, s), name)) for s in draws]
        )
        for name in SCALES
        for n in (4, 6, 10, 20)
    }
    print("another scale, 12 films; people\n", pd.Series(found).unstack(0).loc[list(SCALES)])
    found = {
        (n, agreement): np.mean(
            [told("turned_rating", spoilt(ratings(10, n, agreement, 0.5, s), TURN)) for s in draws]
        )
        for agreement in (0.5, 1.0, 1.5)
        for n in (8, 16, 24, 40)
    }
    print("turned round, 10 people; films, by agreement\n", pd.Series(found).unstack(0))
    wrong, n = {"unlike_rating": 0, "turned_rating": 0}, 0
    for s in draws:
        for people, films, agreement, level in (
            *((4, 5, 0, 2), (4, 40, 1, 1), (6, 10, 0, 1), (10, 8, 0, 2)),
            *((10, 40, 0, 0.5), (20, 40, 1, 2), (20, 12, 0.5, 1)),
        ):
            table, n = ratings(people, films, agreement, level, s), n + 1
            for check in wrong:
                wrong[check] += told(check, table)
    print(f"without reason, of {n} tables: {wrong}")


if __name__ == "__main__":
    main()
