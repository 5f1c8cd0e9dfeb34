"""The default estimator: falls back to the mean, keeps people whole, bears outliers."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.normal_scores import NormalScores
from physio_vad.regressors import Blend, CrossFittedChain, MultiOutput
from physio_vad.regressors.rank_ridge import fit_ridges


@pytest.fixture
def people():
    return np.repeat(np.arange(12), 20)


@pytest.fixture
def X(people):
    return np.random.default_rng(0).normal(size=(len(people), 8))


def offsets(people, seed):
    """A rating that differs between people and follows nothing else."""
    return np.random.default_rng(seed).normal(size=12)[people]


def test_a_rating_without_any_signal_gets_nearly_the_mean(X, people):
    ratios = []
    for seed in range(6):
        y = offsets(people, seed) + np.random.default_rng(seed).normal(size=len(X))
        test = people < 4
        model = Blend(random_state=0).fit(X[~test], y[~test], groups=people[~test])
        error = model.predict(X[test]) - y[test]
        ratios.append(np.sqrt(np.mean(error**2) / np.mean((y[test] - y[~test].mean()) ** 2)))
    assert np.mean(ratios) < 1.005
    assert max(ratios) < 1.025


def test_a_strong_signal_is_found_linear_or_not(X, people):
    test = people < 3
    for y in (X[:, 0] + X[:, 1], np.abs(X[:, 0]) * 2):
        model = Blend(random_state=0).fit(X[~test], y[~test], groups=people[~test])
        assert model.score(X[test], y[test]) > 0.6


def test_people_left_out_are_predicted_as_by_the_ridge_of_the_others(people):
    random = np.random.default_rng(1)
    X = random.normal(size=(len(people), 5))
    y, weight = X[:, 0] + random.normal(size=len(X)), random.uniform(0.5, 2, len(X))
    Y, folds = np.column_stack([y, -2 * y + X[:, 1]]), people % 3
    (ridge, other), out_of_fold = fit_ridges(X, Y, weight, folds)
    Z, rest = ridge.basis.design(X), folds != 1
    gram = (Z[rest].T * weight[rest]) @ Z[rest]
    penalty = ridge.alpha * weight[rest].sum() * np.eye(len(gram))
    coef = np.linalg.solve(gram + penalty, (Z[rest].T * weight[rest]) @ y[rest])
    np.testing.assert_allclose(out_of_fold[~rest, 0], Z[~rest] @ coef, atol=1e-6)
    alone, left_out = fit_ridges(X, Y[:, 1:], weight, folds)
    np.testing.assert_allclose(other.predict(X), alone[0].predict(X), atol=1e-8)
    np.testing.assert_allclose(out_of_fold[:, 1:], left_out, atol=1e-8)


def test_the_ridge_predicts_what_its_columns_say_and_a_constant_is_not_shrunk(X, people):
    y = 1e4 + X[:, 0]
    (ridge,), _ = fit_ridges(X, y[:, np.newaxis], np.ones(len(X)), people % 4)
    coef = ridge.basis.whitening @ np.linalg.pinv(ridge.basis.whitening) @ ridge.coef_of_kernels
    np.testing.assert_allclose(coef, ridge.coef_of_kernels)
    assert abs(ridge.predict(X).mean() - y.mean()) < 1e-3
    many = np.tile(X, (30, 1))  # more rows than are in memory at once
    np.testing.assert_array_equal(ridge.predict(many), np.tile(ridge.predict(X), 30))


def test_kernels_find_what_no_line_can(people):
    X = np.random.default_rng(5).normal(size=(len(people), 2))
    y, test = (np.hypot(*X.T) > 1.2).astype(float), people < 3
    (ridge,), _ = fit_ridges(X[~test], y[~test, np.newaxis], np.ones((~test).sum()), people[~test])
    assert np.corrcoef(ridge.predict(X[test]), y[test])[0, 1] > 0.8


def test_trees_see_enough_columns_of_a_narrow_table(people):
    X = np.random.default_rng(6).normal(size=(len(people), 4))
    y, test = np.sign(X[:, 0] * X[:, 1]), people < 3
    model = Blend(random_state=0).fit(X[~test], y[~test], groups=people[~test])
    boosted = np.mean([one.predict(X[test]) for one in model.boosters_], axis=0)
    assert np.corrcoef(boosted, y[test])[0, 1] > 0.6  # a tree of one column sees no product


def test_a_wild_value_counts_no_more_than_the_largest_of_the_training(X):
    ranks = NormalScores(X)
    wild = X[:1].copy()
    wild[0, 2] = 264.0
    most = X[:1].copy()
    most[0, 2] = X[:, 2].max()
    np.testing.assert_array_equal(ranks.transform(wild), ranks.transform(most))


def test_ranks_are_normal_scores_and_missing_or_constant_is_0():
    X = np.column_stack([np.arange(1001.0), np.full(1001, 3.0), np.full(1001, np.nan)])
    Z = NormalScores(X).transform(np.array([[500.0, 9.0, 1.0], [841.0, 3.0, np.nan], [np.nan] * 3]))
    np.testing.assert_allclose(Z[:, 0], [0.0, 1.0, 0.0], atol=0.01)
    assert (Z[:, 1:] == 0).all()


@pytest.mark.parametrize("model", [MultiOutput, CrossFittedChain])
def test_models_hand_on_people_weights_and_missing_ratings(model, X, people):
    index = pd.MultiIndex.from_arrays([people, np.arange(len(people))], names=["subject", "window"])
    Y = np.column_stack([X[:, 0] + offsets(people, 0), X[:, 1] + offsets(people, 1)])
    Y[people == 3, 1] = np.nan
    weight = np.where(people == 2, 0.0, 1.0)
    kwargs = {} if model is MultiOutput else {"groups": "subject"}
    one = model(random_state=0, **kwargs).fit(pd.DataFrame(X, index), Y, sample_weight=weight)
    two = model(random_state=0, **kwargs).fit(X, Y, sample_weight=weight, groups=people)
    np.testing.assert_array_equal(one.predict(X), two.predict(X))
    first = one.estimators_[0]
    alone = Blend(random_state=0).fit(X, Y[:, 0], sample_weight=weight, groups=people)
    np.testing.assert_array_equal(first.predict(X), alone.predict(X))
    blind = Blend(random_state=0).fit(X, Y[:, 0], sample_weight=weight)
    assert not np.array_equal(first.weights_, blind.weights_)


def test_few_rows_and_a_single_person_are_no_error(X):
    for n_rows in (1, 2, 5):
        model = Blend().fit(X[:n_rows], np.arange(n_rows), groups=np.zeros(n_rows))
        assert np.isfinite(model.predict(X)).all()
    assert Blend().fit(X[:1], [4.0]).predict(X[:2]).tolist() == [4.0, 4.0]
