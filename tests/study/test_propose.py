"""A proposed recipe names the right layout and can be read back."""

import json
import re
import tomllib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from layouts import write_studies
from layouts.write_columns import NAMES, eleven_values, write_text
from typer.testing import CliRunner

from physio_vad import Feature, Modality, Recording, Signal, read_recordings, register_modality
from physio_vad.cli.commands import app
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io import READERS, Reader, Source
from physio_vad.recording.units import Conversion
from physio_vad.study.propose import propose_recipe
from physio_vad.study.recipe import load_recipe, make_recipe

TIME = np.arange(1200) / 4
EDA = 2 + np.sin(TIME / 20)

LAYOUTS = {
    "eleven_column": "eleven-column",
    "stress_predict": "empatica-e4",
    "deap": "deap",
    "dreamer": "dreamer",
    "amigos": "amigos",
    "case": "case",
    "wesad": "wesad",
    "mahnob": "mahnob",
    "ceap360vr": "ceap360vr",
    "eeg_files": "mne",
    "lab_streams": "xdf",
    "opensignals": "opensignals",
}


@pytest.mark.parametrize(("study", "layout"), LAYOUTS.items())
def test_layouts_are_recognised(tmp_path, study, layout):
    write_studies.WRITERS[study](tmp_path / "data")
    (tmp_path / "recipe.toml").write_text(propose_recipe(tmp_path / "data"))
    assert load_recipe(tmp_path / "recipe.toml").layout.name == layout


