import gzip
import re

import numpy as np
import pandas as pd
import pyarrow.feather
import pytest
import scipy.io
from layouts.write_columns import NAMES, eleven_values, write_text

from physio_vad.exceptions import ArgumentError, RateWarning, RatingsWarning, ReadError, UnitWarning
from physio_vad.io import ElevenColumnReader, TableReader, read_recordings

TWO = {"skin": {"modality": "skt", "unit": "C"}, "eda": {"modality": "gsr", "unit": "uS"}}


def frame(**columns):
    n_rows = max(len(column) for column in columns.values() if not np.isscalar(column))
    base = {"skin": np.full(n_rows, 33.0), "eda": np.arange(n_rows, dtype=float)}
    return pd.DataFrame(base | columns)


def read_two(path, table, **options):
    table.to_csv(path / "anna.csv", index=False)
    reader = TableReader(**({"columns": TWO, "sfreq": 4.0, "ignore": ["note"]} | options))
    return read_recordings(path, reader)


def assert_is_eleven(recording, values):
    assert {name: one.channels for name, one in recording.signals.items()} == {
        "eeg": ("F3", "F4"),
        "eog": ("EOG",),
        "eda": ("GSR",),
        "temperature": ("temperature",),
        "ppg": ("PPG",),
        "respiration": ("respiration",),
        "emg": ("EMG",),
    }
    joined = np.concatenate([one.values for one in recording.signals.values()])
    np.testing.assert_array_equal(joined, values[:, :8].T)
    assert {one.sfreq for one in recording.signals.values()} == {250.0}
    assert recording.targets == ("arousal", "dominance", "valence")
    assert recording.ratings.values.tolist() == [[2, 5, 8]]
    assert dict(recording.scale) == dict.fromkeys(recording.targets, (1.0, 9.0))


@pytest.mark.parametrize(
    "write",
    [
        lambda path, values: write_text(path / "p.csv", values),
        lambda path, values: write_text(path / "p.txt", values, None, delimiter="\t"),
        lambda path, values: write_text(
            path / "p.csv", values, [name.upper().replace("_", " ") for name in NAMES]
        ),
        lambda path, values: pd.DataFrame(values, columns=NAMES).to_parquet(path / "p.parquet"),
        lambda path, values: pyarrow.feather.write_feather(
            pd.DataFrame(values, columns=NAMES), path / "p.feather"
        ),
        lambda path, values: np.save(path / "p.npy", values),
        lambda path, values: np.save(path / "p.npy", np.asfortranarray(values.T)),
        lambda path, values: scipy.io.savemat(path / "p.mat", {"data": values, "fs": 250}),
    ],
    ids=["csv", "tab", "case", "parquet", "feather", "npy", "npy-turned", "mat"],
)
def test_eleven_columns_in_every_format(tmp_path, write):
    values = eleven_values()
    write(tmp_path, values)
    (recording,) = read_recordings(tmp_path)
    assert (recording.subject, recording.trial) == ("p", "1")
    assert_is_eleven(recording, values)


def test_the_recipe_orders_columns_without_a_header(tmp_path):
    write_text(tmp_path / "p.csv", eleven_values(), None)
    reader = ElevenColumnReader(labels=["valence", "arousal", "dominance"])
    (recording,) = read_recordings(tmp_path, reader)
    assert recording.ratings.values.tolist() == [[2, 5, 8]]
    assert recording.targets == ("valence", "arousal", "dominance")


def test_columns_in_any_order_are_found_by_name(tmp_path):
    values = eleven_values()
    order = np.random.default_rng(1).permutation(11)
    write_text(tmp_path / "p.csv", values[:, order], [NAMES[i] for i in order])
    assert_is_eleven(read_recordings(tmp_path)[0], values)


def test_eight_columns_are_read_without_ratings(tmp_path):
    write_text(tmp_path / "named.csv", eleven_values()[:, :8], NAMES[:8])
    write_text(tmp_path / "plain.csv", eleven_values()[:, :8], None)
    assert [one.ratings for one in read_recordings(tmp_path)] == [None, None]


@pytest.mark.parametrize("names", [NAMES, None])
def test_ten_columns_are_refused(tmp_path, names):
    write_text(tmp_path / "p.csv", eleven_values()[:, :10], names and names[:10])
    expected = (
        "lacks the column 'valence'"
        if names
        else "must have 11 columns .* it has 10; or the first 8 of"
    )
    with pytest.raises(ReadError, match=rf"p\.csv: {expected}"):
        read_recordings(tmp_path)


