"""Weights of the members of the default: even where few people cannot tell, free where many can."""

import numpy as np
import pytest

from physio_vad.regressors.weights import FoldSums, even_weights


def sums(n_units, seed=0, noise=(0.5, 2.0)):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=400)
    members = truth[:, np.newaxis] + rng.normal(size=(400, 2)) * noise
    return FoldSums.of(members, truth, np.arange(400) % 4, n_units), members, truth


def test_with_many_people_they_are_those_of_least_squares():
    told, members, truth = sums(n_units=400)
    expected = np.linalg.lstsq(members, truth, rcond=None)[0]
    np.testing.assert_allclose(even_weights(told), expected, atol=0.01)


def test_with_few_people_they_are_even_and_as_large_as_both_deserve():
    told, members, truth = sums(n_units=2, noise=(0.3, 0.6))
    both = members.sum(axis=1)
    np.testing.assert_allclose(even_weights(told), both @ truth / (both @ both), rtol=0.1)


@pytest.mark.parametrize("n_units", [3, 20, 400])
def test_nothing_is_weighed_where_nothing_helps(n_units):
    truth = sums(n_units)[2]
    against = FoldSums.of(-np.column_stack([truth, truth]), truth, np.arange(400) % 4, n_units)
    assert (even_weights(against) == 0).all()
