"""What all leak checks look at."""

from __future__ import annotations

from functools import cached_property

from physio_vad.evaluation.leakage.columns import Columns
from physio_vad.evaluation.leakage.rated import RatedRows


class Evidence(Columns):
    """The columns of a table, and how closely they follow each rating.

    Parameters
    ----------
    design : Design
        Tables and folds.
    predictions : DataFrame, optional
        What `evaluate` has predicted: answers of baselines are not computed again.
    """

    @cached_property
    def rated(self) -> list[RatedRows]:
        """The rated rows of each target that has enough of them."""
        targets = range(len(self.design.targets))
        found = [RatedRows.of(self, number) for number in targets]
        return [one for one in found if one.enough]
