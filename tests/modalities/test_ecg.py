"""ECG: known rate and variability, contexts and minimum durations, quality, gaps, bad input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.exceptions import ArgumentError
from physio_vad.features.detectors import find_beats
from physio_vad.modalities import ECG
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg

SFREQ, DURATION = 125.0, 300.0
STARTS = np.arange(0.0, 290.1, 10.0)
BEATS = simulate_beats(72.0, DURATION, rmssd=40.0, rng=3)
SIGNAL = simulate_ecg(BEATS, SFREQ, DURATION, rng=3)


def extract(values=SIGNAL, *, sfreq=SFREQ, unit="mV", starts=STARTS, length=10.0, **kwargs):
    signal = Signal(values, sfreq=sfreq, unit=unit)
    block = ECG(**kwargs).extract(Recording("a", {"ecg": signal}), starts, starts + length)
    names = [name.removeprefix("ecg__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def same(a, b, **tolerance):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def beats_between(start, stop):
    first, last = np.searchsorted(BEATS, [start, stop])
    return BEATS[first:last]


def test_the_features_are_those_of_the_true_beats():
    found = extract()
    for row, stop in enumerate(STARTS + 10):
        intervals = np.diff(beats_between(stop - 10, stop))
        assert found["hr_mean"][row] == pytest.approx(60 / intervals.mean(), rel=2e-3)
        assert found["meannn"][row] == pytest.approx(1000 * intervals.mean(), rel=2e-3)
        if stop < 60:
            continue
        intervals = 1000 * np.diff(beats_between(stop - 60, stop))
        steps = np.diff(intervals)
        assert found["sdnn"][row] == pytest.approx(intervals.std(ddof=1), rel=0.02)
        assert found["rmssd"][row] == pytest.approx(np.sqrt(np.mean(steps**2)), rel=0.02)
        assert found["sdsd"][row] == pytest.approx(steps.std(ddof=1), rel=0.02)
        assert found["pnn50"][row] == pytest.approx(100 * np.mean(np.abs(steps) > 50), abs=4)
    assert (found["quality"] > 0.9).all()


def test_a_modulated_rate_has_its_power_in_its_band():
    beats = [0.0]
    while beats[-1] < DURATION:
        beats.append(beats[-1] + 0.8 + 0.04 * np.sin(2 * np.pi * 0.1 * beats[-1]))
    found = extract(simulate_ecg(beats, SFREQ, DURATION))
    assert found["lf"][-1] == pytest.approx(800, rel=0.03)
    assert found["hf"][-1] < 10
    assert found["lf_hf"][-1] == pytest.approx(found["lf"][-1] / found["hf"][-1])


def test_features_wait_for_their_minimum_duration():
    first = {name: 10 + 10 * int(np.argmax(np.isfinite(row))) for name, row in extract().items()}
    expected = dict.fromkeys(("hr_mean", "hr_sd", "meannn", "rmssd", "sdsd", "sd1"), 10)
    expected |= dict.fromkeys(("sdnn", "pnn50", "pnn20", "sd2"), 30)
    expected |= {"hf": 60, "lf": 120, "lf_hf": 120, "quality": 10}
    assert {name: first[name] for name in expected} == expected
    assert 60 <= first["sampen"] <= 100  # 100 intervals at 72 a minute


def test_minimum_durations_are_a_parameter():
    found = extract(minimum={"rmssd": 60.0, "lf": 100.0})
    assert np.isnan(found["rmssd"][:5]).all()
    assert np.isfinite(found["rmssd"][5:]).all()
    assert np.isfinite(found["lf"][9])
    assert {one.name: one.minimum for one in ECG(minimum={"lf": 100.0}).features}["lf"] == 100
    with pytest.raises(ArgumentError, match="did you mean 'rmssd'"):
        extract(minimum={"rmsd": 60.0})


def test_contexts_look_back_from_the_end_of_the_window():
    short = extract(context=30.0, hrv_context=30.0)
    long = extract(starts=np.arange(0.0, 270.1, 10.0), length=30.0, hrv_context=30.0)
    for name in ("hr_mean", "hr_sd", "sdnn", "rmssd"):
        np.testing.assert_allclose(short[name][2:], long[name])


def test_nothing_after_the_window_counts():
    cut = extract(SIGNAL[: int(200 * SFREQ)])
    whole = extract()
    for name in ("hr_mean", "sdnn", "rmssd", "lf", "sampen"):
        np.testing.assert_allclose(cut[name][:11], whole[name][:11], rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(("unit", "factor"), [("V", 1e-3), ("uV", 1e3), ("nV", 1e6)])
def test_units(unit, factor):
    same(extract(factor * SIGNAL, unit=unit), extract(), rtol=1e-6)


def test_an_inverted_lead_gives_the_same():
    same(extract(-SIGNAL), extract(), rtol=1e-9)


def test_intervals_over_a_gap_do_not_count():
    holed = SIGNAL.copy()
    holed[int(100 * SFREQ) : int(103.2 * SFREQ)] = np.nan
    found, whole = extract(holed), extract()
    assert found["hr_mean"][10] == pytest.approx(whole["hr_mean"][10], rel=0.05)
    np.testing.assert_allclose(found["rmssd"], whole["rmssd"], rtol=0.15)
    assert 0.3 < found["quality"][10] < 0.7 < found["quality"][9]
    far = (100 - ECG.settling >= STARTS + 10) | (104 + ECG.settling + 60 <= STARTS)
    for name in ("hr_mean", "sdnn", "rmssd", "quality"):
        np.testing.assert_allclose(found[name][far], whole[name][far], rtol=1e-6)


def test_a_window_without_enough_signal_is_nan_with_quality_0():
    holed = SIGNAL.copy()
    holed[int(100 * SFREQ) : int(120 * SFREQ)] = 0.5  # flat
    found = extract(holed)
    for name, row in found.items():
        assert (row[10:12] == 0).all() if name == "quality" else np.isnan(row[10:12]).all()


def test_noise_without_beats_is_not_trusted():
    rng = np.random.default_rng(0)
    assert (extract(rng.standard_normal(len(SIGNAL)))["quality"] < 0.5).mean() > 0.9


def test_a_rate_at_which_no_beat_can_be_seen():
    signal = Signal(SIGNAL[::5], sfreq=25.0, unit="mV")
    block = ECG().extract(Recording("a", {"ecg": signal}), STARTS, STARTS + 10)
    assert np.isnan(block.values[:, :-1]).all()
    assert (block.values[:, -1] == 0).all()
    assert "below 40 Hz" in block.warning


def test_find_beats_gives_the_beats_of_the_features():
    beats = find_beats(SIGNAL, SFREQ)
    assert list(beats.columns) == ["time", "nn", "agreement", "ectopic"]
    np.testing.assert_allclose(beats["time"][2:-2], BEATS[2 : len(beats) - 2], atol=0.005)
    inside = beats[(beats["time"] >= 50) & (beats["time"] < 60)]
    assert 60 / inside["nn"].iloc[1:].mean() == pytest.approx(extract()["hr_mean"][5])
    with pytest.raises(ArgumentError, match="unknown kind of beats 'eeg'; did you mean 'ecg'"):
        find_beats(SIGNAL, SFREQ, "eeg")


@pytest.mark.realdata
def test_quality_of_a_very_noisy_ecg(shared_data):
    """Windows that are trusted hold the right beats, and there are enough of them."""
    folder = shared_data / "heartpy_ecg"
    signal = np.loadtxt(folder / "118e06.csv")
    true = np.loadtxt(folder / "118e06_ann.csv") / 360
    starts = np.arange(0.0, 120.0, 10.0)
    quality = extract(signal, sfreq=360.0, starts=starts)["quality"]
    trusted = starts[quality >= 0.5]
    assert len(trusted) >= 6
    found = find_beats(signal, 360.0)["time"].to_numpy()
    hits = total = 0
    for start in trusted:
        one, other = (x[(x >= start) & (x < start + 10)] for x in (found, true))
        hits += (np.abs(one[:, np.newaxis] - other).min(axis=0) <= 0.05).sum()
        total += len(one) + len(other)
    assert 2 * hits / total >= 0.97


def test_the_triangular_index_is_there_where_five_minutes_are_looked_at():
    assert "triangular_index" not in extract()
    starts = np.array([280.0, 290.0])
    found = extract(lf_context=300.0, starts=starts)["triangular_index"]
    bins = np.bincount((np.diff(BEATS[BEATS < 299.9]) * 128).astype(int))
    assert found[1] == pytest.approx(bins.sum() / bins.max(), rel=0.15)
    assert np.isnan(found[0])  # 290 s of the recording are there
    shorter = extract(lf_context=300.0, starts=starts, minimum={"triangular_index": 240})
    assert np.isfinite(shorter["triangular_index"]).all()