def test_an_extra_column_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"anna\.csv: nothing says what the column 'extra' is; "):
        read_two(tmp_path, frame(extra=np.zeros(8)))
    with pytest.raises(ReadError, match=r"columns 'a', 'b' are; name them .*ignore = \['\*'\]"):
        read_two(tmp_path, frame(a=np.zeros(8), b=np.zeros(8)))


def test_a_missing_label_is_not_taken_for_an_unrated_file(tmp_path):
    with pytest.raises(ReadError, match=r"lacks the column 'valence'; it has .*'valance'"):
        read_two(tmp_path, frame(valance=np.ones(8)), labels=["valence"])


def test_a_missing_sensor_of_an_unrated_file_is_all_that_is_named(tmp_path):
    unrated = pd.DataFrame({"skin": np.full(8, 33.0)})
    labels = ["valence", "arousal"]
    with pytest.raises(ReadError, match=r"lacks the column 'eda'; it has 'skin': ") as caught:
        read_two(tmp_path, unrated, labels=labels)
    assert "leave it out of columns" in str(caught.value)
    assert "--recipe" in str(caught.value)
    with pytest.raises(ReadError, match=r"lacks the column 'eda'; it has 'skin', 'EDA_left'"):
        read_two(tmp_path, unrated.assign(EDA_left=1.0), labels=labels)
    # a rated file names the label that it lacks too
    with pytest.raises(ReadError, match=r"lacks the column 'eda', 'arousal'; "):
        read_two(tmp_path, unrated.assign(valence=5.0), labels=labels)
    one = {"skin": TWO["skin"]}
    (recording,) = read_two(tmp_path, unrated, labels=labels, columns=one)
    assert (list(recording.signals), recording.ratings) == (["temperature"], None)


def test_an_unrated_file_with_another_column_is_told_how_to_go_on(tmp_path):
    with pytest.raises(ReadError, match=r"not rated, .* 'remark': ignore = \['\*'\]"):
        read_two(tmp_path, frame(remark=np.ones(8)), labels=["valence"])
    (recording,) = read_two(
        tmp_path, frame(remark=np.ones(8)), labels=["valence"], ignore=["remark"]
    )
    assert recording.ratings is None


def test_header_option_names_columns(tmp_path):
    write_text(tmp_path / "p.csv", [[0.0, 7.0, 33.0], [0.25, 8.0, 33.0]], None)
    reader = TableReader(columns=TWO, header=["time", "eda", "skin"])
    (recording,) = read_recordings(tmp_path, reader)
    assert recording.signals["eda"].values.tolist() == [[7, 8]]
    assert recording.signals["eda"].sfreq == 4


def test_varying_labels_keep_every_change_and_nothing_else(tmp_path):
    labels = np.repeat([3.0, np.nan, 4.0, 4.0], 2)
    (recording,) = read_two(tmp_path, frame(valence=labels), labels=["valence"])
    assert recording.ratings.starts.tolist() == [0, 0.5, 1]
    assert recording.ratings.stops.tolist() == [0.5, 1, 2]
    np.testing.assert_array_equal(recording.ratings.values, [[3], [np.nan], [4]])


def test_labels_that_are_all_missing_are_read_as_such(tmp_path):
    (recording,) = read_two(tmp_path, frame(valence=np.full(8, np.nan)), labels=["valence"])
    assert np.isnan(recording.ratings.values).all()


def test_labels_outside_the_scale_are_refused(tmp_path):
    table = frame(valence=[5.0, 5, 5, 11, 5, 5, 5, 5])
    with pytest.raises(ReadError, match=r"anna\.csv: .*'valence' lie outside .* 1 to 9.* 11 at"):
        read_two(tmp_path, table, labels=["valence"], scale=(1, 9))
    table = frame(valence=[5.0, 5, 5, 5, 11, 11, 11, 11], trial=["a"] * 4 + ["b"] * 4)
    said = "anna, trial b: the rating of 'valence', 11, lies outside the declared scale"
    with pytest.raises(ReadError, match=said):
        read_two(tmp_path, table, labels=["valence"], scale=(1, 9))


