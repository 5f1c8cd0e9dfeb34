import mne
import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, RatingsWarning, ReadError
from physio_vad.io import MneReader, read_recordings

SKIN = {"GSR": {"modality": "eda", "unit": "uS"}, "EOG*": {"modality": "eog", "unit": "V"}}


@pytest.fixture
def people(tmp_path):
    """Ten seconds each: two EEG channels at 10 and 20 uV, an EOG at 30 uV, skin at 4 uS."""
    info = mne.create_info(["F3", "F4", "EOG1", "GSR"], 100.0, ["eeg", "eeg", "eeg", "misc"])
    values = np.repeat([[10e-6], [20e-6], [30e-6], [4.0]], 1000, axis=1)
    for name in ("S2_raw", "S10_raw"):
        raw = mne.io.RawArray(values, info, first_samp=250, verbose="error")
        raw.set_annotations(mne.Annotations([1, 3, 6, 8], [0, 0, 0, 0], ["on/a", "off"] * 2))
        raw.save(tmp_path / f"{name}.fif", fmt="double", verbose="error")
    return tmp_path


def test_channels_are_what_the_file_and_the_recipe_say(people):
    first, second = read_recordings(people, MneReader(channels=SKIN))
    assert (first.subject, second.subject) == ("S2_raw", "S10_raw")
    found = {
        name: (one.channels, one.unit, one.values[:, 0].round(9).tolist(), one.sfreq)
        for name, one in first.signals.items()
    }
    assert found == {
        "eeg": (("F3", "F4"), "uV", [10, 20], 100),
        "eog": (("EOG1",), "uV", [30], 100),
        "eda": (("GSR",), "uS", [4], 100),
    }
    assert (first.start, first.stop, first.trial, first.ratings) == (0, 10, "1", None)


def test_channels_can_be_left_out(people):
    first, _ = read_recordings(people, MneReader(ignore=["EOG*", "F4"]))
    assert {name: one.channels for name, one in first.signals.items()} == {"eeg": ("F3",)}


@pytest.mark.parametrize(
    ("options", "spans"),
    [
        ({}, [(1, 6), (6, 10)]),
        ({"trial_stop": "off"}, [(1, 3), (6, 8)]),
        ({"trial_length": 1.5}, [(1, 2.5), (6, 7.5)]),
    ],
)
def test_annotations_begin_trials(people, options, spans):
    reader = MneReader(trial_start="on/*", **options)
    trials = read_recordings(people, reader, subjects=["S2_raw"])
    assert [(one.start, one.stop) for one in trials] == spans
    assert [(one.trial, one.stimulus) for one in trials] == [("1", "on/a"), ("2", "on/a")]


def test_no_such_event(people):
    with pytest.raises(ReadError, match=r"no event fits trial_start = 'go'; there are 'off', 'on"):
        read_recordings(people, MneReader(trial_start="go"))


def test_a_table_of_ratings_by_trial(people):
    rows = [f"{name},{trial},{9 - trial}" for name in ("S2_raw", "S10_raw") for trial in (1, 2)]
    (people / "ratings.csv").write_text("\n".join(["subject,trial,valence", *rows]) + "\n")
    trials = read_recordings(people, MneReader(trial_start="on*", scale=(1, 9)))
    assert [one.ratings.values.tolist() for one in trials] == [[[8]], [[7]]] * 2
    assert dict(trials[0].scale) == {"valence": (1, 9)}
    (people / "ratings.csv").write_text("\n".join(["subject,trial,valence", *rows[1:]]) + "\n")
    with pytest.warns(RatingsWarning, match=r"no row for subject 'S2_raw', trial '1', so"):
        trials = read_recordings(people, MneReader(trial_start="on*"))
    assert [one.ratings is None for one in trials] == [True, False, False, False]
    (people / "ratings.csv").write_text("\n".join(["subject,trial,valence", *rows, rows[0]]) + "\n")
    with pytest.raises(ReadError, match=r"must have one row for 'S2_raw', '1'.*, it has 2"):
        read_recordings(people, MneReader(trial_start="on*"))
    with pytest.raises(ReadError, match="there is no such table of ratings"):
        read_recordings(people, MneReader(ratings="labels.csv"))


