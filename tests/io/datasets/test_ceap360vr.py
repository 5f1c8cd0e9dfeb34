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
    assert first.signals["ibi"].times.tolist() == [1, 1.75]
    assert (first.targets, first.stimulus, first.stop) == (("valence", "arousal"), "V1", 6)
    assert first.ratings.values[0].tolist() == [2, 8]
    assert first.scale["valence"] == (1, 9)


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
