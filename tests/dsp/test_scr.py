"""Skin conductance responses: a course by hand, the truth of simulations, artefacts and gaps."""

from inspect import signature

import numpy as np
import pytest

from physio_vad.dsp.scr import THRESHOLD, find_responses, response_peaks, smoothed
from physio_vad.features.detectors import find_scrs
from physio_vad.io import read_recordings
from physio_vad.modalities import EDA
from physio_vad.synthetic import scr_peak_delay, simulate_eda


def climbs(n_samples, sfreq, onsets, height=0.5, rise=2.0, fall=4.0):
    """Smooth pulses: half a cosine up, half a cosine down."""
    time = np.arange(n_samples) / sfreq
    values = np.full(n_samples, 5.0)
    for onset in onsets:
        up, down = np.clip((time - onset) / rise, 0, 1), np.clip((time - onset - rise) / fall, 0, 1)
        values += height * 0.5 * (np.cos(np.pi * down) - np.cos(np.pi * up))
    return values


def find(values, sfreq=10.0, bad=None, **options):
    bad = np.zeros(len(values), dtype=bool) if bad is None else bad
    return find_responses(values, bad, sfreq, **options)


def test_course_of_one_response():
    found = find(climbs(600, 10.0, [20.0]))
    assert len(found["peak"]) == 1
    assert found["peak"][0] == pytest.approx(22.0, abs=0.1)
    assert found["onset"][0] == pytest.approx(20.0, abs=0.1)
    assert found["amplitude"][0] == pytest.approx(0.5, rel=0.02)
    assert found["rise_time"][0] == pytest.approx(2.0, abs=0.15)
    assert found["half_recovery_time"][0] == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("sfreq", [4.0, 10.0, 64.0])
@pytest.mark.parametrize("noise", [0.0, 0.005])
def test_onsets_and_rise_times_of_abrupt_responses(sfreq, noise):
    """The Bateman function begins at once: a low-pass must not move that to earlier times."""
    rng = np.random.default_rng(0)
    onsets = np.arange(15.0, 580.0, 20.0) + rng.uniform(0, 4, 29)
    rise, decay = rng.uniform(0.5, 0.9, len(onsets)), rng.uniform(2, 4, len(onsets))
    skin = simulate_eda(onsets, 0.3, sfreq, 620.0, rise=rise, decay=decay, noise=noise, rng=rng)
    found = find_scrs(skin, sfreq)
    late = found["onset"].to_numpy() - onsets[:, np.newaxis]
    late = late[np.abs(late) < 1]
    assert len(late) == len(onsets)
    assert np.median(late) == pytest.approx(0, abs=0.05)
    assert np.abs(late).mean() < 0.1
    assert found["rise_time"].mean() == pytest.approx(scr_peak_delay(rise, decay).mean(), abs=0.1)


@pytest.mark.parametrize("sfreq", [4.0, 10.0])
@pytest.mark.parametrize("rise", [1.5, 2.0, 3.0])
def test_onsets_of_gradual_responses(rise, sfreq):
    onsets = 15.03 + 20.07 * np.arange(20)
    found = find(climbs(int(440 * sfreq), sfreq, onsets, rise=rise), sfreq)
    np.testing.assert_allclose(found["onset"], onsets, atol=0.15)
    assert np.median(found["onset"] - onsets) == pytest.approx(0, abs=0.1)


def test_one_default_of_the_smallest_response():
    for function in (find_responses, find_scrs, EDA):
        assert signature(function).parameters["threshold"].default is THRESHOLD


def test_threshold_is_absolute():
    small, large = climbs(900, 10.0, [20.0], height=0.04), climbs(900, 10.0, [60.0], height=4.0)
    both = small + large
    assert len(find(both)["peak"]) == 1
    assert len(find(both, threshold=0.03)["peak"]) == 2
    assert len(find(both * 2)["peak"]) == 2


