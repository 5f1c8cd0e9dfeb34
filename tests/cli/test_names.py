"""Names are data: whatever people, trials, targets, stimuli, channels and folders are called."""

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from physio_vad import Ratings, Recording, Signal
from physio_vad.cli import commands as cli
from physio_vad.evaluation import Evaluation
from physio_vad.io import READERS, Reader
from physio_vad.io.base import Source
from physio_vad.study import steps
from physio_vad.study.steps import StudyTables
from physio_vad.visible import visible

NAMES = (
    "anna",
    "$x$",
    "$\\frac{1}{$",
    "a$b",
    "[bold]",
    "[/]",
    "[red]x[/red]",
    'o\'neil "jr"',
    "two\nlines",
    "tab\there",
    "\x1b[2J\x07",
    "\u202eabc\u202c",
    "心 ощущение שלום",
    "😀",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "a,b;c",
    "{0} %s {{x}}",
    "__class__",
    "x" * 250,
)


def recording(subject, trial="1", stimulus=None, channel="0", targets=("valence",)):
    rng = np.random.default_rng(len(subject))
    eda = Signal(5 + rng.normal(0, 0.1, (1, 80)).cumsum(axis=1), 4.0, "uS", channels=[channel])
    values = rng.uniform(1, 9, (4, len(targets)))
    ratings = Ratings.series(np.arange(4) * 5.0, values, targets=targets)
    return Recording(subject, {"eda": eda}, ratings, trial=trial, stimulus=stimulus)


PLACES = {
    "subject": [recording(name) for name in NAMES],
    "trial": [recording(who, trial=name) for who in "abc" for name in NAMES],
    "stimulus": [
        recording(who, trial=str(n), stimulus=name) for who in "abc" for n, name in enumerate(NAMES)
    ],
    "channel": [
        recording(who, trial=str(n), channel=name) for who in "abc" for n, name in enumerate(NAMES)
    ],
    "target": [recording(who, targets=NAMES) for who in "abc"],
}


@dataclass(frozen=True)
class Given(Reader):
    """The recordings of a place."""

    name = "given"
    place: str = "subject"

    def find(self, path: Path) -> list[Source]:
        return [Source((path / "data.bin",))]

    def read(self, source):
        yield from PLACES[self.place]


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    monkeypatch.setitem(READERS, "given", Given)


def run(tmp_path: Path, place: str, out: Path) -> str:
    """Run a study from the shell, and give what it said."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data.bin").write_bytes(b"")
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        f'[layout]\nname = "given"\nplace = "{place}"\n[windows]\nlength = 5.0\n'
        '[features]\nmodalities = ["eda"]\n[model]\nestimator = "ridge"\n'
        '[evaluation]\ncv = "grouped-k-fold"\n'
    )
    command = ["run", recipe, "--data", tmp_path / "data", "--out", out, "--jobs", "1"]
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(sys, "argv", ["physio-vad", *map(str, command), "--look", "0"])
        with contextlib.redirect_stderr(said), pytest.raises(SystemExit) as stop:
            cli.main()
    assert stop.value.code == 0, said.getvalue()
    return said.getvalue()


@pytest.mark.parametrize("place", PLACES)
def test_names_come_through_a_run_as_they_are(place, tmp_path):
    said = run(tmp_path, place, out := tmp_path / "out")
    assert "could not be made" not in said
    assert "\x1b[2J" not in said
    tables = StudyTables.load(out)
    evaluation = Evaluation.load(out / "evaluations" / "multioutput")
    found = {
        "subject": lambda: list(tables.X.index.unique("subject")),
        "trial": lambda: list(tables.X.index.unique("trial")),
        "stimulus": lambda: list(evaluation.predictions["stimulus"].unique()),
        "target": lambda: list(evaluation.targets),
        "channel": lambda: list(NAMES),
    }[place]()
    assert found == list(NAMES)
    if place == "target":
        assert set(pd.read_csv(out / "summary.csv")["target"]) == set(NAMES)
        for name in ("[bold]", "$x$", "[/]"):
            assert name in said
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert not any(mark in page for mark in "\x1b\x07\u202e")
    assert len(list(out.glob("*.png"))) == 2


@pytest.mark.parametrize("name", [name for name in NAMES if "/" not in name])
def test_folders_may_have_any_name(name, tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "run", _save_nothing)
    said = run(tmp_path, "subject", tmp_path / name)
    assert visible(str(tmp_path / name / "model.joblib")) in said


def _save_nothing(recipe, data, out, *args, **options):
    """Stand for a run: only what is said about its folder matters here."""
    out.mkdir(exist_ok=True)  # it holds the lock of the run
    (out / "model.joblib").write_bytes(b"")
    y = pd.DataFrame({"valence": [1.0]}, _index())
    X = pd.DataFrame({"eda__scl_mean": [1.0]}, _index())
    summary = pd.DataFrame(
        columns=["skill"], index=pd.MultiIndex.from_arrays([[], []], names=["target", "what"])
    )
    return StudyTables(X, y, recipe), summary, {}


def _index():
    return pd.MultiIndex.from_tuples([("a", "1", 0)], names=["subject", "trial", "window"])


def test_a_report_that_fails_costs_only_itself(tmp_path, monkeypatch):
    def fail(*args, **options):
        raise ZeroDivisionError("no report")

    monkeypatch.setattr("physio_vad.report.write_report", fail)
    said = " ".join(run(tmp_path, "subject", out := tmp_path / "out").split())
    assert "the report could not be made (ZeroDivisionError: no report)" in said
    there = {path.name for path in out.iterdir()}
    assert {"model.joblib", "summary.csv", "features.parquet", "scores.png"} <= there
    assert "report.html" not in there
