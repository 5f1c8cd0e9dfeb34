"""How closely columns follow ratings, by hand."""

import numpy as np
import pytest
from scipy import stats

from physio_vad.evaluation.leakage.association import (
    correlations,
    mean_correlation,
    ranks,
    separation,
)
from physio_vad.evaluation.leakage.columns import count_distinct, quantile
from physio_vad.evaluation.leakage.fitted_outside import FILLED, RANGE, ROBUST, STANDARD, traces
from physio_vad.evaluation.leakage.subject_encoding import _p_value
from physio_vad.evaluation.levels import between_people

nan = np.nan


def test_people_count_by_their_rows_if_their_rating_varies_and_three_are_known() -> None:
    ratings = np.array([[1, 2, 3, 4, 5, 5, 5, 5, 1, 2, 3, 1, 2, 9.0]])
    values = np.array([[-1, -3, -2, -4, 1, 2, 3, 4, 1, 3, 2, 1, 2, nan]])
    people = np.split(np.arange(14), [4, 8, 11])
    r = [abs(stats.pearsonr(values[0, rows], ratings[0, rows])[0]) for rows in people[::2]]
    found = mean_correlation(values, ratings, people)
    assert found == pytest.approx((4 * r[0] + 3 * r[1]) / 7)
    assert mean_correlation(values, ratings, people[1::2]) == 0  # nobody tells anything


def test_a_column_far_from_zero_varies_and_its_rounding_does_not() -> None:
    rating = np.arange(8.0)
    values = np.array([1e6 + 0.01 * rating, 0.1 + 0 * rating, 1e6 + 1e-10 * rating])
    assert correlations(values, rating[None])[:, 0] == pytest.approx([1, 0, 0])
    assert correlations(rating[None], 0.1 + 0 * rating[None]) == 0


def test_ties_share_their_rank_and_what_is_unknown_has_none() -> None:
    found = ranks(np.array([[3.0, 1.0, nan, 3.0, 0.5]]))
    np.testing.assert_array_equal(found, [[3.5, 2, nan, 3.5, 1]])


def test_marks_separate_ratings_by_the_share_of_pairs() -> None:
    rating = np.array([1.0, 2, 3, 4, 5, 6])
    marks = np.array([list(text) for text in ("000111", "110000", "010101", "100001")], dtype=float)
    assert separation(marks, rating[None])[:, 0] == pytest.approx([1, 1, 1 / 3, 0])


@pytest.mark.parametrize("known", ["outer", "inner", "some"])
def test_rows_without_a_mark_separate_nothing(known) -> None:
    rng = np.random.default_rng(0)
    rating = rng.permutation(60.0 + np.arange(60) // 2)
    place = np.abs(rating - np.median(rating))
    rows = {"outer": place > 8, "inner": place < 8, "some": rng.uniform(size=60) < 0.5}[known]
    marks = np.where(rows, rating + 4 * rng.normal(size=60) > np.median(rating), nan)
    marks = np.stack([marks, np.where(rows, rating > np.median(rating), nan)])
    high, low = rating[marks[0] == 1], rating[marks[0] == 0]
    auc = stats.mannwhitneyu(high, low)[0] / (len(high) * len(low))
    found = separation(marks, np.stack([rating, -rating]))
    assert found[0] == pytest.approx([2 * auc - 1] * 2)
    assert found[1] == pytest.approx([1, 1])


@pytest.mark.parametrize("n_known", [1, 2, 3, 9])
def test_quantiles_and_different_values_are_those_of_numpy(n_known) -> None:
    rng = np.random.default_rng(0)
    values = np.sort(np.append(rng.integers(0, 5, (3, n_known)), [[nan] * 2] * 3, axis=1), axis=1)
    assert count_distinct(values).tolist() == [len(np.unique(row[:n_known])) for row in values]
    for share in (0.25, 0.5, 0.75):
        assert quantile(values, share) == pytest.approx(np.nanquantile(values, share, axis=1))
    assert count_distinct(np.full((1, 3), nan)) == 0


def shown(values, **options) -> set[str]:
    found = traces(np.sort(np.array(values, dtype=float, ndmin=2), axis=1), **options)
    return {name for name, marks in found.items() if marks[0]}


@pytest.mark.parametrize("n_different", [7, 8])
def test_few_different_values_show_no_trace_of_a_scaler(n_different) -> None:
    values = np.random.default_rng(0).normal(size=n_different)
    quartiles = np.quantile(values, 0.75) - np.quantile(values, 0.25)
    for name, scaled in (
        (STANDARD, (values - values.mean()) / values.std()),
        (STANDARD, (values - values.mean()) / values.std(ddof=1)),
        (ROBUST, (values - np.median(values)) / quartiles),
        (RANGE, (values - values.min()) / np.ptp(values)),
    ):
        gaps = [nan] * 3
        assert shown([*scaled, *gaps]) == ({name} if n_different == 8 else set())
        assert shown([*scaled, *gaps], least=7) == {name}
        assert shown([*(1.1 * scaled), *gaps], least=7) == set()


def test_quartiles_of_values_that_repeat_are_round_by_chance() -> None:
    values = np.linspace(0, 1, 9)
    assert shown(np.repeat(values, 2)) == set()
    assert shown([*values, *values[:-1]]) == {RANGE}  # nine of seventeen: half and more differ


@pytest.mark.parametrize(
    ("n_others", "n_gaps", "filled"),
    [(11, 3, True), (11, 2, False), (10, 3, False), (10, 0, False)],
)
def test_gaps_filled_with_the_mean_of_many_others(n_others, n_gaps, filled) -> None:
    others = np.random.default_rng(0).normal(5, 2, n_others)
    assert (FILLED in shown([*others, *[others.mean()] * n_gaps])) == filled
    assert FILLED not in shown([*others, *[others.mean() + 1e-3] * n_gaps])


@pytest.mark.parametrize("n", [3, 6, 20])
def test_the_chance_of_a_correlation_is_that_of_scipy(n) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, n))
    r, p = stats.pearsonr(x, y)
    assert _p_value(np.array([r, 1.0]), np.array([n, n])) == pytest.approx([p, 0], abs=1e-6)


@pytest.mark.parametrize(("n_people", "n_windows"), [(3, 8), (2, 8), (3, 7)])
def test_levels_are_told_from_chance_in_enough_people_and_windows(n_people, n_windows) -> None:
    """A person with few windows does not count."""
    rng = np.random.default_rng(0)
    sizes = [n_windows] * n_people + [7]
    values = [3.0 * rng.normal() + rng.normal(size=size) for size in sizes]
    people = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    (found,) = between_people(np.concatenate(values)[None], people)
    if (n_people, n_windows) != (3, 8):
        assert np.isnan(found)
        return
    inside = np.mean([one.var(ddof=1) for one in values[:3]])
    apart = np.var([one.mean() for one in values[:3]], ddof=1) - inside / 8
    assert found == pytest.approx(apart / (apart + inside))
