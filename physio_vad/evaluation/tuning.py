"""Tuning that is part of training: a search inside the training people of every fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.model_selection import RandomizedSearchCV

from physio_vad.evaluation.splits import GroupedKFold
from physio_vad.exceptions import ArgumentError
from physio_vad.regressors import MaskedScorer


def nested_search(
    pipeline: Any,
    space: Mapping[str, Any],
    *,
    n_iter: int = 20,
    inner_folds: int = 4,
    metric: str = "r2",
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> RandomizedSearchCV:
    """Make a search that keeps people whole, to be evaluated like any other model.

    Given to `evaluate`, each outer fold runs its own search among its training people, so the
    outer score is that of the whole procedure. The inner score, the best of many, is too good and
    nobody's business: never report it.

    Parameters
    ----------
    pipeline : estimator
        What is tuned, such as `build_pipeline` makes it.
    space : mapping of str to distribution or list
        See `physio_vad.regressors.search_space`.
    n_iter : int
        Settings that are tried.
    inner_folds : int
        Folds by subject inside; never more than subjects.
    metric : str
        What the settings are judged by, on the ratings that are there.
    random_state : int, optional
        Seed of the draws of settings and people.
    n_jobs : int, optional
        Fits side by side.

    Returns
    -------
    RandomizedSearchCV
        X must be a DataFrame with the index level ``subject``.

    Raises
    ------
    ArgumentError
        If the space is empty.

    Examples
    --------
    >>> from physio_vad.pipeline import build_pipeline
    >>> from physio_vad.regressors import search_space
    >>> search = nested_search(
    ...     build_pipeline("chain", estimator="ridge"), search_space("chain", "ridge"), n_iter=5
    ... )
    >>> search.cv
    GroupedKFold(n_splits=4, random_state=None)
    """
    if not space:
        raise ArgumentError("the search space is empty: there is nothing to tune")
    return RandomizedSearchCV(
        pipeline,
        dict(space),
        n_iter=n_iter,
        scoring=MaskedScorer(metric),
        cv=GroupedKFold(inner_folds, random_state=random_state),
        random_state=random_state,
        n_jobs=n_jobs,
        error_score="raise",
    )
