"""Tables and words for a paper say what the evaluation holds."""

import io
import re

import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import evaluate, nested_search
from physio_vad.exceptions import ArgumentError
from physio_vad.pipeline import build_pipeline


@pytest.fixture
def result(make_tables):
    X, y = make_tables(6)
    return evaluate(Ridge(), X, y.rename(columns={"arousal": "arousal_100%"}))


def test_the_numbers_are_those_of_the_summary(result):
    table = pd.read_csv(io.StringIO(result.to_table("csv")), index_col="target")
    summary, intervals = result.summary(), result.intervals()
    for target, row in summary.iterrows():
        low, high = intervals.loc[(target, "rmse"), ["low", "high"]]
        assert table.loc[target, "RMSE"] == f"{row['rmse']:.3f} [{low:.3f}, {high:.3f}]"
        assert table.loc[target, "skill"].startswith(f"{row['skill']:.3f} [")
        assert f"({row['baseline_rmse']:.3f})" in table.loc[target, "best baseline (RMSE)"]
        assert (table.loc[target, ["people", "windows"]] == [6, row["windows"]]).all()


def test_latex_and_markdown(result):
    latex = result.to_table("latex")
    assert r"arousal\_100\%" in latex
    assert "$R^2$" in latex
    assert latex.count(r"\\") == 3
    lines = result.to_table().splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    with pytest.raises(ArgumentError, match="did you mean 'latex'"):
        result.to_table("Latex")


def test_only_the_metrics_asked_for(result):
    lines = result.to_table(metrics=["ccc", "rmse"]).splitlines()
    heads = [cell.strip() for cell in lines[0].strip("|").split("|")]
    assert heads[:3] == ["target", "CCC", "RMSE"]
    assert "MAE" not in heads
    with pytest.raises(ArgumentError, match="did you mean 'rmse'"):
        result.to_table(metrics=["rsme"])


def test_a_search_is_told_of_and_names_keep_their_letters(make_tables):
    X, y = make_tables(6)
    y = y.rename(columns={y.columns[0]: "SAM_Arousal"})
    found = evaluate(nested_search(Ridge(), {"alpha": [1.0, 2.0]}, n_iter=2), X, y)
    text = found.methods_text()
    assert text.startswith("SAM Arousal")
    assert "The model (Ridge) was fitted and tested" in text
    assert "Its settings were searched for in each fold, on the training side alone." in text


def test_the_words_are_true(result):
    text = result.methods_text()
    assert "72 windows of 10 s every 5 s of 24 trials of 6 people from 4 features" in text
    assert "6 folds by leave-one-subject-out; nobody was on both sides" in text
    assert re.search(r"scikit-learn \d", text)
    assert "searched" not in text
    leaky = result.with_predictions(result.predictions, "window")
    leaky.info["findings"] = [
        {"level": "error", "check": "x", "seen": "", "meaning": "", "remedy": ""}
    ]
    assert "must not be quoted" in leaky.methods_text()


def test_what_a_row_is_and_which_are_rated(make_tables):
    X, y = make_tables(6)
    y.iloc[:5, 0] = float("nan")
    text = evaluate(build_pipeline(estimator="ridge"), X, y).methods_text()
    assert "The model (multioutput of Ridge(alpha=10.0)) was fitted" in text
    valence, arousal = y.columns
    assert f"scores are of the rated windows, 67 ({valence}) and 72 ({arousal})." in text
    levels = ["subject", "trial"]
    model = build_pipeline(estimator="ridge")
    trials = evaluate(model, X.groupby(levels).mean(), y.groupby(levels).mean())
    assert " for 24 trials of 6 people from 4 features." in trials.methods_text()
    assert "trials" in trials.to_table().splitlines()[0]
    assert f"of the rated trials, 23 ({valence}) and 24 ({arousal})" in trials.methods_text()
    assert "windows" not in trials.methods_text() + trials.to_table()


def test_sensors_are_named(make_tables):
    X, y = make_tables(6)
    X.columns = ["eda__scl_mean", "ppg__hr_mean", "eda__quality", "age"]
    assert "from 4 features of eda and ppg." in evaluate(Ridge(), X, y).methods_text()
