"""Who rated on another scale, or turned round, is told of; people with tastes are not."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import check_leakage, evaluate
from physio_vad.pipeline import build_pipeline


def ratings(n_people=8, n_stimuli=16, *, agreement=1.0, level=0.5, seed=0, targets=2):
    """Whole ratings from 1 to 9 of films, on which people agree more or less; two rows a film."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{i}" for i in range(n_people)], [f"t{i}" for i in range(n_stimuli)], range(2)],
        names=["subject", "trial", "window"],
    )
    film, shape = rng.normal(size=(n_stimuli, targets)), (n_people, n_stimuli, targets)
    values = agreement * film + rng.normal(size=shape)
    values = 5 + 1.5 * values + level * rng.normal(size=(n_people, 1, targets))
    values = np.clip(np.round(values), 1, 9).repeat(2, axis=1).reshape(len(index), targets)
    y = pd.DataFrame(values, index, ["valence", "arousal", "dominance"][:targets])
    y.attrs["window"] = {"length": 10.0, "step": 10.0}
    shown = {f"t{i}": f"film {i}" for i in range(n_stimuli)}
    y.attrs["stimulus"] = dict.fromkeys(index.levels[0], shown)
    X = pd.DataFrame(rng.normal(size=(len(index), 3)), index, ["a", "b", "c"])
    return X, y


def changed(y, person, change, targets=slice(None)):
    """Give the table with one person's ratings on another scale."""
    y, attrs = y.copy(), y.attrs
    mine = y.index.get_level_values("subject") == person
    columns = y.columns[targets]
    y.loc[mine, columns] = change(y.loc[mine, columns])
    y.attrs = attrs
    return y


def found(X, y, check):
    return [one for one in check_leakage(X, y) if one.check == check]


SCALES = {
    "0 to 100": lambda one: (one - 1) * 12.5,
    "0 to 1": lambda one: (one - 1) / 8 * 0.99,
    "-1 to 1": lambda one: (one - 5) / 4.02,
}


@pytest.mark.parametrize("name", ["0 to 100", "0 to 1", "-1 to 1"])
def test_another_scale_is_told_of_with_its_numbers(name):
    X, y = ratings()
    other = changed(y, "s3", SCALES[name])
    first, second = found(X, other, "unlike_rating")
    assert (first.level, second.level) == ("warning", "warning")
    mine = other.xs("s3")["valence"]
    theirs = y.drop("s3", level="subject")["valence"]
    assert first.seen == (
        f"'valence' of s3 is rated {mine.min():g} to {mine.max():g}, "
        f"by everybody else {theirs.min():g} to {theirs.max():g}"
    )
    assert "'arousal' of s3" in second.seen


def test_one_rating_alone_on_a_scale_far_off():
    X, y = ratings()
    (finding,) = found(X, changed(y, "s3", SCALES["0 to 100"], slice(1, 2)), "unlike_rating")
    assert "'arousal' of s3" in finding.seen


def test_one_rating_alone_a_little_beyond_is_a_person():
    X, y = ratings()
    assert found(X, changed(y, "s3", SCALES["0 to 1"], slice(1, 2)), "unlike_rating") == []


def test_of_few_people_only_what_is_far_off():
    X, y = ratings(4)
    assert found(X, changed(y, "s3", SCALES["0 to 1"]), "unlike_rating") == []
    assert len(found(X, changed(y, "s3", SCALES["0 to 100"]), "unlike_rating")) == 2
    X, y = ratings(3)
    assert found(X, changed(y, "s2", SCALES["0 to 100"]), "unlike_rating") == []


def test_of_few_ratings_nothing():
    X, y = ratings(n_stimuli=2)
    assert found(X, changed(y, "s3", SCALES["0 to 100"]), "unlike_rating") == []


def test_missing_ratings_and_people_without_any():
    X, y = ratings()
    other = changed(y, "s3", SCALES["0 to 100"])
    other.iloc[::3, 0] = np.nan
    other = changed(other, "s5", lambda one: one * np.nan)
    assert {one.seen.split(" is ")[0] for one in found(X, other, "unlike_rating")} == {
        "'valence' of s3",
        "'arousal' of s3",
    }


@pytest.mark.parametrize("n_people", [4, 6, 8, 20])
def test_people_with_levels_and_tastes_are_told_nothing(n_people):
    for seed in range(15):
        X, y = ratings(n_people, agreement=seed % 3 / 2, level=seed % 5 / 2, seed=seed)
        assert found(X, y, "unlike_rating") == []
        assert found(X, y, "turned_rating") == []


