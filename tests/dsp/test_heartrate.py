"""Heart rate statistics: known answers by hand, NeuroKit2's numbers, gaps, nothing at all."""

import tracemalloc

import neurokit2 as nk
import numpy as np
import pytest
from scipy.signal import periodogram

from physio_vad.dsp.heartrate import (
    Intervals,
    NormalLimits,
    covered_share,
    mean_rate,
    rate_statistics,
    select_intervals,
    triangular_index,
    variability,
)
from physio_vad.dsp.regularity import sample_entropy
from physio_vad.dsp.tachogram import spectral_power, tachogram

WIDE = NormalLimits(tolerance=0.9)
EVER = (np.array([-1e3]), np.array([1e6]))


def intervals_of(beats, limits=WIDE):
    linked = np.ones(len(beats) - 1, dtype=bool)
    return select_intervals(beats[:-1], beats[1:], np.diff(beats), linked, limits)[0]


def random_beats(n=300, seed=0):
    """Whole milliseconds, so that NeuroKit2 sees the same intervals."""
    rng = np.random.default_rng(seed)
    steps = 800 + 40 * rng.standard_normal(n) + 30 * np.sin(np.arange(n) / 3)
    return np.cumsum(np.round(steps)) / 1000


def first(table):
    return {name: float(row[0]) for name, row in table.items()}


def test_statistics_by_hand():
    values = np.array([0.80, 0.86, 0.82, 0.82, 0.90])  # steps 60, -40, 0, 80 ms
    nn = intervals_of(np.concatenate([[0.0], np.cumsum(values)]))
    spans = nn.spans(*EVER)
    rate = first(rate_statistics(nn, *spans))
    assert rate["meannn"] == pytest.approx(840)
    assert first({"hr_mean": mean_rate(nn, *spans)})["hr_mean"] == pytest.approx(60 / 0.84)
    assert rate["hr_sd"] == pytest.approx(np.std(60 / values, ddof=1))
    found = first(variability(nn, *spans))
    steps = np.array([60.0, -40, 0, 80])
    assert found["rmssd"] == pytest.approx(np.sqrt((60**2 + 40**2 + 80**2) / 4))
    assert found["sdsd"] == pytest.approx(np.sqrt(((steps - 25) ** 2).sum() / 3))
    assert found["sdnn"] == pytest.approx(np.sqrt((40**2 + 20**2 * 3 + 60**2) / 4))
    assert found["pnn50"] == pytest.approx(50)  # 2 of the 4 pairs
    assert found["pnn20"] == pytest.approx(75)
    assert found["sd1"] == pytest.approx(found["sdsd"] / np.sqrt(2))
    sums = np.array([1660.0, 1680, 1640, 1720])
    assert found["sd2"] == pytest.approx(np.std(sums, ddof=1) / np.sqrt(2))


def test_a_single_pair_has_a_difference_and_a_single_interval_has_none():
    nn = intervals_of(np.array([0.0, 0.80, 1.66, 2.46]))
    found = variability(nn, np.array([0, 1, 3]), np.array([2, 2, 3]))
    np.testing.assert_allclose(found["rmssd"], [60, np.nan, np.nan])
    np.testing.assert_allclose(found["pnn50"], [100, np.nan, np.nan])
    np.testing.assert_allclose(found["sdnn"], [60 / np.sqrt(2), np.nan, np.nan])
    assert np.isnan([found[name] for name in ("sdsd", "sd1", "sd2")]).all()
    rate = rate_statistics(nn, np.array([1]), np.array([2]))
    assert rate["meannn"] == pytest.approx(860)
    assert np.isnan(rate["hr_sd"]).all()


def test_the_triangular_index_by_hand():
    """Bins of 7.8 ms: 800 and 803 ms are in one, 812 and 850 ms in others; each window its own."""
    nn = intervals_of(np.cumsum([0.0, 0.800, 0.803, 0.812, 0.800, 0.850, 0.812]))
    found = triangular_index(nn, np.array([0, 4, 2]), np.array([6, 6, 2]))
    np.testing.assert_allclose(found, [6 / 3, 2.0, np.nan])
    edge = np.array(
        [104 / 128, 104 / 128 - 1e-12, 104.9 / 128]
    )  # rounding moves none to a bin below
    nn = Intervals(np.cumsum(edge) - edge, np.cumsum(edge), edge, np.ones(3, dtype=bool))
    assert triangular_index(nn, np.array([0]), np.array([3])) == pytest.approx(1)


def test_only_intervals_with_a_beat_in_common_are_compared():
    beats = np.array([0, 0.8, 1.6, 4.0, 4.9, 5.8])  # two beats are missing after 1.6 s
    nn = intervals_of(beats)
    np.testing.assert_array_equal(nn.follows, [False, True, False, True])
    found = first(variability(nn, *nn.spans(*EVER)))
    assert found["rmssd"] == pytest.approx(0, abs=1e-9)
    assert found["pnn50"] == 0
    assert found["sdnn"] == pytest.approx(np.std([800, 800, 900, 900], ddof=1))


