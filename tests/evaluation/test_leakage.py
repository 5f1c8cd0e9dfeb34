"""Each check has a leaky twin that it names; honest tables raise no error."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from physio_vad.evaluation import Finding, check_leakage, evaluate
from physio_vad.evaluation.leakage.association import correlations


def seen(X, y, level="error", **options) -> set[str]:
    return {found.check for found in check_leakage(X, y, **options) if found.level == level}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("coupling", [0.0, 1.0])
def test_honest_tables_raise_no_error(seed, coupling, make_tables) -> None:
    X, y = make_tables(10, 6, 4, coupling=coupling, seed=seed, stimuli=True)
    X["eda__scr_rate"] = np.random.default_rng(seed).poisson(1.0, len(X))
    X["eeg__alpha_relpower"] = np.random.default_rng(seed).beta(2, 2, len(X))
    X["eda__quality"] = 1.0
    X.loc["s03", "f0"] = np.nan
    for cv in ("leave-one-subject-out", "leave-stimulus-out", "within-subject-chronological"):
        assert seen(X, y, cv=cv) == set()
    findings = evaluate(Ridge(), X.fillna(0), y).findings
    assert {found.check for found in findings} == {"repeated_stimuli"}
    assert not evaluate(Ridge(), X.fillna(0), y).leaky


def test_flat_signals_are_no_duplicates(make_tables) -> None:
    X, y = make_tables(5, 4, 4)
    X = pd.DataFrame(0.0, X.index, [f"temperature__{name}" for name in ("mean", "sd", "slope")])
    X["temperature__mean"] = np.random.default_rng(0).integers(3200, 3260, len(X)) / 100
    assert seen(X, y) == set()


def test_shuffled_windows(make_tables) -> None:
    X, y = make_tables()
    cv = KFold(5, shuffle=True, random_state=0)
    found = [one for one in check_leakage(X, y, cv=cv) if one.check == "shared_borders"]
    shared = "training and test side share "
    kinds = [one.seen.removeprefix(shared).split()[0] for one in found]
    assert kinds == ["subject", "trial", "overlapping"]  # one finding a kind, not one a fold
    assert {one.level for one in found} == {"error"}
    assert "(and 4 folds more share others)" in found[1].seen


@pytest.mark.parametrize(("n_different", "leaky"), [(1, False), (2, False), (3, True)])
def test_twins_have_three_different_values(n_different, leaky, make_tables) -> None:
    """One slow signal that was rounded gives mean, median and largest of the same value."""
    X, y = make_tables(n_features=6)
    X.loc["s00"] = X.loc["s00"].to_numpy()[:, np.arange(6) % n_different]
    X.loc["s04"] = X.loc["s00"].to_numpy()
    assert ("duplicate_rows" in seen(X, y)) == leaky


def test_duplicate_rows(make_tables) -> None:
    X, y = make_tables()
    X.loc["s04"] = X.loc["s01"].to_numpy()
    (found,) = [one for one in check_leakage(X, y) if one.check == "duplicate_rows"]
    assert found.level == "error"
    assert "24 test rows have a twin" in found.seen
    assert "first s01/t0/0 and s04/t0/0" in found.seen
    assert "duplicate_rows" in {one.check for one in evaluate(Ridge(), X, y).findings}


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), MinMaxScaler()])
def test_a_scaler_fitted_on_all_people(scaler, make_tables) -> None:
    X, y = make_tables()
    X[:] = scaler.fit_transform(X * 3 + 7)
    assert seen(X, y) == {"fitted_outside"}


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), MinMaxScaler()])
def test_a_scaler_fitted_on_the_rated_rows_of_all_people(scaler, make_tables) -> None:
    X, y = make_tables()
    y.loc["s02", "t1"] = np.nan
    rated = y["valence"].notna()
    X[:] = scaler.fit(X[rated] * 3 + 7).transform(X * 3 + 7)
    X["f9"] = X["f0"].where(~rated)  # known where there are no ratings
    assert seen(X, y) == {"fitted_outside"}


def test_an_imputer_fitted_on_all_people(make_tables) -> None:
    X, y = make_tables()
    X.loc[("s02", "t1"), "f1"] = np.nan
    assert seen(X, y) == set()
    assert seen(X.fillna(X.mean()), y) == {"fitted_outside"}


def test_scaling_by_subject_is_a_warning(make_tables) -> None:
    X, y = make_tables()
    people = X.groupby(level="subject")
    X = (X - people.transform("mean")) / people.transform("std")
    assert seen(X, y) == set()
    assert seen(X, y, level="warning") == {"fitted_outside"}


def test_a_rating_among_the_features(make_tables) -> None:
    X, y = make_tables()
    X["gsr"] = 3 * y["arousal"] + np.random.default_rng(0).normal(0, 0.01, len(y))
    assert seen(X, y) == {"label_among_features"}


@pytest.mark.parametrize(
    ("n_subjects", "n_trials", "n_windows", "noise", "level"),
    [
        (3, 2, 2, 0.0, "error"),  # six ratings
        (5, 1, 2, 0.0, "error"),  # five: no chance puts five points on a line
        (5, 1, 2, 0.01, None),  # but near one
        (2, 2, 2, 0.0, None),  # four
        (5, 1, 1, 0.0, None),  # five rows
    ],
)
def test_a_rating_in_a_table_too_small_to_shuffle(
    n_subjects, n_trials, n_windows, noise, level, make_tables
) -> None:
    _, y = make_tables(n_subjects, n_trials, n_windows)
    gsr = 3 * y["valence"] - 2 + noise * np.random.default_rng(0).normal(size=len(y))
    found = check_leakage(pd.DataFrame({"gsr": gsr}), y[["valence"]])
    levels = [one.level for one in found if one.check == "label_among_features"]
    assert levels == ([level] if level else [])


def test_correlations_with_gaps_are_those_of_pandas() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(1e6, 1, size=(50, 4)), columns=list("abcd"))
    table = table.mask(rng.uniform(size=table.shape) < 0.3)
    table["c"] = table["c"].where(table["c"].isna(), 3.0)
    rating = pd.Series(rng.normal(5, 2, size=50))
    expected = table.drop(columns="c").corrwith(rating)
    found = correlations(table.to_numpy().T, rating.to_numpy()[None])[:, 0]
    np.testing.assert_allclose(found[[0, 1, 3]], expected, atol=1e-9)
    assert found[2] == 0  # constant


def test_subjects_encoded_by_their_ratings(make_tables) -> None:
    X, y = make_tables(8, offset=1.0)
    age = np.random.default_rng(0).integers(18, 60, 8)
    X["age"] = np.repeat(age, 12).astype(float)
    assert seen(X, y) == set()
    X["person"] = y["valence"].groupby(level="subject").transform("mean")
    assert seen(X, y) == {"subject_encoding"}


def test_subjects_encoded_by_cross_fitting(make_tables) -> None:
    """A row's own rating is kept out; the person's other ratings tell it all the same."""
    X, y = make_tables(12, 6, 4, offset=1.5)
    fold = np.random.default_rng(0).integers(0, 5, len(X))
    for number in range(5):
        means = y["valence"][fold != number].groupby(level="subject").mean()
        people = X.index.get_level_values("subject")[fold == number]
        X.loc[fold == number, "person"] = means[people].to_numpy()
    assert X["person"].groupby(level="subject").nunique().min() > 1
    assert seen(X, y) == {"subject_encoding"}


@pytest.mark.parametrize("named", [True, False])
def test_stimulus_identity(named, make_tables) -> None:
    X, y = make_tables(stimuli=named)
    X["film"] = X.index.get_level_values("trial").str[1:].astype(float)
    assert seen(X, y) == {"stimulus_identity"}
    if named:
        assert seen(X, y, cv="leave-stimulus-out") == set()


@pytest.mark.parametrize(("n_stimuli", "said"), [(3, False), (4, True)])
def test_two_people_may_agree_by_chance_in_two_stimuli(n_stimuli, said, make_tables) -> None:
    """Beside the most frequent value: all flat signals agree in that."""
    X, y = make_tables(2, n_stimuli, 3, stimuli=True)
    X["film"] = X.index.get_level_values("trial").str[1:].astype(float)
    assert ("stimulus_identity" in seen(X, y)) == said


def test_repeated_stimuli_are_a_warning_with_their_baseline(make_tables) -> None:
    X, y = make_tables(stimuli=True)
    (found,) = check_leakage(X, y)
    assert (found.level, found.check) == ("warning", "repeated_stimuli")
    baselines = evaluate(Ridge(), X, y).baselines["rmse"]
    for target in y:
        assert f"{target} {baselines[target, 'stimulus_mean']:.3f}" in found.seen
        assert f"(training mean {baselines[target, 'training_mean']:.3f})" in found.seen


def test_a_raw_window_table_is_checked_by_its_split(make_tables) -> None:
    X, y = make_tables()
    windows = pd.DataFrame({"recording": None, "start": 0.0, "stop": 10.0}, X.index)
    assert seen(windows, y) == set()
    assert seen(windows, y, cv=[(np.arange(20), np.arange(20, 72))]) == {"shared_borders"}


def test_findings_read_as_sentences_and_survive_saving(make_tables, tmp_path) -> None:
    X, y = make_tables(stimuli=True)
    X["film"] = X.index.get_level_values("trial").str[1:].astype(float)
    evaluation = evaluate(Ridge(), X, y)
    assert evaluation.leaky
    assert [found.level for found in evaluation.findings] == ["error", "warning"]
    assert str(evaluation.findings[0]).startswith("error (stimulus_identity): 1 columns have one")
    assert Finding(**evaluation.findings[0].as_dict()) == evaluation.findings[0]
    again = type(evaluation).load(evaluation.save(tmp_path))
    assert again.findings == evaluation.findings
