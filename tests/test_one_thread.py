"""Linear algebra in one thread: whatever the cores, and only as long as it is wanted."""

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from physio_vad.one_thread import one_thread
from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import ESTIMATORS, MODELS, MultiOutput

CASES = [*MODELS, *(name for name in ESTIMATORS if name != "blend")]


def blas_threads():
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.fixture
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("linear algebra has no threads here")
        yield


def test_the_limit_is_gone_after_an_error(two_threads):
    @one_thread()
    def fail():
        assert blas_threads() == {1}
        raise ValueError("of a fit")

    with pytest.raises(ValueError, match="of a fit"):
        fail()
    assert blas_threads() == {2}


@pytest.mark.parametrize("name", CASES)
def test_a_model_is_the_same_to_the_last_bit_with_more_threads(name, two_threads):
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([range(8), range(50)], names=["subject", "window"])
    names = [f"eda__{number}" for number in range(150)]
    X = pd.DataFrame(rng.normal(size=(400, 150)), index=index, columns=names)
    y = X.iloc[:, :3].set_axis(list("vad"), axis=1) + rng.normal(size=(400, 3))
    X = X.mask(rng.random(X.shape) < 0.02)

    def predicted():
        model = build_pipeline(name) if name in MODELS else build_pipeline(estimator=name)
        fast = {"n_estimators": 10, "cv": 3, "max_epochs": 5, "random_state": 0}
        fast["members"] = ("ridge", "kernel_ridge")
        asked = model.get_params()
        given = {key: fast[end] for key in asked if (end := key.rpartition("__")[2]) in fast}
        return model.set_params(**given).fit(X[:300], y[:300]).predict(X[300:])

    several = predicted()
    with threadpool_limits(1, user_api="blas"):
        np.testing.assert_array_equal(several, predicted())


def test_an_estimator_of_others_keeps_its_threads(two_threads):
    seen = []

    class Theirs(type(ESTIMATORS["svr"]())):
        def fit(self, X, y, **more):
            seen.append(blas_threads())
            return super().fit(X, y, **more)

    MultiOutput(Theirs()).fit(np.eye(4), np.arange(4.0))
    assert seen == [{2}]
