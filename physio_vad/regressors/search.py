"""What to try when a model is tuned: distributions for `RandomizedSearchCV`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy.stats import loguniform, randint, uniform

from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.regressors.estimators import ESTIMATORS

Space = dict[str, Any]

ESTIMATOR_SPACES: dict[str, Callable[[], Space]] = {
    "lightgbm": lambda: {
        "n_estimators": randint(50, 400),
        "learning_rate": loguniform(0.02, 0.2),
        "num_leaves": randint(4, 32),
        "min_child_samples": randint(4, 40),
        "colsample_bytree": uniform(0.2, 0.8),
        "reg_lambda": loguniform(0.1, 30.0),
    },
    "extra_trees": lambda: {
        "min_samples_leaf": randint(1, 15),
        "max_features": uniform(0.2, 0.8),
    },
    "ridge": lambda: {"alpha": loguniform(0.1, 1e4)},
    "kernel_ridge": lambda: {"alpha": loguniform(1e-3, 10.0), "width": loguniform(0.05, 2.0)},
    "svr": lambda: {
        "regressor__C": loguniform(0.05, 30.0),
        "regressor__epsilon": loguniform(0.01, 0.5),
    },
    "elastic_net": lambda: {
        "regressor__alpha": loguniform(1e-3, 1.0),
        "regressor__l1_ratio": uniform(0.05, 0.9),
    },
}
"""Distributions of each estimator's parameters."""

MODEL_SPACES: dict[str, Callable[[], Space]] = {
    "multioutput": dict,
    "chain": dict,
    "chain_ensemble": dict,
    "stack": lambda: {"shrinkage": loguniform(1e-3, 1.0)},
    "shared": lambda: {
        "hidden": [(32,), (64,), (128,), (64, 32)],
        "head_hidden": [0, 16],
        "loss": ["squared", "huber"],
        "loss_weights": [None, "learned"],
        "l2": loguniform(1e-3, 0.3),
        "learning_rate": loguniform(1e-3, 1e-2),
    },
}
"""Distributions of each model's own parameters."""


def search_space(model: str, estimator: str = "lightgbm", prefix: str = "model__") -> Space:
    """Return distributions to tune a pipeline with.

    Parameters
    ----------
    model : str
        Name of the model, as in `build_pipeline`.
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
    if model not in MODEL_SPACES:
        raise ArgumentError(unknown_name("model", model, MODEL_SPACES))
    if estimator not in ESTIMATORS:
        raise ArgumentError(unknown_name("estimator", estimator, ESTIMATORS))
    space = {f"{prefix}{name}": values for name, values in MODEL_SPACES[model]().items()}
    if model not in ("stack", "shared"):
        own = ESTIMATOR_SPACES[estimator]()
        space |= {f"{prefix}estimator__{name}": values for name, values in own.items()}
    return space
