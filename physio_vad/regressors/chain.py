"""A chain of targets whose links learn from out-of-fold predictions, people kept whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet
from physio_vad.regressors.links import fit_links, predict_links


class CrossFittedChain(MultiTargetRegressor):
    """Predict targets one after the other, each from the features and the predictions before it.

    A chain that is trained on true targets meets predictions later and does worse than no chain
    [1]_; here each link learns from predictions of models that never saw the person. Inner folds
    keep every subject whole (with one subject: every trial), leave rows with a missing rating out
    for that target only, and take the sample weights. Measured on public sets the gain over
    independent models is about half a percent: take a chain for its order, not for its score.

    Parameters
    ----------
    estimator : str or estimator
        A name ("blend", "lightgbm", "extra_trees", "ridge", "kernel_ridge", "svr",
        "elastic_net") or any scikit-learn regressor.
    order : sequence of str, optional
        Targets in the order in which they are predicted; default the order of y.
    cv : int
        Inner folds; never more than subjects.
    groups : str, optional
        Index level of X that holds the subject. None says that rows are independent.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of the folds, and of the estimators that have none of their own.
    n_jobs : int, optional
        Inner folds fitted side by side; each with one thread where there are several.

    Attributes
    ----------
    estimators_ : list of estimator
        One fitted estimator a link, in the order of the chain.
    order_ : list of int
        Number of the target that each link predicts.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of shape (n_features,)
        Their names, where X was a DataFrame.

    References
    ----------
    .. [1] Spyromitros-Xioufis et al. (2016). Multi-target regression via input space expansion.
       Machine Learning 104, 55-98. https://doi.org/10.1007/s10994-016-5546-z

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> y = np.column_stack([X[:, 0], X[:, 0] + X[:, 1]])
    >>> people = np.repeat(np.arange(8), 5)
    >>> chain = CrossFittedChain("ridge", random_state=0).fit(X, y, groups=people)
    >>> chain.predict(X).shape
    (40, 2)
    """

    def __init__(
        self,
        estimator: Any = "blend",
        *,
        order: Sequence[str] | None = None,
        cv: int = 4,
        groups: str | None = None,
        targets: Sequence[str] | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.order = order
        self.cv = cv
        self.groups = groups
        self.targets = targets
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit(self, training: TrainingSet) -> None:
        self.order_ = resolve_order(self.order, training.names)
        links = fit_links(self, training, [tuple(self.order_)])
        self.estimators_ = list(links.values())

    def _predict(self, X: FloatArray) -> FloatArray:
        order = tuple(self.order_)
        prefixes = [order[: link + 1] for link in range(len(order))]
        return predict_links(dict(zip(prefixes, self.estimators_, strict=True)), [order], X)


def resolve_order(order: Sequence[str] | None, names: list[str]) -> list[int]:
    """Turn an order of target names into column numbers.

    Parameters
    ----------
    order : sequence of str, optional
        Every target once; None keeps the order of `names`.
    names : list of str
        Targets in the order of the columns.

    Returns
    -------
    list of int
        Columns in the order of the chain.

    Raises
    ------
    ArgumentError
        If a name is unknown, missing or stands twice.

    Examples
    --------
    >>> resolve_order(["arousal", "valence"], ["valence", "arousal"])
    [1, 0]
    """
    if order is None:
        return list(range(len(names)))
    order = list(order)
    for name in order:
        if name not in names:
            raise ArgumentError(unknown_name("target in order", name, names))
    if sorted(order) != sorted(names):
        raise ArgumentError(f"order must name every target once, {names}, got {order}")
    return [names.index(name) for name in order]
