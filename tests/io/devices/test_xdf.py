import logging
import sys

import numpy as np
import pytest
from layouts.write_xdf import chunk, stream_chunks, write_xdf

from physio_vad.exceptions import ArgumentError, MissingExtraError, RateWarning, ReadError
from physio_vad.io import XdfReader, read_recordings

SKIN = {"Skin/*": {"modality": "eda", "unit": "uS"}}


def test_streams_keep_their_rates_and_starts(tmp_path):
    write_xdf(tmp_path / "S10.xdf")
    write_xdf(tmp_path / "S2.xdf")
    first, second = read_recordings(tmp_path, XdfReader(channels=SKIN))
    assert (first.subject, second.subject, first.start) == ("S2", "S10", 0)
    eeg, eda = first.signals["eeg"], first.signals["eda"]
    assert (eeg.channels, eeg.unit, eeg.sfreq, eeg.start) == (("F3", "F4"), "uV", 100, 0)
    assert (eda.channels, eda.unit, eda.sfreq) == (("1",), "uS", 4)
    assert eda.start == pytest.approx(0.5)
    assert eeg.values[:, 3].tolist() == [3, 103]


def test_folders_as_labrecorder_makes_them(tmp_path):
    for who in ("sub-P1", "sub-P2"):
        write_xdf(tmp_path / who / "ses-S001" / "eeg" / f"{who}_ses-S001_task-a_run-001_eeg.xdf")
    (tmp_path / "ratings.csv").write_text("subject,valence\nsub-P1,3\nsub-P2,8\n")
    one, other = read_recordings(tmp_path, "xdf")
    assert (one.subject, other.subject, other.trial) == ("sub-P1", "sub-P2", "1")
    assert [r.ratings.values.tolist() for r in (one, other)] == [[[3]], [[8]]]


def test_what_pyxdf_logs_is_kept_from_the_user(tmp_path, caplog):
    write_xdf(tmp_path / "a.xdf")
    logger = logging.getLogger("pyxdf")
    logger.warning("heard")
    read_recordings(tmp_path, "xdf")
    assert caplog.messages == ["heard"]


def test_a_gap_is_missing_and_markers_begin_trials(tmp_path):
    write_xdf(tmp_path / "a.xdf", gap=3.0)
    (recording,) = read_recordings(tmp_path, "xdf")
    values = recording.signals["eeg"].values
    assert np.isnan(values[0]).sum() == pytest.approx(300, abs=2)
    assert (values[0, 0], values[0, -1]) == (0, 999)
    trials = read_recordings(tmp_path, XdfReader(trial_start="go*", trial_length=2.0))
    assert [(one.trial, one.stimulus) for one in trials] == [("1", "go 1"), ("2", "go 2")]
    assert trials[1].start == pytest.approx(5, abs=0.02)


def test_streams_that_are_no_signals(tmp_path):
    write_xdf(tmp_path / "a.xdf")
    with pytest.raises(ReadError, match=r"none of its streams .'Cap' of type 'EEG', 'Skin' of"):
        read_recordings(tmp_path, XdfReader(ignore=["Cap/*"]))
    both = {"*": {"modality": "eeg", "unit": "uV"}}
    with pytest.raises(ReadError, match="several streams hold 'eeg'"):
        read_recordings(tmp_path, XdfReader(channels=both))
    with pytest.raises(ArgumentError, match="ignore must be a list"):
        XdfReader(ignore="Cap/*")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is no XDF file"),
        (b"XDF:\x08" + b"\xff" * 8, "is cut off"),
        (b"XDF:\x03ab", "is cut off"),
        (b"XDF:" + chunk(1, b"<!DOCTYPE a><info/>"), "declares a document type"),
        (
            b"XDF:" + chunk(1, "<!DOCTYPE a><info/>".encode("utf-16")),
            "declares a document type",
        ),
        (
            b"XDF:" + chunk(2, b"\1\0\0\0<channel_count>99999999</channel_count>"),
            "1 to 4096 channels",
        ),
        (b"XDF:" + chunk(3, b"\1\0\0\0\x04\xff\xff\xff\x7f"), "claims 2147483647 samples"),
    ],
)
def test_files_that_cannot_be(tmp_path, data, expected):
    (tmp_path / "a.xdf").write_bytes(data)
    with pytest.raises(ReadError, match=rf"a\.xdf: .*{expected}"):
        read_recordings(tmp_path, "xdf")


