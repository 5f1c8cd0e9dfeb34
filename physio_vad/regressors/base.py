"""What every multi-target model shares: checks of tables and targets, names, scores."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from physio_vad._arrays import BoolArray, FloatArray, IntArray, ObjectArray
from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.regressors.estimators import takes_missing
from physio_vad.regressors.groups import Groups, known_groups, resolve_groups
from physio_vad.regressors.last_digits import LastDigits
from physio_vad.regressors.missing import MissingFeatures
from physio_vad.regressors.moments import target_moments
from physio_vad.regressors.scorers import masked_r2
from physio_vad.validation import (
    check_columns,
    check_same_rows,
    check_targets,
    name_orders,
    warn_of_other_length,
)
from physio_vad.workers import worker_processes

Result = TypeVar("Result")

ATTEMPTS = 50
"""Deals that are tried until every target is rated in each training side."""


@dataclass(frozen=True)
class TrainingSet:
    """What a model is fitted on, checked.

    Parameters
    ----------
    X : array of shape (n_rows, n_features)
        Features.
    Y : array of shape (n_rows, n_targets)
        Targets, NaN where missing.
    weight : array of shape (n_rows,), optional
        Weights of the rows.
    groups : Groups
        Who the rows belong to.
    names : list of str
        Names of the targets.
    seed : int, optional
        Seed of everything random in the fit.
    """

    X: FloatArray
    Y: FloatArray
    weight: FloatArray | None
    groups: Groups
    names: list[str]
    seed: int | None

    def take(self, rows: BoolArray | IntArray) -> TrainingSet:
        """Keep some rows, or put them in another order.

        Parameters
        ----------
        rows : array of bool of shape (n_rows,), or of int
            Rows that are kept.
        """
        weight = None if self.weight is None else self.weight[rows]
        groups = self.groups.take(rows)
        return TrainingSet(self.X[rows], self.Y[rows], weight, groups, self.names, self.seed)


class MultiTargetRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the multi-target models.

    A subclass stores `targets` (and, where it has inner folds, `groups`; where it is random,
    `random_state`) and writes `_fit(training)` and `_predict(X)` on checked float arrays.

    Missing features never reach it: `FillMissing` replaces them by what the others let expect,
    and a row of which nothing is known gets the training mean. (A column that is complete in
    training and NaN later would be read as 0 even by estimators that take NaN.)

    Attributes
    ----------
    training_mean_ : array of shape (n_targets,)
        Weighted mean of the training targets.
    window_length_ : float or None
        Length of the windows of the training in seconds, where ``y.attrs["window"]`` said it.
    declared_scale_ : dict of str to (low, high)
        Range of each target that ``y.attrs["scale"]`` declared.
    column_order_ : array of shape (n_features,)
        Places of the columns in the order in which they are learned from: that of their names.
    """

    # On the class, so that it survives clone and a model swapped in by set_params.
    __metadata_request__fit = {"groups": True, "sample_weight": True}  # noqa: RUF012
    __metadata_request__score = {"sample_weight": True}  # noqa: RUF012

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit the model.

        The order of rows and columns decides nothing where they have names: they are learned from
        in the order of these.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Features.
        y : DataFrame, Series or array of shape (n_rows,) or (n_rows, n_targets)
            Targets, NaN where missing.
        sample_weight : array of shape (n_rows,), optional
            Weights, which reach every inner fit.
        groups : array of shape (n_rows,), optional
            Subject of each row, for tables without an index level that holds it. Models without
            inner folds of their own hand it to estimators that take it, such as "blend".

        Returns
        -------
        self
            The fitted model.

        Raises
        ------
        ArgumentError
            If X is no table of numbers, y lacks a target, a target has no rating at all, or X and
            y have different rows by their named index.
        GroupsError
            If inner folds are needed and the subjects are not known, or too few.
        """
        checked = self._check_X(X, y)
        check_same_rows(X, y)
        Y, names = check_targets(y, getattr(self, "targets", None))
        check_consistent_length(checked, Y)
        resolved = known_groups(X, len(checked), groups)
        if hasattr(self, "groups"):
            resolved = resolve_groups(X, len(checked), self.groups, groups)
        weight = check_weights(sample_weight, len(checked))
        self.target_names_ = names
        # What make_windows noted, for whoever predicts with the model
        notes = getattr(y, "attrs", {})
        self.window_length_ = notes.get("window", {}).get("length")
        scale = notes.get("scale", {})
        self.declared_scale_ = {name: scale[name] for name in names if name in scale}
        self._flat = np.asarray(y).ndim == 1
        self.training_mean_, _ = target_moments(Y, weight)
        seed = seed_of(getattr(self, "random_state", None))
        rows, self.column_order_ = name_orders(X, *checked.shape)
        ordered = checked[:, self.column_order_]
        self._digits = LastDigits(ordered)
        training = TrainingSet(self._digits.cut(ordered), Y, weight, resolved, names, seed)
        training = training.take(rows)
        names_of_columns = list(self._names()[self.column_order_])
        self._missing, X_filled = MissingFeatures.learn(training.X, names_of_columns)
        filled = replace(training, X=X_filled)
        self._missing.measure(filled.X, filled.Y, filled.weight, filled.groups.subjects, names)
        self._fit(filled)
        return self

    def predict(self, X: Any) -> FloatArray:
        """Predict every target.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Features.

        Returns
        -------
        array of shape (n_rows, n_targets), or (n_rows,) where y was one-dimensional
            Predictions, in the order of ``target_names_``.

        Warns
        -----
        MissingSensorWarning
            If somebody lacks a sensor in all their rows, with what that costs.
        PhysioVadWarning
            If ``X.attrs["window"]`` has another length than the windows of the training.
        """
        check_is_fitted(self)
        length = getattr(X, "attrs", {}).get("window", {}).get("length")
        warn_of_other_length([] if length is None else [length], self.window_length_)
        checked = validate_data(self, X, reset=False, **self._checks())
        if np.isnan(checked).any():
            index = X.index if isinstance(X, pd.DataFrame) else None
            self._missing.warn(pd.DataFrame(checked[:, self.column_order_], index=index))
        predictions = self.predict_checked(checked)
        return predictions[:, 0] if self._flat else predictions

    def predict_checked(self, X: FloatArray) -> FloatArray:
        """Predict without checks and warnings, which take longer than a single row does.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features in the order of the training, NaN where missing.

        Returns
        -------
        array of shape (n_rows, n_targets)
            Predictions.
        """
        X = np.ascontiguousarray(self._digits.cut(X[:, self.column_order_]))
        missing = np.isnan(X)
        if not missing.any():
            return self._predict(X)
        predictions = self._predict(self._missing.filler.fill(X))
        predictions[self._missing.nothing_known(missing)] = self.training_mean_
        return predictions

    def complete(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give a table as the model is given it: filled, in the order of the names.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Features, NaN where missing.

        Returns
        -------
        DataFrame of shape (n_rows, n_features)
            Table without NaN.
        """
        X = X.iloc[:, self.column_order_]
        filled = self._missing.filler.fill(X.to_numpy(dtype=float))
        return pd.DataFrame(filled, index=X.index, columns=X.columns)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R2, averaged over the targets, where y is not missing.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Features.
        y : DataFrame, Series or array of shape (n_rows,) or (n_rows, n_targets)
            True targets, NaN where missing.
        sample_weight : array of shape (n_rows,), optional
            Weights.

        Returns
        -------
        float
            Mean over the targets that have at least two ratings; NaN if none has.
        """
        check_same_rows(X, y)
        Y, _ = check_targets(y, getattr(self, "targets", None), allow_empty=True)
        predictions = self.predict(X).reshape(len(Y), -1)
        return masked_r2(Y, predictions, sample_weight=sample_weight)

    @property
    def wants_scaled(self) -> bool:
        """Whether the scale of features matters, so that a pipeline scales and cuts them.

        It does to all but trees, which take NaN too; one without an `estimator` says for itself.
        """
        return not hasattr(self, "estimator") or not takes_missing(self.estimator)

    @abstractmethod
    def _fit(self, training: TrainingSet) -> None:
        """Fit on checked arrays."""

    @abstractmethod
    def _predict(self, X: FloatArray) -> FloatArray:
        """Predict on a checked array: shape (n_rows, n_targets)."""

    def _check_X(self, X: Any, y: Any) -> FloatArray:
        check_columns(X)
        if y is None:
            validate_data(self, X, y)  # raises scikit-learn's own message
        return np.asarray(validate_data(self, X, **self._checks()))

    def _names(self) -> ObjectArray:
        """Names of the columns, empty where they have none."""
        nameless = np.full(self.n_features_in_, "", dtype=object)
        return np.asarray(getattr(self, "feature_names_in_", nameless), dtype=object)

    def _checks(self) -> dict[str, Any]:
        return {"dtype": np.float64, "ensure_all_finite": "allow-nan"}

    def _run(self, task: Callable[..., Result], items: Iterable[tuple[Any, ...]]) -> list[Result]:
        """Call a task on each item, side by side if `n_jobs` says so."""
        items = list(items)
        if len(items) < 2 or effective_n_jobs(self.n_jobs) == 1:
            return [task(*item) for item in items]
        with worker_processes():
            results = Parallel(n_jobs=self.n_jobs)(delayed(task)(*item) for item in items)
        return list(results)

    def _single_thread(self) -> bool:
        return bool(effective_n_jobs(self.n_jobs) > 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = True
        return tags


def check_weights(sample_weight: Any, n_rows: int) -> FloatArray | None:
    """Check the weights of the rows.

    Parameters
    ----------
    sample_weight : array of shape (n_rows,), optional
        Weights.
    n_rows : int
        Rows of the table.

    Returns
    -------
    array of shape (n_rows,) or None
        Weights.

    Raises
    ------
    ArgumentError
        If there are not as many as rows, one is negative, or all are zero.
    """
    if sample_weight is None:
        return None
    weight = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weight.shape != (n_rows,):
        raise ArgumentError(
            f"sample_weight must hold one weight a row, shape ({n_rows},), got {weight.shape}"
        )
    if (weight < 0).any() or not weight.any():
        raise ArgumentError("sample_weight must not be negative, nor zero in every row")
    return np.asarray(weight)


def seed_of(random_state: Any) -> int | None:
    """Turn a random state into one integer, None into None.

    Parameters
    ----------
    random_state : int, RandomState or None
        An integer stays what it is; a RandomState is drawn from once.
    """
    if random_state is None or isinstance(random_state, int | np.integer):
        return None if random_state is None else int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def common_folds(training: TrainingSet, n_folds: int) -> IntArray:
    """Deal people to folds so that every target is rated in each training side.

    Parameters
    ----------
    training : TrainingSet
        What is learned from.
    n_folds : int
        Folds that are wished for.

    Returns
    -------
    array of shape (n_rows,)
        Fold of each row.

    Raises
    ------
    GroupsError
        If no deal is found: some targets are rated by too few people.
    """
    rated = ~np.isnan(training.Y)
    rarest = int(rated.sum(axis=0).argmin())
    for attempt in range(ATTEMPTS):
        seed = None if training.seed is None else training.seed + attempt
        folds = training.groups.folds(n_folds, seed, rated=rated[:, rarest])
        if all(rated[folds != number].any(axis=0).all() for number in np.unique(folds)):
            return folds
    raise GroupsError(
        f"no inner folds by subject leave a rating of every target ({', '.join(training.names)}) "
        "in each training side; rate them in more people, or predict fewer targets at once"
    )
