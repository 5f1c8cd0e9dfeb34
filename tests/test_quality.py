"""Quality of rows: as a floor and as weights."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone

from physio_vad import (
    FeatureExtractor,
    Recording,
    Signal,
    build_pipeline,
    extract_features,
    make_windows,
)
from physio_vad.exceptions import ArgumentError, SignalWarning
from physio_vad.pipeline import QualityPipeline
from physio_vad.quality import quality_weights, row_quality


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
