"""Transformers of feature tables: scaling within people, missing columns, selection.

They keep a DataFrame a DataFrame, with its row index, and an array an array.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning, unknown_name
from physio_vad.normal_scores import quantiles
from physio_vad.validation import (
    check_same_rows,
    check_targets,
    level_values,
    name_orders,
    with_values,
)

SHORTEST_SESSION = 3
"""Rows of a subject below which values scaled over the session are 0 or -1 and 1, whatever they
were."""

REFERENCES = ("session", "baseline")
"""Rows that `SubjectScaler` takes mean and standard deviation from."""


TAIL = 0.005
"""Share of the training rows at either end that `TableScaler` cuts off."""


class SubjectScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardise each feature within each subject: z = (x - mean) / standard deviation.

    Nothing is carried from one table to the next: every subject, also a new one, is scaled by the
    statistics of their own rows in the table at hand. With ``reference="session"`` that is
    transductive: it needs the whole session, without its labels, before the first prediction.
    With ``reference="baseline"`` it needs the rest period only, so it can run live. NaN stay NaN;
    a feature that is constant in a subject becomes 0.

    Parameters
    ----------
    reference : {"session", "baseline"}
        Whether all rows of a subject count or those with a negative `window` number, which is how
        `make_windows` marks windows of the rest period.
    groups : str
        Index level that holds the subject.

    Raises
    ------
    GroupsError
        If the table has no such index level, or a subject no baseline windows.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.MultiIndex.from_product([["a", "b"], ["1"], [0, 1, 2, 3]],
    ...                                    names=["subject", "trial", "window"])
    >>> table = pd.DataFrame({"hr": [60.0, 62.0, 60.0, 62.0, 80.0, 90.0, 80.0, 90.0]}, index=index)
    >>> SubjectScaler().fit_transform(table)["hr"].tolist()
    [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]
    """

    def __init__(self, reference: str = "session", *, groups: str = "subject") -> None:
        self.reference = reference
        self.groups = groups

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Check the table; nothing is learned from its values.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Feature table.
        y : None
            Not used.
        """
        if self.reference not in REFERENCES:
            raise ArgumentError(unknown_name("reference", self.reference, REFERENCES))
        self._level(X, self.groups)
        _checked(self, X, reset=True)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Scale every subject by their own rows.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Feature table with the subject in its row index.

        Returns
        -------
        DataFrame of shape (n_rows, n_features)
            Scaled table, same index.
        """
        check_is_fitted(self)
        values = _checked(self, X, reset=False)
        codes, subjects = pd.factorize(self._level(X, self.groups))
        resting = np.ones(len(X), dtype=bool)
        if self.reference == "baseline":
            resting = np.asarray(self._level(X, "window") < 0)
        scaled = np.empty_like(values)
        if self.reference == "session":
            _warn_of_short(codes, subjects)
        for code, subject in enumerate(subjects):
            rows = codes == code
            if not (rows & resting).any():
                raise GroupsError(
                    f"subject {subject!r} has no baseline windows (negative window numbers); give "
                    "recordings a baseline=[(start, stop)], or take normalise='subject'"
                )
            scaled[rows] = self.scale_by(values[rows & resting], values[rows])
        return with_values(X, scaled)

    def scale_by(self, rest: FloatArray, values: FloatArray) -> FloatArray:
        """Scale rows of one person by others of them, as `transform` does.

        Parameters
        ----------
        rest : array of shape (n_rest, n_features)
            Rows that mean and standard deviation come from.
        values : array of shape (n_rows, n_features)
            Rows.

        Returns
        -------
        array of shape (n_rows, n_features)
            Scaled rows.
        """
        return _standardise(values, *_moments(rest))

    def _level(self, X: Any, name: str) -> Any:
        names = list(X.index.names) if isinstance(X, pd.DataFrame) else None
        if names is None or name not in names:
            found = "a plain array" if names is None else f"the levels {names}"
            raise GroupsError(
                f"SubjectScaler reads {name!r} from the row index, got {found}; give a feature "
                "table with the index (subject, trial, window), and call "
                "set_output(transform='pandas') on a step that was swapped in before it"
            )
        return level_values(X.index, name)

    def __sklearn_tags__(self) -> Any:
        return _allow_missing(super().__sklearn_tags__())


class OnlineScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardise each feature by the subject's own rows so far, so that it can run live.

    Mean and standard deviation of a row are those of the rows of the same subject before it in the
    table, together with `strength` rows that stand for the training people: the first row is
    scaled by the training, later ones more and more by the person. NaN stay NaN and do not count;
    a feature that was constant in training becomes 0.

    Parameters
    ----------
    strength : float
        How many rows the training counts as.
    groups : str
        Index level that holds the subject.

    Attributes
    ----------
    mean_, variance_ : array of shape (n_features,)
        Those of the training rows.

    Raises
    ------
    GroupsError
        If the table has no such index level.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.MultiIndex.from_product([["a"], ["1"], [0, 1]],
    ...                                    names=["subject", "trial", "window"])
    >>> table = pd.DataFrame({"hr": [60.0, 62.0]}, index=index)
    >>> OnlineScaler(strength=1).fit_transform(table)["hr"].round(3).tolist()
    [-1.0, 1.732]
    """

    def __init__(self, strength: float = 20.0, *, groups: str = "subject") -> None:
        self.strength = strength
        self.groups = groups

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Learn mean and variance of the training people.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Feature table.
        y : None
            Not used.
        """
        if not 0 < self.strength < np.inf:
            raise ArgumentError(f"strength must be above 0 rows, got {self.strength!r}")
        _subjects_of(X, self.groups)
        self.mean_, spread = _moments(_checked(self, X, reset=True))
        self.variance_ = spread**2
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Scale every row by those of the same subject before it.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Feature table, the rows of a subject in the order of time.

        Returns
        -------
        DataFrame of shape (n_rows, n_features)
            Scaled table, same index.
        """
        check_is_fitted(self)
        values = _checked(self, X, reset=False)
        codes, subjects = pd.factorize(_subjects_of(X, self.groups))
        scaled = np.empty_like(values)
        for code in range(len(subjects)):
            rows = codes == code
            scaled[rows] = self.carry_on(values[rows])[0]
        return with_values(X, scaled)

    def carry_on(
        self, values: FloatArray, past: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Scale the next rows of one person.

        Parameters
        ----------
        values : array of shape (n_rows, n_features)
            Rows in the order of time.
        past : array of shape (3, n_features), optional
            What the call before returned; by default the person is new.

        Returns
        -------
        scaled : array of shape (n_rows, n_features)
            Scaled rows.
        past : array of shape (3, n_features)
            For the next call: number, sum and sum of squares of the rows so far.
        """
        apart = np.asarray(values, dtype=np.float64) - self.mean_
        known = ~np.isnan(apart)
        zeroed = np.where(known, apart, 0.0)
        start = np.zeros((3, apart.shape[1])) if past is None else past
        rows = np.stack([known.astype(np.float64), zeroed, zeroed**2])
        sums = start[:, np.newaxis] + np.cumsum(rows, axis=1)
        n, first, second = np.concatenate([start[:, np.newaxis], sums], axis=1)[:, :-1]
        mean = first / (self.strength + n)
        variance = (self.strength * self.variance_ + second) / (self.strength + n) - mean**2
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = (apart - mean) / np.sqrt(variance)
        scaled[:, self.variance_ == 0] = np.where(known[:, self.variance_ == 0], 0.0, np.nan)
        return scaled, sums[:, -1] if len(apart) else start

    def __sklearn_tags__(self) -> Any:
        return _allow_missing(super().__sklearn_tags__())


def _subjects_of(X: Any, level: str) -> Any:
    names = list(X.index.names) if isinstance(X, pd.DataFrame) else []
    if level not in names:
        raise GroupsError(
            f"OnlineScaler reads {level!r} from the row index, got the levels {names}; give a "
            "feature table with the index (subject, trial, window)"
        )
    return X.index.get_level_values(level)


class TableScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardise each feature over the training rows, its extremes cut; NaN stay NaN.

    Values beyond the quantiles of `TAIL` of the training become these quantiles (winsorising
    [1]_), before mean and standard deviation are taken and whenever a table is scaled: in real
    tables single features lie up to 264 standard deviations out, and one such value decides what
    a linear model says. Unlike scikit-learn's ``StandardScaler``, a column that was constant in
    training becomes 0 for good, so that a later value in microvolts does not swamp a kernel.

    Attributes
    ----------
    low_, high_ : array of shape (n_features,)
        Where values are cut.
    mean_, scale_ : array of shape (n_features,)
        Mean and standard deviation of the training rows; `scale_` is 0 where constant.

    References
    ----------
    .. [1] Dixon (1960). Simplified estimation from censored normal samples. Annals of
       Mathematical Statistics 31, 385-391. https://doi.org/10.1214/aoms/1177705900

    Examples
    --------
    >>> TableScaler().fit([[1.0, 5.0], [3.0, 5.0]]).transform([[3.0, 9.0]]).round(6).tolist()
    [[1.0, 0.0]]
    """

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn mean and standard deviation of each column.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.
        y : None
            Not used.
        """
        values = _checked(self, X, reset=True)
        self.low_, self.high_ = quantiles(values, np.array([TAIL, 1 - TAIL]))
        self.mean_, self.scale_ = _moments(np.clip(values, self.low_, self.high_))
        return self

    def transform(self, X: Any) -> Any:
        """Scale a table.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.

        Returns
        -------
        DataFrame or array of shape (n_rows, n_features)
            Scaled table.
        """
        check_is_fitted(self)
        values = np.clip(_checked(self, X, reset=False), self.low_, self.high_)
        return _like(X, _standardise(values, self.mean_, self.scale_))

    def __sklearn_tags__(self) -> Any:
        return _allow_missing(super().__sklearn_tags__())


class SelectFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Keep the features that go best with any of several targets.

    For each target, features are ranked by the F statistic of their linear correlation over the
    rows where both are known; a feature counts by its best rank over the targets.

    Parameters
    ----------
    k : int or float
        Number of features that are kept, or their share between 0 and 1.
    targets : sequence of str, optional
        Columns of y that count; default all.

    Attributes
    ----------
    scores_ : array of shape (n_features, n_targets)
        F statistic of each feature and target; 0 where undefined.
    support_ : array of bool of shape (n_features,)
        Which features are kept.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> X = np.array([[1.0, 0.0, 3.0], [2.0, 1.0, 3.0], [3.0, 0.0, 3.0], [4.0, 2.0, 3.0]])
    >>> y = pd.DataFrame({"valence": [1, 2, 3, 4.5], "arousal": [0, 1, 0, None]})
    >>> SelectFeatures(2).fit(X, y).get_feature_names_out().tolist()
    ['x0', 'x1']
    """

    def __init__(self, k: float = 20, *, targets: Sequence[str] | None = None) -> None:
        self.k = k
        self.targets = targets

    def fit(self, X: Any, y: Any) -> Self:
        """Rank the features.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.
        y : DataFrame, Series or array of shape (n_rows,) or (n_rows, n_targets)
            Targets, NaN where missing.
        """
        if y is None:
            validate_data(self, X, y)  # raises scikit-learn's own message
        values = _checked(self, X, reset=True)
        n_kept = self._n_kept(values.shape[1])
        check_same_rows(X, y)
        Y, _ = check_targets(y, self.targets)
        rows, columns = name_orders(X, *values.shape)
        values, Y = values[np.ix_(rows, columns)], Y[rows]
        scores = np.column_stack([_f_statistic(values, target) for target in Y.T])
        ranks = (-scores).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        order = np.lexsort((ranks.mean(axis=1), ranks.min(axis=1)))
        self.scores_ = scores[np.argsort(columns)]
        self.support_ = np.zeros(values.shape[1], dtype=bool)
        self.support_[columns[order[:n_kept]]] = True
        return self

    def transform(self, X: Any) -> Any:
        """Keep the selected columns.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_features)
            Feature table.

        Returns
        -------
        DataFrame or array of shape (n_rows, n_kept)
            The kept columns in their old order.
        """
        check_is_fitted(self)
        values = _checked(self, X, reset=False)
        return X.loc[:, self.support_] if isinstance(X, pd.DataFrame) else values[:, self.support_]

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the kept columns.

        Parameters
        ----------
        input_features : sequence of str, optional
            Names of all columns; default those seen in `fit`, else x0, x1 and so on.
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None) if input_features is None else None
        if names is None:
            default = [f"x{column}" for column in range(self.n_features_in_)]
            names = default if input_features is None else input_features
        return np.asarray(names, dtype=object)[self.support_]

    def _n_kept(self, n_features: int) -> int:
        share = check_select(self.k, "k")
        return min(n_features, max(1, round(self.k * n_features)) if share else int(self.k))

    def __sklearn_tags__(self) -> Any:
        tags = _allow_missing(super().__sklearn_tags__())
        tags.target_tags.required = True
        return tags


def check_select(k: float, name: str) -> bool:
    """Check a number of features, from 1, or a share of them; tell whether it is a share.

    Parameters
    ----------
    k : int or float
        What was asked for.
    name : str
        What it is called, for the message.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    share = isinstance(k, float | np.floating)
    if isinstance(k, bool) or not 0 < k <= (1 if share else np.inf):
        raise ArgumentError(
            f"{name} must be a number of features from 1 or a share in (0, 1], got {k!r}"
        )
    return share


