"""Zero-phase filters: gain by hand, any length, edges of the band."""

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from physio_vad.dsp.filters import low_pass, split_bands, zero_phase


@pytest.mark.parametrize(("kind", "freq"), [("high", 4.0), ("low", 4.0)])
def test_gain_at_the_edge_is_one_half_and_there_is_no_delay(kind, freq):
    # a Butterworth filter has 1 / sqrt(2) at its edge, and runs twice
    time = np.arange(4000) / 100
    wave = np.sin(2 * np.pi * freq * time)
    filtered = zero_phase(wave, 100.0, **{kind: freq})
    np.testing.assert_allclose(filtered[1000:-1000], wave[1000:-1000] / 2, atol=1e-6)


def test_band_pass_removes_level_and_hum():
    time = np.arange(20000) / 250
    wave = np.sin(2 * np.pi * 2 * time)
    mixed = 7 + wave + np.sin(2 * np.pi * 50 * time)
    filtered = zero_phase(mixed, 250.0, low=0.1, high=20.0)
    np.testing.assert_allclose(filtered[5000:-5000], wave[5000:-5000], atol=0.03)


@pytest.mark.parametrize("n_samples", [0, 1, 2, 3, 10])
def test_any_length_is_filtered(n_samples):
    values = np.arange(float(n_samples))
    for edges in ({"high": 1.0}, {"low": 0.05}, {"low": 0.05, "high": 1.0}):
        filtered = zero_phase(values, 250.0, **edges)
        assert filtered.shape == values.shape
        assert np.isfinite(filtered).all()


def test_edges_beyond_nyquist():
    values = np.random.default_rng(0).standard_normal((2, 50))
    assert zero_phase(values, 4.0, high=2.0) is values
    assert not zero_phase(values, 4.0, low=2.0).any()
    assert not zero_phase(values, 4.0, low=2.5, high=1.0).any()


def test_channels_are_filtered_alone_and_the_input_is_kept():
    values = np.random.default_rng(0).standard_normal((3, 200))
    before = values.copy()
    together = zero_phase(values, 50.0, high=5.0)
    np.testing.assert_array_equal(values, before)
    for row, one in zip(values, together, strict=True):
        np.testing.assert_array_equal(zero_phase(row, 50.0, high=5.0), one)


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 300), (40_000,)])
def test_numbers_are_those_of_scipy_also_by_parts(shape):
    values = np.random.default_rng(0).standard_normal(shape)
    sos = butter(2, (0.5, 8.0), "bandpass", fs=64.0, output="sos")
    expected = sosfiltfilt(sos, values, axis=-1, padlen=min(shape[-1] - 1, 128))
    np.testing.assert_array_equal(zero_phase(values, 64.0, low=0.5, high=8.0), expected)


@pytest.mark.parametrize("n_samples", [1, 10, 300, 3_700, 20_000])
def test_bands_are_those_of_the_filters_and_add_up(n_samples):
    values = np.cumsum(np.random.default_rng(0).standard_normal(n_samples))
    edges = (4.0, 8.0, 16.0, 32.0)
    bands = split_bands(values, 125.0, edges)
    smooth = zero_phase(values, 125.0, high=32.0)
    below = [zero_phase(smooth, 125.0, high=edge) for edge in edges[:-1]]
    inner = slice(100, -100)  # the ends are mirrored further
    np.testing.assert_allclose(
        bands[:, inner], np.diff([*below, smooth], axis=0)[:, inner], atol=1e-5
    )
    np.testing.assert_allclose(
        bands[:, 270:-270], np.diff([*below, smooth], axis=0)[:, 270:-270], atol=1e-11
    )


def test_a_spike_far_away_leaves_a_band_as_it_is():
    values = np.random.default_rng(0).standard_normal(20_000)
    spiked = values.copy()
    spiked[15_000] += 1e6
    one, other = (split_bands(x, 125.0, (4.0, 8.0, 16.0)) for x in (values, spiked))
    np.testing.assert_allclose(other[:, :9_000], one[:, :9_000], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_samples", [0, 1, 3, 50, 107, 108, 5_000])
def test_a_low_pass_by_blocks_is_the_filter(n_samples):
    values = 1e3 + np.cumsum(np.random.default_rng(0).standard_normal(n_samples))
    found, expected = low_pass(values, 125.0, 10.0), zero_phase(values, 125.0, high=10.0)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=0.01)
    np.testing.assert_allclose(found[150:-150], expected[150:-150], rtol=1e-13)
    assert low_pass(values, 20.0, 10.0) is values


@pytest.mark.parametrize("n_samples", [300, 3_700, 20_000])
def test_both_ends_are_treated_alike(n_samples):
    """There is no delay, so a signal that runs backwards has bands that run backwards."""
    values = 1e3 + np.cumsum(np.random.default_rng(0).standard_normal(n_samples))
    edges = (4.0, 8.0, 16.0, 32.0)
    backwards = split_bands(values[::-1], 125.0, edges)[:, ::-1]
    np.testing.assert_allclose(split_bands(values, 125.0, edges), backwards, rtol=0, atol=1e-10)
