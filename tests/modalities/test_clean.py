"""What looks clipped, by hand."""

import numpy as np
import pytest

from physio_vad.modalities.clean import CleanSignal, mark_clipped


def channel():
    return np.random.default_rng(0).uniform(-1, 1, 1000)


def clipped(values, bad=()):
    marked = np.zeros(len(values), dtype=bool)
    marked[list(bad)] = True
    return np.flatnonzero(mark_clipped(values, marked, 10.0)).tolist()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("length", "seen"), [(2, False), (3, True), (8, True)])
def test_three_equal_samples_at_an_extreme(length, seen, sign):
    values = channel()
    values[500 : 500 + length] = sign * 2.0
    assert clipped(values) == (list(range(500, 500 + length)) if seen else [])
    values[500 : 500 + length] = 0.5
    assert clipped(values) == []


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("away", "seen"), [(-101, True), (-100, False), (100, False), (101, True)])
def test_the_extreme_is_that_of_ten_seconds_on_each_side(away, seen, sign):
    values = channel()
    values[500:504] = sign * 2.0
    values[500 + away] = sign * 3.0
    assert (500 in clipped(values)) == seen
    assert 500 in clipped(values, bad=[500 + away])  # what is bad does not count
    assert clipped(values, bad=range(500, 504)) == []


def test_a_signal_that_never_changes_is_flat_and_not_clipped():
    assert clipped(np.full(1000, 2.0)) == []
    long = np.tile(channel(), 140)  # more than is worked on at a time
    long[[70_000, 70_001, 70_002]] = 2.0
    assert clipped(long) == [70_000, 70_001, 70_002]


def test_the_share_of_good_samples_of_a_window():
    bad, lost = np.zeros((2, 1, 100), dtype=bool)
    bad[0, 10:15] = lost[0, 20:25] = True
    signal = CleanSignal(np.zeros((1, 100)), bad, lost, 10.0, 0.0, ("0",), (0,))
    starts, stops = np.array([0.0, 1.0, 9.0, 9.75]), np.array([2.0, 3.0, 11.0, 9.79])
    np.testing.assert_allclose(signal.good_share(starts, stops)[0], [0.75, 0.75, 0.5, 0])
    found = signal.good_share(starts, stops, clipped=True)[0]
    np.testing.assert_allclose(found, [0.75, 0.5, 0.5, 0])
