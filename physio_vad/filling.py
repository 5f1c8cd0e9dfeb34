"""Missing features: what the features that are there let expect of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from physio_vad._arrays import BoolArray, FloatArray, IntArray, same_rows
from physio_vad.column_names import columns_by_modality, is_quality
from physio_vad.exceptions import MissingSensorWarning
from physio_vad.normal_scores import NormalScores
from physio_vad.one_thread import one_thread
from physio_vad.validation import with_values

FEW_MISSING = 16
"""Up to here rows are solved each for itself, all at once; above, rows that lack the same."""

JOINT_ROWS = 20
"""Rows that know two features together count for half their correlation at so many."""


class FillMissing(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Replace missing features by what those that are there let expect of them.

    Features are mapped to normal scores. A missing score becomes its conditional mean given the
    scores that are there, by the correlations of the training rows, shrunk towards none; that is
    a Gaussian copula [1]_. So a sensor that is not plugged in is filled as far as the others know
    it. Where nothing is there to go by, features get their training median.

    Columns ``<modality>__quality`` tell of the signal and not of the body: they fill no other
    column, and get their median. A column without any value in training keeps its place and is 0
    always, also where a value turns up later: no model has learned what it means.

    Parameters
    ----------
    shrinkage : float
        How far correlations are shrunk towards none, in (0, 1].

    Attributes
    ----------
    scores_ : NormalScores
        Scores and values of each column.
    precision_ : array of shape (n_features, n_features)
        Inverse of the shrunken correlations.
    known_names_ : list of str
        Names of the columns, empty for those without a name, or without a value in training.

    References
    ----------
    .. [1] Zhao & Udell (2020). Missing value imputation for mixed data via Gaussian copula. KDD,
       636-646. https://doi.org/10.1145/3394486.3403106

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0.0, 10.0, 201)
    >>> filler = FillMissing(shrinkage=0.01).fit(np.column_stack([x, 100 + x]))
    >>> filler.transform([[2.0, np.nan], [np.nan, np.nan]]).round(0).tolist()
    [[2.0, 102.0], [5.0, 105.0]]
    """

    def __init__(self, shrinkage: float = 0.3) -> None:
        self.shrinkage = shrinkage

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn distribution and correlations of the columns.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.
        y : None
            Not used.
        """
        self._learn(_checked(self, X, reset=True))
        return self

    def _learn(self, values: FloatArray) -> FloatArray:
        """Learn from values, and give their scores with a spread of 1, 0 where they are missing."""
        known = ~np.isnan(values)
        self._empty = ~known.any(axis=0)
        self.scores_ = NormalScores(values)
        names = getattr(self, "feature_names_in_", np.full(values.shape[1], ""))
        self.known_names_ = [str(name) for name in np.where(self._empty, "", names)]
        quality = np.array([is_quality(name) for name in self.known_names_], dtype=bool)
        linked = ~self.scores_.flat & ~quality
        Z = np.where(linked, self.scores_.transform(values), 0.0)
        self._spread = np.sqrt((Z**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
        self._spread[~linked] = 1.0
        Z /= self._spread
        self.precision_ = _precision(Z, known, self.shrinkage)
        return Z

    def fit_transform(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """Learn from a table and fill it, without a word about sensors that people lack.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.
        y : None
            Not used.

        Returns
        -------
        DataFrame or array of shape (n_rows, n_features)
            Table without NaN.
        """
        values = _checked(self, X, reset=True)
        return _like(X, self._fill(values, self._learn(values)))

    def transform(self, X: Any) -> Any:
        """Fill a table.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.

        Returns
        -------
        DataFrame or array of shape (n_rows, n_features)
            Table without NaN.

        Warns
        -----
        MissingSensorWarning
            If somebody lacks a sensor in all their rows.
        """
        check_is_fitted(self)
        warn_of_lacking_sensors(X, self.known_names_)
        return _like(X, self.fill(_checked(self, X, reset=False)))

    def fill(self, X: FloatArray) -> FloatArray:
        """Fill an array without checks.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Features, NaN where missing.

        Returns
        -------
        array of shape (n_rows, n_features)
            A copy without NaN.
        """
        filled = np.where(self._empty, 0.0, X)
        rows = np.isnan(filled).any(axis=1)
        if rows.any():
            scores = self.scores_.transform(filled[rows]) / self._spread
            filled[rows] = self._fill(filled[rows], scores)
        return filled

    @one_thread()
    def _fill(self, X: FloatArray, scores: FloatArray) -> FloatArray:
        # P[m, m] z[m] = -P[m, o] z[o] for the missing m and the others o, P being the precision
        X = np.where(self._empty, 0.0, X)
        missing, pull = np.isnan(X), scores @ self.precision_
        expected = np.zeros_like(X)
        n_missing = missing.sum(axis=1)
        for count in range(1, FEW_MISSING + 1):
            few = np.flatnonzero(n_missing == count)
            own = np.nonzero(missing[few])[1].reshape(-1, count)
            self._expect(expected, pull, few[:, np.newaxis], own)
        many = np.flatnonzero(n_missing > FEW_MISSING)
        for same in same_rows(missing[many]):
            common = np.flatnonzero(missing[many[same[0]]])
            self._expect(expected, pull, many[same][:, np.newaxis], common)
        for column in np.flatnonzero(missing.any(axis=0)):
            rows, score = missing[:, column], expected[:, [column]] * self._spread[column]
            X[rows, column] = self.scores_.inverse(score[rows], np.array([column]))[:, 0]
        return X

    def _expect(
        self, expected: FloatArray, pull: FloatArray, rows: IntArray, lacking: IntArray
    ) -> None:
        """Solve for the missing scores of rows: a system a row, or one for all of them."""
        within = self.precision_[lacking[..., :, np.newaxis], lacking[..., np.newaxis, :]]
        right = pull[rows, lacking]
        solved = (
            np.linalg.solve(within, right.T).T
            if lacking.ndim == 1
            else np.linalg.solve(within, right[..., np.newaxis])[..., 0]
        )
        expected[rows, lacking] = -solved

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def lacking_sensors(X: Any, names: Sequence[object]) -> dict[str, list[str]]:
    """Find the sensors that somebody lacks: all columns of a modality are NaN in all their rows.

    Parameters
    ----------
    X : DataFrame or array of shape (n_rows, n_features)
        Feature table; people are told apart by its index level ``subject`` where it has one.
    names : sequence of str
        Names of the columns.

    Returns
    -------
    dict of str to list of str
        By modality the people who lack it; an empty list where nobody says whose rows they are.

    Examples
    --------
    >>> lacking_sensors(np.array([[1.0, np.nan]]), ["eda__level", "ppg__rate"])
    {'ppg': []}
    """
    known = ~np.isnan(np.asarray(X, dtype=float))
    named = isinstance(X, pd.DataFrame) and "subject" in X.index.names
    whose = X.index.get_level_values("subject") if named else np.zeros(len(known), dtype=int)
    codes, people = pd.factorize(whose)
    lacking = {}
    for modality, columns in columns_by_modality(names).items():
        there = np.bincount(codes, known[:, columns].any(axis=1), minlength=len(people))
        if len(known) and (there == 0).any():
            lacking[modality] = [str(one) for one in people[there == 0]] if named else []
    return lacking


class Costs(Protocol):
    """Knows what sensors cost."""

    def cost_of(self, modalities: Sequence[str]) -> str:
        """Say what people are to expect who lack some sensors."""


def warn_of_lacking_sensors(X: Any, names: Sequence[object], costs: Costs | None = None) -> None:
    """Warn once of all sensors that somebody lacks.

    Parameters
    ----------
    X : DataFrame or array of shape (n_rows, n_features)
        Feature table.
    names : sequence of str
        Names of the columns, empty where they have none.
    costs : Costs, optional
        Says what it costs.

    Warns
    -----
    MissingSensorWarning
        If somebody lacks a sensor.
    """
    lacking = lacking_sensors(X, names)
    if not lacking:
        return
    rest = [name for name in columns_by_modality(names) if name not in lacking]
    filled = f"it is filled in from what is there ({', '.join(rest)})"
    if not rest:
        filled = "it is filled in from what is there; who has no sensor at all gets the mean"
    cost = "" if costs is None else costs.cost_of(list(lacking))
    warnings.warn(
        f"missing sensor: {'; '.join(_whose(*one) for one in lacking.items())}; {filled}. "
        + (f"{cost}. " if cost else "")
        + "If new people will not have it, train without it: modalities under [features] in a "
        "recipe, extract_features(windows, modalities) in Python",
        MissingSensorWarning,
        stacklevel=4,
    )


def _whose(sensor: str, people: Sequence[str]) -> str:
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    return f"no {sensor}" + f" of {', '.join(people[:3])}{more}" * bool(people)


def _like(X: Any, filled: FloatArray) -> Any:
    """Give an array the row index and the names of a table, if that is one."""
    if isinstance(X, pd.DataFrame):
        return with_values(X, filled)
    return filled


@one_thread()
def _precision(Z: FloatArray, known: BoolArray, shrinkage: float) -> FloatArray:
    """Invert the correlations of the rows that know both, shrunk and made positive definite."""
    count = known.T.astype(float) @ known
    correlation = Z.T @ Z / (count + JOINT_ROWS)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh((1 - shrinkage) * correlation + shrinkage * np.eye(len(count)))
    return np.asarray((vectors / np.maximum(values, shrinkage)) @ vectors.T)


def _checked(transformer: Any, X: Any, *, reset: bool) -> FloatArray:
    return np.asarray(
        validate_data(transformer, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
    )