@pytest.mark.parametrize("clock", ["timestamp", "clock_ms"])
def test_columns_are_guessed_by_name_clock_and_range(tmp_path, clock):
    rows = "".join(
        f"{4 * i};{2 + i % 5};{33 + i % 2};{i % 7};{0.5 * (i % 3)};{5};{i % 9 + 1}\n"
        for i in range(2000)
    )
    head = "timestamp;GSR_left;wrist;PPG;strange;valence;arousal\n"
    head = head.replace("timestamp", clock)
    (tmp_path / "anna.csv").write_text(head + rows)
    result = CliRunner().invoke(app, ["init", str(tmp_path), "--out", str(tmp_path / "r.toml")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "r.toml").read_text() in result.output, "shown as it is saved"
    recipe = load_recipe(tmp_path / "r.toml")
    assert recipe.layout.options == {
        "time": clock,
        "time_unit": "ms",
        "labels": ["valence", "arousal"],
        "scale": {"valence": [1, 5], "arousal": [1, 9]},
        "ignore": ["*"],
        "columns": {
            "GSR_left": {"modality": "eda", "unit": "uS"},
            "wrist": {"modality": "temperature", "unit": "C"},
            "PPG": {"modality": "ppg", "unit": "a.u."},
        },
    }
    assert (
        'column "strange" is left out: from 0 to 1, is not known'
        in (tmp_path / "r.toml").read_text()
    )
    (tmp_path / "r.toml").rename(tmp_path.parent / f"{tmp_path.name}.toml")
    (recording,) = read_recordings(tmp_path, recipe.reader())
    assert (recording.subject, recording.signals["eda"].sfreq) == ("anna", 250)
    again = CliRunner().invoke(app, ["init", str(tmp_path), "--out", str(tmp_path / "anna.csv")])
    assert again.exit_code != 0


def proposed(tmp_path, **columns):
    pd.DataFrame(columns).to_csv(tmp_path / "anna.csv", index=False)
    (tmp_path / "r.toml").write_text(propose_recipe(tmp_path / "anna.csv"))
    return load_recipe(tmp_path / "r.toml"), (tmp_path / "r.toml").read_text()


@pytest.mark.parametrize(
    ("first", "step", "unit"),
    [(0.0, 0.004, "s"), (0, 4, "ms"), (1.7e9, 0.004, "s"), (1.7e12, 4, "ms"), (0, 1000, "us")],
)
def test_a_clock_is_known_by_its_numbers(tmp_path, first, step, unit):
    rows = np.arange(200)
    recipe, text = proposed(tmp_path, nr=rows, wann=first + rows * step, Puls=np.sin(rows))
    options = recipe.layout.options
    assert (options["time"], options["time_unit"]) == ("wann", unit)
    assert 'column "nr" is left out: from 0 to 199, is not known; it counts the rows' in text
    assert options["columns"] == {"Puls": {"modality": "ppg", "unit": "a.u."}}


@pytest.mark.parametrize("clock", [{}, {"time": TIME}])
def test_each_comment_with_a_value_can_be_set(tmp_path, clock):
    write_table(tmp_path / "a.csv", **clock, eda=EDA, valence=np.repeat([3, 4, 5, 6], 300))
    text = propose_recipe(tmp_path)
    lines = re.findall(r"^# (?:\w+|\"[^\"]+\") = .*", text, re.MULTILINE)
    assert len(lines) >= 2
    for line in lines:
        make_recipe(tomllib.loads(text.replace(line, line[2:])))


def test_without_a_clock_no_rate_is_made_up(tmp_path):
    rows = np.arange(200)
    columns = {"Atem": np.sin(rows), "drift": 500 + rows**2, "mood": np.repeat([2, 4], 100)}
    recipe, text = proposed(tmp_path, **columns)
    assert not {"sfreq", "time"} & set(recipe.layout.options)
    assert "add sfreq = the rate in Hz" in text
    with pytest.raises(ArgumentError, match=r"rate must be declared: sfreq = .* \[layout\]"):
        read_recordings(tmp_path / "anna.csv", recipe.reader())
    assert 'a label? labels = ["mood"]' in text
    assert text.count("a label?") == 1


def test_without_a_rate_trials_by_ratings_are_a_hint_and_the_scale_is_said_to_be_a_guess(tmp_path):
    rows = np.arange(400)
    _, text = proposed(tmp_path, eda=3 + np.sin(rows / 20), valence=np.repeat([2, 4, 3, 5], 100))
    assert '\n# trial = "ratings"\n' in text
    assert "# the scale is guessed from anna.csv alone" in text


def test_nothing_that_can_be_read(tmp_path):
    with pytest.raises(ReadError, match="holds nothing that a layout reads"):
        propose_recipe(tmp_path)
    with pytest.raises(ReadError, match="there is no such"):
        propose_recipe(tmp_path / "none")


@pytest.mark.realdata
def test_a_real_table(shared_data, tmp_path):
    text = propose_recipe(shared_data / "physiokit_250hz" / "P11")
    (tmp_path / "r.toml").write_text(text)
    recipe = load_recipe(tmp_path / "r.toml")
    assert recipe.layout.options["time"] == "arduino_ts"
    kinds = {name: one["modality"] for name, one in recipe.layout.options["columns"].items()}
    assert kinds == {
        "EDA": "eda",
        "Resp": "respiration",
        "PPG Finger": "ppg",
        "PPG Ear": "ppg",
    }


def test_ratings_that_change_are_told_of_where_the_lag_is_set(tmp_path):
    time, still = np.arange(400) / 50, np.full(400, 5)
    recipe, text = proposed(tmp_path, time=time, eda=2 + time, valence=np.arange(400) // 100 + 1)
    assert "per film or block; here they change 3 times in anna.csv\n" in text
    assert recipe.windows.label_lag == 0
    text = proposed(tmp_path, time=time, eda=2 + time, valence=still)[1]
    assert "per film or block\n" in text


def test_options_without_a_value_come_with_an_example(tmp_path):
    write_studies.WRITERS["stress_predict"](tmp_path / "data")
    text = propose_recipe(tmp_path / "data")
    assert '# targets = ["valence", "arousal"]' in text
    assert "# scale = [1.0, 9.0]" in text
    assert "without ratings:" not in text


def test_what_looking_finds_odd_is_said_in_a_line(tmp_path):
    write_studies.WRITERS["stress_predict"](tmp_path / "data")
    (tmp_path / "data" / "blocks.csv").rename(tmp_path / "data" / "ratings.csv")
    result = CliRunner().invoke(app, ["init", str(tmp_path / "data"), "--out", str(tmp_path / "r")])
    assert result.exit_code == 0, result.output


def test_german_ratings_get_the_names_that_reports_know(tmp_path):
    time = np.arange(400) / 50
    recipe, _ = proposed(
        tmp_path, time=time, eda=2 + time, Valenz=5 + 0 * time, liking=3 + 0 * time
    )
    assert recipe.layout.options["labels"] == {"valence": "Valenz", "liking": "liking"}
    assert recipe.layout.options["scale"] == {"valence": [1, 5], "liking": [1, 5]}
    (recording,) = read_recordings(tmp_path / "anna.csv", recipe.reader())
    assert recording.targets == ("valence", "liking")


def layout_of(folder):
    text = propose_recipe(folder)
    return tomllib.loads(text)["layout"], text


def write_table(path, **columns):
    pd.DataFrame(columns).to_csv(path, index=False)


@pytest.mark.parametrize(
    ("name", "values", "unit"),
    [
        ("GSR (kOhm)", 1000 / EDA, "kohm"),
        ("EDA [nS]", 1000 * EDA, "nS"),
        ("Skin Conductance uSiemens", EDA, "uS"),
        ("left (µS)", EDA, "uS"),
        ("gsr_kohm", 1000 / EDA, "kohm"),
    ],
)
def test_the_unit_in_a_name_is_believed(tmp_path, name, values, unit):
    write_table(tmp_path / "a.csv", **{"time": TIME, name: values})
    layout, _ = layout_of(tmp_path)
    assert layout["columns"][name] == {"modality": "eda", "unit": unit}


def test_the_row_of_units_is_believed(tmp_path):
    rows = "".join(f"{t},{e},{e}\n" for t, e in zip(1000 * TIME, 1000 * EDA, strict=True))
    (tmp_path / "a.csv").write_text("t,eda,x\nms,nS,\n" + rows)
    layout, text = layout_of(tmp_path)
    assert (layout["time_unit"], layout["columns"]["eda"]["unit"]) == ("ms", "nS")
    assert "a row of units, rows from line 3" in text


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("age", 28, 28.5),
        ("AF3 Theta", 0, 40),
        ("EEG alpha", 0, 40),
        ("humidity", 33, 34),
        ("room temp", 22, 23),
        ("wrist (kPa)", 33, 34),
        ("GSR RAW (no units)", 100, 200),
        ("ECG quality", 0, 1),
        ("x", 33, 34),
    ],
)
def test_a_name_or_unit_that_says_something_else_is_believed(tmp_path, name, low, high):
    values = np.linspace(low, high, 1200) + np.sin(TIME) / 100
    write_table(tmp_path / "a.csv", **{"time": TIME, "eda": EDA, name: values})
    layout, text = layout_of(tmp_path)
    assert list(layout["columns"]) == ["eda"]
    assert f'# column "{name}" is left out: from ' in text


