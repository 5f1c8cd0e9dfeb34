"""Bursts of activity."""

import numpy as np
import pytest

from physio_vad.dsp.bursts import find_bursts

SFREQ = 250.0


def rest(seconds=60, seed=0):
    return np.random.default_rng(seed).normal(size=int(seconds * SFREQ))


def bursts(values, bad=None, ratio=3.0, floor=0.0):
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_bursts(values, bad, sfreq=SFREQ, ratio=ratio, floor=floor)


def add(values, onset, duration, height=8.0):
    values[int(onset * SFREQ) : int((onset + duration) * SFREQ)] *= height


@pytest.mark.parametrize("duration", [0.2, 0.5, 2.0, 5.0])
def test_onset_and_offset_are_found_within_a_tenth_of_a_second(duration):
    values = rest()
    add(values, 20.0, duration)
    onsets, offsets = bursts(values)
    np.testing.assert_allclose(onsets, [20.0], atol=0.11)
    np.testing.assert_allclose(offsets, [20.0 + duration], atol=0.11)


def test_the_level_of_rest_is_local():
    values = rest(200)
    values[25_000:] *= 6  # the second half is six times as loud
    add(values, 40.0, 0.5)
    add(values, 160.0, 0.5)
    onsets, _ = bursts(values)
    assert np.isclose(onsets, 40.0, atol=0.1).sum() == 1
    assert np.isclose(onsets, 160.0, atol=0.1).sum() == 1
    assert ((onsets < 84) | (onsets > 116) | np.isclose(onsets, 100, atol=0.2)).all()


def test_a_burst_that_touches_a_gap_is_left_out():
    values, bad = rest(), np.zeros(15_000, dtype=bool)
    add(values, 20.0, 1.0)
    add(values, 40.0, 1.0)
    bad[int(20.5 * SFREQ) : int(22 * SFREQ)] = True
    values[bad] = 0.0
    onsets, _ = bursts(values, bad)
    np.testing.assert_allclose(onsets, [40.0], atol=0.1)


def test_the_floor_is_absolute():
    values = rest()
    add(values, 20.0, 0.5)
    assert len(bursts(values, floor=5.0)[0]) == 1
    assert len(bursts(values, floor=20.0)[0]) == 0


def test_no_samples():
    assert len(bursts(np.empty(0))[0]) == 0
    assert len(bursts(np.ones(3))[0]) == 0


def blocks(*parts, bad=None, **options):
    """Find bursts of a signal of known size in blocks of .05 s, each part a size and a number."""
    sizes = np.concatenate([np.full(number, float(size)) for size, number in parts])
    values = np.repeat(sizes, 10) * np.tile([1.0, -1.0], 5 * len(sizes))
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_bursts(values, bad, sfreq=200.0, **({"ratio": 3.0, "floor": 0.0} | options))


@pytest.mark.parametrize(("size", "found"), [(7.5, True), (6.5, False)])
def test_a_block_counts_for_a_third_of_the_envelope_around_it(size, found):
    """1, 1 and 7 make 3, three times rest."""
    onsets, offsets = blocks((1, 200), (size, 1), (1, 200))
    assert len(onsets) == found
    np.testing.assert_allclose(onsets, [9.95] * found)
    np.testing.assert_allclose(offsets, [10.1] * found)


@pytest.mark.parametrize(("pause", "found"), [(3, 1), (4, 2)])
def test_a_pause_of_less_than_a_tenth_of_a_second_ends_no_burst(pause, found):
    """The envelope is low for a block less on each side."""
    onsets, offsets = blocks((1, 200), (10, 4), (1, pause), (10, 4), (1, 200))
    assert len(onsets) == found
    assert offsets[-1] - onsets[0] == pytest.approx(0.05 * (10 + pause))


@pytest.mark.parametrize(("size", "found"), [(2.2, 1), (1.6, 2)])
def test_a_burst_ends_two_thirds_of_the_way_down(size, found):
    """From 3 to 2 times rest."""
    onsets, _ = blocks((1, 200), (10, 10), (size, 10), (10, 10), (1, 200))
    assert len(onsets) == found


@pytest.mark.parametrize(("seconds", "whole"), [(20, True), (26, False), (40, False)])
def test_what_lasts_for_most_of_31_seconds_is_rest(seconds, whole):
    """Rest is the lower quartile of 31 seconds: 24 of them make it."""
    onsets, offsets = blocks((1, 1200), (10, 20 * seconds), (1, 1200))
    assert ((offsets - onsets).max() > seconds - 0.5) == whole


def test_a_single_bad_sample_takes_its_burst():
    bad = np.zeros(4040, dtype=bool)
    bad[2019] = True
    assert len(blocks((1, 200), (10, 4), (1, 200), bad=bad)[0]) == 0
    bad[2019], bad[2060] = False, True
    assert len(blocks((1, 200), (10, 4), (1, 200), bad=bad)[0]) == 1
