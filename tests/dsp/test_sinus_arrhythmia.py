"""Heart rate that follows breathing: known phase and share, the same by hand, chance, the past."""

import numpy as np
import pytest

from physio_vad.dsp.heartrate import Intervals
from physio_vad.dsp.sinus_arrhythmia import sinus_arrhythmia

STOPS = np.arange(40.0, 290.0, 10.0)


def intervals(times):
    return Intervals(times[:-1], times[1:], np.diff(times), np.arange(len(times) - 1) > 0)


def breaths(period=4.0, duration=300.0, inspiration=0.4):
    onset = np.arange(0.0, duration - period, period)
    return {"onset": onset, "peak": onset + inspiration * period, "end": onset + period}


def train(phase=0.1, size=4.0, noise=0.0, period=4.0, inspiration=0.5, seed=0):
    """Beats whose rate is highest some share of a breath after the end of inspiration."""
    fine = np.arange(300_000) / 1000
    angle = 2 * np.pi * (fine / period - inspiration - phase)
    count = np.cumsum(70 + size * np.cos(angle)) / 60_000
    times = np.interp(np.arange(1.0, count[-1]), count, fine)
    return times + noise * np.random.default_rng(seed).standard_normal(len(times))


@pytest.mark.parametrize("phase", [-0.4, -0.1, 0.0, 0.2, 0.45])
def test_phase_and_share(phase):
    nn = intervals(train(phase))
    found = sinus_arrhythmia(nn, breaths(inspiration=0.5), STOPS - 30, STOPS)
    np.testing.assert_allclose(found["rsa_phase"], phase, atol=0.01)
    assert (found["rsa_share"] > 0.97).all()


def by_hand(nn, belt, start, stop):
    """Share of the variance, adjusted or not, the phase, and how many intervals and breaths."""
    middle = (nn.begins + nn.ends) / 2
    rows, columns, rates = [], [], []
    for i in np.flatnonzero((belt["onset"] >= start) & (belt["end"] < stop)):
        onset, peak, end = (belt[name][i] for name in ("onset", "peak", "end"))
        inside = np.flatnonzero((middle >= onset) & (middle < end))
        if nn.ends[inside].max() >= stop:
            continue
        since = middle[inside] - peak
        angle = np.pi * since / np.where(since < 0, peak - onset, end - peak)
        rows += [i] * len(inside)
        columns += np.column_stack([np.cos(angle), np.sin(angle)]).tolist()
        rates += (60 / nn.values[inside]).tolist()
    levels = (np.array(rows)[:, np.newaxis] == np.unique(rows)).astype(float)
    design, rates = np.column_stack([np.array(columns), levels]), np.array(rates)
    fit = np.linalg.lstsq(design, rates)[0]
    left = ((rates - design @ fit) ** 2).sum()
    whole = ((rates - levels @ np.linalg.lstsq(levels, rates)[0]) ** 2).sum()
    free, of_levels = len(rates) - design.shape[1], len(rates) - levels.shape[1]
    adjusted = 1 - (left / free) / (whole / of_levels) if free > 0 else np.nan
    phase = np.arctan2(fit[1], fit[0]) / 2 / np.pi
    return 1 - left / whole, adjusted, phase, free, levels.shape[1]


def test_least_squares_by_hand():
    nn, belt = intervals(train(noise=0.01)), breaths()
    found = sinus_arrhythmia(nn, belt, np.array([100.0]), np.array([130.0]))
    _, share, phase, _, _ = by_hand(nn, belt, 100.0, 130.0)
    assert found["rsa_share"][0] == pytest.approx(share, rel=1e-9)
    assert found["rsa_phase"][0] == pytest.approx(phase, rel=1e-9)


