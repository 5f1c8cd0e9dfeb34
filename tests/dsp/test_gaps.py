"""Finding and bridging samples that are no signal."""

import numpy as np
import pytest

from physio_vad.dsp import gaps
from physio_vad.dsp.gaps import (
    fill_gaps,
    flat_samples,
    lone_samples,
    no_signal,
    plateaus,
    runs,
)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ([], []),
        ([0, 0], []),
        ([1], [(0, 1)]),
        ([1, 1, 0, 1], [(0, 2), (3, 4)]),
        ([0, 1, 1, 0], [(1, 3)]),
    ],
)
def test_runs(mask, expected):
    first, last = runs(np.array(mask, dtype=bool))
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    ("values", "least", "expected"),
    [
        ([], 2, []),
        ([1], 2, []),
        ([1, 1], 2, [(0, 2)]),
        ([1, 1, 2, 2, 2], 2, [(0, 2), (2, 5)]),
        ([1, 1, 2, 2, 2], 3, [(2, 5)]),
        ([1, 1, 2, 2, 2], 0, [(0, 2), (2, 5)]),
        ([np.nan, np.nan, np.nan], 2, []),
        ([1, 2, 1, 2], 2, []),
    ],
)
def test_plateaus(values, least, expected):
    first, last = plateaus(np.array(values, dtype=float), least)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == expected


def test_plateaus_agree_with_a_plain_loop():
    values = np.random.default_rng(0).integers(0, 3, 500).astype(float)
    expected, begin = [], 0
    for number in range(1, len(values) + 1):
        if number == len(values) or values[number] != values[begin]:
            expected += [(begin, number)] if number - begin >= 4 else []
            begin = number
    first, last = plateaus(values, 4)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == expected


def test_flat_samples_are_marked_whole():
    values = np.array([1.0, 5, 5, 5, 2, 3, 3, 4])
    assert flat_samples(values, 3).tolist() == [False, True, True, True, False, False, False, False]
    assert flat_samples(np.full(10, 7.0), 10).all()
    assert not flat_samples(np.full(9, 7.0), 10).any()


def test_what_is_missing_absurd_or_flat_is_no_signal():
    values = np.array([0.0, 1e12, -1e12, 1.1e12, -1.1e12, np.nan, np.inf, 1, 2, 2, 2, 3, 3])
    expected = [False] * 3 + [True] * 4 + [False] + [True] * 3 + [False] * 2
    assert no_signal(values, 1.5).tolist() == expected  # 3 equal values are 2 samples without step
    assert no_signal(values, 2.0).tolist() == expected
    assert no_signal(values, 2.1).tolist() == expected[:8] + [False] * 5


def test_gaps_become_straight_lines_and_ends_are_held():
    values = np.array([np.nan, 1, np.inf, 99, 4, -np.inf])
    bad = np.array([True, False, True, True, False, True])
    np.testing.assert_allclose(fill_gaps(values, bad), [1, 1, 2, 3, 4, 4])


@pytest.mark.parametrize("part", [1, 2, 1 << 16])
def test_each_channel_is_bridged_by_its_own_part_by_part(part, monkeypatch):
    monkeypatch.setattr(gaps, "PART", part)
    values = np.array([[1.0, 0, 0, 0, 5], [0, 0, 7, 0, 3]])
    bad = np.array([[False, True, True, True, False], [True, True, False, True, False]])
    expected = [[1, 2, 3, 4, 5], [7, 7, 7, 5, 3]]
    np.testing.assert_allclose(fill_gaps(values, bad), expected)
    np.testing.assert_allclose(fill_gaps(values[np.newaxis], bad[np.newaxis]), [expected])


def test_what_stands_in_a_gap_changes_nothing():
    rng = np.random.default_rng(0)
    values, bad = rng.normal(size=200), rng.random(200) < 0.3
    other = np.where(bad, rng.normal(size=200) * 1e30, values)
    np.testing.assert_array_equal(fill_gaps(values, bad), fill_gaps(other, bad))


def test_nothing_good_is_zero_and_nothing_bad_is_no_copy():
    values = np.array([np.nan, np.inf])
    assert fill_gaps(values, np.array([True, True])).tolist() == [0.0, 0.0]
    assert fill_gaps(values, np.array([False, False])) is values
    assert fill_gaps(np.empty(0), np.empty(0, dtype=bool)).shape == (0,)


def test_the_input_is_not_written_to():
    values = np.array([1.0, np.nan, 3.0])
    fill_gaps(values, np.isnan(values))
    assert np.isnan(values[1])


def test_lone_samples_stand_out_from_both_neighbours_to_one_side():
    values = np.array([[5.0, 0, 0, 3, 0, 0, -3, 0, 3, 3, 0, 3], np.arange(12.0)])
    marked = lone_samples(values, 2.0)
    assert np.flatnonzero(marked[0]).tolist() == [3, 6, 10]
    assert not marked[1].any()
    assert not lone_samples(values, 3.0).any()
    assert lone_samples(np.empty((1, 0)), 1.0).shape == (1, 0)
    assert lone_samples(np.ones((1, 1)), 1.0).shape == (1, 1)
