import pickle
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from physio_vad.exceptions import ArgumentError
from physio_vad.regressors import ChainEnsemble, CrossFittedChain


def test_is_the_average_of_the_chains(partly_rated):
    X, y = partly_rated
    ensemble = ChainEnsemble("ridge", groups="subject", random_state=0).fit(X, y)
    chains = [
        CrossFittedChain("ridge", groups="subject", order=order, random_state=0).fit(X, y)
        for order in permutations(y.columns)
    ]
    by_hand = np.mean([chain.predict(X) for chain in chains], axis=0)
    np.testing.assert_allclose(ensemble.predict(X), by_hand)


def test_orders_that_begin_alike_share_their_links(people, recorder):
    ensemble = ChainEnsemble(recorder, groups="subject", cv=4).fit(*people)
    assert len(ensemble.links_) == 15
    assert len(recorder.log) == 15 + 9 * 4


def test_many_targets_draw_orders(people):
    X, y = people
    y = pd.concat([y, y.add_suffix("_late")], axis=1)
    ensemble = ChainEnsemble("ridge", groups="subject", n_orders=4, random_state=0).fit(X, y)
    assert len(set(ensemble.orders_)) == 4
    assert ensemble.predict(X).shape == (96, 6)
    again = clone(ensemble).fit(X, y)
    assert again.orders_ == ensemble.orders_


def test_weights_and_people_in_every_inner_fit(people, recorder):
    X, y = people
    weight = np.linspace(0.1, 2, len(y))
    subjects = X.index.get_level_values("subject").str[1:].astype(float)
    X = X.assign(**{X.columns[0]: subjects, X.columns[1]: weight})
    ChainEnsemble(recorder, groups="subject").fit(X, y, sample_weight=weight)
    for entry in recorder.log:
        np.testing.assert_array_equal(entry["weight"], entry["fit"][:, 1])
        for held_out in entry["predict"]:
            assert not set(entry["fit"][:, 0]) & set(held_out[:, 0])


def test_pickle_and_threads_change_nothing(partly_rated):
    X, y = partly_rated
    ensemble = ChainEnsemble("lightgbm", groups="subject", random_state=0).fit(X, y)
    copied = pickle.loads(pickle.dumps(ensemble))
    np.testing.assert_array_equal(copied.predict(X), ensemble.predict(X))
    again = clone(ensemble).set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), ensemble.predict(X))
    one_by_one = np.concatenate([ensemble.predict(X.iloc[[row]]) for row in range(5)])
    np.testing.assert_array_equal(one_by_one, ensemble.predict(X)[:5])


@pytest.mark.parametrize("n_orders", [0, 2.5, True])
def test_wrong_number_of_orders(people, n_orders):
    with pytest.raises(ArgumentError, match="n_orders"):
        ChainEnsemble("ridge", groups="subject", n_orders=n_orders).fit(*people)
