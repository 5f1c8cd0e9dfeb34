"""The default estimator: ridge and boosted trees, no further from the mean than they earn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from physio_vad._arrays import FloatArray, IntArray, same_rows
from physio_vad.regressors.groups import contiguous, deal, resolve_groups
from physio_vad.regressors.rank_ridge import fit_ridges, held_out_means
from physio_vad.regressors.weights import FoldSums, earned_share, even_weights

FOLDS = 4
"""Folds of people, and so the number of boosters."""

LEAST_COLUMNS = 10
"""Columns that a tree sees at least, where there are so many."""


class Blend(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Weigh a ridge on ranked features and lean boosted trees; the rest is the training mean.

    The ridge has the ranks of the features and Gaussian kernels of them, see `Basis`. Both members
    predict each person by models that never saw them: they are trained on all folds of people
    but one. The ridge is fitted again to all people, which costs little; boosters are averaged
    without another fit. Non-negative weights are those that do best on these predictions [1]_,
    see `even_weights`, shrunk as far as people differ in what they gain, see `earned_share`;
    what they lack to 1 goes to the training mean. So the blend answers the mean where the body
    says nothing, which a single booster does not.

    Parameters
    ----------
    n_estimators : int
        Trees of each booster.
    learning_rate : float
        Step of each tree.
    num_leaves : int
        Leaves of a tree.
    min_child_samples : int
        Rows of a leaf at least.
    colsample_bytree : float
        Share of the columns that a tree sees, never fewer than `LEAST_COLUMNS`.
    random_state : int, optional
        Seed of the folds and the columns.

    Attributes
    ----------
    weights_ : array of shape (2,)
        Weights of ridge and boosters.
    mean_ : float
        Training mean.
    ridge_ : RankRidge or None
        The ridge; None where a single row was given.
    boosters_ : list of Booster
        One a fold.
    out_of_fold_ : array of shape (n_rows,)
        Predictions of the training rows (those of a weight above 0) by members that never saw the
        person.
    n_features_in_ : int
        Number of features.

    References
    ----------
    .. [1] Breiman (1996). Stacked regressions. Machine Learning 24, 49-64.
       https://doi.org/10.1007/BF00117832

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> people = np.repeat(np.arange(20), 10)
    >>> Blend(random_state=0).fit(X, X[:, 0], groups=people).predict(X).shape
    (200,)
    """

    def __init__(
        self,
        n_estimators: int = 40,
        *,
        learning_rate: float = 0.15,
        num_leaves: int = 7,
        min_child_samples: int = 5,
        colsample_bytree: float = 0.2,
        random_state: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.colsample_bytree = colsample_bytree
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Fit both members and weigh them.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features, NaN where missing.
        y : array of shape (n_rows,)
            Target.
        sample_weight : array of shape (n_rows,), optional
            Weights; 0 leaves a row out.
        groups : array of shape (n_rows,), optional
            Person of each row. Without it rows are independent. Of a single person stretches of
            neighbouring rows are held out.

        Returns
        -------
        self
            The fitted estimator.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True
        )
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        units = _units(len(X), groups)
        used = weight > 0
        X, y, weight, units = X[used], np.asarray(y, dtype=float)[used], weight[used], units[used]
        self._fit_together([self], X, y[:, np.newaxis], weight, units)
        return self

    def fit_targets(
        self,
        X: FloatArray,
        Y: FloatArray,
        sample_weight: FloatArray | None = None,
        groups: IntArray | None = None,
    ) -> list[Self]:
        """Fit a clone a target, each as `fit` does; what targets have in common is done once.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features, checked.
        Y : array of shape (n_rows, n_targets)
            Targets, NaN where missing.
        sample_weight : array of shape (n_rows,), optional
            As in `fit`.
        groups : array of shape (n_rows,), optional
            As in `fit`.

        Returns
        -------
        list of Blend
            One a target.
        """
        fitted = [clone(self) for _ in Y.T]
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        units = _units(len(X), groups)
        used = (weight > 0)[:, np.newaxis] & ~np.isnan(Y)
        for same in same_rows(used.T):
            rows = np.flatnonzero(used[:, same[0]])
            together = [fitted[target] for target in same]
            self._fit_together(together, X[rows], Y[np.ix_(rows, same)], weight[rows], units[rows])
        for one in fitted:
            one.n_features_in_ = X.shape[1]
        return fitted

    def _fit_together(
        self, blends: list[Self], X: FloatArray, Y: FloatArray, weight: FloatArray, units: IntArray
    ) -> None:
        """Fit one blend a target, all rated in the same rows."""
        mean = np.average(Y, axis=0, weights=weight)
        for blend, level in zip(blends, mean, strict=True):
            blend.mean_, blend.weights_ = float(level), np.zeros(2)
            blend.ridge_, blend.boosters_ = None, []
            blend.out_of_fold_ = np.full(len(Y), float(level))
        if len(Y) < 2:
            return
        random = check_random_state(self.random_state)
        units = np.unique(units, return_inverse=True)[1]
        if units.max() == 0:
            units = contiguous(len(Y), min(FOLDS, len(Y)))
        folds = deal(units, FOLDS, random)
        ridges, linear = fit_ridges(X, Y, weight, folds)
        boosters, boosted = self._boost(X, Y, weight, folds, int(random.randint(2**31 - 1)))
        means = held_out_means(Y, weight, folds)
        for target, blend in enumerate(blends):
            blend.ridge_, blend.boosters_ = ridges[target], boosters[target]
            members = np.column_stack([linear[:, target], boosted[:, target]])
            members -= means[:, target, np.newaxis]
            truth = Y[:, target] - means[:, target]
            sums = FoldSums.of(members, truth, folds, int(units.max()) + 1, weight)
            weights = even_weights(sums)
            gain = weight * (truth**2 - (truth - members @ weights) ** 2)
            blend.weights_ = weights * earned_share(np.bincount(units, gain).astype(float))
            blend.out_of_fold_ = means[:, target] + members @ blend.weights_

    def _boost(
        self, X: FloatArray, Y: FloatArray, weight: FloatArray, folds: IntArray, seed: int
    ) -> tuple[list[list[Any]], FloatArray]:
        """Train boosters without each fold and let them predict that; the rows are binned once."""
        import lightgbm  # slow to import

        parameters = {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_child_samples,
            "feature_fraction": max(self.colsample_bytree, min(1.0, LEAST_COLUMNS / X.shape[1])),
            "lambda_l2": 1.0,
            "max_bin": 31,
            "seed": seed,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }
        table = lightgbm.Dataset(X, Y[:, 0], weight=weight, params=parameters, free_raw_data=False)
        table.construct()
        boosters: list[list[Any]] = [[] for _ in Y.T]
        predicted = np.empty_like(Y)
        for fold in np.unique(folds):
            rows, out = np.flatnonzero(folds != fold), folds == fold
            side = table.subset(rows.tolist()).construct()
            for target, trained in enumerate(boosters):
                side.set_label(Y[rows, target])
                booster = lightgbm.Booster(parameters, side)
                for _ in range(self.n_estimators):
                    booster.update()
                predicted[out, target] = booster.predict(X[out], num_threads=1)
                trained.append(booster.free_dataset())
        return boosters, predicted

    def predict(self, X: Any) -> FloatArray:
        """Predict the target.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features, NaN where missing.

        Returns
        -------
        array of shape (n_rows,)
            Predictions.
        """
        check_is_fitted(self)
        return self.predict_checked(
            validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        )

    def predict_checked(self, X: FloatArray) -> FloatArray:
        """Predict without checks.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features, NaN where missing.
        """
        predicted = np.full(len(X), self.mean_)
        if self.ridge_ is not None and self.weights_[0] > 0:
            predicted += self.weights_[0] * (self.ridge_.predict(X) - self.mean_)
        if self.weights_[1] > 0:
            boosted = [one.predict(X, num_threads=1) for one in self.boosters_]
            predicted += self.weights_[1] * (np.mean(boosted, axis=0) - self.mean_)
        return predicted

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _units(n_rows: int, groups: Any) -> IntArray:
    """Give each row the number of its person, or of itself where nobody says whose it is."""
    people = None if groups is None else resolve_groups(None, n_rows, groups=groups).subjects
    return np.arange(n_rows) if people is None else people
