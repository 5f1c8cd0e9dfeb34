import numpy as np
import pytest
from scipy.signal import find_peaks, welch

from physio_vad import VAD, make_windows
from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic import simulate_recordings

UNITS = {
    "eeg": "uV",
    "eog": "uV",
    "eda": "uS",
    "temperature": "C",
    "ppg": "a.u.",
    "respiration": "a.u.",
    "emg": "uV",
}


@pytest.fixture(scope="module")
def simulated():
    return simulate_recordings(4, 3.0, seed=3, return_truth=True)


def same(one, other):
    return all(
        np.array_equal(one.signals[name].values, other.signals[name].values) for name in UNITS
    )


def test_there_are_eight_columns_at_one_rate(simulated):
    recordings, _ = simulated
    assert [one.subject for one in recordings] == ["S01", "S02", "S03", "S04"]
    for one in recordings:
        assert {name: signal.unit for name, signal in one.signals.items()} == UNITS
        assert sum(signal.n_channels for signal in one.signals.values()) == 8
        assert {signal.n_samples for signal in one.signals.values()} == {45_000}
        assert {signal.sfreq for signal in one.signals.values()} == {250.0}
        assert one.signals["eeg"].channels == ("F3", "F4")
        assert one.stimulus is None


def test_ratings_are_vad_on_1_to_9_once_a_second(simulated):
    for one in simulated[0]:
        assert one.targets == VAD
        assert set(one.scale.values()) == {(1.0, 9.0)}
        assert one.ratings.starts.tolist() == list(range(180))


def test_amplitudes_are_those_of_real_sensors(simulated):
    for one in simulated[0]:
        values = {name: signal.values for name, signal in one.signals.items()}
        assert all(np.isfinite(array).all() for array in values.values())
        assert 8 < values["eeg"].std() < 30
        assert 100 < values["eog"].max() < 450
        assert 1 < values["eda"].min() < values["eda"].max() < 20
        assert 29 < values["temperature"].min() < values["temperature"].max() < 36
        assert 2 < values["emg"].std() < 40


def test_the_same_seed_gives_the_same_people():
    first, again, other = (simulate_recordings(1, 0.5, seed=seed)[0] for seed in (1, 1, 2))
    assert same(first, again)
    assert np.array_equal(first.ratings.values, again.ratings.values)
    assert not same(first, other)


def test_a_person_is_the_same_in_any_company():
    alone = simulate_recordings(1, 0.5)[0]
    first, second = simulate_recordings(2, 0.5)
    assert same(alone, first)
    assert np.array_equal(alone.ratings.values, first.ratings.values)
    assert not same(first, second)


def test_trials_of_a_person_share_the_person_and_not_the_course():
    (first, again), (one, other) = simulate_recordings(1, 0.5, n_trials=2, return_truth=True)
    assert [(x.subject, x.trial) for x in (first, again)] == [("S01", "1"), ("S01", "2")]
    assert one.properties["blink_amplitude"].iat[0] == other.properties["blink_amplitude"].iat[0]
    assert not np.allclose(first.ratings.values, again.ratings.values)
    make_windows([first, again])


def test_ratings_do_not_depend_on_the_coupling():
    coupled, cut = (simulate_recordings(1, 0.5, coupling=c)[0] for c in (1.0, 0.0))
    assert np.array_equal(coupled.ratings.values, cut.ratings.values)
    assert not same(coupled, cut)


@pytest.mark.parametrize(
    ("coupling", "expected", "within"), [(1.0, 1.0, 0.1), (0.5, 0.5, 0.2), (0.0, 0.0, 0.2)]
)
def test_the_coupling_is_the_correlation_of_rated_and_bodily_course(coupling, expected, within):
    recordings, truths = simulate_recordings(
        40, 1.0, 64.0, coupling=coupling, seed=5, timescale=4.0, return_truth=True
    )
    rated = np.concatenate([one.ratings.values for one in recordings])
    times = recordings[0].ratings.starts
    bodily = np.concatenate([one.latent.loc[times].to_numpy() for one in truths])
    for column in range(3):
        # 40 people x 60 s / 4 s: some 300 independent points, standard error below .06.
        found = np.corrcoef(rated[:, column], bodily[:, column])[0, 1]
        assert found == pytest.approx(expected, abs=within)


def test_without_coupling_no_property_of_the_body_goes_with_a_rating():
    recordings, truths = simulate_recordings(
        60, 1.0, 64.0, coupling=0.0, seed=6, timescale=4.0, return_truth=True
    )
    ratings = np.array([one.ratings.values.mean(axis=0) for one in recordings])
    body = np.array([one.properties.mean().to_numpy() for one in truths])
    correlation = np.corrcoef(ratings.T, body.T)[:3, 3:]
    # 60 people, 51 correlations: the largest of chance is about 3 / sqrt(60).
    assert np.abs(correlation).max() < 0.45


def test_ratings_of_people_have_no_course_in_common():
    recordings = simulate_recordings(60, 1.0, 64.0, seed=7, timescale=4.0)
    ratings = np.array([one.ratings.values for one in recordings])
    common = ratings.mean(axis=0)
    assert np.abs(common - 5).max() < 4.5 * ratings.std() / np.sqrt(60)


