"""Single-target estimators under the models: names, defaults, and how one is fitted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import ElasticNet, Ridge
from sklearn.pipeline import Pipeline
from sklearn.svm import SVR
from sklearn.utils import get_tags
from sklearn.utils.validation import (
    check_array,
    check_is_fitted,
    has_fit_parameter,
    validate_data,
)

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.exceptions import ArgumentError
from physio_vad.one_thread import one_thread
from physio_vad.registry import Registry
from physio_vad.regressors.blend import Blend
from physio_vad.regressors.kernel import KernelRegressor


class StandardisedTarget(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Fit a regressor on targets of mean 0 and standard deviation 1, and undo it.

    The penalties of elastic net and support vectors count in units of the target: behind this
    wrapper their defaults mean the same on every scale.

    Parameters
    ----------
    regressor : estimator
        What is fitted.

    Attributes
    ----------
    regressor_ : estimator
        The fitted clone.
    mean_, scale_ : array of shape (n_targets,) or float
        Weighted mean and standard deviation of the training targets.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(-10.0, 11.0).reshape(-1, 1)
    >>> model = StandardisedTarget(Ridge(alpha=1e-6)).fit(X, 3 * X[:, 0] + 100)
    >>> model.predict([[30.0]]).round(2).tolist()
    [190.0]
    """

    def __init__(self, regressor: Any = None) -> None:
        self.regressor = regressor

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> StandardisedTarget:
        """Fit the regressor.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Features.
        y : array of shape (n_samples,) or (n_samples, n_targets)
            Targets, none missing.
        sample_weight : array of shape (n_samples,), optional
            Weights.
        """
        y = validate_data(self, X, y) if y is None else check_array(y, ensure_2d=False, dtype=float)
        y = np.asarray(y)
        self.mean_ = np.average(y, axis=0, weights=sample_weight)
        spread = np.sqrt(np.average((y - self.mean_) ** 2, axis=0, weights=sample_weight))
        self.scale_ = np.where(spread > 1e-12 * np.abs(self.mean_), spread, 1.0)
        regressor = make_estimator("ridge" if self.regressor is None else self.regressor)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.regressor_ = clone(regressor).fit(X, (y - self.mean_) / self.scale_, **weights)
        self.n_features_in_ = self.regressor_.n_features_in_
        return self

    def predict(self, X: Any) -> FloatArray:
        """Predict on the targets' own scale.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            Features.

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_targets)
            Predictions.
        """
        check_is_fitted(self)
        return np.asarray(self.regressor_.predict(X) * self.scale_ + self.mean_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.regressor is not None and takes_missing(self.regressor)
        return tags


def lightgbm() -> Any:
    """Make boosted trees that are kept small, for few and noisy rows.

    These are the settings that every ratio in the documentation of the models refers to.
    """
    from lightgbm import LGBMRegressor

    return LGBMRegressor(
        n_estimators=100,
        learning_rate=0.06,
        num_leaves=15,
        min_child_samples=8,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
        reg_lambda=1.0,
        max_bin=63,
        n_jobs=1,
        deterministic=True,
        force_col_wise=True,
        verbosity=-1,
    )


def extra_trees() -> Any:
    """Make extra trees."""
    from sklearn.ensemble import ExtraTreesRegressor  # slow to import

    return ExtraTreesRegressor(n_estimators=200, max_features=0.5, n_jobs=1)


Space = dict[str, Any]
"""Distributions to try, by parameter: for `RandomizedSearchCV`."""


@dataclass(frozen=True)
class Estimator:
    """An estimator of one target, with what to try when it is tuned.

    Parameters
    ----------
    make : callable
        Makes one that is not fitted.
    search_space : callable
        Makes the distributions of its parameters.
    """

    make: Callable[[], Any]
    search_space: Callable[[], Space] = dict

    def __call__(self) -> Any:
        """Make one that is not fitted."""
        return self.make()


ESTIMATORS: Registry[Callable[[], Any]] = Registry(
    "estimator",
    __name__,
    {
        "blend": Estimator(
            Blend,
            lambda: {
                "n_estimators": randint(30, 200),
                "learning_rate": loguniform(0.03, 0.2),
                "num_leaves": randint(4, 16),
                "min_child_samples": randint(4, 40),
                "colsample_bytree": uniform(0.1, 0.9),
            },
        ),
        "lightgbm": Estimator(
            lightgbm,
            lambda: {
                "n_estimators": randint(50, 400),
                "learning_rate": loguniform(0.02, 0.2),
                "num_leaves": randint(4, 32),
                "min_child_samples": randint(4, 40),
                "colsample_bytree": uniform(0.2, 0.8),
                "reg_lambda": loguniform(0.1, 30.0),
            },
        ),
        "extra_trees": Estimator(
            extra_trees,
            lambda: {"min_samples_leaf": randint(1, 15), "max_features": uniform(0.2, 0.8)},
        ),
        "ridge": Estimator(lambda: Ridge(alpha=10.0), lambda: {"alpha": loguniform(0.1, 1e4)}),
        "kernel_ridge": Estimator(
            KernelRegressor,
            lambda: {"alpha": loguniform(1e-3, 10.0), "width": loguniform(0.05, 2.0)},
        ),
        "svr": Estimator(
            lambda: StandardisedTarget(SVR(C=1.0, epsilon=0.1)),
            lambda: {
                "regressor__C": loguniform(0.05, 30.0),
                "regressor__epsilon": loguniform(0.01, 0.5),
            },
        ),
        "elastic_net": Estimator(
            lambda: StandardisedTarget(ElasticNet(alpha=0.05, l1_ratio=0.5)),
            lambda: {
                "regressor__alpha": loguniform(1e-3, 1.0),
                "regressor__l1_ratio": uniform(0.05, 0.9),
            },
        ),
    },
)
"""Estimators by name. A new one is one line: an `Estimator`, or any callable that makes one."""

FEW_ROWS = 100
"""Up to here estimators are asked without their wrappers, whose checks take ten times as long."""


def make_estimator(estimator: Any) -> Any:
    """Turn a name into a new estimator and pass an instance on.

    Parameters
    ----------
    estimator : str or estimator
        A name in `ESTIMATORS`, or any scikit-learn regressor.

    Returns
    -------
    estimator
        Not fitted where it was named, as it is where it was given.

    Raises
    ------
    ArgumentError
        If the name is unknown or what was given is no regressor instance.

    Examples
    --------
    >>> make_estimator("ridge")
    Ridge(alpha=10.0)
    """
    if isinstance(estimator, str):
        return ESTIMATORS.find(estimator)()
    if isinstance(estimator, type) or not (
        hasattr(estimator, "fit") and hasattr(estimator, "predict")
    ):
        raise ArgumentError(
            f"estimator must be a name ({', '.join(ESTIMATORS)}) or a scikit-learn regressor "
            f"instance, got {estimator!r}"
        )
    return estimator


def takes_missing(estimator: Any) -> bool:
    """Tell whether an estimator takes NaN among the features.

    Parameters
    ----------
    estimator : str or estimator
        Its input tag is read; that of the first step where it is a pipeline.
    """
    estimator = make_estimator(estimator)
    first = estimator.steps[0][1] if isinstance(estimator, Pipeline) else estimator
    return not isinstance(first, str) and bool(get_tags(first).input_tags.allow_nan)


def fit_estimator(
    estimator: Any,
    X: FloatArray,
    y: FloatArray,
    *,
    rows: BoolArray | None = None,
    sample_weight: FloatArray | None = None,
    groups: IntArray | None = None,
    random_state: int | None = None,
    single_thread: bool = False,
) -> Any:
    """Fit a clone on the rows that have a label.

    Parameters
    ----------
    estimator : str or estimator
        What is cloned.
    X : array of shape (n_rows, n_features)
        Features.
    y : array of shape (n_rows,)
        Target; rows where it is NaN are left out.
    rows : array of shape (n_rows,), optional
        Training rows; default all.
    sample_weight : array of shape (n_rows,), optional
        Weights of the rows.
    groups : array of shape (n_rows,), optional
        Person of each row, for an estimator whose `fit` takes them.
    random_state : int, optional
        Seed, set wherever the estimator has a `random_state` that is None.
    single_thread : bool
        Set every `n_jobs` of the estimator to 1, since several fits run side by side.

    Returns
    -------
    estimator
        The fitted clone.

    Raises
    ------
    ArgumentError
        If weights are given and the estimator takes none.
    """
    keep = ~np.isnan(y) if rows is None else rows & ~np.isnan(y)
    if not keep.all():
        X, y = X[keep], y[keep]
        sample_weight = None if sample_weight is None else sample_weight[keep]
        groups = None if groups is None else groups[keep]
    return fit_estimator_jointly(
        estimator,
        X,
        y,
        sample_weight=sample_weight,
        groups=groups,
        random_state=random_state,
        single_thread=single_thread,
    )


def fit_estimators(
    estimator: Any,
    X: FloatArray,
    Y: FloatArray,
    run: Callable[..., list[Any]],
    *,
    sample_weight: FloatArray | None = None,
    groups: IntArray | None = None,
    random_state: int | None = None,
    single_thread: bool = False,
) -> list[Any]:
    """Fit a clone a target, on the rows that have a label.

    Parameters
    ----------
    estimator : str or estimator
        What is cloned. One with a method `fit_targets`, as "blend" has, shares the work that
        targets have in common.
    X : array of shape (n_rows, n_features)
        Features.
    Y : array of shape (n_rows, n_targets)
        Targets, NaN where missing.
    run : callable
        Calls a function on each of a list of tuples, side by side or not.
    sample_weight, groups, random_state, single_thread
        See `fit_estimator`.

    Returns
    -------
    list of estimator
        One fitted clone a target.

    Raises
    ------
    ArgumentError
        If weights are given and the estimator takes none.
    """
    how: dict[str, Any] = {
        "sample_weight": sample_weight,
        "groups": groups,
        "random_state": random_state,
        "single_thread": single_thread,
    }
    made = clone(make_estimator(estimator))
    if hasattr(made, "fit_targets") and not single_thread:
        _set_everywhere(made, random_state, single_thread)
        fitted: list[Any] = made.fit_targets(X, Y, sample_weight, groups)
        return fitted
    return run(lambda y: fit_estimator(estimator, X, y, **how), [(y,) for y in Y.T])


def fit_estimator_jointly(
    estimator: Any,
    X: FloatArray,
    Y: FloatArray,
    *,
    sample_weight: FloatArray | None = None,
    groups: IntArray | None = None,
    random_state: int | None = None,
    single_thread: bool = False,
) -> Any:
    """Fit a clone on one or several targets, none of them missing.

    Parameters
    ----------
    estimator : str or estimator
        What is cloned.
    X : array of shape (n_rows, n_features)
        Features.
    Y : array of shape (n_rows,) or (n_rows, n_targets)
        Targets.
    sample_weight : array of shape (n_rows,), optional
        Weights of the rows.
    groups, random_state, single_thread
        See `fit_estimator`.

    Returns
    -------
    estimator
        The fitted clone.

    Raises
    ------
    ArgumentError
        If weights are given and the estimator takes none.
    """
    fitted = clone(make_estimator(estimator))
    _set_everywhere(fitted, random_state, single_thread)
    more: dict[str, Any] = {}
    if groups is not None and has_fit_parameter(fitted, "groups"):
        more["groups"] = groups
    if sample_weight is not None:
        more["sample_weight"] = sample_weight
    if sample_weight is not None and not has_fit_parameter(fitted, "sample_weight"):
        raise ArgumentError(
            f"sample_weight was given and {type(fitted).__name__} takes none; leave the weights "
            "out or take another estimator"
        )
    with one_thread() if isinstance(fitted, Ridge) else nullcontext():
        return fitted.fit(X, Y, **more)


def predict_estimator(fitted: Any, X: FloatArray) -> FloatArray:
    """Predict as a flat array of float64.

    Parameters
    ----------
    fitted : estimator
        A fitted single-target estimator.
    X : array of shape (n_rows, n_features)
        Features.

    Returns
    -------
    array of shape (n_rows,)
        Predictions.
    """
    return predict_estimator_jointly(fitted, X, 1)[:, 0]


def predict_estimator_jointly(fitted: Any, X: FloatArray, n_targets: int) -> FloatArray:
    """Predict as an array of float64, in the shortest way for a few rows.

    Parameters
    ----------
    fitted : estimator
        A fitted estimator.
    X : array of shape (n_rows, n_features)
        Features.
    n_targets : int
        Targets that it was fitted on.

    Returns
    -------
    array of shape (n_rows, n_targets)
        Predictions.
    """
    if len(X) > FEW_ROWS:
        predictions = fitted.predict(X)
    elif hasattr(fitted, "booster_"):
        predictions = fitted.booster_.predict(X, num_threads=1)
    elif isinstance(fitted, Blend | KernelRegressor):
        predictions = fitted.predict_checked(X)
    elif isinstance(fitted, Ridge):
        predictions = X @ np.transpose(fitted.coef_) + fitted.intercept_
    elif _is_forest(fitted):
        single = X.astype(np.float32)  # the precision that these trees see
        trees = [tree.tree_.predict(single) for tree in fitted.estimators_]
        predictions = sum(trees[1:], start=trees[0].copy()) / len(trees)
    else:
        predictions = fitted.predict(X)
    return np.asarray(predictions, dtype=float).reshape(len(X), n_targets)


def _is_forest(fitted: Any) -> bool:
    from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor  # slow to import

    return isinstance(fitted, ExtraTreesRegressor | RandomForestRegressor)


def _set_everywhere(estimator: Any, random_state: int | None, single_thread: bool) -> None:
    changes: dict[str, int] = {}
    for name, value in estimator.get_params().items():
        last = name.rpartition("__")[2]
        if last == "random_state" and value is None and random_state is not None:
            changes[name] = random_state
        if last == "n_jobs" and single_thread:
            changes[name] = 1
    if changes:
        estimator.set_params(**changes)