@pytest.mark.parametrize("n_people", [4, 8, 20])
def test_ratings_turned_round_are_told_of(n_people):
    X, y = ratings(n_people, 40, agreement=1.5)
    turned = changed(y, "s2", lambda one: 10 - one, slice(0, 1))
    (finding,) = found(X, turned, "turned_rating")
    by_film = turned["valence"].groupby(level=["subject", "trial"]).mean().unstack(0)
    alike = (by_film - by_film.mean()) / by_film.std()
    r = np.corrcoef(alike["s2"], alike.drop(columns="s2").mean(axis=1))[0, 1]
    assert finding.seen.startswith("'valence' of s2 is rated against everybody else")
    assert f"r = {r:.2f} with the mean of the others over 40 stimuli" in finding.seen


def test_without_names_of_stimuli_or_with_few_of_them_nothing_can_be_told():
    X, y = ratings(n_stimuli=40, agreement=1.5)
    turned = changed(y, "s2", lambda one: 10 - one)
    del turned.attrs["stimulus"]
    assert found(X, turned, "turned_rating") == []
    X, y = ratings(n_stimuli=7, agreement=3.0)
    assert found(X, changed(y, "s2", lambda one: 10 - one), "turned_rating") == []


def test_an_evaluation_says_both():
    X, y = ratings(n_stimuli=40, agreement=1.5)
    y = changed(changed(y, "s1", SCALES["0 to 100"]), "s2", lambda one: 10 - one)
    result = evaluate(build_pipeline(estimator="ridge"), X, y)
    checks = {one.check for one in result.findings}
    assert {"unlike_rating", "turned_rating"} <= checks


@pytest.mark.parametrize(("n_people", "n_told"), [(4, 0), (12, 2)])
def test_the_fewer_people_the_further_off_it_must_be(n_people, n_told):
    X, y = ratings(n_people)
    a_range_and_a_half_beyond = changed(y, "s2", lambda one: one / 9 + 20)
    assert len(found(X, a_range_and_a_half_beyond, "unlike_rating")) == n_told


def test_a_single_target_must_lie_far_off():
    X, y = ratings(targets=1)
    assert found(X, changed(y, "s3", SCALES["0 to 1"]), "unlike_rating") == []


def test_some_ratings_beyond_are_outliers():
    X, y = ratings(n_stimuli=20)

    def some(one, n, low):
        part = one.copy()
        part.iloc[: 2 * n] = np.repeat(low + np.arange(n) / n, 2)[:, np.newaxis]
        return part

    assert found(X, changed(y, "s3", lambda one: some(one, 12, 0.0)), "unlike_rating") == []
    assert len(found(X, changed(y, "s3", lambda one: some(one, 18, 0.0)), "unlike_rating")) == 2
    assert found(X, changed(y, "s3", lambda one: some(one, 8, 90.0)), "unlike_rating") == []


def test_two_films_are_no_opinion():
    X, y = ratings(n_stimuli=40, agreement=1.5)
    mean = y.groupby(level="trial").mean().loc[["t0", "t1"]]
    only = changed(y, "s2", lambda one: one * np.nan)
    for name in only:
        trials = only.index.get_level_values("trial")
        mine = only.index.get_level_values("subject") == "s2"
        only.loc[mine & (trials == mean[name].idxmax()), name] = 1.0
        only.loc[mine & (trials == mean[name].idxmin()), name] = 9.0
    assert found(X, only, "turned_rating") == []


def test_somebody_loud_does_not_drown_the_others():
    X, y = ratings(n_stimuli=40, agreement=1.5)
    rng = np.random.default_rng(99)  # not that of the films
    loud = changed(y, "s1", lambda one: one * 0 + rng.normal(0, 1000, (40, 2)).repeat(2, axis=0))
    (finding,) = found(X, changed(loud, "s2", lambda one: 10 - one, slice(1)), "turned_rating")
    assert finding.seen.startswith("'valence' of s2")


def test_one_other_opinion_is_no_consensus():
    X, y = ratings(6, n_stimuli=40, agreement=3.0)
    for person in ("s2", "s3", "s4", "s5"):
        y = changed(y, person, lambda one: one * np.nan)
    assert found(X, changed(y, "s1", lambda one: 10 - one), "turned_rating") == []
