"""Statistics of many windows at once, held to numpy on each window alone."""

import numpy as np
import pytest

from physio_vad.dsp import window_stats


@pytest.fixture
def values():
    return 30 + np.random.default_rng(0).normal(size=(2, 400)).cumsum(axis=1)


@pytest.fixture
def good():
    return np.random.default_rng(1).random((2, 400)) < 0.7


FIRST = np.array([0, 10, 5, 399, 400, 120, 0])
LAST = np.array([400, 50, 25, 400, 400, 120, 3])


def each(function, values, good=None):
    """Apply a function to every span of every channel."""
    out = np.full((len(values), len(FIRST)), np.nan)
    for channel, row in enumerate(values):
        for number, (a, b) in enumerate(zip(FIRST, LAST, strict=True)):
            keep = np.ones(b - a, dtype=bool) if good is None else good[channel, a:b]
            if keep.any():
                out[channel, number] = function(np.arange(a, b)[keep], row[a:b][keep])
    return out


def test_sample_spans_are_half_open_and_cut_to_the_array():
    first, last = window_stats.sample_spans(
        np.array([-5.0, 1.0, 1.1, 3.0, 9.0, -4.0]),
        np.array([0.5, 2.0, 2.1, 30.0, 12.0, -1.0]),
        sfreq=10.0,
        origin=0.0,
        n_samples=40,
    )
    assert first.tolist() == [0, 10, 11, 30, 40, 0]
    assert last.tolist() == [5, 20, 21, 40, 40, 0]


def test_neighbouring_windows_share_no_sample_at_any_rate():
    for sfreq in (3.9999, 4.0, 64.0, 250.03, 1000 / 3):
        edges = np.arange(0, 60, 0.1)
        first, last = window_stats.sample_spans(
            edges[:-1], edges[1:], sfreq=sfreq, origin=0.0, n_samples=100_000
        )
        assert (first[1:] == last[:-1]).all()


def test_shifting_windows_and_origin_together_changes_no_span():
    starts = np.arange(0, 20, 0.3)
    arguments = {"sfreq": 33.3, "n_samples": 700}
    here = window_stats.sample_spans(starts, starts + 1, origin=0.0, **arguments)
    there = window_stats.sample_spans(starts + 7.7, starts + 8.7, origin=7.7, **arguments)
    np.testing.assert_array_equal(here, there)


def test_sum_min_max(values):
    np.testing.assert_allclose(
        window_stats.span_sum(values, FIRST, LAST),
        np.nan_to_num(each(lambda t, x: x.sum(), values)),
        rtol=1e-12,
    )
    for function, name in ((window_stats.span_min, np.min), (window_stats.span_max, np.max)):
        expected = each(lambda t, x, name=name: name(x), values)
        np.testing.assert_array_equal(function(values, FIRST, LAST), expected)


def test_sum_of_booleans_counts(good):
    expected = np.nan_to_num(each(lambda t, x: x.sum(), good))
    np.testing.assert_array_equal(window_stats.span_sum(good, FIRST, LAST), expected)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_mean_and_sd(values, good, masked, offset):
    mask = good if masked else None
    mean, sd = window_stats.span_mean_sd(values + offset, FIRST, LAST, mask)
    np.testing.assert_allclose(mean, offset + each(lambda t, x: x.mean(), values, mask), rtol=1e-12)
    np.testing.assert_allclose(sd, each(lambda t, x: x.std(), values, mask), atol=1e-6)


@pytest.mark.parametrize("masked", [False, True])
def test_slope_is_that_of_polyfit(values, good, masked):
    mask = good if masked else None

    def line(t, x):
        return np.polyfit(t / 4.0, x, 1)[0] if len(t) > 1 else np.nan

    found = window_stats.span_slope(values, FIRST, LAST, sfreq=4.0, good=mask)
    np.testing.assert_allclose(found, each(line, values, mask), rtol=1e-8)


def test_slope_keeps_its_digits_after_a_day():
    n_samples = 24 * 3600 * 4
    line = 33 + np.arange(n_samples) / 1e6
    first = np.array([0, n_samples - 40])
    slope = window_stats.span_slope(line, first, first + 40, sfreq=4.0)
    np.testing.assert_allclose(slope, 4e-6, rtol=1e-6)


def test_masked_values_have_no_influence(values, good):
    loud = np.where(good, values, 1e9)
    arguments = (FIRST, LAST, good)
    for a, b in zip(
        window_stats.span_mean_sd(values, *arguments),
        window_stats.span_mean_sd(loud, *arguments),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_no_windows_and_no_samples():
    none = np.empty(0, dtype=np.int64)
    zero = np.zeros(2, dtype=np.int64)
    empty = np.empty((3, 0))
    assert window_stats.span_sum(np.ones((3, 5)), none, none).shape == (3, 0)
    assert (window_stats.span_sum(empty, zero, zero) == 0).all()
    assert np.isnan(window_stats.span_max(empty, zero, zero)).all()
    assert np.isnan(window_stats.span_mean_sd(empty, zero, zero)).all()
    assert np.isnan(window_stats.span_slope(empty, zero, zero, sfreq=1.0)).all()


@pytest.mark.parametrize("n_samples", [0, 5])
def test_where_no_sample_counts_there_is_nothing(n_samples):
    values, none = np.ones((2, n_samples)), np.zeros((2, n_samples), dtype=bool)
    first, last = np.array([0, 0, n_samples]), np.array([0, n_samples, n_samples])
    for found in window_stats.span_mean_sd(values, first, last, none):
        assert found.shape == (2, 3)
        assert np.isnan(found).all()
    slope = window_stats.span_slope(values, first, last, sfreq=1.0, good=none)
    assert slope.shape == (2, 3)
    assert np.isnan(slope).all()
    assert np.isnan(window_stats.span_max(values[:, :0], first * 0, last * 0)).all()


@pytest.mark.parametrize("some", [True, False])
def test_the_mean_alone_is_that_beside_the_sd(some):
    rng = np.random.default_rng(4)
    values, good = 1e6 + rng.normal(size=200), rng.random(200) < 0.7
    first, last = np.array([0, 10, 50, 199, 7]), np.array([200, 40, 50, 200, 8])
    mask = good if some else None
    mean, _ = window_stats.span_mean_sd(values, first, last, mask)
    np.testing.assert_array_equal(window_stats.span_mean(values, first, last, mask), mean)
