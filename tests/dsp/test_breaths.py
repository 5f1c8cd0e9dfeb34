"""Breaths: waves by hand, the truth of simulations, gaps and pauses."""

import numpy as np
import pytest

from physio_vad.dsp.breaths import (
    clear_breaths,
    find_breath_cycles,
    find_breaths_raw,
    low_rate_factor,
)
from physio_vad.features.detectors import find_breaths
from physio_vad.synthetic import renewal_times, simulate_respiration


def find(values, sfreq=10.0, bad=None):
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_breath_cycles(values, bad, sfreq)


def wave(seconds=60.0, sfreq=10.0, period=4.0, inspiration=0.4):
    phase = (np.arange(int(seconds * sfreq)) / sfreq / period) % 1
    up, down = phase / inspiration, (phase - inspiration) / (1 - inspiration)
    return np.where(phase < inspiration, -np.cos(np.pi * up), np.cos(np.pi * down))


def test_course_of_a_wave():
    found = find(wave())
    np.testing.assert_allclose(found["onset"], np.arange(4.0, 56.0, 4.0), atol=0.1)
    np.testing.assert_allclose(found["period"], 4.0, atol=0.02)
    np.testing.assert_allclose(found["amplitude"], 2.0, rtol=0.05)
    np.testing.assert_allclose(found["inspiration"], 1.6, atol=0.1)
    np.testing.assert_allclose(found["expiration"], 2.4, atol=0.1)
    np.testing.assert_allclose(found["end"], found["onset"] + found["period"])
    np.testing.assert_allclose(found["peak"], found["onset"] + found["inspiration"])


def test_scale_offset_and_drift_change_nothing():
    found = find(wave())
    for values in (1000 * wave() + 5e4, wave() + np.linspace(0, 5, 600)):
        np.testing.assert_allclose(find(values)["period"], found["period"], atol=0.11)


def test_ripples_within_a_breath_are_no_breaths():
    ripple = 0.15 * np.sin(2 * np.pi * 0.9 * np.arange(600) / 10)
    assert len(find(wave() + ripple)["period"]) == len(find(wave())["period"])


@pytest.mark.parametrize(("period", "seen"), [(0.9, 0), (1.1, 1), (14.5, 1), (15.5, 0)])
def test_a_breath_takes_1_to_15_seconds(period, seen):
    found = find(wave(90.0, period=period))["period"]
    np.testing.assert_allclose(found, np.full(len(found), period), atol=0.1)
    assert bool(len(found)) == seen


@pytest.mark.parametrize(("depth", "period"), [(0.3, 4.0), (0.2, 8.0)])
def test_a_breath_is_at_least_a_quarter_as_deep_as_those_around(depth, period):
    """What is shallower belongs to the breath before."""
    values = (1 + wave(120.0)) * np.repeat(np.tile([1.0, depth, 1.0], 10), 40)
    assert find(values)["period"].max() == pytest.approx(period, abs=0.2)


def test_shallow_breaths_count_15_s_after_deep_ones():
    values = (1 + wave(360.0)) * np.where(np.arange(3600) < 1800, 1.0, 0.2)
    onsets = find(values)["onset"]
    assert onsets[onsets > 181].min() == pytest.approx(196, abs=4)


@pytest.mark.parametrize(("sfreq", "factor"), [(4.0, 1), (14.0, 1), (16.0, 2), (1000.0, 100)])
def test_a_signal_is_averaged_down_to_about_10_hz(sfreq, factor):
    assert low_rate_factor(sfreq) == factor


@pytest.mark.parametrize("sfreq", [30.0, 1000.0])
def test_times_are_those_of_the_signal_before_it_was_averaged(sfreq):
    found = find_breaths_raw(wave(60.0, sfreq, inspiration=0.5), sfreq)
    assert "noise" not in found
    for name, first in (("onset", 4.0), ("peak", 6.0), ("end", 8.0)):
        np.testing.assert_allclose(found[name], first + 4 * np.arange(13), atol=0.01)


@pytest.mark.parametrize(("rate", "noise"), [(2.5, 0.2 / np.sqrt(2)), (0.8, 0.0)])
def test_noise_is_what_is_faster_than_breathing(rate, noise):
    found = find(wave() + 0.2 * np.sin(2 * np.pi * rate * np.arange(600) / 10))["noise"]
    assert np.median(found) == pytest.approx(noise, abs=0.03)


def test_clear_breaths_are_four_times_as_high_as_their_noise():
    breaths = {"amplitude": np.array([3.9, 4.0, 8.0]), "noise": np.array([1.0, 1.0, 2.1])}
    assert {name: one.tolist() for name, one in clear_breaths(breaths).items()} == {
        "amplitude": [4.0]
    }


@pytest.mark.parametrize(("sfreq", "seen"), [(1.9, False), (2.0, True)])
def test_the_lowest_rate_at_which_breaths_are_seen(sfreq, seen):
    assert bool(len(find(wave(60.0, sfreq, period=6.0), sfreq)["onset"])) == seen


def test_one_loud_artefact_does_not_hide_the_breaths_of_the_rest():
    values = wave(180.0)
    values[900:940] += 50
    onsets = find(values)["onset"]
    rest = onsets[(onsets < 78) | (onsets > 106)]
    np.testing.assert_allclose(rest, [*range(4, 77, 4), *range(108, 173, 4)], atol=0.1)


def test_a_breath_that_touches_a_gap_is_left_out():
    bad = np.zeros(600, dtype=bool)
    bad[295:300] = True
    found = find(wave(), bad=bad)
    assert len(found["onset"]) == len(find(wave())["onset"]) - 1
    assert not ((found["onset"] < 29.5) & (found["end"] > 29.5)).any()


@pytest.mark.parametrize("n_samples", [0, 1, 2, 5, 30])
def test_short_signals_have_no_breaths(n_samples):
    assert all(len(column) == 0 for column in find(np.arange(float(n_samples))).values())


@pytest.mark.parametrize("rate", [10.0, 15.0, 25.0])
@pytest.mark.parametrize("sfreq", [4.0, 25.0, 250.0])
def test_known_breaths_are_found(rate, sfreq):
    rng = np.random.default_rng(0)
    true = renewal_times(rate, 300.0, regularity=60.0, shortest=0.5, rng=rng)
    depth = np.exp(0.2 * rng.standard_normal(30))
    belt = simulate_respiration(true, sfreq, 300.0, depth=depth, drift=0.1, noise=0.03, rng=rng)
    found = find_breaths(belt, sfreq)
    inner = true[(true > 8) & (true < 290)]
    hits = sum(np.abs(found["onset"] - time).min() <= 0.25 * 60 / rate for time in inner)
    assert hits / len(inner) >= 0.97
    assert len(found) <= len(true)
    assert found["period"].median() == pytest.approx(np.median(np.diff(true)), rel=0.05)
    assert found["amplitude"].mean() == pytest.approx(depth.mean(), rel=0.1)


def test_what_was_found_last_is_used_only_for_the_same_samples():
    values, bad = wave(), np.zeros(600, dtype=bool)
    first = find(values, bad=bad)
    assert find(values.copy(), bad=bad)["period"] is first["period"]
    bad[200:260] = True  # in place, as a live buffer is written
    assert len(find(values, bad=bad)["period"]) < len(first["period"])
    np.testing.assert_allclose(find(values, sfreq=8.0)["period"], 5.0, atol=0.02)
    values[300:] = 0.0
    assert find(values)["end"].max() < 33.0
    with pytest.raises(ValueError, match="read-only"):
        first["period"][0] = 0.0