def _warn_of_short(codes: npt.NDArray[np.intp], subjects: Any) -> None:
    """Warn of subjects with too few rows for a mean and standard deviation of their own."""
    counts = np.bincount(codes, minlength=len(subjects))
    short = [str(name) for name in subjects[counts < SHORTEST_SESSION]]
    if short:
        more = f" and {len(short) - 3} more" if len(short) > 3 else ""
        warnings.warn(
            f"subject {', '.join(map(repr, short[:3]))}{more}: fewer than {SHORTEST_SESSION} "
            "windows. Normalised by subject, every feature of so few is 0, -1 or 1 whatever was "
            "measured, so predictions for these people mean nothing; give all windows of a "
            "person's session at once, or use normalise='baseline'",
            GroupsWarning,
            stacklevel=3,
        )


def _allow_missing(tags: Any) -> Any:
    tags.input_tags.allow_nan = True
    return tags


def _checked(transformer: Any, X: Any, *, reset: bool) -> FloatArray:
    return np.asarray(
        validate_data(transformer, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
    )


def _like(X: Any, values: FloatArray) -> Any:
    """Give values the form of the table that they were made from."""
    if isinstance(X, pd.DataFrame):
        return with_values(X, values)
    return values


def _moments(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of columns without NaN; the latter exactly 0 if constant.

    Added up by size, so that the order of the rows does not change the last digits.
    """
    values = np.sort(np.ascontiguousarray(values), axis=0)
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
        squares = np.where(known, values - mean, 0.0) ** 2
        spread = np.sqrt(squares.sum(axis=0) / known.sum(axis=0))
    constant = spread <= 1e-10 * np.abs(mean)
    return mean, np.where(constant, 0.0, spread)


def _standardise(values: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = (values - mean) / spread
    constant = spread == 0
    scaled[:, constant] = np.where(np.isnan(values[:, constant]), np.nan, 0.0)
    return scaled


def _f_statistic(values: FloatArray, target: FloatArray) -> FloatArray:
    """F of a straight line through each column, over the rows where both are known."""
    rated = ~np.isnan(target)
    centred = _standardise(values[rated], *_moments(values[rated]))
    known = (~np.isnan(centred)).astype(float)
    x, y = np.nan_to_num(centred), target[rated] - target[rated].mean()
    n = known.sum(axis=0)
    sum_x, sum_y = x.sum(axis=0), known.T @ y
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = x.T @ y - sum_x * sum_y / n
        variances = ((x**2).sum(axis=0) - sum_x**2 / n) * (known.T @ y**2 - sum_y**2 / n)
        r2 = np.clip(covariance**2 / variances, 0.0, 1.0 - 1e-12)
        f = r2 / (1 - r2) * np.maximum(n - 2, 0)
    return np.where(np.isfinite(f), f, 0.0)