def test_without_the_extra(tmp_path, monkeypatch):
    write_xdf(tmp_path / "a.xdf")
    monkeypatch.setitem(sys.modules, "pyxdf", None)
    with pytest.raises(MissingExtraError, match=r"needs pyxdf; .*'physio-vad\[xdf\]'"):
        read_recordings(tmp_path, "xdf")


def test_a_stream_without_samples(tmp_path):
    data = b"XDF:" + chunk(1, b"<info/>") + stream_chunks(1, "Cap", "EEG", 100, np.empty((0, 2)))
    (tmp_path / "a.xdf").write_bytes(data)
    with pytest.raises(ReadError, match="has samples; say in channels"):
        read_recordings(tmp_path, "xdf")


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "n_channels", "sfreq", "seconds"),
    [
        ("xdf_examples/minimal.xdf", 3, 10, 0.9),
        ("eeglab_sample/test.xdf", 8, 1000, 9.53),
    ],
)
def test_real_files(shared_data, name, n_channels, sfreq, seconds):
    (recording,) = read_recordings(shared_data / name, "xdf")
    eeg = recording.signals["eeg"]
    assert (eeg.n_channels, eeg.start) == (n_channels, 0)
    assert eeg.sfreq == pytest.approx(sfreq, rel=0.002)
    assert eeg.stop == pytest.approx(seconds, rel=0.01)


@pytest.mark.realdata
def test_real_files_with_empty_streams_and_gaps(shared_data):
    folder = shared_data / "xdf_examples"
    counter = {"Data stream*": {"modality": "ppg", "unit": "a.u."}}
    (recording,) = read_recordings(folder / "empty_streams.xdf", XdfReader(channels=counter))
    assert recording.signals["ppg"].n_samples == 10
    with pytest.warns(RateWarning, match="gives 92.9344 Hz, 100 Hz was declared"):
        (recording,) = read_recordings(folder / "clock_resets.xdf", "xdf")
    assert recording.stop == pytest.approx(573.2, abs=0.1)
    assert 0.4 < np.isnan(recording.signals["eeg"].values).mean() < 0.6  # it was not recording


@pytest.mark.parametrize(
    ("unit", "name", "expected"),
    [("nanovolts", "nV", 20e3), ("microvolts", "uV", 20e3), ("", "uV", 20e3), ("mV", "mV", 20e3)],
)
def test_the_unit_is_that_of_the_stream(tmp_path, unit, name, expected):
    path = write_xdf(tmp_path / "a.xdf", values=np.full((1000, 2), 20e3))
    old = b"<label>F3</label></channel>"
    new = old.replace(b"</channel>", f"<unit>{unit}</unit></channel>".encode())
    data = path.read_bytes()
    start = data.index(old)
    # the chunk of the header, found by its tag, is longer by what is put in
    at = data.rindex(b"\x04", 0, data.index(b"<info><name>Cap"))
    length = int.from_bytes(data[at + 1 : at + 5], "little") + 2 * (len(new) - len(old))
    both = data.replace(old, new).replace(old.replace(b"F3", b"F4"), new.replace(b"F3", b"F4"))
    assert start > at
    path.write_bytes(both[: at + 1] + length.to_bytes(4, "little") + both[at + 5 :])
    (one,) = read_recordings(path, "xdf")
    assert (one.signals["eeg"].unit, one.signals["eeg"].values[0, 0]) == (name, expected)
