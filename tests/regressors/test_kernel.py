import numpy as np
import pytest
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge

from physio_vad.regressors import KernelRegressor


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    return X, 50 + 10 * np.sin(X[:, 0]) + 5 * X[:, 1] * X[:, 2]


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn_on_a_standardised_target(table, weighted):
    X, y = table
    weight = np.linspace(0.5, 2, 300) if weighted else None
    mean = np.average(y, weights=weight)
    scale = np.sqrt(np.average((y - mean) ** 2, weights=weight))
    theirs = KernelRidge(kernel="rbf", gamma=0.3 / 3, alpha=0.01)
    theirs.fit(X, (y - mean) / scale, sample_weight=weight)
    ours = KernelRegressor(alpha=0.01).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X) * scale + mean, rtol=1e-6)


def test_landmarks_come_close_to_all_rows(table):
    X, y = table
    exact = KernelRegressor(alpha=0.01).fit(X, y).predict(X)
    spanned = KernelRegressor(alpha=0.01, n_landmarks=120, random_state=0).fit(X, y)
    assert len(spanned.landmarks_) == 120
    assert np.sqrt(np.mean((spanned.predict(X) - exact) ** 2)) < 0.1 * y.std()


@pytest.mark.parametrize("n_landmarks", [1000, 100])
def test_scale_of_the_target_changes_nothing(table, n_landmarks):
    X, y = table
    model = KernelRegressor(n_landmarks=n_landmarks, random_state=0)
    np.testing.assert_allclose(
        clone(model).fit(X, 1e6 * y + 3).predict(X), 1e6 * model.fit(X, y).predict(X) + 3
    )


def test_a_constant_target():
    X = np.arange(6.0).reshape(-1, 1)
    np.testing.assert_allclose(KernelRegressor().fit(X, np.full(6, 3.0)).predict(X), 3.0)
