"""A column that holds another rating than the one to be predicted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.leakage.association import mean_correlation
from physio_vad.evaluation.leakage.evidence import Evidence
from physio_vad.evaluation.leakage.finding import Finding
from physio_vad.evaluation.leakage.rated import CLOSE, RatedRows

RATINGS = frozenset(
    ("valence", "arousal", "dominance", "liking", "familiarity", "pleasure", "label", "rating")
)
"""What people are asked for, and no sensor measures."""

AROUND = frozenset(
    ("self", "sam", "felt", "rated", "reported", "report", "score", "mean", "y", "target", "of")
)
"""Words that may stand beside the name of a rating."""

MOST_STEPS = 20
"""Steps of a scale, at most."""

LEAST_TRIALS = 8
"""Trials of several windows that a column must be constant in."""


def other_rating(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is a rating by its name, or by its form.

    By its form: constant within every trial on a scale of few steps, different between the trials
    of a person and between people, and related to the target within people. What counts the
    trials, and what is the same for all people, is no rating.
    """
    targets = frozenset(str(name).lower() for name in evidence.design.y.attrs.get("scale", ()))
    names = [name for name in evidence.columns if _is_rating(name, targets)]
    if names:
        yield Finding(
            "error",
            "other_rating",
            f"column {names[0]!r} is a rating by its name",
            "Whoever can ask a new person for one rating needs no model for the other.",
            "Drop the column, or make it a target: put it into y.",
        )
    like_one = _formed_like_ratings(evidence)
    like_one[[evidence.columns.index(name) for name in names]] = False
    for rated in evidence.rated:
        for number in np.flatnonzero(like_one & rated.usable):
            if _related(rated, int(number)):
                yield Finding(
                    "warning",
                    "other_rating",
                    f"column {evidence.columns[number]!r} looks like a rating: constant within "
                    f"each trial, in {evidence.contents.distinct[number]} steps, and related to "
                    f"{rated.target!r} within people",
                    "If somebody was asked for it, a model should not need it.",
                    "Drop the column if it is a rating.",
                )
                like_one[number] = False


def _is_rating(name: str, targets: frozenset[str]) -> bool:
    """Tell whether a column is called as a rating is; ``modality__feature`` is no rating."""
    if "__" in name:
        return False
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    kinds = [word for word in words if word in RATINGS | targets]
    return bool(kinds) and all(word in AROUND | RATINGS | targets for word in words)


def _formed_like_ratings(evidence: Evidence) -> BoolArray:
    rows = evidence.design.rows
    shown = np.concatenate([*evidence.people, np.empty(0, dtype=np.intp)])
    shown = shown[np.argsort(rows.trial_codes[shown], kind="stable")]
    starts = np.flatnonzero(np.diff(rows.trial_codes[shown], prepend=-1))
    people = rows.subject_codes[shown[starts]]
    few = evidence.contents.varies & (evidence.contents.distinct <= MOST_STEPS)
    marks = np.zeros(len(evidence.columns), dtype=bool)
    if not len(starts):
        return marks
    for numbers, block in evidence.blocks(few):
        values = block[:, shown]
        low = np.fmin.reduceat(values, starts, axis=1)
        high = np.fmax.reduceat(values, starts, axis=1)
        several = np.add.reduceat((~np.isnan(values)).astype(np.intp), starts, axis=1) > 1
        constant = (np.isnan(low) | (low == high)).all(axis=1)
        for at in np.flatnonzero(constant & (several.sum(axis=1) >= LEAST_TRIALS)):
            marks[numbers[at]] = _varies_like_a_rating(low[at], people, rows.trials[shown[starts]])
    return marks


def _varies_like_a_rating(values: FloatArray, people: IntArray, trials: np.ndarray) -> bool:
    """Tell whether values of trials differ within and between people, and count nothing."""
    table = pd.DataFrame({"value": values, "person": people, "trial": trials}).dropna()
    by_person = table.groupby("person")["value"].agg(["nunique", "size"])
    differs = table.groupby("trial")["value"].nunique() >= 2
    if (by_person["nunique"] < 2).mean() > 0.5 or not differs.any():
        return False
    counts = by_person["nunique"] == by_person["size"]  # as the place of a trial in the session
    return not counts.all()


def _related(rated: RatedRows, number: int) -> bool:
    if any(measure[number] > CLOSE for measure in rated.closeness.values()):
        return False  # label_among_features tells more
    values = rated.table.values[rated.rows, number][None]
    r = mean_correlation(values, rated.rating[None], rated.people)[0, 0]
    return bool(r > rated.limit([values], mean_correlation, share=0))
