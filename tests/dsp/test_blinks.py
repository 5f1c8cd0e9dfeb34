"""Blinks and saccades: triangles by hand, the truth of simulations, polarity and gaps."""

import numpy as np
import pytest
from scipy.ndimage import grey_opening

from physio_vad.dsp.blinks import _opening, find_blink_peaks
from physio_vad.dsp.saccades import find_saccade_peaks
from physio_vad.features.detectors import find_blinks
from physio_vad.synthetic import renewal_times, simulate_eog


def triangles(times, sfreq=200.0, seconds=60.0, height=200.0, up=0.15, down=0.25):
    time = np.arange(int(seconds * sfreq)) / sfreq
    values = np.zeros(len(time))
    for peak in times:
        since = time - peak
        values += height * np.maximum(0, 1 - np.where(since < 0, -since / up, since / down))
    return values


def find(values, sfreq=200.0, bad=None, **options):
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_blink_peaks(values, bad, sfreq, **options)


def f1_score(found, true, tolerance=0.15):
    hits = sum(np.abs(found - time).min() <= tolerance for time in true)
    return 2 * hits / (len(found) + len(true))


TIMES = np.arange(3.0, 58.0, 5.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_course_of_triangles(sign):
    found = find(sign * triangles(TIMES))
    assert found.polarity == sign
    table = found.table
    np.testing.assert_allclose(table["time"], TIMES, atol=0.025)
    np.testing.assert_allclose(table["amplitude"], 200, rtol=0.08)
    np.testing.assert_allclose(table["duration"], 0.2, atol=0.02)  # half of 0.15 + 0.25
    np.testing.assert_allclose(table["pavr"], 0.15, rtol=0.15)  # amplitude / (amplitude / 0.15 s)
    np.testing.assert_allclose(table["navr"], 0.25, rtol=0.15)
    np.testing.assert_allclose(table["end"] - table["onset"], 0.4, atol=0.06)


def test_steps_of_the_gaze_and_small_bumps_are_no_blinks():
    time = np.arange(12000) / 200
    steps = 150.0 * (np.floor(time / 2) % 2)
    assert len(find(steps).table["time"]) == 0
    assert len(find(triangles(TIMES, height=30.0)).table["time"]) == 0
    assert len(find(triangles(TIMES, height=30.0), min_amplitude=20.0).table["time"]) == len(TIMES)


def test_a_few_inverse_artefacts_do_not_turn_the_channel():
    values = triangles(TIMES) - triangles([10.5, 30.5], height=5000.0)
    assert find(values).polarity == 1


def test_one_loud_minute_does_not_hide_the_blinks_of_the_others():
    noise = np.random.default_rng(0).standard_normal(36000)
    noise[12000:24000] *= 60
    values = triangles(np.arange(3.0, 178.0, 5.0), seconds=180.0) + noise
    times = find(values).table["time"]
    quiet = (times < 58) | (times > 122)
    assert quiet.sum() == 22


def test_nothing_is_found_in_a_gap():
    values, bad = triangles(TIMES), np.zeros(12000, dtype=bool)
    bad[1590:1610] = True  # the blink at 8 s
    assert 8.0 not in find(values, bad=bad).table["time"].round(1)
    assert len(find(values, bad=bad).table["time"]) == len(TIMES) - 1


@pytest.mark.parametrize("n_samples", [0, 1, 2, 5, 50])
def test_short_signals_have_no_blinks(n_samples):
    values, bad = np.arange(float(n_samples)), np.zeros(n_samples, dtype=bool)
    blinks = find_blink_peaks(values, bad, 200.0)
    assert len(blinks.table["time"]) == 0
    assert len(find_saccade_peaks(values, bad, 200.0, blinks.table)["time"]) == 0


def test_saccades_are_measured_and_lids_are_none():
    time = np.arange(12000) / 200
    jumps = np.arange(5.5, 58.0, 5.0)
    gaze = sum(100 * (-1) ** i * np.clip((time - at) / 0.05, 0, 1) for i, at in enumerate(jumps))
    values = gaze + triangles(TIMES) + np.random.default_rng(0).standard_normal(12000)
    bad = np.zeros(12000, dtype=bool)
    bad[2060:2080] = True  # beside the second saccade
    found = find_saccade_peaks(values, bad, 200.0, find(values).table)
    np.testing.assert_allclose(found["time"], np.delete(jumps, 1) + 0.025, atol=0.02)
    np.testing.assert_allclose(np.abs(found["amplitude"]), 100, rtol=0.1)
    np.testing.assert_allclose(np.sign(found["amplitude"]), np.delete((-1.0) ** np.arange(11), 1))
    assert ((found["peak_velocity"] > 1300) & (found["peak_velocity"] < 2200)).all()  # 2000 uV/s


@pytest.mark.parametrize(("step", "least"), [(0.0, 0.97), (60.0, 0.93)])
def test_known_blinks_in_strong_noise(step, least):
    scores = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        true = renewal_times(15.0, 300.0, shortest=0.3, rng=rng)
        true = true[(true > 0.5) & (true < 299)]
        jumps = renewal_times(25.0, 300.0, rng=rng)
        eog = simulate_eog(
            true,
            rng.uniform(80, 300, len(true)),
            250.0,
            300.0,
            lengths=rng.uniform(0.25, 0.45, len(true)),
            saccades=jumps,
            steps=np.diff(step * rng.standard_normal(len(jumps) + 1)),
            drift=30.0,
            noise=15.0,
            rng=rng,
        )
        found = find_blinks(-eog, 250.0)
        assert (found["polarity"] == -1).all()
        scores.append(f1_score(found["time"].to_numpy(), true))
    assert np.mean(scores) >= least


@pytest.mark.realdata
def test_real_blinks_in_an_inverted_channel(shared_data):
    import mne
    from scipy.signal import butter, find_peaks, sosfiltfilt

    file = shared_data / "eeglab_sample" / "eeglab_data.set"
    raw = mne.io.read_raw_eeglab(file, verbose="error")
    found = find_blinks(raw.get_data("EOG1")[0], raw.info["sfreq"], unit="V")
    band = butter(2, (0.5, 15), "bandpass", fs=raw.info["sfreq"], output="sos")
    frontal = sosfiltfilt(band, raw.get_data("FPz")[0] * 1e6)
    sure = find_peaks(frontal, height=150, distance=40)[0] / raw.info["sfreq"]
    likely = find_peaks(frontal, height=75)[0] / raw.info["sfreq"]
    times = found["time"].to_numpy()
    assert len(sure) == 13
    assert (found["polarity"] == -1).all()
    assert max(np.abs(times - time).min() for time in sure) <= 0.15
    assert sum(np.abs(likely - time).min() > 0.15 for time in times) <= 6


@pytest.mark.parametrize("size", [1, 3, 5, 31, 37])
def test_the_opening_is_that_of_scipy(size):
    values = np.cumsum(np.random.default_rng(size).normal(size=400))
    np.testing.assert_array_equal(_opening(values, size), grey_opening(values, size))
