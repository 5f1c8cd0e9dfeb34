"""Rows whose features are the same to the last bit on both sides of a fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import BoolArray
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding

LEAST_VALUES = 3
"""Different values other than 0 that a row must have in the columns looked at."""


def duplicate_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find rows whose features are the same to the last bit on both sides of a fold.

    Only columns whose values hardly repeat are looked at, and rows with three different values in
    them: counts, and one slow signal that was rounded, repeat by chance in honest tables.
    """
    keys = _keys(evidence)
    repeated = pd.Series(keys).duplicated(keep=False).to_numpy() & ~evidence.design.rows.rest
    repeated &= _rich(evidence, repeated)
    if not repeated.any():
        return
    twins: list[tuple[int, int]] = []
    for train, test in evidence.design.splits:
        tested = test[repeated[test]]
        if len(tested):
            known = {keys[row]: row for row in train[repeated[train]]}
            twins += [(row, known[keys[row]]) for row in tested if keys[row] in known]
    if twins:
        index = evidence.design.X.index
        left, right = ("/".join(map(str, index[row])) for row in twins[0])
        yield Finding(
            "error",
            "duplicate_rows",
            f"{len(twins)} test rows have a twin with the same features on the training side, "
            f"first {left} and {right}",
            "The model can look the answer up.",
            "Find out why rows repeat (a file read twice, copied signals) and keep one of each.",
        )


def _keys(evidence: Evidence) -> npt.NDArray[np.uint64]:
    """Hash each row of the columns whose values hardly repeat, bit by bit."""
    odd = np.random.default_rng(0).integers(0, 2**63, len(evidence.columns), dtype=np.uint64) | 1
    keys = np.zeros(len(evidence.design.X), dtype=np.uint64)
    for numbers, block in evidence.blocks(evidence.contents.continuous):
        bits = (block + 0.0).view(np.uint64)  # -0 becomes 0
        for _ in range(2):  # spreads the upper bits, which most numbers differ in, over all
            bits = (bits ^ (bits >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
        keys += (bits * odd[numbers, None]).sum(axis=0, dtype=np.uint64)
    return keys


def _rich(evidence: Evidence, rows: BoolArray) -> BoolArray:
    """Mark which of some rows have enough different values."""
    rich = np.zeros_like(rows)
    if rows.any():
        values = evidence.values[np.ix_(rows, evidence.contents.continuous)]
        values = np.sort(np.where(np.isfinite(values) & (values != 0), values, np.nan), axis=1)
        different = np.count_nonzero(np.diff(values, axis=1) > 0, axis=1) + 1
        rich[rows] = different >= LEAST_VALUES
    return rich
