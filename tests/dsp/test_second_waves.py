"""Reflection index: known heights of the second wave, none where there is none."""

import numpy as np
import pytest

from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import detect_raw
from physio_vad.dsp.pulses import measure_pulses


def pulses(second, sfreq=64.0, rate=70.0, noise=0.0, seed=0, late=0.31):
    """Two Gaussian waves, the second lower and later."""
    rng = np.random.default_rng(seed)
    train = np.arange(0.5, 60, 60 / rate)
    since = np.arange(int(60 * sfreq)) / sfreq - train[:, np.newaxis] - 0.25
    first = np.exp(-0.5 * (since / np.where(since < 0, 0.065, 0.11)) ** 2)
    wave = first + second * np.exp(-0.5 * ((since - late) / 0.075) ** 2)
    return 20 + wave.sum(axis=0) + noise * rng.standard_normal(since.shape[1])


def reflections(values, sfreq=64.0):
    return measure_pulses(detect_raw(values, sfreq, PPG_BEAT)).reflections[2:-2]


@pytest.mark.parametrize("sfreq", [32.0, 64.0, 250.0])
@pytest.mark.parametrize("second", [0.15, 0.3, 0.5])
def test_the_height_of_the_second_wave(second, sfreq):
    fine = np.arange(0.2, 0.4, 1e-4)
    shape = np.exp(-0.5 * (fine / 0.11) ** 2) + second * np.exp(-0.5 * ((fine - 0.31) / 0.075) ** 2)
    found = reflections(pulses(second, sfreq, rate=60.0), sfreq)
    assert np.isfinite(found).all()
    bend = np.exp(-0.5 * (0.31 / 0.11) ** 2)
    truth = max(second + bend, shape[fine > 0.28].max())
    assert np.median(found) == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("turned", [1.0, -1.0])
def test_light_that_falls_with_each_pulse(turned):
    found = reflections(turned * pulses(0.3))
    assert np.median(found) == pytest.approx(0.32, abs=0.02)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_pulses_without_a_second_wave_have_no_reflection(noise):
    found = np.concatenate([reflections(pulses(0.0, noise=noise, seed=one)) for one in range(4)])
    assert np.isfinite(found).mean() < 0.05
    time = np.arange(3000) / 50
    assert np.isnan(reflections(10 + np.sin(2 * np.pi * 1.2 * time), 50.0)).all()


def test_a_pulse_whose_second_wave_is_lost_has_none():
    values = pulses(0.3, rate=60.0)
    at = int(64 * (30.5 + 0.25 + 0.31))
    values[at - 3 : at + 4] = np.nan
    beats = detect_raw(values, 64.0, PPG_BEAT)
    found = measure_pulses(beats).reflections
    lost = np.abs(beats.times - 30.65) < 0.3
    assert lost.sum() == 1
    assert np.isnan(found[lost]).all()
    assert np.isfinite(found[2:-2][~lost[2:-2]]).all()


@pytest.mark.parametrize(("late", "seen"), [(0.5, True), (0.65, True), (0.85, False)])
def test_a_second_wave_comes_within_eight_tenths_of_a_second_of_the_rise(late, seen):
    """Which is some .07 s before the peak."""
    found = reflections(pulses(0.3, rate=38.0, late=late))
    assert np.isfinite(found).mean() == seen
