"""The row numbers of many folds, in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from physio_vad._arrays import FloatArray, IntArray

Split = tuple[IntArray, IntArray]


class FoldRows(Sequence[Split]):
    """Row numbers of both sides of each fold.

    A training side that is most of the table, in its order, is kept as the rows it leaves out: with
    one fold a person, row numbers of all training sides would outgrow the table itself.

    Parameters
    ----------
    n_rows : int
        Rows of the table.
    folds : iterable of (train, test)
        Row numbers of each fold.

    Examples
    --------
    >>> folds = FoldRows(4, [(np.array([0, 1, 3]), np.array([2]))])
    >>> [side.tolist() for side in folds[0]]
    [[0, 1, 3], [2]]
    """

    def __init__(self, n_rows: int, folds: Iterable[Split]) -> None:
        self.n_rows = n_rows
        self._folds = [(*self._shorter(train, test), test) for train, test in folds]

    def __len__(self) -> int:
        return len(self._folds)

    def __getitem__(self, number: int) -> Split:  # type: ignore[override]
        kept, is_left_out, test = self._folds[number]
        return self._rest(kept) if is_left_out else kept, test

    def test(self, number: int) -> IntArray:
        """Return the row numbers of a test side."""
        return self._folds[number][2]

    @property
    def tests(self) -> list[IntArray]:
        """Row numbers of all test sides."""
        return [self.test(number) for number in range(len(self))]

    @property
    def n_train(self) -> list[int]:
        """Number of rows of each training side."""
        return [
            self.n_rows - len(kept) if is_left_out else len(kept)
            for kept, is_left_out, _ in self._folds
        ]

    def training_sums(self, values: FloatArray) -> FloatArray:
        """Add values up over each training side: over all rows, without those it leaves out.

        Parameters
        ----------
        values : array of shape (n_rows, ...)
            Finite.

        Returns
        -------
        array of shape (n_folds, ...)
        """
        whole = values.sum(axis=0)
        return np.array(
            [
                whole - values[kept].sum(axis=0) if is_left_out else values[kept].sum(axis=0)
                for kept, is_left_out, _ in self._folds
            ]
        )

    def _shorter(self, train: IntArray, test: IntArray) -> tuple[IntArray, bool]:
        ordered = len(train) > self.n_rows / 2 and bool((train[1:] > train[:-1]).all())
        if not ordered or train[0] < 0:
            return train, False
        left_out = self._rest(train)
        return (test if np.array_equal(left_out, test) else left_out), True

    def _rest(self, rows: IntArray) -> IntArray:
        rest = np.ones(self.n_rows, dtype=bool)
        rest[rows] = False
        return np.flatnonzero(rest)
