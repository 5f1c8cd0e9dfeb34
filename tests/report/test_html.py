"""The report: its parts, its numbers, and that it needs nothing but itself."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.report import Picture, Section, Table, plot_scores, write_report
from physio_vad.report.document import written

TITLES = [
    "What was done",
    "Leak checks",
    "Scores beside baselines",
    "High or low",
    "Skill by person",
    "Predictions over time",
    "Valence-arousal plane",
    "Ratings",
    "Intervals for a new person",
    "Labelled minutes of a new person",
    "Windows and trials",
]


@pytest.fixture(scope="module")
def report(evaluation, tmp_path_factory):
    """Write it from what was saved, as a reader of the files would."""
    folder = tmp_path_factory.mktemp("report")
    loaded = Evaluation.load(evaluation.save(folder / "evaluation"))
    return write_report(loaded, folder / "new" / "report.html", name="chain")


@pytest.fixture(scope="module")
def page(report, parse):
    return parse(report.read_text(encoding="utf-8"))


def number(cell):
    return float(re.split(r"[\s(]", cell)[0].replace("\N{MINUS SIGN}", "-"))


def test_sections_and_landmarks(page):
    assert page.texts["h2"] == TITLES
    for tag in ("h1", "header", "nav", "main", "footer", "title"):
        assert len(page.all(tag)) == 1, tag
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {one["aria-labelledby"] for one in page.all("section")} <= set(ids)
    links = [one["href"] for one in page.all("a")]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert page.all("html")[0]["lang"] == "en"


def test_pictures_have_words_and_tables_have_heads(page):
    assert len(page.all("img")) == len(page.all("figcaption")) == 7
    assert all(len(one["alt"]) > 40 for one in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) == len(page.tables)
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}
    assert all("aria-label" in one for _, one in page.elements if one.get("role") == "group")


def test_nothing_comes_from_a_network(report, page):
    for _, attrs in page.elements:
        for name in ("src", "href"):
            assert attrs.get(name, "#").startswith(("#", "data:"))
    assert page.all("script") == []
    assert not re.search(r"url\(|@import", report.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("error", "words"), [(0.01, "is better than"), (9.0, "is worse than"), (None, "is not shown")]
)
def test_the_verdict_follows_the_interval(make_evaluation, tmp_path, error, words):
    evaluation = make_evaluation(["stress"], [f"p{k}" for k in range(8)])
    table = evaluation.predictions
    if error is None:  # the baseline's answer, a little off, now up and now down
        table["stress_predicted"] = 5.0 + 0.01 * np.where(table["fold"] % 2, 1, -1)
    else:
        table["stress_predicted"] = table["stress"] + error
    text = write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8")
    assert f"Stress: the model {words}" in text
    assert "Valence-arousal plane" not in text


def test_an_alarm_stands_first(make_evaluation, tmp_path, parse):
    finding = {
        "level": "error",
        "check": "shared_borders",
        "seen": "subject 'a' on both sides",
        "meaning": "Too good.",
        "remedy": "Split by subject.",
    }
    evaluation = make_evaluation(["stress"])
    evaluation.predictions["stress_predicted"] = evaluation.predictions["stress"] + 0.01
    honest = parse(write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8"))
    assert not any(attrs.get("role") == "alert" for attrs in honest.all("p"))
    assert "the model is better than" in honest.texts["li"][0]
    evaluation.info["findings"].append(finding)
    page = parse(write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8"))
    assert any(attrs.get("role") == "alert" for attrs in page.all("p"))
    assert "the model seems better, by a leak, than" in page.texts["li"][0]
    row = page.tables["Findings, errors first"].loc["error: shared borders"].iloc[0]
    assert row == "subject 'a' on both sides. Too good. Split by subject."


def test_other_models_and_further_sections(evaluation, make_evaluation, tmp_path, parse):
    cost = pd.DataFrame({"seconds": [1.5]}, index=pd.Index(["fit"], name="step"))
    picture = Picture(plot_scores(evaluation), "Scores again.", "As above.")
    extra = Section("Cost", ["All told."], [Table.of(cost, "Time", digits=1)], [picture])
    other = make_evaluation()
    other.predictions["valence_predicted"] += 1
    path = write_report(
        evaluation, tmp_path / "a.html", name="chain", others={"other": other}, extra=[extra]
    )
    page = parse(path.read_text(encoding="utf-8"))
    titles = [*TITLES, "Cost"]
    titles.insert(titles.index("Scores beside baselines") + 1, "Models compared")
    assert page.texts["h2"] == titles
    assert "This report is about chain; its scores stand beside those of other." in page.texts["li"]
    assert page.tables["Time"].loc["fit", "seconds"] == "1.5"
    scores = page.tables["Valence: pooled scores"]["RMSE"].map(number)
    assert list(scores.index[:2]) == ["chain", "other"]
    assert scores["other"] > scores["chain"]
    differences = page.tables["Differences of skill, 95% intervals over people"]
    assert list(differences.index) == ["chain less other"]
    said = differences.loc["chain less other", "valence"].split(" ")[0].rstrip("*")
    assert number(said) == pytest.approx(
        evaluation.skill["valence"] - other.skill["valence"], abs=0.006
    )


def test_models_of_other_rows_are_not_compared(evaluation, make_evaluation, tmp_path, parse):
    other = make_evaluation()
    other.predictions.loc[other.predictions.index[0], "valence"] = np.nan
    path = write_report(evaluation, tmp_path / "a.html", name="chain", others={"other": other})
    assert "Models compared" not in parse(path.read_text(encoding="utf-8")).texts["h2"]


def test_refuses_doubled_titles_and_other_targets(evaluation, make_evaluation, tmp_path):
    with pytest.raises(ArgumentError, match=r"stand twice: \{'ratings'\}"):
        write_report(evaluation, tmp_path / "a.html", extra=[Section("Ratings")])
    with pytest.raises(ArgumentError, match="of the same targets"):
        write_report(evaluation, tmp_path / "a.html", others={"b": make_evaluation(["stress"])})
    with pytest.raises(ArgumentError, match="'model' stands twice"):
        write_report(evaluation, tmp_path / "a.html", others={"model": evaluation})
    assert list(tmp_path.iterdir()) == []


def test_study_and_date_stand_at_the_title(evaluation, tmp_path):
    day = datetime.date(2026, 2, 3)
    path = write_report(evaluation, tmp_path / "a.html", study="Films <1>", date=day)
    text = path.read_text(encoding="utf-8")
    assert '<p class="study">Films &lt;1&gt;</p>' in text
    assert "<title>Evaluation report, Films &lt;1&gt;</title>" in text
    assert (
        '<p class="below">2026-02-03, 5 people, 240 predictions, leave-one-subject-out</p>' in text
    )
    assert str(datetime.date.today()) in write_report(evaluation, tmp_path / "b.html").read_text(
        encoding="utf-8"
    )


def test_high_or_low_are_the_numbers_of_the_evaluation(page, evaluation):
    shown = page.tables["As two classes, 95% intervals over people"]
    asked = evaluation.high_low()
    assert list(shown.index) == list(asked.index)
    for target in asked.index:
        assert number(shown.loc[target, "AUC"]) == pytest.approx(
            asked.loc[target, "auc"], abs=0.005
        )
        accuracy = number(shown.loc[target, "balanced accuracy"])
        assert accuracy == pytest.approx(asked.loc[target, "balanced_accuracy"], abs=0.005)
    assert set(shown["of the best baseline"]) == {"0.50 (scale midpoint)"}


def test_no_classes_without_a_scale(make_evaluation, tmp_path):
    evaluation = make_evaluation(["stress"])
    evaluation.info["scale"] = {}
    text = write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "High or low" not in text


def test_names_cannot_break_the_page(make_evaluation, tmp_path, parse):
    nasty = "<script>alert(1)</script>&\"'"
    evaluation = make_evaluation(["valence", "arousal"], [nasty, "b", "c"])
    path = write_report(evaluation, tmp_path / "a.html", name=nasty, title=nasty)
    page = parse(path.read_text(encoding="utf-8"))
    assert page.all("script") == []
    assert nasty in "".join(page.texts["h1"])


def test_why_the_training_mean_correlates_below_0(make_evaluation, tmp_path):
    evaluation = make_evaluation(["stress"])
    said = "The r of the training mean is below 0 by itself"
    assert said not in write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8")
    evaluation.info["new_people"] = True
    assert said in write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8")


def test_one_person_and_no_times(make_evaluation, tmp_path):
    evaluation = make_evaluation(["stress"], ["a"], n_trials=1, times=False)
    text = write_report(evaluation, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "nan" not in re.sub(r"base64,[^\"]*", "", text).lower().replace("dominance", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1.005, "\N{MINUS SIGN}1.00"),
        (-0.001, "0.00"),
        (np.float64(np.nan), "\N{EN DASH}"),
        (None, "\N{EN DASH}"),
        (np.int64(-3), "\N{MINUS SIGN}3"),
        (True, "yes"),
        ("training_mean", "training mean"),
    ],
)
def test_written(value, text):
    assert written(value) == text


@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_real_browser(report, browse, width):
    """No error on the console, all sections in the page, and nothing wider than the window."""
    console, seen = browse(report, width)
    assert "CONSOLE" not in console
    assert seen["loaded"]
    assert seen["width"] <= width
    assert seen["sections"] == len(TITLES)