def test_trials_are_cut_at_changes(tmp_path):
    table = frame(
        trial=["a", "a", "b", "b", None, "a", "a", "a"],
        stimulus=["x", "x", "y", "y", "y", "x", "x", "x"],
        valence=[1.0, 1, 2, 2, 5, 3, 3, 3],
    )
    recordings = read_two(tmp_path, table, labels=["valence"])
    assert [(one.trial, one.stimulus) for one in recordings] == [
        ("a", "x"),
        ("b", "y"),
        ("a (2)", "x"),
    ]
    assert [one.signals["eda"].values[0].tolist() for one in recordings] == [
        [0, 1],
        [2, 3],
        [5, 6, 7],
    ]
    assert [one.ratings.values.tolist() for one in recordings] == [[[1]], [[2]], [[3]]]
    assert {one.start for one in recordings} == {0}


def test_one_long_file_with_many_people(tmp_path):
    table = frame(subject=np.repeat([2, 10, 1], 4), trial=np.tile([1, 1, 2, 2], 3))
    recordings = read_two(tmp_path, table)
    assert [(one.subject, one.trial) for one in recordings] == [
        (subject, trial) for subject in ("2", "10", "1") for trial in ("1", "2")
    ]
    assert {len(read_two(tmp_path, table)) for _ in range(2)} == {6}
    reader = TableReader(columns=TWO, sfreq=4.0)
    chosen = read_recordings(tmp_path, reader, subjects=["1"])
    assert [one.signals["eda"].values[0].tolist() for one in chosen] == [[8, 9], [10, 11]]


def test_a_row_without_a_subject_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"anna\.csv: row 3 names no subject"):
        read_two(tmp_path, frame(subject=["a", "a", None, "b"]))


@pytest.mark.parametrize(
    ("name", "factor"), [("time", 1), ("time_s", 1), ("Time (ms)", 1e3), ("time_us", 1e6)]
)
def test_time_units_go_by_name(tmp_path, name, factor):
    (recording,) = read_two(tmp_path, frame(**{name: factor * np.arange(8) / 5}), sfreq=None)
    assert recording.signals["eda"].sfreq == pytest.approx(5)


@pytest.mark.parametrize(("step", "unit"), [(4.0, "ms"), (1.0, "ms"), (4e3, "us"), (4e6, "ns")])
def test_a_clock_of_unknown_unit_that_gives_no_rate_of_a_sensor_is_refused(tmp_path, step, unit):
    table = frame(zeit=np.arange(8) * step)
    told = rf"anna\.csv: .* steps by {step:g}, .*time_unit = '{unit}'".replace("+", r"\+")
    with pytest.raises(ReadError, match=told):
        read_two(tmp_path, table, time="zeit", sfreq=None)
    if unit == "ns":  # taken for seconds, eight samples in a year
        with pytest.raises(ReadError, match="is empty in most of it; are the clocks the same"):
            read_two(tmp_path, table, time="zeit", sfreq=None, time_unit="s")
        return
    declared = read_two(tmp_path, table, time="zeit", sfreq=None, time_unit="s")
    assert declared[0].signals["eda"].sfreq == pytest.approx(1 / step)
    assert read_two(tmp_path, table, time="zeit", sfreq=1 / step)[0].stop == 8 * step


def test_a_wrong_rate_is_warned_about_once_per_file(tmp_path):
    table = frame(clock=np.arange(100) * 200.0, trial=np.repeat([1, 2], 50))
    with pytest.warns(RateWarning) as caught:
        recordings = read_two(tmp_path, table, time="clock", time_unit="ms")
    assert len(caught) == 1
    assert {one.signals["eda"].sfreq for one in recordings} == {5}


def test_labels_follow_the_clock_over_a_gap(tmp_path):
    table = frame(time=[0, 0.25, 0.5, 2.0, 2.25], valence=[1.0, 1, 1, 2, 2])
    (recording,) = read_two(tmp_path, table, labels=["valence"])
    assert recording.ratings.starts.tolist() == [0, 2]
    assert recording.ratings.stops.tolist() == [2, 2.5]
    assert np.isnan(recording.signals["eda"].values[0, 3:8]).all()


def test_times_that_go_back_are_named_by_their_row_in_the_file(tmp_path):
    times = np.concatenate([np.arange(6), [4, 7]]) / 4
    with pytest.raises(ReadError, match=r"anna\.csv: times must ascend, row 7 has 1 s"):
        read_two(tmp_path, frame(time=times, trial=[1, 1, 1, 2, 2, 2, 2, 2]))


