import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.feature_selection import f_regression

from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning
from physio_vad.filling import FillMissing
from physio_vad.pipeline import build_pipeline
from physio_vad.preprocessing import (
    OnlineScaler,
    SelectFeatures,
    SubjectScaler,
    TableScaler,
)


@pytest.fixture
def table():
    index = pd.MultiIndex.from_product(
        [["a", "b", "c"], ["1"], range(-2, 4)], names=["subject", "trial", "window"]
    )
    rng = np.random.default_rng(0)
    values = rng.normal(size=(18, 3)) * [1, 10, 100] + np.repeat([0, 50, -20], 6)[:, None]
    return pd.DataFrame(values, index=index, columns=["x", "y", "z"])


def test_every_subject_has_mean_0_and_deviation_1(table):
    by_subject = SubjectScaler().fit_transform(table).groupby("subject")
    np.testing.assert_allclose(by_subject.mean(), 0, atol=1e-12)
    np.testing.assert_allclose(by_subject.std(ddof=0), 1)


def test_scaling_forgets_offset_and_gain_of_a_person(table):
    subject = table.index.get_level_values("subject") == "b"
    other = table.copy()
    other[subject] = table[subject] * 7 - 3
    pd.testing.assert_frame_equal(
        SubjectScaler().fit_transform(table), SubjectScaler().fit_transform(other)
    )


def test_a_new_person_is_scaled_by_their_own_rows(table):
    scaler = SubjectScaler().fit(table.loc[["a"]])
    pd.testing.assert_frame_equal(
        scaler.transform(table.loc[["c"]]), SubjectScaler().fit_transform(table).loc[["c"]]
    )


def test_baseline_takes_the_rest_period_only(table):
    scaled = SubjectScaler("baseline").fit_transform(table)
    rest = table[table.index.get_level_values("window") < 0].groupby("subject")
    later = scaled.xs(3, level="window").droplevel("trial")
    now = table.xs(3, level="window").droplevel("trial")
    pd.testing.assert_frame_equal(later, (now - rest.mean()) / rest.std(ddof=0))


def test_a_subject_without_rest_is_named(table):
    lacking = table.drop(index=[("b", "1", -2), ("b", "1", -1)])
    with pytest.raises(GroupsError, match="subject 'b' has no baseline windows"):
        SubjectScaler("baseline").fit(lacking).transform(lacking)


@pytest.mark.parametrize(("n_rows", "warns"), [(1, True), (2, True), (3, False)])
def test_a_person_of_one_or_two_rows_is_warned_about(table, n_rows, warns):
    scaler = SubjectScaler().fit(table)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scaler.transform(table.loc[["b"]].iloc[:n_rows])
    assert [one.category for one in caught] == [GroupsWarning] * warns
    assert all("subject 'b'" in str(one.message) for one in caught)


def test_features_and_ratings_of_other_rows_are_refused(table):
    y = pd.DataFrame({"valence": np.arange(18.0)}, table.index)
    with pytest.raises(ArgumentError, match="row 0 is a/1/-2 in X and c/1/3 in y"):
        SelectFeatures(2).fit(table, y.iloc[::-1])
    with pytest.raises(ArgumentError, match="row 0 is a/1/-2 in X and c/1/3 in y"):
        build_pipeline(estimator="ridge").fit(table, y.iloc[::-1])
    SelectFeatures(2).fit(table, y.to_numpy())


def test_a_missing_subject_is_refused(table):
    names = table.index.to_frame(index=False)
    names.loc[4, "subject"] = None
    with pytest.raises(GroupsError, match="missing in 1 of 18 rows, first in row 4"):
        SubjectScaler().fit(table.set_axis(pd.MultiIndex.from_frame(names)))


def test_missing_stay_missing_and_constants_become_0(table):
    table.iloc[3, 0] = np.nan
    table["y"] = 0.1
    table.loc["c", "z"] = np.nan
    scaled = SubjectScaler().fit_transform(table)
    assert scaled["x"].isna().sum() == 1
    assert (scaled["y"] == 0).all()
    assert scaled.loc["c", "z"].isna().all()


@pytest.mark.parametrize("lost", [lambda t: t.to_numpy(), lambda t: t.reset_index(drop=True)])
def test_a_lost_index_is_explained(table, lost):
    with pytest.raises(GroupsError, match="set_output"):
        SubjectScaler().fit(lost(table))


def test_unknown_reference(table):
    with pytest.raises(ArgumentError, match="did you mean 'session'"):
        SubjectScaler("sesion_").fit(table)


def test_all_missing_columns_keep_their_place_and_stay_0(table):
    train = table.assign(y=np.nan)
    filler = FillMissing().fit(train)
    later = filler.transform(table)
    assert list(later.columns) == ["x", "y", "z"]
    assert (later["y"] == 0).all()
    scaled = TableScaler().fit(filler.transform(train)).transform(later)
    assert (scaled["y"] == 0).all()
    assert np.isfinite(scaled.to_numpy()).all()


