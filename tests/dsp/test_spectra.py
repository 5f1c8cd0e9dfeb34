"""What is read off a spectrum, and slow waves."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import special, stats
from scipy.integrate import trapezoid

from physio_vad.dsp import spectra


def test_band_weights_are_the_trapezoidal_rule_and_add_up():
    freqs = np.arange(0, 125.5, 0.5)
    density = np.random.default_rng(0).random(len(freqs))
    inside = (freqs >= 8) & (freqs <= 13)
    expected = trapezoid(density[inside], freqs[inside])
    assert density @ spectra.band_weights(freqs, 8, 13) == pytest.approx(expected)
    edges = [0.0, 0.7, 4.0, 13.1, 60.0, 125.0]
    parts = sum(spectra.band_weights(freqs, a, b) for a, b in pairwise(edges))
    np.testing.assert_allclose(parts, spectra.band_weights(freqs, 0, 125))
    assert parts.sum() == pytest.approx(125)
    assert not spectra.band_weights(freqs, 130, 140).any()


def test_the_one_frequency_of_a_single_sample_has_no_width():
    assert spectra.band_weights(np.zeros(1), 0.0, 10.0).tolist() == [0.0]
    assert spectra.band_weights(np.arange(2.0), 0.0, 10.0).tolist() == [0.5, 0.5]


FREQS = np.arange(0, 50.5, 0.5)


def test_spectral_edge_of_a_flat_spectrum_is_the_share_of_the_band():
    flat = np.ones((2, 3, len(FREQS)))
    for share in (0.0, 0.3, 0.5, 0.95, 1.0):
        edge = spectra.spectral_edge(flat, FREQS, (0.5, 45.0), share)
        np.testing.assert_allclose(edge, 0.5 + share * 44.5)
    narrow = spectra.spectral_edge(flat, FREQS, (10.1, 10.2), 0.5)
    np.testing.assert_allclose(narrow, 10.15)


def test_edge_and_mean_of_a_line_lie_at_the_line():
    line = np.zeros(len(FREQS))
    line[40] = 2.0  # 20 Hz
    assert spectra.spectral_edge(line, FREQS, (1, 45), 0.5) == pytest.approx(20)
    assert spectra.mean_frequency(line, FREQS, (1, 45)) == pytest.approx(20)
    assert spectra.mean_frequency(np.ones(len(FREQS)), FREQS, (10, 40)) == pytest.approx(25)


def test_spectral_entropy_is_1_when_flat_and_ln_share_when_two_lines():
    assert spectra.spectral_entropy(np.ones(len(FREQS)), FREQS, (1, 45)) == pytest.approx(1)
    lines = np.zeros(len(FREQS))
    lines[[20, 40]] = 3.0
    expected = np.log(2) / np.log(89)  # 1 to 45 Hz in steps of 0.5 Hz
    assert spectra.spectral_entropy(lines, FREQS, (1, 45)) == pytest.approx(expected)


def peak(density, averages=9, band=(8, 13)):
    return spectra.peak_frequency(density, FREQS, band, averages, around=(4, 18), without=(7, 14))


@pytest.mark.parametrize("exponent", [0.0, -1.0, -2.0])
def test_a_peak_is_found_between_two_frequencies_above_any_power_law(exponent):
    floor = np.maximum(FREQS, 0.1) ** exponent
    bump = 20 * 10.0**exponent * np.exp(-0.5 * ((FREQS - 10.2) / 0.8) ** 2)
    assert peak(floor + bump) == pytest.approx(10.2, abs=0.01)
    assert np.isnan(peak(floor))
    assert np.isnan(peak(floor + np.roll(bump, -7)))  # at 6.7 Hz: it falls all the way
    assert np.isnan(peak(floor + bump, band=(60, 70)))


def test_a_peak_must_be_higher_than_the_highest_of_noise():
    """Of 1 segment a density is 2 x its mean in 14 % of the cases, of 100 next to never."""
    density = np.tile(1 + 1.0 * np.exp(-0.5 * ((FREQS - 10) / 0.8) ** 2), (2, 1))
    found = peak(density, averages=np.array([1, 100]))
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize("exponent", [0.0, -1.0, -2.5])
def test_power_law_is_that_of_the_density_and_skips_the_rhythm(exponent):
    density = 7 * np.maximum(FREQS, 0.1) ** exponent
    density[(FREQS >= 8) & (FREQS <= 12)] += 5
    line = spectra.power_law(density, FREQS, (2, 40), (7, 14))
    assert line.slope == pytest.approx(exponent, abs=1e-12)
    assert line.offset == pytest.approx(np.log10(7), abs=1e-12)
    assert line(np.array([3.0]))[0] == pytest.approx(np.log10(7 * 3.0**exponent), abs=1e-12)


def test_no_power_is_nan_not_a_number_by_accident():
    zero = np.zeros((1, len(FREQS)))
    assert np.isnan(spectra.spectral_edge(zero, FREQS, (1, 45), 0.5)).all()
    assert np.isnan(spectra.mean_frequency(zero, FREQS, (1, 45))).all()
    assert np.isnan(spectra.spectral_entropy(zero, FREQS, (1, 45))).all()
    assert np.isnan(peak(zero)).all()
    line = spectra.power_law(zero, FREQS, (2, 40), (7, 14))
    assert not np.isfinite([line.slope, line.offset]).any()


@pytest.mark.parametrize("averages", [1, 5, 40])
def test_a_peak_is_higher_than_the_highest_of_noise_is_in_one_of_a_hundred_windows(averages):
    """Of the mean of so many densities, of Hamming windows that overlap by half."""
    taper = np.hamming(1000)
    overlap = (taper[:500] @ taper[500:] / (taper @ taper)) ** 2
    assert overlap == pytest.approx(0.055, abs=0.001)
    shape = averages / (1 + 2 * overlap * (1 - 1 / averages))
    inside = ((FREQS >= 8) & (FREQS <= 13)).sum()
    limit = stats.gamma.ppf(0.99 ** (1 / inside), shape) / np.exp(special.digamma(shape))
    density = np.ones((2, len(FREQS)))
    density[:, FREQS == 10] = np.array([[0.99], [1.01]]) * limit
    found = spectra.peak_frequency(
        density, FREQS, (8.0, 13.0), averages, around=(4.0, 18.0), without=(7.0, 14.0)
    )
    np.testing.assert_allclose(found, [np.nan, 10.0])