def test_files_named_by_subject_and_trial(tmp_path):
    for subject in ("S2", "S10"):
        (tmp_path / subject).mkdir()
        for trial in ("rest", "film"):
            frame(note=np.ones(8)).to_csv(tmp_path / subject / f"{trial}_x.csv", index=False)
    options = {"columns": TWO, "sfreq": 4.0, "ignore": ["*"]}
    with pytest.raises(ReadError, match="holds no table"):
        read_recordings(tmp_path, TableReader(**options))
    reader = TableReader(files="{subject}/{trial}_*.csv", **options)
    assert [(one.subject, one.trial) for one in read_recordings(tmp_path, reader)] == [
        ("S2", "film"),
        ("S2", "rest"),
        ("S10", "film"),
        ("S10", "rest"),
    ]
    with pytest.raises(ReadError, match="holds no file named like"):
        read_recordings(tmp_path, TableReader(files="{subject}.xls", **options))


def test_no_rate_and_no_clock(tmp_path):
    with pytest.raises(ArgumentError, match="has no time column 'time', so the rate must be"):
        read_two(tmp_path, frame(note=np.ones(8)), sfreq=None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sfreq": 0}, "sfreq must be above 0 Hz, got 0"),
        ({"columns": {}}, "columns must say what each column is"),
        ({"columns": {"a": "eeg"}}, "column 'a' must have a modality and a unit"),
        ({"columns": {"a": {"modality": "eegg", "unit": "uV"}}}, "unknown modality 'eegg'"),
        ({"columns": {"a": {"modality": "eeg", "unit": "uS"}}}, "unknown unit of eeg 'uS'"),
        (
            {
                "columns": {
                    "a": {"modality": "eeg", "unit": "uV"},
                    "b": {"modality": "eeg", "unit": "V"},
                }
            },
            "must share one unit",
        ),
        ({"labels": "valence"}, "labels must be a list"),
        ({"labels": ["valence"], "scale": (9, 1)}, "scale must be"),
        ({"labels": ["valence"], "scale": {"arousal": (1, 9)}}, "scale must be"),
        ({"time_unit": "h"}, "time_unit must be one of"),
    ],
)
def test_options_that_cannot_be(options, expected):
    with pytest.raises(ArgumentError, match=expected):
        TableReader(**({"columns": TWO} | options))


def test_what_is_no_table_of_numbers(tmp_path):
    np.save(tmp_path / "p.npy", np.zeros((3, 3, 3)))
    with pytest.raises(ReadError, match=r"p\.npy: needs a table of numbers"):
        read_recordings(tmp_path / "p.npy")
    np.save(tmp_path / "o.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(ReadError, match=r"o\.npy: is no whole \.npy file of numbers"):
        read_recordings(tmp_path / "o.npy")
    pd.DataFrame(np.zeros((5, 11)), columns=NAMES).astype({"GSR": str}).to_parquet(
        tmp_path / "t.parquet"
    )
    with pytest.raises(ReadError, match="column GSR must hold numbers, it holds"):
        read_recordings(tmp_path / "t.parquet")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(ReadError, match=r"a\.csv\.gz: is empty"):
        read_recordings(tmp_path / "a.csv.gz")
    (tmp_path / "a.docx").write_bytes(b"1")
    with pytest.raises(ReadError, match="is no table; known endings"):
        read_recordings(tmp_path / "a.docx")


@pytest.mark.realdata
def test_physiokit_runs_at_the_rate_of_its_clock(shared_data):
    reader = TableReader(
        columns={
            "Resp": {"modality": "respiration", "unit": "a.u."},
            "PPG Finger": {"modality": "ppg", "unit": "a.u.", "channel": "finger"},
        },
        ignore=["EDA", "PPG Ear", "event_code"],
        sfreq=250.0,
        time="arduino_ts",
        time_unit="ms",
        files="{subject}/{subject}_{trial}_*_*.csv.gz",
    )
    with pytest.warns(RateWarning) as caught:
        recordings = read_recordings(shared_data / "physiokit_250hz", reader)
    assert len(caught) == len(recordings) == 8
    assert {one.subject for one in recordings} == {"P11", "P12"}
    assert {one.trial for one in recordings if one.subject == "P11"} == {"A", "B", "C", "baseline"}
    for one in recordings:
        assert 255 < one.signals["ppg"].sfreq < 276
        assert one.stop == pytest.approx(300, abs=1)
        assert np.isnan(one.signals["ppg"].values).mean() < 5e-4


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "modality", "unit"),
    [
        ("ecg", "ecg", "mV"),
        ("eda", "eda", "uS"),
        ("emg", "emg", "mV"),
        ("ppg", "ppg", "a.u."),
        ("resp", "respiration", "a.u."),
    ],
)
def test_biosppy_text_has_one_column_below_its_comments(shared_data, name, modality, unit):
    path = shared_data / "biosppy_examples" / f"{name}.txt"
    reader = TableReader(columns={"x": {"modality": modality, "unit": unit}}, sfreq=1000.0)
    (recording,) = read_recordings(path, reader)
    rows = sum(not line.startswith("#") for line in path.read_text().splitlines())
    assert recording.signals[modality].n_samples == rows
    assert np.isfinite(recording.signals[modality].values).all()
    assert recording.subject == name


