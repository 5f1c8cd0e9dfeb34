import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import cross_validate

from physio_vad.evaluation import (
    SPLITS,
    GroupedKFold,
    LeaveOneSubjectOut,
    LeaveStimulusOut,
    LeaveSubjectAndStimulusOut,
    Rows,
    Splitter,
    SubjectHoldout,
    WithinSubjectChronological,
    check_split,
    make_splitter,
)
from physio_vad.exceptions import ArgumentError, GroupsError


def folds_of(splitter: Splitter, X: pd.DataFrame, y: pd.DataFrame):
    return [(X.index[train], X.index[test]) for train, test in splitter.split(X, y)]


def test_leave_one_subject_out_tests_each_once(make_tables) -> None:
    X, y = make_tables(4)
    folds = folds_of(LeaveOneSubjectOut(), X, y)
    assert [test.unique("subject").tolist() for _, test in folds] == [
        ["s00"],
        ["s01"],
        ["s02"],
        ["s03"],
    ]
    assert all(len(train) + len(test) == len(X) for train, test in folds)
    assert LeaveOneSubjectOut().get_n_splits(X) == 4


def test_grouped_k_fold_deals_people_evenly(make_tables) -> None:
    X, y = make_tables(12)
    folds = folds_of(GroupedKFold(5, random_state=3), X, y)
    sizes = sorted(len(test.unique("subject")) for _, test in folds)
    assert sizes == [2, 2, 2, 3, 3]
    tested = np.concatenate([test.unique("subject") for _, test in folds])
    assert sorted(tested) == sorted(X.index.unique("subject"))
    again = folds_of(GroupedKFold(5, random_state=3), X, y)
    assert all(one[1].equals(two[1]) for one, two in zip(folds, again, strict=True))
    assert GroupedKFold(5).get_n_splits(X[: 3 * 12]) == 3


def test_holdout_leaves_a_fifth_and_repeats(make_tables) -> None:
    X, y = make_tables(10)
    folds = folds_of(SubjectHoldout(n_repeats=4, random_state=0), X, y)
    assert [len(test.unique("subject")) for _, test in folds] == [2] * 4
    assert len({tuple(test.unique("subject")) for _, test in folds}) > 1


def test_leave_stimulus_out(make_tables) -> None:
    X, y = make_tables(3, 4, stimuli=True)
    folds = folds_of(LeaveStimulusOut(), X, y)
    assert [test.unique("trial").tolist() for _, test in folds] == [["t0"], ["t1"], ["t2"], ["t3"]]
    assert all(not set(train.unique("trial")) & set(test.unique("trial")) for train, test in folds)


def test_leave_subject_and_stimulus_out_trains_without_both(make_tables) -> None:
    X, y = make_tables(3, 4, stimuli=True)
    folds = folds_of(LeaveSubjectAndStimulusOut(), X, y)
    assert len(folds) == 12
    for train, test in folds:
        for level in ("subject", "trial"):
            assert test.unique(level).size == 1
            assert not set(train.unique(level)) & set(test.unique(level))
    coarse = folds_of(LeaveSubjectAndStimulusOut(3, 2, random_state=0), X, y)
    assert len(coarse) == 6
    assert sum(len(test) for _, test in coarse) == len(X)


def test_rest_windows_go_with_their_subject(make_tables) -> None:
    X, y = make_tables(3, 3, stimuli=True)
    index = X.index.set_levels(X.index.levels[2] - 1, level="window")
    X = X.set_axis(index)
    attrs, y = y.attrs, y.set_axis(index)
    y.attrs = attrs
    for train, test in folds_of(LeaveStimulusOut(), X, y):
        for side in (train, test):
            rest = side[side.get_level_values("window") < 0]
            assert len(rest) == 9
    for train, test in folds_of(LeaveSubjectAndStimulusOut(), X, y):
        assert set(train.unique("subject")).isdisjoint(test.unique("subject"))
        assert (test.get_level_values("window") < 0).sum() == 3


def test_chronological_cuts_between_trials(make_tables) -> None:
    X, y = make_tables(2, 8)
    folds = folds_of(WithinSubjectChronological(), X, y)
    assert len(folds) == 2
    for number, (train, test) in enumerate(folds):
        assert set(train.unique("subject")) == set(test.unique("subject")) == {f"s0{number}"}
        assert train.unique("trial").tolist() == [f"t{trial}" for trial in range(6)]
        assert test.unique("trial").tolist() == ["t6", "t7"]


def test_chronological_purges_windows_over_the_border(make_tables) -> None:
    X, y = make_tables(1, 1, 20)
    ((train, test),) = folds_of(WithinSubjectChronological(), X, y)
    # windows of 10 s every 5 s; the border is the start of window 15, 75 s: window 14 ends at 80
    assert test.get_level_values("window").tolist() == list(range(15, 20))
    assert train.get_level_values("window").tolist() == list(range(14))
    ((train, _),) = folds_of(WithinSubjectChronological(gap=20), X, y)
    assert train.get_level_values("window").tolist() == list(range(10))


def test_chronological_takes_times_from_the_window_table(make_tables) -> None:
    X, y = make_tables(1, 1, 8)
    y.attrs = {}
    with pytest.raises(GroupsError, match="'s00' has one trial"):
        next(WithinSubjectChronological().split(X, y))
    windows = X.assign(recording=None, start=np.arange(8) * 2.0, stop=np.arange(8) * 2.0 + 4)
    train, test = next(WithinSubjectChronological().split(windows, y))
    assert train.tolist() == list(range(5))
    assert test.tolist() == [6, 7]


