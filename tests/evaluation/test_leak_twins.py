"""Each leak has a twin that its check names, and an honest twin about which nothing is said."""

from functools import cached_property

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import check_leakage, evaluate
from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.leakage import Evidence, run_checks


class Counted(Evidence):
    """Counts the values that are copied."""

    @cached_property
    def copied(self):
        return []

    def blocks(self, chosen=None):
        for numbers, block in super().blocks(chosen):
            self.copied.append(block.size)
            yield numbers, block


def named(X, y, **options):
    """Level and check of each finding."""
    return {(one.level, one.check) for one in check_leakage(X, y, **options)}


@pytest.fixture
def tables(make_tables):
    """Eight people, five trials of four windows, ratings by joystick."""
    return make_tables(8, 5, 4, coupling=0.3, n_features=5, offset=0.5, constant=False)


def noise(X, seed=0):
    return np.random.default_rng(seed).normal(size=len(X))


def of_people(X, draw):
    """One number a person, on all of their rows."""
    people = X.index.get_level_values("subject")
    names = people.unique()
    return pd.Series(draw(len(names)), names)[people].to_numpy()


@pytest.mark.parametrize(
    ("r", "level"), [(0.999, "error"), (0.95, "warning"), (0.92, "warning"), (0.8, None)]
)
def test_a_noisy_label(tables, r, level) -> None:
    X, y = tables
    label = y["valence"] - y["valence"].mean()
    X["gsr"] = label / label.std() + np.sqrt(1 / r**2 - 1) * noise(X)
    assert named(X, y) == ({(level, "label_among_features")} if level else set())


def test_a_monotone_function_of_the_label(tables) -> None:
    X, y = tables
    X["gsr"] = np.exp(2 * y["valence"])
    assert named(X, y) == {("error", "monotone_label")}
    X["gsr"] = np.exp(2 * X["f0"] + 0.1 * y["valence"])  # its honest twin bends a signal
    assert named(X, y) == set()


def test_the_label_with_a_gain_and_an_offset_of_each_person(tables) -> None:
    X, y = tables
    rng = np.random.default_rng(1)
    gain = of_people(X, lambda n: rng.lognormal(0, 1, n))
    offset = of_people(X, lambda n: 20 * rng.normal(size=n))
    X["gsr"] = gain * y["valence"] + offset
    assert named(X, y) == {("error", "personal_label")}
    X["gsr"] = gain * (X["f0"] + 0.3 * y["valence"]) + offset
    assert named(X, y) == set()


def test_a_binarised_label(tables) -> None:
    X, y = tables
    X["flag"] = (y["valence"] > y["valence"].median()).astype(float)
    assert named(X, y) == {("error", "binarised_label")}
    X["flag"] = (X["f0"] > X["f0"].median()).astype(float)
    assert named(X, y) == set()


def test_a_binarised_label_that_is_unknown_in_some_rows(tables) -> None:
    X, y = tables
    known = np.random.default_rng(1).uniform(size=len(X)) < 0.8
    X["flag"] = (y["valence"] > y["valence"].median()).where(known).astype(float)
    assert named(X, y) == {("error", "binarised_label")}


def test_a_label_in_classes_of_each_person(tables) -> None:
    X, y = tables
    centre = y["valence"].groupby(level="subject").transform("median")
    X["flag"] = np.sign(y["valence"] - centre).clip(0, 1)
    y["valence"] += of_people(X, lambda n: np.linspace(-3, 3, n))
    assert ("error", "binarised_label") in named(X, y)


def test_gaps_that_tell_the_label(tables) -> None:
    X, y = tables
    X["f1"] = X["f1"].where(y["valence"] < y["valence"].quantile(0.7))
    assert named(X, y) == {("error", "telling_gaps")}
    X, y = tables
    X["f1"] = noise(X)
    X["f1"] = X["f1"].where(np.random.default_rng(2).uniform(size=len(X)) < 0.7)
    X.loc[("s01", "t1"), "f2"] = np.nan
    X.loc["s03", "f3"] = np.nan
    assert named(X, y) == set()


def test_the_row_number_of_a_sorted_file(tables) -> None:
    X, y = tables
    order = np.argsort(y["valence"].to_numpy())
    rows = X.iloc[order].assign(row=np.arange(len(X)))
    assert named(rows, y.iloc[order]) == {("error", "row_number")}
    assert named(X.assign(row=np.arange(len(X))), y) == set()  # a file in order of time
    assert named(X.iloc[order], y.iloc[order]) == set()  # sorted, and no column says so


def test_the_other_target_among_the_features(tables) -> None:
    X, y = tables
    assert named(X.assign(arousal=y["arousal"]), y[["valence"]]) == {("error", "other_rating")}
    assert named(X.assign(**{"Self-rated arousal": y["arousal"]}), y[["valence"]]) == {
        ("error", "other_rating")
    }
    assert named(X.assign(eda__arousal_index=X["f0"] * 2), y[["valence"]]) == set()


