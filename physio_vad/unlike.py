"""People whose sensor is unlike that of all others: in another unit, or another column.

A saved model takes what it is given: microvolts that are millivolts, a pulse in the place of the
skin. Such features lie far outside those of the other people, which this looks for.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.column_names import columns_by_modality, is_quality
from physio_vad.exceptions import UnlikeTrainingWarning

LEAST_ROWS = 5
"""Rows of a person in which a feature must be known: the median of fewer may be a bad moment's."""

LEAST_PEOPLE = 3
"""People whose range is taken for that of people."""

ENOUGH_PEOPLE = 8
"""People from which on a feature counts as far outside where it is one range outside."""

LEAST_FEATURES = 2
"""Features that must lie far outside: one may be unlike anything for a reason of its own."""

SHARE = 0.1
"""Share of a sensor's features that must lie far outside."""

VERY_FAR = 3.0
"""Features as many times further outside are enough: few of a pulse tell its amplitude."""


@dataclass(frozen=True)
class People:
    """What the people of a table are like: three numbers of each feature a person.

    Parameters
    ----------
    names : list of str
        People with enough rows.
    columns : list of str
        Features of sensors.
    median, low, high : array of shape (n_people, n_columns)
        Median and range over a person's rows; NaN where nothing is known.
    """

    names: list[str]
    columns: list[str]
    median: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, X: object) -> Self | None:
        """Look at a feature table; None where nobody says whose rows they are, or they are few."""
        if not isinstance(X, pd.DataFrame) or "subject" not in X.index.names or len(X) < LEAST_ROWS:
            return None
        places = [one for found in columns_by_modality(X.columns).values() for one in found]
        places = [one for one in places if not is_quality(X.columns[one])]
        if not places:
            return None
        codes, names = pd.factorize(X.index.get_level_values("subject"))
        counts = np.bincount(codes)
        ordered = X.iloc[:, places].to_numpy(dtype=float)[np.argsort(codes, kind="stable")]
        ends = np.cumsum(counts)
        parts = [
            _numbers(ordered[end - count : end])
            for end, count in zip(ends, counts, strict=True)
            if count >= LEAST_ROWS
        ]
        if not parts:
            return None
        enough = [
            str(name) for name, count in zip(names, counts, strict=True) if count >= LEAST_ROWS
        ]
        median, low, high = np.array(parts).transpose(1, 0, 2)
        return cls(enough, [str(X.columns[one]) for one in places], median, low, high)

    @classmethod
    def of_one(cls, name: str, columns: Sequence[str], rows: FloatArray) -> Self:
        """Look at one person's rows, shape (n_rows, n_columns)."""
        median, low, high = _numbers(rows)[:, np.newaxis]
        return cls([name], list(columns), median, low, high)

    def range(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest of everybody, shape (n_columns,) each."""
        return np.fmin.reduce(self.low), np.fmax.reduce(self.high)

    def range_of_others(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest of everybody but each person, shape (n_people, n_columns) each."""
        return least_of_others(self.low), -least_of_others(-self.high)


def _numbers(rows: FloatArray) -> FloatArray:
    """Median, lowest and highest of each column, shape (3, n_columns); NaN sorts last."""
    ordered, known = np.sort(rows, axis=0), (~np.isnan(rows)).sum(axis=0)
    columns = np.arange(rows.shape[1])
    last = np.maximum(known - 1, 0)
    middle = (ordered[last // 2, columns] + ordered[(last + 1) // 2, columns]) / 2
    numbers = np.array([middle, ordered[0], ordered[last, columns]])
    return np.where(known >= LEAST_ROWS, numbers, np.nan)


def least_of_others(values: FloatArray) -> FloatArray:
    """Least of each column without each row in turn."""
    filled = np.where(np.isnan(values), np.inf, values)
    first, second = np.sort(filled, axis=0)[:2]
    others = np.where(filled == first, second, first)
    return np.where(np.isinf(others), np.nan, others)


def unlike(
    people: People, low: FloatArray, high: FloatArray, n_others: int, others: str
) -> dict[str, str]:
    """Name the sensors of people that are unlike those of others.

    Parameters
    ----------
    people : People
        Who is looked at.
    low, high : array of shape (n_columns,) or (n_people, n_columns)
        Range of the others.
    n_others : int
        How many these are.
    others : str
        What they are called.

    Returns
    -------
    dict of str to str
        A line a sensor.
    """
    if n_others < LEAST_PEOPLE:
        return {}
    far = _ranges_outside(people.median, low, high) / max(1.0, ENOUGH_PEOPLE / n_others)
    said = {}
    for sensor, places in columns_by_modality(people.columns).items():
        part = far[:, places]
        known = (~np.isnan(part)).sum(axis=1)
        odd = (part > 1).sum(axis=1)
        very = (part > VERY_FAR).sum(axis=1)
        found = ((odd >= LEAST_FEATURES) & (odd >= SHARE * known)) | (very >= LEAST_FEATURES)
        if found.any():
            first = int(np.argmax(found))
            column = places[int(np.nanargmax(part[first]))]
            lows, highs = (np.broadcast_to(one, people.median.shape) for one in (low, high))
            said[sensor] = (
                f"{sensor} of {_listed(people.names, found)} is unlike that of {others}: "
                f"{odd[first]} of {known[first]} features lie far outside, such as "
                f"{people.columns[column]} ({people.median[first, column]:.3g}, theirs "
                f"{lows[first, column]:.3g} to {highs[first, column]:.3g})"
            )
    return said


def _ranges_outside(median: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """How many ranges a value lies outside, of its own or of its logarithm; NaN where unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        plain = np.maximum(low - median, median - high) / (high - low)
        ratio = np.maximum(np.log(low / median), np.log(median / high)) / np.log(high / low)
        ratio[~np.isfinite(ratio) | (low <= 0) | (median <= 0)] = -np.inf
        return np.where(np.isfinite(plain), np.maximum(plain, ratio), np.nan)


def _listed(names: Sequence[str], chosen: BoolArray) -> str:
    found = [name for name, is_one in zip(names, chosen, strict=True) if is_one]
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def unlike_others(X: pd.DataFrame) -> list[str]:
    """Name the sensors that are unlike everybody else's, person by person.

    Parameters
    ----------
    X : DataFrame
        Feature table.

    Returns
    -------
    list of str
        One line a sensor.
    """
    people = People.of(X)
    if people is None or len(people.names) <= LEAST_PEOPLE:
        return []
    found = unlike(people, *people.range_of_others(), len(people.names) - 1, "everybody else")
    return list(found.values())


def unlike_training(
    people: People | None, columns: Sequence[str], low: FloatArray, high: FloatArray, n: int
) -> dict[str, str]:
    """Name the sensors of people that are unlike those of a training.

    Parameters
    ----------
    people : People, optional
        Who is predicted; nothing is said of None, or of other features.
    columns : sequence of str
        Features of the training.
    low, high : array of shape (n_columns,)
        Their range.
    n : int
        People of the training.

    Returns
    -------
    dict of str to str
        A line a sensor.
    """
    if people is None or people.columns != list(columns):
        return {}
    return unlike(people, low, high, n, f"the {n} people of the training")


def with_advice(lines: Iterable[str]) -> str:
    """Say which sensors are unlike, and what to look at."""
    return (
        f"{'; '.join(lines)}. Look at the order of the columns, the unit, the gain and the "
        "rate (plot_recording): predictions for such people cannot be trusted"
    )


def warn_of_unlike(
    X: object, columns: Sequence[str], low: FloatArray, high: FloatArray, n: int
) -> None:
    """Warn of people of a feature table who are unlike those of a training.

    Parameters are those of `unlike_training`.
    """
    lines = unlike_training(People.of(X), columns, low, high, n)
    if lines:
        warnings.warn(with_advice(lines.values()), UnlikeTrainingWarning, stacklevel=4)
