import json
import threading

import h5py
import numpy as np
import pytest
from layouts.write_opensignals import write_opensignals, write_opensignals_h5

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import OpenSignalsReader, read_recordings
from physio_vad.io.devices.opensignals_files import read_hdf5


def test_counts_become_units(tmp_path):
    write_opensignals(tmp_path / "S10.txt")
    write_opensignals(tmp_path / "S2.txt")
    (tmp_path / "notes.txt").write_text("weather: fine")
    first, second = read_recordings(tmp_path, "opensignals")
    assert (first.subject, second.subject, first.stop) == ("S2", "S10", 2)
    found = {name: (one.unit, one.values[0, 0]) for name, one in first.signals.items()}
    assert found == {"ecg": ("mV", 0.75), "eda": ("uS", 6.25), "respiration": ("%", 25)}


def test_other_sensors_and_gains_are_told(tmp_path):
    write_opensignals(tmp_path / "a.txt")
    (tmp_path / "ratings.csv").write_text("subject,valence\na,7\n")
    reader = OpenSignalsReader(
        channels={"CH4": {"modality": "ppg", "unit": "a.u."}}, gain={"ECG": 500}, scale=(1, 9)
    )
    (recording,) = read_recordings(tmp_path, reader)
    assert recording.signals["ppg"].values[0, 0] == 1234
    assert recording.signals["ecg"].values[0, 0] == 1.5
    assert recording.ratings.mean([0], [2]).tolist() == [[7]]
    with pytest.raises(ArgumentError, match="gain must be above 0, for ECG or EMG"):
        OpenSignalsReader(gain={"EDA": 2})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"sensor"', '"senses"', "the header must have column, sensor"),
        ("[4, 1, 16, 16, 16, 16]", "[16]", "one column and resolution a sensor"),
        ("{", "", "must be an OpenSignals header"),
        ('"ECG", "EDA", "RESP"', '"A", "B", "C"', r"sensors \(A, B, C, LUX\) is known"),
        ('"sampling rate": 1000', '"sampling rate": NaN', "sfreq"),
    ],
)
def test_headers_that_cannot_be(tmp_path, old, new, expected):
    path = write_opensignals(tmp_path / "a.txt")
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReadError, match=expected):
        read_recordings(tmp_path, "opensignals")


def test_rows_that_are_cut_off(tmp_path):
    path = write_opensignals(tmp_path / "a.txt", n_rows=3)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:3]))
    with pytest.raises(ReadError, match="has no rows of data"):
        read_recordings(tmp_path, "opensignals")
    path.write_text("".join(lines)[:-8])
    with pytest.raises(ReadError, match="row 3"):
        read_recordings(tmp_path, "opensignals")


def rewrite(path, **changes):
    """Change entries of the header; None takes one out."""
    lines = path.read_text().splitlines(keepends=True)
    (device,) = json.loads(lines[1].removeprefix("#")).items()
    header = {key: one for key, one in {**device[1], **changes}.items() if one is not None}
    lines[1] = f"# {json.dumps({device[0]: header})}\n"
    path.write_text("".join(lines))
    return path


def test_rows_may_end_in_a_tab(tmp_path):
    path = write_opensignals(tmp_path / "a.txt")
    head, rows = path.read_text().split("# EndOfHeader\n")
    path.write_text(head + "# EndOfHeader\n" + rows.replace("\n", "\t\n"))
    (one,) = read_recordings(path, "opensignals")
    assert one.signals["eda"].values.shape == (1, 2000)
    assert (one.signals["eda"].values == 6.25).all()


def test_old_headers_label_the_sensors_only(tmp_path):
    path = write_opensignals(tmp_path / "a.txt")
    rewrite(path, column=None, label=["A1", "A2", "A3", "A4"], resolution=16)
    (one,) = read_recordings(path, "opensignals")
    assert (one.signals["eda"].channels, one.signals["eda"].values[0, 0]) == (("A2",), 6.25)


def test_converted_files_stay_as_they_are(tmp_path):
    path = rewrite(write_opensignals(tmp_path / "a.txt"), convertedValues=1)
    (one,) = read_recordings(path, "opensignals")
    assert one.signals["eda"].values[0, 0] == 16384


def test_bitalino_has_another_supply_and_raw_inputs(tmp_path):
    path = write_opensignals(tmp_path / "a.txt", EDA=np.full(2000, 256))
    rewrite(
        path, sensor=["RAW"] * 4, resolution=[4, 1, 10, 10, 10, 10], device="bitalino_rev"
    )  # fmt: skip
    reader = OpenSignalsReader(channels={"CH2": {"modality": "eda", "unit": "uS"}})
    (one,) = read_recordings(path, reader)
    assert one.signals["eda"].values[0, 0] == pytest.approx(0.25 * 3.3 / 0.132)
    with pytest.raises(ReadError, match=r"none of its sensors \(RAW, RAW, RAW, RAW\) is known"):
        read_recordings(path, "opensignals")
    reader = OpenSignalsReader(channels={"CH2": {"modality": "eda", "unit": "nS"}})
    with pytest.raises(ArgumentError, match="CH2 is converted to uS, not nS"):
        read_recordings(path, reader)


