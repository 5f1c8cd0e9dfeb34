"""Columns of words beside the features, such as a condition or a group, as columns of 0 and 1."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.validation import check_is_fitted, validate_data

from physio_vad.exceptions import ArgumentError
from physio_vad.unlike import People, warn_of_unlike

_MAX_WORDS = 50


class EncodeConditions(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """Turn each column of words into one column of 0 and 1 a word; numbers stay as they are.

    The words are those of the training rows, so a fold learns nothing from its test side. A word
    that was not seen in training is 0 everywhere, a missing one NaN everywhere. Columns that are
    encoded follow the others, named ``<column>=<word>``. An array passes unchanged.

    As the first to see the features it remembers their range, and warns of people whose sensor is
    unlike that of everybody in training (see `physio_vad.unlike`).

    Attributes
    ----------
    words_ : list of str
        Columns of words.
    encoder_ : OneHotEncoder
        Fitted on them; None where there are none.
    n_people_ : int
        People of the training; 0 where nobody says whose rows they are.
    sensor_columns_ : list of str
        Features of sensors, if there are people.
    low_, high_ : array of shape (n_columns,)
        Their range over all people.

    Examples
    --------
    >>> table = pd.DataFrame({"hr": [60.0, 70.0], "condition": ["rest", "film"]})
    >>> EncodeConditions().fit_transform(table).to_dict("list")
    {'hr': [60.0, 70.0], 'condition=film': [0.0, 1.0], 'condition=rest': [1.0, 0.0]}
    """

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the words of each column.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_columns)
            Feature table, with columns of words (strings or categories) or without.
        y : None
            Not used.

        Raises
        ------
        ArgumentError
            If a column holds more words than a condition has.
        """
        self.words_ = columns_of_words(X)
        self.encoder_ = None
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
            self.n_features_in_ = X.shape[1]
        if not self.words_:
            _check_numbers(self, X, reset=True)
        else:
            texts = _texts(X[self.words_])
            self.encoder_ = OneHotEncoder(
                categories=[_words_of(texts[name]) for name in self.words_],
                handle_unknown="ignore",
                sparse_output=False,
            ).fit(texts.fillna(""))
        people = People.of(X)
        self.n_people_ = 0 if people is None else len(people.names)
        if people is not None:
            self.sensor_columns_ = people.columns
            self.low_, self.high_ = people.range()
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Learn and encode a table: whoever is learned from is not unlike himself."""
        self.fit(X, y)
        return X if isinstance(X, pd.DataFrame) and not self.words_ else self._encode(X)

    def transform(self, X: Any) -> Any:
        """Encode a table.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_columns)
            Table with the columns of the training.

        Returns
        -------
        DataFrame or array
            Numbers, then the encoded columns.

        Raises
        ------
        ArgumentError
            If a column of words is missing, or one came that was none in training.

        Warns
        -----
        UnlikeTrainingWarning
            If a sensor of somebody is unlike that of all people of the training.
        """
        check_is_fitted(self, "words_")
        encoded = self._encode(X)
        if self.n_people_:
            warn_of_unlike(X, self.sensor_columns_, self.low_, self.high_, self.n_people_)
        return encoded

    def _encode(self, X: Any) -> Any:
        if not self.words_ and not columns_of_words(X):
            return _check_numbers(self, X, reset=False)
        present = list(X.columns) if isinstance(X, pd.DataFrame) else []
        lacking = [name for name in self.words_ if name not in present]
        unknown = [name for name in columns_of_words(X) if name not in self.words_]
        if lacking or unknown:
            raise ArgumentError(_refusal(lacking, unknown))
        texts = _texts(X[self.words_])
        missing = texts.isna().to_numpy()
        encoder = self.encoder_
        assert encoder is not None  # there are words
        coded = encoder.transform(texts.fillna(""))
        source = np.repeat(np.arange(len(self.words_)), [len(c) for c in encoder.categories_])
        coded[missing[:, source]] = np.nan
        added = pd.DataFrame(coded, X.index, self._coded())
        added.attrs = dict(X.attrs)  # kept by concat where both sides have the same
        return pd.concat([X.drop(columns=self.words_), added], axis=1)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the columns that come out.

        Parameters
        ----------
        input_features : sequence of str, optional
            Names of the columns; default those seen in `fit`.
        """
        check_is_fitted(self, "words_")
        default = [f"x{column}" for column in range(self.n_features_in_)]
        names = getattr(self, "feature_names_in_", default)
        names = names if input_features is None else input_features
        kept = [name for name in names if name not in self.words_]
        return np.asarray([*kept, *self._coded()], dtype=object)

    def _coded(self) -> list[str]:
        """Names of the columns of 0 and 1."""
        if self.encoder_ is None:
            return []
        pairs = zip(self.words_, self.encoder_.categories_, strict=True)
        return [f"{column}={word}" for column, words in pairs for word in words]

    def set_output(self, *, transform: str | None = None) -> Self:  # noqa: ARG002
        """Change nothing: a table stays a table, an array an array."""
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _check_numbers(encode: EncodeConditions, X: Any, *, reset: bool) -> Any:
    """Check a table or array without words; it comes back as it is."""
    values = validate_data(encode, X, reset=reset, ensure_all_finite="allow-nan")
    return X if isinstance(X, pd.DataFrame) else values


def columns_of_words(X: Any) -> list[str]:
    """Name the columns of a table that hold words: strings, objects or categories.

    Parameters
    ----------
    X : DataFrame or array
        Table.

    Returns
    -------
    list of str
        Their names in the order of the table; none of an array.
    """
    if not isinstance(X, pd.DataFrame):
        return []
    return [
        str(name)
        for name, kind in X.dtypes.items()
        if kind.kind == "O" or isinstance(kind, pd.CategoricalDtype | pd.StringDtype)
    ]


def _words_of(column: pd.Series[Any]) -> list[str]:
    known = column.dropna()
    words = sorted(set(known))
    if len(words) > _MAX_WORDS:
        raise ArgumentError(
            f"column {column.name!r} holds {len(words)} different words, such as {words[0]!r}: a "
            f"condition has at most {_MAX_WORDS}; leave an identifier out, and turn numbers that "
            "were read as text into numbers with pandas.to_numeric"
        )
    return words


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(object).where(table.notna(), None).map(_text)


def _text(value: object) -> object:
    return value if value is None else str(value)


def _refusal(lacking: list[str], unknown: list[str]) -> str:
    if lacking:
        return (
            f"the model was trained with the column {', '.join(map(repr, lacking))} of your own "
            "beside the features, and the table lacks it; add it, with missing values where it is "
            "not known"
        )
    return (
        f"column {', '.join(map(repr, unknown))} holds words here and held numbers, or was not "
        "there, in training; give it as in training"
    )