def test_one_wild_value_neither_moves_the_scale_nor_lies_far_out():
    X = np.random.default_rng(0).normal(size=(1000, 1))
    wild = X.copy()
    wild[7] = 264.0
    clean, dirty = TableScaler().fit(X), TableScaler().fit(wild)
    inside = X[np.abs(X[:, 0]) < 2]
    np.testing.assert_allclose(dirty.transform(inside), clean.transform(inside), atol=0.02)
    assert dirty.transform([[264.0]]) == dirty.transform([[1e9]]) < 3.5
    assert np.isnan(dirty.transform([[np.nan]]))


def test_constants_of_the_training_rows_stay_0(table):
    scaler = TableScaler().fit(table.assign(y=3.0))
    assert (scaler.transform(table)["y"] == 0).all()


def test_scores_are_those_of_scikit_learn_where_nothing_is_missing(table):
    y = np.arange(18.0) + table["y"].to_numpy()
    selector = SelectFeatures(1).fit(table, y)
    np.testing.assert_allclose(selector.scores_[:, 0], f_regression(table, y)[0])


def test_scores_use_the_rows_where_both_are_known(table):
    y = table[["x"]].rename(columns={"x": "valence"}) + table[["z"]].to_numpy() / 100
    y.iloc[:4] = np.nan
    table.iloc[10:12, 1] = np.nan
    known = y["valence"].notna() & table["y"].notna()
    by_hand = f_regression(table.loc[known, ["y"]], y.loc[known, "valence"])[0]
    assert SelectFeatures(1).fit(table, y).scores_[1, 0] == pytest.approx(by_hand[0])


def test_a_feature_counts_by_its_best_target(table):
    table["noise"] = np.random.default_rng(1).normal(size=18)
    y = pd.DataFrame({"valence": table["x"], "arousal": table["z"]})
    y.iloc[:6, 1] = np.nan
    kept = SelectFeatures(2).fit(table, y).transform(table)
    assert list(kept.columns) == ["x", "z"]
    assert kept.index.equals(table.index)
    assert SelectFeatures(1, targets=["arousal"]).fit(table, y).get_feature_names_out() == ["z"]


@pytest.mark.parametrize(("k", "n_kept"), [(2, 2), (0.34, 1), (1.0, 3), (9, 3)])
def test_numbers_and_shares(table, k, n_kept):
    assert SelectFeatures(k).fit(table, table["x"].to_numpy()).transform(table).shape[1] == n_kept


@pytest.mark.parametrize("k", [0, 1.5, True, -1])
def test_wrong_numbers(table, k):
    with pytest.raises(ArgumentError, match="share"):
        SelectFeatures(k).fit(table, table["x"])


@pytest.mark.parametrize("step", [SubjectScaler(), FillMissing(), TableScaler(), SelectFeatures(2)])
def test_a_table_stays_a_table(table, step):
    y = table["x"].to_numpy()
    for output in ("default", "pandas"):
        out = clone(step).set_output(transform=output).fit(table, y).transform(table)
        assert out.index.equals(table.index)
        assert list(out.columns) == list(clone(step).fit(table, y).get_feature_names_out())


@pytest.mark.parametrize("step", [FillMissing(), TableScaler(), SelectFeatures(2)])
def test_an_array_stays_an_array(table, step):
    out = step.fit(table.to_numpy(), table["x"].to_numpy()).transform(table.to_numpy())
    assert isinstance(out, np.ndarray)


def test_online_scaler_forgets_the_training_and_never_looks_ahead():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [["a", "b"], ["1"], range(400)], names=["subject", "trial", "window"]
    )
    train = pd.DataFrame({"x": rng.normal(0, 1, 800)}, index=index)
    scaler = OnlineScaler(strength=5).fit(train)
    table = pd.DataFrame({"x": rng.normal(0, 2, 800) + np.repeat([0.0, 10.0], 400)}, index=index)
    scaled = scaler.transform(table)
    late = scaled.groupby(level="subject")["x"].apply(lambda one: one.iloc[200:])
    assert late.groupby(level=0).mean().abs().max() < 0.3
    first = scaled.groupby(level="subject")["x"].first()
    expected = (table.groupby(level="subject")["x"].first() - train["x"].mean()) / train["x"].std(
        ddof=0
    )
    assert first.to_list() == pytest.approx(expected.to_list())
    changed = table.copy()
    changed.iloc[300:400] = 1e6
    assert scaler.transform(changed).iloc[:301]["x"].iloc[:300].equals(scaled["x"].iloc[:300])
    assert scaler.transform(changed).loc["b"].equals(scaled.loc["b"])
