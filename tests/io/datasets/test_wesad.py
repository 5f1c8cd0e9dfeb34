import numpy as np
import pytest
from layouts.write_wesad import QUEST, write_wesad, write_wesad_pickle

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import WesadReader, read_recordings


def test_chest_counts_become_units(tmp_path):
    (recording,) = read_recordings(write_wesad(tmp_path), "wesad")
    assert (recording.subject, recording.stop) == ("S2", 18)
    found = {name: (one.unit, one.values[:, 0]) for name, one in recording.signals.items()}
    expected = {
        "ecg": ("mV", [0.3]),
        "eda": ("uS", [5]),
        "emg": ("mV", [-0.3]),
        "temperature": ("C", [25]),
        "respiration": ("%", [25]),
        "acceleration": ("g", [-1, 0, 1]),
    }
    assert {name: unit for name, (unit, _) in found.items()} == {
        name: unit for name, (unit, _) in expected.items()
    }
    for name, (_, values) in expected.items():
        np.testing.assert_allclose(found[name][1], values, atol=0.05)
    assert {one.sfreq for one in recording.signals.values()} == {700}


def test_conditions_are_rated_in_order_of_time(tmp_path):
    (recording,) = read_recordings(write_wesad(tmp_path), "wesad")
    ratings = recording.ratings
    assert recording.targets == ("valence", "arousal", "stress")
    assert ratings.starts.tolist() == [2, 6, 9, 10]
    assert ratings.stops.tolist() == [5, 8, 10, 15]
    np.testing.assert_array_equal(
        ratings.values, [[7, 2, 0], [3, 8, 1], [np.nan, np.nan, 0], [6, 1, 0]]
    )
    assert recording.scale["valence"] == (1, 9)


def test_seconds_that_lost_their_last_zero(tmp_path):
    write_wesad(tmp_path)
    text = QUEST.replace("0.1;0.09", "0.1;0.08").replace("0.15", "50.3")
    (tmp_path / "S2" / "S2_quest.csv").write_text(text)
    reader = WesadReader(trials="task")
    trials = read_recordings(tmp_path, reader)
    assert [(one.trial, one.stimulus) for one in trials] == [
        ("Base", "Base"),
        ("TSST", "TSST"),
        ("sRead", "sRead"),
        ("Medi 1", "Medi 1"),
    ]
    assert [round(one.start, 2) for one in trials] == [2, 6, 8, 10]
    assert trials[-1].stop == 18


def test_the_wrist_is_shifted_to_the_clock_of_the_chest(tmp_path):
    (recording,) = read_recordings(write_wesad(tmp_path), WesadReader(device="wrist"))
    assert {"ppg", "eda", "temperature", "acceleration", "ibi"} == set(recording.signals)
    assert recording.ratings.starts.tolist() == [0, 3, 6, 7]
    assert recording.ratings.stops.tolist() == [2, 5, 7, 12]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# ORDER", "# OTHER", "lacks the line '# ORDER"),
        ("0.02;", "", "ORDER, START and END must be equally long, got 4, 3 and 4"),
        ("0.02", "two", "times must be minutes and seconds such as 7.08, got 'two'"),
        ("DIM;7;2", "DIM;7", "'# DIM' must have valence and arousal"),
        ("DIM;7;2", "DIM;70;2", "lie outside the declared scale 1 to 9"),
    ],
)
def test_a_questionnaire_that_cannot_be(tmp_path, old, new, expected):
    write_wesad(tmp_path)
    (tmp_path / "S2" / "S2_quest.csv").write_text(QUEST.replace(old, new, 1))
    with pytest.raises(ReadError, match=rf"S2_quest\.csv.*{expected}"):
        read_recordings(tmp_path, "wesad")


def test_a_chest_file_that_cannot_be(tmp_path):
    path = write_wesad(tmp_path) / "S2" / "S2_respiban.txt"
    lines = path.read_text().splitlines(keepends=True)
    for text, expected in (
        (lines[0], "line 2 must be an OpenSignals header"),
        (lines[0] + lines[1].replace("EDA", "EGG"), "must have the sensors ECG, EDA"),
        ("".join(lines[:3]), "has no rows of data"),
        ("".join(lines[:4]) + "1\t2\n", r"row 2 \(line 5\): has 2 columns"),
    ):
        path.write_text(text)
        with pytest.raises(ReadError, match=rf"S2_respiban\.txt: .*{expected}"):
            read_recordings(tmp_path, "wesad")
    path.unlink()
    with pytest.raises(ReadError, match=r"S2_respiban\.txt: cannot be read: No such file"):
        read_recordings(tmp_path, "wesad")


def test_the_pickle_holds_both_devices_on_one_clock(tmp_path):
    write_wesad_pickle(tmp_path)
    (chest,) = read_recordings(tmp_path, WesadReader(files="pickle"))
    (wrist,) = read_recordings(tmp_path, WesadReader(files="pickle", device="wrist"))
    found = {name: (one.unit, one.values[:, 5].tolist()) for name, one in chest.signals.items()}
    assert found == {
        "acceleration": ("g", [10, 11, 12]),
        "ecg": ("mV", [20]),
        "emg": ("mV", [30]),
        "eda": ("uS", [40]),
        "temperature": ("C", [50]),
        "respiration": ("%", [60]),
    }
    assert {name: (one.unit, one.sfreq) for name, one in wrist.signals.items()} == {
        "acceleration": ("1/64 g", 32),
        "ppg": ("nW", 64),
        "eda": ("uS", 4),
        "temperature": ("C", 4),
    }
    for one in (chest, wrist):
        assert (one.subject, one.start, one.stop) == ("S2", 0, 10)
        assert one.ratings.starts.tolist() == [2, 6]
        assert one.ratings.stops.tolist() == [4, 8]
        assert one.ratings.values.tolist() == [[7, 2, 0], [3, 8, 1]]


def test_the_pickle_without_questionnaire_knows_the_conditions_only(tmp_path):
    write_wesad_pickle(tmp_path, quest=False)
    base, tsst = read_recordings(tmp_path, WesadReader(files="pickle", trials="task"))
    assert [(one.trial, one.start, one.stop) for one in (base, tsst)] == [
        ("Base", 2, 4),
        ("TSST", 6, 8),
    ]
    np.testing.assert_array_equal(tsst.ratings.mean([6], [8]), [[np.nan, np.nan, 1]])


def test_a_pickle_that_does_not_fit(tmp_path):
    write_wesad_pickle(tmp_path)
    (tmp_path / "S2" / "S2_quest.csv").write_text(QUEST)
    with pytest.raises(ReadError, match=r"has 3 rated conditions, S2\.pkl has 2"):
        read_recordings(tmp_path, WesadReader(files="pickle"))


def test_options_that_cannot_be():
    with pytest.raises(ArgumentError, match="device must be"):
        WesadReader(device="ankle")
    with pytest.raises(ArgumentError, match="files must be"):
        WesadReader(files="zip")
    with pytest.raises(ArgumentError, match="trials must be"):
        WesadReader(trials="tags")
