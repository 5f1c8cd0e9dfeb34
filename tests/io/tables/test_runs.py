"""Which rows of a table are one recording, by hand."""

from pathlib import Path

import numpy as np
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.base import Source
from physio_vad.io.tables.runs import find_runs, trials_of_ratings, turns

nan = np.nan
SOURCE = Source((Path("a.csv"),))


def runs(n_rows=6, source=SOURCE, **cells):
    cells = {name: [None if one == "-" else one for one in text] for name, text in cells.items()}
    found = find_runs(cells, n_rows, "file", source)
    return [(one.rows.start, one.rows.stop, one.subject, one.trial, one.stimulus) for one in found]


def test_a_table_is_cut_at_every_change():
    assert runs() == [(0, 6, "file", "1", None)]
    assert runs(subject="aabbba") == [
        (0, 2, "a", "1", None),
        (5, 6, "a", "2", None),
        (2, 5, "b", "1", None),
    ]
    assert runs(subject="aaaabb", stimulus="xxyyyy") == [
        (0, 2, "a", "1", "x"),
        (2, 4, "a", "2", "y"),
        (4, 6, "b", "1", "y"),
    ]


def test_rows_of_no_trial_are_left_out_and_rows_of_nobody_refused():
    assert runs(trial="11-22-") == [(0, 2, "file", "1", None), (3, 5, "file", "2", None)]
    source = Source((Path("a.csv"),), trial="morning")
    assert runs(source=source, trial="111222")[1] == (3, 6, "file", "morning/2", None)
    with pytest.raises(ReadError, match=r"a\.csv: row 3 names no subject"):
        runs(subject="aa-bbb")


def test_names_that_come_back_are_made_unique():
    names = [one[3] for one in runs(trial="112211")]
    assert names[:2] == ["1", "2"]
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("subjects", "order"),
    [
        ("aabb", None),
        ("abababa", [0, 2, 4, 6, 1, 3, 5]),
        ("ababab", None),  # three times each may be sessions
        ("", None),
    ],
)
def test_people_in_turn_are_put_one_after_the_other(subjects, order):
    found = turns({"subject": list(subjects)})
    assert (None if found is None else found.tolist()) == order


@pytest.mark.parametrize(
    ("labels", "subjects", "expected"),
    [
        ([[3, 3, 4, 4, 3]], None, "11223"),
        ([[3, 3, nan, nan, 3]], None, "11--2"),
        ([[3, 3, nan, 3], [1, 2, 2, nan]], None, "1234"),
        ([[3, 3, 3, 4, 4]], "aabbb", "11122"),
        ([[nan, 3, nan, 4, 4]], "aabbb", "-1-11"),
        ([[3, 4, 4, nan, 4]], "aabbb", "121-2"),
    ],
)
def test_stretches_of_equal_ratings_are_counted_for_each_person(labels, subjects, expected):
    found = trials_of_ratings(np.array(labels, dtype=float), subjects and list(subjects))
    assert "".join(one or "-" for one in found) == expected
