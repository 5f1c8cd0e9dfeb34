"""High or low: balanced accuracy and AUC against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from physio_vad import evaluate
from physio_vad.evaluation.high_low import _auc
from physio_vad.exceptions import ArgumentError
from physio_vad.intervals import mean_over_people


def study(n_people=6, coupling=1.0, seed=0, n=20):
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"P{i}" for i in range(n_people)], ["1", "2"], range(n // 2)],
        names=["subject", "trial", "window"],
    )
    X = pd.DataFrame({"hr": rng.normal(size=len(index)), "scl": rng.normal(size=len(index))}, index)
    y = pd.DataFrame({"arousal": 5 + coupling * X["hr"] + rng.normal(size=len(index))}, index)
    y.attrs["scale"] = {"arousal": (1.0, 9.0)}
    return X, y.clip(1, 9)


def test_scores_are_those_of_scikit_learn():
    X, y = study()
    result = evaluate(Ridge(), X, y)
    row = result.high_low().loc["arousal"]
    table = result.predictions
    high = table["arousal"] > 5
    assert row["threshold"] == 5
    assert row["high"] == high.mean()
    said = table["arousal_predicted"] > 5
    assert row["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(high, said))
    assert row["auc"] == pytest.approx(roc_auc_score(high, table["arousal_predicted"]))
    each = [
        roc_auc_score(part["arousal"] > 5, part["arousal_predicted"])
        for _, part in table.groupby("subject")
    ]
    assert row["auc_subject"] == pytest.approx(np.mean(each))
    assert row["auc_low"] < row["auc"] < row["auc_high"]
    assert row["balanced_accuracy_low"] < row["balanced_accuracy"] < row["balanced_accuracy_high"]
    assert row["balanced_accuracy_baseline"] == pytest.approx(
        balanced_accuracy_score(high, table[f"arousal_{row['baseline']}"] > 5)
    )


def test_ties_count_half():
    X, y = study()
    result = evaluate(Ridge(), X, y)
    table = result.predictions.assign(arousal_predicted=lambda t: t["arousal_predicted"].round())
    row = result.with_predictions(table, "window").high_low().loc["arousal"]
    wanted = roc_auc_score(table["arousal"] > 5, table["arousal_predicted"])
    assert row["auc"] == pytest.approx(wanted)


def test_areas_without_each_person_and_of_each_alone():
    rng = np.random.default_rng(0)
    people = np.sort(rng.integers(0, 5, 60)).astype(np.intp)
    high, answer = rng.random(60) > 0.4, rng.normal(size=60).round(1)
    without, alone = _auc(high, answer, people)
    for person in range(5):
        rest, own = people != person, people == person
        assert without[1 + person] == pytest.approx(roc_auc_score(high[rest], answer[rest]))
        assert alone[person] == pytest.approx(roc_auc_score(high[own], answer[own]))
    assert np.isnan(_auc(np.ones(60, dtype=bool), answer, people)[1]).all()


def test_without_coupling_there_is_no_telling():
    X, y = study(n_people=20, coupling=0.0, n=40)
    row = evaluate(Ridge(), X, y).high_low().loc["arousal"]
    assert row["auc_low"] < 0.5 < row["auc_high"]
    assert abs(row["balanced_accuracy"] - 0.5) < 0.06


def test_where_high_begins():
    X, y = study()
    plain = evaluate(Ridge(), X, y)
    assert plain.high_low(6.5).loc["arousal", "high"] == (y["arousal"] > 6.5).mean()
    by_name = plain.high_low({"arousal": 6.5})
    pd.testing.assert_frame_equal(by_name, plain.high_low(6.5))
    with pytest.raises(ArgumentError, match="valence"):
        plain.high_low({"valence": 5})
    y.attrs.clear()
    with pytest.raises(ArgumentError, match="no scale is declared for arousal"):
        evaluate(Ridge(), X, y).high_low()


def test_one_class_has_no_score():
    X, y = study()
    row = evaluate(Ridge(), X, y).high_low(9).loc["arousal"]
    assert row["high"] == 0
    assert np.isnan(
        [row["balanced_accuracy"], row["auc"], row["auc_subject"], row["auc_low"]]
    ).all()


def test_a_table_a_trial_is_enough():
    X, y = study()
    trials = X.groupby(["subject", "trial"]).mean(), y.groupby(["subject", "trial"]).mean()
    result = evaluate(Ridge(), *trials, scale=(1, 9))
    assert result.info["level"] == "trial"
    assert len(result.predictions) == len(trials[0])
    assert result.summary().loc["arousal", "trials"] == 12
    doubled = [pd.concat([one, one]) for one in trials]
    with pytest.raises(ArgumentError, match="repeat an index entry"):
        evaluate(Ridge(), *doubled)


def test_no_end_of_an_interval_of_a_share_lies_beyond_it():
    X, y = study(n_people=3, coupling=2.0)
    spoilt = X.index.get_level_values("subject") == "P2"
    X.loc[spoilt, "hr"] *= -1
    row = evaluate(Ridge(), X, y).high_low().loc["arousal"]
    for name in ("balanced_accuracy", "auc"):
        assert 0 <= row[f"{name}_low"] < row[name] < row[f"{name}_high"] <= 1


def test_no_end_of_the_interval_of_a_mean_correlation_lies_beyond_one():
    assert mean_over_people(np.array([0.6, 0.99, 0.99]), 0.95)[2] == 1
    assert mean_over_people(np.array([-0.6, -0.99, -0.99]), 0.95)[1] == -1


def test_what_lies_at_the_threshold_is_low():
    X, y = study()
    result = evaluate(Ridge(), X, y)
    table = result.predictions.copy()
    baselines = [f"arousal_{name}" for name in result.info["baselines"]]
    ratings = ["arousal", "arousal_predicted"]
    table[ratings] = table[ratings].round()
    for name in baselines:
        table[name] = table["arousal_predicted"].to_numpy()[::-1]
    names = [*ratings, baselines[0]]
    assert (table[names] == 5).any().all()
    row = result.with_predictions(table, "window").high_low().loc["arousal"]
    high, said, other = (table[name] > 5 for name in names)
    assert row["high"] == high.mean()
    assert row["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(high, said))
    assert row["balanced_accuracy_baseline"] == pytest.approx(balanced_accuracy_score(high, other))
