"""What rounding decides moves no prediction, and nothing else is touched."""

import numpy as np
import pytest

from physio_vad.regressors import MODELS, MultiOutput
from physio_vad.regressors.last_digits import LastDigits


def table(seed=0):
    """Make columns on a coarse raster, fine ones, whole numbers, and one constant."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 12, (90, 2)) * 0.02 / 3 - 0.04
    return np.column_stack([coarse, rng.normal(size=(90, 2)), rng.integers(0, 5, 90), np.ones(90)])


def shaken(X, seed):
    """Change the last digits of all but the whole numbers."""
    rng = np.random.default_rng(seed)
    X = X + 1e-13 * rng.uniform(-1, 1, X.shape)
    X[:, 4] = np.rint(X[:, 4])
    return X


def moved(model):
    """Fit a model and say how far last digits move its predictions."""
    X, subjects = shaken(table(), 1), np.repeat(["a", "b", "c"], 30)
    y = np.column_stack([X[:, 0] > 0, X[:, 1] + X[:, 2] / 9]) + 0.1 * X[:, [3, 2]]
    model.fit(X, y, groups=subjects)
    first, second = (model.predict(shaken(table(), seed)) for seed in (2, 3))
    assert np.ptp(first, axis=0).min() > 0.1
    return np.abs(first - second).max()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_last_digits_move_no_prediction(name):
    assert moved(MODELS[name](random_state=0)) < 1e-9


def test_trees_see_them_otherwise(monkeypatch):
    monkeypatch.setattr(LastDigits, "cut", lambda _, X: X)
    assert moved(MultiOutput(random_state=0)) > 1e-3


def test_only_columns_with_values_that_chance_parted_are_touched():
    X = table()
    assert np.array_equal(LastDigits(X).cut(X), X)
    digits = LastDigits(shaken(X, 1))
    assert np.flatnonzero(digits.steps).tolist() == [0, 1, 5]
    cut = digits.cut(shaken(X, 2))
    own = np.flatnonzero(digits.steps)
    assert np.array_equal(cut[:, own], digits.cut(shaken(X, 3))[:, own])
    assert np.abs(cut - X).max() < 1e-9


@pytest.mark.parametrize("value", [0.0, 1e-320, 1e300, -1.7e308, np.nan])
def test_odd_columns_stay_finite_and_near(value):
    X = np.array([[value, 1.0], [value, 2.0], [value * (1 + 1e-15), 1.0 + 1e-14]])
    cut = LastDigits(X).cut(X)
    assert np.array_equal(np.isnan(cut), np.isnan(X))
    assert np.isfinite(cut[~np.isnan(X)]).all()
    np.testing.assert_allclose(cut, X, rtol=1e-9)
