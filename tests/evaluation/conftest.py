from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from physio_vad.evaluation import Evaluation

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


@pytest.fixture
def make_evaluation() -> Callable[..., Evaluation]:
    """Predictions of continuous ratings with errors that last, differ by person and scale."""

    def make(
        n_subjects: int = 20,
        n_windows: int = 119,
        *,
        offset: float = 0.0,
        gain: float = 0.0,
        uneven: float = 0.0,
        lasting: float = 0.8,
        seed: int = 0,
    ) -> Evaluation:
        rng = np.random.default_rng(seed)
        shape = (n_subjects, n_windows)
        answer = 5 + 0.7 * _lasting(rng.normal(size=shape), 0.95)
        noise = np.exp(uneven * rng.normal(size=(n_subjects, 1))) * _lasting(
            rng.normal(size=shape), lasting
        )
        own = offset * rng.normal(size=(n_subjects, 1)) + (answer - 5) * (
            gain * rng.normal(size=(n_subjects, 1))
        )
        start = np.tile(5.0 * np.arange(n_windows), n_subjects)
        predictions = pd.DataFrame(
            {
                "subject": np.repeat([f"s{number:03d}" for number in range(n_subjects)], n_windows),
                "trial": "1",
                "window": np.tile(np.arange(n_windows), n_subjects),
                "start": start,
                "stop": start + 10,
                "stimulus": None,
                "fold": np.repeat(np.arange(n_subjects), n_windows),
                "valence": (answer + own + noise).ravel(),
                "valence_predicted": answer.ravel(),
                "valence_training_mean": 5.0,
            }
        )
        info = {
            "targets": ["valence"],
            "metrics": ["rmse"],
            "baselines": ["training_mean"],
            "scale": {},
            "cv": "leave-one-subject-out",
            "level": "window",
            "findings": [],
        }
        return Evaluation(predictions, info)

    return make


def _lasting(noise: np.ndarray, memory: float) -> np.ndarray:
    """Give white noise (n_subjects, n_windows) a memory, at unit variance."""
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], noise, axis=1)
