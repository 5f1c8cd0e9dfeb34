"""What can be said without looking at any signal: the numbers a model has to beat.

A baseline is fitted on the training side of each fold, like the model. Means are taken over rows
with a rating, because that is what the scores average over: where trials differ in length, a mean
over trials would be the weaker constant, and a model would seem to have skill by beating it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.rows import Rows
from physio_vad.registry import Registry


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold, as a baseline sees it.

    Parameters
    ----------
    rows : Rows
        Identity of all rows.
    ratings : array of shape (n_rows, n_targets)
        Ratings, NaN where there are none; a baseline reads those of `train` only.
    train, test : array of int
        Row numbers of the two sides.
    targets : tuple of str
        Name of each column of `ratings`.
    scale : mapping of str to (low, high)
        Declared range of targets.
    chronological : bool
        Whether the test rows of a subject come after that subject's training rows.
    """

    rows: Rows
    ratings: FloatArray
    train: IntArray
    test: IntArray
    targets: tuple[str, ...]
    scale: Mapping[str, tuple[float, float]]
    chronological: bool = False

    @property
    def training_ratings(self) -> pd.DataFrame:
        """Ratings of the training side, rows without any left out; the index is the row number."""
        table = pd.DataFrame(self.ratings[self.train], index=self.train, columns=self.targets)
        return table.dropna(how="all")

    @cached_property
    def mean(self) -> FloatArray:
        """Mean of each target over the training side, shape (n_targets,); NaN without a rating."""
        values, there = self._given
        return _ratio(np.cumsum(values, axis=1)[:, -1], there.sum(axis=1))

    def means_by(self, *keys: np.ndarray) -> FloatArray:
        """Average the training ratings of rows that agree in all keys with each test row.

        Parameters
        ----------
        *keys : array of shape (n_rows,)
            None marks an unknown key.

        Returns
        -------
        array of shape (n_test, n_targets)
            NaN for test rows whose keys do not occur on the training side.
        """
        codes, n_groups = self.rows.group_codes(keys)
        known, asked = codes[self.train], codes[self.test]
        met = np.bincount(known, minlength=n_groups + 1)[asked] > 0
        if not (met & (asked < n_groups)).any():
            return np.full((len(asked), len(self.targets)), np.nan)
        means = _ratio(*self._sums(known, n_groups + 1))
        means[n_groups] = np.nan  # rows with an unknown key
        return means[asked]

    @cached_property
    def _given(self) -> tuple[FloatArray, FloatArray]:
        """Ratings of the training side, 0 where missing, and whether they are there."""
        ratings = self.ratings.T[:, self.train]
        there = ~np.isnan(ratings)
        return np.where(there, ratings, 0.0), there.astype(float)

    def _sums(self, codes: IntArray, n_groups: int) -> tuple[FloatArray, FloatArray]:
        """Add up and count the training ratings of each group, shape (n_groups, n_targets)."""
        values, there = self._given
        sums = [np.bincount(codes, one, minlength=n_groups) for one in values]
        different = there[:1] if (there[1:] == there[:1]).all() else there
        counts = [np.bincount(codes, one, minlength=n_groups) for one in different]
        return np.column_stack(sums), np.column_stack(counts)


def _ratio(sums: FloatArray, counts: FloatArray) -> FloatArray:
    counts = np.broadcast_to(counts, sums.shape)
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0))


Baseline = Callable[[Fold], FloatArray]
"""From a fold to predictions (n_test, n_targets), NaN where the baseline says nothing."""


def scale_midpoint(fold: Fold) -> FloatArray:
    """Answer the middle of the declared scale."""
    middle = [np.mean(fold.scale.get(target, (np.nan, np.nan))) for target in fold.targets]
    return np.tile(np.array(middle, dtype=float), (len(fold.test), 1))


def training_mean(fold: Fold) -> FloatArray:
    """Answer the mean of all ratings on the training side."""
    return np.tile(fold.mean, (len(fold.test), 1))


def stimulus_mean(fold: Fold) -> FloatArray:
    """Answer the mean rating of the same stimulus on the training side."""
    return fold.means_by(fold.rows.stimuli)


def stimulus_course(fold: Fold) -> FloatArray:
    """Answer the mean rating at the same window of the same stimulus on the training side."""
    course = fold.means_by(fold.rows.stimuli, fold.rows.windows)
    return np.where(np.isnan(course), stimulus_mean(fold), course)


def session_course(fold: Fold) -> FloatArray:
    """Answer the mean rating at the same time of the same trial on the training side: a clock.

    Where all people follow one timetable, time alone tells the rating, and every signal that
    drifts tells the time.
    """
    return fold.means_by(fold.rows.trials, fold.rows.windows)


def subject_mean(fold: Fold) -> FloatArray:
    """Answer the mean rating of the same subject on the training side (within-subject splits)."""
    return fold.means_by(fold.rows.subjects)


def last_value(fold: Fold) -> FloatArray:
    """Answer the subject's last rating before the test side (chronological splits)."""
    if not fold.chronological:
        return np.full((len(fold.test), len(fold.targets)), np.nan)
    table = fold.training_ratings
    last = table.groupby(fold.rows.subjects[table.index]).last()
    return np.asarray(last.reindex(fold.rows.subjects[fold.test]), dtype=float)


BASELINES: Registry[Baseline] = Registry(
    "baseline",
    __name__,
    {
        "scale_midpoint": scale_midpoint,
        "training_mean": training_mean,
        "stimulus_mean": stimulus_mean,
        "stimulus_course": stimulus_course,
        "session_course": session_course,
        "subject_mean": subject_mean,
        "last_value": last_value,
    },
)
"""The baselines by name."""


def baseline_text(name: str) -> str:
    """Say in one line what a baseline answers.

    Parameters
    ----------
    name : str
        A name in `BASELINES`, or any other.

    Returns
    -------
    str
        What its docstring says.

    Examples
    --------
    >>> baseline_text("training_mean")
    'the mean of all ratings on the training side'
    """
    text = (BASELINES[name].__doc__ or "") if name in BASELINES else "Answer what you gave."
    return text.strip().split("\n", maxsplit=1)[0].removeprefix("Answer ").rstrip(".")


def fill_gaps(predictions: FloatArray, weaker: FloatArray) -> FloatArray:
    """Answer something weaker where a baseline says nothing.

    Parameters
    ----------
    predictions, weaker : array of shape (n_rows, n_targets)
        A baseline's predictions over all folds, and those that fill their gaps.

    Returns
    -------
    array of shape (n_rows, n_targets)
        Targets for which the baseline says nothing at all stay NaN: it is not applicable there.
    """
    silent = np.isnan(predictions).all(axis=0)
    return np.where(np.isnan(predictions) & ~silent, weaker, predictions)
