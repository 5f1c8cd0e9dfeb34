"""Stimuli that people on both sides of a split rated."""

from __future__ import annotations

import numpy as np
import pandas as pd

from physio_vad.evaluation.design import Design


def stimuli_on_both_sides(design: Design) -> int:
    """Count the stimuli that stand on both sides of a fold."""
    rows = design.rows
    codes = pd.factorize(rows.stimuli)[0]
    codes[rows.rest] = -1
    repeated = np.zeros(codes.max(initial=-1) + 2, dtype=bool)  # the last for rows without one
    for train, test in design.splits:
        open_ones = np.setdiff1d(codes[test], np.flatnonzero(repeated))
        if (open_ones >= 0).any():
            there = np.bincount(codes[train] + 1, minlength=len(repeated) + 1)[1:] > 0
            repeated[open_ones] |= there[open_ones]
    return int(repeated[:-1].sum())
