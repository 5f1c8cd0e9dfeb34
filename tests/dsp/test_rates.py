"""Bringing slow signals to a low rate."""

import numpy as np
import pytest

from physio_vad.dsp.rates import block_average


def test_blocks_are_averaged_and_the_rest_dropped():
    values = np.arange(14.0).reshape(2, 7)
    averages, bad = block_average(values, np.zeros((2, 7), dtype=bool), 3)
    assert averages.tolist() == [[1, 4], [8, 11]]
    assert not bad.any()


def test_bad_samples_do_not_count_and_half_a_block_is_enough():
    values = np.array([1.0, 50, 3, 5, 7, 7, 7, 9, 50, 50, 50, 50])
    marked = values == 50
    averages, bad = block_average(values, marked, 4)
    np.testing.assert_allclose(averages[:2], [3, 7.5])
    assert bad.tolist() == [False, False, True]
    averages, bad = block_average(values[:4], np.array([True, True, False, False]), 4)
    assert averages.tolist() == [4]
    assert not bad.any()


def test_a_block_without_a_good_sample_keeps_the_mean_of_what_stands_in():
    values = np.array([1.0, 3, 5, 8, 8, 8])
    averages, bad = block_average(values, np.array([True] * 3 + [False] * 3), 3)
    assert averages.tolist() == [3, 8]
    assert bad.tolist() == [True, False]


def test_one_good_sample_of_three_is_less_than_half():
    marked = np.array([True, False, True, False, False, True])
    averages, bad = block_average(np.array([50.0, 1, 50, 2, 4, 50]), marked, 3)
    assert averages.tolist() == [1, 3]
    assert bad.tolist() == [True, False]


@pytest.mark.parametrize("hum", [50, 60])
def test_a_tenth_of_a_second_removes_mains_hum(hum):
    time = np.arange(2400) / 600
    values = 5 + 3 * np.sin(2 * np.pi * hum * time)
    averages, _ = block_average(values, np.zeros(2400, dtype=bool), 60)
    np.testing.assert_allclose(averages, 5, atol=1e-9)


def test_factor_1_and_too_few_samples():
    values, bad = np.arange(5.0), np.zeros(5, dtype=bool)
    same, marked = block_average(values, bad, 1)
    assert same is values
    assert marked is bad
    averages, marked = block_average(values, bad, 6)
    assert averages.shape == marked.shape == (0,)
