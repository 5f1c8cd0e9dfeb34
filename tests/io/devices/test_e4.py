import zipfile

import numpy as np
import pytest
from layouts.write_e4 import e4_members, write_blocks, write_folder, write_zip

from physio_vad import Events
from physio_vad.exceptions import (
    ArgumentError,
    GroupsWarning,
    RatingsWarning,
    ReadError,
    SkippedWarning,
)
from physio_vad.io import E4Reader, read_recordings
from physio_vad.io.formats import budget


def read_one(path, **options):
    (recording,) = read_recordings(path, E4Reader(**options))
    return recording


@pytest.mark.parametrize("kind", ["folder", "nested", "zip", "nested zip", "one person"])
def test_signals_with_own_rates_starts_and_ends(tmp_path, kind):
    members = e4_members()
    if "nested" in kind:
        members = {f"export/1234/{name}": text for name, text in members.items()}
    if "zip" in kind:
        write_zip(tmp_path / "anna.zip", members)
    else:
        write_folder(tmp_path / "anna", members)
    recording = read_one(tmp_path / "anna" if kind == "one person" else tmp_path)
    signals = recording.signals
    assert (recording.subject, recording.trial) == ("anna", "1")
    assert {name: (one.start, one.stop, one.unit) for name, one in signals.items()} == {
        "ppg": (2, 20, "nW"),
        "eda": (0, 15, "uS"),
        "temperature": (0, 20, "C"),
        "acceleration": (0, 20, "1/64 g"),
        "ibi": (3.5, 4.25, "s"),
    }
    first = {name: one.values.flat[0] for name, one in signals.items()}
    assert first == {"ppg": 100, "eda": 200, "temperature": 300, "acceleration": 0, "ibi": 0.8}
    assert signals["acceleration"].channels == ("x", "y", "z")
    assert signals["acceleration"].values[:, 5].tolist() == [5, 59, 64]
    assert isinstance(signals["ibi"], Events)
    assert recording.ratings is None


def test_an_unpacked_zip_is_read_once(tmp_path):
    write_folder(tmp_path / "anna", e4_members())
    write_zip(tmp_path / "anna.zip", e4_members())
    assert read_one(tmp_path).subject == "anna"


def test_two_sessions_of_one_person_are_two_trials(tmp_path):
    members = e4_members()
    write_zip(
        tmp_path / "anna.zip", {f"{day}/{name}": members[name] for day in "ab" for name in members}
    )
    recordings = read_recordings(tmp_path, "empatica-e4")
    assert [one.trial for one in recordings] == ["1", "2"]
    write_blocks(tmp_path, "anna,rest,0,5,0\n")
    with pytest.raises(ReadError, match="anna has several sessions: a column trial must say"):
        read_recordings(tmp_path, "empatica-e4")


def test_zips_in_a_folder_are_sessions_of_that_person(tmp_path):
    (tmp_path / "anna").mkdir()
    for name in ("1644226061_A00204", "1644312461_A00204"):
        write_zip(tmp_path / "anna" / f"{name}.zip", e4_members())
    write_zip(tmp_path / "ben.zip", e4_members())
    (tmp_path / "notes").mkdir()
    write_zip(tmp_path / "notes" / "scans.zip", {"scan.txt": "no recording"})
    three = [("anna", "1"), ("anna", "2"), ("ben", "1")]
    recordings = read_recordings(tmp_path, "empatica-e4")
    assert [(one.subject, one.trial) for one in recordings] == three
    (tmp_path / "blocks.csv").write_text(
        "subject,trial,task,start,stop,stress\n"
        "anna,2,rest,0,5,2\nanna,1,rest,0,5,1\nben,1,rest,0,5,3\n"
    )
    recordings = read_recordings(tmp_path, "empatica-e4")
    assert [one.ratings.values.tolist() for one in recordings] == [[[1]], [[2]], [[3]]]
    cut = read_recordings(tmp_path, E4Reader(trials="task"))
    assert [(one.subject, one.trial) for one in cut] == [
        ("anna", "1 rest"),
        ("anna", "2 rest"),
        ("ben", "rest"),
    ]


