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