def test_a_table_of_blocks(people):
    (people / "blocks.csv").write_text(
        "subject,start,stop,arousal\nS2_raw,-5,4,2\nS2_raw,4,50,6\nS10_raw,0,1,1\n"
    )
    first, _ = read_recordings(people, MneReader(ratings="blocks.csv"))
    assert first.ratings.starts.tolist() == [0, 4]
    assert first.ratings.stops.tolist() == [4, 10]
    assert first.ratings.values.tolist() == [[2], [6]]


def test_a_stimulus_channel_begins_trials(tmp_path):
    info = mne.create_info(["F3", "Status"], 100.0, ["eeg", "stim"])
    values = np.zeros((2, 1000))
    values[1, [100, 400, 700]] = [65536 + 4, 5, 4]
    mne.io.RawArray(values, info, first_samp=30, verbose="error").save(
        tmp_path / "a_raw.fif", verbose="error"
    )
    trials = read_recordings(tmp_path, MneReader(trial_start="4", trial_stop="5"))
    assert [(one.start, one.stop) for one in trials] == [(1, 4), (7, 10)]


def test_options_that_cannot_be():
    for options in (
        {"trial_length": 0, "trial_start": "a"},
        {"trial_stop": "b"},
        {"ignore": "F3"},
        {"channels": {"GSR": {"modality": "eda", "unit": "uV"}}},
    ):
        with pytest.raises(ArgumentError):
            MneReader(**options)


@pytest.mark.parametrize(
    ("place", "data", "expected"),
    [
        (0, b"\0\0\0\1", "is no FIF file"),
        (48, b"\0\0\0\x24", "its tags end or repeat at 36"),
        (8, b"\x7f\xff\xff\xff", "the tag at 0 claims 2147483647 bytes"),
        (48, b"\x7f\0\0\0", "a tag leads to 2130706432, beyond its end"),
    ],
)
def test_damaged_fif_is_named_at_once(people, place, data, expected):
    path = people / "S2_raw.fif"
    whole = bytearray(path.read_bytes())
    whole[place : place + 4] = data
    path.write_bytes(whole)
    with pytest.raises(ReadError, match=rf"S2_raw\.fif: .*{expected}"):
        read_recordings(path, "mne")


def test_what_is_no_such_file(tmp_path):
    (tmp_path / "a.edf").write_bytes(b"0" * 300)
    with pytest.raises(ReadError, match=r"a\.edf"):
        read_recordings(tmp_path, "mne")


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "n_channels", "sfreq", "stop"),
    [
        ("eeglab_data.set", 30, 128, 238.3),
        ("test.edf", 16, 256, 60),
        ("test.bdf", 16, 256, 60),
        ("testbva.vhdr", 29, 200, 10.56),
    ],
)
def test_real_files(shared_data, name, n_channels, sfreq, stop):
    channels = {
        "[Ee][Oo][Gg]*": {"modality": "eog", "unit": "V"},
        "Ekg*": {"modality": "ecg", "unit": "V"},
    }
    path = shared_data / "eeglab_sample" / name
    (recording,) = read_recordings(path, MneReader(channels=channels))
    eeg = recording.signals["eeg"]
    assert (eeg.n_channels, eeg.sfreq, eeg.unit) == (n_channels, sfreq, "uV")
    assert recording.stop == pytest.approx(stop, abs=0.05)
    assert 1 < np.median(eeg.values.std(axis=1)) < 1000


@pytest.mark.realdata
def test_real_annotations_begin_trials(shared_data):
    path = shared_data / "eeglab_sample" / "eeglab_data.set"
    trials = read_recordings(path, MneReader(trial_start="square", trial_length=1.0))
    assert len(trials) == 80
    assert trials[0].start == pytest.approx(1.0, abs=0.01)