def test_names_by_the_device_are_warned_of(tmp_path):
    for name in ("1644226061_A00204", "1644312461_A00205"):
        write_zip(tmp_path / f"{name}.zip", e4_members())
    assert len(read_recordings(tmp_path, "empatica-e4")) == 2
    write_zip(tmp_path / "1644398861_A00204.zip", e4_members())
    expected = r"^1644226061_A00204, 1644398861_A00204: .*leak: put them into a folder"
    with pytest.warns(GroupsWarning, match=expected):
        assert len(read_recordings(tmp_path, "empatica-e4")) == 3


def test_a_file_that_is_no_zip_is_no_export(tmp_path):
    (tmp_path / "anna.xdf").write_text("")
    with pytest.raises(ReadError, match="holds no E4 export"):
        read_recordings(tmp_path / "anna.xdf", "empatica-e4")


def test_blocks_become_ratings_that_begin_with_the_recording(tmp_path):
    write_folder(tmp_path / "anna", e4_members())
    write_blocks(tmp_path, "ben,x,0,9,1\nanna,talk,12,99,1\nanna,rest,-30,8,0\nanna,gone,-9,-1,1\n")
    recording = read_one(tmp_path, scale=(0, 1), baseline=["rest"])
    assert recording.ratings.starts.tolist() == [0, 12]
    assert recording.ratings.stops.tolist() == [8, 20]
    assert recording.ratings.values.tolist() == [[0], [1]]
    assert recording.targets == ("stress",)
    assert dict(recording.scale) == {"stress": (0, 1)}
    assert recording.baseline == ((0, 8),)


