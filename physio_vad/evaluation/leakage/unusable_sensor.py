"""A sensor that gives no signal in most windows of people: a wrong column, or a wrong unit."""

from __future__ import annotations

from collections.abc import Iterator

from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.features.quality import unusable_sensors


def unusable_sensor(evidence: Evidence) -> Iterator[Finding]:
    """Find sensors whose quality is 0 in most windows of a person."""
    for line in unusable_sensors(evidence.design.X):
        yield Finding(
            "warning",
            "unusable_sensor",
            line.rstrip("?"),
            "Its features are empty, or those of noise: the scores are those of the other sensors.",
            "Look at the signal with plot_recording, and at columns and units in the recipe.",
        )
