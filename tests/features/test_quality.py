"""Quality of rows: as a floor and as weights."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.model_selection import cross_validate

from physio_vad import (
    FeatureExtractor,
    Ratings,
    Recording,
    Signal,
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
    write_eleven_column,
)
from physio_vad.evaluation import GroupedKFold
from physio_vad.exceptions import ArgumentError, RecipeError, SignalWarning
from physio_vad.features.quality import (
    describe_table,
    quality_weights,
    row_quality,
    unusable_sensors,
)
from physio_vad.modalities import MODALITIES
from physio_vad.pipeline import QualityPipeline
from physio_vad.study.recipe import make_recipe
from physio_vad.study.steps import StudyTables, make_tables


class RemembersWeights(RegressorMixin, BaseEstimator):
    """A regressor that knows what it was given."""

    def fit(self, X, y, sample_weight=None):
        self.weights_ = sample_weight
        self.n_targets_ = np.shape(y)[1]
        return self

    def predict(self, X):
        return np.zeros((len(X), self.n_targets_))


def half_missing():
    """Return a minute of skin of which the first half is lost, windows of 10 s, ratings."""
    skin = 33 + np.random.default_rng(0).normal(size=240) / 50
    skin[:120] = np.nan
    recording = Recording("anna", {"temperature": Signal(skin, 4.0, "C")})
    windows, _ = make_windows([recording], length=10, step=10, keep_unrated=True)
    y = pd.DataFrame({"arousal": np.arange(6.0), "valence": 0.0}, index=windows.index)
    return windows, y


def test_rows_below_a_floor_are_left_out_and_counted():
    windows, y = half_missing()
    with pytest.warns(SignalWarning) as caught:
        table = extract_features(windows, min_quality=0.5)
    assert [str(one.message) for one in caught][-1] == (
        "3 of 6 rows have a quality below 0.5 and are left out"
    )
    assert table.attrs["dropped"] == 3
    assert y.loc[table.index, "arousal"].tolist() == [3.0, 4.0, 5.0]


def test_no_floor_keeps_every_row():
    windows, _ = half_missing()
    with pytest.warns(SignalWarning):
        assert len(extract_features(windows)) == 6
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        extract_features(windows, min_quality=2)


@pytest.mark.parametrize("raw", [True, False])
def test_the_model_is_fitted_with_the_quality_of_the_rows(raw):
    windows, y = half_missing()
    features = FeatureExtractor() if raw else None
    pipeline = build_pipeline(
        RemembersWeights(), features=features, weights="quality", normalise="subject", groups=None
    )
    assert isinstance(clone(pipeline), QualityPipeline)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SignalWarning)
        pipeline.fit(windows if raw else extract_features(windows), y)
    np.testing.assert_array_equal(pipeline["model"].weights_, [0, 0, 0, 1, 1, 1])


def test_own_weights_take_the_place_of_quality_and_there_may_be_none():
    table = pd.DataFrame({"eda__quality": [0.0, 0.0], "eda__scl": [1.0, 2.0]})
    y = pd.DataFrame({"arousal": [1.0, 2.0]})
    pipeline = build_pipeline(RemembersWeights(), weights="quality", groups=None)
    assert pipeline.fit(table, y)["model"].weights_.tolist() == [1, 1]
    pipeline.fit(table, y, model__sample_weight=[1.0, 3.0])
    assert pipeline["model"].weights_ == [1.0, 3.0]
    plain = build_pipeline(RemembersWeights(), groups=None)
    assert plain.fit(table, y)["model"].weights_ is None


def test_quality_is_that_of_the_sensors_that_are_there():
    table = pd.DataFrame({"a__quality": [1.0, np.nan], "b__quality": [0.0, np.nan]})
    assert row_quality(table).tolist() == [0.5, 0.0]
    assert quality_weights(table).tolist() == [0.5, 0.0]
    with pytest.raises(ArgumentError, match="__quality"):
        row_quality(pd.DataFrame({"a": [1.0]}))
    with pytest.raises(ArgumentError, match="quality"):
        build_pipeline(weights="quallity")


def people(n_people=4, n_rows=10, seed=0):
    """Return a feature table with good and poor rows, and ratings."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{number}" for number in range(n_people)], ["1"], range(n_rows)],
        names=["subject", "trial", "window"],
    )
    X = pd.DataFrame(rng.normal(size=(len(index), 2)), index, ["eda__scl_mean", "ecg__hr_mean"])
    X["eda__quality"], X["ecg__quality"] = rng.choice([0.0, 0.4, 1.0], (2, len(index)))
    y = pd.DataFrame({"valence": X["eda__scl_mean"], "arousal": rng.normal(size=len(index))})
    return X, y


class SaysItsWeight(RegressorMixin, BaseEstimator):
    """Predict the mean weight of the rows that it was fitted with."""

    def fit(self, X, y, sample_weight=None):
        self.mean_ = np.mean(sample_weight)
        self.n_targets_ = np.shape(y)[1]
        return self

    def predict(self, X):
        return np.full((len(X), self.n_targets_), self.mean_)


