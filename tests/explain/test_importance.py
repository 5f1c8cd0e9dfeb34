from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from physio_vad.evaluation import evaluate
from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.fold_rows import FoldRows
from physio_vad.exceptions import ArgumentError
from physio_vad.explain import ablation, by_family, by_modality, group_importance
from physio_vad.explain.importance import shuffled_predictions


@pytest.fixture
def tables():
    """Valence is in the skin, arousal in the heart, nothing in the eyes."""
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"s{number}" for number in range(8)], ["a", "b"], range(-2, 20)],
        names=["subject", "trial", "window"],
    )
    y = pd.DataFrame(rng.normal(size=(len(index), 2)), index, ["valence", "arousal"])
    X = pd.DataFrame(
        {
            "eda__scl_mean": y["valence"] + 0.5 * rng.normal(size=len(y)),
            "ppg__hr_mean": y["arousal"] + 0.5 * rng.normal(size=len(y)),
            "eda__scr_rate": rng.normal(size=len(y)),
            "eog__blink_rate": rng.normal(size=len(y)),
            "eeg__alpha_power__Fz": rng.normal(size=len(y)),
            "eeg__alpha_power__Cz": rng.normal(size=len(y)),
        }
    )
    y[index.get_level_values("window") < 0] = np.nan
    y.attrs["window"] = {"length": 10.0, "step": 5.0}
    return X, y


def test_the_modality_that_tells_is_found(tables) -> None:
    table = group_importance(Ridge(), *tables)
    assert table.index.names == ["target", "group"]
    assert list(table) == ["importance", "low", "high", "columns"]
    for target, told in (("valence", "eda"), ("arousal", "ppg")):
        part = table.loc[target]
        assert part["importance"].idxmax() == told
        assert part.loc[told, "low"] > 0.2
        assert (part.drop(told)["importance"].abs() < 0.03).all()
        assert (part["low"] <= part["importance"]).all()
        assert (part["importance"] <= part["high"]).all()
    assert table.loc["valence", "columns"].to_dict() == {"eda": 2, "ppg": 1, "eog": 1, "eeg": 2}


def test_the_rise_by_hand(tables) -> None:
    X, y = tables
    X = X[["eda__scl_mean"]]
    table = group_importance(LinearRegression(), X, y["valence"], n_repeats=150)
    predictions = evaluate(LinearRegression(), X, y["valence"], cv="grouped-k-fold", random_state=0)
    frame = predictions.predictions
    plain = np.sqrt(((frame["valence"] - frame["valence_predicted"]) ** 2).mean())
    square = 0.0
    for _, part in frame.groupby("subject"):  # any prediction of the person may meet any rating
        gaps = part["valence"].to_numpy()[:, np.newaxis] - part["valence_predicted"].to_numpy()
        square += (gaps**2).mean() * len(part)
    expected = np.sqrt(square / len(frame)) - plain
    assert table.loc[("valence", "eda"), "importance"] == pytest.approx(expected, rel=0.03)


def test_groups_by_name_or_given(tables) -> None:
    X, y = tables
    assert list(by_modality(X.columns)) == ["eda", "ppg", "eog", "eeg"]
    assert by_family(X.columns)["eeg__alpha_power"] == list(X.columns[-2:])
    family = group_importance(Ridge(), X, y, groups="family", n_repeats=1)
    assert len(family.loc["valence"]) == 5
    own = group_importance(Ridge(), X, y, groups={"skin": ["eda__scl_mean"]}, n_repeats=1)
    assert own.index.tolist() == [("valence", "skin"), ("arousal", "skin")]


def test_the_seed_decides_and_progress_is_told(tables) -> None:
    calls = []
    one, two = (
        group_importance(Ridge(), *tables, n_repeats=1, progress=lambda *done: calls.append(done))
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert calls == [("folds", fold, 5) for fold in range(1, 6)] * 2


def test_without_each_and_each_alone(tables) -> None:
    calls = []
    table = ablation(
        Ridge(), *tables, cv="grouped-k-fold", random_state=0, progress=lambda *a: calls.append(a)
    )
    kept = ["all"]
    for word in ("without", "only"):
        kept += [f"{word} {name}" for name in ("eda", "ppg", "eog", "eeg")]
    assert table.index.tolist() == [(name, one) for name in ("valence", "arousal") for one in kept]
    assert calls[-1] == ("evaluations", 9, 9)
    skill = table.loc["valence", "skill"]
    assert skill["without eda"] < 0.05 < skill["only eda"]
    whole = evaluate(Ridge(), *tables, cv="grouped-k-fold", random_state=0).summary()
    assert skill["all"] == pytest.approx(whole.loc["valence", "skill"])


def test_wrong_groups(tables) -> None:
    X, y = tables
    with pytest.raises(ArgumentError, match="did you mean 'modality'"):
        group_importance(Ridge(), X, y, groups="modalities")
    with pytest.raises(ArgumentError, match="group 'skin': unknown column 'eda__scl'"):
        group_importance(Ridge(), X, y, groups={"skin": ["eda__scl"]})
    with pytest.raises(ArgumentError, match="n_repeats"):
        group_importance(Ridge(), X, y, n_repeats=0)
    with pytest.raises(ArgumentError, match="extract_features"):
        ablation(Ridge(), X.assign(recording=None), y)


def test_columns_are_shuffled_within_each_person(tables) -> None:
    """A column that only tells people apart is worth nothing: its rows are exchanged at home."""
    X, y = tables
    subjects = X.index.get_level_values("subject")
    level = pd.Series(np.arange(8.0), subjects.unique())
    X = X[["eda__scl_mean"]].assign(ecg__level=level.loc[subjects].to_numpy())
    y = (y + 3 * level.loc[subjects].to_numpy()[:, np.newaxis])[["valence"]]
    table = group_importance(Ridge(), X, y, n_repeats=2)
    assert table.loc[("valence", "ecg"), "importance"] == pytest.approx(0.0, abs=1e-12)
    assert table.loc[("valence", "eda"), "importance"] > 0


def test_rest_takes_no_part_in_the_shuffle(tables) -> None:
    """Rest is far off: no scored window is given a value of it, nor a rest window another's."""
    X, y = tables
    far = X.copy()
    rest = far.index.get_level_values("window") < 0
    far.loc[rest] = 1e6
    design = make_design(far, y, "grouped-k-fold", random_state=0)
    train, test = design.splits[0]
    model = Ridge().fit(X.iloc[train], y.fillna(0.0).iloc[train])
    only = replace(design, splits=FoldRows(len(design.X), [(train, test)]))
    made = shuffled_predictions([model], only, {"all": list(X)}, n_repeats=3)
    scored = made[made["valence"].notna()]
    assert scored[["valence_predicted", "arousal_predicted"]].abs().to_numpy().max() < 100
