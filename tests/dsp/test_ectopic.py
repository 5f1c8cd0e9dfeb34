"""Ventricular beats: found as beats of another shape, left out of NN, counted in the rate."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.dsp.ectopic import find_ectopic
from physio_vad.features.detectors import find_beats
from physio_vad.modalities import ECG
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg

STARTS = np.arange(60.0, 110.0, 10.0)


def with_premature(every, sfreq=250.0, width=0.045, seconds=120.0, noise=0.02, seed=1):
    """Wide beats 0.55 s after every so-manieth normal one, then a pause; 0.8 s a beat in all."""
    rng = np.random.default_rng(seed)
    steps = 0.8 + 0.02 * rng.standard_normal(int(seconds))
    after = np.arange(len(steps)) % (every - 1) == every - 2
    normal = 0.6 + np.cumsum(np.where(after, 2, 1) * steps) - np.where(after, 2, 1) * steps
    there = normal < seconds - 2
    normal, early = normal[there], normal[there & after] + 0.55
    ecg = simulate_ecg(normal, sfreq, seconds, noise=0.0, wander=0.05)
    since = np.arange(len(ecg)) / sfreq - early[:, np.newaxis]
    ecg += (1.3 * np.exp(-0.5 * (since / width) ** 2)).sum(axis=0)
    ecg -= (0.5 * np.exp(-0.5 * ((since - 0.28) / 0.08) ** 2)).sum(axis=0)
    ecg += noise * rng.standard_normal(len(ecg))
    return ecg[: int((normal[-1] + 0.9) * sfreq)], normal, early


def features(ecg, sfreq=250.0):
    recording = Recording("a", {"ecg": Signal(ecg, sfreq, "mV")})
    block = ECG(context=60.0).extract(recording, STARTS, STARTS + 10)
    names = [name.removeprefix("ecg__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("sfreq", [125.0, 500.0])
@pytest.mark.parametrize("width", [0.03, 0.045])
def test_bigeminy_at_75_beats_a_minute(width, sfreq, turned):
    ecg, _, early = with_premature(2, sfreq, width)
    found = features(turned * ecg, sfreq)
    np.testing.assert_allclose(found["hr_mean"], 75.0, atol=1.0)
    np.testing.assert_allclose(found["ectopic_share"], 0.5, atol=0.02)
    assert np.isnan(found["rmssd"]).all()  # no interval is a normal one
    assert (found["quality"] <= 0.5).all()
    beats = find_beats(turned * ecg, sfreq)
    wide = beats.loc[beats["ectopic"], "time"].to_numpy()
    assert len(wide) == len(early)
    np.testing.assert_allclose(wide, early, atol=0.03)


def test_trigeminy_loses_no_normal_beat():
    """Two in three intervals beside the premature beats are long: the others are not too short."""
    ecg, normal, early = with_premature(3)
    beats = find_beats(ecg, 250.0)
    assert len(beats) == len(normal) + len(early)
    assert beats["ectopic"].sum() == len(early)
    np.testing.assert_allclose(features(ecg)["hr_mean"], 75.0, atol=1.0)


def test_a_premature_beat_now_and_then_leaves_the_variability():
    ecg, normal, early = with_premature(6)
    beats = find_beats(ecg, 250.0)
    assert beats["ectopic"].sum() == len(early)
    beside = np.diff(np.sort(np.concatenate([normal, early]))) < 0.6
    assert beside.sum() == len(early)
    assert beats["nn"].between(0.7, 0.9).sum() == beats["nn"].notna().sum()
    found = features(ecg)
    np.testing.assert_allclose(found["ectopic_share"], 1 / 6, atol=0.03)
    np.testing.assert_allclose(found["meannn"], 800.0, atol=20.0)


@pytest.mark.parametrize("noise", [0.02, 0.2, 0.5])
@pytest.mark.parametrize("rate", [50.0, 75.0, 120.0])
def test_no_ectopic_beat_where_there_is_none(rate, noise):
    beats = simulate_beats(rate, 120.0, rmssd=40.0, rng=2)
    ecg = simulate_ecg(beats, 250.0, 120.0, noise=noise, rng=3)
    assert find_beats(ecg, 250.0)["ectopic"].mean() == 0


@pytest.mark.parametrize(("seconds", "number"), [(50.0, 2), (65.0, 3)])
def test_three_premature_beats_make_a_template(seconds, number):
    ecg, _, early = with_premature(20, seconds=seconds)
    assert len(early) == number
    beats = find_beats(ecg, 250.0)
    assert beats["ectopic"].sum() == (number if number >= 3 else 0)
    found = beats["time"][beats["ectopic"]].to_numpy()
    np.testing.assert_allclose(found, early[: len(found)], atol=0.05)


def bumps(times, heights, sd=0.03, sfreq=100.0, seconds=42.0):
    since = np.arange(int(seconds * sfreq)) / sfreq - np.array(times)[:, np.newaxis]
    return np.asarray(heights) @ np.exp(-0.5 * (since / sd) ** 2)


@pytest.mark.parametrize(
    ("after", "height", "there"),
    [
        (0.5, 1.0, True),
        (0.34, 1.0, False),  # a T wave
        (0.38, 1.0, True),
        (0.68, 1.0, True),
        (0.72, 1.0, False),  # the beginning of the next beat
        (0.5, 0.5, False),
        (0.5, 0.7, True),
    ],
)
def test_wide_beats_stand_apart_and_are_not_much_smaller(after, height, there):
    beats = 1.0 + np.arange(40)
    early = beats[5::7] + after
    low = bumps([*beats, *early], [1.0] * len(beats) + [height] * len(early))
    places, alike = find_ectopic(low, np.zeros(len(low), dtype=bool), 100.0, 100 * beats)
    assert len(places) == (len(early) if there else 0)
    np.testing.assert_allclose(places, 100 * early[: len(places)], atol=1)
    assert (alike > 0.95).all()


def test_no_ectopic_beat_touches_a_gap_and_two_beats_are_no_rhythm():
    beats = 1.0 + np.arange(40)
    early = beats[2::4] + 0.5
    low = bumps([*beats, *early], np.ones(40 + len(early)))
    bad = np.zeros(len(low), dtype=bool)
    bad[int(100 * early[3]) - 8] = True
    places, _ = find_ectopic(low, bad, 100.0, 100 * beats)
    np.testing.assert_allclose(places, 100 * np.delete(early, 3), atol=1)
    assert len(find_ectopic(low, bad, 100.0, 100 * beats[:2])[0]) == 0
