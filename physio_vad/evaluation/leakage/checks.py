"""Leak checks: what in a table or a split would make scores too good.

Each check reads the tables, never the model's inside, and gives findings that say what was seen,
what it means and what to do. `evaluate` runs them by itself. One file a check, one line in
`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.leakage.alike_names import alike_names
from physio_vad.evaluation.leakage.duplicate_rows import duplicate_rows
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.fitted_outside import fitted_outside
from physio_vad.evaluation.leakage.label_among_features import (
    label_among_features,
    monotone_label,
    personal_label,
)
from physio_vad.evaluation.leakage.near_duplicates import near_duplicates
from physio_vad.evaluation.leakage.other_rating import other_rating
from physio_vad.evaluation.leakage.repeated_stimuli import repeated_stimuli
from physio_vad.evaluation.leakage.row_number import row_number
from physio_vad.evaluation.leakage.selected_columns import selected_columns
from physio_vad.evaluation.leakage.shared_borders import shared_borders
from physio_vad.evaluation.leakage.stimulus_identity import stimulus_identity
from physio_vad.evaluation.leakage.subject_encoding import subject_encoding
from physio_vad.evaluation.leakage.told_by_marks import binarised_label, telling_gaps
from physio_vad.evaluation.leakage.turned_rating import turned_rating
from physio_vad.evaluation.leakage.unlike_rating import unlike_rating
from physio_vad.evaluation.leakage.unlike_sensor import unlike_sensor
from physio_vad.evaluation.leakage.unusable_sensor import unusable_sensor
from physio_vad.registry import Registry

CHECKS: Registry[Callable[[Evidence], Iterator[Finding]]] = Registry(
    "leak check",
    __name__,
    {
        "shared_borders": shared_borders,
        "duplicate_rows": duplicate_rows,
        "near_duplicates": near_duplicates,
        "fitted_outside": fitted_outside,
        "label_among_features": label_among_features,
        "monotone_label": monotone_label,
        "personal_label": personal_label,
        "binarised_label": binarised_label,
        "telling_gaps": telling_gaps,
        "row_number": row_number,
        "other_rating": other_rating,
        "selected_columns": selected_columns,
        "subject_encoding": subject_encoding,
        "stimulus_identity": stimulus_identity,
        "repeated_stimuli": repeated_stimuli,
        "alike_names": alike_names,
        "unusable_sensor": unusable_sensor,
        "unlike_sensor": unlike_sensor,
        "unlike_rating": unlike_rating,
        "turned_rating": turned_rating,
    },
)
"""The checks by name."""


def check_leakage(
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    random_state: int | None = None,
) -> list[Finding]:
    """Look for leaks in a table and the split it is to be evaluated with.

    Parameters
    ----------
    X : DataFrame
        Feature table, row index ``(subject, trial, window)``; of a raw window table only the
        split is checked.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`; a split that leaks is reported, not refused.
    random_state : int, optional
        Seed of splits that draw.

    Returns
    -------
    list of Finding
        Errors first; empty if nothing was seen.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product(
    ...     [["anna", "ben"], ["1"], range(4)], names=["subject", "trial", "window"]
    ... )
    >>> y = pd.DataFrame({"valence": [2.0, 2, 5, 6, 8, 7, 4, 1]}, index)
    >>> X = pd.DataFrame({"eda__scl_mean": y["valence"] + 1}, index)
    >>> [finding.check for finding in check_leakage(X, y)]
    ['label_among_features']
    """
    design = make_design(X, y, cv, allow_leakage=True, random_state=random_state)
    return run_checks(Evidence(design))


def run_checks(evidence: Evidence) -> list[Finding]:
    """Run all checks.

    Parameters
    ----------
    evidence : Evidence
        Tables, folds, predictions.

    Returns
    -------
    list of Finding
        Errors first.
    """
    found = [finding for check in CHECKS.values() for finding in check(evidence)]
    return sorted(found, key=lambda finding: finding.level != "error")
