"""The features of one training side after another, without a copy of the whole table for each."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, IntArray

_COPIES_LATE = int(pd.__version__.split(".")[0]) >= 3
"""Whether whoever changes rows that were handed out gets a copy of them (pandas 3)."""


class TrainingTable:
    """Rows of a table, taken again and again into one place in memory.

    Training sides of neighbouring folds are alike, so only the rows that differ are copied. The
    place is used again only if nobody holds on to what was taken before; a model that changes its
    features gets a copy of its own from pandas.

    Parameters
    ----------
    table : DataFrame
        Features; a table that is not all float64 is copied for each fold, with pandas 2 each is.

    Examples
    --------
    >>> table = pd.DataFrame({"scl": [1.0, 2.0, 3.0]})
    >>> TrainingTable(table).take(np.array([0, 2]))
       scl
    0  1.0
    2  3.0
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        plain = _COPIES_LATE and table.shape[1] > 0
        plain = plain and all(kind == np.float64 for kind in table.dtypes)
        self._values: FloatArray | None = table.to_numpy() if plain else None
        self._held = np.empty(0, dtype=np.intp)

    def take(self, rows: IntArray) -> pd.DataFrame:
        """Return rows of the table, with their index, as ``table.iloc[rows]`` does.

        Parameters
        ----------
        rows : array of int of shape (n_taken,)
            Row numbers.
        """
        if self._values is None:
            return self._table.iloc[rows]
        if not self._can_stay(len(rows)):
            self._begin(len(rows))
        changed = np.flatnonzero(self._held[: len(rows)] != rows)
        self._place[changed] = self._values[rows[changed]]
        self._held[: len(rows)] = rows
        taken = self._frame.iloc[: len(rows)].set_axis(self._table.index.take(rows))
        taken.attrs = dict(self._table.attrs)
        return taken

    def _can_stay(self, n_rows: int) -> bool:
        """Tell whether rows fit into the place, in the same layout, and nobody else reads it."""
        by_row = self._values is not None and self._values.flags.c_contiguous
        fits = n_rows <= len(self._held) if by_row else n_rows == len(self._held)
        return fits and n_rows > 0 and sys.getrefcount(self._place) == self._n_own

    def _begin(self, n_rows: int) -> None:
        """Take a new place, which holds no row of the table yet."""
        assert self._values is not None
        by_row = self._values.flags.c_contiguous
        shape = (len(self._values) if by_row else n_rows, self._values.shape[1])
        self._place = np.empty(shape, order="C" if by_row else "F")
        self._frame = pd.DataFrame(self._place, columns=self._table.columns, copy=False)
        self._held = np.full(shape[0], -1, dtype=np.intp)
        self._n_own = sys.getrefcount(self._place)
