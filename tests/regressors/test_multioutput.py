import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.multioutput import MultiOutputRegressor

from physio_vad.exceptions import ArgumentError
from physio_vad.regressors import ESTIMATORS, MultiOutput, make_estimator


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_equals_scikit_learn_where_targets_are_complete(people, name):
    X, y = people[0].to_numpy(), people[1].to_numpy()
    ours = MultiOutput(name, random_state=0).fit(X, y).predict(X)
    base = make_estimator(name)
    if "random_state" in base.get_params():
        base.set_params(random_state=0)
    theirs = MultiOutputRegressor(base).fit(X, y).predict(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_missing_target_costs_its_own_rows_only(partly_rated, recorder):
    X, y = partly_rated
    model = MultiOutput(recorder).fit(X, y)
    assert [len(entry["y"]) for entry in recorder.log] == [96, 96, 60]
    rated = y["dominance"].notna()
    alone = MultiOutput(recorder).fit(X[rated], y.loc[rated, "dominance"])
    np.testing.assert_allclose(model.predict(X)[:, 2], alone.predict(X))


def test_weights_reach_every_fit(people, recorder):
    X, y = people
    weight = np.linspace(0.1, 2, len(y))
    MultiOutput(recorder).fit(X, y, sample_weight=weight)
    for entry in recorder.log:
        np.testing.assert_array_equal(entry["weight"], weight)


def test_weights_for_an_estimator_that_takes_none(people):
    from sklearn.neighbors import KNeighborsRegressor

    with pytest.raises(ArgumentError, match="KNeighborsRegressor takes none"):
        MultiOutput(KNeighborsRegressor()).fit(*people, sample_weight=np.ones(96))


def test_a_target_without_any_rating_is_named(people):
    X, y = people
    with pytest.raises(ArgumentError, match="rating of 'arousal'"):
        MultiOutput("ridge").fit(X, y.assign(arousal=np.nan))


def test_targets_pick_and_order_columns(people):
    X, y = people
    model = MultiOutput("ridge", targets=["dominance", "valence"]).fit(X, y.assign(stress=0))
    assert model.target_names_ == ["dominance", "valence"]
    every = MultiOutput("ridge").fit(X, y).predict(X)
    np.testing.assert_allclose(model.predict(X), every[:, [2, 0]])
    assert model.score(X, y) == pytest.approx(
        np.mean([MultiOutput("ridge").fit(X, y[t]).score(X, y[t]) for t in model.target_names_])
    )


def test_a_target_that_is_not_there_lists_those_that_are(people):
    X, y = people
    with pytest.raises(ArgumentError, match=r"no column 'stress'; its columns are 'valence'"):
        MultiOutput("ridge", targets=["stress"]).fit(X, y)
    with pytest.raises(ArgumentError, match="3 columns without names and targets names 2"):
        MultiOutput("ridge", targets=["a", "b"]).fit(X, y.to_numpy())


def test_one_dimension_in_one_dimension_out(people):
    X, y = people
    for target in (y["valence"], y["valence"].to_numpy()):
        assert MultiOutput("ridge").fit(X, target).predict(X).shape == (96,)
    assert MultiOutput("ridge").fit(X, y[["valence"]]).predict(X).shape == (96, 1)


def test_score_leaves_missing_ratings_out(partly_rated):
    X, y = partly_rated
    model = MultiOutput("ridge").fit(X, y)
    rated = y["dominance"].notna()
    by_hand = np.mean(
        [
            1 - ((y[t] - p)[keep] ** 2).sum() / ((y[t] - y[t][keep].mean())[keep] ** 2).sum()
            for t, p, keep in zip(
                y, model.predict(X).T, [rated | True, rated | True, rated], strict=True
            )
        ]
    )
    assert model.score(X, y) == pytest.approx(by_hand)
    assert np.isnan(model.score(X, y * np.nan))


def test_clone_pickle_and_threads_change_nothing(partly_rated):
    X, y = partly_rated
    model = MultiOutput("extra_trees", random_state=3).fit(X, y)
    assert clone(model).get_params() == model.get_params()
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(X), model.predict(X))
    parallel = clone(model).set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(parallel.predict(X), model.predict(X))


def test_side_by_side_means_one_thread_each(people):
    from lightgbm import LGBMRegressor

    greedy = LGBMRegressor(n_estimators=2, n_jobs=-1, verbosity=-1)
    fitted = MultiOutput(greedy, n_jobs=2).fit(*people)
    assert [one.n_jobs for one in fitted.estimators_] == [1, 1, 1]


def test_names_are_remembered_and_checked(people):
    X, y = people
    model = MultiOutput("lightgbm").fit(X, y)
    assert model.feature_names_in_.tolist() == list(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[X.columns[::-1]])


def test_a_window_table_is_no_feature_table(people):
    X, y = people
    with pytest.raises(ArgumentError, match=r"column 'recording' is not.*extract_features"):
        MultiOutput("ridge").fit(X.assign(recording=object()), y)


def test_unknown_estimators():
    X, y = np.zeros((4, 1)), np.zeros(4)
    with pytest.raises(ArgumentError, match="did you mean 'ridge'"):
        MultiOutput("rigde").fit(X, y)
    with pytest.raises(ArgumentError, match="regressor instance"):
        MultiOutput(MultiOutputRegressor).fit(X, y)


def test_infinite_targets_are_refused():
    with pytest.raises(ValueError, match="infinity"):
        MultiOutput("ridge").fit(np.zeros((3, 1)), pd.Series([1.0, np.inf, 2.0]))
