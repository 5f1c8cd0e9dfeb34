"""What recordings of one table must agree on, and what is told of short ones."""

import warnings

import pandas as pd
import pytest

from physio_vad.exceptions import SkippedWarning
from physio_vad.features.together import CutNote, check_together
from physio_vad.features.windows import INDEX_NAMES


def note(subject, seconds, n_rows, trial="1"):
    names = [[subject], [trial], range(n_rows)]
    return CutNote(
        subject, trial, None, seconds, {}, pd.MultiIndex.from_product(names, names=INDEX_NAMES)
    )


LONG = note("anna", 30.0, 5)


def told(*notes):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_together(notes, 10.0, 5.0)
    assert all(one.category is SkippedWarning for one in caught)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize(("seconds", "n_rows"), [(10.0, 0), (25.0, 0), (9.9, 1)])
def test_what_is_long_enough_or_has_a_baseline_is_not_short(seconds, n_rows):
    assert told(LONG, note("ben", seconds, n_rows)) == []
    (said,) = told(LONG, note("ben", 9.9, 0))
    assert said == (
        "1 of 2 recordings are shorter than a window of 10 s and left out: ben/1 (9.9 s); "
        "nothing is left of ben"
    )


def test_nobody_is_lost_by_a_short_trial_beside_a_long_one():
    (said,) = told(LONG, note("anna", 5.0, 0, trial="2"))
    assert said.endswith("left out: anna/2 (5 s)")


@pytest.mark.parametrize(
    ("n_short", "trials", "people"),
    [
        (3, "p0/1 (1 s), p1/1 (1 s), p2/1 (1 s)", "p0, p1, p2"),
        (4, "p0/1 (1 s), p1/1 (1 s), p2/1 (1 s) and 1 more", "p0, p1, p2, p3"),
        (5, "p0/1 (1 s), p1/1 (1 s), p2/1 (1 s) and 2 more", "p0, p1, p2, p3, p4"),
        (6, "p0/1 (1 s), p1/1 (1 s), p2/1 (1 s) and 3 more", "p0, p1, p2, p3, p4, ..."),
    ],
)
def test_three_trials_and_five_people_are_named(n_short, trials, people):
    (said,) = told(LONG, *(note(f"p{number}", 1.0, 0) for number in range(n_short)))
    assert said.endswith(f"left out: {trials}; nothing is left of {people}")
