import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import conformal_intervals
from physio_vad.evaluation.conformal import person_quantile, quantiles_without_each
from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning


def coverage_on_fresh_people(make_evaluation, coverage, correct) -> tuple[float, float]:
    """Mean coverage over 20 sets, and the share of fresh people more than 10 points below."""
    shares = []
    for seed in range(20):
        known = make_evaluation(20, 60, offset=0.7, uneven=0.4, seed=seed)
        half = conformal_intervals(known, coverage, correct=correct).half_widths["valence"]
        fresh = make_evaluation(100, 60, offset=0.7, uneven=0.4, seed=1000 + seed).predictions
        inside = (fresh["valence"] - fresh["valence_predicted"]).abs() <= half
        shares.append(inside.groupby(fresh["subject"]).mean())
    people = pd.concat(shares)
    return float(people.mean()), float((people < coverage - 0.1).mean())


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_intervals_hold_for_people_never_seen(coverage, make_evaluation) -> None:
    plain, _ = coverage_on_fresh_people(make_evaluation, coverage, False)
    assert abs(plain - coverage) <= 0.03
    corrected, below = coverage_on_fresh_people(make_evaluation, coverage, True)
    assert coverage <= corrected <= coverage + 0.05
    assert 0 < below < 0.4  # the guarantee is a mean over people, and says so


def test_every_person_weighs_the_same() -> None:
    many, few = np.full(1000, 1.0), np.array([5.0])
    assert person_quantile([many, few, few], 0.5, correct=False) == 5.0
    assert person_quantile([many, many, few], 0.5, correct=False) == 1.0
    assert person_quantile([many, many, few], 0.5) == 1.0
    assert person_quantile([many, few, few], 0.75) == 5.0
    assert person_quantile([many, few, few], 0.76) == np.inf


def test_coverage_by_person_leaves_the_person_out(make_evaluation) -> None:
    evaluation = make_evaluation(6, 30, uneven=0.8)
    intervals = conformal_intervals(evaluation, 0.7)
    table = evaluation.predictions
    error = (table["valence"] - table["valence_predicted"]).abs()
    mine = table["subject"] == "s002"
    others = [error[table["subject"] == who].to_numpy() for who in table["subject"].unique()]
    del others[2]
    expected = (error[mine] <= person_quantile(others, 0.7)).mean()
    row = intervals.people.query("subject == 's002'").iloc[0]
    assert (row["coverage"], row["windows"]) == (pytest.approx(expected), 30)
    summary = intervals.summary().loc["valence"]
    assert summary["coverage"] == pytest.approx(intervals.people["coverage"].mean())
    assert summary["worst"] == intervals.people["coverage"].min()
    assert summary["people_below"] == (intervals.people["coverage"] < 0.6).mean()


def test_intervals_are_cut_at_the_scale(make_evaluation) -> None:
    evaluation = make_evaluation()
    evaluation.info["scale"]["valence"] = [1.0, 9.0]
    intervals = conformal_intervals(evaluation, 0.8)
    half = intervals.half_widths["valence"]
    bounds = intervals.apply(pd.DataFrame({"valence": [5.0, 8.9]}))
    assert bounds["valence_low"].tolist() == [5 - half, 8.9 - half]
    assert bounds["valence_high"].tolist() == [5 + half, 9.0]
    saved = intervals.apply(evaluation.predictions)
    assert saved.index.equals(evaluation.predictions.index)


def test_an_infinite_interval_is_the_whole_scale(make_evaluation) -> None:
    evaluation = make_evaluation(8)
    predictions = pd.DataFrame({"valence": [5.0]})
    with pytest.warns(GroupsWarning):
        bounds = conformal_intervals(evaluation, 0.9).apply(predictions)
    assert bounds.to_numpy().tolist() == [[-np.inf, np.inf]]
    evaluation.info["scale"]["valence"] = [1.0, 9.0]
    with pytest.warns(GroupsWarning):
        bounds = conformal_intervals(evaluation, 0.9).apply(predictions)
    assert bounds.to_numpy().tolist() == [[1.0, 9.0]]


def test_predictions_of_other_targets_are_refused(make_evaluation) -> None:
    intervals = conformal_intervals(make_evaluation(9), 0.8)
    with pytest.raises(ArgumentError, match=r"'valence_predicted' or 'valence', got \['joy'\]"):
        intervals.apply(pd.DataFrame({"joy": [1.0]}))


def test_too_few_people_have_no_finite_interval(make_evaluation) -> None:
    with pytest.warns(GroupsWarning, match=r"'valence' .* 8 people .* at most 0\.888 .*was 0\.9;"):
        intervals = conformal_intervals(make_evaluation(8), 0.9)
    assert intervals.half_widths["valence"] == np.inf
    assert conformal_intervals(make_evaluation(8), 0.888).half_widths["valence"] < np.inf
    assert conformal_intervals(make_evaluation(8), 0.9, correct=False).half_widths["valence"] < 9
    assert conformal_intervals(make_evaluation(9), 0.9).half_widths["valence"] < np.inf
    with pytest.raises(GroupsError, match="at least 3 people, got 2"):
        conformal_intervals(make_evaluation(2))
    with pytest.raises(ArgumentError, match="coverage"):
        conformal_intervals(make_evaluation(5), 90)


@pytest.mark.parametrize("coverage", [0.5, 2 / 3, 0.8, 0.95])
@pytest.mark.parametrize("correct", [True, False])
def test_leaving_each_person_out_is_the_quantile_of_the_others(coverage, correct) -> None:
    """Equal to the bit, with ties within and between people, and sessions of any length."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        sizes = rng.integers(1, 8, size=rng.integers(2, 12))
        people = [np.round(np.abs(rng.normal(size=n)), rng.integers(0, 4)) for n in sizes]
        wanted = [
            person_quantile(people[:one] + people[one + 1 :], coverage, correct=correct)
            for one in range(len(people))
        ]
        found = quantiles_without_each(people, coverage, correct=correct)
        np.testing.assert_array_equal(found, wanted)
