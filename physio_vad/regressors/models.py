"""The models there are, by name, and what to try when one is tuned."""

from __future__ import annotations

from physio_vad.registry import Registry
from physio_vad.regressors.base import MultiTargetRegressor
from physio_vad.regressors.chain import CrossFittedChain
from physio_vad.regressors.chain_ensemble import ChainEnsemble
from physio_vad.regressors.estimators import ESTIMATORS, Space
from physio_vad.regressors.multioutput import MultiOutput
from physio_vad.regressors.shared import SharedNetwork
from physio_vad.regressors.stack import Stack

MODELS: Registry[type[MultiTargetRegressor]] = Registry(
    "model",
    __name__,
    {
        "multioutput": MultiOutput,
        "chain": CrossFittedChain,
        "chain_ensemble": ChainEnsemble,
        "stack": Stack,
        "shared": SharedNetwork,
    },
)
"""Models by name, as `build_pipeline` and the recipes know them. A new one is one line."""


def takes_estimator(model: type) -> bool:
    """Tell whether a model is made of an estimator that one may choose."""
    return "estimator" in model().get_params(deep=False)


def search_space(model: str | type, estimator: str = "blend", prefix: str = "model__") -> Space:
    """Return distributions to tune a pipeline with.

    A model and an estimator bring their own: a method ``search_space()``.

    Parameters
    ----------
    model : str or type
        Name of the model, as in `build_pipeline`, or a class of your own.
    estimator : str
        Name of its estimator; not used where the model has none.
    prefix : str
        What stands before each parameter: ``"model__"`` for a pipeline, ``""`` for the model
        itself.

    Returns
    -------
    dict of str to distribution or list
        For ``param_distributions`` of scikit-learn's ``RandomizedSearchCV``. Search inside
        training people only, and report the outer score.

    Raises
    ------
    ArgumentError
        If a name is unknown.

    Examples
    --------
    >>> sorted(search_space("chain", "ridge"))
    ['model__estimator__alpha']
    """
    cls = model if isinstance(model, type) else MODELS.find(model)
    own = _own_space(ESTIMATORS.find(estimator))
    space = {f"{prefix}{name}": values for name, values in _own_space(cls).items()}
    if takes_estimator(cls):
        space |= {f"{prefix}estimator__{name}": values for name, values in own.items()}
    return space


def _own_space(thing: object) -> Space:
    space: Space = getattr(thing, "search_space", dict)()
    return space