def test_blocks_can_become_trials(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    rows = "anna,rest,-60,4,1,2\nanna,talk,4,12,8,9\nanna,rest,12,18,3,4\n"
    write_blocks(tmp_path, rows, targets="valence,arousal")
    recordings = read_recordings(tmp_path, E4Reader(trials="task"))
    assert [(one.trial, one.stimulus) for one in recordings] == [
        ("rest", "rest"),
        ("talk", "talk"),
        ("rest (2)", "rest"),
    ]
    assert [(one.start, one.stop) for one in recordings] == [(0, 4), (4, 12), (12, 18)]
    means = [one.ratings.mean([one.start], [one.stop])[0].tolist() for one in recordings]
    assert means == [[1, 2], [8, 9], [3, 4]]
    assert "ibi" not in recordings[2].signals


def test_tags_can_cut_trials(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    recordings = read_recordings(tmp_path, E4Reader(trials="tags"))
    assert [(one.trial, one.start, one.stop) for one in recordings] == [
        ("1", 0, 6),
        ("2", 6, 12),
        ("3", 12, 20),
    ]


def test_notes_behind_tags_are_let_pass_and_other_lines_are_told_of(tmp_path):
    tags = "1600000006.00,1\n1600000012.0,stood up, then sat\n"
    write_zip(tmp_path / "anna.zip", e4_members() | {"tags.csv": tags})
    trials = read_recordings(tmp_path, E4Reader(trials="tags"))
    assert [one.start for one in trials] == [0, 6, 12]
    write_zip(tmp_path / "anna.zip", e4_members() | {"tags.csv": "time\n" + tags})
    with pytest.warns(SkippedWarning, match=r"tags\.csv: 1 of 3 lines .* the first is number 1"):
        trials = read_recordings(tmp_path, E4Reader(trials="tags"))
    assert [one.start for one in trials] == [0, 6, 12]


def test_targets_are_chosen_by_name(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    write_blocks(tmp_path, "anna,rest,0,5,7,2\n", targets="arousal,valence")
    recording = read_one(tmp_path, targets=["valence"])
    assert recording.ratings.values.tolist() == [[2]]
    with pytest.raises(ReadError, match=r"blocks\.csv: unknown column 'valance'; did you mean"):
        read_one(tmp_path, targets=["valance"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("anna,rest,5,5,0\n", "row 1: a block must stop after it starts, got 5 to 5 s"),
        ("anna,rest,0,9,0\nanna,talk,5,9,1\n", "ratings must not overlap"),
        ("anna,rest,zero,9,0\n", r"column start must hold seconds .* got 'zero'"),
        (
            "anna,rest,0,9,7\n",
            "row 1: the rating of 'stress' of anna, 7, lies outside its scale 0 to 1",
        ),
    ],
)
def test_blocks_that_cannot_be(tmp_path, rows, expected):
    write_zip(tmp_path / "anna.zip", e4_members())
    write_blocks(tmp_path, rows)
    with pytest.raises(ReadError, match=expected):
        read_one(tmp_path, scale=(0, 1))


def test_who_has_no_row_is_not_rated(tmp_path):
    for name in ("anna", "ben"):
        write_zip(tmp_path / f"{name}.zip", e4_members())
    write_blocks(tmp_path, "anna,rest,0,5,0\n")
    with pytest.warns(RatingsWarning, match=r"no row for subject 'ben', .*has rows for 'anna';"):
        anna, ben = read_recordings(tmp_path, E4Reader(baseline=["rest"]))
    assert anna.ratings is not None
    assert ben.ratings is None
    assert ben.baseline == ()
    with (
        pytest.warns(RatingsWarning, match="'ben'"),
        pytest.raises(ReadError, match=r"table of blocks .*with rows for 'ben'"),
    ):
        read_recordings(tmp_path, E4Reader(trials="task"))


def test_times_on_the_wall_meet_those_of_the_recording(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    write_blocks(tmp_path, "anna,rest,1600000002,1600000009.5,0\n")
    assert read_one(tmp_path).ratings.starts.tolist() == [2]
    write_blocks(tmp_path, "anna,rest,1600007200,1600007209,0\n")
    with pytest.raises(ReadError, match=r"from 7200 to 7209 s, .* fit if moved by -2 h"):
        read_one(tmp_path)
    write_blocks(tmp_path, "anna,rest,30,40,0\n")
    with pytest.raises(ReadError, match=r"from 30 to 40 s, .* beginning of the recording$"):
        read_one(tmp_path)


def test_blocks_need_a_start(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    (tmp_path / "blocks.csv").write_text("subject,time,stress\nanna,0,1\n")
    with pytest.raises(ReadError, match=r"no column 'start'.*seconds from the beginning.*'time'"):
        read_one(tmp_path)


def test_a_table_with_another_name_is_told_of(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members())
    write_blocks(tmp_path, "anna,rest,0,5,0\n").rename(tmp_path / "ratings.csv")
    with pytest.warns(RatingsWarning, match=r"no blocks\.csv, .* and ratings\.csv is not read"):
        assert read_one(tmp_path).ratings is None
    assert read_one(tmp_path, blocks="ratings.csv").ratings is not None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("EDA.csv", "", r"EDA\.csv: is empty"),
        ("EDA.csv", "1600000000.0\n4.0\n", r"EDA\.csv: has no rows of data"),
        ("EDA.csv", "1600000000.0\n0.0\n1.5\n", r"EDA\.csv: line 2 must be a rate above 0 Hz"),
        ("EDA.csv", "1600000000.0\nnan\n1.5\n", r"EDA\.csv: line 2 must be a rate above 0 Hz"),
        ("BVP.csv", "yesterday\n64\n1.5\n", r"BVP\.csv: line 1 must be the start in seconds"),
        ("BVP.csv", "1600000000\n64\n1.5\nx\n", r"BVP\.csv: row 2 \(line 4\): .* got 'x'"),
        ("ACC.csv", "1600000000\n32\n1,2\n", r"ACC\.csv: row 1 \(line 3\): has 2 columns"),
        ("IBI.csv", "1600000000, IBI\n1.5,x\n", r"IBI\.csv: row 1 \(line 2\)"),
    ],
)
def test_members_that_cannot_be(tmp_path, name, text, expected):
    write_zip(tmp_path / "anna.zip", e4_members() | {name: text})
    with pytest.raises(ReadError, match=rf"anna\.zip.{expected}"):
        read_one(tmp_path)


def test_a_device_that_found_no_beat(tmp_path):
    write_zip(tmp_path / "anna.zip", e4_members() | {"IBI.csv": "", "tags.csv": ""})
    assert "ibi" not in read_one(tmp_path).signals


def test_options_that_cannot_be(tmp_path):
    for options in ({"trials": "x"}, {"baseline": "rest"}, {"baseline": ["a"], "trials": "task"}):
        with pytest.raises(ArgumentError):
            E4Reader(**options)
    write_zip(tmp_path / "anna.zip", e4_members())
    with pytest.raises(ReadError, match=r"labels\.csv: there is no such table"):
        read_one(tmp_path, blocks="labels.csv")
    with pytest.raises(ReadError, match="needs the table of blocks"):
        read_one(tmp_path, trials="task")


@pytest.mark.parametrize("name", ["../BVP.csv", "/BVP.csv", "a/../../BVP.csv", "c:\\BVP.csv"])
def test_members_that_climb_out_are_refused(tmp_path, name):
    write_zip(tmp_path / "anna.zip", e4_members() | {name: "1"})
    with pytest.raises(ReadError, match="leads out of the archive"):
        read_one(tmp_path)


def test_links_and_bombs_are_refused(tmp_path, monkeypatch):
    link = zipfile.ZipInfo("BVP.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "anna.zip", "w") as zipped:
        zipped.writestr(link, "/etc/passwd")
    with pytest.raises(ReadError, match=r"member 'BVP\.csv' is a link"):
        read_one(tmp_path)
    write_zip(tmp_path / "anna.zip", e4_members())
    monkeypatch.setattr(budget, "UNPACKED", 1000)
    monkeypatch.setattr(budget, "UNPACKED_PER_BYTE", 1)
    with pytest.raises(ReadError, match="which no recording does"):
        read_one(tmp_path)


def test_a_broken_zip_among_good_ones_is_left_out(tmp_path):
    for name in ("a", "b", "c"):
        write_zip(tmp_path / f"{name}.zip", e4_members())
    data = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(data[: len(data) // 2])
    with pytest.warns(SkippedWarning, match=r"b\.zip: is no whole zip file"):
        recordings = read_recordings(tmp_path, "empatica-e4", on_error="skip")
    assert [one.subject for one in recordings] == ["a", "c"]
    flipped = bytearray(data)
    flipped[100] ^= 255
    (tmp_path / "b.zip").write_bytes(flipped)
    with pytest.raises(ReadError, match=r"b\.zip"):
        read_recordings(tmp_path, "empatica-e4")


@pytest.mark.realdata
def test_twenty_people_with_labelled_blocks(shared_data):
    recordings = read_recordings(shared_data / "stress_predict_e4", E4Reader(scale=(0, 1)))
    assert [one.subject for one in recordings] == [f"S{number:02}" for number in range(1, 21)]
    for one in recordings:
        assert {"ppg", "eda", "temperature", "ibi"} <= set(one.signals)
        assert 50 < one.stop / 60 < 61
        assert one.ratings.starts[0] >= 0
        assert set(np.unique(one.ratings.values)) == {0, 1}
    assert "acceleration" in recordings[0].signals
    assert np.median(recordings[0].signals["temperature"].values) > 25


@pytest.mark.realdata
def test_files_that_end_at_different_times(shared_data):
    recording = read_one(shared_data / "e4_unequal")
    stops = [recording.signals[name].stop for name in ("ppg", "eda", "acceleration")]
    assert len(set(stops)) == 3
    assert recording.signals["eda"].stop == pytest.approx(9998 / 4)
