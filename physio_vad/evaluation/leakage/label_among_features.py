"""A column that is a rating in disguise: scaled, bent, or with a gain and an offset a person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.rated import CLOSE, SAME

WEAKER: dict[str, tuple[str, ...]] = {
    "overall": (),
    "by_rank": ("overall",),
    "within_people": ("overall", "by_rank"),
}
"""The measures that speak for a column in the place of each, where they show as much."""


def label_among_features(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that correlates with a rating as no body signal does."""
    text = "column {name!r} correlates with {target!r} by {r:.4f}"
    yield from _findings(evidence, "label_among_features", "overall", text)


def monotone_label(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is a rating on a bent scale: a monotone function of it."""
    text = "column {name!r} rises or falls with {target!r} all along (rank correlation {r:.4f})"
    yield from _findings(evidence, "monotone_label", "by_rank", text)


def personal_label(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is a rating times a gain plus an offset of each person."""
    text = (
        "column {name!r} correlates with {target!r} within people by {r:.4f} on average: a rating "
        "with a gain and an offset of each person"
    )
    yield from _findings(evidence, "personal_label", "within_people", text)


def _findings(evidence: Evidence, check: str, measure: str, text: str) -> Iterator[Finding]:
    for rated in evidence.rated:
        r = rated.closeness[measure]
        level = _grade(r) * rated.suspects(measure)
        if measure == "within_people":
            level[level == 1] = 0  # a body may follow a rating so closely within people
        for other in WEAKER[measure]:
            level[level <= _grade(rated.closeness[other])] = 0
        level[evidence.numbers_rows] = 0  # see row_number
        if not level.any():
            continue
        worst = int(np.argmax(np.where(level == level.max(), r, 0)))
        error = bool(level[worst] == 2)
        others = int((level > 0).sum()) - 1
        seen = text.format(name=evidence.columns[worst], target=rated.target, r=r[worst])
        yield Finding(
            "error" if error else "warning",
            check,
            seen + (f", and {others} more columns do" if others else ""),
            "No body signal knows a rating that well: the column was made from it."
            if error
            else "Hardly any body signal knows a rating that well: it may have been made from it.",
            "Drop the column." if error else "Find out how the column was made; drop it if so.",
        )


def _grade(r: FloatArray) -> IntArray:
    """Grade closeness: 2 for the same, 1 for close, else 0."""
    return (r > CLOSE).astype(np.intp) + (r > SAME)
