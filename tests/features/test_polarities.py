"""Which way up a sensor is: decided over all recordings of a person, unless it is said."""

import warnings

import numpy as np
import pandas as pd
import pytest

from physio_vad import Recording, Signal, extract_features, make_windows
from physio_vad.exceptions import RecordingError, SignalWarning
from physio_vad.features.polarities import Polarities
from physio_vad.modalities import ECG, EOG
from physio_vad.synthetic import simulate_eog

SFREQ, SECONDS = 128.0, 60.0


def trial(seed, n_blinks):
    """A minute of gaze with few blinks: pairs of saccades look like some, of either sign."""
    rng = np.random.default_rng(seed)
    blinks, jumps = (np.sort(rng.uniform(1, SECONDS - 1, n)) for n in (n_blinks, 25))
    steps = np.diff(60 * rng.standard_normal(26))
    heights = 150 * rng.uniform(0.6, 1.4, n_blinks)
    return simulate_eog(
        blinks, heights, SFREQ, SECONDS, saccades=jumps, steps=steps, noise=10.0, rng=rng
    )


def eog(values, **options):
    return {"eog": Signal(values, SFREQ, "uV", **options)}


def table(recordings, **options):
    windows, _ = make_windows(recordings, length=30, step=30)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SignalWarning)
        return extract_features(windows, **options), [str(one.message) for one in caught]


@pytest.fixture(scope="module")
def trials():
    return [-trial(seed, 2 + seed % 3) for seed in range(8)]


def test_trials_of_one_person_are_one_way_up(trials):
    alone = [EOG().extract(Recording("a", eog(x)), np.zeros(1), np.ones(1)) for x in trials]
    ups = [one.votes[0, 0] >= one.votes[0, 1] for one in alone]
    assert 0 < sum(ups) < len(ups)  # each for itself, some are wrong
    found, _ = table([Recording("a", eog(x), trial=str(i)) for i, x in enumerate(trials)])
    known = [Recording("a", eog(x, polarity=-1), trial=str(i)) for i, x in enumerate(trials)]
    pd.testing.assert_frame_equal(found, table(known)[0])


def test_another_person_is_decided_for_itself(trials):
    people = [Recording(who, eog(sign * trials[0])) for who, sign in (("a", 1), ("b", -1))]
    found, _ = table(people)
    np.testing.assert_array_equal(found.loc["a"], found.loc["b"])


def test_blocks_of_a_long_recording_are_one_way_up(trials):
    long = Recording("a", eog(np.concatenate(trials)))
    found, _ = table([long], block_minutes=1.0)
    whole, _ = table([long], block_minutes=None)
    pd.testing.assert_frame_equal(found, whole, rtol=1e-6, atol=1e-9)


def test_a_turned_recording_among_others_is_said_once(trials):
    lid = np.concatenate([trial(20, 15), trial(21, 15)])
    recordings = [Recording("a", eog(lid if i else -lid), trial=str(i)) for i in range(3)]
    _, said = table(recordings)
    assert sum("look the other way up" in one for one in said) == 1
    assert any(one.startswith("a/0") and "look the other way up" in one for one in said)
    half = [Recording("a", eog(sign * lid), trial=str(sign)) for sign in (-1, 1)]
    _, said = table(half)
    assert sum("which way is up is uncertain" in one for one in said) == 1


def test_what_is_said_of_the_polarity_counts():
    lid = np.concatenate([trial(20, 15), trial(21, 15)])
    right, wrong = (table([Recording("a", eog(lid, polarity=way))]) for way in (1, -1))
    assert right[1] == []
    assert any("look the other way up" in one for one in wrong[1])
    assert not np.allclose(right[0], wrong[0], equal_nan=True)
    pd.testing.assert_frame_equal(right[0], table([Recording("a", eog(lid))])[0])


def test_votes_add_up_by_channel_and_a_known_polarity_stays():
    values = np.vstack([trial(20, 15), -trial(20, 15)])
    recording = Recording("a", {"eog": Signal(values, SFREQ, "uV", ("x", "y"), polarity=(0, 1))})
    block = EOG().extract(recording, np.zeros(1), np.full(1, 30.0))
    polarities = Polarities()
    polarities.add(recording, EOG(), block)
    assert polarities.other(recording, EOG(), block) is None
    for _ in range(2):  # as much again, of the other polarity
        turned = Recording("a", {"eog": Signal(-values, SFREQ, "uV", ("x", "y"))})
        votes = EOG().extract(turned, np.zeros(1), np.full(1, 30.0))
        polarities.add(turned, EOG(), votes)
    assert polarities.other(recording, EOG(), block).signals["eog"].polarity == (-1, 1)


@pytest.mark.parametrize("polarity", [2, (1, 1), 0.5])
def test_a_polarity_that_is_none_is_refused(polarity):
    with pytest.raises(RecordingError, match="polarity must be 1, -1 or 0"):
        Signal(np.zeros(10), 10.0, "uV", polarity=polarity)


def test_an_ecg_of_a_known_polarity_is_not_turned():
    beats = np.zeros(7500)
    beats[100::200] = -1.0
    beats = np.convolve(beats, np.hanning(9), "same")
    for way in (1, -1):
        signal = ECG().clean(Signal(beats, 250.0, "mV", polarity=way))
        times = ECG().prepare(signal, {}).table["time"]
        nearest = np.abs(times[:, np.newaxis] - np.arange(0.4, 29, 0.8)).min(axis=1)
        assert (np.median(nearest) < 0.005) == (way < 0)
