import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from physio_vad import Recording, Signal, make_windows
from physio_vad.evaluation import evaluate
from physio_vad.exceptions import ArgumentError, GroupsError, MissingSensorWarning
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.pipeline import STEPS, build_pipeline, deploy
from physio_vad.preprocessing import TableScaler
from physio_vad.recording.ratings import Ratings
from physio_vad.regressors import MODELS
from physio_vad.regressors.base import MultiTargetRegressor
from physio_vad.synthetic import simulate_ppg


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [list("abcdef"), ["1", "2"], range(-2, 6)], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame(
        rng.normal(size=(len(index), 5)), index=index, columns=[f"eda__f{i}" for i in range(5)]
    )
    y = pd.DataFrame({"valence": X["eda__f0"], "arousal": X["eda__f0"] + X["eda__f1"]})
    return X, y + 0.1 * rng.normal(size=y.shape)


@pytest.fixture
def recordings():
    rng = np.random.default_rng(1)
    made = []
    for subject in "abcd":
        for trial in "12":
            level = rng.normal()
            skin = Signal(33 + level + 0.01 * rng.normal(size=400), sfreq=4.0, unit="C")
            ratings = Ratings.constant({"valence": 5 + level, "arousal": 5 - level})
            made.append(Recording(subject, {"temperature": skin}, ratings, trial=trial))
    return made


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("estimator", ["lightgbm", "ridge", Ridge(), RandomForestRegressor(9)])
def test_steps_are_always_the_same(model, estimator):
    if "estimator" not in MODELS[model]().get_params():
        pytest.skip("not made of one estimator")
    pipeline = build_pipeline(model, estimator=estimator, normalise="subject", select=3)
    assert type(pipeline) is Pipeline
    assert tuple(pipeline.named_steps) == STEPS


def test_models_fill_missing_features_themselves_and_trees_need_no_scale():
    for estimator in ("lightgbm", "extra_trees", RandomForestRegressor()):
        steps = build_pipeline(estimator=estimator).named_steps
        assert (steps["impute"], steps["scale"]) == ("passthrough", "passthrough")
    for estimator in ("ridge", "svr", LinearRegression()):
        steps = build_pipeline(estimator=estimator).named_steps
        assert steps["impute"] == "passthrough" != steps["scale"]
    steps = build_pipeline(LinearRegression()).named_steps
    assert "passthrough" not in (steps["impute"], steps["scale"])


@pytest.mark.parametrize("normalise", [None, "subject", "baseline"])
@pytest.mark.parametrize("model", ["multioutput", "chain"])
def test_missing_features_and_ratings(people, model, normalise):
    X, y = people
    X = X.mask(np.random.default_rng(3).random(X.shape) < 0.1).assign(eda__f4=np.nan)
    y[y.index.get_level_values("window") < 0] = np.nan
    y.loc[["b", "c"], "arousal"] = np.nan
    pipeline = build_pipeline(
        model, estimator="ridge", normalise=normalise, select=4, random_state=0
    ).fit(X, y)
    assert pipeline.predict(X).shape == (96, 2)
    assert pipeline.score(X, y) > 0.3
    full = X.assign(eda__f4=1e9)
    np.testing.assert_array_equal(pipeline.predict(full), pipeline.predict(X))


@pytest.mark.parametrize("model", ["multioutput", "chain"])
def test_plain_scikit_learn_cross_validation(people, model):
    X, y = people
    result = cross_validate(
        build_pipeline(model, random_state=0),
        X,
        y,
        groups=X.index.get_level_values("subject"),
        cv=LeaveOneGroupOut(),
        error_score="raise",
    )
    assert len(result["test_score"]) == 6
    assert np.mean(result["test_score"]) > 0.5


def test_a_grid_may_swap_the_model_and_keep_the_index(people):
    X, y = people
    groups = X.index.get_level_values("subject")
    grid = GridSearchCV(
        build_pipeline("chain", estimator="ridge", normalise="subject", random_state=0),
        {
            "model": [build_pipeline(m, random_state=0)[-1] for m in ("chain", "multioutput")],
            "normalise": ["passthrough"],
            "model__estimator__n_estimators": [5, 20],
        },
        cv=GroupKFold(3),
        error_score="raise",
    ).fit(X, y, groups=groups)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()


def test_a_swapped_step_that_loses_the_index_is_explained(people):
    X, y = people
    pipeline = build_pipeline("chain", estimator="ridge").set_params(scale=StandardScaler())
    with pytest.raises(GroupsError, match=r"swapped in.*set_output\(transform='pandas'\)"):
        pipeline.fit(X, y)
    pipeline.set_params(scale=StandardScaler().set_output(transform="pandas")).fit(X, y)


def test_plain_arrays_take_groups_at_fit(people):
    X, y = people
    subjects = X.index.get_level_values("subject").to_numpy()
    pipeline = build_pipeline("chain", random_state=0)
    with pytest.raises(GroupsError, match="model__groups"):
        pipeline.fit(X.to_numpy(), y.to_numpy())
    pipeline.fit(X.to_numpy(), y.to_numpy(), model__groups=subjects)
    with_index = build_pipeline("chain", random_state=0).fit(X, y)
    np.testing.assert_array_equal(pipeline.predict(X.to_numpy()), with_index.predict(X))
    build_pipeline("chain", groups=None, random_state=0).fit(X.to_numpy(), y.to_numpy())


