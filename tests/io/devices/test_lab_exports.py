"""What AcqKnowledge and LabChart export as text and for MATLAB."""

import numpy as np
import pytest
from layouts.write_devices import (
    START,
    write_acqknowledge_mat,
    write_acqknowledge_text,
    write_labchart_mat,
    write_labchart_text,
)
from scipy.io import savemat

from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io import AcqKnowledgeReader, LabChartReader, read_recordings
from physio_vad.study.recognise import recognise

TIMES = np.arange(500) / 50
SKIN, HEART = 2 + 0.01 * TIMES, np.sin(TIMES)
CHANNELS = {("EDA - GSR100C", "microsiemens"): SKIN, ("EKG - ERS100C", "mV"): HEART}


@pytest.mark.parametrize("kind", ["text", "text with time", "mat"])
def test_acqknowledge(tmp_path, kind):
    if kind == "mat":
        write_acqknowledge_mat(tmp_path / "anna.mat", CHANNELS, 50)
    else:
        path = tmp_path / "anna.txt"
        write_acqknowledge_text(path, CHANNELS, 50, time="time" in kind)
    (one,) = read_recordings(tmp_path, "acqknowledge")
    assert (one.subject, list(one.signals)) == ("anna", ["eda", "ecg"])
    assert {(s.sfreq, s.n_samples) for s in one.signals.values()} == {(50.0, 500)}
    np.testing.assert_allclose(one.signals["eda"].values[0], SKIN, rtol=1e-5)
    np.testing.assert_allclose(one.signals["ecg"].values[0], HEART, atol=1e-5)
    assert (one.signals["eda"].unit, one.signals["ecg"].unit) == ("uS", "mV")
    assert isinstance(recognise(tmp_path), AcqKnowledgeReader)


def test_acqknowledge_names_above_units_and_channels_that_are_not_known(tmp_path):
    path = tmp_path / "anna.txt"
    channels = {**CHANNELS, ("Digital", "Volts"): HEART}
    write_acqknowledge_text(path, channels, 50, time=False)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], *lines[3:9:2], *lines[4:9:2], *lines[9:]]))
    with pytest.warns(SkippedWarning, match=r"left out: 'Digital' in 'Volts'"):
        (one,) = read_recordings(tmp_path, "acqknowledge")
    assert (one.signals["eda"].unit, one.signals["eda"].values[0, 0]) == ("uS", 2.0)
    told = AcqKnowledgeReader(channels={"Dig*": {"modality": "ppg", "unit": "V"}})
    (one,) = read_recordings(tmp_path, told)
    assert one.signals["ppg"].channels == ("Digital",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("20 msec/sample", "0 msec/sample", "interval must be a time above 0"),
        ("20 msec/sample", "20 furlong/sample", "interval must be a time above 0"),
        ("2 channels", "channels", "must name 2 channels"),
        ("CH1\tCH2", "a\tb", "no row of CH1"),
    ],
)
def test_acqknowledge_headers_that_cannot_be(tmp_path, old, new, said):
    path = write_acqknowledge_text(tmp_path / "anna.txt", CHANNELS, 50, time=False)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ReadError, match=said):
        read_recordings(path, "acqknowledge")


def test_acqknowledge_needs_a_row_of_samples(tmp_path):
    path = write_acqknowledge_text(tmp_path / "anna.txt", CHANNELS, 50, time=False)
    lines = path.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if "CH1" in line) + 2
    path.write_text("".join(lines[: first + 1]))
    (one,) = read_recordings(path, "acqknowledge")
    assert one.signals["eda"].values.tolist() == [[2.0]]
    path.write_text("".join(lines[:first]))
    with pytest.raises(ReadError, match="no row of CH1, CH2 and so on above its samples"):
        read_recordings(path, "acqknowledge")


PLAIN = {("EDA", "uS"): SKIN, ("ECG", "mV"): HEART}