@pytest.mark.parametrize("first", [0, 4])
def test_a_slower_sensor_padded_with_blanks_has_its_own_rate(tmp_path, first):
    rows = np.arange(1200)
    sampled = (rows % 15 == first) & ~((rows > 300) & (rows < 400))  # and a gap
    eda = np.where(sampled, rows / 100, np.nan)
    table = pd.DataFrame({"ppg": np.sin(rows), "eda": eda, "valence": 5})
    table.to_csv(tmp_path / "anna.csv", index=False, sep=";", decimal=",")
    reader = TableReader(
        columns={
            "ppg": {"modality": "ppg", "unit": "a.u."},
            "eda": {"modality": "eda", "unit": "uS"},
        },
        labels=["valence"],
        sfreq=60.0,
    )
    (recording,) = read_recordings(tmp_path, reader)
    fast, slow = recording.signals["ppg"], recording.signals["eda"]
    assert (fast.sfreq, fast.n_samples) == (60, 1200)
    assert (slow.sfreq, slow.n_samples, slow.start) == (4, 80, first / 60)
    kept = ~np.isnan(slow.values[0])
    np.testing.assert_allclose(slow.values[0][kept], rows[sampled] / 100)
    np.testing.assert_allclose(slow.times[kept], rows[sampled] / 60)


def test_labels_may_say_the_column_of_each_target(tmp_path):
    table = pd.DataFrame({"eda": np.arange(40.0), "Erregung": 2, "Valenz": 5})
    table.to_csv(tmp_path / "anna.csv", index=False)
    options = {"columns": {"eda": {"modality": "eda", "unit": "uS"}}, "sfreq": 4.0}
    labels = {"valence": "Valenz", "arousal": "Erregung"}
    reader = TableReader(**options, labels=labels, scale={"valence": (1, 9)})
    (recording,) = read_recordings(tmp_path, reader)
    assert recording.targets == ("valence", "arousal")
    assert recording.ratings.values.tolist() == [[5, 2]]
    assert dict(recording.scale) == {"valence": (1, 9)}
    with pytest.raises(ArgumentError, match="labels must be unique"):
        TableReader(**options, labels={"valence": "x", "arousal": "x"})
    with pytest.raises(ArgumentError, match="some of the labels"):
        TableReader(**options, labels=labels, scale={"Valenz": (1, 9)})


EDA = {"eda": {"modality": "eda", "unit": "uS"}}
RR = {"rr": {"modality": "rr", "unit": "ms"}}


def write_lines(path, head, rows):
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows), ""]))


def test_names_in_a_file_are_believed_and_header_is_for_files_without(tmp_path):
    write_lines(tmp_path / "a.csv", "eda,skin", [(7.0, 33.0), (8.0, 34.0)])
    (one,) = read_recordings(tmp_path, TableReader(columns=TWO, header=["skin", "eda"], sfreq=4))
    assert one.signals["eda"].values.tolist() == [[7, 8]]
    write_lines(tmp_path / "a.csv", "CH1,CH2", [(7.0, 33.0), (8.0, 34.0)])
    (one,) = read_recordings(tmp_path, TableReader(columns=TWO, header=["eda", "skin"], sfreq=4))
    assert one.signals["eda"].values.tolist() == [[7, 8]]
    write_lines(tmp_path / "a.csv", "skin,GSR", [(33.0, 7.0), (34.0, 8.0)])
    with pytest.raises(ReadError, match="names the columns 'skin', 'GSR', header has 'skin' at"):
        read_recordings(tmp_path, TableReader(columns=TWO, header=["eda", "skin"], sfreq=4))


