"""Permutations of ratings within people: whole trials, or a shift in a circle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from physio_vad._arrays import IntArray
from physio_vad.evaluation.rows import Rows


class Shuffler:
    """Draws permutations of rows that keep people, and trials where it can, together.

    Parameters
    ----------
    rows : Rows
        Identity of the rows; rest windows stay where they are.
    """

    def __init__(self, rows: Rows) -> None:
        self.n_rows = len(rows)
        self.people: dict[str, list[IntArray]] = {}
        order = np.argsort(rows.trial_codes, kind="stable")
        order = order[~rows.rest[order]]
        borders = np.flatnonzero(np.diff(rows.trial_codes[order])) + 1
        for trial in np.split(order, borders) if len(order) else []:
            self.people.setdefault(str(rows.subjects[trial[0]]), []).append(trial)

    @property
    def scheme(self) -> pd.Series[str]:
        """How each subject's ratings move: ``"trials"`` or ``"shift"``."""
        moves = {
            name: "trials" if _equal(trials) else "shift" for name, trials in self.people.items()
        }
        return pd.Series(moves, name="scheme", dtype=object).rename_axis("subject")

    def draw(self, rng: np.random.Generator) -> IntArray:
        """Draw the row whose ratings each row gets.

        Parameters
        ----------
        rng : Generator
            Source of chance.

        Returns
        -------
        array of shape (n_rows,)
            Row numbers; the identity is among the possible draws.
        """
        source = np.arange(self.n_rows)
        for trials in self.people.values():
            rows = np.concatenate(trials)
            if _equal(trials):
                source[rows] = np.concatenate([trials[k] for k in rng.permutation(len(trials))])
            else:
                first = len(rows) - rng.integers(len(rows))
                source[rows] = np.concatenate([rows[first:], rows[:first]])
        return source


def _equal(trials: list[IntArray]) -> bool:
    return len(trials) > 1 and len({len(trial) for trial in trials}) == 1
