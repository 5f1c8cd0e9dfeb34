import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

from physio_vad.evaluation import Rows, check_split
from physio_vad.exceptions import ArgumentError, LeakageError


@pytest.fixture
def rows(make_tables) -> Rows:
    return Rows.of(*make_tables(5, 4, 3))


def test_a_clean_split_passes(rows) -> None:
    check_split(rows, np.arange(24), np.arange(24, 60))


def test_a_shared_subject_is_named(rows) -> None:
    with pytest.raises(LeakageError, match=r"subject 's01'\. .*allow_leakage=True") as caught:
        check_split(rows, np.arange(15), np.arange(15, 60))
    assert "trial" not in str(caught.value).split("Scores")[0]


def test_a_shared_trial_is_named(rows) -> None:
    with pytest.raises(LeakageError, match="trial 's01'/'t0'; overlapping windows 0 and 1"):
        check_split(rows, np.arange(13), np.arange(13, 60), shares_subjects=True)


def test_overlap_is_named_where_trials_may_be_shared(rows) -> None:
    with pytest.raises(LeakageError, match="share overlapping windows 0 and 1 of 's01'/'t0'"):
        check_split(
            rows, np.arange(13), np.arange(13, 60), shares_subjects=True, shares_trials=True
        )
    test = np.delete(np.arange(13, 60), 0)  # window 1 starts before window 0 ends; 2 does not
    check_split(rows, np.arange(13), test, shares_subjects=True, shares_trials=True)


def test_shuffled_windows_leak_all(rows) -> None:
    train, test = next(KFold(5, shuffle=True, random_state=0).split(np.zeros(60)))
    with pytest.raises(LeakageError, match=r"subject .* and 2 more; trial .*; overlapping windows"):
        check_split(rows, train, test)


def test_the_same_row_on_both_sides_overlaps(make_tables) -> None:
    X, y = make_tables(2, 1, 4)
    y.attrs = {}
    with pytest.raises(LeakageError, match="overlapping windows 2 and 2"):
        check_split(Rows.of(X, y), [0, 1, 2], [2, 3], shares_subjects=True, shares_trials=True)


def test_sides_must_be_rows_of_the_table(rows) -> None:
    with pytest.raises(ArgumentError, match="empty side"):
        check_split(rows, [], [1])
    with pytest.raises(ArgumentError, match="names row 60, but the table has 60"):
        check_split(rows, [60], [1])


def test_masks_are_taken(rows) -> None:
    train, test = next(ShuffleSplit(1, random_state=0).split(np.zeros(60)))
    with pytest.raises(LeakageError):
        check_split(rows, np.isin(np.arange(60), train), np.isin(np.arange(60), test))
