import numpy as np
import pytest
from scipy.signal import argrelmax

from physio_vad.synthetic import simulate_beats, simulate_ecg, simulate_ppg


def rmssd_of(beats):
    return 1000 * np.sqrt(np.mean(np.diff(beats, 2) ** 2))


@pytest.mark.parametrize("heart_rate", [50.0, 75.0, 110.0])
def test_beats_have_the_rate_that_was_asked_for(heart_rate):
    beats = simulate_beats(heart_rate, 600.0, rmssd=20.0, rng=1)
    assert len(beats) == pytest.approx(heart_rate * 10, abs=2)
    assert 60 / np.diff(beats).mean() == pytest.approx(heart_rate, rel=0.005)


@pytest.mark.parametrize("rmssd", [10.0, 30.0, 60.0])
@pytest.mark.parametrize("breathing", [False, True])
def test_beats_have_the_rmssd_that_was_asked_for(rmssd, breathing):
    breaths = np.arange(0, 601, 4.0) if breathing else None
    beats = simulate_beats(70.0, 600.0, rmssd=rmssd, breaths=breaths, rng=2)
    assert rmssd_of(beats) == pytest.approx(rmssd, rel=0.05)


def test_without_variability_the_intervals_are_equal():
    assert np.diff(simulate_beats(60.0, 60.0, rmssd=0.0)) == pytest.approx(1.0)


def test_half_of_the_variability_goes_with_breathing():
    breaths = np.arange(0, 1201, 4.0)
    beats = simulate_beats(75.0, 1200.0, rmssd=40.0, breaths=breaths, rng=3)
    steps = np.diff(beats, 2)
    wave = np.exp(2j * np.pi * beats[2:] / 4.0)
    share = 2 * np.abs(np.mean((steps - steps.mean()) * wave)) ** 2 / np.mean(steps**2)
    assert share == pytest.approx(0.5, abs=0.1)


def test_rate_and_rmssd_follow_a_course():
    beats = simulate_beats(
        np.array([60.0, 60.0, 90.0, 90.0]), 900.0, rmssd=np.array([50.0, 50.0, 15.0, 15.0]), rng=4
    )
    early, late = beats[beats < 300], beats[beats > 600]
    assert 60 / np.diff(early).mean() == pytest.approx(60, rel=0.02)
    assert 60 / np.diff(late).mean() == pytest.approx(90, rel=0.02)
    assert rmssd_of(early) == pytest.approx(50, rel=0.15)
    assert rmssd_of(late) == pytest.approx(15, rel=0.15)


@pytest.mark.parametrize("sfreq", [250.0, 1000.0])
def test_the_highest_point_of_an_ecg_is_at_its_beats(sfreq):
    beats = simulate_beats(70.0, 30.0, rng=5)
    ecg = simulate_ecg(beats, sfreq, 30.0, wander=0.0, noise=0.0)
    peaks = argrelmax(ecg)[0]
    peaks = peaks[ecg[peaks] > 0.6] / sfreq
    assert len(peaks) == len(beats)
    assert np.abs(peaks - beats).max() <= 1 / sfreq
    assert ecg.max() == pytest.approx(1.0, abs=0.05)


def test_pulses_peak_after_their_beats_by_the_delay():
    beats = simulate_beats(70.0, 60.0, rng=6)
    beats = beats[beats < 59]
    ppg = simulate_ppg(beats, 500.0, 60.0, delay=0.25, level=3.0, wander=0.0, noise=0.0)
    peaks = argrelmax(ppg)[0]
    peaks = peaks[ppg[peaks] > 3.8] / 500.0
    assert len(peaks) == len(beats)
    assert np.abs(peaks - beats - 0.25).max() < 0.004
    assert rmssd_of(peaks) == pytest.approx(rmssd_of(beats), rel=0.03)


def test_every_pulse_has_a_dicrotic_wave():
    ppg = simulate_ppg([1.0, 2.0, 3.0], 200.0, 5.0, wander=0.0, noise=0.0)
    assert len(argrelmax(ppg)[0]) == 6


def test_a_negative_amplitude_turns_ecg_and_ppg_over():
    for simulate in (simulate_ecg, simulate_ppg):
        up, down = (simulate([1.0, 2.0], 100.0, 4.0, amplitude=sign, rng=7) for sign in (1.0, -1.0))
        rest = simulate([], 100.0, 4.0, rng=7)
        assert up - rest == pytest.approx(rest - down)


def test_noise_and_wander_are_as_strong_as_asked():
    ecg = simulate_ecg([], 250.0, 60.0, wander=0.3, noise=0.0)
    assert np.sqrt(np.mean(ecg**2)) == pytest.approx(0.3)
    ppg = simulate_ppg([], 250.0, 60.0, wander=0.0, noise=0.1, level=0.0)
    assert np.sqrt(np.mean(ppg**2)) == pytest.approx(0.1, rel=0.03)
