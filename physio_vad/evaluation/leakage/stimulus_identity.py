"""Columns that are the same for all people and tell the stimuli apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.stimuli import stimuli_on_both_sides


def stimulus_identity(evidence: Evidence) -> Iterator[Finding]:
    """Find columns that are the same for all people and tell the stimuli apart."""
    rows = evidence.design.rows
    known = np.array([stimulus is not None for stimulus in rows.stimuli], dtype=bool)
    shown = ~rows.rest
    # Where stimuli are not named, trials of the same name may well be the same stimulus.
    names = np.where(known, rows.stimuli, rows.trials)[shown].astype(str)
    stimuli, people = pd.factorize(names)[0], rows.subject_codes[shown]
    marks = np.zeros(len(evidence.columns), dtype=bool)
    order = np.lexsort((people, stimuli))
    for numbers, block in evidence.blocks(evidence.contents.varies):
        values = block[:, np.flatnonzero(shown)[order]]
        marks[numbers] = _identifies(values, stimuli[order], people[order])
    if marks.any() and (stimuli_on_both_sides(evidence.design) or not known.any()):
        yield Finding(
            "error",
            "stimulus_identity",
            f"{marks.sum()} columns have one value for each stimulus, the same for all people, "
            f"first {evidence.columns[int(np.argmax(marks))]!r}",
            "The model can learn the mean rating of a stimulus without looking at the body.",
            'Drop these columns, or quote only cv="leave-stimulus-out".',
        )


LEAST_AGREED = 3
"""Times that a second person must have the value of a stimulus, other than the most frequent."""


def _identifies(values: FloatArray, stimuli: IntArray, people: IntArray) -> BoolArray:
    """Mark the columns with one value a stimulus in which people agree more than by chance."""
    if not len(stimuli):
        return np.zeros(len(values), dtype=bool)
    starts = np.flatnonzero(np.diff(stimuli, prepend=-1))
    low = np.fmin.reduceat(values, starts, axis=1)
    high = np.fmax.reduceat(values, starts, axis=1)
    one_value = (np.isnan(low) | (low == high)).all(axis=1)
    marks = one_value.copy()
    cells = np.flatnonzero((np.diff(stimuli, prepend=-1) != 0) | (np.diff(people, prepend=-1) != 0))
    for number in np.flatnonzero(one_value):
        seen = np.maximum.reduceat(~np.isnan(values[number]), cells)  # of each person and stimulus
        agreed = np.bincount(stimuli[cells][seen], minlength=len(starts))[stimuli[starts]] - 1
        _, kinds = np.unique(low[number], return_inverse=True)
        by_value = np.bincount(kinds, np.maximum(agreed, 0))
        marks[number] = by_value.sum() - by_value.max() >= LEAST_AGREED
    return np.asarray(marks)