@pytest.mark.parametrize("kind", ["txt", "mat"])
def test_labchart_blocks_are_joined_and_comments_begin_trials(tmp_path, kind):
    starts = (START, START + 30, START + 3600)
    path = tmp_path / f"anna.{kind}"
    if kind == "txt":
        write_labchart_text(path, PLAIN, 50, starts)
    else:
        write_labchart_mat(path, PLAIN, [50, 50], starts)
    first, second = read_recordings(tmp_path, "labchart")
    assert (first.trial, second.trial, second.start_time) == ("1", "2", START + 3600)
    found = first.signals["eda"]
    assert (found.sfreq, found.unit, first.start_time) == (50.0, "uS", START)
    np.testing.assert_allclose(found.values[0, :500], SKIN, rtol=1e-5)
    assert np.isnan(found.values[0, 500:1500]).all()
    np.testing.assert_allclose(found.values[0, 1500:], SKIN, rtol=1e-5)
    assert isinstance(recognise(tmp_path), LabChartReader)
    trial = next(iter(read_recordings(tmp_path, LabChartReader(trial_start="film"))))
    assert trial.start == (0.2 if kind == "txt" else 2.0)
    assert trial.stop == (30.2 if kind == "txt" else first.stop)  # the next one, or the end


def test_labchart_channels_keep_their_rates(tmp_path):
    channels = {("EDA", "uS"): SKIN[:100], ("ECG", "mV"): HEART}
    write_labchart_mat(tmp_path / "anna.mat", channels, [10, 50])
    (one,) = read_recordings(tmp_path, "labchart")
    assert (one.signals["eda"].sfreq, one.signals["ecg"].sfreq) == (10.0, 50.0)
    np.testing.assert_array_equal(one.signals["eda"].values[0], SKIN[:100])


def test_labchart_mat_that_does_not_fit(tmp_path):
    savemat(
        tmp_path / "a.mat",
        {
            "data": np.zeros((1, 10)),
            "datastart": [[1.0], [6.0]],
            "dataend": [[5.0], [10.0]],
            "titles": ["EDA", "ECG", "EMG"],
            "samplerate": [[4.0], [4.0]],
        },
    )
    with pytest.raises(ReadError, match="a row for each of 3 titles"):
        read_recordings(tmp_path / "a.mat", "labchart")


@pytest.mark.parametrize(
    ("start", "known"),
    [(0.0, False), (43_200.0, True), (86_400.0 * 99_999, True), (86_400.0 * 100_000, False)],
)
@pytest.mark.parametrize("kind", ["txt", "mat"])
def test_labchart_days_count_from_1970(tmp_path, kind, start, known):
    path = tmp_path / f"anna.{kind}"
    if kind == "txt":
        write_labchart_text(path, PLAIN, 50, (start,))
    else:
        write_labchart_mat(path, PLAIN, [50, 50], (start,))
    (one,) = read_recordings(tmp_path, "labchart")
    assert one.start_time == (start if known else None)


@pytest.mark.parametrize(
    ("interval", "sfreq"), [("20 ms", 50.0), ("0,02 s", 50.0), ("0.02", 50.0), ("3 s", 0.333333333)]
)
def test_labchart_intervals(tmp_path, interval, sfreq):
    path = write_labchart_text(tmp_path / "anna.txt", PLAIN, 50)
    path.write_text(path.read_text().replace("Interval=\t0.02 s", f"Interval=\t{interval}"))
    (one,) = read_recordings(tmp_path, "labchart")
    assert one.signals["eda"].sfreq == sfreq


@pytest.mark.parametrize("interval", ["0 s", "-1 s", "inf s", "soon s", "1 furlong"])
def test_labchart_intervals_that_cannot_be(tmp_path, interval):
    path = write_labchart_text(tmp_path / "anna.txt", PLAIN, 50)
    path.write_text(path.read_text().replace("Interval=\t0.02 s", f"Interval=\t{interval}"))
    with pytest.raises(ReadError, match=f"Interval= must be a time above 0, got '{interval}'"):
        read_recordings(tmp_path, "labchart")


def test_labchart_units_and_comments_of_the_second_block(tmp_path):
    content = {
        "data": np.concatenate([SKIN, HEART, SKIN, HEART])[np.newaxis],
        "datastart": [[1.0, 1001.0], [501.0, 1501.0]],
        "dataend": [[500.0, 1500.0], [1000.0, 2000.0]],
        "titles": ["EDA", "ECG"],
        "samplerate": [[50.0, 50.0], [50.0, 50.0]],
        "unittext": ["uS", "mV", "V"],
        "unittextmap": [[1.0, 1.0], [2.0, 3.0]],
        "tickrate": [[50.0, 100.0]],
        "com": [[-1.0, 2.0, 400.0, 1.0, 2.0], [-1.0, 2.0, 100.0, 1.0, 1.0], [-1, 2, 9, 1, 3]],
        "comtext": ["rest", "film"],
    }
    savemat(tmp_path / "a.mat", content)
    first, second = LabChartReader().load_parts(tmp_path / "a.mat")
    assert (first.signals["ecg"].unit, second.signals["ecg"].unit) == ("mV", "V")
    assert (first.marks, second.marks) == ([], [(1.0, 0.0, "rest"), (4.0, 0.0, "film")])
    np.testing.assert_array_equal(second.signals["ecg"].values[0], HEART)


