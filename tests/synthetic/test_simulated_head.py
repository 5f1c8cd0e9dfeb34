import numpy as np
import pytest
from scipy.signal import argrelmax, welch

from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic import simulate_eeg, simulate_eog


def band_power(values, low, high):
    frequencies, power = welch(values, 250.0, nperseg=1000)
    inside = (frequencies >= low) & (frequencies <= high)
    return power[..., inside].sum(axis=-1) * frequencies[1]


def test_each_channel_has_the_band_power_that_was_asked_for():
    eeg = simulate_eeg({(8, 12): [6.0, 10.0], (15, 25): [3.0, 2.0]}, 250.0, 300.0, background=0.0)
    assert band_power(eeg, 7, 13) == pytest.approx([36.0, 100.0], rel=0.05)
    assert band_power(eeg, 14, 26) == pytest.approx([9.0, 4.0], rel=0.05)


def test_the_background_has_the_asked_strength_and_falls_with_frequency():
    eeg = simulate_eeg({(8, 12): [0.0]}, 250.0, 300.0, background=15.0)
    assert eeg.std() == pytest.approx(15.0, rel=0.02)
    assert band_power(eeg, 1, 4)[0] > 3 * band_power(eeg, 20, 23)[0]


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_channels_share_the_asked_part_of_their_power(shared):
    eeg = simulate_eeg({(8, 12): [5.0, 5.0]}, 250.0, 300.0, shared=shared, rng=1)
    assert np.corrcoef(eeg)[0, 1] == pytest.approx(shared, abs=0.1)


def test_rhythms_follow_their_course():
    grows = np.array([1.0, 1.0, 8.0, 8.0])
    eeg = simulate_eeg({(8, 12): [grows]}, 250.0, 300.0, background=0.0)[0]
    assert np.sqrt(np.mean(eeg[:25000] ** 2)) == pytest.approx(1.0, rel=0.1)
    assert np.sqrt(np.mean(eeg[50000:] ** 2)) == pytest.approx(8.0, rel=0.1)


def test_bands_with_different_numbers_of_channels_are_refused():
    with pytest.raises(ArgumentError, match="one course for each channel"):
        simulate_eeg({(8, 12): [5.0, 5.0], (13, 30): [2.0]}, 250.0, 10.0)
    with pytest.raises(ArgumentError, match="one course for each channel"):
        simulate_eeg({}, 250.0, 10.0)


def test_every_blink_is_one_maximum_of_its_height_at_its_time():
    blinks, heights = np.array([1.0, 3.25, 6.5]), np.array([100.0, 250.0, 80.0])
    eog = simulate_eog(blinks, heights, 200.0, 10.0, drift=0.0, noise=0.0)
    peaks = argrelmax(eog)[0]
    assert peaks / 200 == pytest.approx(blinks)
    assert eog[peaks] == pytest.approx(heights)


def test_a_blink_is_as_long_as_asked_and_closes_faster_than_it_opens():
    eog = simulate_eog([2.0], 200.0, 1000.0, 4.0, lengths=0.3, drift=0.0, noise=0.0)
    above = np.flatnonzero(eog > 1e-9) / 1000
    half = np.flatnonzero(eog > 100) / 1000
    assert (above[0], above[-1]) == pytest.approx((1.9, 2.2), abs=0.002)
    assert (half[0], half[-1]) == pytest.approx((1.95, 2.1), abs=0.002)


def test_saccades_are_steps_that_stay():
    eog = simulate_eog(
        [], [], 250.0, 10.0, saccades=[2.001, 5.0], steps=[50.0, -20.0], drift=0.0, noise=0.0
    )
    assert (eog[:500] == 0).all()
    assert eog[520:1250] == pytest.approx(50.0)
    assert eog[1270:] == pytest.approx(30.0)
    assert (np.diff(eog[500:512]) >= 0).all()


def test_drift_and_noise_of_the_eog_are_as_strong_as_asked():
    drift = simulate_eog([], [], 250.0, 60.0, drift=30.0, noise=0.0)
    assert np.sqrt(np.mean(drift**2)) == pytest.approx(30.0)
    noise = simulate_eog([], [], 250.0, 60.0, drift=0.0, noise=15.0)
    assert noise.std() == pytest.approx(15.0, rel=0.03)
