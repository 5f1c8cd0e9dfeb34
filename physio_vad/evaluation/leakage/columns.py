"""The columns of numbers of a table, given a few at a time, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.design import Design

BLOCK = 1_000_000
"""Values that are copied at a time."""

LEAST = 8
"""Known values below which nothing is said about a column."""


@dataclass(frozen=True, eq=False)
class Contents:
    """What the columns of a table hold; each array has the shape (n_columns,).

    Parameters
    ----------
    known : array of int
        Finite values.
    distinct : array of int
        Different finite values.
    middle, spread : array
        Median and interquartile range of the finite values.
    """

    known: IntArray
    distinct: IntArray
    middle: FloatArray
    spread: FloatArray

    @property
    def varies(self) -> BoolArray:
        """Mark columns with enough known values that are not all the same."""
        return np.asarray((self.known >= LEAST) & (self.distinct > 1))

    @property
    def continuous(self) -> BoolArray:
        """Mark columns whose values hardly repeat, as measured ones do and counts do not."""
        return np.asarray((self.known >= LEAST) & (self.distinct > self.known / 2))


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of numbers of a table.

    Parameters
    ----------
    design : Design
        Tables and folds.
    predictions : DataFrame, optional
        What `evaluate` has predicted: answers of baselines are not computed again.
    """

    design: Design
    predictions: pd.DataFrame | None = None

    @cached_property
    def _numbers(self) -> pd.DataFrame:
        X = self.design.X
        return X[[]] if "recording" in X.columns else X.select_dtypes("number")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of numbers; none for a raw window table."""
        return tuple(str(name) for name in self._numbers.columns)

    @cached_property
    def values(self) -> FloatArray:
        """Values of these columns, shape (n_rows, n_columns): the table's own, not a copy."""
        return self._numbers.to_numpy(dtype=float)

    @property
    def ratings(self) -> FloatArray:
        """Ratings, shape (n_rows, n_targets), NaN where there are none."""
        return self.design.y.to_numpy(dtype=float)

    def blocks(self, chosen: BoolArray | None = None) -> Iterator[tuple[IntArray, FloatArray]]:
        """Give the columns a few at a time.

        Parameters
        ----------
        chosen : array of shape (n_columns,), optional
            Marks the columns that are wanted; all by default.

        Yields
        ------
        numbers : array of shape (n_some,)
            Numbers of the columns.
        block : array of shape (n_some, n_rows)
            Their values, NaN where unknown or infinite.
        """
        n_columns = len(self.columns)
        numbers = np.arange(n_columns) if chosen is None else np.flatnonzero(chosen)
        step = max(1, BLOCK // max(1, len(self.design.X)))
        for first in range(0, len(numbers), step):
            some = numbers[first : first + step]
            block = np.ascontiguousarray(self.values[:, some].T)
            block[~np.isfinite(block)] = np.nan
            yield some, block

    @cached_property
    def contents(self) -> Contents:
        """What the columns hold."""
        known = np.zeros(len(self.columns), dtype=np.intp)
        distinct, quartiles = known.copy(), np.zeros((3, len(known)))
        for numbers, block in self.blocks():
            block.sort(axis=1)  # NaN comes last
            known[numbers] = np.count_nonzero(~np.isnan(block), axis=1)
            distinct[numbers] = count_distinct(block)
            quartiles[:, numbers] = [quantile(block, share) for share in (0.25, 0.5, 0.75)]
        return Contents(known, distinct, quartiles[1], quartiles[2] - quartiles[0])

    @cached_property
    def people(self) -> list[IntArray]:
        """Row numbers of each person, rest windows left out."""
        codes = self.design.rows.subject_codes
        order = np.argsort(codes, kind="stable")
        order = order[~self.design.rows.rest[order]]
        return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)

    @cached_property
    def numbers_rows(self) -> BoolArray:
        """Mark the columns that rise, or fall, from each row of the table to the next."""
        marks = self.contents.known == len(self.design.X)
        for numbers, block in self.blocks(marks):
            step = np.diff(block, axis=1)
            marks[numbers] = (step > 0).all(axis=1) | (step < 0).all(axis=1)
        return np.asarray(marks & (len(self.design.X) > 1))


def count_distinct(values: FloatArray) -> IntArray:
    """Count the different known values of each row of `values`, sorted along it, NaN last."""
    some = ~np.isnan(values[:, :1]).all(axis=1)  # an empty row has none
    return np.asarray(np.count_nonzero(np.diff(values, axis=1) > 0, axis=1) + some)


def quantile(values: FloatArray, share: float) -> FloatArray:
    """Take a quantile of the known values of each row of `values`, sorted along it, NaN last."""
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=1) - 1, 0)
    rows, below = np.arange(len(values)), np.floor(last * share).astype(np.intp)
    lower, upper = values[rows, below], values[rows, np.minimum(below + 1, last)]
    return np.asarray(lower + (upper - lower) * (last * share - below))
