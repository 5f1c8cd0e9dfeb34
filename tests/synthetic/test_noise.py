import numpy as np
import pytest
from scipy.signal import welch

from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic import band_noise, coloured_noise, pink_noise


@pytest.mark.parametrize("noise", [pink_noise, lambda *a, **k: band_noise(*a, 5.0, 20.0, **k)])
@pytest.mark.parametrize("n_samples", [1, 7, 5000])
def test_root_mean_square_is_one(noise, n_samples):
    values = noise(n_samples, 100.0, rng=1)
    assert values.shape == (n_samples,)
    assert np.mean(values**2) == pytest.approx(1.0)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_power_of_pink_noise_falls_as_asked(exponent):
    values = pink_noise(100_000, 200.0, exponent=exponent, lowest=0.5, rng=2)
    frequencies, power = welch(values, 200.0, nperseg=2000)
    inside = (frequencies > 2) & (frequencies < 80)
    slope = np.polyfit(np.log(frequencies[inside]), np.log(power[inside]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.05)


def test_band_noise_has_its_power_in_its_band_only():
    values = band_noise(50_000, 250.0, 8.0, 13.0, rng=3)
    frequencies, power = welch(values, 250.0, nperseg=2500)
    inside = (frequencies > 7.7) & (frequencies < 13.3)
    assert power[inside].sum() / power.sum() > 0.999
    assert power[inside].sum() * frequencies[1] == pytest.approx(1.0, rel=0.02)


def test_noise_does_not_close_on_itself():
    slow = pink_noise(1000, 100.0, exponent=2.0, rng=4)
    assert abs(slow[-1] - slow[0]) > 3 * np.abs(np.diff(slow)).mean()


def test_noise_repeats_with_its_seed_only():
    assert np.array_equal(pink_noise(50, 100.0, rng=5), pink_noise(50, 100.0, rng=5))
    assert not np.array_equal(pink_noise(50, 100.0, rng=5), pink_noise(50, 100.0, rng=6))


def test_a_band_above_nyquist_is_refused():
    with pytest.raises(ArgumentError, match="no power between 0 and 10 Hz"):
        band_noise(100, 20.0, 13.0, 30.0)
    with pytest.raises(ArgumentError, match="take a higher sfreq"):
        coloured_noise(100, 20.0, np.zeros_like, 0)
