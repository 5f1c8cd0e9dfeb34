"""A proposed recipe names the right layout and can be read back."""

import numpy as np
import pandas as pd
import pytest
from layouts import write_studies
from typer.testing import CliRunner

from physio_vad import read_recordings
from physio_vad.cli.commands import app
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.study.propose import propose_recipe
from physio_vad.study.recipe import load_recipe

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
    assert 'column "strange", from 0 to 1, is not known' in (tmp_path / "r.toml").read_text()
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
    assert 'column "nr", from 0 to 199, is not known and left out; it counts the rows' in text
    assert options["columns"] == {"Puls": {"modality": "ppg", "unit": "a.u."}}


def test_without_a_clock_no_rate_is_made_up(tmp_path):
    rows = np.arange(200)
    columns = {"Atem": np.sin(rows), "drift": 500 + rows**2, "mood": np.repeat([2, 4], 100)}
    recipe, text = proposed(tmp_path, **columns)
    assert not {"sfreq", "time"} & set(recipe.layout.options)
    assert "# sfreq =" in text
    with pytest.raises(ArgumentError, match=r"rate must be declared: sfreq = .* \[layout\]"):
        read_recordings(tmp_path / "anna.csv", recipe.reader())
    assert 'a label? labels = ["mood"]' in text
    assert text.count("a label?") == 1


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
    assert "once a film or block; here they change 3 times in anna.csv\n" in text
    assert recipe.windows.label_lag == 0
    text = proposed(tmp_path, time=time, eda=2 + time, valence=still)[1]
    assert "once a film or block\n" in text


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
