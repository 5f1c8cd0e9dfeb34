import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge

from physio_vad.evaluation import GroupedKFold, Rows, evaluate, permutation, permutation_test
from physio_vad.evaluation.permutation import Shuffler
from physio_vad.exceptions import ArgumentError


class Line(RegressorMixin, BaseEstimator):
    """Ridge without the checks that take most of its time on small tables."""

    def fit(self, X, y):
        X, y = X.to_numpy(), y.to_numpy()
        self.mean_, self.centre_ = X.mean(axis=0), y.mean(axis=0)
        X = X - self.mean_
        penalty = 0.1 * len(X) * np.eye(X.shape[1])
        self.coef_ = np.linalg.solve(X.T @ X + penalty, X.T @ (y - self.centre_))
        return self

    def predict(self, X):
        return (X.to_numpy() - self.mean_) @ self.coef_ + self.centre_


class RowShuffler(Shuffler):
    """The leaky twin: rows change places within people, trials or not."""

    def draw(self, rng):
        source = np.arange(self.n_rows)
        for trials in self.people.values():
            rows = np.concatenate(trials)
            source[rows] = rng.permutation(rows)
        return source


def null_tables(seed, n_subjects=4, n_trials=5, n_windows=6, n_targets=1):
    """Trials with their own ratings and their own body, and nothing between the two."""
    rng = np.random.default_rng(seed)
    trials = n_subjects * n_trials
    body = np.repeat(rng.normal(size=(trials, 2)), n_windows, axis=0)
    X = body + 0.3 * rng.normal(size=body.shape)
    y = np.repeat(rng.normal(size=(trials, n_targets)), n_windows, axis=0)
    return as_tables(X, y, n_subjects, n_trials)


def lasting_tables(seed, n_subjects=5, n_windows=40, n_targets=1):
    """One trial a person; body and ratings drift, each for itself."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n_subjects, n_windows, 2 + n_targets))
    walk = lfilter([1], [1, -0.8], noise, axis=1).reshape(n_subjects * n_windows, -1)
    return as_tables(walk[:, :2], walk[:, 2:], n_subjects, 1)


def as_tables(X, y, n_subjects, n_trials):
    index = pd.MultiIndex.from_product(
        [
            [f"s{number}" for number in range(n_subjects)],
            [f"t{number}" for number in range(n_trials)],
            range(len(X) // (n_subjects * n_trials)),
        ],
        names=["subject", "trial", "window"],
    )
    names = ["valence", *(f"target {number}" for number in range(1, y.shape[1]))]
    y = pd.DataFrame(y, index, names)
    y.attrs["window"] = {"length": 10.0, "step": 10.0}
    return pd.DataFrame(X, index, ["a", "b"]), y


def share_significant(make=null_tables, n_tables=25) -> float:
    """Test 250 ratings that no signal knows, ten at a time: each has its own p-value."""
    p = [
        permutation_test(
            Line(),
            *make(seed, n_targets=10),
            cv=GroupedKFold(2, random_state=0),
            baselines=["training_mean"],
            n_permutations=19,
            random_state=seed,
        ).p_values
        for seed in range(n_tables)
    ]
    return float(np.mean(np.array(p) <= 0.05))


@pytest.mark.parametrize("make", [null_tables, lasting_tables])
def test_p_values_are_right_under_the_null(make) -> None:
    assert 0.02 <= share_significant(make) <= 0.09


def test_permuting_rows_would_be_wrong(monkeypatch) -> None:
    monkeypatch.setattr(permutation, "Shuffler", RowShuffler)
    assert share_significant() > 0.09


def test_coupling_is_found(make_tables) -> None:
    test = permutation_test(Ridge(), *make_tables(5, coupling=2.0), n_permutations=19)
    assert (test.value > 0.2).all()
    assert (test.p_values == 1 / 20).all()
    assert test.null.shape == (19, 2)
    assert "whole trials permuted within 5 people" in repr(test)
    assert "skill +" in repr(test)


def film_tables(seed, *, r, n_subjects=20, n_trials=8):
    """Everybody sees the same films; what a person feels beside that, the body follows by r."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n_subjects, n_trials))
    felt = rng.normal(size=n_trials) + own
    within = felt - felt.mean(axis=1, keepdims=True)
    within /= within.std(axis=1, keepdims=True)
    body = r * within + np.sqrt(1 - r**2) * rng.normal(size=felt.shape)
    X = np.column_stack([body.ravel(), rng.normal(size=felt.size)])
    X, y = as_tables(X, felt.reshape(-1, 1), n_subjects, n_trials)
    films = {f"t{number}": f"film {number}" for number in range(n_trials)}
    y.attrs["stimulus"] = dict.fromkeys(X.index.levels[0], films)
    return X, y


