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


def test_least_squares_by_hand():
    nn, belt = intervals(train(noise=0.01)), breaths()
    found = sinus_arrhythmia(nn, belt, np.array([100.0]), np.array([130.0]))
    middle = (nn.begins + nn.ends) / 2
    rows, columns, rates = [], [], []
    for i in np.flatnonzero((belt["onset"] >= 100) & (belt["end"] <= 130)):
        onset, peak, end = (belt[name][i] for name in ("onset", "peak", "end"))
        inside = np.flatnonzero((middle >= onset) & (middle < end))
        if nn.ends[inside].max() > 130:
            continue
        since = middle[inside] - peak
        angle = np.pi * since / np.where(since < 0, peak - onset, end - peak)
        rows += [i] * len(inside)
        columns += np.column_stack([np.cos(angle), np.sin(angle)]).tolist()
        rates += (60 / nn.values[inside]).tolist()
    levels = (np.array(rows)[:, np.newaxis] == np.unique(rows)).astype(float)
    design, rates = np.column_stack([np.array(columns), levels]), np.array(rates)
    fit = np.linalg.lstsq(design, rates)[0]
    left = ((rates - design @ fit) ** 2).sum() / (len(rates) - design.shape[1])
    whole_share = ((rates - levels @ np.linalg.lstsq(levels, rates)[0]) ** 2).sum()
    share = 1 - left / (whole_share / (len(rates) - levels.shape[1]))
    assert found["rsa_share"][0] == pytest.approx(share, rel=1e-9)
    assert found["rsa_phase"][0] == pytest.approx(np.arctan2(fit[1], fit[0]) / 2 / np.pi, rel=1e-9)


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
