"""Breathing rate from beats: known rates, nothing from noise, nothing that comes later."""

import numpy as np
import pytest

from physio_vad.dsp.breathing_rate import TRUSTED, breathing_rate

STOPS = np.arange(40.0, 300.0, 10.0)


def beats(rate=75.0, seed=0):
    """Times of somewhat irregular beats over five minutes."""
    rng = np.random.default_rng(seed)
    return np.cumsum(60 / rate + 0.02 * rng.standard_normal(int(5 * rate)))


def modulated(times, rate, sizes=(0.1, 0.2, 0.05), noise=0.02, seed=0):
    """Height, level and interval of beats that follow breaths, each at a phase of its own."""
    rng = np.random.default_rng(seed)
    phases = 2 * np.pi * (rate / 60 * times + np.array([[0.0], [0.3], [0.6]]))
    wave = np.array(sizes)[:, np.newaxis] * np.sin(phases)
    return np.array([[1.0], [0.0], [0.8]]) + wave + noise * rng.standard_normal(wave.shape)


@pytest.mark.parametrize("rate", [7.0, 12.0, 18.0, 28.0])
def test_the_rate_of_breaths(rate):
    times = beats()
    found = breathing_rate(times, modulated(times, rate), STOPS, 30.0)
    np.testing.assert_allclose(found["resp_rate"], rate, atol=0.6)
    assert (found["resp_rate_quality"] > 0.75).all()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_one_modulation_may_be_noise(lost):
    times = beats()
    sizes, noise = [0.1, 0.1, 0.1], np.full((3, 1), 0.01)
    sizes[lost], noise[lost] = 0.0, 0.1
    found = breathing_rate(times, modulated(times, 15.0, sizes, noise), STOPS, 30.0)
    assert np.isfinite(found["resp_rate"]).mean() > 0.9
    np.testing.assert_allclose(found["resp_rate"], 15.0, atol=1.0)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_noise_has_no_rate(exponent):
    """Flat, 1/f and 1/f^2: where one of twenty windows is given, 60 recordings."""
    rng, given = np.random.default_rng(int(exponent)), []
    for seed in range(60):
        times = beats(seed=seed)
        spectra = np.fft.rfft(rng.standard_normal((3, len(times))))
        spectra[:, 1:] /= np.arange(1, spectra.shape[1]) ** (exponent / 2)
        noise = np.fft.irfft(spectra, len(times))
        noise *= 0.1 / noise.std(axis=1, keepdims=True)
        noise += [[1.0], [0.0], [0.8]]
        given.append(np.isfinite(breathing_rate(times, noise, STOPS[::3], 30.0)["resp_rate"]))
    assert np.mean(given) < 0.08


def test_two_rates_at_once_are_not_trusted():
    times = beats()
    both = modulated(times, 10.0, (0.15, 0.15, 0.0))
    both += modulated(times, 24.0, (0.1, 0.1, 0.0)) - [[1.0], [0.0], [0.8]]
    found = breathing_rate(times, both, STOPS, 30.0)
    assert np.median(found["resp_rate_quality"]) < 0.55
    assert np.isnan(found["resp_rate"]).mean() > 0.9


@pytest.mark.parametrize("rate", [4.0, 36.0])
def test_rates_beyond_the_band_are_not_given(rate):
    times = beats(rate=90.0)
    found = breathing_rate(times, modulated(times, rate), STOPS, 30.0)
    assert np.isnan(found["resp_rate"]).all()


def test_nothing_above_half_of_the_heart_rate():
    times = beats(rate=40.0)
    rng = np.random.default_rng(0)
    noise = np.array([[1.0], [0.0], [1.5]]) + 0.05 * rng.standard_normal((3, len(times)))
    found = breathing_rate(times, noise, STOPS, 30.0)["resp_rate"]
    assert not (found > 20).any()
    slow = breathing_rate(times, modulated(times, 14.0), STOPS, 30.0)["resp_rate"]
    np.testing.assert_allclose(slow, 14.0, atol=0.6)