def test_peaks_at_several_thresholds_are_those_of_each_alone():
    rng = np.random.default_rng(5)
    values = climbs(6000, 10.0, np.sort(rng.uniform(10, 580, 60)), height=0.05)
    values += 0.01 * rng.normal(size=6000).cumsum() / 10
    nothing = np.zeros(6000, dtype=bool)
    found = response_peaks(smoothed(values, 10.0), nothing, 10.0, (0.01, 0.03, 0.05))
    for threshold, times in found.items():
        alone = find(values, threshold=threshold)["peak"]
        np.testing.assert_allclose(times, alone, atol=1e-9)
        assert len(times) > 10


def test_slow_drift_is_no_response():
    time = np.arange(3000) / 10
    assert len(find(5 + np.sin(2 * np.pi * time / 40))["peak"]) == 0


def test_recovery_that_is_cut_short_is_unknown():
    found = find(climbs(400, 10.0, [20.0, 23.5], fall=8.0))
    assert np.isnan(found["half_recovery_time"][0])
    assert np.isfinite(found["half_recovery_time"][1])


def test_an_artefact_does_not_hide_the_responses_after_it():
    onsets = np.arange(15.0, 280.0, 15.0)
    values = climbs(3000, 10.0, onsets, height=0.2)
    clean = find(values)
    spoilt = values.copy()
    spoilt[1000:1040] += 30.0
    found = find(spoilt)
    assert len(clean["peak"]) == len(onsets)
    away = np.abs(clean["peak"] - 102.0) > 12
    for name in ("onset", "peak", "amplitude"):
        kept = np.abs(found["peak"] - 102.0) > 12
        np.testing.assert_allclose(found[name][kept], clean[name][away], atol=1e-6)


def test_nothing_is_found_in_or_near_a_gap():
    values = climbs(600, 10.0, [10.0, 25.0, 40.0])
    bad = np.zeros(600, dtype=bool)
    bad[265:280] = True
    assert find(values, bad=bad)["peak"].round(0).tolist() == [12.0, 42.0]
    bad[:] = False
    bad[430:440] = True  # after the peak, before half of it is lost
    found = find(values, bad=bad)
    assert len(found["peak"]) == 3
    assert np.isnan(found["half_recovery_time"][2])


@pytest.mark.parametrize("n_samples", [0, 1, 2, 5, 30])
def test_short_signals_have_no_responses(n_samples):
    assert all(len(column) == 0 for column in find(np.arange(float(n_samples))).values())


def test_too_low_a_rate_has_no_responses():
    assert len(find(climbs(60, 1.0, [20.0]), sfreq=1.0)["peak"]) == 0


def spaced_onsets(rng, duration):
    """At most four a minute, at least 6 s apart."""
    onsets = [rng.uniform(2, 10)]
    while onsets[-1] < duration - 10:
        following = onsets[-1] + 6 + rng.exponential(14)
        if len(onsets) >= 4:
            following = max(following, onsets[-4] + 60)
        onsets.append(following)
    return np.array(onsets[:-1])


@pytest.mark.parametrize("sfreq", [4.0, 8.0, 32.0, 250.0])
def test_known_responses_are_counted_and_measured(sfreq):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        onsets = spaced_onsets(rng, 300.0)
        amplitudes = rng.uniform(0.1, 1.0, len(onsets))
        rise, decay = rng.uniform(0.6, 0.9, len(onsets)), rng.uniform(2, 4, len(onsets))
        skin = simulate_eda(
            onsets, amplitudes, sfreq, 300.0, rise=rise, decay=decay, noise=0.01, rng=rng
        )
        found = find_scrs(skin, sfreq)
        minutes = np.arange(0, 301, 60)
        true = np.histogram(onsets + scr_peak_delay(rise, decay), minutes)[0]
        counted = np.histogram(found["peak"], minutes)[0]
        assert np.abs(true - counted).max() <= 1
        assert found["amplitude"].mean() == pytest.approx(amplitudes.mean(), rel=0.1)


@pytest.mark.parametrize(("first", "found"), [(195, 0), (224, 0), (180, 1), (240, 1)])
def test_half_a_second_around_a_response_must_be_good(first, found):
    """The climb goes from 20.0 to 22.0 s; a gap of .3 s stands just before, after, or off it."""
    bad = np.zeros(600, dtype=bool)
    bad[first : first + 3] = True
    assert len(find(climbs(600, 10.0, [20.0]), bad=bad)["peak"]) == found