def test_one_window_cannot_be_cut(make_tables) -> None:
    X, y = make_tables(1, 1, 2)
    with pytest.raises(GroupsError, match="no window of its one trial ends before the border"):
        next(WithinSubjectChronological().split(X, y))


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(SPLITS)),
    n_subjects=st.integers(2, 6),
    n_trials=st.integers(2, 4),
    n_windows=st.integers(1, 4),
    seed=st.integers(0, 100),
)
def test_named_splits_never_leak(name, n_subjects, n_trials, n_windows, seed) -> None:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [
            [f"s{number}" for number in range(n_subjects)],
            [f"t{number}" for number in range(n_trials)],
            range(n_windows),
        ],
        names=["subject", "trial", "window"],
    )
    X = pd.DataFrame({"f": rng.normal(size=len(index))}, index)
    y = pd.DataFrame({"valence": rng.normal(size=len(index))}, index)
    shown = {
        subject: {trial: f"film {rng.integers(2)}" for trial in index.unique("trial")}
        for subject in index.unique("subject")
    }
    for films in shown.values():
        films["t0"], films["t1"] = "film 0", "film 1"
    y.attrs = {"stimulus": shown, "window": {"length": 10.0, "step": 5.0}}
    splitter, rows = make_splitter(name, seed), Rows.of(X, y)
    n_folds = 0
    for train, test in splitter.split(X, y):
        check_split(
            rows,
            train,
            test,
            shares_subjects=splitter.shares_subjects,
            shares_trials=splitter.shares_trials,
        )
        if "stimulus" in name:
            assert set(rows.stimuli[train]).isdisjoint(rows.stimuli[test])
        n_folds += 1
    assert n_folds == splitter.get_n_splits(X, y) > 0


def test_they_work_inside_scikit_learn(make_tables) -> None:
    X, y = make_tables(5)
    scores = cross_validate(DummyRegressor(), X, y, cv=LeaveOneSubjectOut())
    assert len(scores["test_score"]) == 5
    groups = X.index.get_level_values("subject")
    plain = cross_validate(
        DummyRegressor(), X.to_numpy(), y.to_numpy(), groups=groups, cv=LeaveOneSubjectOut()
    )
    np.testing.assert_allclose(scores["test_score"], plain["test_score"], rtol=1e-12)
    with pytest.raises(GroupsError, match="groups="):
        cross_validate(DummyRegressor(), X.to_numpy(), y.to_numpy(), cv=LeaveOneSubjectOut())


def test_one_subject_is_told_what_to_do(make_tables) -> None:
    X, y = make_tables(1)
    for name in ("leave-one-subject-out", "grouped-k-fold", "holdout"):
        with pytest.raises(GroupsError, match=rf"{name} cannot run.*1 \('s00'\).*chronological"):
            next(make_splitter(name).split(X, y))


def test_stimuli_must_be_known_and_several(make_tables) -> None:
    X, y = make_tables(3)
    with pytest.raises(GroupsError, match="unknown, first subject 's00', trial 't0'"):
        next(LeaveStimulusOut().split(X, y))
    X, y = make_tables(3, 1, stimuli=True)
    with pytest.raises(GroupsError, match="at least 2 stimuli, the table has 1"):
        next(LeaveStimulusOut().split(X, y))


def test_wrong_arguments(make_tables) -> None:
    X, y = make_tables()
    with pytest.raises(ArgumentError, match="did you mean 'holdout'"):
        make_splitter("hold-out")
    with pytest.raises(ArgumentError, match="test_size"):
        next(SubjectHoldout(test_size=1.5).split(X, y))
    with pytest.raises(ArgumentError, match="n_splits"):
        next(GroupedKFold(1).split(X, y))
    with pytest.raises(GroupsError, match="index levels"):
        next(LeaveStimulusOut().split(X.reset_index(drop=True), y))


@pytest.mark.parametrize(
    ("n_people", "share", "n_test"), [(2, 0.2, 1), (3, 0.9, 2), (10, 0.25, 2), (10, 0.35, 4)]
)
def test_a_holdout_has_someone_on_both_sides(n_people, share, n_test, make_tables) -> None:
    X, y = make_tables(n_people)
    ((train, test),) = folds_of(SubjectHoldout(test_size=share, random_state=0), X, y)
    assert len(test.unique("subject")) == n_test
    assert len(train.unique("subject")) == n_people - n_test
    with pytest.raises(ArgumentError, match="test_size"):
        next(SubjectHoldout(test_size=round(share) * 1.0).split(X, y))


def test_two_folds_are_the_fewest(make_tables) -> None:
    X, y = make_tables(6)
    assert [len(test) for _, test in folds_of(GroupedKFold(2), X, y)] == [36, 36]


@pytest.mark.parametrize(
    ("n_trials", "share", "n_test"), [(2, 0.2, 1), (2, 0.9, 1), (8, 0.5, 4), (4, 0.01, 1)]
)
def test_the_last_trials_are_the_future(n_trials, share, n_test, make_tables) -> None:
    X, y = make_tables(1, n_trials)
    ((train, test),) = folds_of(WithinSubjectChronological(test_size=share), X, y)
    trials = [f"t{number}" for number in range(n_trials)]
    assert train.unique("trial").tolist() == trials[:-n_test]
    assert test.unique("trial").tolist() == trials[-n_test:]


def test_a_gap_before_the_border_is_free_to_the_second(make_tables) -> None:
    X, y = make_tables(1, 1, 20)  # the border is at 75 s
    for gap, last in ((0, 13), (5, 12), (5.1, 11), (10, 11)):
        ((train, test),) = folds_of(WithinSubjectChronological(gap=gap), X, y)
        assert train.get_level_values("window")[-1] == last
        assert test.get_level_values("window")[0] == 15
    ((train, test),) = folds_of(WithinSubjectChronological(test_size=0.01), X, y)
    assert test.get_level_values("window").tolist() == [19]
    assert train.get_level_values("window").tolist() == list(range(18))
