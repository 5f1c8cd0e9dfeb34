"""A note where people differ more than their windows do, and nothing takes that out."""

from __future__ import annotations

from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.column_names import is_quality
from physio_vad.evaluation.leakage import Finding
from physio_vad.evaluation.leakage.columns import Columns

LEAST_WINDOWS = 8
"""Known values of a person from which their level can be told from chance."""

LEAST_PEOPLE = 3
"""People from which their levels have a spread worth a word."""


def level_notes(pipeline: Any, table: Columns) -> list[Finding]:
    """Note that the levels of people hide what changes within them, and no step takes them out.

    Parameters
    ----------
    pipeline : estimator
        What is evaluated; a step ``normalise`` takes levels out.
    table : Columns
        Features and folds.

    Returns
    -------
    list of Finding
        One note where more than half of the features differ more between people than between the
        windows of a person, and folds test new people.
    """
    step = getattr(pipeline, "named_steps", {}).get("normalise")
    normalised = step is not None and not isinstance(step, str)
    if normalised or not table.design.tests_new_people:
        return []
    told = ~np.array([is_quality(name) for name in table.columns], dtype=bool)
    shares = [between_people(block, table.people) for _, block in table.blocks(told)]
    share = np.concatenate([np.empty(0), *shares])
    known = share[~np.isnan(share)]
    more = int((known > 0.5).sum())
    if more <= len(known) / 2:
        return []
    return [
        Finding(
            "note",
            "levels_of_people",
            f"{more} of {len(known)} features differ more between people than between the windows "
            "of a person",
            "The level of a new person then drowns what changes within them.",
            "Where a whole recording of a new person is there when it is predicted, "
            'normalise="subject" takes levels out; where there is a rest period, "baseline".',
        )
    ]


def between_people(values: FloatArray, people: list[IntArray]) -> FloatArray:
    """Share of the variance that lies between people: what is no chance of few windows.

    Parameters
    ----------
    values : array of shape (n_columns, n_rows)
        Columns, NaN where unknown.
    people : list of array of int
        Row numbers of each person.

    Returns
    -------
    array of shape (n_columns,)
        From 0 to 1; NaN for a column that does not vary, or that too few people have.

    References
    ----------
    Shrout & Fleiss (1979). Intraclass correlations: uses in assessing rater reliability.
    Psychological Bulletin 86, 420-428. https://doi.org/10.1037/0033-2909.86.2.420
    """
    n, level, within = np.moveaxis(np.array([_moments(values[:, rows]) for rows in people]), 1, 0)
    some = n >= LEAST_WINDOWS
    count = some.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = np.where(some, within, 0).sum(axis=0) / count
        middle = np.where(some, level, 0).sum(axis=0) / count
        chance = np.where(some, within / n, 0).sum(axis=0) / count
        apart = np.where(some, (level - middle) ** 2, 0).sum(axis=0) / (count - 1) - chance
        share = np.maximum(apart, 0) / (np.maximum(apart, 0) + inside)
    return np.where(count >= LEAST_PEOPLE, share, np.nan)


def _moments(values: FloatArray) -> FloatArray:
    """Count the known values of each row, and take their mean and variance."""
    there = ~np.isnan(values)
    n = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0).sum(axis=1) / n
        squares = np.where(there, (values - mean[:, np.newaxis]) ** 2, 0).sum(axis=1)
        return np.array([n, mean, squares / (n - 1)])
