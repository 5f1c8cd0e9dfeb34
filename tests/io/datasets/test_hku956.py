import pytest
from layouts.write_studies import hku956

from physio_vad.exceptions import RatingsWarning, ReadError, SkippedWarning
from physio_vad.io import read_recordings


def test_a_song_is_a_trial_with_its_own_rating(tmp_path):
    hku956(tmp_path)
    recordings = read_recordings(tmp_path, "hku956")
    keys = [(one.subject, one.trial, one.stimulus) for one in recordings]
    assert keys[:2] == [("hku0", "0", "700"), ("hku0", "1", "701")]
    assert len(keys) == 12
    assert dict(zip(recordings[0].targets, recordings[0].ratings.values[0], strict=True)) == {
        "valence": -5, "arousal": -9,
    }  # fmt: skip
    last = recordings[-1]
    assert last.ratings.mean([0], [60]).tolist() == [[2.5, 2]]
    assert dict(last.scale) == {"valence": (-10, 10), "arousal": (-10, 10)}
    rates = {name: (one.sfreq, one.unit, one.n_samples) for name, one in last.signals.items()}
    assert rates == {
        "ppg": (64, "nW", 3840), "eda": (4, "uS", 240), "temperature": (4, "C", 240),
    }  # fmt: skip


def test_an_empty_file_and_a_song_without_a_rating(tmp_path):
    hku956(tmp_path)
    people = tmp_path / "1. physiological_signals"
    (people / "hku1" / "EDA" / "2_702.csv").write_text("")
    table = tmp_path / "3. AV_ratings.csv"
    table.write_text(table.read_text().replace("hku1,3,703,", "hku1,9,703,"))
    with (
        pytest.warns(SkippedWarning, match=r"2_702\.csv: is empty"),
        pytest.warns(RatingsWarning, match="no row for 'hku1', song '3_703'"),
    ):
        songs = read_recordings(tmp_path, "hku956", subjects=["hku1"])
    assert ["eda" in one.signals for one in songs] == [True, True, False, True]
    assert [one.ratings is None for one in songs] == [False, False, False, True]


def test_what_is_none(tmp_path):
    with pytest.raises(ReadError, match="holds no HKU956"):
        read_recordings(tmp_path, "hku956")
    hku956(tmp_path / "data")
    bad = tmp_path / "data" / "1. physiological_signals" / "hku0" / "BVP" / "0_700.csv"
    bad.write_text("1.5\nx\n")
    with pytest.raises(ReadError, match=r"0_700\.csv: must hold one number a line"):
        read_recordings(tmp_path / "data", "hku956")


@pytest.mark.realdata
def test_the_real_recordings(shared_data):
    recordings = read_recordings(shared_data / "hku956_even", "hku956")
    assert len(recordings) == 513
    assert len({one.subject for one in recordings}) == 15
    assert all(one.ratings is not None for one in recordings)
