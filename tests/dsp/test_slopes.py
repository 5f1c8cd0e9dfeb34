"""Where a signal falls to a level, by hand."""

import numpy as np
import pytest

from physio_vad.dsp.slopes import crossings

RAMP = np.array([0.0, 4.0, 3.0, 1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("last", "level", "place"),
    [
        (3, 1.0, 3.0),
        (3, 0.5, np.nan),
        (2, 3.0, 2.0),
        (2, 2.9, np.nan),
        (4, 0.5, 3.5),
        (1, 3.0, np.nan),
    ],
)
def test_a_level_is_reached_at_the_last_sample_or_not(last, level, place):
    found = crossings(RAMP, np.array([1]), np.array([last]), np.array([level]))
    np.testing.assert_array_equal(found, [place])


def test_each_peak_has_its_own_end_and_the_signal_an_end():
    peaks, last = np.array([1, 3]), np.array([2, 99])
    found = crossings(RAMP, peaks, last, np.array([[3.5, 0.5], [1.0, 0.0], [3.0, -1.0]]))
    np.testing.assert_array_equal(found, [[1.5, 3.5], [np.nan, 4.0], [2.0, np.nan]])
