import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

from physio_vad.evaluation import evaluate
from physio_vad.evaluation.comparison import ALL, compare_models
from physio_vad.exceptions import ArgumentError


def test_the_same_model_twice_differs_in_nothing(make_tables):
    X, y = make_tables()
    result = compare_models({"a": Ridge(), "b": Ridge()}, X, y)
    table = result.differences()
    assert (table[["difference", "low", "high"]] == 0).all(axis=None)
    assert not table["separate"].any()
    assert result.verdict().startswith("Nothing separates these models: over 6 people")
    assert "Nothing separates" in repr(result)


def test_differences_are_those_of_the_skills(make_tables):
    X, y = make_tables(n_subjects=12)
    models = {"ridge": Ridge(), "mean": DummyRegressor(), "strong": Ridge(1e4)}
    result = compare_models(models, X, y, cv="grouped-k-fold", random_state=0)
    table = result.differences()
    assert len(table) == 3 * 3
    for (one, other, target), row in table.iterrows():
        by_hand = result.skills.loc[one, target] - result.skills.loc[other, target]
        assert row["difference"] == pytest.approx(by_hand)
        assert row["low"] <= row["high"]
    assert table.loc[("ridge", "mean", ALL), "separate"]
    assert "ridge beats mean" in result.verdict()
    alone = evaluate(Ridge(), X, y, cv="grouped-k-fold", random_state=0)
    np.testing.assert_allclose(result.skills.loc["ridge", list(y.columns)], alone.skill)


def test_noise_separates_no_models(make_tables):
    X, y = make_tables(n_subjects=10, coupling=0.0, seed=4)
    result = compare_models({"weak": Ridge(1.0), "strong": Ridge(2.0)}, X, y)
    assert "Nothing separates" in result.verdict()


def test_a_target_that_few_rated(make_tables):
    X, y = make_tables(n_subjects=8)
    few = X.index.get_level_values("subject") < "s03"
    y["arousal"] = y["arousal"].where(few)
    from physio_vad.regressors import MultiOutput

    models = {"a": MultiOutput("ridge"), "b": MultiOutput("kernel_ridge")}
    table = compare_models(models, X.iloc[:, :2], y, cv="grouped-k-fold").differences()
    assert np.isfinite(table["difference"]).all()


def test_costs_are_seconds(make_tables):
    X, y = make_tables()
    costs = compare_models({"a": Ridge(), "b": DummyRegressor()}, X, y).costs
    assert list(costs.columns) == ["fit", "predict", "predict_one"]
    assert (costs > 0).all(axis=None)


def test_one_model_is_no_comparison(make_tables):
    with pytest.raises(ArgumentError, match="at least two models"):
        compare_models({"a": Ridge()}, *make_tables())


def test_one_target_has_no_mean_over_targets(make_tables):
    X, y = make_tables()
    result = compare_models({"a": Ridge(), "b": DummyRegressor()}, X, y[["valence"]])
    assert list(result.skills.columns) == ["valence"]
    assert result.differences().index.tolist() == [("a", "b", "valence")]
    assert result.verdict(0.5).count("of 1") == 0
    several = compare_models({"a": Ridge(), "b": DummyRegressor(), "c": Ridge(9.0)}, X, y)
    assert len(several.differences()) == 3 * 3
    rest = (~several.differences()["separate"].astype(bool)).sum()
    assert f"in the other {rest} of 9." in several.verdict()
