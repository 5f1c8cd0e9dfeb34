import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.regressors import SharedNetwork
from physio_vad.regressors.network import gradients, masked_loss, new_network

FAST = {"groups": "subject", "max_epochs": 60, "cv": 2, "random_state": 0}


@pytest.mark.parametrize("head_hidden", [0, 4])
@pytest.mark.parametrize("huber", [False, True])
def test_gradients_are_those_of_the_loss(head_hidden, huber):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(20, 5)), 2 * rng.normal(size=(20, 3))
    importance = (rng.random((20, 3)) < 0.7).astype(float)
    kinds = np.full(3, huber)
    network = new_network(5, 3, (6, 4), head_hidden, rng)
    for array in network.arrays():
        array[...] += 0.1 * rng.normal(size=array.shape)  # away from the kinks at 0
    slopes = gradients(network, X, Z, importance, kinds, learn_weights=False)
    n_rated = importance.sum()
    for array, slope in zip(network.arrays()[:-1], slopes[:-1], strict=True):
        at = np.unravel_index(int(np.abs(slope).argmax()), array.shape)
        losses = []
        for shift in (1e-6, -2e-6):
            array[at] += shift
            losses.append(masked_loss(network, X, Z, importance, kinds))
        array[at] += 1e-6
        numeric = (losses[0] - losses[1]) / 2e-6 * n_rated / len(X) / 2
        assert slope[at] == pytest.approx(numeric, rel=1e-4, abs=1e-9)


def test_learned_weights_settle_at_the_inverse_variance():
    rng = np.random.default_rng(0)
    network = new_network(2, 1, (3,), 0, rng)
    X, Z = rng.normal(size=(50, 2)), rng.normal(size=(50, 1))
    network.log_variance[:] = np.log(np.mean((network.predict(X) - Z) ** 2))
    slopes = gradients(network, X, Z, np.ones((50, 1)), np.array([False]), learn_weights=True)
    assert slopes[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"head_hidden": 8},
        {"loss": "huber"},
        {"loss": {"dominance": "huber"}},
        {"loss_weights": "learned"},
        {"loss_weights": {"valence": 2.0}},
    ],
)
def test_learns_what_is_there(partly_rated, options):
    X, y = partly_rated
    subjects = X.index.get_level_values("subject")
    network = SharedNetwork(**FAST | options)
    scores = cross_val_score(network, X, y, groups=subjects, cv=GroupKFold(2), error_score="raise")
    assert (scores > 0.3).all()


def test_stops_early_and_keeps_its_curves(people):
    network = SharedNetwork(**FAST | {"max_epochs": 500, "patience": 3}).fit(*people)
    assert len(network.loss_curves_) == 2
    for curve in network.loss_curves_:
        assert curve.shape[1] == 2
        assert len(curve) < 500
        assert curve[:, 1].argmin() == len(curve) - 4


def test_scales_of_targets_and_features_do_not_matter(people):
    X, y = people
    plain = SharedNetwork(**FAST).fit(X, y).predict(X)
    scaled = SharedNetwork(**FAST).fit(X * 1000 + 7, y * [1, 1000, 1]).predict(X * 1000 + 7)
    np.testing.assert_allclose(scaled / [1, 1000, 1], plain, rtol=1e-6, atol=1e-6)


def test_clone_pickle_and_threads_change_nothing(partly_rated):
    X, y = partly_rated
    network = SharedNetwork(**FAST).fit(X.mask(X > 2), y)
    copied = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(copied.predict(X), network.predict(X))
    again = clone(network).set_params(n_jobs=2).fit(X.mask(X > 2), y)
    np.testing.assert_array_equal(again.predict(X), network.predict(X))


def test_weights_change_the_fit(people):
    X, y = people
    weight = np.where(X.index.get_level_values("subject") < "s04", 10.0, 0.1)
    plain = SharedNetwork(**FAST).fit(X, y).predict(X)
    assert (
        np.abs(SharedNetwork(**FAST).fit(X, y, sample_weight=weight).predict(X) - plain).max() > 0
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"loss": "hubert"}, "did you mean 'huber'"),
        ({"loss": {"valance": "huber"}}, "did you mean 'valence'"),
        ({"loss_weights": {"valence": -1}}, "not below 0"),
        ({"loss_weights": "kendall"}, "'learned'"),
    ],
)
def test_wrong_options(people, options, text):
    with pytest.raises(ArgumentError, match=text):
        SharedNetwork(**FAST | options).fit(*people)


def test_one_person_in_one_trial_cannot_stop_early(people):
    X, y = (table.loc[("s01", "1"), :] for table in people)
    with pytest.raises(GroupsError):
        SharedNetwork().fit(X.to_numpy(), y, groups=["s01"] * len(X))
