"""The report from the command line, simulated and real people."""

import sys
from dataclasses import replace

import pytest

from physio_vad.cli import commands as cli
from physio_vad.evaluation import Evaluation
from physio_vad.explain import Explanation, rmse_increase
from physio_vad.study.steps import StudyTables

EXTRA = [
    "Signal quality and missing data",
    "What the model looks at",
    "Without and with one modality alone",
    "Cost",
]


def call(*arguments: object) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["physio-vad", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    assert call("simulate", folder / "data", "--subjects", 4, "--minutes", 1) == 0
    assert call("features", folder / "data", "--out", folder / "tables", "--jobs", 1) == 0
    made = StudyTables.load(folder / "tables")
    few = replace(made, X=made.X.filter(regex="^(eda|ppg)__"))  # two show as much as seven
    few.save(folder / "tables")
    return folder / "tables"


def test_evaluate_writes_the_report_where_it_is_asked_to(tables, tmp_path, parse, capsys) -> None:
    report = tmp_path / "here" / "r.html"
    command = ("evaluate", tables, "--out", tmp_path / "e", "--model", "multioutput")
    command += ("--jobs", 1)
    assert call(*command, "--report", report) == 0
    page = parse(report.read_text(encoding="utf-8"))
    assert page.texts["h2"][-4:] == EXTRA
    recipe = page.tables["Recipe"]["value"]
    assert recipe[["windows length", "model name"]].tolist() == ["10.0", '"multioutput"']
    said = capsys.readouterr().out
    assert "training mean: the mean of all ratings on the training side" in said
    assert not (tmp_path / "e" / "report.html").exists()
    again = tmp_path / "again.html"
    folder = tmp_path / "e" / "evaluations" / "multioutput"
    assert call("report", folder, "--out", again, "--person", "S02", "--person", "S04") == 0
    chosen = parse(again.read_text(encoding="utf-8"))
    assert chosen.texts["h2"] == page.texts["h2"]
    rows = chosen.tables["The people drawn"].index
    assert list(rows.str[:3].unique()) == ["S02", "S04"]
    assert call(*command, "--look", 0) == 0
    short = parse((tmp_path / "e" / "report.html").read_text(encoding="utf-8"))
    assert "Without and with one modality alone" not in short.texts["h2"]
    assert any("Left out: importance by modality" in text for text in short.texts["p"])


@pytest.mark.realdata
@pytest.mark.slow
def test_stress_predict(shared_data, tmp_path, parse) -> None:
    """Twenty real people: a clock, the timetable they all share, beats the signals."""
    recipe = "pipelines/stress_predict.toml"
    data = shared_data / "stress_predict_e4"
    patient = ("--jobs", 1, "--look", 900)
    assert call("run", recipe, "--data", data, "--out", tmp_path, *patient) == 0
    page = parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert page.texts["h2"][-4:] == EXTRA
    folder = tmp_path / "evaluations" / "multioutput"
    evaluation = Evaluation.load(folder)
    assert len(evaluation.subjects) == 20
    assert not evaluation.leaky
    assert evaluation.best_baselines["stress"] == "session_course"
    summary = evaluation.summary().loc["stress"]
    assert 0.40 < summary["rmse"] < 0.45
    assert summary["skill_high"] < 0
    assert (
        rmse_increase(Explanation.load(folder).modality).loc["stress", "importance"].idxmax()
        == "eda"
    )
