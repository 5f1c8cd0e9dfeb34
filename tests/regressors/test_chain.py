import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score

from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning
from physio_vad.regressors import CrossFittedChain, MultiOutput


def with_subject_number(X):
    """Let the first feature say whose row it is, so that inner fits show whom they saw."""
    codes = X.index.get_level_values("subject").str[1:].astype(float)
    return X.assign(**{X.columns[0]: codes})


def test_no_person_is_on_both_sides_of_an_inner_split(people, recorder):
    X, y = people
    CrossFittedChain(recorder, groups="subject", cv=4, random_state=0).fit(
        with_subject_number(X), y
    )
    inner = [entry for entry in recorder.log if entry["predict"]]
    assert len(inner) == 2 * 4  # the last target has no link after it
    for entry in inner:
        held_out = entry["predict"][0]
        assert not set(entry["fit"][:, 0]) & set(held_out[:, 0])
    every = np.concatenate([entry["predict"][0][:, 0] for entry in inner[:4]])
    assert len(every) == len(X)


def test_links_are_fed_with_out_of_fold_predictions(people, recorder):
    X, y = people
    CrossFittedChain(recorder, groups="subject", cv=8, random_state=0).fit(X, y)
    last = [entry["fit"] for entry in recorder.log if entry["fit"].shape[1] == 8]
    assert len(last) == 1
    by_hand = np.empty(len(X))
    subjects = X.index.get_level_values("subject")
    for subject in subjects.unique():
        rows = subjects == subject
        model = MultiOutput(recorder).fit(X[~rows], y["valence"][~rows])
        by_hand[rows] = model.predict(X[rows])
    np.testing.assert_allclose(last[0][:, 6], by_hand)


def test_weights_change_the_inner_fits(people, recorder):
    X, y = people
    weight = np.linspace(0.1, 2, len(y))
    X = X.assign(**{X.columns[0]: weight})
    CrossFittedChain(recorder, groups="subject").fit(X, y, sample_weight=weight)
    assert len(recorder.log) == 3 + 2 * 4
    for entry in recorder.log:
        np.testing.assert_array_equal(entry["weight"], entry["fit"][:, 0])


def test_missing_ratings_cost_their_own_target_only(partly_rated, recorder):
    X, y = partly_rated
    chain = CrossFittedChain(
        recorder, groups="subject", order=["dominance", "valence", "arousal"], random_state=0
    ).fit(X, y)
    full = [entry for entry in recorder.log if not entry["predict"]]
    assert [len(entry["y"]) for entry in full] == [60, 96, 96]
    assert not np.isnan(full[-1]["fit"]).any()
    assert chain.predict(X).shape == (96, 3)


def test_order_names_targets_and_predictions_keep_theirs(people):
    X, y = people
    order = ["arousal", "dominance", "valence"]
    chain = CrossFittedChain("ridge", groups="subject", order=order, random_state=0).fit(X, y)
    assert chain.order_ == [1, 2, 0]
    assert chain.target_names_ == list(y.columns)
    errors = ((chain.predict(X) - y) ** 2).mean() / y.var()
    assert (errors < 0.2).all()
    first = MultiOutput("ridge").fit(X, y["arousal"]).predict(X)
    np.testing.assert_allclose(chain.predict(X)[:, 1], first)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (["valence", "arousl", "dominance"], "did you mean 'arousal'"),
        (["valence", "arousal"], "every target once"),
        (["valence", "valence", "arousal", "dominance"], "every target once"),
    ],
)
def test_wrong_orders(people, order, text):
    with pytest.raises(ArgumentError, match=text):
        CrossFittedChain("ridge", groups="subject", order=order).fit(*people)


def test_groups_may_be_given_for_arrays(people):
    X, y = people
    by_level = CrossFittedChain("ridge", groups="subject", random_state=0).fit(X, y).predict(X)
    subjects = X.index.get_level_values("subject").to_numpy()
    chain = CrossFittedChain("ridge", random_state=0)
    by_array = chain.fit(X.to_numpy(), y.to_numpy(), groups=subjects).predict(X.to_numpy())
    np.testing.assert_array_equal(by_level, by_array)


def test_subjects_that_are_not_there():
    X, y = np.zeros((6, 2)), np.zeros((6, 2))
    with pytest.raises(GroupsError, match="model__groups"):
        CrossFittedChain("ridge", groups="subject").fit(X, y)


def test_a_class_of_its_own_warns_of_subjects(people):
    with pytest.warns(GroupsWarning, match="independent"):
        CrossFittedChain("ridge").fit(*people)


def test_one_person_is_cut_by_trial(people):
    X, y = (table.loc[["s03"]] for table in people)
    assert CrossFittedChain("ridge", groups="subject").fit(X, y).predict(X).shape == (12, 3)
    first = X.index.get_level_values("trial") == "1"
    with pytest.raises(GroupsError, match="multioutput"):
        CrossFittedChain("ridge", groups="subject").fit(X[first], y[first])


def test_one_target_is_no_chain(people):
    X, y = people
    chain = CrossFittedChain("ridge").set_params(groups="subject").fit(X, y["valence"])
    np.testing.assert_array_equal(
        chain.predict(X), MultiOutput("ridge").fit(X, y["valence"]).predict(X)
    )


def test_clone_pickle_and_threads_change_nothing(partly_rated):
    X, y = partly_rated
    chain = CrossFittedChain("lightgbm", groups="subject", random_state=1).fit(X, y)
    copied = pickle.loads(pickle.dumps(chain))
    np.testing.assert_array_equal(copied.predict(X), chain.predict(X))
    again = clone(chain).set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), chain.predict(X))


def test_nested_in_scikit_learn(people):
    X, y = people
    chain = CrossFittedChain("ridge", groups="subject", random_state=0)
    subjects = X.index.get_level_values("subject")
    scores = cross_val_score(chain, X, y, groups=subjects, cv=GroupKFold(4), error_score="raise")
    assert (scores > 0.5).all()
    grid = GridSearchCV(
        chain, {"order": [None, ["arousal", "valence", "dominance"]]}, cv=GroupKFold(2)
    ).fit(X, y, groups=subjects)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()
