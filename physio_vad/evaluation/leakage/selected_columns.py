"""Columns that were selected by their correlation with the ratings of all people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.leakage.association import correlations
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.rated import N_SHUFFLES, RatedRows

LEAST_COLUMNS = 15
"""Columns that their distribution can be judged by."""

MOST_COLUMNS = 100
"""Columns that are looked at, at most."""

LEAST_Z = 1.8
"""What the weakest column must reach, in standard deviations of its correlation by chance."""

MOST_Z = 4.0
"""What the weakest column must not exceed: no cut through a few thousand columns lies higher."""

MOST_TAIL = 1.5
"""Mean of z above the weakest, times its z, which is 1 beyond a cut through chance."""


def selected_columns(evidence: Evidence) -> Iterator[Finding]:
    """Find a table that holds nothing but the columns that correlate best by chance.

    Beyond a cut at c, correlations of unrelated columns fall off as exp(-c z): all of them crowd
    above the cut, and none lies below. Columns that say something, be it much or little, lie wide
    apart. A selection among dependent columns, or by a model, is not seen; columns that all say
    equally much may look like one.
    """
    for rated in evidence.rated:
        z = _standardised(rated)
        if not len(z):
            continue
        tail = z.min() * (z.mean() - z.min())
        if LEAST_Z < z.min() < MOST_Z and tail < MOST_TAIL:
            yield Finding(
                "warning",
                "selected_columns",
                f"all {len(z)} columns correlate with {rated.target!r} by about as much, at least "
                f"{z.min():.1f} times what chance gives, as if those below had been cut off",
                "A selection on all rows has seen the ratings of test people.",
                'Give all columns; select inside the pipeline: build_pipeline(select="...").',
            )


def _standardised(rated: RatedRows) -> FloatArray:
    """Divide correlations by their spread for shuffled ratings; empty where columns depend."""
    chosen = np.flatnonzero(rated.usable & rated.table.contents.continuous)
    chosen = chosen[:: max(1, -(-len(chosen) // MOST_COLUMNS))]
    if len(chosen) < LEAST_COLUMNS:
        return np.empty(0)
    values = rated.table.values[np.ix_(rated.rows, chosen)].T
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
        values = np.where(np.isnan(values), np.nanmean(values, axis=1, keepdims=True), values)
    between = np.abs(np.corrcoef(values))
    if between[~np.eye(len(values), dtype=bool)].mean() > 0.3:
        return np.empty(0)
    # All ratings shifted together: what differs between people is chance here, too.
    far = len(rated.rows) // 5
    shifts = np.random.default_rng(0).integers(far, len(rated.rows) - far, N_SHUFFLES)
    shifted = np.array([np.roll(rated.rating, by) for by in shifts])
    spread = np.sqrt((correlations(values, shifted) ** 2).mean(axis=1))
    r = correlations(values, rated.rating[None])[:, 0]
    return np.asarray(np.abs(r) / np.maximum(spread, 1e-9))
