"""Columns of rows become signals and events, by hand."""

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.tables.column_roles import Column, group_columns
from physio_vad.io.tables.signals import event_times, make_signals
from physio_vad.io.timestamps import EventTimes, TimeGrid

nan = np.nan
EDA = Column("eda", "uS", "eda")


def made(values, grid, *columns):
    part = np.array(values, dtype=float, ndmin=2)
    return make_signals(part, group_columns(columns), grid)


@pytest.mark.parametrize(("first", "every"), [(0, 4), (3, 4), (1, 2), (5, 4)])
def test_a_slower_sensor_has_its_own_rate(first, every):
    values = np.full(200, nan)
    values[first::every] = np.arange(len(values[first::every]))
    found = made(values, TimeGrid(8.0), EDA)["eda"]
    assert (found.sfreq, found.start) == (8 / every, first % every / 8)
    np.testing.assert_array_equal(found.values[0, first // every :], values[first::every])


@pytest.mark.parametrize(("n_samples", "sfreq"), [(20, 8.0), (21, 4.0)])
def test_few_samples_may_stand_on_every_second_row_by_chance(n_samples, sfreq):
    values = np.full(60, nan)
    values[: 2 * n_samples : 2] = 1
    assert made(values, TimeGrid(8.0), EDA)["eda"].sfreq == sfreq


def test_events_beside_samples_are_those_that_change_or_stand_alone():
    hr, grid = Column("ibi", "bpm", "hr", True), TimeGrid(4.0)
    found = made([60, 60, 75, 75, 60, 60], grid, hr)["ibi"]
    assert (found.times.tolist(), found.values.tolist()) == ([0, 0.5, 1], [60, 75, 60])
    found = made([60, nan, 60, nan, 75, nan], grid, hr)["ibi"]
    assert (found.times.tolist(), found.values.tolist()) == ([0, 0.5, 1], [60, 60, 75])
    found = made([60, 60, 75], EventTimes(np.array([0, 1, 1.8])), hr)["ibi"]
    assert (found.times.tolist(), found.values.tolist()) == ([0, 1, 1.8], [60, 60, 75])


def test_times_of_events_come_from_the_clock_or_their_intervals():
    signals = group_columns([Column("ibi", "ms", "rr", True)])
    intervals = np.array([[800.0, 900, 700]])
    times = event_times(intervals, np.array([5.0, 5.0, 6.0]), signals, "a.csv").times
    assert times.tolist() == [0, 0, 1]
    times = event_times(intervals, None, signals, "a.csv").times
    np.testing.assert_allclose(times, [0.8, 1.7, 2.4])
    for wrong in ([1.0, 2.0, 1.5], [1.0, nan, 2.0]):
        with pytest.raises(ReadError, match="must be numbers and ascend"):
            event_times(intervals, np.array(wrong), signals, "a.csv")
    with pytest.raises(ArgumentError, match="events need a time column"):
        event_times(intervals, None, group_columns([Column("ibi", "bpm", "hr", True)]), "a.csv")
