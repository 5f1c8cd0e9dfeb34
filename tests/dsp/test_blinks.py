"""Blinks and saccades: triangles by hand, the truth of simulations, polarity and gaps."""

import numpy as np
import pytest
from scipy.ndimage import grey_opening

from physio_vad.dsp.blinks import _opening, find_blink_peaks, grid
from physio_vad.dsp.filters import low_pass
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


def count(values, **options):
    return len(find(values, **options).table["time"])


@pytest.mark.parametrize(("sfreq", "found"), [(20.0, True), (19.9, False)])
def test_the_lowest_rate_of_blinks(sfreq, found):
    assert count(triangles(TIMES, sfreq=sfreq), sfreq=sfreq) == found * len(TIMES)


@pytest.mark.parametrize(("height", "found"), [(45.0, False), (65.0, True)])
def test_the_smallest_blink_by_default(height, found):
    assert count(triangles(TIMES, height=height)) == found * len(TIMES)


@pytest.mark.parametrize(("seconds", "found"), [(0.2, 1), (0.4, 1), (0.5, 1), (0.6, 0), (0.8, 0)])
def test_a_lid_that_stays_shut_blinks_once_and_no_longer_than_six_tenths_of_a_second(
    seconds, found
):
    since = np.arange(12000) / 200 - TIMES[:, np.newaxis]
    lid = np.interp(since, np.array([-0.1, 0, seconds, seconds + 0.1]), [0, 1, 1, 0]).sum(axis=0)
    table = find(200 * lid).table
    assert len(table["time"]) == found * len(TIMES)
    np.testing.assert_allclose(table["duration"], seconds + 0.1, atol=0.04)


@pytest.mark.parametrize(("apart", "found"), [(0.2, 1), (0.3, 2), (0.35, 2)])
def test_two_blinks_are_a_quarter_of_a_second_apart(apart, found):
    pairs = np.sort(np.concatenate([TIMES, TIMES + apart]))
    assert count(triangles(pairs, up=0.08, down=0.1)) == found * len(TIMES)


@pytest.mark.parametrize(("height", "each"), [(100.0, 1.8), (400.0, 3.0)])
def test_each_blink_votes_by_how_clear_it_is_up_to_three_times(height, each):
    """Of 50 uV, less what the filters take."""
    votes = find(triangles(TIMES, height=height)).votes
    np.testing.assert_allclose(votes, [each * len(TIMES), 0], rtol=0.08)


def test_a_blink_begins_half_a_second_before_its_peak_at_most():
    table = find(triangles(TIMES, up=0.8, down=0.2)).table
    np.testing.assert_allclose(table["time"] - table["onset"], 0.5)
    table = find(triangles(TIMES, up=0.2, down=0.8)).table
    np.testing.assert_allclose(table["end"] - table["time"], 0.5)


@pytest.mark.parametrize(("away", "lost"), [(0.05, 1), (0.09, 1), (0.12, 0)])
@pytest.mark.parametrize("side", ["onset", "end"])
def test_a_tenth_of_a_second_around_a_blink_must_be_good(side, away, lost):
    values, bad = triangles(TIMES), np.zeros(12000, dtype=bool)
    edge = find(values).table[side][4]
    bad[round(200 * (edge + (away if side == "end" else -away)))] = True
    assert count(values, bad=bad) == len(TIMES) - lost


@pytest.mark.parametrize(("half", "found"), [(0.04, False), (0.08, True)])
def test_a_blink_takes_eight_hundredths_of_a_second(half, found):
    assert count(triangles(TIMES, height=500.0, up=half, down=half)) == found * len(TIMES)


@pytest.mark.parametrize(("sfreq", "factor"), [(30.0, 1), (99.9, 1), (100.0, 2), (250.0, 5)])
def test_fifty_samples_a_second_are_kept_to_find_blinks(sfreq, factor):
    assert grid(sfreq) == factor


NO_BLINK = {"onset": np.empty(0), "end": np.empty(0)}


def steps(*times, height=100.0, sfreq=200.0, seconds=30.0, drift=0.0):
    """Quick changes of the gaze within .03 s, in faint noise."""
    time = np.arange(int(seconds * sfreq)) / sfreq
    noise = 0.3 * np.random.default_rng(0).standard_normal(len(time))
    moves = (height * np.clip((time - at) / 0.03 + 0.5, 0, 1) for at in times)
    return sum(moves) + drift * time + noise


def saccades(values, sfreq=200.0, blinks=NO_BLINK, bad=None):
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_saccade_peaks(values, bad, sfreq, blinks)


@pytest.mark.parametrize(("sfreq", "found"), [(50.0, 1), (49.9, 0)])
def test_the_lowest_rate_of_saccades(sfreq, found):
    assert len(saccades(steps(10.0, sfreq=sfreq), sfreq)["time"]) == found


@pytest.mark.parametrize(("height", "found"), [(27.0, 0), (33.0, 1)])
def test_the_smallest_saccade_by_default(height, found):
    assert len(saccades(steps(10.0, height=height))["time"]) == found


def test_levels_are_read_from_4_to_16_hundredths_of_a_second_away():
    """So they are .2 s apart, in which the gaze drifts by 20 uV more."""
    found = saccades(steps(10.0, drift=100.0))
    assert found["amplitude"] == pytest.approx([120], abs=1)
    smooth = low_pass(steps(10.0, drift=100.0), 200.0, 20.0)
    assert found["peak_velocity"] == np.abs(np.gradient(smooth, 1 / 200)).max()


@pytest.mark.parametrize(("apart", "found"), [(0.05, 1), (0.15, 2)])
def test_two_saccades_are_a_tenth_of_a_second_apart(apart, found):
    assert len(saccades(steps(10.0, 10.0 + apart))["time"]) == found


@pytest.mark.parametrize(("away", "found"), [(0.07, 0), (0.13, 1)])
@pytest.mark.parametrize("side", [1, -1])
def test_a_tenth_of_a_second_around_a_blink_is_the_lid(side, away, found):
    spans = {1: (10 + away, 10.5), -1: (9.5, 10 - away)}
    blinks = {"onset": np.array(spans[side][:1]), "end": np.array(spans[side][1:])}
    assert len(saccades(steps(10.0), blinks=blinks)["time"]) == found


@pytest.mark.parametrize(("seconds", "found"), [(8.0, True), (14.0, False)])
def test_the_noise_of_the_gaze_is_that_of_twenty_seconds_around(seconds, found):
    """Where it is loud for most of 20.5 s nothing in it is fast; a shorter noise stands out."""
    values = steps(5.0, seconds=60.0)
    noise = 60 * np.random.default_rng(1).standard_normal(len(values))
    loud = slice(4000, int(4000 + 200 * seconds))
    values[loud] += noise[loud]
    times = saccades(values)["time"]
    assert ((times > 20) & (times < 20 + seconds)).any() == found
