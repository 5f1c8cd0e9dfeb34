import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import BASELINES, Fold, Rows, baseline_text

nan = np.nan


@pytest.fixture
def fold() -> Fold:
    index = pd.MultiIndex.from_tuples(
        [
            ("anna", "1", 0),
            ("anna", "1", 1),
            ("anna", "2", 0),
            ("ben", "1", 0),
            ("ben", "1", 1),
            ("ben", "2", 0),
            ("ben", "2", 1),
            ("cleo", "1", 0),
            ("cleo", "2", 1),
            ("cleo", "3", 0),
        ],
        names=["subject", "trial", "window"],
    )
    values = [[1, 9], [2, 9], [6, nan], [3, 7], [4, 7], [8, nan], [nan, nan], [50, 50]] + [
        [50, 50]
    ] * 2
    y = pd.DataFrame(values, index, ["valence", "arousal"], dtype=float)
    y.attrs["stimulus"] = {
        "anna": {"1": "film", "2": "song"},
        "ben": {"1": "film", "2": "song"},
        "cleo": {"1": "film", "2": "song", "3": "talk"},
    }
    return Fold(
        Rows.of(y, y),
        y.to_numpy(),
        np.arange(7),
        np.arange(7, 10),
        ("valence", "arousal"),
        {"valence": (1.0, 9.0)},
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("scale_midpoint", [[5, nan]] * 3),
        ("training_mean", [[4, 8]] * 3),
        ("stimulus_mean", [[2.5, 8], [7, nan], [nan, nan]]),
        ("stimulus_course", [[2, 8], [7, nan], [nan, nan]]),
        ("session_course", [[2, 8], [nan, nan], [nan, nan]]),
        ("subject_mean", [[nan, nan]] * 3),
        ("last_value", [[nan, nan]] * 3),
    ],
)
def test_by_hand(fold, name, expected) -> None:
    np.testing.assert_array_equal(BASELINES[name](fold), expected)


def test_every_baseline_has_its_test() -> None:
    assert list(BASELINES) == [
        "scale_midpoint",
        "training_mean",
        "stimulus_mean",
        "stimulus_course",
        "session_course",
        "subject_mean",
        "last_value",
    ]


def test_within_a_subject(fold) -> None:
    within = Fold(
        fold.rows, fold.ratings, np.arange(3), np.arange(2), fold.targets, fold.scale, True
    )
    np.testing.assert_array_equal(BASELINES["subject_mean"](within), [[3, 9]] * 2)
    np.testing.assert_array_equal(BASELINES["last_value"](within), [[6, 9]] * 2)


def test_they_never_read_the_test_side(fold) -> None:
    other = fold.ratings.copy()
    other[fold.test] = -1e9
    changed = Fold(fold.rows, other, fold.train, fold.test, fold.targets, fold.scale, True)
    same = Fold(fold.rows, fold.ratings, fold.train, fold.test, fold.targets, fold.scale, True)
    for baseline in BASELINES.values():
        np.testing.assert_array_equal(baseline(changed), baseline(same))


def test_no_stimulus_is_silent(fold) -> None:
    rows = Rows(
        fold.rows.subjects,
        fold.rows.trials,
        fold.rows.windows,
        fold.rows.starts,
        fold.rows.stops,
        np.full(10, None, dtype=object),
    )
    blind = Fold(rows, fold.ratings, fold.train, fold.test, fold.targets, fold.scale)
    for name in ("stimulus_mean", "stimulus_course"):
        assert np.isnan(BASELINES[name](blind)).all()


def test_each_baseline_says_what_it_answers() -> None:
    texts = [baseline_text(name) for name in BASELINES]
    assert len(set(texts)) == len(BASELINES)
    assert all(text.startswith("the ") and len(text) < 90 for text in texts)
    assert baseline_text("mine") == "what you gave"


def test_one_rated_row_is_a_mean(fold) -> None:
    few = Fold(fold.rows, fold.ratings, np.array([0, 2]), fold.test, fold.targets, fold.scale)
    for name, expected in (
        ("training_mean", [[3.5, 9]] * 3),
        ("stimulus_mean", [[1, 9], [6, nan], [nan, nan]]),
        ("session_course", [[1, 9], [nan, nan], [nan, nan]]),
    ):
        np.testing.assert_array_equal(BASELINES[name](few), expected)
