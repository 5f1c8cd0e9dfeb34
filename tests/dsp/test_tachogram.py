"""Intervals on a regular grid, and the power of a window, where either begins and ends."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.signal import periodogram

from physio_vad.dsp.heartrate import Intervals
from physio_vad.dsp.tachogram import spectral_power, tachogram


def intervals_of(times, values=None):
    values = np.diff(times) if values is None else values
    return Intervals(times[:-1], times[1:], values, np.ones(len(values), dtype=bool))


def wavy(n=300, seed=0):
    steps = 0.8 + 0.04 * np.random.default_rng(seed).standard_normal(n)
    return intervals_of(np.concatenate([[0.0], np.cumsum(steps + 0.03 * np.sin(np.arange(n)))]))


def test_the_grid_counts_back_from_the_stop_and_ends_before_it():
    times = np.arange(0.0, 9.0)
    grid, values = tachogram(intervals_of(times, 0.5 + 0.1 * times[1:]), 0.0, np.array([4.6]))
    np.testing.assert_allclose(grid, 4.6 - np.arange(18, 0, -1) / 4)
    np.testing.assert_allclose(values, np.maximum(500 + 100 * grid, 600))  # held before the first
    grid, values = tachogram(intervals_of(times, 0.5 + 0.1 * times[1:]), 2.0, np.array([4.5, 20]))
    np.testing.assert_allclose(grid, np.arange(2, 8, 0.25))
    np.testing.assert_allclose(values, 500 + 100 * grid)


@pytest.mark.parametrize(("gap", "straight"), [(3.0, False), (3.125, True)])
def test_a_gap_of_more_than_three_seconds_is_crossed_by_a_straight_line(gap, straight):
    times = np.concatenate([np.arange(8.0), 7 + gap + np.arange(8.0)])
    values = np.where(np.arange(15) % 2, 0.8, 0.9)
    grid, found = tachogram(intervals_of(times, values), 0.0, times[-1:])
    spline = 1000 * CubicSpline(times[1:], values)(np.maximum(grid, 1.0))
    line = 1000 * np.interp(grid, times[1:], values)
    inside = (grid > 7) & (grid <= 7 + gap)
    np.testing.assert_allclose(found, np.where(inside & straight, line, spline))
    assert np.abs(spline - line)[inside].max() > 30


def test_four_intervals_make_a_tachogram_and_three_none():
    times = np.array([0.0, 0.8, 1.6, 2.5, 3.3])
    assert len(tachogram(intervals_of(times), 0.0, np.array([3.0]))[0]) == 12
    assert len(tachogram(intervals_of(times[:-1]), 0.0, np.array([3.0]))[0]) == 0
    same = np.array([0.0, 0.8, 0.8005, 1.6, 2.5])  # two of one beat, a millisecond apart
    assert len(tachogram(intervals_of(same), 0.0, np.array([3.0]))[0]) == 0
    same[2] = 0.802
    assert len(tachogram(intervals_of(same), 0.0, np.array([2.0]))[0]) == 8


def test_two_weeks_of_pause_are_no_tachogram():
    times = np.array([0.0, 0.8, 1.6, 2.4, 3.2, 1e6 + 0.8])
    assert len(tachogram(intervals_of(times), 0.0, np.array([3.0]))[0]) == 12
    times[-1] += 0.001
    assert len(tachogram(intervals_of(times), 0.0, np.array([3.0]))[0]) == 0


def test_two_periods_of_the_slowest_in_the_high_band_are_enough():
    """2 / .15 Hz, 13.3 s, of values four a second."""
    power = spectral_power(wavy(), np.array([50.0, 50.0]), np.array([63.25, 63.5]))
    for values in power.values():
        assert np.isnan(values).tolist() == [True, False]


@pytest.mark.parametrize(("start", "stop"), [(-40.0, 61.0), (190.0, 400.0), (20.1, 99.9)])
def test_a_window_is_cut_to_where_there_are_intervals(start, stop):
    nn = wavy()
    end, begin = min(stop, nn.ends[-1]), max(start, 0.0)
    last = stop - np.ceil((stop - end) * 4) / 4 if stop > end else stop - 0.25
    grid = last - np.arange(int((last + 0.25 - begin) * 4 + 1e-6))[::-1] / 4
    values = 1000 * CubicSpline(nn.ends, nn.values)(np.maximum(grid, nn.ends[0]))
    size = 2 ** int(np.ceil(np.log2(len(values))))
    freqs, density = periodogram(values, 4.0, "hann", nfft=size, detrend="linear")
    power = spectral_power(nn, np.array([start]), np.array([stop]))
    for name, low, high in (("lf", 0.04, 0.15), ("hf", 0.15, 0.40)):
        inside = (freqs >= low) & (freqs < high)
        assert power[name][0] == pytest.approx(density[inside].sum() * 4 / size, rel=1e-9)


def test_many_windows_are_worked_on_in_pieces_without_a_seam():
    nn = wavy()
    starts = np.arange(10.0, 230.0, 0.5)  # the last ones go on beyond the last beat
    power = spectral_power(nn, starts, starts + 60)
    rows = [0, 127, 128, 255, 256, 340, 430]
    for row in rows:
        alone = spectral_power(nn, starts[[row]], starts[[row]] + 60)
        for name in power:
            assert alone[name][0] == pytest.approx(power[name][row], rel=1e-12)
