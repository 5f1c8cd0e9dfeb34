import shutil
import sys
import time

import numpy as np
import pytest
from layouts.write_acq import write_acq

from physio_vad.exceptions import MissingExtraError, ReadError, SkippedWarning
from physio_vad.io import AcqReader, read_recordings

CHANNELS = {
    "EDA - GSR100C": {"modality": "eda", "unit": "uS"},
    "EKG*": {"modality": "ecg", "unit": "mV"},
    "RESP*": {"modality": "respiration", "unit": "V"},
}


def test_an_empty_folder_and_a_file_that_is_none(tmp_path):
    with pytest.raises(ReadError, match=r"holds no file of the layout 'acq' \(\.acq\)"):
        read_recordings(tmp_path, "acq")
    for data in (b"", b"x" * 300, b"\0" * 5000):
        (tmp_path / "a.acq").write_bytes(data)
        with pytest.raises(ReadError, match=r"a\.acq: "):
            read_recordings(tmp_path, AcqReader(channels=CHANNELS))


def test_an_old_file_as_its_format_is_described(tmp_path):
    eda, ecg = np.linspace(2, 8, 500), np.sin(np.arange(500) / 9)
    channels = {("EDA - GSR100C", "uS"): eda, ("EKG - ERS100C", "mV"): ecg}
    write_acq(tmp_path / "a.acq", channels, 125.0)
    (recording,) = read_recordings(tmp_path, AcqReader(channels=CHANNELS))
    assert {name: one.sfreq for name, one in recording.signals.items()} == {"eda": 125, "ecg": 125}
    np.testing.assert_allclose(recording.signals["eda"].values[0], eda, atol=1e-4)
    np.testing.assert_allclose(recording.signals["ecg"].values[0], ecg, atol=1e-4)


def test_a_file_without_samples_is_called_so(tmp_path):
    path = tmp_path / "a.acq"
    write_acq(path, {("EDA - GSR100C", "uS"): np.linspace(2, 8, 9)}, 125.0)
    data = bytearray(path.read_bytes()[: -8 - 2 * 9])  # up to the kinds of its channels
    place = data.index(b"uS") + 20
    data[place : place + 4] = bytes(4)
    path.write_bytes(bytes(data))
    with pytest.raises(ReadError, match="channels claim 0 samples"):
        read_recordings(path, AcqReader(channels=CHANNELS))


@pytest.mark.parametrize("n_channels", [0, 2, 40, 200, 9000])
def test_absurd_numbers_of_channels_are_refused_at_once(tmp_path, n_channels):
    channels = {("EDA - GSR100C", "uS"): np.linspace(2, 8, 30_000)}
    write_acq(tmp_path / "a.acq", channels, 125.0)
    data = bytearray((tmp_path / "a.acq").read_bytes())
    data[10:12] = n_channels.to_bytes(2, "little")
    (tmp_path / "a.acq").write_bytes(bytes(data))
    start = time.process_time()
    with pytest.raises(ReadError, match=r"a\.acq: "):
        read_recordings(tmp_path, AcqReader(channels=CHANNELS))
    assert time.process_time() - start < 3


def test_without_the_extra(tmp_path, monkeypatch):
    (tmp_path / "a.acq").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "bioread", None)
    with pytest.raises(MissingExtraError, match=r"needs bioread; .*'physio-vad\[acq\]'"):
        read_recordings(tmp_path, "acq")


@pytest.mark.realdata
def test_channels_at_their_own_rates(shared_data):
    path = shared_data / "biopac_acq" / "physio-4.4.0-c.acq"
    (recording,) = read_recordings(path, AcqReader(channels=CHANNELS))
    found = {name: (one.sfreq, one.unit, one.n_samples) for name, one in recording.signals.items()}
    assert found == {
        "eda": (2000, "uS", 123_787),
        "ecg": (1000, "mV", 61_893),
        "respiration": (3.90625, "V", 241),
    }
    assert recording.signals["eda"].values[0, 0] == pytest.approx(3.395, abs=0.001)
    trials = read_recordings(
        path, AcqReader(channels=CHANNELS, trial_start="Breathe In", trial_stop="Breathe Out")
    )
    assert trials[0].start == pytest.approx(8618 / 2000)
    assert trials[0].stop == pytest.approx(12_199 / 2000, abs=0.3)


@pytest.mark.realdata
def test_an_older_file_and_channels_that_are_not_told(shared_data, tmp_path):
    path = shared_data / "biopac_acq" / "r42_test.acq"
    with pytest.warns(SkippedWarning, match="left out: 'CH4 Input' in 'mV'; say in channels"):
        (told,) = read_recordings(path, "acq")
    assert {name: one.unit for name, one in told.signals.items()} == {
        "eda": "uS",
        "ecg": "mV",
        "emg": "mV",
    }
    channels = {
        "ECG*": {"modality": "ecg", "unit": "mV"},
        "EDA*": {"modality": "eda", "unit": "uS"},
    }
    shutil.copy(path, tmp_path / "a.acq")
    (tmp_path / "ratings.csv").write_text("subject,valence\na,7\n")
    (recording,) = read_recordings(tmp_path, AcqReader(channels=channels))
    assert recording.stop == pytest.approx(7.901)
    assert np.isfinite(recording.signals["ecg"].values).all()
    assert recording.ratings.mean([0], [7]).tolist() == [[7]]
    mixed = {"E*": {"modality": "ecg", "unit": "mV"}}
    with pytest.warns(SkippedWarning, match="EKG.* differ in rate or length from EDA"):
        read_recordings(
            shared_data / "biopac_acq" / "physio-4.4.0-c.acq", AcqReader(channels=mixed)
        )
