"""Peaks by prominence: a known one, and a plateau without a valley in reach."""

import numpy as np

from physio_vad.dsp.peaks import prominent_peaks


def test_height_above_the_higher_valley():
    values = np.array([0.0, 5.0, 2.0, 4.0, 1.0, 1.5, 0.0])
    peaks, heights = prominent_peaks(values, 1.0, 99)
    assert peaks.tolist() == [1, 3]
    assert heights.tolist() == [5.0, 2.0]


def test_a_plateau_wider_than_the_surroundings_is_no_peak():
    values = np.concatenate([np.zeros(5), np.ones(50), np.zeros(5)])
    assert len(prominent_peaks(values, 0.1, 11)[0]) == 0
    assert len(prominent_peaks(values, 0.1, 99)[0]) == 1