def test_a_rating_under_another_name(make_tables) -> None:
    X, y = make_tables(12, 8, 3, coupling=0.0, offset=0.5)
    related = (2 * (y["valence"] + y["arousal"])).round()
    assert named(X.assign(q7=related), y[["valence"]]) == {("warning", "other_rating")}
    trials = X.index.droplevel("window")
    rng = np.random.default_rng(0)
    draws = {trial: rng.normal() for trial in trials.unique()}
    of_trial = np.array([draws[trial] for trial in trials])
    honest = X.assign(
        ecg__lf_of_trial=of_trial,  # measured once a trial
        room=np.round(of_trial),  # constant in a trial, and unrelated
        place=[int(trial[1][1:]) for trial in trials],  # counts the trials
    )
    y.attrs["stimulus"] = {
        name: {f"t{i}": f"{name} {i}" for i in range(8)} for name in X.index.levels[0]
    }
    assert named(honest, y[["valence"]]) == set()


def test_people_copied_with_tiny_changes(make_tables) -> None:
    X, y = make_tables(6, 4, 4, coupling=0.3, n_features=6)
    assert named(X, y) == set()
    copy = X.copy()
    copy.loc["s04"] = (
        X.loc["s01"] + 0.01 * np.random.default_rng(0).normal(size=(16, 6))
    ).to_numpy()
    (found,) = check_leakage(copy, y)
    assert (found.level, found.check) == ("error", "near_duplicates")
    assert found.seen == (
        "33% of 96 rows lie 7 times nearer to one row of another person than to all others, "
        "first s01/t0/0 to s04/t0/0"
    )
    slow = X.groupby(level="subject").cumsum()  # windows of a person lie near each other
    assert named(slow, y) == set()
    assert named(pd.DataFrame({f"f{i}": X["f0"] ** 3 * i for i in range(1, 5)}), y) == set()


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "said"), [(20, 6, True), (19, 6, False), (20, 3, True), (20, 2, False)]
)
def test_the_smallest_table_in_which_copies_are_seen(n_rows, n_columns, said, make_tables) -> None:
    X, y = make_tables(4, 1, 5, coupling=0.0, n_features=n_columns, constant=False)
    change = np.random.default_rng(0).normal(size=(5, n_columns))
    X.loc["s01"] = (X.loc["s00"] + 1e-3 * change).to_numpy()
    found = named(X.iloc[:n_rows], y.iloc[:n_rows])
    assert (("error", "near_duplicates") in found) == said


@pytest.mark.parametrize(("n_known", "said"), [(20, False), (21, True)])
def test_a_column_that_half_of_the_rows_know_measures_no_distance(n_known, said, make_tables):
    X, y = make_tables(4, 2, 5, coupling=0.0, n_features=3, constant=False)
    change = np.random.default_rng(0).normal(size=(10, 3))
    X.loc["s01"] = (X.loc["s00"] + 1e-3 * change).to_numpy()
    X.loc[X.index[n_known:], "f2"] = np.nan
    assert (("error", "near_duplicates") in named(X, y)) == said


def test_columns_selected_on_all_rows(make_tables) -> None:
    _, y = make_tables(12, 6, 5, constant=False)
    table = pd.DataFrame(np.random.default_rng(1).normal(size=(len(y), 1000)), y.index)
    r = table.corrwith(y["valence"]).abs()
    best = table[r.nlargest(20).index].add_prefix("eeg__")
    assert named(best, y[["valence"]]) == {("warning", "selected_columns")}
    assert named(table.iloc[:, :20].add_prefix("eeg__"), y) == set()
    strengths = np.linspace(0.05, 0.6, 20)  # each says something, one more than the other
    said = table.iloc[:, :20] + y["valence"].to_numpy()[:, None] * strengths
    assert named(said.add_prefix("eeg__"), y) == set()