@pytest.mark.parametrize(("fall", "known"), [(16.0, True), (24.0, True), (40.0, False)])
def test_half_of_a_response_is_lost_within_15_s_or_never(fall, known):
    values = climbs(900, 10.0, [20.0], fall=fall)
    half = find(values)["half_recovery_time"]
    assert np.isfinite(half).tolist() == [known]
    if known:
        assert half[0] == pytest.approx(fall / 2, abs=0.3)


@pytest.mark.parametrize(("dip", "n_responses"), [(0.015, 1), (0.045, 2)])
def test_a_dip_of_half_the_threshold_parts_two_responses(dip, n_responses):
    """A climb of .3 uS, a dip below or above .025 uS, and a climb of .3 uS again."""
    time = np.arange(600) / 10
    marks = [0.0, 20.0, 22.0, 23.5, 25.5, 40.0, 60.0]
    levels = [5.0, 5.0, 5.3, 5.3 - dip, 5.6 - dip, 5.0, 5.0]
    found = find(np.interp(time, marks, levels), threshold=0.05)
    assert len(found["peak"]) == n_responses


@pytest.mark.realdata
def test_onsets_in_real_skin_conductance(shared_data):
    """Responses of known onset, added to what two wrists gave: other responses overlap them."""
    rng = np.random.default_rng(1)
    late = []
    for subject in ("S02", "S05"):
        path = shared_data / "stress_predict_e4" / f"{subject}.zip"
        skin = read_recordings(path, "empatica-e4")[0].signals["eda"]
        onsets = np.arange(60, skin.stop - 60, 40) + rng.uniform(0, 10)
        added = simulate_eda(onsets, 0.3, skin.sfreq, skin.stop, level=0.0, noise=0.0)
        found = find_scrs(skin.values[0] + added[: skin.n_samples], skin.sfreq)
        apart = found["onset"].to_numpy() - onsets[:, np.newaxis]
        late += apart[np.abs(apart) < 1].tolist()
    assert len(late) > 100
    assert np.median(late) == pytest.approx(0, abs=0.05)
    assert np.abs(late).mean() < 0.12


@pytest.mark.parametrize(("sfreq", "found"), [(2.0, 1), (1.9, 0)])
def test_two_samples_a_second_tell_a_response_from_a_drift(sfreq, found):
    values = climbs(int(60 * sfreq), sfreq, [20.0], rise=3.0)
    assert len(find(values, sfreq=sfreq)["peak"]) == found
    bad = np.zeros(len(values), dtype=bool)
    assert len(response_peaks(smoothed(values, sfreq), bad, sfreq, [0.05])[0.05]) == found


@pytest.mark.parametrize(("height", "found"), [(0.052, 1), (0.047, 0)])
def test_the_smallest_response_by_default(height, found):
    """0.05 uS (Boucsein et al. 2012)."""
    assert len(find(climbs(600, 10.0, [20.0], height=height))["peak"]) == found


@pytest.mark.parametrize(
    ("rise", "longest", "found"), [(3.5, 4.0, 1), (6.0, 4.0, 0), (6.0, 8.0, 1)]
)
def test_a_response_rises_for_four_seconds_at_most(rise, longest, found):
    time = np.arange(600) / 10
    values = np.interp(time, [0, 20, 20 + rise, 40, 60], [5, 5, 5.6, 5, 5])
    options = {} if longest == 4 else {"max_rise": longest}
    amplitudes = find(values, **options)["amplitude"]
    assert amplitudes == pytest.approx([0.6] * found, rel=0.06)


@pytest.mark.parametrize(("fall", "found"), [(20.0, 1), (30.0, 0)])
def test_a_response_loses_half_of_the_threshold_within_ten_seconds(fall, found):
    """It falls by 0.06 uS in all, so by 0.03 or 0.02 uS in ten seconds."""
    time = np.arange(900) / 10
    values = np.interp(time, [0, 20, 22, 22 + fall, 90], [5, 5, 5.06, 5, 5])
    assert len(find(values, threshold=0.05)["peak"]) == found
