"""Respiration: known answers, invariances, gaps, odd input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.dsp.breaths import find_breath_cycles
from physio_vad.dsp.filters import zero_phase
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.respiration import PreparedRespiration, Respiration
from physio_vad.synthetic import renewal_times, simulate_respiration

STARTS = np.arange(0.0, 290.1, 10.0)
UNITLESS = ("rate", "inspiration_expiration_ratio", "rate_sd", "quality")


def extract(values, *, sfreq=25.0, unit="a.u.", starts=STARTS, length=10.0, start=0.0, **options):
    signal = Signal(values, sfreq=sfreq, unit=unit, start=start)
    block = Respiration(**options).extract(Recording("a", {"rsp": signal}), starts, starts + length)
    names = [name.removeprefix("respiration__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def belt(seconds=300.0, sfreq=25.0, seed=0):
    rng = np.random.default_rng(seed)
    breaths = renewal_times(15.0, seconds, regularity=60.0, shortest=0.5, rng=rng)
    return simulate_respiration(breaths, sfreq, seconds, rng=rng)


def prepared_by_hand():
    nothing = np.zeros((1, 600), dtype=bool)
    signal = CleanSignal(np.zeros((1, 600)), nothing, nothing, 10.0, 0.0, ("0",))
    onset, end = np.array([1.0, 5.0, 9.0, 50.0]), np.array([5.0, 9.0, 15.0, 56.0])
    breaths = {
        "onset": onset,
        "peak": onset + np.array([1.0, 2.0, 2.0, 3.0]),
        "end": end,
        "amplitude": np.array([2.0, 4.0, 6.0, 1.0]),
        "period": end - onset,
        "inspiration": np.array([1.0, 2.0, 2.0, 3.0]),
        "expiration": np.array([3.0, 2.0, 4.0, 3.0]),
    }
    return PreparedRespiration(signal, breaths, {"time": end, "clear": np.ones(4)})


def test_every_feature_by_hand():
    starts, stops = np.array([0.0, 5.0, 50.0]), np.array([14.0, 35.0, 60.0])
    found = Respiration(context=10.0).compute(prepared_by_hand(), starts, stops)
    # whole breaths: the first two, the second two, and one, which is not enough
    np.testing.assert_allclose(found["rate"], [15, 12, np.nan])
    np.testing.assert_allclose(found["amplitude"], [3, 5, np.nan])
    np.testing.assert_allclose(found["rvt"], [0.75, 1.0, np.nan])
    np.testing.assert_allclose(
        found["inspiration_expiration_ratio"], [(1 / 3 + 1) / 2, 0.75, np.nan]
    )
    np.testing.assert_allclose(found["rate_sd"], [0, 5 / np.sqrt(2), np.nan])  # 15 and 10 /min


@pytest.mark.parametrize("rate", [6.0, 12.0, 15.0, 30.0])
def test_rate_and_depth_of_a_wave(rate):
    found = extract(3 + 2 * np.sin(2 * np.pi * rate / 60 * np.arange(7500) / 25))
    np.testing.assert_allclose(found["rate"][3:], rate, rtol=0.02)
    np.testing.assert_allclose(found["amplitude"][3:], 4, rtol=0.1)
    np.testing.assert_allclose(found["rvt"][3:], 4 * rate / 60, rtol=0.1)
    np.testing.assert_allclose(found["inspiration_expiration_ratio"][3:], 1, rtol=0.1)


def test_amplitudes_are_those_of_neurokit():
    import neurokit2 as nk

    found = find_breath_cycles(belt(sfreq=10.0), np.zeros(3000, dtype=bool), 10.0)
    smooth = zero_phase(belt(sfreq=10.0), 10.0, high=1.5)
    troughs = np.round(10 * found["onset"]).astype(int)
    peaks = np.round(10 * found["peak"]).astype(int)
    theirs = nk.rsp_amplitude(smooth, peaks=peaks, troughs=troughs)[peaks]
    np.testing.assert_allclose(smooth[peaks] - smooth[troughs], theirs, rtol=1e-9)
    np.testing.assert_allclose(found["amplitude"], theirs, rtol=1e-3)  # between samples: rounding


def test_offset_scale_and_start():
    expected = extract(belt())
    for name, column in extract(100 * belt() - 7, unit="mV").items():
        scale = 1 if name in UNITLESS else 100
        np.testing.assert_allclose(column, scale * expected[name], rtol=1e-6, err_msg=name)
    for name, column in extract(belt(), start=50.1, starts=STARTS + 50.1).items():
        np.testing.assert_allclose(column, expected[name], rtol=1e-6, err_msg=name)


def test_held_breath_has_no_rate_but_good_quality():
    values = belt()
    values[2500:3375] = values[2500] + 1e-3 * np.random.default_rng(0).standard_normal(875)
    found = extract(values)
    np.testing.assert_array_equal(found["quality"], 1)
    assert np.isnan(found["rate"][12:14]).all()
    assert np.isfinite(found["rate"][18:]).all()


def test_gap_stays_where_it_is():
    values, spoilt, other = belt(), belt(), belt()
    spoilt[2500:2750], other[2500:2750] = np.nan, np.inf
    clean, found, same = extract(values), extract(spoilt), extract(other)
    settling = Respiration.settling
    far = (STARTS + 10 + settling <= 100) | (STARTS - 20 - settling >= 110)
    for name, column in clean.items():
        np.testing.assert_array_equal(found[name], same[name])
        np.testing.assert_allclose(found[name][far], column[far], rtol=1e-6, err_msg=name)
    assert np.isnan(found["rate"][10])


@pytest.mark.parametrize("sfreq", [1.0, 2.5, 64.0, 1000.0])
@pytest.mark.parametrize("n_samples", [0, 1, 3, 400])
def test_any_length_and_rate_has_an_answer(sfreq, n_samples):
    values = np.random.default_rng(0).standard_normal(n_samples)
    found = extract(values, sfreq=sfreq, starts=np.arange(0.0, 40.0, 10.0))
    assert not any(np.isinf(column).any() for column in found.values())


def test_too_low_a_rate_is_said():
    signal = Signal(np.sin(np.arange(60.0)), sfreq=1.0, unit="V")
    recording = Recording("a", {"resp": signal})
    block = Respiration().extract(recording, np.array([0.0]), np.array([60.0]))
    assert "no breaths can be found at 1 Hz" in block.warning
    assert np.isnan(block.values[0, :-1]).all()
    assert block.values[0, -1] == 0


@pytest.mark.parametrize("noise", ["white", "steps"])
def test_a_belt_that_shows_only_noise_has_no_breaths_and_no_quality(noise):
    """As of a belt at the end of its converter's range, which reads one step more or less."""
    values = np.random.default_rng(0).normal(size=7500)
    values = np.round(values) if noise == "steps" else values
    signal = Signal(values, sfreq=25.0, unit="a.u.")
    starts = np.arange(0.0, 290.0, 10.0)
    block = Respiration().extract(Recording("a", {"respiration": signal}), starts, starts + 10)
    assert np.isnan(block.values[:, :-1]).mean() > 0.97
    assert (block.values[1:, -1] < 0.15).all()


def test_breaths_in_noise_are_found_and_trusted():
    values = belt(sfreq=25.0)
    values = values + 0.1 * np.ptp(values) * np.random.default_rng(0).normal(size=len(values))
    signal = Signal(values, sfreq=25.0, unit="a.u.")
    starts = np.arange(0.0, 250.0, 10.0)
    clean, noisy = (
        Respiration().extract(Recording("a", {"respiration": one}), starts, starts + 40).values
        for one in (Signal(belt(sfreq=25.0), 25.0, "a.u."), signal)
    )
    np.testing.assert_allclose(noisy[:, 0], clean[:, 0], rtol=0.05)
    assert (noisy[:, -1] > 0.9).all()
