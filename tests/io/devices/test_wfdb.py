"""WFDB records."""

import numpy as np
import pytest
from layouts.write_devices import START, write_wfdb

from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io import WfdbReader, read_recordings
from physio_vad.study.recognise import recognise

TIMES = np.arange(1000) / 100
CHANNELS = {("MLII", "mV"): np.sin(TIMES), ("foot GSR", "uS"): 2 + 0.1 * TIMES}


def test_channels_are_known_by_lead_and_word(tmp_path):
    write_wfdb(tmp_path / "anna", CHANNELS, 100, notes=[300, 700])
    (one,) = read_recordings(tmp_path, "wfdb")
    assert (one.subject, one.start_time, set(one.signals)) == ("anna", START, {"ecg", "eda"})
    assert (one.signals["ecg"].sfreq, one.signals["ecg"].unit) == (100.0, "mV")
    np.testing.assert_allclose(one.signals["ecg"].values[0], np.sin(TIMES), atol=6e-4)
    np.testing.assert_allclose(one.signals["eda"].values[0], 2 + 0.1 * TIMES, atol=6e-4)
    assert isinstance(recognise(tmp_path), WfdbReader)
    trials = read_recordings(tmp_path, WfdbReader(trial_start="N"))
    assert [(t.start, t.stop) for t in trials] == [(3.0, 7.0), (7.0, 10.0)]
    (tmp_path / "anna.atr").write_bytes(b"\x00")
    with pytest.warns(SkippedWarning, match=r"anna\.atr: left out"):
        assert len(read_recordings(tmp_path, "wfdb")) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("anna.dat", "../anna.dat", "must lie beside it|invalid syntax"),
        ("anna.dat", "ben.dat", "must lie beside it|cannot be read|No such file"),
        (" 1000 1", " 99999999999 1", "claims 199999999998 samples"),
    ],
)
def test_headers_that_cannot_be(tmp_path, old, new, said):
    path = write_wfdb(tmp_path / "anna", CHANNELS, 100)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReadError, match=said):
        read_recordings(tmp_path, "wfdb")


@pytest.mark.parametrize(
    ("n_samples", "said"), [(60_000, "cannot be read"), (60_001, "claims 120002")]
)
def test_a_byte_of_a_packed_file_holds_30_samples_at_most(tmp_path, n_samples, said):
    path = write_wfdb(tmp_path / "anna", CHANNELS, 100)
    path.write_text(path.read_text().replace(" 1000 12:", f" {n_samples} 12:"))
    with pytest.raises(ReadError, match=said):
        read_recordings(tmp_path, "wfdb")


@pytest.mark.parametrize("n_channels", [256, 257])
def test_records_have_256_channels_at_most(tmp_path, n_channels):
    channels = {(f"ECG {number}", "mV"): np.ones(10) for number in range(n_channels)}
    write_wfdb(tmp_path / "anna", channels, 100)
    if n_channels == 256:
        (one,) = read_recordings(tmp_path, "wfdb")
        assert one.signals["ecg"].n_channels == 256
        return
    with pytest.raises(ReadError, match="must have 1 to 256 channels, got 257"):
        read_recordings(tmp_path, "wfdb")
