import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold, cross_val_score

from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.regressors import (
    CrossFittedChain,
    JointRegressor,
    KernelRegressor,
    MultiOutput,
    Stack,
)
from physio_vad.regressors.stack import boosting, extra_trees
from physio_vad.regressors.weights import FoldSums, stack_weights

SMALL = ("ridge", "kernel_ridge")


def test_no_person_is_on_both_sides_and_weights_are_there(people, recorder):
    class AsItIs(type(recorder)):
        """Is given unscaled features, in which the person can be read."""

        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.allow_nan = True
            return tags

    X, y = people
    weight = np.linspace(0.1, 2, len(y))
    subjects = X.index.get_level_values("subject").str[1:].astype(float)
    X = X.assign(**{X.columns[0]: subjects})
    stack = Stack([MultiOutput(AsItIs())], groups="subject", cv=4, random_state=0)
    stack.fit(X, y, sample_weight=weight)
    inner = [entry for entry in recorder.log if entry["predict"]]
    assert len(inner) == 4 * 3
    for entry in recorder.log:
        assert entry["weight"] is not None
        for held_out in entry["predict"]:
            assert not set(entry["fit"][:, 0]) & set(held_out[:, 0])


def test_the_better_member_has_the_weight(people):
    X, y = people
    stack = Stack(
        [MultiOutput(LinearRegression()), MultiOutput("lightgbm")], groups="subject", random_state=0
    ).fit(X, y)
    assert (stack.weights_[:, 0] > stack.weights_[:, 1]).all()


def test_a_chain_is_a_member_with_people_too(people):
    X, y = people
    stack = Stack(["ridge", CrossFittedChain("ridge", groups="subject")], groups="subject", cv=3)
    assert stack.fit(X, y).predict(X).shape == y.shape


def test_falls_back_to_the_mean_where_nothing_helps(people):
    X, y = people
    noise = y.copy()
    noise[:] = np.random.default_rng(0).normal(5, 1, size=y.shape)
    stack = Stack(SMALL, groups="subject", random_state=0).fit(X, noise)
    plain = MultiOutput(KernelRegressor(alpha=0.01)).fit(X, noise)
    fresh = np.random.default_rng(1).normal(size=(500, 6))
    spread = [np.std(model.predict(pd_like(X, fresh)), axis=0) for model in (stack, plain)]
    assert (spread[0] < 0.7 * spread[1]).all()


def pd_like(X, values):
    return type(X)(values, columns=X.columns)


def test_missing_features_and_ratings(partly_rated):
    X, y = partly_rated
    X = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    stack = Stack(("lightgbm", *SMALL), groups="subject", random_state=0).fit(X, y)
    assert np.isfinite(stack.predict(X)).all()
    assert stack.score(X, y) > 0.5


def test_targets_rated_by_different_people(people):
    X, y = people
    subject = X.index.get_level_values("subject")
    y["valence"] = y["valence"].where(subject < "s02")
    y["dominance"] = y["dominance"].where(subject >= "s05")
    assert Stack(SMALL, groups="subject", random_state=0).fit(X, y).predict(X).shape == (96, 3)


def test_a_target_rated_by_one_person(people):
    X, y = people
    subject = X.index.get_level_values("subject")
    y["valence"] = y["valence"].where(subject == "s01")
    assert Stack(SMALL, groups="subject", random_state=0).fit(X, y).predict(X).shape == (96, 3)
    trial = X.index.get_level_values("trial")
    y["valence"] = y["valence"].where(trial == "1")
    with pytest.raises(GroupsError):
        Stack(SMALL, groups="subject").fit(X, y)


def test_pickle_threads_and_few_rows_change_nothing(partly_rated):
    X, y = partly_rated
    trees = JointRegressor(ExtraTreesRegressor(20))
    stack = Stack(["lightgbm", trees], groups="subject", cv=2, random_state=0).fit(X, y)
    copied = pickle.loads(pickle.dumps(stack))
    np.testing.assert_array_equal(copied.predict(X), stack.predict(X))
    again = clone(stack).set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), stack.predict(X))
    np.testing.assert_allclose(stack.predict(X.iloc[:1]), stack.predict(X)[:1], rtol=1e-12)


def test_an_outlier_is_bounded(people):
    X, y = people
    stack = Stack(["ridge"], groups="subject", random_state=0).fit(X, y)
    far = stack.predict(X.iloc[:1] + 1e6)[0]
    assert (far < y.max() + 2 * (y.max() - y.min())).all()