def test_every_column_without_a_part_is_named_with_the_reason(tmp_path):
    columns = {"time": TIME, "eda": EDA, "GSR raw (no units)": 100 * EDA, "gsr_ohm": 1e6 / EDA}
    write_table(tmp_path / "a.csv", **columns, remark="calm", empty=np.nan)
    layout, text = layout_of(tmp_path)
    assert list(layout["columns"]) == ["gsr_ohm"], "the unit that the file says"
    for said in (
        '"eda" is left out: from 1 to 3; unit by its numbers: check it, in uS: eda is taken from '
        "'gsr_ohm' in ohm",
        "knows no unit 'no units'",
        '"remark" is left out: it holds words',
        '"empty" is left out: it is empty',
    ):
        assert said in text


def test_a_cell_that_stands_for_missing_does_not_make_a_column_of_words(tmp_path):
    column = pd.Series(EDA).astype(str)
    column[700] = "-"
    write_table(tmp_path / "a.csv", time=TIME, eda=column)
    assert list(layout_of(tmp_path)[0]["columns"]) == ["eda"]


def test_the_electrodes_of_the_10_10_system_are_eeg(tmp_path):
    names = [
        "Fp1",
        "Fpz",
        "AF7",
        "AFz",
        "F9",
        "FT7",
        "FC3",
        "C1",
        "Cz",
        "T8",
        "TP9",
        "TP10",
        "CPz",
        "P1",
        "PO7",
        "POz",
        "Oz",
        "Iz",
        "M1",
        "RAW_TP10",
    ]
    write_table(tmp_path / "a.csv", time=TIME, **dict.fromkeys(names, 20 * np.sin(TIME)))
    layout, _ = layout_of(tmp_path)
    assert layout["columns"] == {name: {"modality": "eeg", "unit": "uV"} for name in names}


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("time_min", TIME / 60, "min"),
        ("Time (min)", TIME / 60, "min"),
        ("Timestamp [ns]", 1.6e18 + 1e9 * TIME, "ns"),
        ("X_Timestamp_Unix_CAL", 1.6e12 + 1e3 * TIME, "ms"),
        ("TimeStamp", pd.Timestamp("2023-03-25 23:59") + pd.to_timedelta(TIME, "s"), None),
    ],
)
def test_clocks_of_any_kind_are_proposed_and_can_be_read(tmp_path, name, cells, expected):
    write_table(tmp_path / "a.csv", **{name: cells, "eda": EDA})
    layout, text = layout_of(tmp_path)
    assert (layout["time"], layout.get("time_unit")) == (name, expected)
    assert "gives 4 Hz" in text
    (tmp_path / "r.toml").write_text(text)
    (one,) = read_recordings(tmp_path / "a.csv", load_recipe(tmp_path / "r.toml").reader())
    assert one.signals["eda"].sfreq == pytest.approx(4)


