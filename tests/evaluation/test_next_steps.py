"""Where no model has skill the reader is told what to look at, with true numbers."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import evaluate
from physio_vad.evaluation.next_steps import next_steps, without_skill
from physio_vad.pipeline import build_pipeline
from physio_vad.report import write_report


def test_nothing_is_said_where_a_model_has_skill(make_tables):
    X, y = make_tables(8)
    result = evaluate(Ridge(), X, y)
    assert (result.skill > 0).any()
    assert next_steps({"ridge": result}) == []


def test_a_rating_without_skill_has_steps_of_its_own_beside_one_with_skill(make_tables):
    X, y = make_tables(8)
    mixed = np.random.default_rng(0).permutation(y["arousal"])
    result = evaluate(Ridge(), X, y.assign(arousal=mixed))
    assert result.skill["valence"] > 0 > result.skill["arousal"]
    assert without_skill({"ridge": result}) == ["arousal"]
    steps = " ".join(next_steps({"ridge": result}))
    assert "mean r of arousal" in steps
    assert "valence" not in steps
    better = dataclasses.replace(result, predictions=result.predictions.copy())
    better.predictions["arousal_predicted"] = better.predictions["arousal"]
    assert next_steps({"ridge": result, "better": better}) == []


def test_the_steps_and_their_numbers(make_tables, tmp_path):
    X, y = make_tables(8, coupling=0.0, constant=False)
    result = evaluate(Ridge(alpha=1e-3), X, y)
    assert (result.skill < 0).all()
    steps = next_steps({"ridge": result})
    people = [part for _, part in result.predictions.groupby("subject")]
    by_hand = np.mean(
        [np.corrcoef(part["valence"], part["valence_predicted"])[0, 1] for part in people]
    )
    assert f"mean r of valence is {by_hand:.2f}" in " ".join(steps)
    bounds = result.skill_interval()
    half = (bounds["high"] - bounds["low"]).mean() / 2
    assert f"with 8 the interval of skill is about {half:.2f} to each side" in " ".join(steps)
    page = write_report(result, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "No model is better than its baselines for valence, arousal" in page


def test_steps_that_were_taken_are_not_advised_again(make_tables):
    X, y = make_tables(8, coupling=0.0, constant=False)
    plain = evaluate(build_pipeline(estimator="ridge"), X, y)
    steps = " ".join(next_steps({"ridge": plain}))
    assert 'estimator="blend" is drawn to the training mean' in steps
    assert 'normalise="subject" takes' in steps
    assert " s here" not in steps
    plain.info["recipe"] = {"windows": {"label_lag": 2.5}}
    assert "a whole film, and 2.5 s here." in " ".join(next_steps({"ridge": plain}))
    scaled = evaluate(build_pipeline(estimator="svr", normalise="subject"), X, y)
    steps = " ".join(next_steps({"svr": scaled}))
    assert 'estimator="ridge"' in steps
    assert "level is taken out here" in steps


@pytest.mark.parametrize("follows", [True, False])
def test_r_within_people_decides(make_tables, follows):
    X, y = make_tables(8, coupling=0.0, constant=False)
    result = evaluate(Ridge(alpha=1e-3), X, y)
    table = result.predictions.copy()
    if follows:  # right within people, wrong in level
        table["valence_predicted"] = table["valence"] + 5 * (table["subject"] < "s04") - 2.5
    steps = next_steps({"ridge": dataclasses.replace(result, predictions=table)})
    decided = next(one for one in steps if one.startswith("Within people"))
    assert ("The body follows valence: the level" in decided) == follows
    assert ("go to step 9" in decided) != follows
    assert steps[8].startswith("Stop")


def test_people_with_one_row_each_have_no_spread(make_tables):
    X, y = make_tables(8, coupling=0.0, constant=False)
    result = evaluate(Ridge(alpha=1e-3), X, y)
    table = result.predictions.groupby("subject", as_index=False).head(1)
    steps = " ".join(next_steps({"ridge": dataclasses.replace(result, predictions=table)}))
    between = table["valence"].std()
    said = f"valence varies by an unknown amount within people and {between:.2f} between them"
    assert said in steps


def test_who_gets_one_prediction_counts_as_0_within_people(make_tables):
    X, y = make_tables(8, coupling=0.0, constant=False)
    result = evaluate(Ridge(alpha=1e-3), X, y)
    table = result.predictions
    r = [
        np.corrcoef(p["valence"], p["valence_predicted"])[0, 1] for _, p in table.groupby("subject")
    ]
    few = table["subject"].isin(sorted(table["subject"].unique())[3:])
    flat = table["valence_predicted"].where(~few, 5.0)
    result = dataclasses.replace(result, predictions=table.assign(valence_predicted=flat))
    assert f"mean r of valence is {sum(r[:3]) / 8:.2f}" in " ".join(next_steps({"ridge": result}))
