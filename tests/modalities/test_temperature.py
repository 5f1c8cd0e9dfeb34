"""Skin temperature: known answers, invariances, gaps, odd input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.modalities.temperature import Temperature

SFREQ = 4.0
TIMES = np.arange(int(600 * SFREQ)) / SFREQ
STARTS = np.arange(0.0, 580.1, 20.0)


def extract(values, *, sfreq=SFREQ, unit="C", starts=STARTS, length=20.0, **kwargs):
    signal = Signal(values, sfreq=sfreq, unit=unit)
    recording = Recording("a", {"skt": signal})
    block = Temperature(**kwargs).extract(recording, starts, starts + length)
    names = [name.removeprefix("temperature__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def skin(seed=0, times=TIMES):
    rng = np.random.default_rng(seed)
    return 33 + 0.2 * np.sin(times / 100) + 0.01 * rng.normal(size=len(times))


def same(a, b, **tolerance):
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def test_a_line_has_the_values_of_the_formulas():
    found = extract(33 + TIMES / 60)  # 1 C a minute
    np.testing.assert_allclose(found["slope"], 1)
    np.testing.assert_allclose(found["mean"], 33 + (STARTS + 10 - 0.125) / 60)
    np.testing.assert_allclose(found["range"], (20 - 0.25) / 60)
    np.testing.assert_allclose(found["sd"], 20 / 60 / np.sqrt(12), rtol=1e-3)
    np.testing.assert_allclose(found["lf_power"][9:], 0, atol=1e-12)


@pytest.mark.parametrize("period", [20.0, 25.0, 50.0])
def test_power_of_a_slow_wave_is_half_its_amplitude_squared(period):
    found = extract(33 + TIMES / 600 + 0.3 * np.sin(2 * np.pi * TIMES / period))
    assert np.isnan(found["lf_power"][STARTS + 20 < 200]).all()
    np.testing.assert_allclose(found["lf_power"][9:], 0.3**2 / 2, rtol=0.02)


def test_faster_and_slower_waves_are_not_in_it():
    for period in (4.0, 6.0, 2000.0):
        found = extract(33 + 0.3 * np.sin(2 * np.pi * TIMES / period))
        assert (found["lf_power"][9:] < 0.02 * 0.3**2 / 2).all()


def test_units_and_rates():
    values = skin()
    same(extract(values), extract(values + 273.15, unit="K"), rtol=1e-6, atol=1e-9)
    same(extract(values), extract(values * 9 / 5 + 32, unit="F"), rtol=1e-6, atol=1e-9)
    fine = np.repeat(values, 16)
    same(extract(values), extract(fine, sfreq=64.0), rtol=1e-6, atol=1e-9)


def test_an_offset_moves_the_mean_alone():
    here, there = extract(skin()), extract(skin() + 4)
    np.testing.assert_allclose(there["mean"], here["mean"] + 4)
    del here["mean"], there["mean"]
    same(here, there, rtol=1e-6, atol=1e-9)


def test_context_reaches_back_before_short_windows():
    found = extract(33 + TIMES / 60, starts=np.arange(0.0, 30.0), length=1.0)
    assert np.isnan(found["slope"][:4]).all()
    np.testing.assert_allclose(found["slope"][4:], 1)
    np.testing.assert_allclose(found["range"][10:], (10 - 0.25) / 60)


def test_a_gap_stays_where_it_is():
    values, whole = skin(), extract(skin())
    results = []
    for filler in (np.nan, np.inf, 500.0):
        holed = values.copy()
        holed[800:1000] = filler  # 200 to 250 s
        results.append(extract(holed))
    found = results[0]
    same(found, results[1], rtol=0)
    same(found, results[2], rtol=0)
    assert np.isnan(found["mean"][STARTS == 220]).all()
    assert found["quality"][STARTS == 220] == 0
    far = (STARTS + 20 <= 199) | (STARTS >= 251)
    for name in ("mean", "sd", "slope", "range", "quality"):
        np.testing.assert_allclose(found[name][far], whole[name][far], rtol=1e-9)
    lost = (STARTS + 20 > 220) & (STARTS + 20 < 430)  # more than 20 of 200 s
    assert np.isnan(found["lf_power"][lost]).all()
    after = STARTS + 20 >= 450
    np.testing.assert_allclose(found["lf_power"][after], whole["lf_power"][after], rtol=1e-9)


def test_equal_values_of_a_coarse_sensor_are_signal():
    values = np.round(33 + TIMES / 600, 1)  # the same value for 60 s
    found = extract(values)
    assert np.isfinite(found["mean"]).all()
    np.testing.assert_allclose(found["quality"], 1)


@pytest.mark.parametrize("n_samples", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("sfreq", [0.1, 1.0, 4.0, 250.0, 2000.0])
@pytest.mark.parametrize("filler", [0.0, np.nan, np.inf, 1e300, None])
def test_anything_goes_in_and_only_numbers_or_nan_come_out(n_samples, sfreq, filler):
    values = skin(times=TIMES[:n_samples])
    if filler is not None:
        values[::2] = filler
    found = extract(values, sfreq=sfreq, starts=np.array([-5.0, 0.0, 0.1, 100.0]), length=2.5)
    assert not np.isinf(list(found.values())).any()


@pytest.mark.parametrize(("n_good", "given"), [(20, True), (19, False)])
def test_a_slope_is_one_of_five_seconds(n_good, given):
    values = 33 + TIMES[:1200] / 60
    values[1160 + n_good : 1200] = np.nan
    found = Temperature(context=10.0).compute(
        Temperature().prepare(Temperature().clean(Signal(values, SFREQ, "C")), {}),
        np.array([290.0]),
        np.array([300.0]),
    )
    np.testing.assert_allclose(found["slope"].ravel(), 1.0 if given else np.nan)


@pytest.mark.parametrize(("lost", "given"), [(80, True), (81, False)])
def test_slow_waves_may_miss_a_tenth_of_200_s(lost, given):
    values = skin()
    values[1400 : 1400 + lost] = np.nan  # from 350 s on
    found = extract(values, starts=np.array([480.0]))
    assert np.isfinite(found["lf_power"]).tolist() == [given]


def test_a_window_may_end_a_sample_after_its_signal():
    values = skin()[:1600]
    found = extract(values, starts=np.array([380.0, 380.25, 380.5]))
    assert np.isfinite(found["lf_power"]).tolist() == [True, True, False]