def test_neither_scale_nor_later_beats_change_it():
    times = beats()
    course = modulated(times, 15.0)
    found = breathing_rate(times, course, STOPS, 30.0)
    scaled = breathing_rate(times + 1e3, course * [[7.0], [7.0], [1.0]], STOPS + 1e3, 30.0)
    until = times < STOPS[9]
    early = breathing_rate(times[until], course[:, until], STOPS[:10], 30.0)
    for name, values in found.items():
        np.testing.assert_allclose(scaled[name], values, rtol=1e-6)
        np.testing.assert_array_equal(early[name], values[:10])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_beats_and_beats_that_are_all_alike(number):
    times = 0.8 * np.arange(number)
    found = breathing_rate(times, np.ones((3, number)), STOPS, 30.0)
    assert np.isnan(found["resp_rate"]).all()
    times = 0.8 * np.arange(375)
    found = breathing_rate(times, np.ones((3, 375)), STOPS, 30.0)
    assert np.isnan(found["resp_rate"]).all()
    assert (found["resp_rate_quality"] < TRUSTED).all()


def by_hand(times, modulations, stop, context):
    """Two values a second, Hann taper, 256 values, bins from .1 to .5 Hz weighed by frequency."""
    n_values = int(2 * context)
    clock = times[times < stop][-1] + np.arange(1 - n_values, 1) / 2
    courses = np.array([np.interp(clock, times, one) for one in modulations])
    height, _, interval = courses.mean(axis=1)
    courses = (courses.T - courses.mean(axis=1)) / [height, height, interval]
    ramp = np.arange(n_values) - (n_values - 1) / 2
    courses -= np.outer(ramp, ramp @ courses) / (ramp @ ramp)
    taper = np.hanning(n_values + 2)[1:-1]
    freqs = np.arange(129) / 128
    power = np.abs(np.fft.rfft(courses.T * taper, 256)) ** 2 + 1e-8 * (taper @ taper)
    inside = np.flatnonzero((freqs >= 0.1) & (freqs <= 0.5))
    power = (power * freqs * (freqs <= 0.5 / interval))[:, inside]
    shares = power / power.sum(axis=1, keepdims=True)
    weights = shares.max(axis=1) ** 2
    share = weights @ shares / weights.sum()
    top = share.argmax()
    if not 0 < top < len(inside) - 1 or share[top + 1] == 0:
        return np.nan, 0.0
    line = round(128 / context)
    quality = share[max(top - line, 0) : top + line + 1].sum()
    left, middle, right = share[top - 1 : top + 2]
    shift = 0.5 * (left - right) / (left - 2 * middle + right)
    return (60 * (inside[top] + shift) / 128 if quality >= 0.6 else np.nan), quality


@pytest.mark.parametrize("context", [20.0, 30.0, 50.0])
def test_rate_and_quality_by_hand(context):
    rates, times = [], beats(70.0, seed=2)
    for rate, noise in ((6.3, 0.05), (11.0, 0.15), (17.0, 0.1), (29.3, 0.05), (33.0, 0.05)):
        rows = modulated(times, rate, noise=noise, seed=int(rate))
        found = breathing_rate(times, rows, STOPS, context)
        wanted = np.array([by_hand(times, rows, stop, context) for stop in STOPS])
        np.testing.assert_allclose(found["resp_rate"], wanted[:, 0], rtol=1e-9)
        np.testing.assert_allclose(found["resp_rate_quality"], wanted[:, 1], rtol=1e-9)
        rates.append(wanted)
    rates = np.concatenate(rates)
    assert np.isnan(rates[:, 0]).any()
    assert (rates[:, 1] == 0).any()
    assert ((rates[:, 1] > 0.55) & (rates[:, 1] < 0.65)).any()


@pytest.mark.parametrize(("size", "seen"), [(3e-5, False), (1e-3, True)])
def test_a_modulation_of_less_than_a_ten_thousandth_says_nothing(size, seen):
    times = 0.8 * np.arange(375)
    rows = modulated(times, 15.0, (size, 0.0, 0.0), noise=0.0)
    found = breathing_rate(times, rows, STOPS, 30.0)
    assert (found["resp_rate_quality"] >= TRUSTED).all() == seen
    wanted = np.array([by_hand(times, rows, stop, 30.0) for stop in STOPS])
    np.testing.assert_allclose(found["resp_rate_quality"], wanted[:, 1], rtol=1e-6)
