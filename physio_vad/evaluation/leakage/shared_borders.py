"""A subject, a trial or overlapping windows on both sides of a fold."""

from __future__ import annotations

from collections.abc import Iterator

from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding


def shared_borders(evidence: Evidence) -> Iterator[Finding]:
    """Find a subject, a trial or overlapping windows on both sides of a fold."""
    kinds: dict[str, list[str]] = {}
    for leak in evidence.design.leaks:  # "subject ...", "trial ..." or "overlapping windows ..."
        kinds.setdefault(leak.split()[0], []).append(leak)
    for leaks in kinds.values():
        more = f" (and {len(leaks) - 1} folds more share others)" if len(leaks) > 1 else ""
        yield Finding(
            "error",
            "shared_borders",
            f"training and test side share {leaks[0]}{more}",
            "The model has met what it is tested on.",
            'Split by subject: cv="leave-one-subject-out".',
        )
