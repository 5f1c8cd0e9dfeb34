"""The command line: every step from the shell, and what a user with bad input gets."""

import contextlib
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from layouts.write_e4 import e4_members, write_blocks, write_zip

from physio_vad.cli import commands as cli
from physio_vad.cli.listing import LISTINGS
from physio_vad.evaluation import Evaluation, conformal_intervals
from physio_vad.features.quality import row_quality
from physio_vad.io.tables.eleven_column import LABELS, SENSORS
from physio_vad.persistence import load_model, save_model
from physio_vad.study.steps import StudyTables

RECIPE = Path(__file__).parents[2] / "pipelines" / "eleven_column.toml"


def call(*arguments: object) -> int:
    """Run the command in this process and return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["physio-vad", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    assert call("simulate", folder, "--subjects", 4, "--minutes", 1, "--seed", 3) == 0
    return folder


@pytest.fixture(scope="module")
def study(people, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    with contextlib.redirect_stdout(said := io.StringIO()):
        assert call("run", RECIPE, "--data", people, "--out", folder, "--jobs", 1) == 0
    following = f"next: physio-vad predict {folder / 'model.joblib'} NEW --out predictions.csv"
    assert said.getvalue().splitlines()[-1] == following
    return folder


@pytest.mark.slow
def test_run_leaves_tables_predictions_model_and_pictures(study):
    names = {path.name for path in study.iterdir()}
    assert {
        "features.parquet",
        "labels.parquet",
        "recipe.json",
        "summary.csv",
        "model.joblib",
        "evaluations",
    } <= names
    assert sum(name.endswith(".png") for name in names) >= 2
    evaluation = Evaluation.load(study / "evaluations" / "chain")
    assert list(evaluation.subjects) == ["S01", "S02", "S03", "S04"]
    summary = pd.read_csv(study / "summary.csv", index_col=["target", "what"])
    assert summary.loc[("valence", "chain"), "skill"] == pytest.approx(evaluation.skill["valence"])


def test_predict_a_person_with_the_model_file(study, people, tmp_path):
    out = tmp_path / "p.csv"
    code = call("predict", study / "model.joblib", people / "S02.csv", "--out", out)
    assert code == 0
    predicted = pd.read_csv(out)
    assert list(predicted.columns[:5]) == ["subject", "trial", "window", "start", "stop"]
    assert len(predicted) == 11
    assert predicted[["valence", "arousal", "dominance"]].notna().all(axis=None)
    table = pd.read_parquet(study / "features.parquet").loc[["S02"]]
    assert predicted.columns[-1] == "quality"
    assert predicted["quality"].to_numpy() == pytest.approx(row_quality(table))


def test_predict_without_a_sensor_names_it_and_says_so(study, people, tmp_path, capsys):
    model, out = study / "model.joblib", tmp_path / "p.csv"
    person, recipe = tmp_path / "new" / "S09.csv", tmp_path / "fewer.toml"
    person.parent.mkdir()
    table = pd.read_csv(people / "S02.csv").drop(columns=["GSR", *LABELS])
    table.to_csv(person, index=False)
    assert call("predict", model, person, "--out", out) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "S09.csv: lacks the column 'GSR'; it has" in said
    assert "as --recipe" in said
    rest = {name: one for name, one in SENSORS.items() if name != "GSR"}
    lines = [
        f"{name} = {{ {', '.join(f'{k} = {v!r}' for k, v in vars(one).items() if v)} }}"
        for name, one in rest.items()
    ]
    recipe.write_text(
        '[layout]\nname = "eleven-column"\n[layout.columns]\n' + "\n".join(lines) + "\n"
    )
    assert call("predict", model, person, "--out", out, "--recipe", recipe) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("missing sensor: no eda of S09; it is filled in from what is there") == 1
    assert "without eda" in said
    predicted = pd.read_csv(out)
    assert predicted.notna().all(axis=None)
    assert predicted["quality"].between(0, 1).all()


def test_predict_with_intervals(study, people, tmp_path, capsys):
    model, out = study / "model.joblib", tmp_path / "p.csv"
    folder = study / "evaluations" / "multioutput"
    asked = ("predict", model, people / "S02.csv", "--out", out, "--intervals")
    assert call(*asked, folder, "--coverage", 0.7) == 0
    assert capsys.readouterr().err.count("warning") == 0
    predicted = pd.read_csv(out)
    targets = list(Evaluation.load(folder).targets)
    bounds = [f"{target}_{end}" for target in targets for end in ("low", "high")]
    assert list(predicted.columns[5:]) == [*targets, *bounds, "quality"]
    intervals = conformal_intervals(Evaluation.load(folder), 0.7)
    expected = intervals.apply(predicted)
    pd.testing.assert_frame_equal(predicted[bounds], expected)
    assert call(*asked, folder, "--coverage", 0.9) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "4 people guarantee a coverage of at most 0.8 (K / (K + 1)), asked was 0.9" in said
    predicted = pd.read_csv(out)
    assert predicted[bounds].drop_duplicates().to_numpy().tolist() == [[1.0, 9.0] * 3]


def test_what_intervals_refuse(study, people, tmp_path, capsys):
    def refused(folder, *options):
        asked = ("predict", study / "model.joblib", people / "S02.csv", "--out", tmp_path / "p.csv")
        assert call(*asked, "--intervals", folder, *options) == 1
        return " ".join(capsys.readouterr().err.split())

    folder = study / "evaluations" / "multioutput"
    assert f"holds no evaluation: {study}/evaluation.json is missing" in (said := refused(study))
    assert f"here {study / 'evaluations' / 'chain'}" in said
    assert "holds no evaluation" in refused(tmp_path)
    assert "coverage must be a share" in refused(folder, "--coverage", 80)
    whole = Evaluation.load(folder)
    for name, info, message in (
        ("other", {"targets": ["valence", "arousal"]}, "no 'dominance', which the model predicts"),
        ("stack", {"model": "stack"}, "evaluates stack of Blend, the model file holds multi"),
        ("within", {"new_people": False}, "say nothing about a new person"),
        ("longer", {"window": {"length": 30.0, "step": 5.0}}, "windows of 30 s, the model"),
    ):
        Evaluation(whole.predictions, {**whole.info, **info}).save(tmp_path / name)
        assert message in refused(tmp_path / name)
    assert not (tmp_path / "p.csv").exists()


def test_a_model_file_without_a_layout_needs_a_recipe(study, people, tmp_path, capsys):
    saved = load_model(study / "model.joblib")
    model, out = tmp_path / "m.joblib", tmp_path / "p.csv"
    save_model(model, saved.pipeline, targets=saved.targets)
    asked = ("predict", model, people / "S02.csv", "--out", out)
    assert call(*asked) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "m.joblib: this model file holds no layout" in said
    assert "--recipe FILE" in said
    assert call(*asked, "--recipe", RECIPE) == 0
    assert len(pd.read_csv(out)) == 11
    capsys.readouterr()
    longer = tmp_path / "longer.toml"
    longer.write_text("[windows]\nlength = 20.0\nstep = 20.0\n")
    assert call("predict", model, people, "--out", out, "--recipe", longer) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("20 s long, those of the training were 10 s") == 1  # once for four people


def test_features_evaluate_and_train_are_the_steps_of_run(study, people, tmp_path):
    assert call("features", people, "--out", tmp_path / "t", "--recipe", RECIPE, "--jobs", 1) == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "t" / "features.parquet"),
        pd.read_parquet(study / "features.parquet"),
    )
    evaluate = ("evaluate", tmp_path / "t", "--out", tmp_path / "e", "--jobs", 1, "--look", 0)
    assert call(*evaluate, "--model", "multioutput", "--cv", "grouped-k-fold") == 0
    assert Evaluation.load(tmp_path / "e" / "evaluations" / "multioutput").info["cv"]
    assert call("train", tmp_path / "t", "--out", tmp_path / "m.joblib") == 0
    assert (tmp_path / "m.joblib").stat().st_size > 0


def test_evaluate_as_live_puts_scores_of_a_stream_beside_those_of_whole_recordings(
    study, people, tmp_path, capsys
):
    options = ["--data", people, "--jobs", 1, "--look", 0]
    delays = ["--as-live", 0, "--as-live", "settling"]
    assert call("evaluate", study, "--out", tmp_path / "out", *delays, *options) == 0
    assert "those of a stream with a delay of 0 s; skill by delay:" in capsys.readouterr().out
    plain, live = (
        Evaluation.load(folder / "evaluations" / "chain") for folder in (study, tmp_path / "out")
    )
    at_once, settled = live.info["live"]["delays"]
    assert (at_once["delay"], at_once["step"], settled["delay"] > 60) == (0, 1, True)
    for target, row in plain.summary().iterrows():
        assert live.info["live"]["whole"][target]["rmse"] == pytest.approx(row["rmse"])
        assert settled["scores"][target]["rmse"] == pytest.approx(row["rmse"], abs=1e-6)
        assert live.summary().loc[target, "rmse"] == pytest.approx(
            at_once["scores"][target]["rmse"], abs=1e-12
        )
    assert at_once["movement"]["eog"]["q95"] > 100 * settled["movement"]["eog"]["q95"]
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Live and from whole recordings" in report
    capsys.readouterr()
    assert call("evaluate", study, "--out", tmp_path / "out", "--as-live", 1) == 1
    assert "--as-live needs the recordings" in capsys.readouterr().err
    assert call("evaluate", study, "--out", tmp_path / "out", "--as-live", "x", *options) == 1
    assert "a delay is 0 or more seconds, or 'settling', got 'x'" in capsys.readouterr().err
    assert call("evaluate", study, "--out", tmp_path / "out", "--as-live", "-1", *options) == 1
    assert "delay must be 0 or more" in capsys.readouterr().err


def test_start_small(people, tmp_path):
    small = ("--subjects", 3, "--minutes", 0.5, "--jobs", 1, "--look", 0)
    assert call("run", RECIPE, "--data", people, "--out", tmp_path, *small) == 0
    X = pd.read_parquet(tmp_path / "features.parquet")
    assert list(X.index.unique("subject")) == ["S01", "S02", "S03"]
    assert len(X) == 3 * 5


def test_one_bad_file_is_named_or_skipped(people, tmp_path, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    for path in people.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    lines = (folder / "S03.csv").read_text().splitlines()
    lines[20] = lines[20].replace(lines[20].split(",")[3], "oops", 1)
    (folder / "S03.csv").write_text("\n".join(lines))
    features = ("features", folder, "--out", tmp_path / "t", "--jobs", 1)
    assert call(*features) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "S03.csv" in said
    assert "oops" in said
    assert call(*features, "--on-error", "skip") == 0
    assert "S03.csv" in " ".join(capsys.readouterr().err.split())
    table = pd.read_parquet(tmp_path / "t" / "features.parquet")
    assert list(table.index.unique("subject")) == ["S01", "S02", "S04"]


def test_report_and_check_leakage(study, tmp_path, capsys):
    out = tmp_path / "r.html"
    assert call("report", study / "evaluations" / "chain", "--out", out) == 0
    assert "<html" in out.read_text(encoding="utf-8")
    assert (study / "report.html").stat().st_size > 10_000
    assert call("check-leakage", study) == 0
    leaky = tmp_path / "leaky"
    tables = StudyTables.load(study)
    X = tables.X.assign(eda__scl_mean=tables.y["valence"])
    replace(tables, X=X).save(leaky)
    assert call("check-leakage", leaky) == 1
    assert "label_among_features" in capsys.readouterr().err


def test_compare_says_whether_people_tell_models_apart(study, tmp_path, capsys):
    models = ("--model", "multioutput", "--model", "shared", "--cv", "grouped-k-fold")
    made_of = ("--estimator", "ridge", "--estimator", "elastic_net")
    assert call("compare", study, "--out", tmp_path / "c", *models, *made_of, "--jobs", 1) == 0
    names = {path.name for path in (tmp_path / "c").iterdir()}
    tables = {"summary.csv", "differences.csv", "costs.csv", "verdict.txt"}
    assert {*tables, "scores.png", "report.html"} <= names
    compared = set(pd.read_csv(tmp_path / "c" / "costs.csv")["model"])
    assert compared == {"multioutput-ridge", "multioutput-elastic_net", "shared"}
    said = " ".join(capsys.readouterr().out.split())
    verdict = (tmp_path / "c" / "verdict.txt").read_text(encoding="utf-8")
    assert " ".join(verdict.split()) in said
    assert "separate" in verdict or "Clear over 4 people" in verdict


def test_the_estimator_can_be_said_in_place_of_the_recipe_s(study, tmp_path, capsys):
    out = tmp_path / "ridge.joblib"
    assert call("train", study, "--out", out, "--model", "chain", "--estimator", "ridge") == 0
    saved = load_model(out)
    assert saved.recipe["model"]["estimator"] == "ridge"
    assert "ridge" in repr(saved.pipeline).lower()
    assert call("train", study, "--out", tmp_path / "m", "--estimator", "rigde") == 1
    assert "did you mean 'ridge'?" in capsys.readouterr().err


def test_tune_reports_the_outer_score_only(people, tmp_path, capsys):
    recipe = tmp_path / "ridge.toml"
    recipe.write_text('[features]\nmodalities = ["eda"]\n[model]\nestimator = "ridge"\n')
    out = tmp_path / "t"
    assert call("tune", recipe, "--data", people, "--out", out, "--tries", 2, "--jobs", 1) == 0
    assert set(Evaluation.load(out / "evaluations" / "tuned").subjects) == {
        f"S0{number}" for number in range(1, 5)
    }
    said = capsys.readouterr().out
    assert "tuned" in said
    assert "best_score" not in said
    assert call("predict", out / "model.joblib", people / "S02.csv", "--out", out / "p.csv") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("features", "no-such-folder", "--out", "t"), "no-such-folder"),
        (("evaluate", ".", "--out", "e"), "no feature table"),
        (("run", "none.toml", "--data", ".", "--out", "o"), "none.toml: cannot be read"),
        (("predict", "setup.cfg", ".", "--out", "p.csv"), "setup.cfg: no model file"),
        (("list", "modules"), "nothing is called 'modules'"),
    ],
)
def test_errors_are_one_line_and_exit_code_1(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("setup.cfg").write_text("[metadata]\n")
    assert call(*arguments) == 1
    said = capsys.readouterr().err
    assert message in " ".join(said.split())
    assert "Traceback" not in said


def test_one_person_cannot_be_left_out(people, tmp_path, capsys):
    alone = ("--subjects", 1, "--jobs", 1)
    assert call("run", RECIPE, "--data", people, "--out", tmp_path, *alone) == 1
    assert "subject" in capsys.readouterr().err


def test_another_layout_is_named_and_unrated_windows_are_counted(tmp_path, capsys):
    write_zip(tmp_path / "anna.zip", e4_members())
    out = ("--out", tmp_path / "tables", "--jobs", 1)
    assert call("features", tmp_path, *out) == 1
    assert "This looks like empatica-e4: give --layout empatica-e4" in capsys.readouterr().err
    assert call("features", tmp_path, *out, "--layout", "e4") == 1
    assert "did you mean 'empatica-e4'?" in capsys.readouterr().err
    assert call("features", tmp_path, *out, "--layout", "empatica-e4") == 0
    assert "targets: none" in " ".join(capsys.readouterr().out.split())
    assert call("evaluate", tmp_path / "tables", "--out", tmp_path / "results") == 1
    assert "no ratings, so nothing to fit" in capsys.readouterr().err
    write_blocks(tmp_path, "anna,talk,0,10,1\n")
    assert call("features", tmp_path, *out, "--layout", "empatica-e4") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "targets: stress" in said
    assert "windows left out as nothing rates them: 1" in said


def test_a_modality_that_no_recording_has_is_told_of_if_it_was_asked_for(people, tmp_path, capsys):
    recipe = tmp_path / "r.toml"
    recipe.write_text('[features]\nmodalities = ["eda", "acceleration"]\n')
    out = ("--out", tmp_path / "t", "--jobs", 1, "--minutes", 0.5)
    assert call("features", people, "--recipe", recipe, *out) == 0
    assert "no recording has 'acceleration'" in " ".join(capsys.readouterr().err.split())
    recipe.write_text("[windows]\nlength = 8.0\n")
    assert call("features", people, "--recipe", recipe, *out) == 0
    said = capsys.readouterr()
    assert "no recording has" not in said.err
    assert "made anew because of a change in recipe (4 sources)" in " ".join(said.out.split())


def test_wrong_usage_is_exit_code_2(capsys):
    assert call("simulate") == 2
    assert "OUT" in capsys.readouterr().err


@pytest.mark.parametrize("what", LISTINGS)
def test_everything_listed_says_what_it_is(what):
    for name, text in LISTINGS[what]():
        assert text, f"{what} {name} has no description"


@pytest.mark.parametrize("what", ["", "features", "modalities", "models", "splits", "layouts"])
def test_list(what, capsys):
    assert call("list", *([what] if what else [])) == 0
    assert len(capsys.readouterr().out) > 100


def test_help_of_every_command(capsys):
    commands = [info.name or info.callback.__name__ for info in cli.app.registered_commands]
    for command in commands:
        assert call(command, "--help") == 0
    assert "leave" in capsys.readouterr().out


def test_the_console_script_is_installed():
    done = subprocess.run(
        [Path(sys.executable).with_name("physio-vad"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip()


def test_demo(tmp_path, capsys):
    assert call("demo", "--out", tmp_path, "--subjects", 3, "--minutes", 1, "--jobs", 1) == 0
    said = capsys.readouterr().out
    assert "simulated" in said
    new = tmp_path / "new_person" / "S04.csv"
    assert f"--source replay:{new} --out {tmp_path / 'session'}" in said.splitlines()[-1]
    predicted = pd.read_csv(tmp_path / "new_person_predictions.csv")
    assert set(predicted["subject"]) == {"S04"}


@pytest.mark.parametrize(
    ("option", "value"), [("--minutes", "nan"), ("--minutes", "0"), ("--jobs", "0")]
)
def test_numbers_that_cannot_be_are_refused(people, tmp_path, capsys, option, value):
    assert call("features", people, "--out", tmp_path / "t", option, value) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "error: ArgumentError:" in said
    assert f"got {float(value):g}" in said.replace("0.0", "0")
