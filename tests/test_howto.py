"""The how-to pages and the traps do what they say, on small data in the layouts that they name."""

import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from layouts import write_device_studies
from layouts.write_e4 import write_blocks, write_zip
from layouts.write_studies import WRITERS, wrist

from physio_vad.cli import commands as cli
from physio_vad.study.recipe import load_recipe

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(bash|toml|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIVE = DOCS / "howto" / "behind_a_sensor.py"
DROPOUTS = DOCS / "howto" / "dropouts_clocks_delays.py"


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    """Run in an empty folder."""
    plt.switch_backend("Agg")
    monkeypatch.chdir(tmp_path)
    with matplotlib.rc_context():  # pages set a style
        yield
    plt.close("all")


def run_page(path: Path) -> dict:
    """Run a page that is a script and return what it leaves."""
    return runpy.run_path(str(path), run_name="__main__")


@pytest.mark.parametrize(
    "path", sorted({*DOCS.glob("howto/*.py")} - {LIVE, DROPOUTS}), ids=lambda path: path.stem
)
def test_a_page_that_is_a_script_runs(path):
    run_page(path)


def test_live_predictions_come_near_to_those_made_afterwards():
    page = run_page(LIVE)
    both = page["both"]
    assert len(both) == 111
    apart = (page["live_table"].loc[both] - page["later"].loc[both]).abs()
    spread = page["later"].loc[both].std()
    assert (apart.median() < 0.15 * spread).all()  # the delay of a second, not another prediction
    assert page["live_table"].loc[both, "arousal"].corr(page["later"].loc[both, "arousal"]) > 0.98
    assert page["again"].stop == page["people"][6].stop
    assert page["state"]["arousal"].n_ratings == 5


def test_the_page_of_dropouts_shows_what_it_says():
    page = run_page(DROPOUTS)
    inside = page["table"].loc[71:90]
    assert inside.isna().to_numpy().all()
    assert page["late"].quality["eda"] == 0
    assert page["late"].withheld is None
    assert page["drifting"].status()["drift"].between(60, 110).all()
    assert (page["jumping"].status()["jumps"] == 1).all()
    moved = page["moved"]
    assert (moved.loc[1.0] < 0.9 * moved.loc[0.0])[["ppg", "eda"]].all()


# The numbers that each trap shows: the wrong one, and the honest one beside it.


def test_shuffled_windows():
    table = run_page(DOCS / "traps" / "shuffled_windows.py")["table"]
    wrong, honest = table.to_numpy().T
    assert (wrong > [0.3, 0.6, 0.85]).all()
    assert (np.abs(honest) < 0.1).all()


def test_learned_before_the_split():
    rows = pd.DataFrame(run_page(DOCS / "traps" / "learned_before_the_split.py")["rows"]).T
    r, rmse = rows["r_subject"], rows["rmse"]
    assert abs(rmse["scaled before"] / rmse["scaled inside"] - 1) < 0.01
    assert r["selected before"] > 0.2
    assert abs(r["selected inside"]) < 0.1
    assert rmse["ratings centred by person before"] < 0.75 * rmse["ratings as they are"]


def test_knowing_the_video():
    page = run_page(DOCS / "traps" / "knowing_the_video.py")
    known, new = page["known"], page["new"]
    rmse = known.summary().loc["valence", "rmse"]
    assert rmse < 0.7 * known.baselines.loc[("valence", "training_mean"), "rmse"]
    assert rmse > known.baselines.loc[("valence", "stimulus_mean"), "rmse"]
    assert new.skill["valence"] < 0.05


def test_tuned_on_test_people():
    studies = run_page(DOCS / "traps" / "tuned_on_test_people.py")["studies"].mean().to_numpy()
    average, best, honest = studies
    assert abs(average) < 0.05
    assert best > 0.2
    assert abs(honest) < 0.12


def test_chain_with_groups(capsys):
    page = run_page(DOCS / "traps" / "chain_with_groups.py")
    assert "ValueError: The 'groups' parameter should not be None" in capsys.readouterr().out
    known, first, r2 = page["known"], page["first"], page["r2"]
    truth = r2(page["Y"].loc[~known, "valence"].to_numpy(), page["truth"])
    assert r2(first, page["by_row"]) - truth > 0.3
    assert abs(r2(first, page["by_person"]) - truth) < 0.15
    errors = page["errors"]
    assert min(errors, key=errors.get) == "CrossFittedChain, by person"


def test_pooled_correlation():
    scores = run_page(DOCS / "traps" / "pooled_correlation.py")["scores"]
    assert scores["r"] > 0.5
    assert abs(scores["r_subject"]) < 0.1


# Pages of shell commands, recipes and Python: their blocks run in order, in one folder.


def own_columns(folder: Path) -> None:
    """Three people as the page shows them: semicolons, decimal commas, a clock in ms."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number, person in enumerate(("anna", "ben", "cleo")):
        rows = 128 * 40
        table = pd.DataFrame(
            {
                "clock_ms": np.arange(rows) * 1000 / 128,
                "Hautleitwert": 3 + np.cumsum(rng.normal(size=rows)) / 500,
                "Hauttemp": 33 + 0.01 * rng.normal(size=rows),
                "pleasant": 2 + number,
                "excited": np.where(np.arange(rows) < rows / 2, 1, 4),
            }
        )
        table.to_csv(folder / f"{person}.csv", sep=";", decimal=",", index=False)


def e4(folder: Path) -> None:
    """A zip a person, with rated blocks beside them."""
    folder.mkdir()
    rows = ""
    for person in range(3):
        write_zip(folder / f"P{person}.zip", wrist(person))
        rows += f"P{person},talk,0,120,{3 + person},6\nP{person},rest,120,240,7,{2 + person}\n"
    write_blocks(folder, rows, "valence,arousal")


def trials(path: Path, *, rated: bool = True) -> None:
    """A row a trial, as another program made it."""
    rng = np.random.default_rng(0)
    people = [(f"P{person:02d}", trial) for person in range(5) for trial in range(4)]
    table = pd.DataFrame(people, columns=["subject", "trial"])
    table["stimulus"] = [f"film_{trial}" for trial in table["trial"]]
    table["condition"] = np.where(table["trial"] % 2, "alone", "together")
    table[["pulse", "scl"]] = rng.normal([70, 3], [5, 1], (len(table), 2))
    if rated:
        table[["valence", "arousal"]] = rng.uniform(1, 9, (len(table), 2))
    table.to_csv(path, index=False)


DATA = {
    "devices": {"FOLDER": write_device_studies.shimmer},
    "own_columns": {
        "my_folder": own_columns,
        "trials.csv": trials,
        "new_trials.csv": lambda path: trials(path, rated=False),
        "groups.csv": lambda path: path.write_text("subject,group\nanna,A\nben,B\ncleo,A\n"),
    },
    "data_sets": {
        **{
            name.upper(): WRITERS[name]
            for name in ("deap", "dreamer", "amigos", "case", "wesad", "mahnob", "hku956")
        },
        "CEAP": WRITERS["ceap360vr"],
        "E4": e4,
    },
    "edf_and_xdf": {"EEG": WRITERS["eeg_files"], "XDF": WRITERS["lab_streams"]},
    "negative_skill": {"E4": WRITERS["stress_predict"]},
    "numpy_arrays": {},
    "reproduce_a_run": {},
}
"""What lies in the folder of the reader of a page."""


@pytest.mark.filterwarnings("ignore:.*straddle two ratings:physio_vad.exceptions.RatingsWarning")
@pytest.mark.parametrize("path", sorted(DOCS.glob("howto/*.md")), ids=lambda path: path.stem)
def test_the_blocks_of_a_page_run(path, tmp_path):
    shutil.copytree(ROOT / "pipelines", tmp_path / "pipelines")
    for name, write in DATA[path.stem].items():
        write(tmp_path / name)
    names: dict = {}
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    for kind, text in sorted(blocks, key=lambda one: one[0] != "toml"):  # recipes are saved first
        if kind == "toml":
            saved = tmp_path / text.split("\n", 1)[0].removeprefix("# ")
            saved.write_text(text, encoding="utf-8")
            load_recipe(saved)
        elif kind == "bash":
            for line in text.splitlines():
                call(shlex.split(line))
        else:
            exec(compile(text, path.name, "exec"), names)


def call(command: list[str]) -> None:
    """Run a line of a page in this process.

    Recipes of the project are run whole by test_pipelines.py, on the same data; here up to their
    tables. Others are run whole, in one process, with no time for looking inside.
    """
    if command[:2] == ["pip", "install"]:
        return
    name, verb, *rest = command
    assert name == "physio-vad"
    options = {"run": ["--look", "0", "--jobs", "1"], "features": ["--jobs", "1"]}.get(verb, [])
    if verb == "run" and rest[0].startswith("pipelines/"):
        recipe, data, *rest = rest[0], rest[2], *rest[3:]
        verb, options = "features", [data, "--recipe", recipe, "--jobs", "1"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, verb, *rest, *options])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    assert not stop.value.code, " ".join(command)


def test_every_part_of_a_page_is_looked_after():
    assert set(DATA) == {path.stem for path in DOCS.glob("howto/*.md")}
    traps = {path.stem for path in DOCS.glob("traps/*.py")}
    assert traps == {name.removeprefix("test_") for name in globals() if name[5:] in traps}
