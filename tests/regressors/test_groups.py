import numpy as np
import pandas as pd
import pytest

from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning
from physio_vad.regressors import groups as groups_module
from physio_vad.regressors.groups import Groups


def resolve_groups(X, *arguments, **keywords):
    return groups_module.resolve_groups(X, len(X), *arguments, **keywords)


def table(subjects, trials=None):
    trials = trials if trials is not None else ["1"] * len(subjects)
    index = pd.MultiIndex.from_arrays(
        [subjects, trials, range(len(subjects))], names=["subject", "trial", "window"]
    )
    return pd.DataFrame({"x": np.arange(len(subjects), dtype=float)}, index=index)


def test_folds_never_share_a_subject():
    subjects = np.repeat(np.arange(7), 5)
    folds = Groups(35, subjects=subjects).folds(3, random_state=0)
    assert set(folds) == {0, 1, 2}
    for subject in range(7):
        assert len(set(folds[subjects == subject])) == 1


def test_there_are_never_more_folds_than_subjects():
    assert set(Groups(6, subjects=np.repeat([0, 1], 3)).folds(5)) == {0, 1}


def test_one_subject_is_cut_by_trial():
    X = table(["anna"] * 6, ["1", "1", "2", "2", "3", "3"])
    folds = resolve_groups(X, "subject").folds(2, random_state=1)
    assert set(folds) == {0, 1}
    assert (folds[::2] == folds[1::2]).all()


def test_trials_of_different_subjects_differ():
    groups = resolve_groups(table(["a", "a", "b", "b"], ["1", "2", "1", "2"]), "subject")
    assert len(set(groups.trials)) == 4


def test_one_subject_and_one_trial_cannot_be_cut():
    with pytest.raises(GroupsError, match="at least two rated subjects"):
        resolve_groups(table(["anna"] * 6), "subject").folds(5)


def test_every_other_side_holds_rated_rows():
    subjects = np.repeat(np.arange(10), 4)
    rated = np.isin(subjects, [2, 5])
    folds = Groups(40, subjects=subjects).folds(5, random_state=3, rated=rated)
    for fold in np.unique(folds):
        assert rated[folds != fold].any()
    assert folds[subjects == 2][0] != folds[subjects == 5][0]


def test_independent_rows_are_dealt_evenly():
    folds = Groups(10).folds(5, random_state=0)
    assert np.bincount(folds).tolist() == [2] * 5


def test_groups_of_fit_win_over_the_index():
    groups = resolve_groups(table(["a"] * 4), "subject", groups=["u", "u", "v", "v"])
    assert groups.subjects.tolist() == [0, 0, 1, 1]


def test_a_missing_level_says_how_to_give_groups():
    with pytest.raises(GroupsError, match=r"model__groups=.*set_output"):
        resolve_groups(np.zeros((4, 2)), "subject")
    with pytest.raises(GroupsError, match="no index level"):
        resolve_groups(table(["a", "b"]), "person")


def test_independence_is_warned_about_where_subjects_are_known():
    with pytest.warns(GroupsWarning, match="rows as independent"):
        assert resolve_groups(table(["a", "b"]), None).subjects is None


@pytest.mark.parametrize(
    ("groups", "text"),
    [(["a"], "one subject a row"), (["a", None, "b"], "must not be missing")],
)
def test_wrong_groups(groups, text):
    with pytest.raises(GroupsError, match=text):
        resolve_groups(np.zeros((3, 1)), None, groups)


def test_an_array_in_the_constructor_is_refused():
    with pytest.raises(GroupsError, match="goes to fit"):
        resolve_groups(np.zeros((3, 1)), np.array([1, 2, 3]))


@pytest.mark.parametrize("cv", [1, 2.5, True, "leave-one-out"])
def test_wrong_number_of_folds(cv):
    with pytest.raises(ArgumentError, match="at least 2"):
        Groups(10).folds(cv)


def test_folds_of_some_of_the_people_are_whole_people_too():
    groups = Groups(8, subjects=np.repeat([0, 1, 2, 3], 2)).take(np.arange(8) >= 4)
    folds = groups.folds(2, random_state=0)
    assert sorted(folds.tolist()) == [0, 0, 1, 1]
    assert folds[0] == folds[1]
