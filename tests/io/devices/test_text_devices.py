"""Muse, OpenBCI, Emotiv, Shimmer, Polar, Garmin: files as their apps write them."""

import warnings

import numpy as np
import pytest
from layouts.write_devices import (
    PLACES,
    START,
    write_emotiv,
    write_garmin,
    write_mind_monitor,
    write_muse_lsl,
    write_openbci,
    write_polar,
    write_shimmer,
)

from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io import (
    EmotivReader,
    GarminReader,
    MuseReader,
    OpenBciReader,
    PolarReader,
    ShimmerReader,
    read_recordings,
)
from physio_vad.study.recognise import recognise

RNG = np.random.default_rng(0)


def eeg(n_channels, n_rows, level=0.0):
    return np.round(level + 10 * RNG.normal(size=(n_channels, n_rows)), 2)


def read_one(path, layout):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (one,) = read_recordings(path, layout)
    return one


@pytest.mark.parametrize("write", [write_mind_monitor, write_muse_lsl])
def test_muse_gives_raw_samples_at_its_rate(tmp_path, write):
    values = eeg(4, 1500, 800)
    write(tmp_path / "anna.csv", values)
    one = read_one(tmp_path, "muse")
    found = one.signals["eeg"]
    assert (one.subject, found.sfreq, found.unit) == ("anna", 256.0, "uV")
    assert found.channels == ("TP9", "AF7", "AF8", "TP10")
    np.testing.assert_array_equal(found.values, values)
    assert one.start_time == pytest.approx(START, abs=0.002)
    assert isinstance(recognise(tmp_path), MuseReader)


def test_muse_marks_cut_trials_and_pauses_are_missing(tmp_path):
    first = write_mind_monitor(tmp_path / "a.csv", eeg(4, 1500))
    later = write_mind_monitor(tmp_path / "b.csv", eeg(4, 256), start=START + 1500 / 256 + 10)
    first.write_text(first.read_text() + later.read_text().split("\n", 2)[2])
    later.unlink()
    reader = MuseReader(trial_start="/muse/elements/blink")
    trials = list(read_recordings(tmp_path, reader))
    assert [one.stimulus for one in trials] == ["/muse/elements/blink"] * 3
    (whole,) = read_recordings(tmp_path, "muse")
    missing = np.isnan(whole.signals["eeg"].values[0])
    assert missing.sum() == pytest.approx(2560, abs=1)
    assert missing[1500 : 1500 + missing.sum()].all()


def test_band_powers_once_a_second_are_no_eeg(tmp_path):
    write_mind_monitor(tmp_path / "a.csv", eeg(4, 240), sfreq=2.0)
    with pytest.raises(ReadError, match=r"rows a second.*'constant'"):
        read_recordings(tmp_path, "muse")


@pytest.mark.parametrize("named", [False, True])
def test_openbci_of_both_versions(tmp_path, named):
    values = eeg(8, 1200)
    write_openbci(tmp_path / "anna.txt", values, named=named, lost=[300, 301, 700])
    one = read_one(tmp_path, "openbci")
    found = one.signals["eeg"]
    assert (found.sfreq, found.n_channels, found.channels[7]) == (250.0, 8, "EXG Channel 7")
    assert np.flatnonzero(np.isnan(found.values[0])).tolist() == [300, 301, 700]
    np.testing.assert_array_equal(found.values[:, 702:], values[:, 702:])
    assert np.nanmin(one.signals["acceleration"].values[2]) == 0.98  # held between samples
    assert (one.start_time is None) == (not named)
    assert isinstance(recognise(tmp_path), OpenBciReader)


def test_what_is_declared_takes_the_place_of_what_is_known(tmp_path):
    values = eeg(8, 1200)
    write_openbci(tmp_path / "anna.txt", values, named=True)
    declared = {"EXG Channel [25]": {"modality": "eeg", "unit": "uV"}}
    found = read_one(tmp_path, OpenBciReader(channels=declared)).signals
    assert found["eeg"].channels == ("EXG Channel 2", "EXG Channel 5")
    np.testing.assert_array_equal(found["eeg"].values, values[[2, 5]])
    assert found["acceleration"].n_channels == 3


def test_openbci_takes_the_date_from_its_name_and_a_pause_from_counter_and_clock(tmp_path):
    path = tmp_path / "OpenBCI-RAW-2020-09-13_12-26-40.txt"
    write_openbci(path, eeg(8, 2000), named=False)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:506] + lines[1506:]))  # 4 s are gone: 3 times 256, and 232
    one = read_one(tmp_path, "openbci")
    assert one.start_time == START
    found = np.flatnonzero(np.isnan(one.signals["eeg"].values[0]))
    assert found.tolist() == list(range(500, 1500))
    assert (
        "ecg"
        in read_one(
            tmp_path, OpenBciReader(channels={"EXG Channel 7": {"modality": "ecg", "unit": "uV"}})
        ).signals
    )