def test_few_values_have_round_statistics_by_chance(make_tables) -> None:
    """Three known values, or a count whose median is 0, are no trace of a scaler."""
    X, y = make_tables(6, 1, 20, coupling=0.3, constant=False)
    rng = np.random.default_rng(0)
    X["ppg__lf"] = np.nan
    X.loc[X.index[[19, 39, 59]], "ppg__lf"] = [-1.0, 0.0, 1.0]
    X["eog__blink_rate"] = rng.choice([0, 0, 0, 1, 1.0], len(X))
    X["eda__flag"] = np.tile([-1.0, 1.0], len(X) // 2)
    assert named(X, y) == set()


def test_people_scaled_to_a_range_are_scaled_by_subject(make_tables) -> None:
    """With somebody in whom a column is constant, too."""
    X, y = make_tables(5, 4, 5, constant=False)
    people = X.groupby(level="subject")
    scaled = (X - people.transform("min")) / (people.transform("max") - people.transform("min"))
    scaled.loc["s02", "f0"] = 0.0
    assert named(scaled, y) == {("warning", "fitted_outside")}


def test_a_value_of_one_trial_is_no_stimulus(make_tables) -> None:
    X, y = make_tables(6, 4, 5, coupling=0.3, stimuli=True)
    X["ppg__lf"] = np.nan
    for trial, value in zip(("t0", "t1", "t2", "t3"), (3.0, 1.0, 2.0, 5.0), strict=True):
        X.loc[("s00", trial, 0), "ppg__lf"] = value
        X.loc[("s01", trial, 0), "ppg__lf"] = value if trial != "t0" else np.nan
    X["eda__lost"] = (X.index.get_level_values("trial") == "t9").astype(float)
    X.loc[("s02", "t1"), "eda__lost"] = 1.0
    assert named(X, y) == {("warning", "repeated_stimuli")}


def test_one_outlier_encodes_nobody(make_tables) -> None:
    X, y = make_tables(10, 4, 3, coupling=0.0, offset=0.3)
    people = X.index.get_level_values("subject")
    X["weight"] = of_people(
        X, lambda n: np.r_[200.0, np.random.default_rng(0).normal(70, 5, n - 1)]
    )
    y.loc[people == "s00", "valence"] = 9.0
    assert named(X, y) == set()


@pytest.mark.parametrize("seed", range(12))
def test_small_honest_studies(seed, make_tables) -> None:
    """Three people, slow signals, slow ratings, no relation between them."""
    rng = np.random.default_rng(seed)
    X, y = make_tables(3, 1, 23, coupling=0.0, n_features=40, constant=False, seed=seed)
    slow = X.groupby(level="subject").cumsum()
    y[:] = y.groupby(level="subject").cumsum()
    slow["ppg__lf"] = np.where(rng.uniform(size=len(X)) < 0.05, rng.normal(size=len(X)), np.nan)
    slow["eda__peaks"] = rng.poisson(1.0, len(X))
    assert named(slow, y) == set()


def test_the_time_grows_with_the_rows(make_tables) -> None:
    """Twice the people, twice the values that are copied from the table."""
    sizes = []
    for n_people in (20, 40):
        X, y = make_tables(n_people, 2, 5, n_features=8, stimuli=True)
        evidence = Counted(make_design(X, y, "leave-one-subject-out"))
        run_checks(evidence)
        sizes.append(sum(evidence.copied))
    assert sizes[1] == 2 * sizes[0]


def test_evaluate_runs_them(tables) -> None:
    X, y = tables
    evaluation = evaluate(Ridge(), X.assign(gsr=np.exp(2 * y["valence"])), y)
    assert [one.check for one in evaluation.findings if one.level == "error"] == ["monotone_label"]
    assert evaluation.leaky


@pytest.mark.parametrize(("n_steps", "said"), [(20, True), (21, False)])
def test_a_scale_has_twenty_steps_at_most(n_steps, said, make_tables) -> None:
    X, y = make_tables(12, 8, 3, coupling=0.0, offset=0.5)
    place = (y["valence"] + y["arousal"]).rank(method="dense") - 1
    X["q7"] = np.floor(n_steps * place / (place.max() + 1))
    assert X["q7"].nunique() == n_steps
    assert (("warning", "other_rating") in named(X, y[["valence"]])) == said


@pytest.mark.parametrize(("n_trials", "said"), [(8, True), (7, False)])
def test_eight_trials_of_several_windows_show_that_a_column_is_constant(
    n_trials, said, make_tables
) -> None:
    X, y = make_tables(12, 8, 2, coupling=0.0, offset=0.5)
    X["q7"] = (2 * (y["valence"] + y["arousal"])).round()
    kept = (X.index.get_level_values("window") == 0) | (np.arange(len(X)) < 2 * n_trials)
    assert (("warning", "other_rating") in named(X[kept], y.loc[kept, ["valence"]])) == said


@pytest.mark.parametrize(("n_rows", "level"), [(5, "warning"), (4, "error")])
def test_five_values_of_a_person_show_that_they_are_standardised(
    n_rows, level, make_tables
) -> None:
    X, y = make_tables(6, 1, n_rows, constant=False)
    people = X.groupby(level="subject")
    X = (X - people.transform("mean")) / people.transform("std", ddof=0)
    assert named(X, y) == {(level, "fitted_outside")}


@pytest.mark.parametrize(("n_classes", "said"), [(10, True), (11, False)])
def test_a_rating_in_classes_has_ten_of_them_at_most(tables, n_classes, said) -> None:
    X, y = tables
    place = y["valence"].rank(method="first") - 1
    X["q"] = np.floor(n_classes * place / len(X))
    assert X["q"].nunique() == n_classes
    assert (("error", "binarised_label") in named(X, y)) == said


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("n_marked", "said"), [(16, True), (15, False)])
def test_a_mark_and_its_absence_have_a_tenth_of_the_rows(tables, n_marked, said, side) -> None:
    X, y = tables
    assert len(X) == 160
    X["flag"] = ((side * y["valence"]).rank(method="first") > 160 - n_marked).astype(float)
    assert (("error", "binarised_label") in named(X, y)) == said


@pytest.mark.parametrize(("n_people", "said"), [(12, True), (11, False)])
def test_a_mark_that_comes_once_a_person_needs_twelve_people(n_people, said, make_tables) -> None:
    X, y = make_tables(n_people, 5, 4, coupling=0.3, constant=False)
    y["valence"] = y["valence"].groupby(level="subject").transform(np.sort)
    X["flag"] = (y["valence"] > y["valence"].median()).astype(float)
    assert (("error", "binarised_label") in named(X, y)) == said
