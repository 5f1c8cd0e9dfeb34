from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

Tables = tuple[pd.DataFrame, pd.DataFrame]
MakeTables = Callable[..., Tables]

TARGETS = ("valence", "arousal")


@pytest.fixture
def make_tables() -> MakeTables:
    """Small people: trials with a constant rating each, features coupled to it or not."""

    def make(
        n_subjects: int = 6,
        n_trials: int = 4,
        n_windows: int = 3,
        *,
        coupling: float = 1.0,
        n_features: int = 4,
        offset: float = 0.0,
        constant: bool = True,
        stimuli: bool = False,
        seed: int = 0,
    ) -> Tables:
        rng = np.random.default_rng(seed)
        index = pd.MultiIndex.from_product(
            [
                [f"s{number:02d}" for number in range(n_subjects)],
                [f"t{number}" for number in range(n_trials)],
                range(n_windows),
            ],
            names=["subject", "trial", "window"],
        )
        rows = n_subjects * n_trials * n_windows
        shape = (n_subjects, n_trials, n_windows if not constant else 1, len(TARGETS))
        ratings = rng.normal(size=shape) + offset * rng.normal(size=(n_subjects, 1, 1, 2))
        ratings = np.broadcast_to(ratings, (n_subjects, n_trials, n_windows, 2)).reshape(rows, 2)
        mixing = rng.normal(size=(len(TARGETS), n_features))
        values = coupling * ratings @ mixing + rng.normal(size=(rows, n_features))
        X = pd.DataFrame(values, index, [f"f{number}" for number in range(n_features)])
        y = pd.DataFrame(np.clip(5 + ratings, 1, 9), index, list(TARGETS))
        y.attrs["scale"] = dict.fromkeys(TARGETS, (1.0, 9.0))
        y.attrs["window"] = {"length": 10.0, "step": 5.0}
        if stimuli:
            shown = {f"t{number}": f"film {number}" for number in range(n_trials)}
            y.attrs["stimulus"] = dict.fromkeys(index.levels[0], shown)
        return X, y

    return make
