"""Small tables with people in them."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin


def make_people(n_subjects=8, n_rows=12, n_features=6, seed=0, missing=()):
    """People with offsets; three targets that share features; `missing` people lack dominance."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{i:02}" for i in range(n_subjects)], ["1", "2"], range(n_rows // 2)],
        names=["subject", "trial", "window"],
    )
    subject = np.repeat(np.arange(n_subjects), len(index) // n_subjects)
    X = rng.normal(size=(len(index), n_features)) + rng.normal(size=(n_subjects, 1))[subject]
    valence = X[:, 0] + 0.5 * X[:, 1] + 0.3 * rng.normal(size=len(index))
    arousal = valence + X[:, 2] + 0.3 * rng.normal(size=len(index))
    dominance = 5 - arousal + 0.3 * rng.normal(size=len(index))
    y = pd.DataFrame({"valence": valence, "arousal": arousal, "dominance": dominance}, index=index)
    y.loc[np.isin(subject, missing), "dominance"] = np.nan
    names = [f"eda__{{f}}[{i}]" for i in range(n_features)]  # characters LightGBM refuses
    return pd.DataFrame(X, index=index, columns=names), y


@pytest.fixture
def people():
    return make_people()


@pytest.fixture
def partly_rated():
    return make_people(missing=(1, 4, 6))


class Recorder(RegressorMixin, BaseEstimator):
    """Least squares that writes down what it was fitted on and what it had to predict."""

    log: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        assert not np.isnan(y).any()
        self.entry_ = {"fit": X, "y": y, "weight": sample_weight, "predict": []}
        Recorder.log.append(self.entry_)
        w = np.ones(len(y)) if sample_weight is None else sample_weight
        root = np.sqrt(w)[:, None]
        A = np.column_stack([X, np.ones(len(X))])
        self.coef_ = np.linalg.lstsq(A * root, y * root[:, 0], rcond=None)[0]
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        self.entry_["predict"].append(X)
        return np.column_stack([X, np.ones(len(X))]) @ self.coef_


@pytest.fixture
def recorder():
    Recorder.log.clear()
    return Recorder()
