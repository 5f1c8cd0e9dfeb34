"""Peaks by prominence: a known one, and a plateau without a valley in reach."""

import numpy as np

from physio_vad.dsp.peaks import prominent_peaks, vertices


def test_height_above_the_higher_valley():
    values = np.array([0.0, 5.0, 2.0, 4.0, 1.0, 1.5, 0.0])
    peaks, heights = prominent_peaks(values, 1.0, 99)
    assert peaks.tolist() == [1, 3]
    assert heights.tolist() == [5.0, 2.0]


def test_a_plateau_wider_than_the_surroundings_is_no_peak():
    values = np.concatenate([np.zeros(5), np.ones(50), np.zeros(5)])
    assert len(prominent_peaks(values, 0.1, 11)[0]) == 0
    assert len(prominent_peaks(values, 0.1, 99)[0]) == 1


def test_a_peak_of_just_the_height_counts_and_the_surround_ends_where_it_says():
    values = np.array([0.0, 3.0, 2.0, 2.5, 1.0, 4.0, 0.0])
    assert prominent_peaks(values, 0.5, 99)[0].tolist() == [1, 3, 5]
    assert prominent_peaks(values, 0.6, 99)[0].tolist() == [1, 5]
    np.testing.assert_allclose(prominent_peaks(values, 0.5, 3)[1], [1.0, 0.5, 3.0])


def test_vertices_are_those_of_the_parabola_and_a_plateau_keeps_its_place():
    values = np.array([0.0, 3.0, 2.0, 0.0, 5.0, 5.0, 5.0, 0.0])
    np.testing.assert_allclose(vertices(values, np.array([1, 5])), [1.25, 5.0])
    assert vertices(values, np.empty(0, dtype=np.int64)).shape == (0,)