def test_beats_and_pulses_are_in_the_ppg(simulated):
    for one, truth in zip(*simulated, strict=True):
        ppg = one.signals["ppg"].values[0]
        pulses = truth.pulses[(truth.pulses > 1) & (truth.pulses < 179)]
        near = ppg[np.round(pulses[:, np.newaxis] * 250).astype(int) + np.arange(-60, 61)]
        assert np.median(np.abs(near.argmax(axis=1) - 60)) <= 2
        rate = truth.properties["heart_rate"].mean()
        assert len(truth.beats) == pytest.approx(3 * rate, rel=0.03)


def test_blinks_are_in_the_eog(simulated):
    for one, truth in zip(*simulated, strict=True):
        eog = one.signals["eog"].values[0]
        peaks = find_peaks(eog[::5], prominence=75, distance=8)[0] / 50
        blinks = truth.blinks[(truth.blinks["time"] > 0.5) & (truth.blinks["time"] < 179.5)]
        assert len(peaks) == pytest.approx(len(truth.blinks), abs=0.1 * len(truth.blinks) + 1)
        nearest = np.abs(peaks[:, np.newaxis] - blinks["time"].to_numpy()).min(axis=0)
        assert np.mean(nearest < 0.1) > 0.9
        assert blinks["amplitude"].between(80, 300).all()


def test_responses_are_in_the_eda(simulated):
    for one, truth in zip(*simulated, strict=True):
        eda = one.signals["eda"].values[0]
        scrs = truth.scrs[truth.scrs["peak"] < 179]
        smooth = np.convolve(eda, np.full(25, 1 / 25), mode="same")
        first, last = (
            np.round(scrs[name].to_numpy() * 250).astype(int) for name in ("onset", "peak")
        )
        rise = smooth[last] - smooth[first]
        # Earlier responses still fall and levels drift, so that most rises are a little too low.
        alone = np.diff(scrs["onset"], prepend=-100.0) > 8
        assert alone.sum() >= 3
        assert np.median(rise[alone] / scrs["amplitude"][alone]) == pytest.approx(1.0, abs=0.2)
        assert scrs["amplitude"].between(0.05, 1.0).all()


def test_breaths_are_in_the_respiration(simulated):
    for one, truth in zip(*simulated, strict=True):
        belt = one.signals["respiration"].values[0]
        depth = truth.properties["breath_depth"].mean()
        peaks = find_peaks(belt[::10], prominence=0.5 * depth, distance=20)[0]
        assert len(peaks) == pytest.approx(len(truth.breaths), abs=2)


def test_bursts_are_in_the_emg(simulated):
    for one, truth in zip(*simulated, strict=True):
        emg = one.signals["emg"].values[0]
        times = one.signals["emg"].times
        apart = np.abs(times[:, np.newaxis] - truth.bursts["time"].to_numpy()).min(axis=1)
        tonus = truth.properties["emg_tonus"].mean()
        assert emg[apart > 1].std() == pytest.approx(tonus, rel=0.15)
        assert emg[apart < 0.1].std() > 3 * tonus


def test_band_powers_of_the_eeg_follow_the_truth(simulated):
    for one, truth in zip(*simulated, strict=True):
        frequencies, power = welch(one.signals["eeg"].values, 250.0, nperseg=500)
        alpha = power[:, (frequencies >= 8) & (frequencies <= 12)].sum(axis=1)
        asymmetry = truth.properties["alpha_asymmetry"]
        weights = np.exp(asymmetry / 2).mean() / np.exp(-asymmetry / 2).mean()
        # The background has part of the alpha band's power and no asymmetry.
        assert np.log(alpha[1] / alpha[0]) == pytest.approx(0.8 * np.log(weights), abs=0.12)


@pytest.mark.parametrize("minutes", [1 / 60, 0.1])
def test_the_shortest_recordings_can_be_simulated(minutes):
    recordings = simulate_recordings(3, minutes, 64.0)
    assert all(one.stop == pytest.approx(60 * minutes, abs=0.01) for one in recordings)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_subjects": 0}, "n_subjects must be at least 1, got 0"),
        ({"minutes": 0.0}, "minutes must be between 0.0166667 and 1e"),
        ({"minutes": 1e12}, "minutes must be between"),
        ({"sfreq": 10.0}, "sfreq must be between 64 and 1e.*, got 10.0"),
        ({"sfreq": 10**400}, "sfreq must be between"),
        ({"n_trials": np.inf}, "n_trials must be at least 1, got inf"),
        ({"coupling": 1.5}, "coupling must be between 0 and 1, got 1.5"),
        ({"coupling": np.nan}, "coupling must be between 0 and 1, got nan"),
        ({"n_trials": 0}, "n_trials must be at least 1"),
        ({"rating_lag": -1.0}, "rating_lag must be at least 0"),
    ],
)
def test_impossible_numbers_are_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        simulate_recordings(**arguments)