def test_dates_are_a_clock_whatever_they_are_called(tmp_path):
    when = pd.Timestamp("2023-06-09 13:10:22") + pd.to_timedelta(TIME, "s")
    write_table(tmp_path / "a.csv", Messung=when, eda=EDA, note="x")
    layout, text = layout_of(tmp_path)
    assert layout["time"] == "Messung"
    assert "by its dates, which rise steadily: check it" in text


def test_a_long_table_has_one_clock_for_all(tmp_path):
    write_table(
        tmp_path / "a.csv", subject=np.repeat(["A", "B"], 600), time=np.tile(TIME[:600], 2), eda=EDA
    )
    layout, text = layout_of(tmp_path)
    assert layout["time"] == "time"
    assert "the column subject is used as what its name says" in text


def test_intervals_need_no_clock(tmp_path):
    rng = np.random.default_rng(0)
    write_table(tmp_path / "a.csv", RR=np.round(rng.uniform(700, 900, 300)))
    layout, text = layout_of(tmp_path)
    assert layout["columns"] == {"RR": {"modality": "ibi", "unit": "ms"}}
    assert "none is needed" in text


def test_ratings_that_stay_long_make_trials(tmp_path):
    write_table(tmp_path / "a.csv", time=TIME, eda=EDA, valence=np.repeat([2, 8, 5], 400))
    layout, text = layout_of(tmp_path)
    assert layout["trial"] == "ratings"
    (tmp_path / "r.toml").write_text(text)
    reader = load_recipe(tmp_path / "r.toml").reader()
    assert [one.trial for one in read_recordings(tmp_path / "a.csv", reader)] == ["1", "2", "3"]
    write_table(tmp_path / "a.csv", time=TIME, eda=EDA, valence=np.repeat([2, 8] * 300, 2))
    assert "trial" not in layout_of(tmp_path)[0]


def test_every_file_is_looked_into(tmp_path):
    for name in ("P1", "P2", "P10"):
        write_table(tmp_path / f"{name}.csv", time=TIME, eda=EDA)
    write_table(tmp_path / "P11.csv", time=TIME, gsr=EDA)
    (tmp_path / "P12.csv").write_bytes(b"")
    write_table(tmp_path / "ratings.csv", subject=["P1"], valence=[3])
    _, text = layout_of(tmp_path)
    assert "guessed from P1.csv" in text
    assert "# 3 of 5 files agree with it.\n" in text
    assert "# other: P11.csv has no 'eda'\n" in text
    assert "# other: P12.csv" in text
    assert "ratings.csv beside is taken for the ratings of all files" in text


@pytest.mark.parametrize("pattern", ["{}/{}.csv", "{}_{}.csv"])
def test_a_file_a_sensor_becomes_one_recording_a_person(tmp_path, pattern):
    for who in ("P1", "P2"):
        for sensor, columns in (
            ("gsr", {"value": EDA}),  # the name of the file says what it is
            ("skin", {"temp_C": 33 + EDA / 10}),
            ("notes", {"remark": np.zeros(len(TIME))}),
        ):
            path = tmp_path / pattern.format(who, sensor)
            path.parent.mkdir(exist_ok=True)
            write_table(path, time=TIME, **columns)
    write_table(tmp_path / "ratings.csv", subject=["P1", "P2"], valence=[3, 4])
    layout, text = layout_of(tmp_path)
    wanted = pattern.replace("{}", "{subject}", 1)
    assert layout["files"] == {
        one: wanted.format(one, subject="{subject}") for one in ("gsr", "skin")
    }
    assert f"# {wanted.format('notes', subject='{subject}')}: of 2 of 2 people; left out" in text
    (tmp_path / "r.toml").write_text(text)
    recordings = read_recordings(tmp_path, load_recipe(tmp_path / "r.toml").reader())
    assert [(one.subject, set(one.signals)) for one in recordings] == [
        ("P1", {"eda", "temperature"}),
        ("P2", {"eda", "temperature"}),
    ]
    assert [float(one.ratings.values[0, 0]) for one in recordings] == [3.0, 4.0]


