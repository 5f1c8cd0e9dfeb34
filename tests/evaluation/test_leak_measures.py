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
