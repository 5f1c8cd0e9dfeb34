"""Tables made elsewhere go through the commands: rows of own features, conditions beside ours."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from physio_vad import build_pipeline, evaluate
from physio_vad.cli import commands
from physio_vad.evaluation.movement import movement
from physio_vad.exceptions import ArgumentError, PhysioVadWarning, ReadError
from physio_vad.study import as_live
from physio_vad.study.own_tables import beside, own_tables
from physio_vad.study.prediction import predict
from physio_vad.study.recipe import Recipe
from physio_vad.study.tables import StudyTables, Subset

PEOPLE = [f"p{number}" for number in range(6)]


def trials(n_people=6, n_trials=6):
    """One row a trial: a condition lifts valence, a pulse follows arousal."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        [(person, f"{trial:02d}") for person in PEOPLE[:n_people] for trial in range(n_trials)],
        columns=["subject", "trial"],
    )
    rows["condition"] = np.where(np.arange(len(rows)) % 2, "film", "rest")
    rows["pulse"] = rng.normal(70, 5, len(rows))
    noise = rng.normal(0, 0.3, (2, len(rows)))
    rows["valence"] = np.where(rows["condition"] == "film", 6.5, 3.5) + noise[0]
    rows["arousal"] = 5 + (rows["pulse"] - 70) / 4 + noise[1]
    return rows


@pytest.fixture
def table(tmp_path):
    """The same as a file, with semicolons and decimal commas."""
    path = tmp_path / "trials.csv"
    trials().to_csv(path, index=False, sep=";", decimal=",")
    return path


