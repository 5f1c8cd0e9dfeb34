"""Columns of words beside the features: encoded inside the fold, named, never a wrong number."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import check_estimator

from physio_vad import build_pipeline, evaluate, load_model, save_model
from physio_vad.conditions import EncodeConditions
from physio_vad.exceptions import ArgumentError


def study(n_people=8):
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"P{i}" for i in range(n_people)], ["1", "2", "3"], range(4)],
        names=["subject", "trial", "window"],
    )
    X = pd.DataFrame(
        rng.normal(size=(len(index), 3)), index, ["eda__a__m", "eda__b__m", "hr__c__m"]
    )
    condition = pd.Series(rng.choice(["rest", "film"], size=n_people * 3).repeat(4), index)
    y = pd.DataFrame({"arousal": 4 + 2.0 * (condition == "film") + X["hr__c__m"]}, index)
    y.attrs["scale"] = {"arousal": (1.0, 9.0)}
    return X, y.clip(1, 9), condition


def test_each_word_is_a_column():
    table = pd.DataFrame({"c": ["b", None, "a"], "x": [1.0, 2.0, 3.0], "d": ["u", "v", None]})
    coded = EncodeConditions().fit_transform(table)
    assert list(coded.columns) == ["x", "c=a", "c=b", "d=u", "d=v"]
    np.testing.assert_array_equal(coded["c=b"], [1, np.nan, 0])
    np.testing.assert_array_equal(coded["d=v"], [0, 1, np.nan])


@pytest.mark.parametrize("kind", ["object", "category", "string"])
def test_words_of_any_kind_give_the_same(kind):
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "c": ["b", None, "a"]})
    wanted = EncodeConditions().fit_transform(table)
    pd.testing.assert_frame_equal(
        EncodeConditions().fit_transform(table.astype({"c": kind})), wanted
    )


def test_a_new_word_is_none_of_the_known():
    encode = EncodeConditions().fit(pd.DataFrame({"c": ["a", "b"]}))
    assert encode.transform(pd.DataFrame({"c": ["z"]})).to_numpy().tolist() == [[0, 0]]
    assert list(encode.get_feature_names_out()) == ["c=a", "c=b"]


def test_tables_of_numbers_and_arrays_pass():
    table = pd.DataFrame({"x": [1.0, np.nan]})
    encode = EncodeConditions().fit(table)
    assert encode.transform(table) is table
    array = table.to_numpy()
    np.testing.assert_array_equal(EncodeConditions().fit(array).transform(array), array)


def test_what_is_refused():
    encode = EncodeConditions().fit(pd.DataFrame({"x": [1.0, 2], "c": ["a", "b"]}))
    with pytest.raises(ArgumentError, match="trained with the column 'c'"):
        encode.transform(pd.DataFrame({"x": [1.0]}))
    with pytest.raises(ArgumentError, match="'x' holds words here"):
        encode.transform(pd.DataFrame({"x": ["1"], "c": ["a"]}))
    with pytest.raises(ArgumentError, match="'x' holds words here"):
        EncodeConditions().fit(pd.DataFrame({"x": [1.0]})).transform(pd.DataFrame({"x": ["a"]}))
    numbers_as_text = pd.DataFrame({"age": [str(number) for number in range(60)]})
    with pytest.raises(ArgumentError, match="60 different words"):
        EncodeConditions().fit(numbers_as_text)


def test_a_condition_has_at_most_fifty_words():
    words = pd.DataFrame({"c": [f"w{number:02d}" for number in reversed(range(51))]})
    names = EncodeConditions().fit(words[1:]).get_feature_names_out()
    assert list(names) == [f"c=w{number:02d}" for number in range(50)]
    with pytest.raises(ArgumentError, match=r"51 different words, such as 'w00'.* at most 50"):
        EncodeConditions().fit(words)


def test_notes_of_a_table_travel_and_people_are_counted():
    X, _, condition = study(5)
    X = X.assign(condition=condition)
    X.attrs["window"] = {"length": 10.0, "step": 5.0}
    encode = EncodeConditions()
    assert encode.fit_transform(X).attrs == X.attrs
    assert encode.n_people_ == 5
    assert list(encode.get_feature_names_out()) == list(encode.transform(X))
    assert EncodeConditions().fit(X.reset_index(drop=True)).n_people_ == 0


def test_it_is_a_transformer_of_scikit_learn():
    check_estimator(EncodeConditions(), on_skip=None)


@pytest.mark.parametrize("normalise", [None, "subject"])
def test_a_condition_that_tells_is_used(normalise):
    X, y, condition = study()
    pipeline = build_pipeline(estimator="ridge", normalise=normalise, random_state=0)
    without = evaluate(pipeline, X, y).skill["arousal"]
    with_it = evaluate(pipeline, X.assign(condition=condition), y).skill["arousal"]
    assert with_it > without + 0.2


@pytest.mark.parametrize("form", ["joblib", "skops"])
def test_saved_and_loaded_it_says_the_same(form, tmp_path):
    X, y, condition = study()
    X = X.assign(condition=condition)
    pipeline = build_pipeline(estimator="ridge", random_state=0).fit(X, y)
    save_model(tmp_path / "model", pipeline, targets={"arousal": (1, 9)}, format=form)
    again = load_model(tmp_path / "model", trusted=[] if form == "skops" else None)
    np.testing.assert_array_equal(again.predict(X), pipeline.predict(X))
    with pytest.raises(ArgumentError, match="trained with the column 'condition'"):
        pipeline.predict(X.drop(columns="condition"))
