"""What an evaluated model is called, what it is made of, and its seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from physio_vad.regressors import MODELS


def model_name(pipeline: Any) -> str:
    """Name the last step as `MODELS` does, or else ``"model"``."""
    last, _ = _last_step(pipeline)
    return next((name for name, cls in MODELS.items() if type(last) is cls), "model")


def made_of(pipeline: Any) -> str:
    """Write the estimator that the model is made of, without settings where these are tuned."""
    last, tuned = _last_step(pipeline)
    inner = getattr(last, "estimator", None) if type(last) in MODELS.values() else last
    if inner is None or isinstance(inner, str):
        return inner or ""
    return type(inner).__name__ if tuned else " ".join(repr(inner).split())


def _last_step(pipeline: Any) -> tuple[Any, bool]:
    """Give the model of a pipeline, and whether a search tunes it."""
    tuned = isinstance(pipeline, GridSearchCV | RandomizedSearchCV)
    inner = pipeline.estimator if tuned else pipeline
    return (inner.steps[-1][1] if hasattr(inner, "steps") else inner), tuned


def seeds_of(pipeline: Any) -> dict[str, int]:
    """Read the seeds that a model was given."""
    given = pipeline.get_params() if hasattr(pipeline, "get_params") else {}
    return {
        name: int(value)
        for name, value in given.items()
        if name.rpartition("__")[2] == "random_state" and isinstance(value, int | np.integer)
    }
