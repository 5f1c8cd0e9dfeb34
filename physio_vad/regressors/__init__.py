"""Multi-target models: one class a file, one line in `MODELS`."""

from physio_vad.regressors.chain import CrossFittedChain
from physio_vad.regressors.chain_ensemble import ChainEnsemble
from physio_vad.regressors.estimators import ESTIMATORS, make_estimator
from physio_vad.regressors.joint import JointRegressor
from physio_vad.regressors.kernel import KernelRegressor
from physio_vad.regressors.multioutput import MultiOutput
from physio_vad.regressors.scorers import METRICS, MaskedScorer, masked_r2
from physio_vad.regressors.search import search_space
from physio_vad.regressors.shared import SharedNetwork
from physio_vad.regressors.stack import MEMBERS, Stack

MODELS: dict[str, type] = {
    "multioutput": MultiOutput,
    "chain": CrossFittedChain,
    "chain_ensemble": ChainEnsemble,
    "stack": Stack,
    "shared": SharedNetwork,
}
"""Models by name, as `build_pipeline` and the recipes know them."""

__all__ = [
    "ESTIMATORS",
    "MEMBERS",
    "METRICS",
    "MODELS",
    "ChainEnsemble",
    "CrossFittedChain",
    "JointRegressor",
    "KernelRegressor",
    "MaskedScorer",
    "MultiOutput",
    "SharedNetwork",
    "Stack",
    "make_estimator",
    "masked_r2",
    "search_space",
]