def test_acqknowledge_says_when_it_began(tmp_path):
    path = write_acqknowledge_text(tmp_path / "anna.txt", CHANNELS, 50, time=False)
    title, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([title, "Recording on: 2020-09-13 12:26:40.250\n", *rest]))
    (one,) = read_recordings(path, "acqknowledge")
    assert one.start_time == START + 0.25
    path.write_text("".join([title, *rest]))
    assert read_recordings(path, "acqknowledge")[0].start_time is None


@pytest.mark.parametrize("columns", ["samples", "time and samples", "time, samples and notes"])
def test_labchart_columns_beside_the_samples(tmp_path, columns):
    path = write_labchart_text(tmp_path / "anna.txt", PLAIN, 50)
    lines = path.read_text().splitlines()
    rows = [line.partition("\t#")[0] for line in lines if line[0].isdigit()]
    if columns == "samples":
        rows = [row.partition("\t")[2] for row in rows]
    elif "notes" in columns:
        rows = [f"{row}\t" for row in rows]
    path.write_text("\n".join([*(line for line in lines if line[0].isalpha()), *rows, ""]))
    (one,) = read_recordings(path, "labchart")
    np.testing.assert_allclose(one.signals["eda"].values[0], SKIN, rtol=1e-5)
    np.testing.assert_allclose(one.signals["ecg"].values[0], HEART, atol=1e-5)


def test_labchart_titles_without_a_column(tmp_path):
    path = write_labchart_text(tmp_path / "anna.txt", PLAIN, 50)
    text = path.read_text().replace("EDA\tECG", "EDA\tECG\tEMG\tPPG")
    path.write_text(text.replace("10.000 mV", "10.000 mV\t10.000 mV\t10.000 V"))
    with pytest.raises(ReadError, match="has 3 columns for 4 channels"):
        read_recordings(path, "labchart")


@pytest.mark.parametrize(
    "span", [(-1.0, -1.0), (-1.0, 5.0), (0.0, 0.0), (1.0, 0.0), (501.0, 500.0)]
)
def test_labchart_channels_without_samples_are_left_out(tmp_path, span):
    content = {
        "data": SKIN[np.newaxis],
        "datastart": [[1.0], [float(span[0])]],
        "dataend": [[500.0], [float(span[1])]],
        "titles": ["EDA", "ECG"],
        "samplerate": [[50.0], [50.0]],
        "unittext": ["uS", "mV"],
        "unittextmap": [[1.0], [2.0]],
    }
    savemat(tmp_path / "a.mat", content)
    (one,) = LabChartReader().load_parts(tmp_path / "a.mat")
    assert list(one.signals) == ["eda"]
    np.testing.assert_array_equal(one.signals["eda"].values[0], SKIN)


@pytest.mark.parametrize("sfreq", [50, 400])
def test_labchart_times_are_no_channel_where_the_last_one_was_cut(tmp_path, sfreq):
    path = write_labchart_text(tmp_path / "anna.txt", PLAIN, sfreq)
    lines = path.read_text().splitlines()
    cut = [one if "=" in one else one.rpartition("\t")[0] for one in lines]
    path.write_text("\n".join(cut) + "\n")
    with pytest.raises(
        ReadError, match=f"has {len(PLAIN)} columns for {len(PLAIN)} channels and the"
    ):
        read_recordings(tmp_path, "labchart")
    path.write_text(
        "\n".join(one if "=" in one else one.partition("\t")[2] for one in lines) + "\n"
    )
    (one,) = read_recordings(tmp_path, "labchart")
    np.testing.assert_allclose(one.signals["eda"].values[0], next(iter(PLAIN.values())), rtol=1e-5)
