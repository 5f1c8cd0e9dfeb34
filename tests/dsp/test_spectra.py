"""Welch spectra on shared segments, and what is read off them."""

from itertools import pairwise

import numpy as np
import pytest
from mne.time_frequency import psd_array_welch
from scipy.integrate import trapezoid

from physio_vad.dsp import spectra

SFREQ = 250.0
LENGTH, HOP = 500, 250


def spans(starts, n_samples=2500):
    first = np.asarray(starts, dtype=np.int64)
    return first, first + n_samples


def noise(n_channels=2, n_samples=20_000, seed=0):
    rng = np.random.default_rng(seed)
    return 1e5 + rng.normal(size=(n_channels, n_samples)).cumsum(axis=1)


@pytest.mark.parametrize("psd", [spectra.segment_psd, spectra.segment_psd_mne])
@pytest.mark.parametrize("step", [1250, 250, 333])
@pytest.mark.parametrize("length", [500, 499])
def test_the_mean_over_segments_is_mne_welch(psd, step, length):
    values = noise()
    first, last = spans(np.arange(0, 17_500, step))
    segments = spectra.welch_segments(first, last, length=length, hop=HOP)
    freqs, density = psd(values, segments, sfreq=SFREQ, fmax=45.0)
    found = segments.mean(density, segments.good(np.zeros_like(values, dtype=bool)))
    cut = np.stack([values[:, a:b] for a, b in zip(first, last, strict=True)])
    expected, mne_freqs = psd_array_welch(
        cut, SFREQ, fmax=45.0, n_fft=length, n_overlap=length - HOP, verbose="error"
    )
    np.testing.assert_allclose(freqs, mne_freqs, rtol=1e-12)
    np.testing.assert_allclose(found, expected.transpose(1, 0, 2), rtol=1e-9, atol=0)


def test_segments_are_shared_and_anchored_at_the_window():
    segments = spectra.welch_segments(*spans([0, 1250, 7]), length=LENGTH, hop=HOP)
    assert segments.members.sum(axis=1).tolist() == [9, 9, 9]
    assert len(segments.starts) == 9 + 5 + 9
    assert not segments.regular
    assert spectra.welch_segments(*spans([0, 1250]), length=LENGTH, hop=HOP).regular


def test_a_span_shorter_than_a_segment_has_none():
    segments = spectra.welch_segments(
        np.array([0, 0, 5]), np.array([499, 500, 5]), length=LENGTH, hop=HOP
    )
    assert segments.members.sum(axis=1).tolist() == [0, 1, 0]
    _, density = spectra.segment_psd(noise(), segments, sfreq=SFREQ)
    mean = segments.mean(density, segments.good(np.zeros((2, 20_000), dtype=bool)))
    assert np.isnan(mean[:, [0, 2]]).all()
    assert np.isfinite(mean[:, 1]).all()


def test_no_windows_and_no_samples_give_empty_arrays():
    none = np.empty(0, dtype=np.int64)
    for first, last in ((none, none), (np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64))):
        segments = spectra.welch_segments(first, last, length=LENGTH, hop=HOP)
        _, density = spectra.segment_psd(np.empty((1, 0)), segments, sfreq=SFREQ)
        assert density.shape == (1, 0, 251)
        assert segments.mean(density, np.ones((1, 0), dtype=bool)).shape == (1, len(first), 251)
        assert spectra.segment_variances(np.empty((1, 0)), segments).shape == (1, 0, 3)


def test_segments_touching_a_gap_are_left_out():
    values = noise()
    bad = np.zeros_like(values, dtype=bool)
    bad[0, 1000:1010] = True
    segments = spectra.welch_segments(*spans([0]), length=LENGTH, hop=HOP)
    good = segments.good(bad)
    assert np.flatnonzero(~good[0]).tolist() == [3, 4]  # [750, 1250) and [1000, 1500)
    assert good[1].all()
    _, density = spectra.segment_psd(values, segments, sfreq=SFREQ)
    mean = segments.mean(density, good)
    np.testing.assert_allclose(mean[0, 0], density[0][good[0]].mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mean[1, 0], density[1].mean(axis=0), rtol=1e-12)
    assert np.isnan(segments.mean(density, good, least=8)[0]).all()


def test_density_integrates_to_the_variance():
    white = np.random.default_rng(1).normal(size=(1, 500))
    segments = spectra.welch_segments(np.array([0]), np.array([500]), length=500, hop=250)
    _, density = spectra.segment_psd(white, segments, sfreq=SFREQ)
    taper = np.hamming(501)[:-1]
    tapered = (white - white.mean()) * taper / np.sqrt((taper**2).mean())
    assert density.sum() * SFREQ / 500 == pytest.approx((tapered**2).mean(), rel=1e-12)


def test_segment_variances_are_those_of_numpy():
    values = noise()
    segments = spectra.welch_segments(*spans([100]), length=LENGTH, hop=HOP)
    found = spectra.segment_variances(values, segments)
    for number, start in enumerate(segments.starts):
        cut = values[:, start : start + LENGTH]
        for order in range(3):
            expected = np.diff(cut, n=order).var(axis=1)
            np.testing.assert_allclose(found[:, number, order], expected, rtol=1e-9)


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


def test_peak_frequency_is_found_between_two_frequencies():
    peak = np.exp(-0.5 * ((FREQS - 10.2) / 1.5) ** 2)
    assert spectra.peak_frequency(peak, FREQS, (8, 13)) == pytest.approx(10.2)
    assert np.isnan(spectra.peak_frequency(1 / (FREQS + 1), FREQS, (8, 13)))  # falls all the way
    assert np.isnan(spectra.peak_frequency(peak, FREQS, (60, 70)))


@pytest.mark.parametrize("exponent", [0.0, -1.0, -2.5])
def test_power_law_slope_is_the_exponent_and_skips_the_rhythm(exponent):
    density = 7 * np.maximum(FREQS, 0.1) ** exponent
    density[(FREQS >= 8) & (FREQS <= 12)] += 5
    slope = spectra.power_law_slope(density, FREQS, (2, 40), (7, 14))
    assert slope == pytest.approx(exponent, abs=1e-12)


def test_no_power_is_nan_not_a_number_by_accident():
    zero = np.zeros((1, len(FREQS)))
    assert np.isnan(spectra.spectral_edge(zero, FREQS, (1, 45), 0.5)).all()
    assert np.isnan(spectra.mean_frequency(zero, FREQS, (1, 45))).all()
    assert np.isnan(spectra.spectral_entropy(zero, FREQS, (1, 45))).all()
    assert np.isnan(spectra.peak_frequency(zero, FREQS, (8, 13))).all()
    assert not np.isfinite(spectra.power_law_slope(zero, FREQS, (2, 40), (7, 14))).any()
