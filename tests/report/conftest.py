"""An evaluation whose numbers are known."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import Evaluation

SUBJECTS = [f"s{number}" for number in range(5)]


@pytest.fixture(scope="session")
def make_evaluation():
    """Ratings 5 + noise of SD 1; subject k is predicted with an error of exactly k / 4 + 0.1."""

    def make(
        targets=("valence", "arousal", "dominance"), subjects=SUBJECTS, *, n_trials=2, times=True
    ):
        rng = np.random.default_rng(0)
        index = pd.MultiIndex.from_product([subjects, range(n_trials), range(24)])
        table = pd.DataFrame(
            {
                "subject": index.get_level_values(0),
                "trial": index.get_level_values(1).astype(str),
                "window": index.get_level_values(2),
            }
        )
        table["start"] = table["window"] * 5.0 if times else np.nan
        table["stop"] = table["start"] + 10.0
        table["stimulus"] = "clip" + table["trial"]
        table["fold"] = pd.factorize(table["subject"])[0]
        error = (table["fold"] / 4 + 0.1) * np.where(table["window"] % 2, 1, -1)
        for target in targets:
            table[target] = 5 + rng.normal(size=len(table))
            table[f"{target}_predicted"] = table[target] + error
            table[f"{target}_scale_midpoint"] = 5.0
            table[f"{target}_training_mean"] = 5.1
            table[f"{target}_stimulus_mean"] = np.nan  # does not apply
        info = {
            "targets": list(targets),
            "metrics": ["rmse", "ccc"],
            "baselines": ["scale_midpoint", "training_mean", "stimulus_mean"],
            "scale": {target: [1.0, 9.0] for target in targets},
            "cv": "leave-one-subject-out",
            "findings": [],
        }
        return Evaluation(table, info)

    return make


@pytest.fixture(scope="session")
def evaluation(make_evaluation):
    return make_evaluation()
