"""A stack of diverse models, weighed for each target by what they do for people never seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import loguniform
from sklearn.base import clone

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.preprocessing import TableScaler
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet, common_folds, seed_of
from physio_vad.regressors.chain_ensemble import ChainEnsemble
from physio_vad.regressors.estimators import Space, lightgbm
from physio_vad.regressors.joint import JointRegressor
from physio_vad.regressors.kernel import KernelRegressor
from physio_vad.regressors.moments import target_moments
from physio_vad.regressors.multioutput import MultiOutput
from physio_vad.regressors.shared import SharedNetwork
from physio_vad.regressors.weights import FoldSums, stack_weights

LARGE = 5000
"""Rows that each extra tree sees at most."""

MANY = 30_000
"""Values in a table from which trees and boosting are fewer and coarser."""

WIDE = 40
"""Features that each split of an extra tree looks at, at most."""


def extra_trees(n_rows: int, n_features: int) -> Any:
    """Make extra trees whose cost stays bounded in large and in wide tables.

    Parameters
    ----------
    n_rows, n_features : int
        Shape of the training side.
    """
    from sklearn.ensemble import ExtraTreesRegressor  # slow to import

    few = 1.0 if n_features <= WIDE else WIDE
    trees = ExtraTreesRegressor(n_estimators=200, max_features=few, n_jobs=1)
    if n_rows * n_features > MANY:
        trees.set_params(n_estimators=30, min_samples_leaf=5, max_features=min(few, 20))
    return trees.set_params(bootstrap=True, max_samples=LARGE) if n_rows > LARGE else trees


def boosting(n_rows: int, n_features: int) -> Any:
    """Make LightGBM with more and finer trees than its default, where a table is small.

    Parameters
    ----------
    n_rows, n_features : int
        Shape of the training side.
    """
    if n_rows * n_features > MANY:
        return lightgbm().set_params(
            n_estimators=60, learning_rate=0.1, num_leaves=7, colsample_bytree=0.2, max_bin=31
        )
    return lightgbm().set_params(n_estimators=300, min_child_samples=5, max_bin=255)


MEMBERS: dict[str, Callable[[int, int], MultiTargetRegressor]] = {
    "lightgbm": lambda *_: MultiOutput("lightgbm"),
    "boosting": lambda *shape: MultiOutput(boosting(*shape)),
    "extra_trees": lambda *shape: MultiOutput(extra_trees(*shape)),
    "extra_trees_joint": lambda *shape: JointRegressor(extra_trees(*shape)),
    "ridge": lambda *_: MultiOutput("ridge"),
    "kernel_ridge": lambda *_: MultiOutput(KernelRegressor(alpha=0.01)),
    "kernel_ridge_narrow": lambda *_: MultiOutput(KernelRegressor(alpha=0.01, width=1.0)),
    "chain_ensemble": lambda *_: ChainEnsemble("lightgbm"),
    "shared": lambda *_: SharedNetwork(),
}
"""Members by name, each made for the shape of the training side."""

DEFAULT_MEMBERS = (
    "boosting",
    "extra_trees",
    "extra_trees_joint",
    "ridge",
    "kernel_ridge",
    "kernel_ridge_narrow",
)


class Stack(MultiTargetRegressor):
    """Average diverse models with non-negative weights of their own for each target.

    The weights are those that would have been best on out-of-fold predictions with people kept
    whole, both centred on the mean of the fold's training side, and shrunk towards the weights
    that fit all targets together as far as inner error asks for. What the weights lack to 1 goes
    to the training mean, so that the stack falls back to it where nothing helps. Extra trees that
    are fitted on all targets at once carry information between them.

    Parameters
    ----------
    members : sequence of str or MultiTargetRegressor
        Names ("lightgbm", "boosting", "extra_trees", "extra_trees_joint", "ridge",
        "kernel_ridge", "kernel_ridge_narrow", "chain_ensemble", "shared") or models of this
        package. A member that is no tree gets the features standardised, learned in the fold.
    cv : int
        Inner folds; never more than subjects.
    shrinkage : float, optional
        Strength of the pull towards the weights of all targets together; by default chosen by
        inner error, and strong where few people rated a target.
    groups : str, optional
        Index level of X that holds the subject. None says that rows are independent.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of the folds, and of the members that have none of their own.
    n_jobs : int, optional
        Members and inner folds fitted side by side; each with one thread where there are several.

    Attributes
    ----------
    members_ : list of MultiTargetRegressor
        Members fitted on all rows.
    member_names_ : list of str
        Their names.
    weights_ : array of shape (n_targets, n_members)
        Weights.
    shrinkage_ : array of shape (n_targets,)
        Strengths that were taken.
    mean_ : array of shape (n_targets,)
        Training means.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of shape (n_features,)
        Their names, where X was a DataFrame.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> y = np.column_stack([X[:, 0], np.random.default_rng(1).normal(size=60)])
    >>> people = np.repeat(np.arange(12), 5)
    >>> stack = Stack(["ridge", "kernel_ridge"], random_state=0).fit(X, y, groups=people)
    >>> stack.predict(X).shape, stack.weights_.shape
    ((60, 2), (2, 2))
    """

    @classmethod
    def search_space(cls) -> Space:
        """Distributions of its own parameters."""
        return {"shrinkage": loguniform(1e-3, 1.0)}

    def __init__(
        self,
        members: Sequence[Any] = DEFAULT_MEMBERS,
        *,
        cv: int = 4,
        shrinkage: float | None = None,
        groups: str | None = None,
        targets: Sequence[str] | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.members = members
        self.cv = cv
        self.shrinkage = shrinkage
        self.groups = groups
        self.targets = targets
        self.random_state = random_state
        self.n_jobs = n_jobs

    @property
    def wants_scaled(self) -> bool:
        """Whether a pipeline scales the features: not here, they are scaled inside."""
        return False

    def _fit(self, training: TrainingSet) -> None:
        members = self._members(training)
        folds = common_folds(training, self.cv)
        numbers = np.unique(folds)
        sides = [training, *(training.take(folds != k) for k in numbers)]
        preparations = [_Preparation(side) for side in sides]
        held_out = [None, *(training.X[folds == k] for k in numbers)]
        parts = [
            (side, plan, plan.tables(side.X), None if X is None else plan.tables(X))
            for side, plan, X in zip(sides, preparations, held_out, strict=True)
        ]
        results = self._run(_fit_member, [(m, *part) for part in parts for m in members])
        out_of_fold = np.empty((*training.Y.shape, len(members)))
        truth = training.Y.copy()
        for k, number in enumerate(numbers, start=1):
            fold = results[k * len(members) : (k + 1) * len(members)]
            mean = preparations[k].mean
            predictions = np.stack([np.asarray(guess) for _, guess in fold], axis=2)
            out_of_fold[folds == number] = predictions - mean[:, np.newaxis]
            truth[folds == number] -= mean
        self.members_ = [fitted for fitted, _ in results[: len(members)]]
        self._preparation = preparations[0]
        self.mean_ = preparations[0].mean
        self._weigh(out_of_fold, truth, folds, training)

    def _weigh(
        self, out_of_fold: FloatArray, truth: FloatArray, folds: IntArray, training: TrainingSet
    ) -> None:
        sums = []
        for target, column in enumerate(truth.T):
            n_units = training.groups.n_units(~np.isnan(column))
            predictions = out_of_fold[:, target]
            sums.append(FoldSums.of(predictions, column, folds, n_units, training.weight))
        self.weights_, self.shrinkage_ = stack_weights(sums, self.shrinkage)

    def _predict(self, X: FloatArray) -> FloatArray:
        predictions = np.tile(self.mean_, (len(X), 1))
        tables = self._preparation.tables(X)
        for number, member in enumerate(self.members_):
            weights = self.weights_[:, number]
            if weights.any():
                predictions += weights * (self._preparation.predict(member, tables) - self.mean_)
        return predictions

    def _members(self, training: TrainingSet) -> list[MultiTargetRegressor]:
        if isinstance(self.members, str) or len(self.members) == 0:
            raise ArgumentError(f"members must be a list of at least one, got {self.members!r}")
        made, names = [], []
        for member in self.members:
            if isinstance(member, str):
                if member not in MEMBERS:
                    raise ArgumentError(unknown_name("member", member, MEMBERS))
                made.append(MEMBERS[member](*training.X.shape))
                names.append(member)
            elif isinstance(member, MultiTargetRegressor):
                made.append(member)
                names.append(type(member).__name__)
            else:
                raise ArgumentError(
                    f"a member must be a name ({', '.join(MEMBERS)}) or a model of this package, "
                    f"such as MultiOutput(your_regressor), got {member!r}"
                )
        self.member_names_ = names
        return made


_Tables = tuple[FloatArray, FloatArray]  # as it is; standardised


class _Preparation:
    """What members need to know of their training side: how to scale and bound."""

    def __init__(self, training: TrainingSet) -> None:
        self.mean, _ = target_moments(training.Y, training.weight)
        low, high = np.nanmin(training.Y, axis=0), np.nanmax(training.Y, axis=0)
        self.limits = low - (high - low) / 4, high + (high - low) / 4
        self.scaler = TableScaler().fit(training.X)

    def tables(self, X: FloatArray) -> _Tables:
        """Give the table as it is, and standardised."""
        return X, np.asarray(self.scaler.transform(X))

    def predict(self, member: MultiTargetRegressor, tables: _Tables) -> FloatArray:
        """Predict within the range of the training ratings and a quarter of it beyond."""
        return np.clip(member._predict(_suitable(member, tables)), *self.limits)


def _suitable(member: MultiTargetRegressor, tables: _Tables) -> FloatArray:
    """Give members that want scaled features the scaled table, others the table as it is."""
    return tables[1 if member.wants_scaled else 0]


def _fit_member(
    member: MultiTargetRegressor,
    training: TrainingSet,
    preparation: _Preparation,
    tables: _Tables,
    held_out: _Tables | None,
) -> tuple[MultiTargetRegressor, FloatArray | None]:
    """Fit a member and predict the rows held out, if there are any."""
    fitted = clone(member)
    own_seed = seed_of(fitted.random_state)
    seed = training.seed if own_seed is None else own_seed
    fitted._fit(replace(training, X=_suitable(fitted, tables), seed=seed))
    return fitted, None if held_out is None else preparation.predict(fitted, held_out)