def test_files_with_the_same_columns_are_trials(tmp_path):
    for who in ("P1", "P2"):
        (tmp_path / who).mkdir()
        for trial in ("film", "rest"):
            write_table(tmp_path / who / f"{trial}.csv", time=TIME, eda=EDA)
    assert layout_of(tmp_path)[0]["files"] == "{subject}/{trial}.csv"


def test_the_scale_is_that_of_all_files(tmp_path):
    for name, low, high in (("P1", 2, 5), ("P2", 1, 4), ("P3", 3, 8)):
        rated = np.resize(np.repeat([low, high], 40), len(TIME))
        write_table(tmp_path / f"{name}.csv", time=TIME, eda=EDA, valence=rated)
    write_table(tmp_path / "P4.csv", time=TIME, eda=EDA)
    layout, text = layout_of(tmp_path)
    assert layout["scale"] == {"valence": [1, 9]}, "P1 alone says 1 to 5"
    assert "# the scale is guessed from the ratings of 3 files:" in text
    write_table(tmp_path / "P5.csv", time=TIME, eda=EDA, valence=np.full(len(TIME), 60))
    assert layout_of(tmp_path)[0]["scale"] == {"valence": [0, 100]}


def test_tables_in_folders_of_their_own(tmp_path):
    for who in ("P1", "P2"):
        (tmp_path / who).mkdir()
        write_table(tmp_path / who / "signals.csv", time=TIME, eda=EDA)
    layout, text = layout_of(tmp_path)
    assert layout["files"] == "{subject}/signals.csv"
    (tmp_path / "r.toml").write_text(text)
    reader = load_recipe(tmp_path / "r.toml").reader()
    assert [one.subject for one in read_recordings(tmp_path, reader)] == ["P1", "P2"]


def test_names_and_rate_beside_a_table(tmp_path):
    np.savetxt(tmp_path / "sub-01_physio.tsv", np.column_stack([EDA, EDA + 30]), delimiter="\t")
    said = {"SamplingFrequency": 4, "Columns": ["eda", "temperature"]}
    (tmp_path / "sub-01_physio.json").write_text(json.dumps(said))
    layout, _ = layout_of(tmp_path)
    assert (layout["sfreq"], list(layout["columns"])) == (4, ["eda", "temperature"])


@pytest.mark.parametrize("end", ["avro", "xlsx", "json", "edf", "zip"])
def test_a_file_that_nothing_reads_gets_no_layout(tmp_path, end):
    (tmp_path / f"anna.{end}").write_bytes(b"Obj\x01 0123456789\n")
    with pytest.raises(ReadError):
        propose_recipe(tmp_path / f"anna.{end}")


def test_a_layout_is_known_by_its_content_not_its_file_names(tmp_path):
    (tmp_path / "P1").mkdir()
    stamps = 1_600_000_000_000_000 + np.arange(1200) * 250_000
    write_table(tmp_path / "P1" / "EDA.csv", unix_timestamp=stamps, eda=EDA)
    assert layout_of(tmp_path)[0]["name"] == "embraceplus"
    write_table(tmp_path / "P1" / "EDA.csv", time=stamps, eda=EDA)
    layout, text = layout_of(tmp_path)
    assert (layout["name"], layout["time_unit"]) == ("table", "us")
    assert "# no empatica-e4: " in text


def test_nothing_is_written_where_no_column_could_be_told(tmp_path):
    write_table(tmp_path / "a.csv", time=TIME, Kanal=EDA)
    result = CliRunner().invoke(app, ["init", str(tmp_path), "--out", str(tmp_path / "r.toml")])
    assert result.exit_code != 0
    assert isinstance(result.exception, ArgumentError)
    assert 'column "Kanal" is left out' in result.output
    assert not (tmp_path / "r.toml").exists()