def test_emotiv_takes_the_eeg_alone(tmp_path):
    values = eeg(14, 800, 4200)
    write_emotiv(tmp_path / "anna.csv", values)
    one = read_one(tmp_path, "emotiv")
    found = one.signals["eeg"]
    assert (list(one.signals), found.channels, found.sfreq) == (["eeg"], PLACES, 128.0)
    np.testing.assert_array_equal(found.values, values)
    assert one.start_time == START
    assert isinstance(recognise(tmp_path), EmotivReader)
    (trial,) = read_recordings(tmp_path, EmotivReader(trial_start="5", trial_length=2.0))
    assert (trial.start, trial.stop) == (2.0, 4.0)


SKIN = np.linspace(2, 3, 640)


def test_shimmer_believes_the_row_of_units(tmp_path):
    kinds = {
        "GSR_Range_CAL": ("no_units", np.ones(640)),
        "GSR_Skin_Resistance_CAL": ("kOhms", 1000 / SKIN),
        "GSR_Skin_Conductance_CAL": ("uS", SKIN),
        "ECG_LL-RA_24BIT_CAL": ("mV", SKIN),
        "ECG_LA-RA_24BIT_CAL": ("mV", 2 * SKIN),
        "Accel_WR_X_CAL": ("m/(s^2)", np.full(640, 9.81)),
        "Mag_X_CAL": ("local_flux", SKIN),
        "Temperature_BMP280_CAL": ("Degrees Celsius", np.full(640, 33.0)),
    }
    for delimiter, name in (("\t", "anna"), (";", "ben"), (",", "eva")):
        path = tmp_path / f"{name}_Session1_Shimmer_40AC_Calibrated_SD.csv"
        write_shimmer(path, kinds, delimiter=delimiter)
    people = read_recordings(tmp_path, "shimmer")
    assert [one.subject for one in people] == ["anna", "ben", "eva"]
    for one in people:
        assert set(one.signals) == {"eda", "ecg", "acceleration"}
        assert (one.signals["eda"].unit, one.signals["eda"].sfreq) == ("uS", 128.0)
        np.testing.assert_allclose(one.signals["eda"].values[0], SKIN)
        assert one.signals["ecg"].channels == ("LL-RA", "LA-RA")
    assert isinstance(recognise(tmp_path), ShimmerReader)


def test_two_shimmers_at_once_are_one_recording_and_a_later_session_is_a_trial(tmp_path):
    home = tmp_path / "anna"
    skin, heart = ({"GSR_Skin_Conductance_CAL": ("uS", SKIN)}, {"PPG_A13_CAL": ("mV", SKIN)})
    write_shimmer(home / "x_Session1_S1_Calibrated_SD.csv", skin)
    write_shimmer(home / "x_Session1_S2_Calibrated_SD.csv", heart, start=START + 2)
    write_shimmer(home / "x_Session2_S1_Calibrated_SD.csv", skin, start=START + 3600)
    first, second = read_recordings(tmp_path, "shimmer")
    assert (first.subject, first.trial, second.trial) == ("anna", "1", "2")
    assert set(first.signals) == {"eda", "ppg"}
    assert (first.signals["eda"].start, first.signals["ppg"].start) == (0.0, 2.0)
    assert (second.start_time, second.stop) == (START + 3600, 5.0)
    (home / "x_Session2_S1_Calibrated_SD.csv").write_text("sep=,\nx_Timestamp_Unix_CAL\nms\n")
    with pytest.warns(SkippedWarning, match="left out"):
        assert len(read_recordings(tmp_path, "shimmer")) == 1


def test_polar_is_a_folder_a_person(tmp_path):
    ecg, rr = np.round(500 * np.sin(np.arange(1300) / 9)), np.array([812.0, 790, 805, 821])
    for name in ("anna", "ben"):
        write_polar(tmp_path / name, ecg, rr=rr)
    anna, ben = read_recordings(tmp_path, "polar")
    assert (anna.subject, ben.subject, anna.start_time) == ("anna", "ben", START)
    found = anna.signals["ecg"]
    assert (found.sfreq, found.unit) == (130.0, "uV")
    np.testing.assert_array_equal(found.values[0], ecg)
    assert anna.signals["acceleration"].unit == "mg"
    np.testing.assert_array_equal(anna.signals["ibi"].values, rr)
    np.testing.assert_allclose(anna.signals["ibi"].times, np.cumsum(rr) / 1000, atol=1e-3)
    assert isinstance(recognise(tmp_path), PolarReader)