def test_normal_intervals_are_plausible_and_near_the_local_median():
    lengths = np.array([0.8, 0.8, 0.29, 0.8, 1.1, 0.8, 2.1, 0.8, np.nan, 0.8, 0.55, 0.8])
    begins = np.concatenate([[0], np.cumsum(np.nan_to_num(lengths, nan=0.8))[:-1]])
    linked = np.ones(len(lengths), dtype=bool)
    ends = begins + np.nan_to_num(lengths, nan=0.8)
    assert select_intervals(begins, ends, lengths, linked)[1].tolist() == [0, 1, 3, 5, 7, 9, 11]
    wide = NormalLimits(shortest=0.2, longest=3.0, tolerance=0.4)
    kept = select_intervals(begins, ends, lengths, linked, wide)[1]
    assert kept.tolist() == [0, 1, 3, 4, 5, 7, 9, 10, 11]


@pytest.mark.parametrize(
    ("length", "normal"), [(0.29, False), (0.3, True), (2.0, True), (2.01, False)]
)
def test_the_shortest_and_longest_normal_interval(length, normal):
    lengths, linked = np.full(20, length), np.ones(20, dtype=bool)
    begins = np.arange(20) * length
    kept = select_intervals(begins, begins + length, lengths, linked)[1]
    assert len(kept) == 20 * normal


@pytest.mark.parametrize(
    ("odd", "normal"), [(0.87, False), (0.88, True), (1.62, True), (1.63, False)]
)
def test_an_interval_is_within_three_tenths_of_the_median_of_the_11_around(odd, normal):
    lengths, linked = np.ones(40), np.ones(40, dtype=bool)
    lengths[15:22], lengths[18] = 1.25, odd  # six of 11, but not of 13, are 1.25 s
    ends = np.cumsum(lengths)
    kept = select_intervals(ends - lengths, ends, lengths, linked)[1]
    assert (18 in kept) == normal
    assert len(kept) == 39 + normal


def test_a_change_of_rate_is_no_artefact():
    beats = np.cumsum(np.concatenate([np.full(60, 1.2), np.full(60, 0.6)]))
    assert len(intervals_of(beats, NormalLimits()).values) >= 117


def test_a_window_holds_the_intervals_with_both_beats_in_it():
    nn = intervals_of(np.arange(11.0))
    assert [int(span[0]) for span in nn.spans(np.array([2.0]), np.array([5.0]))] == [2, 4]
    assert [int(span[0]) for span in nn.spans(np.array([2.5]), np.array([2.9]))] == [3, 3]


def test_coverage_is_exact_and_weighted():
    nn = intervals_of(np.array([0, 1, 2, 5.0, 6.0]))  # 2 to 5 s is no interval
    starts, stops = np.array([0.0, 0.5, 2.0, -4.0]), np.array([10.0, 1.5, 5.0, 1.0])
    np.testing.assert_allclose(covered_share(nn, starts, stops), [0.3, 1.0, 0.0, 0.2])
    weight = np.array([1.0, 0.5, 0.0])
    np.testing.assert_allclose(covered_share(nn, starts, stops, weight), [0.15, 0.75, 0, 0.2])


def test_where_intervals_overlap_the_earlier_one_counts():
    begins, ends = np.array([0.0, 0.5, 2.0]), np.array([1.0, 1.5, 3.0])
    nn = Intervals(begins, ends, ends - begins, np.zeros(3, dtype=bool))
    window = np.array([0.0]), np.array([5.0])
    assert covered_share(nn, *window) == pytest.approx(2.5 / 5)
    assert covered_share(nn, *window, np.array([1.0, 0.5, 0.0])) == pytest.approx(1.25 / 5)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.25])
@pytest.mark.parametrize("heart", [75, 100])
def test_a_modulation_has_its_power_in_its_band(rate, heart):
    amplitude, beats = 0.03, [0.0]
    while beats[-1] < 400:
        time = beats[-1] + 60 / heart
        beats.append(time + amplitude * np.sin(2 * np.pi * rate * time))
    power = first(
        spectral_power(intervals_of(np.array(beats)), np.array([100.0]), np.array([350.0]))
    )
    expected = {"lf": (1000 * amplitude) ** 2 / 2 * (rate == 0.1)}
    expected["hf"] = (1000 * amplitude) ** 2 / 2 * (rate == 0.25)
    for name, value in expected.items():
        assert power[name] == pytest.approx(value, rel=0.03, abs=1.0), name


def test_spectra_are_periodograms_of_the_tachogram():
    nn = intervals_of(random_beats())
    stop = 200.0
    grid, values = tachogram(nn, 0.0, np.array([stop]))
    length = 4 * 120
    last = int(np.searchsorted(grid, stop - 1e-6))
    piece = values[last - length : last]
    freqs, density = periodogram(piece, 4.0, "hann", nfft=512, detrend="linear")
    power = first(spectral_power(nn, np.array([stop - 120]), np.array([stop])))
    for name, low, high in (("lf", 0.04, 0.15), ("hf", 0.15, 0.40)):
        inside = (freqs >= low) & (freqs < high)
        assert power[name] == pytest.approx(density[inside].sum() * 4 / 512, rel=1e-9)


