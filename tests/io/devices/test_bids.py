"""BIDS: physiological recordings, EEG, events."""

import json

import numpy as np
import pytest
from layouts.write_bdf import write_bdf
from layouts.write_devices import write_bids

from physio_vad.exceptions import RatingsWarning, ReadError, SkippedWarning
from physio_vad.io import BidsReader, read_recordings
from physio_vad.study.recognise import recognise

ROWS = np.array([np.linspace(2, 3, 2000), np.sin(np.arange(2000)), np.cos(np.arange(2000))])


def test_physio_events_and_inherited_sidecars(tmp_path):
    for name in ("01", "02"):
        write_bids(tmp_path, name, ROWS, 25, start=-2.0)
    assert isinstance(recognise(tmp_path), BidsReader)
    one, other = read_recordings(tmp_path, BidsReader(scale=(1, 9)))
    assert (one.subject, other.subject, one.trial) == ("01", "02", "task-film")
    units = {name: (s.unit, s.sfreq, s.start) for name, s in one.signals.items()}
    assert units == {
        "eda": ("uS", 25.0, -2.0),
        "ppg": ("a.u.", 25.0, -2.0),
        "respiration": ("a.u.", 25.0, -2.0),
    }
    np.testing.assert_allclose(one.signals["eda"].values[0], ROWS[0], rtol=1e-5)
    assert one.targets == ("valence", "arousal", "dominance")
    assert (one.ratings.starts.tolist(), one.ratings.values[:, 0].tolist()) == ([0, 45], [2, 7])
    trials = read_recordings(tmp_path / "sub-01", BidsReader(trial_start="film"))
    assert [(t.trial, t.start, t.stop) for t in trials] == [
        ("task-film/1", 0.0, 40.0),
        ("task-film/2", 45.0, 78.0),
    ]


def test_cardiac_may_be_an_ecg_and_the_nearest_sidecar_wins(tmp_path):
    write_bids(tmp_path, "01", ROWS, 25)
    near = tmp_path / "sub-01" / "beh" / "sub-01_task-film_physio.json"
    near.write_text(json.dumps({"SamplingFrequency": 50, "cardiac": {"Units": "mV"}}))
    reader = BidsReader(channels={"cardiac": {"modality": "ecg", "unit": "mV"}})
    (one,) = read_recordings(tmp_path, reader)
    assert (one.signals["ecg"].sfreq, "ppg" in one.signals) == (50.0, False)


def test_eeg_and_physio_of_one_run_are_one_recording(tmp_path):
    write_bids(tmp_path, "01", ROWS, 25, start=1.0)
    path = tmp_path / "sub-01" / "eeg" / "sub-01_task-film_eeg.bdf"
    write_bdf(path, dict.fromkeys(["Fz", "Cz", "Misc"], np.ones(1000)), 100)
    with pytest.warns(SkippedWarning, match="Misc"):
        (one,) = read_recordings(tmp_path, "bids")
    assert set(one.signals) == {"eeg", "eda", "ppg", "respiration"}
    assert one.signals["eeg"].channels == ("Fz", "Cz")
    assert (one.signals["eeg"].start, one.signals["eda"].start) == (0.0, 1.0)


def test_participants_rate_a_person_where_asked_and_who_lacks_is_told_of(tmp_path):
    for name in ("01", "02"):
        write_bids(tmp_path, name, ROWS, 25)
    people = tmp_path / "participants.tsv"
    people.write_text(
        "participant_id\tage\tcalm\nsub-02\t30\t4\nsub-01\t41\t2.5\nsub-07\t22\tn/a\n"
    )
    asked = BidsReader(targets=["calm"], scale=(1, 5))
    with pytest.warns(SkippedWarning, match=r"participants\.tsv: 1 of the people .* here: 07"):
        one, other = read_recordings(tmp_path, asked)
    assert [r.ratings.values.tolist() for r in (one, other)] == [[[2.5]], [[4.0]]]
    assert (one.targets, one.scale) == (("calm",), {"calm": (1.0, 5.0)})
    with pytest.warns(SkippedWarning, match="07"):
        one, _ = read_recordings(tmp_path, "bids")
    assert one.targets == ("valence", "arousal", "dominance"), "traits are asked for by name"
    people.write_text("participant_id\tcalm\nsub-02\t4\n")
    with pytest.warns(RatingsWarning, match=r"no row for subject '01'.*rows for '02'"):
        one, other = read_recordings(tmp_path, asked)
    assert (one.ratings, other.targets) == (None, ("calm",))
    people.write_text("participant_id\tcalm\nsub-01\t4\nsub-01\t3\n")
    with pytest.warns(RatingsWarning, match="has 2 rows of 01, must have one. 01 is read without"):
        (one,) = read_recordings(tmp_path / "sub-01", asked)
    people.write_text("participant_id\tcalm\nsub-02\t4\nsub-01\t9\n")
    with pytest.raises(ReadError, match=r"tsv: row 2: .* 'calm' of 01, 9, lies outside its scale"):
        read_recordings(tmp_path, asked)
    people.write_text("person\tcalm\n1\t4\n")
    with pytest.warns(RatingsWarning, match="must have a column participant_id"):
        read_recordings(tmp_path, asked)


def test_a_table_of_ratings_serves_who_is_not_rated_elsewhere(tmp_path):
    for name in ("01", "02"):
        write_bids(tmp_path, name, ROWS, 25)
    (tmp_path / "sub-02" / "beh" / "sub-02_task-film_events.tsv").unlink()
    (tmp_path / "ratings.csv").write_text("subject,trial,valence\n01,task-film,1\n02,task-film,4\n")
    one, other = read_recordings(tmp_path, "bids")
    assert (one.targets, other.targets) == (("valence", "arousal", "dominance"), ("valence",))
    assert other.ratings.values.tolist() == [[4]]


def test_what_is_wrong_is_said(tmp_path):
    write_bids(tmp_path, "01", ROWS, 25)
    home = tmp_path / "sub-01" / "beh"
    events = home / "sub-01_task-film_events.tsv"
    whole = events.read_text()
    events.write_text(whole.replace("45\t35", "45\t0"))
    with pytest.warns(RatingsWarning, match=r"must stop after it starts.*read without ratings"):
        (one,) = read_recordings(tmp_path, "bids")
    assert one.ratings is None
    (tmp_path / "task-film_physio.json").unlink()
    with pytest.raises(ReadError, match=r"needs a \.json beside or above it with Columns"):
        read_recordings(tmp_path, "bids")


def test_a_table_on_its_own_is_read_by_the_sidecar_beside_it(tmp_path):
    write_bids(tmp_path, "01", ROWS, 25)
    home = tmp_path / "sub-01" / "beh"
    alone = tmp_path / "alone"
    alone.mkdir()
    for name, file in (("tsv.gz", home / "sub-01_task-film_physio.tsv.gz"),
                       ("json", tmp_path / "task-film_physio.json")):  # fmt: skip
        file.rename(alone / f"sub-01_task-film_physio.{name}")
    (one,) = read_recordings(alone / "sub-01_task-film_physio.tsv.gz", "bids")
    assert (one.subject, one.trial, one.ratings) == ("01", "task-film", None)
    np.testing.assert_allclose(one.signals["eda"].values[0], ROWS[0], rtol=1e-5)
