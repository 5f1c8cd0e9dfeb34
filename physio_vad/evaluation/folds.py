"""Fit on one side of each fold, predict the other."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline

from physio_vad._arrays import FloatArray, Progress
from physio_vad.evaluation.design import Design
from physio_vad.evaluation.training_table import TrainingTable
from physio_vad.exceptions import (
    ArgumentError,
    MissingSensorWarning,
    PhysioVadError,
    UnlikeTrainingWarning,
)
from physio_vad.recording.ratings import clip_to_scale
from physio_vad.registry import with_registrations
from physio_vad.workers import will_need, worker_processes


class FoldRun(NamedTuple):
    """What one fold gave.

    Parameters
    ----------
    output : array of shape (n_test, n_targets)
        Predictions of the test side, within the declared scale.
    unbounded : array of shape (n_test, n_targets)
        Predictions as the model gives them.
    fit, predict : float
        Seconds that fitting and predicting took.
    beside : list of array of shape (n_test, n_targets)
        If evaluated as live, as `output` from whole recordings, then with the further delays.
    """

    output: FloatArray
    unbounded: FloatArray
    fit: float
    predict: float
    beside: list[FloatArray]


def predict_folds(
    pipeline: Any,
    design: Design,
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[FoldRun]:
    """Fit a clone on the training side of each fold and predict its test side.

    Parameters
    ----------
    pipeline : estimator
        Cloned for each fold.
    design : Design
        Tables and folds.
    n_jobs : int, optional
        As in `evaluate`.
    progress : callable, optional
        As in `evaluate`.

    Returns
    -------
    list of FoldRun
        One a fold.
    """
    n_folds = len(design.splits)
    # joblib's own processes share the cores of this machine; another engine knows its own
    here = get_active_backend()[0].supports_inner_max_num_threads
    cores = cpu_count()
    n_jobs = min(effective_n_jobs(n_jobs), cores if here else n_folds, n_folds)
    if n_jobs == 1:
        table = TrainingTable(design.X)
        outputs = (_run_fold(pipeline, design, number, None, table) for number in range(n_folds))
        return _collect(outputs, n_folds, progress)
    share = cores // n_jobs if here else 1
    will_need("lightgbm")
    with worker_processes(share if here else None):
        task = delayed(with_registrations(_run_fold))
        outputs = Parallel(n_jobs=n_jobs, return_as="generator")(
            task(pipeline, design, number, share) for number in range(n_folds)
        )
        return _collect(outputs, n_folds, progress)


def _collect(outputs: Iterable[FoldRun], n_folds: int, progress: Progress | None) -> list[FoldRun]:
    done = []
    for output in outputs:
        done.append(output)
        if progress is not None:
            progress("folds", len(done), n_folds)
    return done


def fit_fold(
    pipeline: Any,
    design: Design,
    number: int,
    n_jobs: int | None = None,
    table: TrainingTable | None = None,
) -> Any:
    """Fit a clone on the training side of one fold.

    Parameters
    ----------
    pipeline : estimator
        Cloned.
    design : Design
        Tables and folds.
    number : int
        Which fold.
    n_jobs : int, optional
        Set wherever the pipeline has a parameter of that name; left as it is by default.
    table : TrainingTable, optional
        Where the features of the training side are taken from, fold after fold.

    Returns
    -------
    estimator
        Fitted.

    Raises
    ------
    PhysioVadError
        If fitting fails; it names fold and subjects.
    """
    train, _ = design.splits[number]
    if not takes_unrated(pipeline):
        train = train[design.rated[train]]
    X = design.X.iloc[train] if table is None else table.take(train)
    by_person = {"groups": design.rows.subjects[train]} if _wants_groups(pipeline) else {}
    try:
        with warnings.catch_warnings():  # inner folds of a search predict people, too
            warnings.simplefilter("ignore", UnlikeTrainingWarning)
            return _with_jobs(clone(pipeline), n_jobs).fit(X, design.y.iloc[train], **by_person)
    except Exception as error:
        raise _named(error, design, number) from error


def _wants_groups(model: Any) -> bool:
    """Tell whether a model is a search whose inner folds are cut by groups, as GroupKFold does."""
    routing = getattr(getattr(model, "cv", None), "get_metadata_routing", None)
    if routing is None or not isinstance(model, GridSearchCV | RandomizedSearchCV):
        return False
    return routing().split.requests.get("groups") is True


def predict_fold(
    model: Any, design: Design, number: int, X: pd.DataFrame | None = None
) -> FloatArray:
    """Predict the test side of one fold.

    Parameters
    ----------
    model : estimator
        Fitted.
    design : Design
        Tables and folds.
    number : int
        Which fold.
    X : DataFrame, optional
        Another table for the rows of the test side.

    Returns
    -------
    array of shape (n_test, n_targets)
        Predictions, clipped to the scale of each target that declares one.

    Raises
    ------
    PhysioVadError
        If predicting fails; it names fold and subjects.
    ArgumentError
        If predictions have another shape, or are not finite.
    """
    return clip_to_scale(_unbounded(model, design, number, X), design.targets, design.scale)


def _unbounded(
    model: Any, design: Design, number: int, X: pd.DataFrame | None = None
) -> FloatArray:
    X = design.X.iloc[design.splits.test(number)] if X is None else X
    try:
        with warnings.catch_warnings():  # what people of the study lack is in the score
            warnings.simplefilter("ignore", MissingSensorWarning)
            warnings.simplefilter("ignore", UnlikeTrainingWarning)  # the check unlike_sensor tells
            output = np.asarray(model.predict(X), dtype=float)
    except Exception as error:
        raise _named(error, design, number) from error
    output = output.reshape(len(X), -1)
    if output.shape[1] != len(design.targets):
        raise ArgumentError(
            f"{design.where(number)}: the pipeline predicts {output.shape[1]} columns, y has "
            f"{len(design.targets)} targets {design.targets!r}; give both the same targets"
        )
    if not np.isfinite(output).all():
        raise ArgumentError(
            f"{design.where(number)}: the pipeline predicts NaN or Inf; impute missing features"
        )
    return output


def _run_fold(
    pipeline: Any,
    design: Design,
    number: int,
    n_jobs: int | None,
    table: TrainingTable | None = None,
) -> FoldRun:
    begin = perf_counter()
    model = fit_fold(pipeline, design, number, n_jobs, table)
    fitted = perf_counter()
    unbounded = _unbounded(model, design, number)
    seconds = perf_counter() - fitted
    beside: list[FloatArray] = []
    if design.as_live:
        test = design.splits.test(number)
        live = [_unbounded(model, design, number, one.iloc[test]) for one in design.as_live]
        beside, unbounded = [unbounded, *live[1:]], live[0]
    output, *beside = (
        clip_to_scale(one, design.targets, design.scale) for one in (unbounded, *beside)
    )
    return FoldRun(output, unbounded, fitted - begin, seconds, beside)


def _named(error: Exception, design: Design, number: int) -> PhysioVadError:
    kind = type(error) if isinstance(error, PhysioVadError) else PhysioVadError
    return kind(f"{design.where(number)} failed: {type(error).__name__}: {error}")


def _with_jobs(model: Any, n_jobs: int | None) -> Any:
    """Set every `n_jobs` inside a model: threads x jobs above the cores cost 10 times the time."""
    if n_jobs is None:
        return model
    names = [name for name in model.get_params() if name.rpartition("__")[2] == "n_jobs"]
    return model.set_params(**dict.fromkeys(names, n_jobs))


def takes_unrated(pipeline: Any) -> bool:
    """Tell whether rows without any rating are of use to the `fit` of a pipeline or its search."""
    if not isinstance(pipeline, Pipeline):
        tuned = getattr(pipeline, "estimator", None)  # what a search clones
        return isinstance(tuned, Pipeline) and takes_unrated(tuned)
    return pipeline.named_steps.get("normalise") not in (None, "passthrough")
