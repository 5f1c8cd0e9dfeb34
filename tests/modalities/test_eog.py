"""Vertical EOG: known answers, polarity, gaps, odd input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal, simulate_recordings
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.eog import EOG, PreparedEOG
from physio_vad.synthetic import renewal_times, simulate_eog

STARTS = np.arange(0.0, 290.1, 10.0)


def extract(values, *, sfreq=250.0, unit="uV", starts=STARTS, length=10.0, start=0.0, **options):
    signal = Signal(values, sfreq=sfreq, unit=unit, start=start)
    block = EOG(**options).extract(Recording("a", {"eog": signal}), starts, starts + length)
    names = [name.removeprefix("eog__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def eyes(seconds=300.0, sfreq=250.0, seed=0):
    rng = np.random.default_rng(seed)
    blinks = renewal_times(15.0, seconds, shortest=0.3, rng=rng)
    jumps = renewal_times(20.0, seconds, rng=rng)
    gaze = np.clip(60 * rng.standard_normal(len(jumps) + 1), -120, 120)
    return simulate_eog(
        blinks,
        rng.uniform(100, 300, len(blinks)),
        sfreq,
        seconds,
        saccades=jumps,
        steps=np.diff(gaze),
        rng=rng,
    )


def prepared_by_hand():
    """One minute at 100 Hz with five blinks, three saccades and a gap."""
    bad = np.zeros((1, 6000), dtype=bool)
    bad[0, 4500:5100] = True
    signal = CleanSignal(np.zeros((1, 6000)), bad, np.zeros_like(bad), 100.0, 0.0, ("0",))
    time = np.array([31.0, 33.0, 37.0, 44.0, 52.0])
    blinks = {
        "time": time,
        "onset": time - 0.1,
        "end": time + 0.2,
        "amplitude": np.array([100.0, 200, 300, 400, 500]),
        "duration": np.array([0.1, 0.1, 0.1, 0.2, 0.5]),
        "pavr": np.array([0.05, 0.05, 0.05, 0.05, 0.1]),
        "navr": np.array([0.1, 0.1, 0.1, 0.1, 0.3]),
    }
    saccades = {
        "time": np.array([10.0, 35.0, 36.0]),
        "amplitude": np.array([50.0, -60.0, 70.0]),
        "peak_velocity": np.array([1000.0, 2000.0, 3000.0]),
    }
    return PreparedEOG(signal, 1, np.zeros(2), blinks, saccades)


def test_every_feature_by_hand():
    found = EOG().compute(prepared_by_hand(), np.array([50.0, 0.0]), np.array([60.0, 30.0]))
    # 24 s of (30, 60) are good; the interval from 44 to 52 s spans the gap
    np.testing.assert_allclose(found["blink_rate"], [5 / 0.4, 0])
    np.testing.assert_allclose(found["blink_amplitude"], [300, np.nan])
    np.testing.assert_allclose(found["blink_duration"], [0.2, np.nan])
    np.testing.assert_allclose(found["blink_pavr"], [0.06, np.nan])
    np.testing.assert_allclose(found["blink_navr"], [0.14, np.nan])
    intervals = np.array([2.0, 4.0, 7.0])
    cv = intervals.std(ddof=1) / intervals.mean()
    np.testing.assert_allclose(found["interblink_interval_cv"], [cv, np.nan])
    np.testing.assert_allclose(found["saccade_rate"], [2 / 0.4, 2])
    np.testing.assert_allclose(found["saccade_peak_velocity"], [2500, 1000])


def test_known_blinks_and_saccades_of_a_simulation():
    found = extract(eyes())
    assert found["blink_rate"][2:].mean() == pytest.approx(15, rel=0.1)
    assert found["blink_amplitude"].mean() == pytest.approx(200, rel=0.1)
    assert found["blink_duration"].mean() == pytest.approx(0.15, rel=0.15)  # half of 0.3 s
    assert 8 < found["saccade_rate"].mean() < 20


def test_inverted_channel_gives_the_same_features():
    expected, found = extract(eyes()), extract(-eyes())
    for name, column in expected.items():
        np.testing.assert_allclose(found[name], column, rtol=1e-9, err_msg=name)
    eog = EOG()
    for sign in (1, -1):
        signal = eog.clean(Signal(sign * eyes(), sfreq=250.0, unit="uV"))
        assert eog.prepare(signal, {}).polarity == sign


def test_offset_unit_and_start_change_nothing():
    expected = extract(eyes())
    for found in (
        extract(eyes() + 500),
        extract(eyes() / 1e6, unit="V"),
        extract(eyes(), start=1000.1, starts=STARTS + 1000.1),
    ):
        for name, column in expected.items():
            np.testing.assert_allclose(found[name], column, rtol=1e-6, err_msg=name)


def test_gap_stays_where_it_is():
    values, spoilt, other = eyes(), eyes(), eyes()
    spoilt[25000:27500], other[25000:27500] = np.nan, -np.inf
    clean, found, same = extract(values), extract(spoilt), extract(other)
    settling = EOG.settling
    far = (STARTS + 10 + settling <= 100) | (STARTS - 20 - settling >= 110)
    for name, column in clean.items():
        np.testing.assert_array_equal(found[name], same[name])
        np.testing.assert_allclose(found[name][far], column[far], rtol=1e-6, err_msg=name)
    assert np.isnan(found["blink_rate"][10])


def test_channels_have_columns_of_their_own():
    signal = Signal(
        np.stack([eyes(60.0), -eyes(60.0)]), sfreq=250.0, unit="uV", channels=("a", "b")
    )
    block = EOG().extract(Recording("a", {"eog": signal}), np.array([20.0]), np.array([50.0]))
    row = dict(zip(block.columns, block.values[0], strict=True))
    assert row["eog__blink_rate__a"] == row["eog__blink_rate__b"] > 0


@pytest.mark.parametrize("sfreq", [1.0, 7.0, 30.0, 64.0, 1000.0])
@pytest.mark.parametrize("n_samples", [0, 1, 3, 400])
def test_any_length_and_rate_has_an_answer(sfreq, n_samples):
    values = np.random.default_rng(0).standard_normal(n_samples)
    found = extract(values, sfreq=sfreq, starts=np.arange(0.0, 40.0, 10.0))
    assert not any(np.isinf(column).any() for column in found.values())
    if n_samples < 10 * sfreq:
        assert all(np.isnan(found[name]).all() for name in found if name != "quality")


def test_too_low_a_rate_has_no_counts():
    values = np.random.default_rng(0).standard_normal(600)
    found = extract(values, sfreq=4.0, starts=np.array([100.0]))
    assert np.isnan(found["blink_rate"]).all()
    assert np.isnan(found["saccade_rate"]).all()


def test_bad_parameters():
    with pytest.raises(ArgumentError, match="above 0 uV"):
        extract(eyes(20.0), min_blink=0.0)


def test_an_inverted_channel_is_said():
    (recording,), (truth,) = simulate_recordings(n_subjects=1, minutes=2, seed=3, return_truth=True)
    eog = recording.signals["eog"]
    inverted = Signal(-eog.values, eog.sfreq, eog.unit)
    starts, stops = np.array([0.0, 60.0]), np.array([60.0, 120.0])
    upright = EOG().extract(recording, starts, stops)
    turned = EOG().extract(Recording("x", {"eog": inverted}), starts, stops)
    assert upright.warning == ""
    assert "inverted" in turned.warning
    np.testing.assert_allclose(turned.values, upright.values, rtol=1e-6)
    assert len(truth.blinks) > 0


def test_what_moves_far_less_or_more_than_an_eog_has_no_quality():
    """Such as microvolts that are called millivolts, or a dead electrode's noise of 0.1 uV."""
    signal = eyes()
    assert (extract(signal)["quality"] == 1).all()
    assert (extract(signal, unit="mV")["quality"] == 0).all()
    dead = 0.1 * np.random.default_rng(1).normal(size=len(signal))
    assert (extract(dead)["quality"] == 0).all()
    half = np.where(np.arange(len(signal)) < len(signal) // 2, signal, dead)
    away = STARTS != 150.0  # where it jumps from one to the other
    np.testing.assert_array_equal(extract(half)["quality"][away], (STARTS < 150)[away])
    assert (extract(signal + 1000 * np.arange(len(signal)) / 250 / 60)["quality"] == 1).all()


def test_too_low_a_rate_for_blinks_has_no_quality():
    slow = eyes()[: 25 * 300].reshape(-1, 25).mean(axis=1)
    found = extract(slow, sfreq=10.0, starts=np.array([0.0]))
    assert np.isnan(found["blink_rate"]).all()
    assert found["quality"] == 0
