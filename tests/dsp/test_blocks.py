"""Blocks of samples, held to numpy on each alone."""

import numpy as np
import pytest

from physio_vad.dsp.blocks import (
    between_blocks,
    block_medians,
    blocks_of,
    local_median,
    median,
)

SIGNAL = np.random.default_rng(0).standard_normal((2, 23))


@pytest.mark.parametrize("size", [1, 2, 5, 8, 23])
def test_medians_of_blocks_and_what_is_left_over_is_dropped(size):
    number = 23 // size
    blocks = blocks_of(SIGNAL, size)
    assert blocks.shape == (2, number, size)
    np.testing.assert_array_equal(blocks.reshape(2, -1), SIGNAL[:, : number * size])
    found = block_medians(SIGNAL, size)
    np.testing.assert_allclose(found, np.median(np.abs(blocks), axis=-1), rtol=1e-15)


def test_a_signal_shorter_than_a_block_has_none():
    assert blocks_of(SIGNAL, 24).shape == (2, 0, 24)
    assert block_medians(SIGNAL, 24).shape == (2, 0)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_lines_between_the_middles_of_blocks(size, number):
    n_samples, levels = number * size + size // 2, SIGNAL[0, :number]
    middles = (np.arange(number) + 0.5) * size
    expected = np.interp(np.arange(n_samples), middles, levels)
    np.testing.assert_allclose(between_blocks(levels, size, n_samples), expected, atol=1e-15)


@pytest.mark.parametrize("good", [[0, 1, 0, 0, 1], [1, 0, 0, 1, 0], [0, 0, 1, 0, 0]])
def test_blocks_without_a_level_are_bridged(good):
    good = np.array(good, dtype=bool)
    levels, middles = SIGNAL[0, : good.sum()], 4 * np.flatnonzero(good) + 2.0
    expected = np.interp(np.clip(np.arange(20), 2, 18), middles, levels)
    np.testing.assert_allclose(between_blocks(levels, 4, 20, good), expected, atol=1e-15)


@pytest.mark.parametrize("width", [1, 3, 11, 41])
def test_the_running_median_holds_the_ends(width):
    padded = np.pad(SIGNAL[0], width // 2, mode="edge")
    expected = [np.median(padded[k : k + width]) for k in range(23)]
    np.testing.assert_array_equal(local_median(SIGNAL[0], width), expected)
    assert local_median(np.empty(0), width).shape == (0,)


@pytest.mark.parametrize("shape", [(1,), (2,), (5, 7), (4, 6, 3)])
def test_the_median_is_that_of_numpy_along_any_axis(shape):
    values = np.random.default_rng(1).normal(size=shape)
    before = values.copy()
    for axis in range(-1, len(shape) - 1):
        np.testing.assert_array_equal(median(values, axis), np.median(values, axis))
    np.testing.assert_array_equal(values, before)
