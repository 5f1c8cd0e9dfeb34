"""The rated rows of one target: how closely each column follows the rating, and what chance does.

Slow signals and slow ratings agree by chance, the more so among many columns and few people. What
a column shows is therefore held against the closest of all columns to ratings that change places
within people, as `permutation_test` draws them: whole trials, or a shift in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.leakage.association import correlations, mean_correlation, ranks
from physio_vad.evaluation.leakage.columns import LEAST, Columns
from physio_vad.evaluation.shuffling import Shuffler

CLOSE = 0.9
"""From here on a column follows a rating more closely than body signals do."""

SAME = 0.995
"""From here on a column is the rating in another form."""

LEAST_STEPS = 3.5
"""Correlation of steps from window to window, in standard deviations of what chance gives."""

N_SHUFFLES = 199
"""Shuffled ratings; a column counts if it is closer than any is in all but 2 % of them."""

MOST_ROWS = 20_000
"""Rows that are looked at, at most, in whole people: more make no correlation clearer."""

Measure = Callable[[FloatArray, FloatArray, "list[IntArray]"], FloatArray]
"""From columns, ratings and people to how closely they agree, (n_columns, n_ratings), 0 to 1."""


def overall(values: FloatArray, ratings: FloatArray, _people: list[IntArray]) -> FloatArray:
    """Size of the correlation over all rows."""
    return np.abs(correlations(values, ratings))


def by_rank(values: FloatArray, ratings: FloatArray, _people: list[IntArray]) -> FloatArray:
    """Size of the rank correlation over all rows."""
    return np.abs(correlations(ranks(values), ranks(ratings)))


MEASURES: dict[str, Measure] = {
    "overall": overall,
    "by_rank": by_rank,
    "within_people": mean_correlation,
}


@dataclass(frozen=True, eq=False)
class RatedRows:
    """The rows with a rating of one target, rest windows left out.

    Parameters
    ----------
    table : Columns
        All rows.
    target : str
        Whose rating.
    rows : array of shape (n_rated,)
        Row numbers, one person after the other.
    """

    table: Columns
    target: str
    rows: IntArray

    @classmethod
    def of(cls, table: Columns, column: int) -> RatedRows:
        """Find the rated rows of a column of ratings."""
        rated = ~np.isnan(table.ratings[:, column])
        people = [mine[rated[mine]] for mine in table.people]
        every = -(-sum(map(len, people)) // MOST_ROWS)
        rows = np.concatenate([np.empty(0, dtype=np.intp), *people[:: max(1, every)]])
        return cls(table, table.design.targets[column], rows)

    @cached_property
    def rating(self) -> FloatArray:
        """Ratings of these rows, shape (n_rated,)."""
        column = self.table.design.targets.index(self.target)
        return np.asarray(self.table.ratings[self.rows, column])

    @cached_property
    def people(self) -> list[IntArray]:
        """Positions of each person's rows among these."""
        codes = self.table.design.rows.subject_codes[self.rows]
        return np.split(np.arange(len(codes)), np.flatnonzero(np.diff(codes)) + 1)

    @property
    def enough(self) -> bool:
        """Whether there are rows and ratings enough to say something."""
        return len(self.rows) >= LEAST and len(np.unique(self.rating)) > 2

    @cached_property
    def usable(self) -> BoolArray:
        """Mark the columns known in a fifth of these rows or more, with more than one value."""
        usable = self.table.contents.varies.copy()
        for numbers, block in self.table.blocks(usable):
            known = np.count_nonzero(~np.isnan(block[:, self.rows]), axis=1)
            usable[numbers] = known >= max(LEAST, len(self.rows) / 5)
        return usable

    @cached_property
    def closeness(self) -> dict[str, FloatArray]:
        """How closely each column follows the rating, by measure: shape (n_columns,), 0 to 1."""
        found = {name: np.zeros(len(self.usable)) for name in MEASURES}
        for numbers, block in self.table.blocks(self.usable):
            values = block[:, self.rows]
            for name, measure in MEASURES.items():
                found[name][numbers] = measure(values, self.rating[None], self.people)[:, 0]
        return found

    @cached_property
    def shuffled(self) -> FloatArray:
        """Ratings that changed places within people, shape (N_SHUFFLES, n_rated)."""
        shuffler = Shuffler(self.table.design.rows.take(self.rows))
        rng = np.random.default_rng(0)
        return np.array([self.rating[shuffler.draw(rng)] for _ in range(N_SHUFFLES)])

    def limit(self, blocks: Iterable[FloatArray], measure: Measure, share: float = 0.02) -> float:
        """Find how close the closest of all columns comes to shuffled ratings.

        Parameters
        ----------
        blocks : iterable of array of shape (n_some, n_rated)
            All columns, a few at a time.
        measure : callable
            How closely columns and ratings agree.
        share : float
            Share of the shuffled ratings that may come closer.

        Returns
        -------
        float
            How close a column must be to stand out.
        """
        closest = np.zeros(N_SHUFFLES)
        for block in blocks:
            found = measure(block, self.shuffled, self.people)
            closest = np.maximum(closest, found.max(axis=0, initial=0.0))
        return float(np.sort(closest)[-int(share * len(closest)) - 1]) + 1e-9

    def suspects(self, name: str) -> BoolArray:
        """Mark the columns that follow the rating too closely, by one of `MEASURES`."""
        close = self.closeness[name] > CLOSE
        if not close.any():
            return close
        if name == "overall" and len(np.unique(self.rating)) >= 5:
            exact = self.closeness[name] > 1 - 1e-9  # no chance puts five points on a line
        else:
            exact = np.zeros_like(close)
        blocks = (block[:, self.rows] for _, block in self.table.blocks(self.usable))
        close &= self.closeness[name] > self.limit(blocks, MEASURES[name])
        return exact | self._step_together(close)

    def _step_together(self, close: BoolArray) -> BoolArray:
        """Keep the columns whose steps from window to window follow those of the rating, too.

        Two slow drifts agree by chance, and a shift in a circle breaks drifts; their steps do not.
        Ratings that hardly step within trials are left to the shuffles.
        """
        trials = self.table.design.rows.trial_codes[self.rows]
        steps = np.diff(self.rating)
        used = np.flatnonzero((np.diff(trials) == 0) & (steps != 0))
        if len(used) < LEAST:
            return close
        kept = np.zeros_like(close)
        for numbers, block in self.table.blocks(close):
            taken = np.diff(block[:, self.rows], axis=1)[:, used]
            r = np.abs(correlations(ranks(taken), ranks(steps[None, used])))[:, 0]
            kept[numbers] = r > LEAST_STEPS / np.sqrt(len(used))
        return kept