def test_weights_and_rows_left_out_reach_every_fold():
    X, y = people()
    good = X[row_quality(X) >= 0.3]
    rated = y.loc[good.index]
    pipeline = build_pipeline(SaysItsWeight(), weights="quality")
    expected = {
        subject: row_quality(good.drop(index=subject)).mean()
        for subject in good.index.unique("subject")
    }
    result = evaluate(pipeline, good, rated, cv="leave-one-subject-out")
    found = result.predictions
    assert len(found) == len(good) < len(X)
    for subject, rows in found.groupby("subject"):
        np.testing.assert_allclose(
            rows[["valence_predicted", "arousal_predicted"]], expected[subject]
        )
    scores = cross_validate(
        pipeline, good, rated, cv=GroupedKFold(4), scoring="r2", return_estimator=True
    )
    means = [fitted["model"].mean_ for fitted in scores["estimator"]]
    np.testing.assert_allclose(sorted(means), sorted(expected.values()))


def test_a_recipe_leaves_poor_rows_out_and_weighs_the_others(tmp_path):
    recordings = simulate_recordings(n_subjects=2, minutes=0.5, seed=3)
    spoilt = {name: lost(one) for name, one in recordings[0].signals.items()}
    write_eleven_column([replace(recordings[0], signals=spoilt), recordings[1]], tmp_path / "data")
    tables = {"model": {"weights": "quality", "min_quality": 0.5}}
    tables["features"] = {"modalities": ["eda", "temperature"]}
    with pytest.warns(SignalWarning, match="usable signal"):
        made = make_tables(make_recipe(tables), tmp_path / "data", tmp_path / "out")
    windows = made.X.groupby(level="subject").size()
    assert windows.iloc[0] < windows.iloc[1]
    assert made.y.index.equals(made.X.index)
    assert "rows have a quality below 0.5 and are left out" in made.note
    assert made.y.attrs["scale"] == dict.fromkeys(made.y, (1.0, 9.0))
    assert len(StudyTables.load(tmp_path / "out").X) == len(made.X)
    assert isinstance(made.recipe.pipeline(), QualityPipeline)
    with pytest.raises(RecipeError, match=r"\[model\]: min_quality must be from 0 to 1"):
        make_recipe({"model": {"min_quality": 50.0}})


def lost(signal):
    """Lose the first half of a signal."""
    values = signal.values.copy()
    values[:, : signal.n_samples // 2] = np.nan
    return replace(signal, values=values)


def table_of(zero, n_people=20):
    """Five windows a person; quality 0 in `zero` of the windows of each of some people."""
    people = [f"S{number:02}" for number in range(n_people)]
    index = pd.MultiIndex.from_product(
        [people, [1], range(5)], names=["subject", "trial", "window"]
    )
    values = [[0.0] * zero.get(one, 0) + [0.8] * (5 - zero.get(one, 0)) for one in people]
    return pd.DataFrame({"eda__quality": np.ravel(values), "ecg__quality": 1.0}, index=index)


def test_a_sensor_without_signal_in_most_people_is_asked_about():
    everyone = dict.fromkeys([f"S{number:02}" for number in range(20)], 3)
    (line,) = unusable_sensors(table_of(everyone))
    assert line.startswith("eda has quality 0 in most windows of all 20 people: are the columns")
    assert line.endswith("(expected: 0.01 to 100 uS)")
    (line,) = unusable_sensors(table_of(everyone | {"S03": 0}))
    assert "of 19 of 20 people: are the columns in the right order" in line


def test_a_sensor_without_signal_in_some_people_is_named_with_them():
    (line,) = unusable_sensors(table_of({"S03": 5, "S07": 3, "S09": 2}))
    assert "in most windows of 2 of 20 people (S03, S07)" in line
    assert unusable_sensors(table_of({"S03": 2})) == []
    lacking = table_of({"S03": 5})
    lacking.loc["S03", "eda__quality"] = np.nan  # a person who lacks the sensor
    assert unusable_sensors(lacking) == []


@pytest.mark.parametrize(
    ("name", "wrong"), [("eda", 5000.0), ("temperature", 307.0), ("eeg", 1e5), ("eda", 0.001)]
)
def test_implausible_signals_are_said_in_the_headline_and_by_evaluate(name, wrong):
    """Nanosiemens for microsiemens, kelvin for Celsius, and an EEG of 100 mV."""
    rng = np.random.default_rng(0)
    unit = MODALITIES[name].unit
    recordings = []
    for subject in "abcdef":
        scale = Ratings.constant({"arousal": rng.uniform(1, 9)}, scale={"arousal": (1, 9)})
        signals = {
            name: Signal(wrong * (1 + 0.2 * rng.normal(size=1000)), 50.0, unit),
            "acceleration": Signal(rng.normal(size=(3, 1000)), 50.0, "g"),
        }
        recordings.append(Recording(subject, signals, scale))
    windows, y = make_windows(recordings, length=10, step=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = extract_features(windows)
        found = evaluate(
            build_pipeline(estimator="ridge"), X, y, cv="leave-one-subject-out"
        ).findings
    headline = describe_table(X, y, [])[1]
    assert f"{name} has quality 0 in most windows of all 6 people: are the columns" in headline
    assert headline.rstrip("?") in [one.seen for one in found if one.check == "unusable_sensor"]


def test_windows_that_lack_a_rating_are_counted_from_the_first_on_without_rest():
    index = pd.MultiIndex.from_product([["a"], ["1"], [-2, -1, 0, 1]])
    index.names = ["subject", "trial", "window"]
    y = pd.DataFrame({"valence": [np.nan, np.nan, np.nan, 5.0]}, index)
    X = pd.DataFrame({"eda__quality": 1.0}, index)
    lines = describe_table(X, y, [])
    assert "valence: 1 of 2 windows are not rated (a)" in lines