def test_equal_to_neurokit():
    beats = random_beats()
    nn = intervals_of(beats)
    spans = nn.spans(*EVER)
    found = first(rate_statistics(nn, *spans) | variability(nn, *spans))
    found["sampen"] = float(sample_entropy(nn, *spans)[0])
    peaks = np.round(1000 * beats).astype(int)
    theirs = nk.hrv_time(peaks, sampling_rate=1000).join(
        nk.hrv_nonlinear(peaks, sampling_rate=1000)
    )
    for name in ("MeanNN", "SDNN", "RMSSD", "SDSD", "SD1", "SD2", "SampEn"):
        assert found[name.lower()] == pytest.approx(theirs[f"HRV_{name}"][0], rel=1e-9), name
    n = len(nn.values)  # NeuroKit2 divides by N; pairs of N intervals are N - 1
    assert found["pnn50"] == pytest.approx(theirs["HRV_pNN50"][0] * n / (n - 1), rel=1e-9)
    assert found["pnn20"] == pytest.approx(theirs["HRV_pNN20"][0] * n / (n - 1), rel=1e-9)


def test_sample_entropy_by_counting():
    nn = intervals_of(random_beats(110, seed=3))
    x, n = nn.values, len(nn.values)
    radius = 0.2 * x.std(ddof=1)
    counts = []
    for length in (2, 3):
        pieces = np.array([x[i : i + length] for i in range(n - 2)])
        apart = np.abs(pieces[:, None] - pieces[None]).max(axis=-1)
        counts.append((apart <= radius).sum() - len(pieces))
    found = sample_entropy(nn, np.array([0]), np.array([n]))
    assert found[0] == pytest.approx(np.log(counts[0] / counts[1]), rel=1e-12)


def test_sample_entropy_needs_enough_intervals_and_spans_no_gap():
    beats = random_beats(230, seed=1)
    nn = intervals_of(np.delete(beats, [120, 121, 122]))
    entropy = sample_entropy(nn, np.array([0, 0, 0]), np.array([99, 100, len(nn.values)]))
    assert np.isnan(entropy[0])
    assert np.isfinite(entropy[1:]).all()
    assert np.isnan(sample_entropy(intervals_of(np.arange(200.0)), np.array([0]), np.array([0])))


def test_sample_entropy_of_very_many_scattered_intervals_takes_little_memory():
    """A device may give thousands of values for one second: no beat follows another there."""
    ends = np.repeat(np.arange(2.0, 62.0), 100)
    values = np.full(len(ends), 0.8) + np.arange(len(ends)) / 1e6
    scattered = np.zeros(len(ends), dtype=bool)
    nn, _ = select_intervals(ends - values, ends, values, scattered)
    tracemalloc.start()
    entropy = sample_entropy(nn, np.array([0]), np.array([len(nn.values)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(nn.values) == len(ends)
    assert np.isnan(entropy).all()
    assert peak < 20 * nn.values.nbytes  # a square of all of them would take 750 times as much


def test_windows_are_independent_of_one_another():
    nn = intervals_of(random_beats())
    starts = np.arange(0.0, 200.0, 7.0)
    stops = starts + np.linspace(20, 130, len(starts))
    batch = spectral_power(nn, starts, stops)
    batch["sampen"] = sample_entropy(nn, *nn.spans(starts, stops))
    for row in range(len(starts)):
        one = starts[[row]], stops[[row]]
        alone = spectral_power(nn, *one) | {"sampen": sample_entropy(nn, *nn.spans(*one))}
        for name, values in alone.items():
            np.testing.assert_allclose(values[0], batch[name][row], rtol=1e-12)


@pytest.mark.parametrize("beats", [[], [1.0], [1.0, 1.8], [1.0, 1.8, 2.6], [1.0, 50.0, 90.0]])
def test_few_beats_give_nan_and_no_error(beats):
    beats = np.array(beats)
    linked = np.ones(max(len(beats) - 1, 0), dtype=bool)
    nn, _ = select_intervals(beats[:-1], beats[1:], np.diff(beats), linked)
    starts, stops = np.array([0.0, 200.0]), np.array([180.0, 300.0])
    spans = nn.spans(starts, stops)
    with np.errstate(all="ignore"):
        found = rate_statistics(nn, *spans) | variability(nn, *spans)
        found |= spectral_power(nn, starts, stops) | {"sampen": sample_entropy(nn, *spans)}
    for name, row in found.items():
        assert row.shape == (2,), name
        assert np.isnan(row[1]), name
    assert (covered_share(nn, starts, stops) >= 0).all()