def test_a_header_may_end_with_a_column_without_a_name(tmp_path):
    """As where rows and names were copied from a file whose lines end with a delimiter."""
    write_lines(tmp_path / "a.csv", "CH1,CH2", [(7.0, 33.0), (8.0, 34.0)])
    (one,) = read_recordings(
        tmp_path, TableReader(columns=TWO, header=["eda", "skin", " "], sfreq=4)
    )
    assert one.signals["eda"].values.tolist() == [[7, 8]]
    for header in (["eda"], ["eda", "skin", "x"], ["eda", "skin", "", ""]):
        with pytest.raises(ReadError, match="header must name all of them"):
            read_recordings(tmp_path, TableReader(columns=TWO, header=header, sfreq=4))


def test_labels_may_be_missing_where_the_header_names_them(tmp_path):
    write_text(tmp_path / "a.csv", [[7.0, 33.0], [8.0, 33.0]], None)
    header = ["eda", "skin", "valence"]
    reader = TableReader(columns=TWO, header=header, labels=["valence"], sfreq=4)
    assert read_recordings(tmp_path, reader)[0].ratings is None


def test_a_column_without_a_name_is_no_sensor(tmp_path):
    frame(note=np.ones(8)).to_csv(tmp_path / "a.csv")  # with the rows' numbers
    reader = TableReader(columns=TWO, sfreq=4, ignore=["note"])
    assert read_recordings(tmp_path, reader)[0].signals["eda"].n_samples == 8


def test_a_clock_of_dates_gives_rate_and_start(tmp_path):
    times = pd.date_range("2023-03-05 10:00", periods=40, freq="250ms", tz="UTC")
    pd.DataFrame({"when": times, "eda": 1.5}).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"when": times, "eda": 1.5}).to_parquet(tmp_path / "b.parquet")
    for one in read_recordings(tmp_path, TableReader(columns=EDA, time="when")):
        assert (one.signals["eda"].sfreq, one.start_time) == (4, times[0].timestamp())