def test_a_phase_is_given_where_chance_gives_such_a_share_once_in_a_thousand():
    """Of a sine fitted to noise, 1 - F of the share is (1 - share)^(free / 2)."""
    chances = []
    for seed in range(6):
        nn, belt = intervals(train(size=1.5, noise=0.015, seed=seed)), breaths()
        found = sinus_arrhythmia(nn, belt, STOPS - 30, STOPS)
        for row, stop in enumerate(STOPS):
            share, *_, free, _ = by_hand(nn, belt, stop - 30, stop)
            chances.append((1 - share) ** (free / 2))
            assert np.isfinite(found["rsa_phase"][row]) == (chances[-1] <= 0.001)
    chances = np.array(chances)
    assert ((chances > 0.001) & (chances < 0.002)).sum() > 2
    assert ((chances > 0.0005) & (chances <= 0.001)).sum() > 2


@pytest.mark.parametrize(("heart", "seconds"), [(120.0, 9.0), (120.0, 13.0), (64.0, 13.0)])
def test_three_breaths_and_eight_degrees_of_freedom(heart, seconds):
    times = np.arange(0.0, 300.0, 60 / heart)
    times = times + 0.01 * np.sin(2 * np.pi * times / 4) + 0.002 * np.cos(times)
    nn, belt, enough = intervals(times), breaths(), []
    stops = 41.0 + 4 * np.arange(60)
    found = sinus_arrhythmia(nn, belt, stops - seconds, stops)
    for row, stop in enumerate(stops):
        *_, free, number = by_hand(nn, belt, stop - seconds, stop)
        enough.append(number >= 3 and free >= 8)
        assert np.isfinite(found["rsa_share"][row]) == enough[-1]
    if heart == 64:
        assert 0.1 < np.mean(enough) < 0.9  # 12 or 13 intervals in three breaths
    else:
        assert all(enough) == (seconds == 13)


@pytest.mark.parametrize(("sd", "given"), [(0.8e-4, False), (1.4e-4, True)])
def test_a_heart_is_regular_below_a_ten_thousandth_of_a_beat(sd, given):
    times = np.arange(0.0, 100.0, 0.8)
    values = 60 / (75 + np.sqrt(2) * sd * np.sin(2 * np.pi * (times + 0.4) / 4))
    nn = Intervals(times, times + 0.8, values, np.arange(len(times)) > 0)
    found = sinus_arrhythmia(nn, breaths(), np.array([40.0]), np.array([70.0]))
    assert np.isfinite(found["rsa_share"]).tolist() == [given]


def test_chance_has_no_phase():
    given = []
    for seed in range(40):
        nn = intervals(train(size=0.0, noise=0.02, seed=seed))
        given.append(np.isfinite(sinus_arrhythmia(nn, breaths(), STOPS - 30, STOPS)["rsa_phase"]))
    assert np.mean(given) < 0.01


def test_nothing_after_the_window_counts():
    times, belt = train(noise=0.02), breaths()
    found = sinus_arrhythmia(intervals(times), belt, STOPS - 30, STOPS)
    for row in range(0, len(STOPS), 4):
        early = {name: one[belt["end"] < STOPS[row]] for name, one in belt.items()}
        nn = intervals(times[times < STOPS[row]])
        again = sinus_arrhythmia(nn, early, STOPS[row : row + 1] - 30, STOPS[row : row + 1])
        for name, values in found.items():
            np.testing.assert_allclose(again[name][0], values[row], rtol=1e-9)


def test_a_regular_heart_and_few_breaths_give_nothing():
    nn = intervals(np.arange(0.0, 300.0, 0.8))
    found = sinus_arrhythmia(nn, breaths(), STOPS - 30, STOPS)
    assert all(np.isnan(one).all() for one in found.values())
    found = sinus_arrhythmia(intervals(train()), breaths(), STOPS - 11, STOPS)
    assert all(np.isnan(one).all() for one in found.values())
    nothing = {name: np.empty(0) for name in ("onset", "peak", "end")}
    found = sinus_arrhythmia(nn, nothing, STOPS - 30, STOPS)
    assert all(np.isnan(one).all() for one in found.values())
