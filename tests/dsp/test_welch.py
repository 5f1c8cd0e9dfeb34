"""Welch segments that windows share: spectra and variances."""

import numpy as np
import pytest
from mne.time_frequency import psd_array_welch

from physio_vad.dsp import welch

SFREQ = 250.0
LENGTH, HOP = 500, 250


def spans(starts, n_samples=2500):
    first = np.asarray(starts, dtype=np.int64)
    return first, first + n_samples


def noise(n_channels=2, n_samples=20_000, seed=0):
    rng = np.random.default_rng(seed)
    return 1e5 + rng.normal(size=(n_channels, n_samples)).cumsum(axis=1)


@pytest.mark.parametrize("psd", [welch.segment_psd, welch.segment_psd_mne])
@pytest.mark.parametrize("step", [1250, 250, 333])
@pytest.mark.parametrize("length", [500, 499])
def test_the_mean_over_segments_is_mne_welch(psd, step, length):
    values = noise()
    first, last = spans(np.arange(0, 17_500, step))
    segments = welch.welch_segments(first, last, length=length, hop=HOP)
    freqs, density = psd(values, segments, sfreq=SFREQ, fmax=45.0)
    found = segments.mean(density, segments.good(np.zeros_like(values, dtype=bool)))
    cut = np.stack([values[:, a:b] for a, b in zip(first, last, strict=True)])
    expected, mne_freqs = psd_array_welch(
        cut, SFREQ, fmax=45.0, n_fft=length, n_overlap=length - HOP, verbose="error"
    )
    np.testing.assert_allclose(freqs, mne_freqs, rtol=1e-12)
    np.testing.assert_allclose(found, expected.transpose(1, 0, 2), rtol=1e-9, atol=0)


def test_segments_are_shared_and_anchored_at_the_window():
    segments = welch.welch_segments(*spans([0, 1250, 7]), length=LENGTH, hop=HOP)
    assert segments.members.sum(axis=1).tolist() == [9, 9, 9]
    assert len(segments.starts) == 9 + 5 + 9
    assert not segments.regular
    assert welch.welch_segments(*spans([0, 1250]), length=LENGTH, hop=HOP).regular


def test_a_span_shorter_than_a_segment_has_none():
    segments = welch.welch_segments(
        np.array([0, 0, 5]), np.array([499, 500, 5]), length=LENGTH, hop=HOP
    )
    assert segments.members.sum(axis=1).tolist() == [0, 1, 0]
    _, density = welch.segment_psd(noise(), segments, sfreq=SFREQ)
    mean = segments.mean(density, segments.good(np.zeros((2, 20_000), dtype=bool)))
    assert np.isnan(mean[:, [0, 2]]).all()
    assert np.isfinite(mean[:, 1]).all()


def test_no_windows_and_no_samples_give_empty_arrays():
    none = np.empty(0, dtype=np.int64)
    for first, last in ((none, none), (np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64))):
        segments = welch.welch_segments(first, last, length=LENGTH, hop=HOP)
        _, density = welch.segment_psd(np.empty((1, 0)), segments, sfreq=SFREQ)
        assert density.shape == (1, 0, 251)
        assert segments.mean(density, np.ones((1, 0), dtype=bool)).shape == (1, len(first), 251)
        assert welch.segment_variances(np.empty((1, 0)), segments).shape == (1, 0, 3)


def test_segments_touching_a_gap_are_left_out():
    values = noise()
    bad = np.zeros_like(values, dtype=bool)
    bad[0, 1000:1010] = True
    segments = welch.welch_segments(*spans([0]), length=LENGTH, hop=HOP)
    good = segments.good(bad)
    assert np.flatnonzero(~good[0]).tolist() == [3, 4]  # [750, 1250) and [1000, 1500)
    assert good[1].all()
    _, density = welch.segment_psd(values, segments, sfreq=SFREQ)
    mean = segments.mean(density, good)
    np.testing.assert_allclose(mean[0, 0], density[0][good[0]].mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mean[1, 0], density[1].mean(axis=0), rtol=1e-12)
    assert np.isnan(segments.mean(density, good, least=8)[0]).all()


def test_density_integrates_to_the_variance():
    white = np.random.default_rng(1).normal(size=(1, 500))
    segments = welch.welch_segments(np.array([0]), np.array([500]), length=500, hop=250)
    _, density = welch.segment_psd(white, segments, sfreq=SFREQ)
    taper = np.hamming(501)[:-1]
    tapered = (white - white.mean()) * taper / np.sqrt((taper**2).mean())
    assert density.sum() * SFREQ / 500 == pytest.approx((tapered**2).mean(), rel=1e-12)


@pytest.mark.parametrize("step", [250, 333])
def test_a_segment_larger_than_a_chunk_is_a_chunk(step, monkeypatch):
    values = noise(n_samples=3500)
    segments = welch.welch_segments(*spans([0, step]), length=LENGTH, hop=HOP)
    _, whole = welch.segment_psd(values, segments, sfreq=SFREQ)
    variances = welch.segment_variances(values, segments)
    monkeypatch.setattr(welch, "CHUNK", 1)
    monkeypatch.setattr(welch, "MNE_CHUNK", 1)
    for psd in (welch.segment_psd, welch.segment_psd_mne):
        np.testing.assert_allclose(psd(values, segments, sfreq=SFREQ)[1][..., 1:], whole[..., 1:])
    np.testing.assert_allclose(welch.segment_variances(values, segments), variances)


def test_segment_variances_are_those_of_numpy():
    values = noise()
    segments = welch.welch_segments(*spans([100]), length=LENGTH, hop=HOP)
    found = welch.segment_variances(values, segments)
    for number, start in enumerate(segments.starts):
        cut = values[:, start : start + LENGTH]
        for order in range(3):
            expected = np.diff(cut, n=order).var(axis=1)
            np.testing.assert_allclose(found[:, number, order], expected, rtol=1e-9)
