"""Every model under scikit-learn's own checks."""

import pytest
from sklearn.utils.estimator_checks import check_estimator

from physio_vad.filling import FillMissing
from physio_vad.preprocessing import SelectFeatures, TableScaler
from physio_vad.regressors import (
    Blend,
    ChainEnsemble,
    CrossFittedChain,
    JointRegressor,
    KernelRegressor,
    MultiOutput,
    SharedNetwork,
    Stack,
)
from physio_vad.regressors.models import MODELS

COUNTED = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 2 is one row in the inner "
    "folds, the check wants two, and gives splits as cv, which is a number here"
}
SAMPLED = {
    "check_sample_weight_equivalence_on_dense_data": "boosting draws rows and wants a number of "
    "rows in each leaf, whatever their weights"
}

# Models with LightGBM or extra trees inside are checked with it; the rest runs on ridge, fast.
CASES = [
    (MultiOutput("ridge"), {}),
    (MultiOutput(), SAMPLED),
    (CrossFittedChain("ridge"), {}),
    (MultiOutput("lightgbm"), SAMPLED),
    (CrossFittedChain(), SAMPLED),
    (ChainEnsemble("ridge"), {}),
    (JointRegressor("ridge"), {}),
    (Blend(), SAMPLED),
    (KernelRegressor(), {}),
    (Stack(("ridge", "kernel_ridge")), COUNTED),
    (SharedNetwork(max_epochs=20), COUNTED),
    (FillMissing(), {}),
    (TableScaler(), {}),
    (SelectFeatures(2), {}),
]


@pytest.mark.parametrize(("estimator", "expected"), CASES, ids=str)
@pytest.mark.filterwarnings("ignore")  # the checks warn on purpose
def test_estimator(estimator, expected):
    results = check_estimator(
        estimator, expected_failed_checks=expected, on_skip=None, on_fail=None
    )
    failed = {
        one["check_name"]: repr(one["exception"]) for one in results if one["status"] == "failed"
    }
    assert failed == {}
    assert len(expected) <= 6


def test_every_model_is_checked():
    assert set(MODELS.values()) <= {type(one) for one, _ in CASES}
