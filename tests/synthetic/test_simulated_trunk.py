import numpy as np
import pytest
from scipy.signal import argrelmax, argrelmin

from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic import simulate_emg, simulate_respiration


def test_tonus_is_the_root_mean_square():
    emg = simulate_emg(8.0, 250.0, 120.0, noise=0.0)
    assert np.sqrt(np.mean(emg**2)) == pytest.approx(8.0, rel=0.02)


@pytest.mark.parametrize("sfreq", [64.0, 250.0, 2000.0])
def test_there_is_no_emg_below_20_hz(sfreq):
    emg = simulate_emg(5.0, sfreq, 60.0, noise=0.0)
    power = np.abs(np.fft.rfft(emg * np.hanning(len(emg)))) ** 2
    frequencies = np.fft.rfftfreq(len(emg), 1 / sfreq)
    assert power[frequencies < 19].sum() < 1e-3 * power.sum()


def test_bursts_are_strong_in_their_middle_and_over_at_their_end():
    emg = np.array(
        [
            simulate_emg(
                1.0, 200.0, 10.0, bursts=[5.0], heights=39.0, lengths=2.0, noise=0.0, rng=seed
            )
            for seed in range(400)
        ]
    )
    envelope = np.sqrt(np.mean(emg**2, axis=0))
    assert envelope[1000] == pytest.approx(40.0, rel=0.15)
    assert envelope[900] == pytest.approx(1 + 39 / 2, rel=0.15)  # half way to the end
    assert envelope[:790].mean() == pytest.approx(1.0, rel=0.1)
    assert envelope[1210:].mean() == pytest.approx(1.0, rel=0.1)


def test_emg_below_40_hz_sampling_is_refused():
    with pytest.raises(ArgumentError, match="no power"):
        simulate_emg(5.0, 32.0, 10.0)


def test_breaths_are_troughs_and_as_deep_as_asked():
    breaths = np.array([2.0, 6.0, 11.0, 14.0])
    belt = simulate_respiration(
        breaths, 100.0, 20.0, depth=3.0, inspiration=0.25, drift=0.0, noise=0.0
    )
    troughs, peaks = argrelmin(belt)[0] / 100, argrelmax(belt)[0] / 100
    assert troughs[(troughs > 1) & (troughs < 15)] == pytest.approx(breaths, abs=0.011)
    expected = breaths[:-1] + 0.25 * np.diff(breaths)
    assert peaks[(peaks > 2) & (peaks < 14)] == pytest.approx(expected, abs=0.011)
    assert belt.max() == pytest.approx(3.0, abs=0.01)
    assert belt.min() == pytest.approx(0.0, abs=0.01)


def test_breathing_goes_on_before_the_first_and_after_the_last_onset():
    belt = simulate_respiration([30.0, 34.0], 50.0, 60.0, drift=0.0, noise=0.0)
    assert len(argrelmax(belt)[0]) == 15
    for breaths in ([], [5.0]):
        assert simulate_respiration(breaths, 50.0, 20.0, drift=0.0, noise=0.0).max() > 0.9


def test_depth_follows_its_course():
    belt = simulate_respiration(
        np.arange(0, 100, 5.0), 50.0, 100.0, depth=np.array([1.0, 2.0]), drift=0.0, noise=0.0
    )
    peaks = belt[argrelmax(belt)[0]]
    assert peaks == pytest.approx(1 + np.arange(0, 100, 5.0) / 100, abs=0.01)
