"""Long recordings in blocks: the same numbers, and only what a block needs is looked at."""

import warnings

import numpy as np
import pytest

from physio_vad import (
    Events,
    Recording,
    Signal,
    extract_features,
    make_windows,
    simulate_recordings,
)
from physio_vad.exceptions import ArgumentError, SignalWarning
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.long_recordings import _outwards, extract_in_blocks
from physio_vad.modalities import EDA, EOG, IBI, Temperature
from physio_vad.synthetic import simulate_beats, simulate_ecg

MINUTES = 30.0
COUNTS = "scr_rate|blink_rate|saccade_rate|burst_rate|crossings|sign_changes|pnn50"


@pytest.fixture(scope="module")
def recording():
    """Half an hour of every sensor, at rates of which few divide each other."""
    signals = dict(simulate_recordings(1, minutes=MINUTES, sfreq=125.0, seed=1)[0].signals)
    beats = simulate_beats(70.0, 60 * MINUTES)
    signals["ecg"] = Signal(simulate_ecg(beats, 128.0, 60 * MINUTES), 128.0, "mV", start=0.3)
    signals["ibi"] = Events(beats[1:], np.diff(beats), "s")
    axes = 0.03 * np.random.default_rng(0).normal(size=(3, int(60 * MINUTES * 50)))
    axes[2] += 1
    signals["acceleration"] = Signal(axes, 50.0, "g")
    return Recording("anna", signals)


def with_gaps(recording):
    """Ten gaps in every signal, and a second channel of skin conductance that is dead."""
    rng = np.random.default_rng(3)
    signals = {}
    for name, one in recording.signals.items():
        if isinstance(one, Signal):
            values = one.values.copy()
            for begin in rng.uniform(0, one.n_samples, 10).astype(int):
                values[:, begin : begin + int(rng.exponential(30) * one.sfreq)] = np.nan
            one = Signal(values, one.sfreq, one.unit, one.channels, one.start)  # noqa: PLW2901
        else:
            kept = rng.random(len(one.times)) < 0.95
            kept &= ~((one.times > 500) & (one.times < 700))
            one = Events(one.times[kept], one.values[kept], one.unit)  # noqa: PLW2901
        signals[name] = one
    eda = signals["eda"]
    both = np.vstack([eda.values, np.zeros_like(eda.values)])
    signals["eda"] = Signal(both, eda.sfreq, eda.unit, ("left", "right"))
    return Recording(recording.subject, signals)


def tables(recording, minutes):
    windows, _ = make_windows([recording], length=10, step=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SignalWarning)
        whole = extract_features(windows, block_minutes=None)
        return whole, extract_features(windows, block_minutes=minutes)


def expect_equal(whole, parts):
    assert whole.isna().equals(parts.isna())
    span = np.maximum(whole.max() - whole.min(), 1e-3 * whole.abs().max())
    worst = ((whole - parts).abs().max() / span).max()
    assert worst < 1e-6
    counted = whole.filter(regex=COUNTS).columns
    assert len(counted) >= 8
    np.testing.assert_allclose(parts[counted], whole[counted], rtol=1e-12)


def test_blocks_give_the_numbers_of_one_piece(recording):
    expect_equal(*tables(recording, 5.0))


@pytest.mark.parametrize("minutes", [4.0, 7.0])
def test_gaps_at_the_ends_of_blocks_change_nothing(recording, minutes):
    expect_equal(*tables(with_gaps(recording), minutes))


def test_only_what_a_block_needs_is_looked_at(recording, monkeypatch):
    seen = []
    extract = EDA.extract

    def spy(self, part, starts, stops):
        signal = part.signals["eda"]
        seen.append((signal.start, signal.stop, starts.min(), stops.max()))
        return extract(self, part, starts, stops)

    monkeypatch.setattr(EDA, "extract", spy)
    extract_features(make_windows([recording])[0], ["eda"], block_minutes=5.0)
    assert len(seen) == 6
    for start, stop, first, last in seen:
        assert start == 0 or 200 < first - start < 250  # a context of 60 s, settling and flat
        assert stop == 60 * MINUTES or 140 < stop - last < 160
    assert sum(stop - start for start, stop, *_ in seen) < 60 * MINUTES * 2.5


