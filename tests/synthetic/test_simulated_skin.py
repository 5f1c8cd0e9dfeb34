import numpy as np
import pytest

from physio_vad.synthetic import (
    renewal_times,
    scr_peak_delay,
    simulate_eda,
    simulate_temperature,
)


def test_a_response_has_the_asked_height_at_the_asked_time():
    onset, amplitude, rise, decay = 5.0, 0.4, 0.6, 2.5
    skin = simulate_eda(
        [onset], [amplitude], 200.0, 30.0, rise=rise, decay=decay, level=4.0, noise=0.0
    )
    delay = np.log(decay / rise) / (1 / rise - 1 / decay)
    assert (skin[: int(onset * 200)] == 4.0).all()
    assert skin.max() - 4.0 == pytest.approx(amplitude, rel=1e-4)
    assert skin.argmax() / 200 == pytest.approx(onset + delay, abs=0.005)
    assert float(scr_peak_delay(rise, decay)) == pytest.approx(delay)


def test_overlapping_responses_add_up():
    both, first, second = (
        simulate_eda(onsets, 0.3, 50.0, 30.0, level=0.0, noise=0.0)
        for onsets in ([5.0, 7.0], [5.0], [7.0])
    )
    assert both == pytest.approx(first + second)


def test_each_response_has_its_own_shape():
    skin = simulate_eda(
        [2.0, 30.0],
        [0.1, 0.5],
        100.0,
        60.0,
        rise=[0.5, 1.0],
        decay=[2.0, 4.0],
        level=2.0,
        noise=0.0,
    )
    assert skin[:2500].max() - 2 == pytest.approx(0.1, rel=1e-3)
    assert skin[2500:].max() - 2 == pytest.approx(0.5, rel=1e-3)


def test_every_response_is_a_local_maximum():
    onsets = renewal_times(4.0, 600.0, shortest=0.4, rng=1)
    onsets = onsets[onsets < 590]
    skin = simulate_eda(onsets, 0.3, 20.0, 600.0, noise=0.0)
    turns = np.flatnonzero((np.diff(skin[:-1]) > 0) & (np.diff(skin[1:]) < 0))
    assert len(turns) == len(onsets)


def test_without_responses_there_is_level_and_noise():
    skin = simulate_eda([], [], 50.0, 400.0, level=np.array([2.0, 6.0]), noise=0.01, rng=2)
    line = 2 + 4 * np.arange(20000) / 50 / 400
    assert (skin - line).std() == pytest.approx(0.01, rel=0.03)


def test_drift_is_as_strong_as_asked_and_slow():
    skin = simulate_eda([], [], 10.0, 1200.0, level=0.0, drift=0.2, noise=0.0, rng=3)
    assert np.sqrt(np.mean(skin**2)) == pytest.approx(0.2, rel=0.05)
    power = np.abs(np.fft.rfft(skin)) ** 2
    frequencies = np.fft.rfftfreq(len(skin), 0.1)
    assert power[frequencies > 0.1].sum() < 0.01 * power.sum()


def test_temperature_follows_its_course():
    skin = simulate_temperature(np.array([33.0, 32.0]), 4.0, 60.0, drift=0.0, noise=0.0)
    assert skin == pytest.approx(33 - np.arange(240) / 240)
    noisy = simulate_temperature(33.0, 50.0, 60.0, drift=0.0, noise=0.02, rng=4)
    assert noisy.std() == pytest.approx(0.02, rel=0.05)
