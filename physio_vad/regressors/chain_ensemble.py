"""Several cross-fitted chains in different orders, averaged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import factorial
from typing import Any

from sklearn.utils import check_random_state

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet
from physio_vad.regressors.links import Prefix, fit_links, predict_links

ALL_ORDERS_UP_TO = 3
"""Up to so many targets every order is taken."""


class ChainEnsemble(MultiTargetRegressor):
    """Average cross-fitted chains over the orders of their targets.

    Up to three targets all orders are taken (6 for three), above that `n_orders` drawn at random.
    Orders that begin alike share their links, so three targets cost 15 fitted links, not 18. Each
    link learns from out-of-fold predictions with people kept whole, see `CrossFittedChain`; the
    average spares the choice of an order. It is as good as independent models, seldom better.

    Parameters
    ----------
    estimator : str or estimator
        A name ("blend", "lightgbm", "extra_trees", "ridge", "kernel_ridge", "svr",
        "elastic_net") or any scikit-learn regressor.
    n_orders : int
        Orders that are drawn where there are more than three targets.
    cv : int
        Inner folds; never more than subjects.
    groups : str, optional
        Index level of X that holds the subject. None says that rows are independent.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of the orders, the folds, and the estimators that have none of their own.
    n_jobs : int, optional
        Links and inner folds fitted side by side; each with one thread where there are several.

    Attributes
    ----------
    links_ : dict of tuple to estimator
        Fitted links; ``(2, 0)`` predicts target 0 after target 2.
    orders_ : list of tuple of int
        The orders of the targets.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of shape (n_features,)
        Their names, where X was a DataFrame.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> y = np.column_stack([X[:, 0], X[:, 0] + X[:, 1], X[:, 1]])
    >>> people = np.repeat(np.arange(8), 5)
    >>> len(ChainEnsemble("ridge", random_state=0).fit(X, y, groups=people).links_)
    15
    """

    def __init__(
        self,
        estimator: Any = "blend",
        *,
        n_orders: int = 10,
        cv: int = 4,
        groups: str | None = None,
        targets: Sequence[str] | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_orders = n_orders
        self.cv = cv
        self.groups = groups
        self.targets = targets
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __getstate__(self) -> dict[str, Any]:
        """Give the links as pairs: forms other than a pickle know no tuples as keys."""
        state: dict[str, Any] = super().__getstate__()
        return state | {"links_": list(state["links_"].items())} if "links_" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "links_" in state:
            state = state | {"links_": dict(state["links_"])}
        super().__setstate__(state)

    def _fit(self, training: TrainingSet) -> None:
        self.orders_ = draw_orders(training.Y.shape[1], self.n_orders, training.seed)
        self.links_ = fit_links(self, training, self.orders_)

    def _predict(self, X: FloatArray) -> FloatArray:
        return predict_links(self.links_, self.orders_, X)


def draw_orders(n_targets: int, n_orders: int, seed: int | None = None) -> list[Prefix]:
    """Return all orders of few targets, or some different ones of many.

    Parameters
    ----------
    n_targets : int
        Number of targets.
    n_orders : int
        Orders that are drawn where there are more than three targets.
    seed : int, optional
        Seed of the draw.

    Returns
    -------
    list of tuple of int
        Different orders.

    Raises
    ------
    ArgumentError
        If `n_orders` is no number from 1.

    Examples
    --------
    >>> draw_orders(2, 10)
    [(0, 1), (1, 0)]
    >>> len(draw_orders(6, 10, seed=0))
    10
    """
    if isinstance(n_orders, bool) or not isinstance(n_orders, int) or n_orders < 1:
        raise ArgumentError(f"n_orders must be a number from 1, got {n_orders!r}")
    if n_targets <= ALL_ORDERS_UP_TO:
        return list(permutations(range(n_targets)))
    random = check_random_state(seed)
    drawn: dict[Prefix, None] = {}
    while len(drawn) < min(n_orders, factorial(n_targets)):
        drawn[tuple(int(target) for target in random.permutation(n_targets))] = None
    return list(drawn)