def test_each_trial_knows_when_it_began(tmp_path):
    rows = [(1.6e9 + i / 4, 2.0, 1 + i // 20) for i in range(40)]
    write_lines(tmp_path / "a.csv", "time,eda,trial", rows)
    recordings = read_recordings(tmp_path, TableReader(columns=EDA))
    assert [one.start_time for one in recordings] == [1.6e9, 1.6e9 + 5]


def test_units_below_the_names_are_those_of_the_clock(tmp_path):
    (tmp_path / "a.csv").write_text("time,eda\nms,uS\n0,1\n250,2\n500,3\n")
    (one,) = read_recordings(tmp_path, TableReader(columns=EDA))
    assert one.signals["eda"].sfreq == 4


def test_people_in_turn_are_put_together_before_rates_are_looked_at(tmp_path):
    rows = [(who, i / 4, i + 100 * (who == "B")) for i in range(40) for who in "AB"]
    write_lines(tmp_path / "all.csv", "subject,time,eda", rows)
    recordings = read_recordings(tmp_path, TableReader(columns=EDA, time_unit="s"))
    assert [(one.subject, one.signals["eda"].sfreq) for one in recordings] == [("A", 4), ("B", 4)]
    assert recordings[1].signals["eda"].values[0].tolist() == list(range(100, 140))
    (only,) = read_recordings(tmp_path, TableReader(columns=EDA, time_unit="s"), subjects=["B"])
    assert only.subject == "B"


def test_people_in_turn_with_trials_of_their_own(tmp_path):
    rows = [(who, 1 + i // 20, i / 4, i) for i in range(40) for who in "AB"]
    write_lines(tmp_path / "all.csv", "subject,trial,time,eda", rows)
    recordings = read_recordings(tmp_path, TableReader(columns=EDA, time_unit="s"))
    names = [(one.subject, one.trial) for one in recordings]
    assert names == [("A", "1"), ("A", "2"), ("B", "1"), ("B", "2")]


RNG = np.random.default_rng(3)
INTERVALS = np.round(RNG.uniform(700, 900, 60))


@pytest.mark.parametrize("kind", ["with its beats", "alone", "two a message"])
def test_inter_beat_intervals_are_events(tmp_path, kind):
    beats = np.cumsum(INTERVALS) / 1000
    stamps = np.ceil(beats) if kind == "two a message" else beats
    table = pd.DataFrame({"time": stamps, "rr": INTERVALS})
    table = table[["rr"]] if kind == "alone" else table
    table.to_csv(tmp_path / "a.csv", index=False)
    (one,) = read_recordings(tmp_path, TableReader(columns=RR, time_unit="s"))
    given = one.signals["ibi"]
    np.testing.assert_array_equal(given.values, INTERVALS)
    np.testing.assert_allclose(np.diff(given.times), INTERVALS[1:] / 1000, atol=1e-9)


def test_events_beside_samples(tmp_path):
    sparse = np.full(400, np.nan)
    sparse[[10, 90, 175, 255]] = [800, 850, 800, 800]
    held = pd.Series(sparse).ffill().bfill()
    clock = np.arange(400) / 100
    for name, column in (("sparse", sparse), ("held", held)):
        table = pd.DataFrame({"time": clock, "ecg": np.sin(clock), "rr": column})
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    columns = RR | {"ecg": {"modality": "ecg", "unit": "mV"}}
    held, sparse = read_recordings(tmp_path, TableReader(columns=columns))
    assert sparse.signals["ecg"].sfreq == held.signals["ecg"].sfreq == 100
    assert sparse.signals["ibi"].values.tolist() == [800, 850, 800, 800]
    assert held.signals["ibi"].values.tolist() == [800, 850, 800]


def test_any_column_can_be_events_and_a_rate_is_none(tmp_path):
    rows = [(t, 33 + t) for t in (0.0, 3.0, 4.5, 11.0)]
    write_lines(tmp_path / "a.csv", "time,skin", rows)
    skin = {"skin": {"modality": "skt", "unit": "C", "events": True}}
    (one,) = read_recordings(tmp_path, TableReader(columns=skin, time_unit="s"))
    assert one.signals["temperature"].times.tolist() == [0, 3, 4.5, 11]
    with pytest.raises(ArgumentError, match="events need a time column"):
        read_recordings(tmp_path, TableReader(columns=skin, time="clock", ignore=["time"]))
    two = RR | {"rr2": RR["rr"]}
    with pytest.raises(ArgumentError, match="must stand in one column"):
        TableReader(columns=two)
    rate = TableReader(columns={"hr": {"modality": "hr", "unit": "bpm"}}, sfreq=1)
    write_lines(tmp_path / "a.csv", "hr", [(60.0,), (61.0,), (62.0,)])
    assert read_recordings(tmp_path, rate)[0].signals["ibi"].sfreq == 1


def test_trials_are_cut_where_the_ratings_change(tmp_path):
    ratings = np.concatenate([np.full(8, 2.0), np.full(4, np.nan), np.full(12, 8.0)])
    table = pd.DataFrame({"eda": np.arange(24.0), "valence": ratings})
    table = pd.concat([table.assign(subject=who) for who in ("A", "B")])
    table.to_csv(tmp_path / "all.csv", index=False)
    reader = TableReader(columns=EDA, labels=["valence"], sfreq=4, trial="ratings")
    recordings = read_recordings(tmp_path, reader)
    assert [(one.subject, one.trial, one.ratings.values.tolist()) for one in recordings] == [
        ("A", "1", [[2]]),
        ("A", "2", [[8]]),
        ("B", "1", [[2]]),
        ("B", "2", [[8]]),
    ]
    assert recordings[3].signals["eda"].values[0].tolist() == list(range(12, 24))


def test_a_table_of_ratings_beside_the_tables(tmp_path):
    for who in ("P1", "P2"):
        write_lines(tmp_path / f"{who}.csv", "time,eda", [(i / 4, 2.0) for i in range(40)])
    write_lines(tmp_path / "ratings.csv", "subject,valence", [("P1", 3), ("P2", 7)])
    options = {"columns": EDA, "time_unit": "s", "scale": (1, 9)}
    recordings = read_recordings(tmp_path, TableReader(**options))
    assert [(one.subject, one.ratings.values.tolist()) for one in recordings] == [
        ("P1", [[3]]),
        ("P2", [[7]]),
    ]
    assert dict(recordings[0].scale) == {"valence": (1, 9)}
    (one,) = read_recordings(tmp_path / "P2.csv", TableReader(**options))
    assert one.ratings.values.tolist() == [[7]]


def test_a_fault_of_the_ratings_beside_does_not_cost_the_recording(tmp_path):
    write_lines(tmp_path / "P1.csv", "time,eda", [(i / 4, 2.0) for i in range(40)])
    write_lines(tmp_path / "ratings.csv", "person,valence", [("P1", 3)])
    with pytest.warns(RatingsWarning, match=r"ratings\.csv: .*'subject'.* P1 is read without"):
        (one,) = read_recordings(tmp_path, TableReader(columns=EDA, time_unit="s"))
    assert (one.ratings, one.signals["eda"].n_samples) == (None, 40)


def test_ratings_in_other_kinds_of_tables(tmp_path):
    write_lines(tmp_path / "P1.csv", "time,eda", [(i / 4, 2.0) for i in range(40)])
    (tmp_path / "ratings.tsv").write_text("subject\tvalence\nP1\t3\n")
    (one,) = read_recordings(tmp_path, TableReader(columns=EDA, time_unit="s"))
    assert one.ratings.values.tolist() == [[3]]


@pytest.mark.parametrize("files", [None, "{subject}.csv"])
def test_position_is_not_trusted_where_files_with_names_have_another_order(tmp_path, files):
    table = frame(eda=[3.0, 4.0], valence=[5, 5], arousal=[2, 2])
    options = {"columns": TWO, "labels": ["valence", "arousal"], "sfreq": 4, "files": files}
    table.to_csv(tmp_path / "bare.csv", index=False, header=False)
    table.to_csv(tmp_path / "anna.csv", index=False)
    table[["skin", "eda"]].to_csv(tmp_path / "unrated.csv", index=False)
    assert len(read_recordings(tmp_path, TableReader(**options))) == 3
    table[["skin", "eda", "arousal", "valence"]].to_csv(tmp_path / "ben.csv", index=False)
    message = r"bare.csv: has no header .*skin, eda, valence, arousal.* but ben.csv .*say header ="
    with pytest.raises(ReadError, match=message):
        read_recordings(tmp_path, TableReader(**options))
    header = ["skin", "eda", "valence", "arousal"]
    people = read_recordings(tmp_path, TableReader(**options, header=header))
    rated = {one.subject: one.ratings.values[0, 0] for one in people if one.ratings}
    assert rated == {"anna": 5, "bare": 5, "ben": 5}


def test_a_unit_that_the_file_contradicts_is_told_of(tmp_path):
    rows = "33.1,4.1\n33.2,4.2\n33.1,4.0\n33.3,4.2\n"
    reader = TableReader(columns=TWO, sfreq=4)
    (tmp_path / "a.csv").write_text("skin,eda\nC,uS\n" + rows)
    read_recordings(tmp_path, reader)
    (tmp_path / "a.csv").write_text("skin,eda\nC,nS\n" + rows)
    with pytest.warns(UnitWarning, match=r"a.csv: says 'nS' for 'eda', declared as 'uS'; the decl"):
        (one,) = read_recordings(tmp_path, reader)
    assert one.signals["eda"].unit == "uS"
    pulse = {"modality": "ppg", "unit": "a.u."}
    (tmp_path / "a.csv").write_text("skin,eda,pulse (V)\nC,uS,\n" + rows.replace("\n", ",1\n"))
    read_recordings(tmp_path, TableReader(columns={**TWO, "pulse (V)": pulse}, sfreq=4))
    for name in ("Temp [F]", "Temp (F)"):
        (tmp_path / "a.csv").write_text(f"{name},eda\n{rows}")
        columns = {name: {"modality": "skt", "unit": "C"}, "eda": TWO["eda"]}
        said = rf"says 'F' for '{re.escape(name)}', declared as 'C'"
        with pytest.warns(UnitWarning, match=said):
            read_recordings(tmp_path, TableReader(columns=columns, sfreq=4))
    (tmp_path / "a.csv").write_text("skin,eda (left)\nC,nS\n" + rows)
    columns = {"skin": TWO["skin"], "eda (left)": TWO["eda"]}
    with pytest.warns(UnitWarning, match=r"says 'nS' for 'eda \(left\)', declared as 'uS'"):
        read_recordings(tmp_path, TableReader(columns=columns, sfreq=4))