def test_nested_in_scikit_learn(people):
    X, y = people
    subjects = X.index.get_level_values("subject")
    stack = Stack(SMALL, groups="subject", random_state=0)
    scores = cross_val_score(stack, X, y, groups=subjects, cv=GroupKFold(4), error_score="raise")
    assert (scores > 0.5).all()


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (["rigde"], "did you mean 'ridge'"),
        ([], "at least one"),
        ("ridge", "at least one"),
        ([LinearRegression()], r"MultiOutput\(your_regressor\)"),
    ],
)
def test_wrong_members(people, members, text):
    with pytest.raises(ArgumentError, match=text):
        Stack(members, groups="subject").fit(*people)


def sums_of(predictions, truth, folds, n_units=1000, weight=None):
    return FoldSums.of(predictions, truth, folds, n_units, weight)


def test_weights_are_least_squares_where_nothing_is_shrunk():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    predictions = np.column_stack([truth, truth, truth]) + rng.normal(size=(400, 3))
    by_hand = np.linalg.lstsq(predictions, truth, rcond=None)[0]
    sums = sums_of(predictions, truth, np.arange(400) % 4)
    np.testing.assert_allclose(stack_weights([sums], 0.0)[0][0], by_hand)


def test_strong_shrinkage_gives_every_target_the_common_weights():
    rng = np.random.default_rng(2)
    folds = np.arange(400) % 4
    truths = rng.normal(size=(2, 400))
    noise = rng.normal(size=(2, 400, 2)) * [[[0.5, 1.0]], [[1.0, 0.5]]]
    sums = [sums_of(t[:, None] + n, t, folds) for t, n in zip(truths, noise, strict=True)]
    free, strong = stack_weights(sums, 0.0)[0], stack_weights(sums, 1e9)[0]
    assert free[0, 0] > free[0, 1] + 0.2
    assert free[1, 1] > free[1, 0] + 0.2
    np.testing.assert_allclose(strong[0], strong[1], rtol=1e-6)
    np.testing.assert_allclose(strong[0, 0], strong[0, 1], rtol=0.2)


def test_a_scale_of_one_target_moves_no_weight():
    rng = np.random.default_rng(3)
    folds = np.arange(120) % 3
    truths = rng.normal(size=(2, 120))
    predictions = truths[:, :, None] + rng.normal(size=(2, 120, 3))
    plain = [sums_of(predictions[t], truths[t], folds, 12) for t in range(2)]
    large = [plain[0], sums_of(1e3 * predictions[1], 1e3 * truths[1], folds, 12)]
    np.testing.assert_allclose(stack_weights(plain)[0], stack_weights(large)[0], rtol=1e-6)


def test_weights_of_rows_count_like_repeated_rows():
    rng = np.random.default_rng(1)
    truth, folds = rng.normal(size=60), np.arange(60) % 3
    predictions = truth[:, None] + rng.normal(size=(60, 2))
    weight = rng.integers(1, 4, size=60)
    weighted = stack_weights([sums_of(predictions, truth, folds, weight=weight)])
    again = np.repeat(np.arange(60), weight)
    repeated = stack_weights([sums_of(predictions[again], truth[again], folds[again])])
    np.testing.assert_allclose(weighted[0], repeated[0])
    assert weighted[1] == repeated[1]


def test_a_target_of_few_people_borrows_the_weights_of_the_others(people):
    X, y = people
    subject = X.index.get_level_values("subject")
    y["dominance"] = y["dominance"].where(subject < "s02")
    stack = Stack(SMALL, groups="subject", random_state=0).fit(X, y)
    assert stack.shrinkage_[2] == 125
    assert stack.shrinkage_[0] < 2
    common = Stack(SMALL, groups="subject", random_state=0, shrinkage=1e9).fit(X, y).weights_
    np.testing.assert_allclose(stack.weights_[2], common[0], atol=0.05)


def test_trees_are_bounded_in_a_large_table():
    small, large, long = (
        extra_trees(*shape).get_params() for shape in ((300, 10), (2400, 120), (120_000, 120))
    )
    assert (small["n_estimators"], large["n_estimators"]) == (200, 30)
    assert (small["max_features"], large["max_features"]) == (1.0, 20)
    assert (large["max_samples"], long["max_samples"]) == (None, 5000)
    assert boosting(300, 10).n_estimators > boosting(2400, 120).n_estimators
