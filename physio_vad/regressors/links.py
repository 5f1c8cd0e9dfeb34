"""Links of cross-fitted chains; orders that begin alike share their links.

A link is named by its prefix: ``(2, 0)`` predicts target 0 from the features and the predictions
of link ``(2,)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet
from physio_vad.regressors.estimators import fit_estimator, predict_estimator

Prefix = tuple[int, ...]


class Job(NamedTuple):
    """One fit: a link on all rows, or on all but those of a fold."""

    prefix: Prefix
    held_out: BoolArray | None


def fit_links(
    model: MultiTargetRegressor, training: TrainingSet, orders: Sequence[Prefix]
) -> dict[Prefix, Any]:
    """Fit every link of some chains once.

    Parameters
    ----------
    model : MultiTargetRegressor
        Has the parameters `estimator`, `cv` and `n_jobs`.
    training : TrainingSet
        What is learned from.
    orders : sequence of tuple of int
        Every target once in each.

    Returns
    -------
    dict of tuple to estimator
        Fitted links by prefix.
    """
    n_targets = training.Y.shape[1]
    links: dict[Prefix, Any] = {}
    seen: dict[Prefix, FloatArray] = {}  # out-of-fold predictions of each link
    for length in range(1, n_targets + 1):
        prefixes = list(dict.fromkeys(order[:length] for order in orders))
        jobs = [Job(prefix, None) for prefix in prefixes]
        fitted = _run(model, training, jobs, seen)
        links |= dict(zip(prefixes, fitted, strict=True))
        if length < n_targets:
            own = {prefix: _told_by_itself(links[prefix], training, prefix) for prefix in prefixes}
            seen |= {prefix: known for prefix, known in own.items() if known is not None}
            cross = [prefix for prefix, known in own.items() if known is None]
            seen |= _cross_fitted(model, training, cross, seen)
    return links


def _told_by_itself(link: Any, training: TrainingSet, prefix: Prefix) -> FloatArray | None:
    """Out-of-fold predictions that a link brings, None if it has none for some of the rows."""
    known = getattr(link, "out_of_fold_", None)
    used = ~np.isnan(training.Y[:, prefix[-1]])
    if training.weight is not None:
        used &= training.weight > 0
    return known if known is not None and used.all() else None


def _cross_fitted(
    model: MultiTargetRegressor,
    training: TrainingSet,
    prefixes: Sequence[Prefix],
    seen: Mapping[Prefix, FloatArray],
) -> dict[Prefix, FloatArray]:
    """Predict each fold by a link that was fitted without it."""
    jobs = []
    for prefix in prefixes:
        rated = ~np.isnan(training.Y[:, prefix[-1]])
        fold = training.groups.folds(model.cv, training.seed, rated=rated)
        jobs += [Job(prefix, fold == number) for number in np.unique(fold)]
    found = {prefix: np.empty(len(training.X)) for prefix in prefixes}
    for job, predicted in zip(jobs, _run(model, training, jobs, seen), strict=True):
        found[job.prefix][job.held_out] = predicted
    return found


def _run(
    model: MultiTargetRegressor,
    training: TrainingSet,
    jobs: Sequence[Job],
    seen: Mapping[Prefix, FloatArray],
) -> list[Any]:
    return model._run(_do, [(job, model, training, _inputs(job, seen)) for job in jobs])


def predict_links(
    links: Mapping[Prefix, Any], orders: Iterable[Prefix], X: FloatArray
) -> FloatArray:
    """Predict by all chains and average.

    Parameters
    ----------
    links : mapping of tuple to estimator
        Fitted links by prefix.
    orders : iterable of tuple of int
        The chains.
    X : array of shape (n_rows, n_features)
        Features.

    Returns
    -------
    array of shape (n_rows, n_targets)
        Mean over the chains.
    """
    orders = list(orders)
    known: dict[Prefix, FloatArray] = {}
    for prefix, link in links.items():  # shorter prefixes stand before longer ones
        columns = [known[prefix[:length]] for length in range(1, len(prefix))]
        known[prefix] = predict_estimator(link, np.column_stack([X, *columns]))
    total = np.zeros((len(X), len(orders[0])))
    for order in orders:
        for length in range(1, len(order) + 1):
            total[:, order[length - 1]] += known[order[:length]]
    return total / len(orders)


def _inputs(job: Job, seen: Mapping[Prefix, FloatArray]) -> list[FloatArray]:
    return [seen[job.prefix[:length]] for length in range(1, len(job.prefix))]


def _do(
    job: Job, model: MultiTargetRegressor, training: TrainingSet, columns: list[FloatArray]
) -> Any:
    """Return the fitted link, or its predictions of the rows held out."""
    X = np.column_stack([training.X, *columns])
    fitted = fit_estimator(
        model.estimator,
        X,
        training.Y[:, job.prefix[-1]],
        rows=None if job.held_out is None else ~job.held_out,
        sample_weight=training.weight,
        groups=training.groups.subjects,
        random_state=training.seed,
        single_thread=model._single_thread(),
    )
    return fitted if job.held_out is None else predict_estimator(fitted, X[job.held_out])
