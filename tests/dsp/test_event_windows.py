"""Events in windows, and flanks of peaks, by hand."""

import numpy as np

from physio_vad.dsp.event_windows import event_mean, event_sd, event_spans, span_touches
from physio_vad.dsp.slopes import ascents, crossings


def test_windows_are_half_open_and_may_be_empty():
    first, last = event_spans(
        np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 1.5, 9.0]), np.array([1.0, 3.0, 1.6, 12.0])
    )
    assert (last - first).tolist() == [0, 2, 0, 0]


def test_rounding_of_times_does_not_move_an_event_to_another_window():
    first, last = event_spans(np.array([0.1 + 0.2]), np.array([0.0, 0.3]), np.array([0.3, 0.6]))
    assert (last - first).tolist() == [0, 1]


def test_mean_and_sd_of_events():
    values, first, last = np.array([1.0, 2.0, 6.0]), np.array([0, 0, 2, 3]), np.array([3, 2, 3, 3])
    np.testing.assert_allclose(event_mean(values, first, last), [3, 1.5, 6, np.nan])
    np.testing.assert_allclose(
        event_sd(values, first, last), [np.sqrt(7), np.sqrt(0.5), np.nan, np.nan]
    )
    np.testing.assert_allclose(
        event_mean(np.array([1.0, np.nan, 6.0]), first, last), [3.5, 1, 6, np.nan]
    )


def test_ranges_that_touch_a_bad_sample():
    bad = np.array([False, False, True, False])
    first, last = np.array([0, 0, 3, -5, 2]), np.array([1, 2, 9, -1, 2])
    assert span_touches(bad, first, last).tolist() == [False, True, False, False, True]
    assert not span_touches(np.zeros(3, bool), first, last).any()
    ends = np.array([True, False, False, True])
    first, last = np.array([0, -3, 1, 3, 2]), np.array([0, 0, 2, 3, 9])
    assert span_touches(ends, first, last).tolist() == [True, True, False, True, True]


def test_foot_of_a_climb_ignores_a_drifting_baseline():
    values = np.concatenate([np.linspace(0, 0.5, 51), np.linspace(0.5, 10.5, 11)[1:], [10.0]])
    feet, steepest = ascents(values, np.array([60]), np.array([0]))
    assert feet.tolist() == [50]
    np.testing.assert_allclose(steepest, [1.0])
    assert ascents(values, np.array([60]), np.array([55]))[0].tolist() == [-1]


def test_no_climb():
    assert ascents(np.zeros(5), np.array([3]), np.array([0]))[0].tolist() == [-1]
    feet, steepest = ascents(np.arange(3.0), np.array([0]), np.array([0]))
    assert feet.tolist() == [-1]
    assert np.isnan(steepest).all()


def test_crossing_is_interpolated_or_missing():
    values = np.array([0.0, 10, 8, 4, 0, 0])
    peaks, last = np.array([1, 1, 1]), np.array([5, 2, 99])
    np.testing.assert_allclose(
        crossings(values, peaks, last, np.array([5.0, 5.0, -1.0])), [2.75, np.nan, np.nan]
    )
