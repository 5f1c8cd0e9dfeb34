"""Ratings of one person on another scale than everybody else's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.unlike import ENOUGH_PEOPLE, LEAST_PEOPLE, least_of_others

LEAST_RATINGS = 3
"""Different ratings of a person; of fewer nothing is said."""

ALMOST_ALL = 0.8
"""Share of somebody's ratings beyond those of everybody else, for every target."""

SOME_PEOPLE = 5
"""Others whose ratings are taken for the whole scale."""

ENOUGH_RATINGS = 5
"""Different ratings beyond those of the others, for every target."""


def unlike_rating(evidence: Evidence) -> Iterator[Finding]:
    """Find people whose ratings lie beyond everybody else's.

    Of one target far beyond, as 0 to 100 among 1 to 9; or of every target almost all, as 0 to 1
    among 1 to 9, which personal levels do not bring about.
    """
    design = evidence.design
    codes, names = design.rows.subject_codes, pd.unique(design.rows.subjects)
    n_others = len(np.unique(codes[design.rated])) - 1
    if n_others < LEAST_PEOPLE:
        return
    parts = [_BesideOthers(column, codes) for column in design.y.to_numpy(dtype=float).T]
    beyond = np.array([part.almost_all for part in parts])
    every = beyond.all(axis=0) & (len(parts) > 1) & (n_others >= SOME_PEOPLE)
    for target, part in zip(design.targets, parts, strict=True):
        for person in np.flatnonzero((part.far > max(1.0, ENOUGH_PEOPLE / n_others)) | every):
            yield Finding(
                "warning",
                "unlike_rating",
                f"{target!r} of {names[person]} is rated {part.low[person]:g} to "
                f"{part.high[person]:g}, by everybody else {part.least[person]:g} to "
                f"{part.most[person]:g}",
                "Ratings on another scale read as feelings that nobody else has.",
                "Bring this person's ratings to the scale of the others, and declare it: "
                "scale=(low, high).",
            )


class _BesideOthers:
    """Ratings of each person beside those of the others, one target; shape (n_people,) each."""

    def __init__(self, ratings: FloatArray, codes: IntArray) -> None:
        known = ~np.isnan(ratings)
        people, values = codes[known], ratings[known]
        n_people = codes.max() + 1
        order = np.lexsort((values, people))
        people, values = people[order], values[order]
        number = np.bincount(people, minlength=n_people)
        first = np.cumsum(number) - number
        self.low, self.high, middle = np.full((3, n_people), np.nan)
        there = number > 0
        self.low[there], self.high[there] = (
            values[first[there]],
            values[(first + number - 1)[there]],
        )
        middle[there] = (
            values[(first + (number - 1) // 2)[there]] + values[(first + number // 2)[there]]
        ) / 2
        self.least = least_of_others(self.low[:, np.newaxis])[:, 0]
        self.most = -least_of_others(-self.high[:, np.newaxis])[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            far = np.maximum(self.least - middle, middle - self.most) / (self.most - self.least)
        new = np.diff(people, prepend=-1) != 0
        new[1:] |= values[1:] != values[:-1]
        different = np.bincount(people, new, n_people)
        self.far = np.where(np.isfinite(far) & (different >= LEAST_RATINGS), far, -np.inf)
        outside = (values < self.least[people]) | (values > self.most[people])
        share = np.bincount(people, outside, n_people) / np.maximum(number, 1)
        several = np.bincount(people, outside & new, n_people) >= ENOUGH_RATINGS
        self.almost_all: BoolArray = (share >= ALMOST_ALL) & several