def test_two_devices_in_one_file(tmp_path):
    path = write_opensignals(tmp_path / "a.txt")
    lines = path.read_text().splitlines(keepends=True)
    (header,) = json.loads(lines[1].removeprefix("#")).values()
    other = {**header, "device": "bitalino_rev"}
    lines[1] = f"# {json.dumps({'A': header, 'B': other})}\n"
    lines[3:] = [line.rstrip("\n") + "\t" + line for line in lines[3:]]
    path.write_text("".join(lines))
    (one,) = read_recordings(path, "opensignals")
    assert one.signals["eda"].channels == ("A CH2", "B CH2")
    np.testing.assert_allclose(one.signals["eda"].values[:, 0], [6.25, 0.25 * 3.3 / 0.132])
    assert one.start_time == 1_600_007_197.0
    reader = OpenSignalsReader(channels={"B CH4": {"modality": "ppg", "unit": "a.u."}})
    (one,) = read_recordings(path, reader)
    assert one.signals["ppg"].channels == ("B CH4",)


def test_hdf5_holds_the_same(tmp_path):
    write_opensignals_h5(tmp_path / "a.h5", RAW=np.full(100, 256), ECG=np.full(100, 768))
    reader = OpenSignalsReader(channels={"A1": {"modality": "eda", "unit": "uS"}})
    (one,) = read_recordings(tmp_path, reader)
    assert (one.subject, one.signals["eda"].sfreq, one.start_time) == ("a", 1000, 1_600_000_000.5)
    np.testing.assert_allclose(one.signals["eda"].values, 0.25 * 3.3 / 0.132)
    np.testing.assert_allclose(one.signals["ecg"].values, 0.25 * 3.3 * 1000 / 1100)
    (tmp_path / "a.h5").write_bytes((tmp_path / "a.h5").read_bytes()[:-3000])
    with pytest.raises(ReadError, match=r"a\.h5: is no whole HDF5 file"):
        read_recordings(tmp_path, reader)


@pytest.mark.parametrize(
    ("device", "sensor", "expected"),
    [
        ("biosignalsplux", "ECG", 0.25 * 3.0 * 1000 / 1000),
        ("biosignalsplux", "EMG", 0.25 * 3.0 * 1000 / 1000),
        ("bitalino_rev", "ECG", 0.25 * 3.3 * 1000 / 1100),
        ("bitalino_rev", "EMG", 0.25 * 3.3 * 1000 / 1009),
    ],
)
def test_gains_of_both_boards(tmp_path, device, sensor, expected):
    """Transfer functions of the data sheets of PLUX: mV of three quarters of the range."""
    path = rewrite(write_opensignals(tmp_path / "a.txt"), sensor=[sensor, "EDA", "RESP", "LUX"])
    (one,) = read_recordings(rewrite(path, device=device), "opensignals")
    assert one.signals[sensor.lower()].values[0, 0] == pytest.approx(expected, rel=1e-12)
    assert one.signals["respiration"].values[0, 0] == 25
    (half,) = read_recordings(path, OpenSignalsReader(gain={sensor: 0.5}))
    told = half.signals[sensor.lower()].values[0, 0]
    assert told == pytest.approx(0.25 * (3.0 if device[2] == "o" else 3.3) * 2000)
    with pytest.raises(ArgumentError, match="gain must be above 0"):
        OpenSignalsReader(gain={sensor: 0.0})


def test_a_channel_of_one_of_two_devices_is_ignored(tmp_path):
    path = write_opensignals(tmp_path / "a.txt")
    lines = path.read_text().splitlines(keepends=True)
    (header,) = json.loads(lines[1].removeprefix("#")).values()
    lines[1] = f"# {json.dumps({'A': header, 'B': header})}\n"
    lines[3:] = [line.rstrip("\n") + "\t" + line for line in lines[3:]]
    path.write_text("".join(lines))
    (one,) = read_recordings(path, OpenSignalsReader(ignore=["B CH2"]))
    assert one.signals["eda"].channels == ("A CH2",)
    assert one.signals["ecg"].channels == ("A CH1", "B CH1")


def test_an_error_does_not_keep_the_lock_of_h5py(tmp_path):
    """As long as somebody keeps the error no other thread could open a file."""
    path = write_opensignals_h5(tmp_path / "a.h5", ECG=np.arange(9))
    with h5py.File(path, "a") as file:
        del file["20:16:02:26:60:88"].attrs["resolution"]
    with pytest.raises(ReadError, match="resolution") as error:
        read_hdf5(path)
    lock, free = h5py._objects.phil, []

    def try_lock():
        free.append(lock.acquire(False))
        if free[0]:
            lock.release()

    thread = threading.Thread(target=try_lock)
    thread.start()
    thread.join()
    assert error.value.__context__ is not None
    assert free == [True]
