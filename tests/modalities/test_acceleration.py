"""Acceleration: known answers, invariances, gaps, odd input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.modalities.acceleration import GRAVITY, Acceleration

SFREQ = 32.0
TIMES = np.arange(int(60 * SFREQ)) / SFREQ
STARTS = np.arange(0.0, 50.1, 5.0)


def extract(values, *, sfreq=SFREQ, unit="g", starts=STARTS, length=10.0):
    signal = Signal(values, sfreq=sfreq, unit=unit)
    recording = Recording("a", {"acc": signal})
    block = Acceleration().extract(recording, starts, starts + length)
    names = [name.removeprefix("acceleration__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def noise(seed=0, n_samples=1920):
    up = np.array([[0.0], [0.6], [0.8]])
    return up + 0.1 * np.random.default_rng(seed).normal(size=(3, n_samples))


def same(a, b, **tolerance):
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def test_a_rising_vector_has_the_values_of_the_formulas():
    ramp = np.vstack([0 * TIMES, 0.3 * TIMES, 0.4 * TIMES])  # length t / 2
    found = extract(ramp)
    middle = STARTS + (10 - 1 / SFREQ) / 2
    np.testing.assert_allclose(found["magnitude_mean"], 0.5 * middle)
    np.testing.assert_allclose(found["magnitude_sd"], 0.5 * 10 / np.sqrt(12), rtol=1e-4)
    np.testing.assert_allclose(found["jerk"], 0.5)
    np.testing.assert_allclose(found["quality"], 1)


def test_turning_at_constant_length_has_jerk_and_no_sd():
    angle = 2 * np.pi * 0.5 * TIMES
    found = extract(np.vstack([np.cos(angle), np.sin(angle), 0 * angle]))
    np.testing.assert_allclose(found["magnitude_mean"], 1)
    np.testing.assert_allclose(found["magnitude_sd"], 0, atol=1e-7)
    np.testing.assert_allclose(found["jerk"], 2 * SFREQ * np.sin(np.pi * 0.5 / SFREQ))


def test_units_axes_and_turning_the_sensor():
    values = noise()
    same(extract(values), extract(values * GRAVITY, unit="m/s^2"), rtol=1e-9)
    same(extract(values), extract(values * 64, unit="1/64 g"), rtol=1e-9)
    same(extract(values), extract(values[::-1]), rtol=1e-9)
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    same(extract(values), extract(turned @ values), rtol=1e-6)


def test_lying_still_is_signal():
    found = extract(np.ones((3, len(TIMES))))
    np.testing.assert_allclose(found["magnitude_mean"], np.sqrt(3))
    np.testing.assert_allclose(found["quality"], 1)


def test_a_high_rate_is_averaged_first():
    slow = extract(np.vstack([np.sin(TIMES), 1 + 0 * TIMES]))
    times = np.arange(60 * 256) / 256
    hum = np.sin(times) + 0.2 * np.sin(2 * np.pi * 64 * times)
    same(extract(np.vstack([hum, 1 + 0 * times]), sfreq=256.0), slow, rtol=0.01)


def test_one_missing_axis_is_a_missing_vector():
    values = noise()
    values[1, 320:704] = np.nan  # 10 to 22 s
    found, whole = extract(values), extract(noise())
    lost = (STARTS > 5) & (STARTS < 20)
    np.testing.assert_array_equal(np.isnan(found["magnitude_mean"]), lost)
    np.testing.assert_array_equal(np.isnan(found["jerk"]), lost)
    np.testing.assert_array_equal(found["quality"] == 0, lost)
    far = (STARTS + 10 <= 10) | (STARTS >= 22.1)
    same({k: v[far] for k, v in found.items()}, {k: v[far] for k, v in whole.items()}, rtol=1e-9)
    values[1, 320:704] = np.inf
    same(found, extract(values), rtol=0)


@pytest.mark.parametrize("n_samples", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("sfreq", [0.5, 1.0, 32.0, 2000.0])
@pytest.mark.parametrize("filler", [0.0, np.nan, np.inf, 1e300, None])
def test_anything_goes_in_and_only_numbers_or_nan_come_out(n_samples, sfreq, filler):
    values = noise(n_samples=n_samples)
    if filler is not None:
        values[:, ::2] = filler
    found = extract(values, sfreq=sfreq, starts=np.array([-5.0, 0.0, 0.1, 100.0]), length=2.5)
    assert not np.isinf(list(found.values())).any()


@pytest.mark.parametrize(("sfreq", "factor"), [(20.0, 1), (63.9, 1), (64.0, 2), (100.0, 3)])
def test_about_32_samples_a_second_are_left(sfreq, factor):
    assert Acceleration().grid(sfreq) == factor
    values = np.tile([[0.0], [0.6], [0.8]], int(60 * sfreq))
    np.testing.assert_allclose(extract(values, sfreq=sfreq)["magnitude_mean"], 1.0)
