"""A sensor of one person that is unlike everybody else's: another unit, gain, rate or column."""

from __future__ import annotations

from collections.abc import Iterator

from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.unlike import unlike_others


def unlike_sensor(evidence: Evidence) -> Iterator[Finding]:
    """Find sensors whose features lie far outside those of all other people."""
    for line in unlike_others(evidence.design.X):
        yield Finding(
            "warning",
            "unlike_sensor",
            line,
            "A file in another unit, at another gain or rate, or with columns in another order "
            "reads as if this person's body differed.",
            "Look at the signal with plot_recording, and at columns, units and rate of this file.",
        )
