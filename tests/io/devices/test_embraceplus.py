"""Empatica EmbracePlus: AVRO and CSV files."""

import fastavro
import numpy as np
import pytest
from layouts.write_devices import START, write_embraceplus

from physio_vad.exceptions import ReadError
from physio_vad.io import EmbracePlusReader, read_recordings
from physio_vad.study.recognise import recognise

BVP = np.sin(np.arange(640) / 9).astype(np.float32)


def write(path, start=START, **more):
    skin = np.linspace(1, 2, 40, dtype=np.float32)
    return write_embraceplus(
        path, BVP, eda=skin, temperature=np.full(10, 31.5), start=start, **more
    )


def test_files_that_follow_each_other_are_one_recording(tmp_path):
    home = tmp_path / "participant_data" / "2020-09-13" / "anna-3YK3" / "raw_data" / "v6"
    write(home / "1-1-anna_1600000000.avro", tags=[START + 4])
    write(home / "1-1-anna_1600000012.avro", START + 12)
    write(home / "1-1-anna_1600003600.avro", START + 3600)
    first, second = read_recordings(tmp_path, "embraceplus")
    assert (first.subject, first.trial, second.trial) == ("1-1-anna", "1", "2")
    assert (first.start_time, second.start_time) == (START, START + 3600)
    pulse = first.signals["ppg"].values[0]
    assert np.flatnonzero(np.isnan(pulse)).tolist() == list(range(640, 768))
    np.testing.assert_array_equal(pulse[768:], BVP)
    rates = {name: (one.sfreq, one.unit) for name, one in first.signals.items()}
    assert rates == {
        "ppg": (64.0, "nW"),
        "eda": (4.0, "uS"),
        "temperature": (1.0, "C"),
        "acceleration": (64.0, "g"),
    }
    assert first.signals["acceleration"].values[:, 0].tolist() == [0, 0, 1]
    assert isinstance(recognise(tmp_path), EmbracePlusReader)
    reader = EmbracePlusReader(trial_start="tag", trial_length=3.0)
    (home / "1-1-anna_1600003600.avro").unlink()
    (trial,) = read_recordings(tmp_path, reader)
    assert (trial.start, trial.stop, trial.stimulus) == (4.0, 7.0, "tag")


def test_csv_with_microseconds(tmp_path):
    stamps = round(1e6 * START) + 250_000 * np.arange(400)
    rows = "".join(f"{stamp},{number}.5\n" for number, stamp in enumerate(stamps))
    for name in ("anna", "ben"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "eda.csv").write_text("unix_timestamp,eda\n" + rows)
    anna, ben = read_recordings(tmp_path, "embraceplus")
    assert (anna.subject, ben.subject) == ("anna", "ben")
    assert (anna.signals["eda"].sfreq, anna.start_time) == (4.0, START)


@pytest.mark.parametrize("harm", ["cut", "claim", "empty items", "bomb"])
def test_files_that_claim_too_much(tmp_path, harm):
    path = write(tmp_path / "1-1-anna_1600000000.avro")
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    elif harm == "claim":
        data = bytearray(path.read_bytes())
        place = data.index(b"avro.codec") + 30
        data[place : place + 8] = b"\xff" * 8
        path.write_bytes(bytes(data))
    elif harm == "empty items":
        schema = {"type": "record", "name": "empatica", "fields": []}
        schema["fields"] = [{"name": "rawData", "type": {"type": "array", "items": "null"}}]
        with path.open("wb") as stream:
            fastavro.writer(stream, schema, [{"rawData": [None] * 5}])
    else:
        schema = {"type": "record", "name": "empatica", "fields": [{"name": "a", "type": "bytes"}]}
        with path.open("wb") as stream:
            fastavro.writer(stream, schema, [{"a": bytes(2**28)}], "deflate")
    with pytest.raises(ReadError, match=r"AVRO|1-1-anna"):
        read_recordings(tmp_path, "embraceplus")


def test_a_tag_has_no_length_and_begins_what_goes_on_to_the_next(tmp_path):
    write(tmp_path / "1-1-anna_1600000000.avro", tags=[START + 4, START + 7])
    trials = read_recordings(tmp_path, EmbracePlusReader(trial_start="tag"))
    assert [(one.start, one.stop) for one in trials] == [(4.0, 7.0), (7.0, 10.0)]
