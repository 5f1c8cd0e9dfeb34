import shutil

import mne
import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, RatingsWarning, ReadError, SkippedWarning
from physio_vad.io import MneReader, read_recordings

pytestmark = pytest.mark.filterwarnings("ignore:.*are left out. GSR;")  # one test is about it

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


def test_folders_of_people(people):
    for name, home in (("S2_raw", "anna"), ("S10_raw", "ben")):
        for file in ("rest_raw.fif", "film_raw.fif")[: 1 + (home == "ben")]:
            (people / home).mkdir(exist_ok=True)
            shutil.copy(people / f"{name}.fif", people / home / file)
    for one in people.glob("*.fif"):
        one.unlink()
    found = [(one.subject, one.trial) for one in read_recordings(people, "mne")]
    assert found == [("anna", "1"), ("ben", "film_raw"), ("ben", "rest_raw")]


def test_a_flaw_of_the_table_does_not_cost_the_recording(people):
    (people / "ratings.csv").write_text("person,valence\nS2_raw,3\n")
    with pytest.warns(RatingsWarning, match=r"unknown column 'subject'.*raw is read without"):
        first, _ = read_recordings(people, MneReader(channels=SKIN))
    assert first.ratings is None


def test_channels_can_be_left_out(people):
    with pytest.warns(SkippedWarning, match=r"unknown kind or unit are left out: GSR;"):
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


def write_edf(path, channels, onsets=None, kind=""):
    """Records of 1 s: (label, unit, rate, value) a channel, over a range of -500 to 500."""
    tal = [("EDF Annotations", "", 32, None)] if onsets else []
    rows = [*channels, *tal]

    def text(value, width):
        return str(value).encode("latin-1").ljust(width)

    n_records = len(onsets or range(10))
    fields = [
        ([one[0] for one in rows], 16), ([""] * len(rows), 80), ([one[1] for one in rows], 8),
        (["-500"] * len(rows), 8), (["500"] * len(rows), 8), (["-32768"] * len(rows), 8),
        (["32767"] * len(rows), 8), ([""] * len(rows), 80), ([one[2] for one in rows], 8),
        ([""] * len(rows), 32),
    ]  # fmt: skip
    head = text(0, 8) + text("X X X X", 80) + text("Startdate 01-JAN-2020 X X X", 80)
    head += b"01.01.2010.00.00" + text(256 * (1 + len(rows)), 8) + text(kind, 44)
    head += text(n_records, 8) + text(1, 8) + text(len(rows), 4)
    head += b"".join(text(one, width) for column, width in fields for one in column)
    for number in range(n_records):
        for _, _, rate, value in channels:
            head += np.full(rate, round((value + 500) / 1000 * 65535 - 32768), "<i2").tobytes()
        if onsets:
            head += f"+{onsets[number]}\x14\x14\0".encode().ljust(64, b"\0")
    path.write_bytes(head)
    return path


def test_the_unit_is_that_of_the_header(tmp_path):
    channels = [
        ("EEG F3-Ref", "uV", 100, 50), ("ECG", "mV", 100, 2), ("EMG", "nV", 100, 400),
        ("GSR", "uS", 100, 4), ("Temp", "degC", 100, 33), ("AUX1", "uV", 100, 100),
    ]  # fmt: skip
    path = write_edf(tmp_path / "anna.edf", channels)
    with pytest.warns(SkippedWarning, match="left out: AUX1 in uV;"):
        (one,) = read_recordings(path, "mne")
    found = {
        name: (s.channels, s.unit, round(s.values[0, 0], 1)) for name, s in one.signals.items()
    }
    assert found == {
        "eeg": (("EEG F3-Ref",), "uV", 50), "ecg": (("ECG",), "mV", 2),
        "emg": (("EMG",), "nV", 400), "eda": (("GSR",), "uS", 4),
        "temperature": (("Temp",), "C", 33),
    }  # fmt: skip
    reader = MneReader(channels={"AUX1": {"modality": "eog", "unit": "mV"}})
    (one,) = read_recordings(path, reader)
    assert (one.signals["eog"].unit, round(one.signals["eog"].values[0, 0], 1)) == ("uV", 100)
    assert one.start_time == 1577872800


def test_a_gsr_channel_in_kiloohm_is_no_conductance(tmp_path):
    path = write_edf(tmp_path / "anna.edf", [("GSR", "kOhm", 100, 200)])
    (one,) = read_recordings(path, "mne")
    assert (one.signals["eda"].unit, round(one.signals["eda"].values[0, 0])) == ("kohm", 200)


def test_pauses_of_discontinuous_files_hold_no_samples(tmp_path):
    onsets = [0, 1, 2, 33, 34]
    path = write_edf(tmp_path / "anna.edf", [("EEG F3", "uV", 100, 50)], onsets, "EDF+D")
    (one,) = read_recordings(path, "mne")
    there = np.isfinite(one.signals["eeg"].values[0])
    assert one.stop == 35
    assert np.flatnonzero(~there).tolist() == list(range(300, 3300))
    path = write_edf(tmp_path / "anna.edf", [("EEG F3", "uV", 100, 50)], [0, 2, 1], "EDF+D")
    with pytest.raises(ReadError, match="overlap or do not ascend"):
        read_recordings(path, "mne")


def test_parts_of_a_split_file_are_one_recording(tmp_path):
    info = mne.create_info(["F3", "F4"], 1000.0, "eeg")
    raw = mne.io.RawArray(np.full((2, 300_000), 1e-5), info, verbose="error")
    raw.save(tmp_path / "anna_raw.fif", split_size="3MB", buffer_size_sec=1, verbose="error")
    assert len(list(tmp_path.iterdir())) > 1
    (one,) = read_recordings(tmp_path, "mne")
    assert (one.subject, one.stop) == ("anna_raw", 300)


def test_epochs_are_trials(tmp_path):
    info = mne.create_info(["F3", "F4"], 100.0, "eeg")
    values = np.arange(3.0)[:, np.newaxis, np.newaxis] * np.full((1, 2, 200), 1e-6)
    events = np.array([[0, 0, 1], [200, 0, 2], [400, 0, 1]])
    epochs = mne.EpochsArray(values, info, events, event_id={"cat": 1, "dog": 2}, verbose="error")
    epochs.save(tmp_path / "anna-epo.fif", verbose="error")
    trials = read_recordings(tmp_path, "mne")
    found = [(one.trial, one.stimulus, one.signals["eeg"].values[0, 0]) for one in trials]
    assert found == [
        ("1", "cat", 0),
        ("2", "dog", pytest.approx(1)),
        ("3", "cat", pytest.approx(2)),
    ]


def test_pauses_that_are_absurdly_long(tmp_path):
    path, eeg = tmp_path / "anna.edf", [("EEG F3", "uV", 100, 50)]
    (one,) = read_recordings(write_edf(path, eeg, [0, 1, 60], "EDF+D"), "mne")
    assert one.stop == 61
    with pytest.raises(ReadError, match="its pauses take 61 s, absurdly long"):
        read_recordings(write_edf(path, eeg, [0, 1, 61], "EDF+D"), "mne")
