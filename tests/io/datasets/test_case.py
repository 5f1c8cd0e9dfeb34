import numpy as np
import pandas as pd
import pytest
from layouts.write_case import write_case, write_epic, write_raw

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import CaseReader, read_recordings

UNITS = {
    "ecg": "mV",
    "ppg": "%",
    "eda": "uS",
    "respiration": "%",
    "temperature": "C",
    "emg": "uV",
}


def test_videos_are_trials_and_screens_are_left_out(tmp_path):
    write_case(write_case(tmp_path, 10), 2)
    recordings = read_recordings(tmp_path, "case")
    assert [(one.subject, one.trial, one.stimulus, one.stop) for one in recordings] == [
        ("2", "3", "video 3", 4),
        ("2", "1", "video 1", 5),
        ("10", "3", "video 3", 4),
        ("10", "1", "video 1", 5),
    ]
    first = recordings[0]
    assert {name: one.unit for name, one in first.signals.items()} == UNITS
    joined = np.concatenate([one.values[:, 0] for one in first.signals.values()])
    assert joined.tolist() == [300, 301, 302, 303, 304, 305, 306, 307]
    assert first.signals["emg"].channels == ("emg_zygo", "emg_coru", "emg_trap")
    assert {one.sfreq for one in first.signals.values()} == {1000}
    assert first.start == 0
    assert first.targets == ("valence", "arousal")
    assert dict(first.scale) == {"valence": (0.5, 9.5), "arousal": (0.5, 9.5)}
    assert first.ratings.starts[[0, 1, -1]].tolist() == [0, 0.05, 3.95]
    assert first.ratings.values[10] == pytest.approx([1.1, 8.9])


def test_screens_on_request(tmp_path):
    recordings = read_recordings(write_case(tmp_path), CaseReader(screens=True))
    assert [one.trial for one in recordings] == ["10", "3", "1"]


@pytest.mark.parametrize(("number", "shown"), [(8, True), (9, False)])
def test_eight_videos_were_shown(tmp_path, number, shown):
    for path in write_case(tmp_path).rglob("sub_1.csv"):
        table = pd.read_csv(path)
        table["video"] = table["video"].replace(3, number)
        table.to_csv(path, index=False)
    videos = [one.trial for one in read_recordings(tmp_path, "case")]
    assert videos == ([str(number), "1"] if shown else ["1"])


def test_epic_physiology_is_longer_than_its_ratings(tmp_path):
    (recording,) = read_recordings(write_epic(tmp_path), "case")
    assert (recording.subject, recording.trial) == ("0", "2")
    assert (recording.start, recording.stop) == (-10, 16)
    assert recording.ratings.starts[0] == 0
    assert recording.ratings.stops[-1] == pytest.approx(6)
    assert recording.signals["ecg"].values[0, 0] == 200


def test_what_is_missing_is_named(tmp_path):
    write_case(tmp_path)
    body = tmp_path / "data" / "interpolated" / "physiological" / "sub_1.csv"
    text = body.read_text()
    body.write_text(text.replace("gsr", "eda", 1))
    with pytest.raises(ReadError, match=r"sub_1\.csv: lacks the column 'gsr'"):
        read_recordings(tmp_path, "case")
    body.write_text(text)
    (tmp_path / "data" / "interpolated" / "annotations" / "sub_1.csv").unlink()
    with pytest.raises(ReadError, match=r"sub_1\.csv: is missing; it must have the annotations"):
        read_recordings(tmp_path, "case")


def test_raw_volts_and_positions_are_converted(tmp_path):
    write_raw(tmp_path)
    (recording,) = read_recordings(tmp_path, CaseReader(files="raw"))
    found = {
        name: (one.unit, one.values[:, 7].round(3).tolist())
        for name, one in recording.signals.items()
    }
    assert found == {
        "ecg": ("V", [1]),
        "ppg": ("%", [round(58.962 * 1.1 - 115.09, 3)]),
        "eda": ("uS", [round(24 * 1.2 - 49.2, 3)]),
        "respiration": ("%", [round(58.923 * 1.3 - 115.01, 3)]),
        "temperature": ("C", [round(21.341 * 1.4 - 32.085, 3)]),
        "emg": ("uV", [-125, -100, -75]),
    }
    assert (recording.subject, recording.start, recording.stop) == ("1", 0, 4)
    np.testing.assert_allclose(recording.ratings.values[[0, -1]], [[0.5, 5], [9.5, 5]])


def test_raw_files_that_cannot_be(tmp_path):
    with pytest.raises(ArgumentError, match="files must be 'interpolated' or 'raw'"):
        CaseReader(files="original")
    with pytest.raises(ReadError, match=r"holds no physiological/sub1_DAQ\.txt"):
        read_recordings(tmp_path, CaseReader(files="raw"))
    write_raw(tmp_path)
    (path,) = tmp_path.rglob("*_joystick.txt")
    path.write_text("1\t2\n" * 50)
    with pytest.raises(ReadError, match="must have 3 columns, it has 2"):
        read_recordings(tmp_path, CaseReader(files="raw"))
