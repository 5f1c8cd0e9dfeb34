"""Sensors unlike those of everybody else are told of; people who merely differ are not."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import check_leakage, evaluate
from physio_vad.exceptions import UnlikeTrainingWarning
from physio_vad.features.extractor import extract_features
from physio_vad.features.windows import make_windows
from physio_vad.persistence import load_model, save_model
from physio_vad.pipeline import build_pipeline
from physio_vad.synthetic import simulate_recordings
from physio_vad.unlike import People, unlike, unlike_others, unlike_training

COLUMNS = ["eda__scl_mean", "eda__scr_rate", "eda__scl_sd", "eda__quality", "age"]


def table(n_people=10, n_windows=8, seed=0):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{one}" for one in range(n_people)], ["1"], range(n_windows)],
        names=["subject", "trial", "window"],
    )
    level = np.repeat(rng.uniform(4, 6, n_people), n_windows)
    values = level[:, np.newaxis] + rng.uniform(0, 1, (len(index), len(COLUMNS)))
    return pd.DataFrame(values, index, COLUMNS)


def scaled(X, person, factor, columns):
    changed = X.copy()
    changed.loc[changed.index.get_level_values("subject") == person, columns] *= factor
    return changed


def known_in(X, n_windows):
    """Leave the features of each person undefined but for the first windows."""
    return X[X.index.get_level_values("window") < n_windows].reindex(X.index)


def test_numbers_of_a_person_by_hand():
    X = table(2, 6)
    X.iloc[0, 0] = np.nan
    people = People.of(X.iloc[[7, 0, 8, 1, 9, 2, 10, 3, 11, 4, 6, 5]])
    assert people.columns == COLUMNS[:3]
    own = X.loc[people.names[1], COLUMNS[:3]]
    for seen, expected in ((people.median, own.median()), (people.low, own.min())):
        np.testing.assert_allclose(seen[1], expected)
    np.testing.assert_allclose(people.range()[1], X[COLUMNS[:3]].max())
    low, high = people.range_of_others()
    np.testing.assert_allclose(
        (low[0], high[1]), (own.min(), X.loc[people.names[0], COLUMNS[:3]].max())
    )


def test_a_sensor_in_another_unit_is_named_with_its_numbers():
    X = scaled(table(), "s3", 1000, ["eda__scl_mean", "eda__scl_sd"])
    (line,) = unlike_others(X)
    median = X.loc["s3", "eda__scl_mean"].median()
    others = X.drop("s3", level="subject")["eda__scl_mean"]
    assert line.startswith("eda of s3 is unlike that of everybody else: 2 of 3 features")
    if "eda__scl_mean" in line:
        assert f"({median:.3g}, theirs {others.min():.3g} to {others.max():.3g})" in line


@pytest.mark.parametrize("factor", [1 / 1000, 10, 1000])
def test_units_that_are_smaller_or_larger(factor):
    assert unlike_others(scaled(table(), "s3", factor, ["eda__scl_mean", "eda__scl_sd"]))


@pytest.mark.parametrize(
    "changed",
    [
        table(),
        table(3),  # too few to know what people are like
        scaled(table(n_windows=4), "s3", 1000, COLUMNS[:3]),  # too few rows of a person
        scaled(table(), "s3", 1.3, COLUMNS[:3]),
        scaled(table(), "s3", 1000, ["eda__quality", "age"]),  # no signals
        scaled(table(), "s3", 1000, ["eda__scl_mean"]),  # one feature may have a reason of its own
        known_in(scaled(table(), "s3", 1000, COLUMNS[:3]), 4),
        table().assign(eda__scl_mean=1.0),
        table().assign(eda__scl_mean=np.nan),
        table().reset_index(drop=True),
    ],
)
def test_people_who_differ_a_little_or_of_whom_little_is_known(changed):
    assert unlike_others(changed) == []


def test_fewer_people_must_differ_more():
    factor = 1.6
    assert unlike_others(scaled(table(12, seed=1), "s3", factor, COLUMNS[:3]))
    assert not unlike_others(scaled(table(4, seed=1), "s3", factor, COLUMNS[:3]))


def one_person(*medians):
    """A person of whom these are the medians, in as many features of one sensor."""
    rows = np.array([medians], dtype=float)
    return People(["x"], [f"eda__f{place}" for place in range(len(medians))], rows, rows, rows)


@pytest.mark.parametrize(
    ("low", "high", "within", "beyond"),
    [
        (-1, 1, 2.9, 3.1),
        (-1, 1, -2.9, -3.1),
        (2, 3, 3.9, 4.1),  # above, the range counts
        (2, 3, 1.4, 1.3),  # below, as many times less: 2 / 3 of 2
        (0, 1, 1e-9, 2.1),
        (-3, -2, -1.1, -0.9),
    ],
)
def test_two_features_one_range_outside_are_too_many(low, high, within, beyond):
    lows, highs = np.full(2, low), np.full(2, high)
    assert not unlike(one_person(beyond, within), lows, highs, 8, "others")
    assert unlike(one_person(beyond, beyond), lows, highs, 8, "others")


@pytest.mark.parametrize(
    ("far", "usual", "n_others", "said"),
    [
        ([1.1, 1.1], 18, 8, True),  # a tenth of the features
        ([1.1, 1.1], 19, 8, False),
        ([1.1, 3.1], 19, 8, False),
        ([3.1, 3.1], 19, 8, True),
        ([2.9, 2.9], 19, 8, False),
        ([99], 3, 8, False),
        ([0.9, 0.9], 1, 99, False),
        ([1.9, 1.9], 1, 4, False),  # of half as many people, twice as far
        ([2.1, 2.1], 1, 4, True),
        ([2.7, 2.7], 1, 3, True),
        ([99, 99], 1, 2, False),  # nobody knows what people are like
        ([np.nan, 1.1, 1.1], 18, 8, True),
    ],
)
def test_how_many_features_must_lie_how_far_outside(far, usual, n_others, said):
    medians = [*(1 + 2 * np.array(far)), *np.zeros(usual)]
    low, high = np.full((2, len(medians)), [[-1.0], [1.0]])
    assert bool(unlike(one_person(*medians), low, high, n_others, "others")) == said


def test_features_that_never_change_say_nothing():
    assert not unlike(one_person(5, 5, 2, 2), np.full(4, 2.0), np.full(4, 2.0), 8, "others")


@pytest.mark.parametrize(
    ("n_odd", "names"),
    [(1, "b"), (3, "b, c, d"), (4, "b, c, d and 1 more"), (5, "b, c, d and 2 more")],
)
def test_who_is_unlike_and_in_what_most(n_odd, names):
    median = np.zeros((8, 3))
    median[1 : 1 + n_odd] = [4, 9, 0]
    people = People(list("abcdefgh"), COLUMNS[:3], median, median, median)
    (line,) = unlike(people, np.full(3, -1.0), np.full(3, 1.0), 8, "others").values()
    assert line == (
        f"eda of {names} is unlike that of others: 2 of 3 features lie far outside, such as "
        "eda__scr_rate (9, theirs -1 to 1)"
    )


def test_the_range_of_what_few_have():
    known = np.array([[1.0, np.nan, 4], [2, np.nan, np.nan], [3, np.nan, np.nan]])
    people = People(list("abc"), COLUMNS[:3], known, known, known + 1)
    np.testing.assert_array_equal(people.range(), [[1, np.nan, 4], [4, np.nan, 5]])
    low, high = people.range_of_others()
    np.testing.assert_array_equal(low, [[2, np.nan, np.nan], [1, np.nan, 4], [1, np.nan, 4]])
    np.testing.assert_array_equal(high, [[4, np.nan, np.nan], [4, np.nan, 5], [3, np.nan, 5]])


def test_five_rows_of_a_person_are_enough():
    assert People.of(table(1, 4)) is None
    assert People.of(table(1, 5)).names == ["s0"]
    assert unlike_others(scaled(table(n_windows=5), "s3", 1000, COLUMNS[:3]))
    four = scaled(table(4), "s3", 1000, COLUMNS[:3])  # three others
    assert unlike_others(four)
    assert not unlike_others(four.drop("s0", level="subject"))


@pytest.mark.parametrize(("far", "said"), [(2.6, False), (2.7, True)])
def test_of_four_people_each_is_compared_with_three(far, said):
    """Three have a range of 0 to 1, and eight thirds of it is far outside."""
    X = table(4, 5)
    X[:] = np.tile(np.linspace(0, 1, 5), 4)[:, np.newaxis]
    X.loc["s2"] = 1 + far
    assert bool(unlike_others(X)) == said


def test_a_model_of_other_features_says_nothing():
    people = one_person(99, 99)
    limits = np.full(2, -1.0), np.full(2, 1.0), 8
    assert list(unlike_training(people, people.columns, *limits)) == ["eda"]
    assert not unlike_training(people, people.columns[::-1], *limits)


@pytest.fixture(scope="module")
def people():
    return simulate_recordings(n_subjects=6, minutes=1, sfreq=128, seed=3)


def features(recordings):
    windows, y = make_windows(recordings, length=10, step=10)
    return extract_features(windows, ["eda", "ppg"]), y


def with_signals(person, **changes):
    signals = {
        name: replace(one, values=changes[name](person)) if name in changes else one
        for name, one in person.signals.items()
    }
    return replace(person, signals=signals)


FAULTS = {
    "ppg at another gain": {"ppg": lambda one: 1000 * one.signals["ppg"].values},
    "columns swapped": {
        "ppg": lambda one: one.signals["eda"].values,
        "eda": lambda one: one.signals["ppg"].values,
    },
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("normalise", [None, "subject"])
def test_a_saved_model_tells_of_a_new_person_unlike_its_training(
    people, tmp_path, fault, normalise
):
    pipeline = build_pipeline(estimator="ridge", normalise=normalise)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnlikeTrainingWarning)
        save_model(tmp_path / "m.joblib", pipeline.fit(*features(people[:5])))
        model = load_model(tmp_path / "m.joblib")
        honest = features(people[5:])[0]
        model.predict(honest)
        model.predict(
            honest.iloc[:1] * 1000 if normalise is None else honest
        )  # a row alone: no word
    other = features([with_signals(people[5], **FAULTS[fault])])[0]
    with pytest.warns(UnlikeTrainingWarning, match="ppg of S06 is unlike that of the 5 people"):
        model.predict(other)


def test_an_evaluation_finds_it_and_says_so_once(people):
    mixed = [*people[:5], with_signals(people[5], **FAULTS["ppg at another gain"])]
    X, y = features(mixed)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnlikeTrainingWarning)
        result = evaluate(build_pipeline(estimator="ridge"), X, y)
    (found,) = [one for one in result.findings if one.check == "unlike_sensor"]
    assert found.level == "warning"
    assert found.seen.startswith("ppg of S06 is unlike that of everybody else")
    honest = check_leakage(*features(people))
    assert not [one for one in honest if one.check == "unlike_sensor"]
