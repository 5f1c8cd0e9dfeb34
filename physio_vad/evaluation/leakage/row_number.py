"""A column that numbers the rows of a table that is sorted by a rating."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.leakage.association import mean_correlation, ranks
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.rated import CLOSE, by_rank


def row_number(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that numbers the rows, where these are sorted by a rating."""
    numbered = np.flatnonzero(evidence.numbers_rows)
    if not len(numbered):
        return
    for rated in evidence.rated:
        place = rated.rows[None].astype(float)
        r = _sorted(place, rated.rating[None], rated.people)[0, 0]
        if r > CLOSE and r > rated.limit([place], _sorted):
            yield Finding(
                "error",
                "row_number",
                f"column {evidence.columns[numbered[0]]!r} numbers the rows of a table that is "
                f"sorted by {rated.target!r} (rank correlation with the row {r:.3f})",
                "The number of a row tells its rating.",
                "Drop the column, and sort the rows by subject, trial and window.",
            )


def _sorted(place: FloatArray, ratings: FloatArray, people: list[IntArray]) -> FloatArray:
    """Rank correlation of row and rating: over all rows or within people, where it is more."""
    within = mean_correlation(place, ranks(ratings), people)
    return np.maximum(by_rank(place, ratings, people), within)