def test_within_people_a_body_is_found_that_tells_less_than_the_film() -> None:
    X, y = film_tables(0, r=0.5)
    test = permutation_test(Line(), X, y, statistic="r_subject", n_permutations=19)
    assert test.statistic == "r_subject"
    assert test.p_values["valence"] == 1 / 20
    assert test.null["valence"].abs().max() < test.value["valence"]
    evaluation = evaluate(Line(), X, y)
    assert test.value["valence"] == pytest.approx(evaluation.summary().loc["valence", "r_subject"])
    assert "r within people +" in repr(test)
    skill = permutation_test(Line(), X, y, n_permutations=19)
    assert skill.value["valence"] == pytest.approx(evaluation.skill["valence"])
    assert skill.value["valence"] < 0  # the film tells more
    assert skill.p_values["valence"] == 1 / 20  # and the body something all the same
    with pytest.raises(ArgumentError, match="r_subject"):
        permutation_test(Line(), X, y, statistic="r_subjects")


def test_whole_trials_change_places_within_people() -> None:
    X, y = null_tables(0)
    shuffler = Shuffler(Rows.of(X, y))
    assert (shuffler.scheme == "trials").all()
    source = shuffler.draw(np.random.default_rng(1))
    assert sorted(source) == list(range(len(X)))
    moved = X.index[source]
    assert (moved.get_level_values("subject") == X.index.get_level_values("subject")).all()
    assert (moved.get_level_values("window") == X.index.get_level_values("window")).all()
    pairs = set(zip(X.index.droplevel("window"), moved.droplevel("window"), strict=True))
    assert len(pairs) == 20
    assert (source != np.arange(len(X))).any()


def test_unequal_trials_and_single_ones_shift_in_a_circle() -> None:
    X, y = null_tables(0, n_subjects=3)
    keep = np.ones(len(X), dtype=bool)
    keep[3] = False  # the first trial of s0 is shorter
    keep[36:60] = False  # s1 has one trial
    X, y = X[keep], y[keep]
    shuffler = Shuffler(Rows.of(X, y))
    assert shuffler.scheme.tolist() == ["shift", "shift", "trials"]
    source = shuffler.draw(np.random.default_rng(0))
    first = source[:29]
    assert set(np.diff(first) % 29) == {1}
    test = permutation_test(Line(), X, y, n_permutations=2)
    assert "shifted in a circle for 2" in repr(test)
    assert test.scheme["s1"] == "shift"


def test_rest_windows_stay() -> None:
    X, y = null_tables(0)
    X.index = X.index.set_levels(X.index.levels[2] - 2, level="window")
    source = Shuffler(Rows.of(X, y)).draw(np.random.default_rng(0))
    rest = X.index.get_level_values("window") < 0
    assert (source[rest] == np.flatnonzero(rest)).all()


def test_the_seed_decides_and_progress_is_told(make_tables) -> None:
    X, y = make_tables(4)
    calls = []
    one, two = (
        permutation_test(
            Ridge(),
            X,
            y,
            n_permutations=3,
            random_state=5,
            progress=lambda *done: calls.append(done),
        )
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.null, two.null)
    assert calls == [("permutations", done, 3) for done in (1, 2, 3)] * 2
    with pytest.raises(ArgumentError, match="n_permutations"):
        permutation_test(Ridge(), X, y, n_permutations=0)
