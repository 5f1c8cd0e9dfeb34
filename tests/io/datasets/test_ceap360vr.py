import json

import pytest
from layouts.write_ceap import write_person

from physio_vad.exceptions import ReadError
from physio_vad.io import read_recordings


def test_raw_physiology_beside_transformed_ratings(tmp_path):
    write_person(tmp_path, 10)
    write_person(tmp_path, 2)
    recordings = read_recordings(tmp_path, "ceap360vr")
    assert [(one.subject, one.trial) for one in recordings] == [
        ("P2", "V1"),
        ("P2", "V2"),
        ("P10", "V1"),
        ("P10", "V2"),
    ]
    first = recordings[0]
    found = {
        name: (one.unit, one.sfreq, one.start, one.values[:, 0].tolist())
        for name, one in first.signals.items()
        if name != "ibi"
    }
    assert found == {
        "ppg": ("nW", 64, 0, [400]),
        "eda": ("uS", 4, 0, [300]),
        "temperature": ("C", 4, 0, [200]),
        "acceleration": ("1/64 g", 32, 0, [100, 100, 100]),
    }
    beats = first.signals["ibi"]
    assert (beats.times.tolist(), beats.values.tolist(), beats.unit) == (
        [1, 1.75],
        [0.8, 0.75],
        "s",
    )
    assert (first.targets, first.stimulus, first.stop) == (("valence", "arousal"), "V1", 6)
    assert first.ratings.values[0].tolist() == [2, 8]
    assert dict(first.scale) == {"valence": (1, 9), "arousal": (1, 9)}


def test_time_0_is_the_first_time_of_any_sensor_and_of_the_ratings(tmp_path):
    write_person(tmp_path, videos=1)
    raw, felt = sorted(tmp_path.rglob("*.json"), key=lambda one: "Annotation" in one.name)
    held = json.loads(raw.read_text())
    (video,) = held["Physio_RawData"][0]["Video_Physio_RawData"]
    video["EDA_RawData"] = video["EDA_RawData"][2:]
    raw.write_text(json.dumps(held))
    rated = json.loads(felt.read_text())
    (video,) = rated["ContinuousAnnotation_TransData"][0]["Video_Annotation_TransData"]
    rows = video["TimeStamp_Valence_Arousal_TransData"]
    video["TimeStamp_Valence_Arousal_TransData"] = rows[10:]
    felt.write_text(json.dumps(rated))
    (one,) = read_recordings(tmp_path, "ceap360vr")
    assert (one.signals["eda"].start, one.signals["ppg"].start) == (0.5, 0.0)
    assert one.signals["ibi"].times.tolist() == [1, 1.75]
    assert one.ratings.starts[0] == 0
    assert one.ratings.values[0].tolist() == [2.1, 7.9]


def test_a_video_with_a_single_beat(tmp_path):
    write_person(tmp_path, videos=1)
    (raw,) = tmp_path.rglob("*_RawData.json")
    held = json.loads(raw.read_text())
    (video,) = held["Physio_RawData"][0]["Video_Physio_RawData"]
    del video["IBI_RawData"][1]
    raw.write_text(json.dumps(held))
    (one,) = read_recordings(tmp_path, "ceap360vr")
    beats = one.signals["ibi"]
    assert (beats.times.tolist(), beats.values.tolist()) == ([1], [0.8])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("*_RawData.json", '"VideoID"', '"Video"', "one person with a list of videos"),
        ("*_RawData.json", "{", "[" * 100_000, "one person with a list of videos"),
        ("*_RawData.json", '"SKT": 200.0', '"SKT": "warm"', "SKT: rows must hold numbers"),
        ("*_TransData.json", '"V2"', '"V3"', "has no ratings of video V2"),
        ("*_TransData.json", '"Valence": 2.0', '"Valence": 20', "outside the declared scale"),
    ],
)
def test_files_that_cannot_be(tmp_path, file, old, new, expected):
    write_person(tmp_path)
    (path,) = tmp_path.rglob(file)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReadError, match=expected):
        read_recordings(tmp_path, "ceap360vr")


def test_an_empty_folder(tmp_path):
    with pytest.raises(ReadError, match=r"holds no 5_PhysioData/Raw/P1_Physio_RawData\.json"):
        read_recordings(tmp_path, "ceap360vr")