@pytest.fixture
def study():
    """Two people with two trials each, as `features` leaves them."""
    index = pd.MultiIndex.from_product(
        [["anna", "ben"], ["1", "2"], [0]], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame({"eda__level": [1.0, 2.0, 3.0, 4.0]}, index)
    X.attrs["window"] = {"length": 10.0, "step": 5.0}
    return StudyTables(X, pd.DataFrame({"valence": [1.0, 2.0, 3.0, 4.0]}, index), Recipe())


def run(monkeypatch, *command):
    """Run a command that must end well."""
    monkeypatch.setattr("sys.argv", ["physio-vad", *map(str, command)])
    with pytest.raises(SystemExit) as stop:
        commands.main()
    assert not stop.value.code, command


def test_a_table_is_read_as_it_stands(table):
    made, rows = own_tables(table, scale=(1, 9)), trials()
    assert list(made.X) == ["condition", "pulse"]
    assert list(made.y) == ["valence", "arousal"]
    assert made.y.attrs["scale"] == {"valence": (1.0, 9.0), "arousal": (1.0, 9.0)}
    np.testing.assert_array_equal(made.X["pulse"], rows["pulse"])
    assert made.X.index[6] == ("p1", "00")  # the zero of the name stays
    assert made.own_columns() == ["condition", "pulse"]
    assert list(own_tables(table, ["arousal"]).X) == ["condition", "pulse", "valence"]


def test_windows_are_rows_of_a_trial_and_no_feature(tmp_path):
    windows = pd.concat([trials().assign(window=number) for number in (0, 1)])
    windows.to_csv(tmp_path / "t.csv", index=False)
    made = own_tables(tmp_path / "t.csv")
    assert list(made.X) == ["condition", "pulse"]
    assert made.X.index.is_unique
    assert made.X.index[36] == ("p0", "00", 1)


def test_a_column_without_a_name_is_no_feature(tmp_path):
    rows = trials().rename(columns={"valence": "Valence"})
    rows.to_csv(tmp_path / "t.csv")  # with the numbers of the rows
    with pytest.warns(PhysioVadWarning, match="a column without a name"):
        made = own_tables(tmp_path / "t.csv")
    assert list(made.X) == ["condition", "pulse"]
    assert list(made.y) == ["Valence", "arousal"]


def test_saved_and_loaded_it_is_the_same_and_claims_no_layout(table, tmp_path):
    made = own_tables(table, scale=(1, 9))
    made.save(tmp_path)
    again = StudyTables.load(tmp_path)
    pd.testing.assert_frame_equal(again.X, made.X, check_dtype=False)
    assert again.made_elsewhere
    assert "layout" not in json.loads((tmp_path / "recipe.json").read_text(encoding="utf-8"))


def test_commands_take_such_a_table_as_evaluate_does(table, tmp_path, monkeypatch, capsys):
    tables, model, ridge = tmp_path / "tables", tmp_path / "m.joblib", ("--estimator", "ridge")
    run(monkeypatch, "table", table, "--out", tables, "--scale", 1, 9)
    run(monkeypatch, "check-leakage", tables)
    run(monkeypatch, "evaluate", tables, "--out", tmp_path / "s", "--look", 0, "--jobs", 1, *ridge)
    scores = pd.read_csv(tmp_path / "s" / "summary.csv", index_col=["target", "what"])
    expected = evaluate(build_pipeline(estimator="ridge", random_state=0), *own(table)).summary()
    found = scores.xs("multioutput", level="what")["rmse"]
    np.testing.assert_allclose(found[expected.index], expected["rmse"])
    (told,) = tmp_path.glob("s/evaluations/*/evaluation.json")
    assert "windows" not in json.loads(told.read_text(encoding="utf-8"))["recipe"]
    run(monkeypatch, "train", tables, "--out", model, *ridge)
    said = capsys.readouterr().out
    assert "36 trials of 6 people, 2 features" in said
    assert "it predicts tables, not recordings: 'condition' is in none" in said
    trials().drop(columns=["valence", "arousal"]).to_csv(tmp_path / "new.csv", index=False)
    for rows in (tmp_path / "new.csv", tables):
        run(monkeypatch, "predict", model, rows, "--out", tmp_path / "p.csv")
        predicted = pd.read_csv(tmp_path / "p.csv")
        assert np.corrcoef(predicted["arousal"], trials()["arousal"])[0, 1] > 0.95
    with pytest.raises(ReadError, match=r"takes feature tables.*no feature table"):
        predict(model, tmp_path)
    with pytest.raises(ArgumentError, match="no part"):
        predict(model, tables, Subset(minutes=1))


def own(table):
    """Features and ratings of a table."""
    made = own_tables(table, scale=(1, 9))
    return made.X, made.y


def test_conditions_stand_beside_our_features(tmp_path, monkeypatch, study):
    (tmp_path / "group.csv").write_text("subject,group\nanna,A\nben,B\n", encoding="utf-8")
    study.save(tmp_path / "tables")
    run(
        monkeypatch,
        *("table", tmp_path / "group.csv", "--beside", tmp_path / "tables"),
        *("--out", tmp_path / "both"),
    )
    made = StudyTables.load(tmp_path / "both")
    assert made.X["group"].tolist() == ["A", "A", "B", "B"]
    pd.testing.assert_frame_equal(made.X.drop(columns="group"), study.X, check_dtype=False)
    assert made.X.attrs == study.X.attrs
    assert made.recipe == study.recipe
    assert not made.made_elsewhere
    assert made.own_columns() == ["group"]


def test_as_live_they_are_what_they_were(tmp_path, monkeypatch, study):
    both = replace(study, X=study.X.assign(group=["A", "A", "B", "B"]))
    streamed = SimpleNamespace(X=study.X + 1)
    monkeypatch.setattr(as_live, "build_table", lambda *_, **__: streamed)
    (rows,) = as_live.live_tables(both, tmp_path, tmp_path, [1.0])
    assert rows["group"].tolist() == ["A", "A", "B", "B"]
    assert rows["eda__level"].tolist() == [2.0, 3.0, 4.0, 5.0]
    moved = movement(both.X, rows)
    assert moved.index.tolist() == ["eda"]
    assert moved.loc["eda", "largest"] == pytest.approx(1 / 3)
    with pytest.raises(ArgumentError, match="made elsewhere"):
        as_live.live_tables(replace(both, made_elsewhere=True), tmp_path, tmp_path, [1.0])


def test_by_trial_they_go_to_their_trial(tmp_path, study):
    path = tmp_path / "answers.csv"
    path.write_text("subject,trial,tired\nben,2,5\nanna,1,1\nanna,2,2\nben,1,4\n", "utf-8")
    assert beside(study, path).X["tired"].tolist() == [1.0, 2.0, 4.0, 5.0]


def test_who_has_no_row_is_told_of_and_others_are_refused(tmp_path, study):
    path = tmp_path / "group.csv"
    path.write_text("subject,group\nanna,A\n", encoding="utf-8")
    with pytest.warns(PhysioVadWarning, match="no row for 1 of the study, such as ben"):
        assert beside(study, path).X["group"].isna().tolist() == [False, False, True, True]
    path.write_text("subject,group\nAnna,A\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"whose first is 'anna'.*'Anna'"):
        beside(study, path)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("subject,group\nanna,A\nanna,B\n", ReadError, "two rows are of anna"),
        ("subject,eda__level\nanna,1\n", ArgumentError, "'eda__level' is there already"),
        ("subject,trial\nanna,1\n", ArgumentError, "it holds no other"),
        ("subject,eda\nanna,1\n", ArgumentError, "'eda' is named like a feature"),
        ("person,group\nanna,A\n", ReadError, "needs a header with a column subject"),
        ("subject,group,group\nanna,A,B\n", ReadError, "several columns are called 'group'"),
    ],
)
def test_what_cannot_stand_beside_is_refused(tmp_path, study, text, error, said):
    path = tmp_path / "wrong.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=said):
        beside(study, path)


@pytest.mark.parametrize(
    ("columns", "targets", "said"),
    [
        (["subject", "pulse"], [], "none is called valence or the like"),
        (["subject", "pulse", "valence"], ["mood"], "got 'mood'"),
        (["subject", "condition", "pulse"], ["condition"], "got 'condition'"),
        (["subject", "trial", "valence"], [], "holds no column besides"),
    ],
)
def test_ratings_and_features_must_be_there(tmp_path, columns, targets, said):
    trials()[columns].to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ArgumentError, match=said):
        own_tables(tmp_path / "t.csv", targets)


def test_without_ratings_nothing_is_scored(tmp_path):
    trials().assign(valence=np.nan, arousal=np.nan).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ArgumentError, match="all are empty"):
        own_tables(tmp_path / "t.csv", ["valence"]).check_rated()


@pytest.mark.parametrize("options", [(), ("--subjects", 2)])
def test_tune_wants_recordings_for_a_recipe_and_none_for_tables(
    tmp_path, monkeypatch, capsys, options
):
    what = tmp_path if options else tmp_path / "recipe.toml"
    monkeypatch.setattr(
        "sys.argv", ["physio-vad", "tune", str(what), "--out", "x", *map(str, options)]
    )
    with pytest.raises(SystemExit) as stop:
        commands.main()
    assert stop.value.code == 1
    assert "--data" in capsys.readouterr().err.replace("\n", " ")
