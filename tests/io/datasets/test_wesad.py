from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from layouts.write_wesad import QUEST, write_wesad, write_wesad_pickle

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import WesadReader, read_recordings
from physio_vad.io.datasets.wesad import Condition, read_conditions


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
    expected = {"valence": (1, 9), "arousal": (1, 9), "stress": (0, 1)}
    assert dict(recording.scale) == expected


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


def test_counts_become_units_by_the_formulas_of_the_data_set(tmp_path):
    """Of its readme: vcc 3, chan_bit 2^16, acceleration from 28000 to 38000."""
    path = write_wesad(tmp_path) / "S2" / "S2_respiban.txt"
    lines = path.read_text().splitlines()
    counts = np.array([1000, 20_000, 60_000, 20_000, 30_000, 36_000, 28_500, 60_000])
    rows = [counts, np.where(np.arange(8) == 3, 65_535, counts)]
    lines[3:5] = ["\t".join(map(str, [0, 0, *row])) for row in rows]
    path.write_text("\n".join([*lines, ""]))
    (one,) = read_recordings(tmp_path, "wesad")
    share = counts / 65_536
    volts = counts[3] * 3 / 65_535
    ntc = np.log(1e4 * volts / (3 - volts))
    kelvin = 1 / (1.12764514e-3 + 2.34282709e-4 * ntc + 8.77303013e-8 * ntc**3)
    expected = {
        "ecg": [3 * (share[0] - 0.5)],
        "eda": [3 * share[1] / 0.12],
        "emg": [3 * (share[2] - 0.5)],
        "temperature": [kelvin - 273.15],
        "respiration": [100 * (share[7] - 0.5)],
        "acceleration": 2 * (counts[4:7] - 28_000) / 10_000 - 1,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(one.signals[name].values[:, 0], values, rtol=1e-12)
    temperature = one.signals["temperature"].values[0]
    assert np.isnan(temperature[1])  # the sensor hung loose
    assert temperature[2] == pytest.approx(25, abs=0.01)  # 10 kohm


@pytest.mark.parametrize(
    ("cell", "seconds"), [("7.08", 428), ("50.3", 3030), ("0.59", 59), ("12", 720), ("1.00", 60)]
)
def test_minutes_and_seconds(tmp_path, cell, seconds):
    path = tmp_path / "S2_quest.csv"
    path.write_text(f"# ORDER;Base;;\n# START;{cell};;\n# END;99.00;;\n# DIM;7;2;;\n")
    assert read_conditions(path) == [Condition("Base", seconds, 5940, 7, 2)]


@pytest.mark.parametrize("cell", ["7.081", "7.0x", "x.08", "-7.08", "."])
def test_what_are_no_minutes_and_seconds(tmp_path, cell):
    path = tmp_path / "S2_quest.csv"
    path.write_text(f"# ORDER;Base;;\n# START;{cell};;\n# END;99.00;;\n# DIM;7;2;;\n")
    with pytest.raises(ReadError, match="times must be minutes and seconds"):
        read_conditions(path)


@pytest.mark.parametrize(("late", "hours"), [(3.0, 0), (3.0, 2), (-10.0, -5), (1500.0, 1)])
def test_clocks_of_two_zones_are_whole_hours_apart(tmp_path, late, hours):
    write_wesad(tmp_path)
    path = tmp_path / "S2" / "S2_respiban.txt"
    chest = datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC) + timedelta(hours=hours, seconds=-late)
    text = path.read_text().replace("14:26:37.000", f"{chest:%H:%M:%S}.000")
    path.write_text(text.replace("2020-09-13", f"{chest:%Y-%m-%d}"))
    (tmp_path / "S2" / "S2_quest.csv").write_text(
        "# ORDER;Base;;\n# START;0.00;;\n# END;99.00;;\n# DIM;7;2;;\n"
    )
    trials = read_recordings(tmp_path, WesadReader(device="wrist", trials="task"))
    whole = read_recordings(tmp_path, WesadReader(device="wrist"))[0]
    assert (trials[0].start, trials[0].stop) == (max(-late, 0), min(5940 - late, whole.stop))
