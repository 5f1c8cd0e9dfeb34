"""What a model looks at: SHAP values, signals, the parts that fit into a time, saving."""

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from physio_vad.evaluation import evaluate
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.explain import (
    Explanation,
    ablation_table,
    explain,
    mean_shap_values,
    rmse_increase,
    shap_importance,
    signal_quality,
)
from physio_vad.explain.shap import shap_values
from physio_vad.integrity import read_json, write_json
from physio_vad.pipeline import build_pipeline


@pytest.fixture(scope="module")
def tables():
    """Valence is in the skin, arousal in the heart, nothing in the eyes."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"s{number}" for number in range(6)], ["a"], range(20)],
        names=["subject", "trial", "window"],
    )
    y = pd.DataFrame(rng.normal(5, 1, size=(len(index), 2)), index, ["valence", "arousal"])
    noise = rng.normal(size=(len(index), 3))
    X = pd.DataFrame(
        {
            "eda__scl_mean": y["valence"] + 0.3 * noise[:, 0],
            "eda__quality": 0.9,
            "ppg__hr_mean": y["arousal"] + 0.3 * noise[:, 1],
            "ppg__quality": 0.5,
            "eog__blink_rate": noise[:, 2],
        }
    )
    y.attrs["scale"] = dict.fromkeys(y, (1.0, 9.0))
    y.attrs["window"] = {"length": 10.0, "step": 10.0}
    return X, y


@pytest.fixture(scope="module")
def pipeline():
    booster = LGBMRegressor(
        n_estimators=10, num_leaves=4, min_child_samples=5, verbosity=-1, n_jobs=1
    )
    return build_pipeline("multioutput", estimator=booster, random_state=0)


@pytest.fixture(scope="module")
def evaluation(tables, pipeline):
    return evaluate(pipeline, *tables)


@pytest.fixture(scope="module")
def explanation(tables, pipeline, evaluation):
    return explain(pipeline, *tables, evaluation, n_repeats=1)


@pytest.mark.parametrize("name", ["multioutput", "chain", "chain_ensemble"])
def test_shap_values_add_up_to_the_prediction(name, tables, pipeline) -> None:
    X, y = tables
    model = build_pipeline(name, estimator=pipeline[-1].estimator, random_state=0).fit(X, y)
    values = shap_values(model, X)
    chained = [] if name == "multioutput" else ["earlier targets: 0", "earlier targets: 1"]
    for target, table in enumerate(values):
        assert sorted(table) == sorted([*X.columns, *chained, "bias"])
        np.testing.assert_allclose(table.sum(axis=1), model.predict(X)[:, target])
        for column in chained[target : target + 1]:  # no target stands before itself
            assert (table[column] == 0).all()


def test_a_link_that_copies_the_link_before_it_says_so(tables, pipeline) -> None:
    _, y = tables
    y = pd.DataFrame({"valence": y["valence"], "arousal": y["valence"]})
    noise = np.random.default_rng(0).normal(size=(len(y), 12))
    X = pd.DataFrame(y[["valence"]].to_numpy() + noise, y.index).add_prefix("eda__feature")
    moves = {}
    for name in ("multioutput", "chain"):
        model = build_pipeline(name, estimator=pipeline[-1].estimator, random_state=0)
        moves[name] = shap_importance(model, X, y)["shap"]
    assert "earlier targets" not in moves["multioutput"]["arousal"]
    assert moves["chain"]["valence", "earlier targets"] == 0
    assert moves["chain"]["arousal"].idxmax() == "earlier targets"
    assert moves["chain"]["arousal", "eda"] < 0.6 * moves["multioutput"]["arousal", "eda"]


def test_shap_values_behind_steps_that_give_arrays(tables) -> None:
    X, y = tables
    booster = LGBMRegressor(n_estimators=3, verbosity=-1, n_jobs=1)
    model = make_pipeline(StandardScaler(), booster).fit(X, y["valence"])
    (table,) = shap_values(model, X)
    assert list(table) == [*X.columns, "bias"]


def test_shap_names_the_modality_that_moves_the_prediction(tables, pipeline) -> None:
    table = shap_importance(pipeline, *tables)
    assert table.loc["valence", "shap"].idxmax() == "eda"
    assert table.loc["arousal", "shap"].idxmax() == "ppg"
    assert (table["low"] <= table["shap"]).all()
    assert (table["shap"] <= table["high"]).all()
    alone = LGBMRegressor(n_estimators=5, verbosity=-1, n_jobs=1)
    one = shap_importance(alone, tables[0], tables[1]["valence"], groups="family")
    assert one.loc["valence", "shap"].idxmax() == "eda__scl_mean"


def test_other_models_have_no_shap_values(tables) -> None:
    with pytest.raises(ArgumentError, match="group_importance, which takes any model"):
        shap_importance(Ridge(), *tables)
    evaluation = evaluate(Ridge(), *tables)
    explanation = explain(Ridge(), *tables, evaluation, n_repeats=1)
    assert explanation.moves is None
    assert explanation.modality is not None
    assert explanation.left_out == ("SHAP values, as the last step is not made of LightGBM alone",)


def test_everything_is_found_out_on_held_out_people(explanation, tables) -> None:
    table = rmse_increase(explanation.modality)
    assert table.loc["valence", "importance"].idxmax() == "eda"
    assert table.loc[("valence", "eda"), "low"] > 0.1
    assert rmse_increase(explanation.family).loc["arousal", "importance"].idxmax() == "ppg__hr_mean"
    kept = ablation_table(explanation.kept).loc["valence", "skill"]
    assert kept["without eda"] < 0.05 < kept["only eda"]
    assert mean_shap_values(explanation.moves).loc["arousal", "shap"].idxmax() == "ppg"
    assert explanation.left_out == ()
    assert explanation.signals["windows"].sum() == 3 * len(tables[0])


def test_what_takes_too_many_fits_is_left_out_and_said(tables, pipeline, evaluation) -> None:
    nothing = explain(pipeline, *tables, evaluation, fits=0)
    assert nothing.modality is nothing.kept is nothing.family is None
    assert len(nothing.signals) == 18
    assert nothing.left_out[0].startswith("importance by modality and feature: takes 5 fits, 0 are")
    some = explain(pipeline, *tables, evaluation, fits=10, n_repeats=1)
    assert some.modality is not None
    assert some.kept is None
    assert (
        "without each modality and with each alone: takes 35 fits, 5 are left" in some.left_out[0]
    )


def test_two_people_are_too_few(tables, pipeline) -> None:
    X, y = (table.loc[["s0", "s1"]] for table in tables)
    explanation = explain(pipeline, X, y, evaluate(pipeline, X, y))
    assert explanation.modality is None
    assert explanation.left_out == ("importance needs at least 3 people to hold some out",)


def test_progress_is_told(tables, evaluation) -> None:
    calls = []
    explain(Ridge(), *tables, evaluation, n_repeats=1, progress=lambda *a: calls.append(a))
    assert calls == [("parts", done, 4) for done in (1, 2, 3, 4)]


def test_what_is_saved_is_read_back(explanation, tmp_path) -> None:
    assert Explanation.load(tmp_path) is None
    again = Explanation.load(explanation.save(tmp_path))
    for name in ("signals", "modality", "family", "moves"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(explanation, name))
    pd.testing.assert_frame_equal(ablation_table(again.kept), ablation_table(explanation.kept))
    assert again.left_out == ()
    sheet = tmp_path / "explanation.json"
    content = read_json(sheet, remedy="")
    write_json(sheet, content | {"format": "physio_vad explanation 0"})
    with pytest.raises(
        ReadError, match=r"must be 'physio_vad explanation 1', got 'physio_vad explanation 0'"
    ):
        Explanation.load(tmp_path)
    explanation.save(tmp_path)
    (tmp_path / "modality.parquet").unlink()
    with pytest.raises(ReadError, match=r"explanation\.json and its tables cannot be read"):
        Explanation.load(tmp_path)


def test_signals_by_hand() -> None:
    index = pd.MultiIndex.from_product(
        [["a", "b"], ["1"], range(2)], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame(
        {
            "eda__scl_mean": [1.0, np.nan, np.nan, np.nan],
            "eda__scr_rate": [1.0, 2.0, np.nan, np.nan],
            "eda__quality": [1.0, 0.4, 0.0, 0.0],
            "eog__blink_rate": 3.0,
        },
        index,
    )
    table = signal_quality(X).set_index(["modality", "subject"])
    assert table.loc[("eda", "a"), "missing"] == 0.25
    assert table.loc[("eda", "a"), "quality"] == pytest.approx(0.7)
    assert table.loc[("eda", "b"), ["missing", "quality"]].tolist() == [1.0, 0.0]
    assert table.loc[("eog", "a"), "missing"] == 0
    assert np.isnan(table.loc[("eog", "a"), "quality"])


def test_time_versions_and_seeds_are_kept(evaluation) -> None:
    info = evaluation.info
    assert info["seconds"]["all"] >= info["seconds"]["fit"] > 0
    assert info["versions"]["lightgbm"]
    assert info["seeds"] == {"model__random_state": 0}
    assert info["new_people"]