class Pupil(Modality):
    """A modality of somebody else."""

    name = "third_eye"
    unit = "mm"
    units: ClassVar = {"mm": Conversion()}
    column_pattern = r"third_eye.*"
    features = (Feature("mean", "mm", "mean"),)

    def prepare(self, signal, others):
        return signal

    def compute(self, prepared, starts, stops):
        return {"mean": np.zeros(len(starts))}


@dataclass(frozen=True)
class NotesReader(Reader):
    """A layout of somebody else."""

    name: ClassVar[str] = "notes"

    def find(self, path):
        return [Source((one,), one.stem) for one in path.glob("*.note")]

    def read(self, source):
        values = np.array(source.files[0].read_text().split(), dtype=float)
        yield Recording(source.subject, {"eda": Signal(values, 4.0, "uS")})


def test_what_is_registered_from_outside_is_known(tmp_path):
    register_modality(Pupil)
    write_table(tmp_path / "a.csv", time=TIME, third_eye_left=3 + EDA)
    layout, _ = layout_of(tmp_path)
    assert layout["columns"] == {"third_eye_left": {"modality": "third_eye", "unit": "mm"}}
    READERS["notes"] = NotesReader
    (tmp_path / "b.note").write_text("1 2 3")
    assert layout_of(tmp_path)[0]["name"] == "notes"
    (tmp_path / "b.note").write_text("one two")
    assert layout_of(tmp_path)[0]["name"] == "table"


def test_the_order_of_eleven_columns_without_a_header_is_said(tmp_path):
    write_text(tmp_path / "a.csv", eleven_values(), None)
    layout, text = layout_of(tmp_path)
    assert layout["name"] == "eleven-column"
    assert f"in this order: {', '.join(NAMES)};" in text


def test_a_file_with_names_is_asked_before_one_without(tmp_path):
    values = [[i % 7 + 0.5] * 8 + [5, 4, 3] for i in range(300)]
    names = ["eda", *"bcdefgh", "arousal", "dominance", "valence"]
    pd.DataFrame(values).to_csv(tmp_path / "a.csv", header=False, index=False)
    pd.DataFrame(values, columns=names).to_csv(tmp_path / "b.csv", index=False)
    text = propose_recipe(tmp_path)
    assert 'name = "table"' in text
    assert "2 of 2 files agree with it" in text
    assert '"eda" = { modality = "eda"' in text


def write_people(folder, orders):
    """Write a file a person, with names in the given order; None for names left out."""
    rows = pd.DataFrame({"EEG1": 9.0, "GSR": 3.0, "valence": 5, "arousal": 2}, range(300))
    rows["EEG1"] += np.arange(300) % 7
    for i, order in enumerate(orders):
        part = rows[list(order or rows)]
        part.to_csv(folder / f"p{i}.csv", index=False, header=order is not None)


def test_names_of_files_with_a_header_are_proposed_for_those_without(tmp_path):
    write_people(tmp_path, [["EEG1", "GSR", "valence", "arousal"], None, None])
    layout, text = layout_of(tmp_path)
    assert layout["header"] == ["EEG1", "GSR", "valence", "arousal"]
    assert "of p1.csv and 1 more, without names" in text
    assert layout["columns"]["EEG1"]["modality"] == "eeg"
    assert "3 in every row" in text
    assert "add sfreq = the rate" in text
    text = text.replace("[layout]\n", "[layout]\nsfreq = 4.0\n")
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    people = read_recordings(tmp_path, load_recipe(tmp_path / "r.toml").reader())
    assert [one.signals["eda"].values.mean() for one in people] == [3, 3, 3]


def test_no_order_is_proposed_where_files_with_names_differ(tmp_path):
    orders = [["EEG1", "GSR", "valence", "arousal"], ["GSR", "EEG1", "arousal", "valence"], None]
    write_people(tmp_path, orders)
    layout, text = layout_of(tmp_path)
    assert "header" not in layout
    assert "# p2.csv without names, and those with names differ in order" in text


@pytest.mark.parametrize(
    "name", ["EEG1", "eeg_2", "EMG3", "GSR1", "Temp 1", "PPG2", "infrared", "ECG1"]
)
def test_numbered_sensors_are_known(tmp_path, name):
    values = 33 + np.random.default_rng(0).normal(size=200)
    pd.DataFrame({"time": np.arange(200) / 4, name: values}).to_csv(tmp_path / "a.csv", index=False)
    assert name in layout_of(tmp_path)[0]["columns"]