def test_polar_columns_are_found_by_name(tmp_path):
    write_polar(tmp_path / "anna", np.arange(1300.0), rr=np.array([800.0, 810.0]))
    (path,) = (tmp_path / "anna").glob("*_ECG.txt")
    rows = [line.split(";") for line in path.read_text().splitlines()]
    path.write_text("".join(";".join([r[3], r[1], r[0], r[2]]) + "\n" for r in rows))
    (anna,) = read_recordings(tmp_path, "polar")
    np.testing.assert_array_equal(anna.signals["ecg"].values[0], np.arange(1300.0))


def test_garmin_gives_beats_and_motion(tmp_path):
    rr = np.array([821.0, 800, 790, 810, 805])
    write_garmin(tmp_path / "anna", rr)
    one = read_one(tmp_path, "garmin")
    assert (one.subject, set(one.signals)) == ("anna", {"ibi", "acceleration"})
    np.testing.assert_array_equal(one.signals["ibi"].values, rr)
    assert (one.signals["acceleration"].sfreq, one.start_time) == (25.0, START)
    assert one.signals["acceleration"].values[:, 0].tolist() == [-36, 620, -824]
    assert isinstance(recognise(tmp_path), GarminReader)


@pytest.mark.parametrize("sfreq", [256.0, 220.0])
def test_muse_has_one_of_two_rates(tmp_path, sfreq):
    """Muse of 2016 and of 2014 (MU-02, MU-01 in the specifications of InteraXon)."""
    write_mind_monitor(tmp_path / "anna.csv", eeg(4, 600), sfreq=1.01 * sfreq)
    assert read_one(tmp_path, "muse").signals["eeg"].sfreq == sfreq


def test_muse_at_less_than_100_hz_is_no_raw_eeg(tmp_path):
    path = write_muse_lsl(tmp_path / "anna.csv", eeg(4, 500), sfreq=100.0)
    assert read_one(tmp_path, "muse").signals["eeg"].sfreq == 100
    write_muse_lsl(path, eeg(4, 500), sfreq=98.0)
    with pytest.raises(ReadError, match="has 98 rows a second"):
        read_recordings(tmp_path, "muse")


def test_muse_whose_first_row_has_samples(tmp_path):
    """Mind Monitor leaves a cell out of it too; it is no row of units."""
    values = eeg(4, 600, 800)
    path = write_mind_monitor(tmp_path / "anna.csv", values)
    header, _, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([header, *rows]))
    one = read_one(tmp_path, MuseReader())
    np.testing.assert_array_equal(one.signals["eeg"].values, values)
    assert one.signals["acceleration"].channels == ("X", "Y", "Z")
    (trial,) = read_recordings(tmp_path, MuseReader(trial_start="/muse/elements/blink"))
    assert trial.start == pytest.approx(one.signals["eeg"].start + 499 / 256, abs=0.05)


@pytest.mark.parametrize("sfreq", [51.2, 102.4, 128.0, 204.8, 256.0, 512.0, 1024.0])
def test_shimmer_has_the_rates_that_consensys_offers(tmp_path, sfreq):
    """32768 Hz divided by whole numbers (Shimmer3 user manual); its clock drifts a little."""
    path = tmp_path / "anna_Session1_Shimmer_40AC_Calibrated_SD.csv"
    skin = {"GSR_Skin_Conductance_CAL": ("uS", np.linspace(2, 3, 500))}
    write_shimmer(path, skin, sfreq=1.003 * sfreq)
    assert read_one(tmp_path, "shimmer").signals["eda"].sfreq == sfreq


def test_marks_are_what_is_new(tmp_path):
    path = write_openbci(tmp_path / "anna.txt", eeg(8, 1200), named=True)
    lines = path.read_text().splitlines()
    first = next(n for n, line in enumerate(lines) if line[0].isdigit())

    def mark(row, text):
        cells = lines[first + row].split(", ")
        lines[first + row] = ", ".join([*cells[:-2], text, cells[-1]])

    mark(0, "7.0")
    mark(1, "7.0")
    mark(2, "0")
    mark(250, "8.0")
    mark(251, "7.0")
    path.write_text("\n".join([*lines, ""]))
    whole = read_recordings(tmp_path, OpenBciReader(trial_start="[78].0"))
    assert [(one.start, one.stop) for one in whole][2:] == [(1.004, 4.0), (4.0, 4.8)]
    trials = read_recordings(tmp_path, OpenBciReader(trial_start="[78].0", trial_length=0.5))
    assert [(one.stimulus, one.start) for one in trials] == [
        ("7.0", 0.0),
        ("8.0", 1.0),
        ("7.0", 1.004),
        ("7.0", 4.0),
    ]
