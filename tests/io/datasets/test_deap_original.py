import numpy as np
import pytest
from layouts.write_deap_original import write_deap_original

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import DeapReader, read_recordings

ORIGINAL = DeapReader(files="original")


def test_videos_are_found_by_their_codes(tmp_path):
    first, second = read_recordings(write_deap_original(tmp_path), ORIGINAL)
    assert [(one.subject, one.trial, one.stimulus) for one in (first, second)] == [
        ("s01", "7", "video 7"),
        ("s01", "2", "video 2"),
    ]
    assert first.baseline == ((-2, 0),)
    assert (first.start, first.stop) == (-2, 5)
    assert first.ratings.values.tolist() == [[8, 7, 6, 5]]
    assert first.targets == ("valence", "arousal", "dominance", "liking")
    assert np.isnan(first.ratings.mean([-2], [0])).all()
    eeg = first.signals["eeg"]
    assert eeg.sfreq == 512
    assert eeg.values[:, 0].round().tolist() == list(range(32))
    assert eeg.values[:, -1].round().tolist() == list(range(100, 132))


@pytest.mark.parametrize(("person", "unit"), [(22, "nS"), (23, "ohm")])
def test_units_and_differences(tmp_path, person, unit):
    first, _ = read_recordings(write_deap_original(tmp_path, person), ORIGINAL)
    found = {
        name: (one.unit, one.channels, one.values[:, 0].round().tolist())
        for name, one in first.signals.items()
        if name != "eeg"
    }
    assert found == {
        "eog": ("uV", ("hEOG", "vEOG"), [-1, -1]),
        "emg": ("uV", ("zEMG", "tEMG"), [-1, -1]),
        "eda": (unit, ("GSR1",), [40]),
        "respiration": ("a.u.", ("Resp",), [44]),
        "ppg": ("a.u.", ("Plet",), [45]),
        "temperature": ("C", ("Temp",), [46]),
    }


def test_what_does_not_fit(tmp_path):
    with pytest.raises(ArgumentError, match="files must be 'preprocessed' or 'original'"):
        DeapReader(files="raw")
    with pytest.raises(ReadError, match=r"must hold s01\.bdf to s32\.bdf and participant_ratings"):
        read_recordings(tmp_path, ORIGINAL)
    (path,) = write_deap_original(tmp_path).rglob("participant_ratings.csv")
    text = path.read_text()
    path.write_text(text.replace("1,2,2,1,4", "3,2,2,1,4"))
    with pytest.raises(ReadError, match=r"has 2 videos, participant_ratings\.csv has 1 ratings"):
        read_recordings(tmp_path, ORIGINAL)
    path.write_text(text.replace("Experiment_id", "Video"))
    with pytest.raises(ReadError, match="lacks the column 'experiment_id'"):
        read_recordings(tmp_path, ORIGINAL)
