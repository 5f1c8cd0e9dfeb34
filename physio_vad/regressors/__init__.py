"""Multi-target models: one class a file, one line in `models.MODELS`."""

from physio_vad.regressors.blend import Blend
from physio_vad.regressors.chain import CrossFittedChain
from physio_vad.regressors.chain_ensemble import ChainEnsemble
from physio_vad.regressors.estimators import ESTIMATORS, make_estimator
from physio_vad.regressors.joint import JointRegressor
from physio_vad.regressors.kernel import KernelRegressor
from physio_vad.regressors.models import MODELS, search_space
from physio_vad.regressors.multioutput import MultiOutput
from physio_vad.regressors.scorers import MaskedScorer, masked_r2
from physio_vad.regressors.shared import SharedNetwork
from physio_vad.regressors.stack import MEMBERS, Stack

__all__ = [
    "ESTIMATORS",
    "MEMBERS",
    "MODELS",
    "Blend",
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
