"""Ratings of one person turned round: high where everybody else's are low."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

LEAST_STIMULI = 8
"""Stimuli that a person and others rated; of fewer nothing is said."""

LEAST_OTHERS = 3
"""Others who rated a stimulus."""

CHANCE = 0.001
"""Probability that of all people and ratings any is called turned round by chance."""


def turned_rating(evidence: Evidence) -> Iterator[Finding]:
    """Find people who rate stimuli against the mean of the others."""
    design = evidence.design
    stimuli = pd.Series(design.rows.stimuli)
    if stimuli.nunique() < LEAST_STIMULI:
        return
    subjects = pd.Series(design.rows.subjects, name="subject")
    n_tests = max(1, subjects.nunique() * len(design.targets))
    for target, column in zip(design.targets, design.y.to_numpy(dtype=float).T, strict=True):
        cells = pd.Series(column).groupby([subjects, stimuli]).mean().unstack()
        r, n = _with_others(cells.to_numpy(dtype=float))
        spread = np.sqrt(np.maximum(n - 2, 1) / np.maximum(1 - r**2, 1e-12))
        chance = stats.t.cdf(r * spread, np.maximum(n - 2, 1))
        for person in np.flatnonzero((n >= LEAST_STIMULI) & (chance * n_tests < CHANCE)).tolist():
            yield Finding(
                "warning",
                "turned_rating",
                f"{target!r} of {cells.index[person]} is rated against everybody else: r = "
                f"{r[person]:.2f} with the mean of the others over {n[person]:.0f} stimuli",
                "Where a scale was turned round for one person, the model learns the opposite "
                "there, and is scored against it.",
                "Look at how this person's ratings were coded (1 for high?), and turn them back.",
            )


def _with_others(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Correlate each row with the mean of the other rows, all of them standardised.

    Parameters
    ----------
    cells : array of shape (n_people, n_stimuli)
        Mean ratings, NaN where there is none.

    Returns
    -------
    r, n : array of shape (n_people,)
        Correlations, 0 where a person's ratings do not vary, and over how many stimuli.
    """
    known = ~np.isnan(cells)
    number = np.maximum(known.sum(axis=1, keepdims=True), 1)
    apart = np.where(known, cells - np.nansum(cells, axis=1, keepdims=True) / number, 0.0)
    spread = np.sqrt((apart**2).sum(axis=1, keepdims=True) / number)
    filled = apart / np.where(spread > 0, spread, np.inf)
    n_others = known.sum(axis=0) - known
    others = (filled.sum(axis=0) - filled) / np.maximum(n_others, 1)
    both = known & (n_others >= LEAST_OTHERS)
    n = both.sum(axis=1).astype(float)
    deviations = []
    for part in (filled, others):
        mean = np.where(both, part, 0.0).sum(axis=1) / np.maximum(n, 1)
        deviations.append(np.where(both, part - mean[:, np.newaxis], 0.0))
    own, theirs = deviations
    size = np.sqrt((own**2).sum(axis=1) * (theirs**2).sum(axis=1))
    return (own * theirs).sum(axis=1) / np.where(size > 0, size, np.inf), n
