import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from physio_vad.regressors import JointRegressor, MultiOutput


def test_equals_the_estimator_on_standardised_targets(people):
    X, y = people[0].to_numpy(), people[1].to_numpy()
    trees = ExtraTreesRegressor(20, random_state=0)
    z = (y - y.mean(axis=0)) / y.std(axis=0)
    by_hand = trees.fit(X, z).predict(X) * y.std(axis=0) + y.mean(axis=0)
    np.testing.assert_allclose(JointRegressor(trees).fit(X, y).predict(X), by_hand)


def test_scales_of_the_targets_do_not_matter(people):
    X, y = people
    trees = ExtraTreesRegressor(20, random_state=0)
    plain = JointRegressor(trees).fit(X, y).predict(X)
    scaled = JointRegressor(trees).fit(X, y * [1, 1000, 1]).predict(X)
    np.testing.assert_allclose(scaled / [1, 1000, 1], plain)


def test_missing_ratings_cost_no_row(partly_rated, recorder):
    X, y = partly_rated
    model = JointRegressor(ExtraTreesRegressor(20, random_state=0)).fit(X, y)
    few, many = model.predict(X.iloc[:50]), model.predict(X)
    np.testing.assert_array_equal(few, many[:50])
    stand_in = MultiOutput("ridge").fit(X, y).predict(X)[:, 2]
    filled = y.assign(dominance=y["dominance"].fillna(dict(zip(y.index, stand_in, strict=True))))
    linear = JointRegressor("ridge").fit(X, y).predict(X)
    np.testing.assert_allclose(linear[:, 0], MultiOutput("ridge").fit(X, filled).predict(X)[:, 0])