def test_groups_are_routed_as_metadata(people):
    X, y = people
    subjects = X.index.get_level_values("subject").to_numpy()
    with config_context(enable_metadata_routing=True):
        result = cross_validate(
            build_pipeline("multioutput").set_params(
                model=build_pipeline("chain", estimator="ridge", random_state=0)[-1]
            ),
            X.to_numpy(),
            y.to_numpy(),
            cv=GroupKFold(3),
            params={"groups": subjects},
            error_score="raise",
        )
    assert np.mean(result["test_score"]) > 0.5


def test_targets_default_to_the_columns_of_y(people):
    X, y = people
    stress = (y["valence"] < 0).astype(float).rename("stress")
    pipeline = build_pipeline().fit(X, stress.to_frame())
    assert pipeline[-1].target_names_ == ["stress"]
    chosen = build_pipeline(targets=("arousal",), select=2).fit(X, y)
    assert chosen.predict(X).shape == (96, 1)
    with pytest.raises(ArgumentError, match="'dominance'; its columns are 'valence', 'arousal'"):
        build_pipeline(targets=("dominance",)).fit(X, y)


@pytest.mark.parametrize("model", ["multioutput", "chain"])
def test_clone_pickle_and_set_params_keep_everything(people, model):
    X, y = people
    pipeline = build_pipeline(model, normalise="subject", select=3, random_state=0).fit(X, y)
    again = clone(pipeline).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), pipeline.predict(X))
    copied = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(copied.predict(X), pipeline.predict(X))
    same = build_pipeline(model).set_params(**pipeline.get_params()).fit(X, y)
    np.testing.assert_array_equal(same.predict(X), pipeline.predict(X))


def test_raw_door_and_deploy_agree(recordings):
    windows, y = make_windows(recordings, length=20, step=10)
    table = build_pipeline("chain", random_state=0).fit(extract_features(windows), y)
    raw = build_pipeline("chain", features=FeatureExtractor(), random_state=0).fit(windows, y)
    deployed = deploy(table, FeatureExtractor())
    np.testing.assert_array_equal(raw.predict(windows), table.predict(extract_features(windows)))
    np.testing.assert_array_equal(deployed.predict(windows), raw.predict(windows))
    copied = pickle.loads(pickle.dumps(deployed))
    np.testing.assert_array_equal(copied.predict(windows), raw.predict(windows))
    assert table.named_steps["features"] == "passthrough"


@pytest.fixture
def mixed(recordings):
    """Some people with a second sensor."""
    beats = np.arange(0.5, 100.0, 0.8)
    pulse = Signal(simulate_ppg(beats, 64.0, 100.0), sfreq=64.0, unit="a.u.")
    more = (replace(one, signals={**one.signals, "ppg": pulse}) for one in recordings[6:])
    return [*recordings[:6], *more]


@pytest.mark.parametrize("model", ["multioutput", Ridge()])
def test_a_missing_sensor_is_told_once_and_not_while_a_model_is_made(mixed, model):
    windows, y = make_windows(mixed, length=20, step=10)
    raw = build_pipeline(model, features=FeatureExtractor())
    evaluate(raw, windows, y)
    deployed = deploy(build_pipeline(model).fit(extract_features(windows), y), FeatureExtractor())
    deployed.predict(windows.loc[["d"]])  # has both sensors
    with pytest.warns(MissingSensorWarning, match="no ppg of a, b; .*temperature") as caught:
        assert np.isfinite(deployed.predict(windows.loc[["a", "b"]])).all()
    assert len(caught) == 1


def test_what_cannot_be_deployed(recordings, people):
    windows, y = make_windows(recordings, length=20, step=10)
    X = extract_features(windows)
    raw = build_pipeline(features=FeatureExtractor()).fit(windows, y)
    with pytest.raises(ArgumentError, match="the first step of this one"):
        deploy(raw, FeatureExtractor())
    with pytest.raises(ArgumentError, match="without column names"):
        deploy(build_pipeline().fit(X.to_numpy(), y), FeatureExtractor())
    with pytest.raises(ArgumentError, match="such as 'own__thing'"):
        deploy(build_pipeline().fit(X.assign(own__thing=1.0), y), FeatureExtractor())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"model": "chian"}, "did you mean 'chain'"),
        ({"model": LinearRegression}, "regressor instance"),
        ({"estimator": "lihgtgbm"}, "did you mean 'lightgbm'"),
        ({"normalise": "subjects"}, "did you mean 'subject'"),
        ({"select": "best"}, "select must be a number"),
        ({"features": "all"}, "features must be a FeatureExtractor"),
    ],
)
def test_wrong_arguments(arguments, text):
    with pytest.raises(ArgumentError, match=text):
        build_pipeline(**arguments)


def test_any_regressor_can_be_the_model(people):
    X, y = people
    pipeline = build_pipeline(make_pipeline(StandardScaler(), Ridge())).fit(X, y)
    assert pipeline.predict(X).shape == (96, 2)


class FirstFeature(MultiTargetRegressor):
    """Predicts the first feature: a model of somebody who chooses no estimator."""

    def __init__(self, *, targets=None):
        self.targets = targets

    def _fit(self, training):
        self.n_targets_ = training.Y.shape[1]

    def _predict(self, X):
        return np.repeat(X[:, :1], self.n_targets_, axis=1)


def test_only_who_scales_inside_or_is_made_of_trees_gets_features_as_they_are():
    assert isinstance(build_pipeline(FirstFeature()).named_steps["scale"], TableScaler)
    assert isinstance(build_pipeline(estimator="ridge").named_steps["scale"], TableScaler)
    for model in MODELS:
        assert build_pipeline(model).named_steps["scale"] == "passthrough"