def test_few_windows_of_a_long_recording_need_little_of_it(recording, monkeypatch):
    seen = []
    extract = Temperature.extract
    monkeypatch.setattr(
        Temperature,
        "extract",
        lambda self, part, *rest: seen.append(part) or extract(self, part, *rest),
    )
    windows, _ = make_windows([recording])
    last = extract_features(windows.iloc[-3:], ["temperature"], block_minutes=5.0)
    assert seen[0].signals["temperature"].n_samples < 0.25 * 60 * MINUTES * 125
    whole = extract_features(windows, ["temperature"]).iloc[-3:]
    np.testing.assert_allclose(last, whole, rtol=1e-6)


def test_the_order_of_windows_is_kept(recording):
    windows, _ = make_windows([recording])
    table = extract_features(windows, ["ibi"], block_minutes=5.0)
    mixed = extract_features(windows.sample(frac=1, random_state=0), ["ibi"], block_minutes=5.0)
    np.testing.assert_allclose(mixed.loc[table.index], table, rtol=1e-9)


def test_one_warning_counts_all_blocks(recording):
    values = recording.signals["temperature"].values.copy()
    values[:, 60_000:] = np.nan
    dead = Recording("anna", {"temperature": Signal(values, 125.0, "C")})
    windows, _ = make_windows([dead])
    for minutes in (None, 5.0):
        with pytest.warns(SignalWarning, match=r"263 of 359 windows.*in some channel") as caught:
            extract_features(windows, block_minutes=minutes)
        assert len(caught) == 1


def test_a_pause_between_events_is_seen_from_both_sides():
    times = np.concatenate([np.arange(0.8, 500, 0.8), np.arange(900, 1500, 0.8)])
    recording = Recording("anna", {"ibi": Events(times, np.full(len(times), 0.8), "s")})
    starts = np.arange(0, 1490, 5.0)
    whole = IBI().extract(recording, starts, starts + 10)
    parts = extract_in_blocks(IBI(), recording, starts, starts + 10, 2.0)
    np.testing.assert_allclose(parts.values, whole.values, rtol=1e-9)


@pytest.mark.parametrize("modality", [EDA(), EOG()], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("gaps", "further"),
    [
        ([], 0.0),
        ([(30, 70)], 40.0),
        ([(5, 25), (60, 500)], 460.0),
        ([(0, 200)], 200.0),
        ([(10, 611)], 601.0),
        ([(10, 700)], 600.0),  # more than ten minutes are not bridged
        ([(0, 900)], 0.0),  # there is nothing to bridge to
        ([(10_000, 11_000)], 0.0),
    ],
)
@pytest.mark.parametrize("way", [-1, 1])
def test_twice_the_settling_of_good_signal_is_looked_at(modality, gaps, further, way):
    """Beyond gaps; then what shows a signal to be flat or clipped. A dead channel counts not."""
    time = 1500.0
    values = 10 + np.random.default_rng(0).normal(size=(2, 30_000))
    since = way * (np.arange(30_000) / 10 - time)
    for first, last in gaps:
        values[0, (since >= first) & (since < last)] = np.nan
    reach = 2 * modality.settling + 1 + modality.flat + 10 * modality.clips
    found = _outwards(modality, Signal(values[:1], 10.0, modality.unit), time, way)
    assert way * (found - time) == pytest.approx(reach + further, abs=0.3)
    values[1] = np.nan
    assert _outwards(modality, Signal(values, 10.0, modality.unit), time, way) == found
    outside = Signal(values[:1], 10.0, modality.unit, start=1600.0)
    assert _outwards(modality, outside, time, way) == time + way * reach


@pytest.mark.parametrize("minutes", [0, -1.0, np.nan, np.inf])
def test_refuses_lengths_that_cannot_be(recording, minutes):
    windows, _ = make_windows([recording])
    with pytest.raises(ArgumentError, match="block_minutes must be above 0, or None"):
        extract_features(windows, block_minutes=minutes)
    with pytest.raises(ArgumentError, match="block_minutes must be above 0, or None"):
        FeatureExtractor(block_minutes=minutes).fit(windows)
