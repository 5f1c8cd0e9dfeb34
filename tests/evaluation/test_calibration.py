import numpy as np
import pandas as pd
import pytest
from scipy.optimize import nnls
from sklearn.linear_model import Ridge

from physio_vad.evaluation import (
    Calibrator,
    SubjectHoldout,
    calibrate,
    calibration,
    evaluate,
    fit_calibrator,
)
from physio_vad.exceptions import ArgumentError, GroupsError


def mean_ratio(make_evaluation, n_sets=10, **people) -> pd.Series:
    curves = [calibrate(make_evaluation(seed=seed, **people)).curve for seed in range(n_sets)]
    return pd.concat(curves)["ratio"].groupby(level="minutes").mean()


@pytest.mark.parametrize(
    "people", [{}, {"lasting": 0.97}, {"gain": 0.5}, {"n_subjects": 8}, {"uneven": 0.5}]
)
def test_few_minutes_never_hurt_on_average(people, make_evaluation) -> None:
    assert (mean_ratio(make_evaluation, **people) <= 1.005).all()


@pytest.mark.parametrize("lasting", [0.8, 0.97])
def test_offsets_are_found(lasting, make_evaluation) -> None:
    ratio = mean_ratio(make_evaluation, offset=1.2, lasting=lasting)
    assert ratio[0.0] == 1.0
    assert ratio[2.0] <= 0.95
    assert (ratio <= 1.005).all()


def test_the_same_rest_is_scored_for_all_minutes(make_evaluation) -> None:
    evaluation = make_evaluation(offset=1.0)
    table = evaluation.predictions
    rest = table[table["start"] >= 180]
    error = (rest["valence"] - rest["valence_predicted"]) ** 2
    plain = np.sqrt(error.groupby(rest["subject"]).mean())
    people = calibrate(evaluation).people
    start = people[people["minutes"] == 0].set_index("subject")
    np.testing.assert_allclose(start["rmse"], plain)
    assert (start["ratio"] == 1).all()
    for _, part in people.groupby("minutes"):
        np.testing.assert_allclose(part["rmse"] / part["ratio"], plain)


def test_ratings_after_the_minutes_are_not_used(make_evaluation) -> None:
    evaluation = make_evaluation(offset=1.0)
    one = evaluation.predictions["subject"] == "s003"
    late = evaluation.predictions["stop"] > 60
    changed = evaluation.predictions.copy()
    changed.loc[one & late, "valence"] += 50
    other = evaluation.with_predictions(changed, "window")
    told = [
        fit_calibrator(evaluation, 1.0).apply(
            run.predictions[one & ~late], run.predictions[one & late]
        )["valence_predicted"]
        for run in (evaluation, other)
    ]
    np.testing.assert_array_equal(*told)


def test_how_far_a_person_is_trusted_does_not_depend_on_what_is_scored(
    make_evaluation, monkeypatch
) -> None:
    evaluation = make_evaluation(offset=1.0)
    table = evaluation.predictions.copy()
    late = (table["subject"] == "s003") & (table["start"] >= 60)
    table.loc[late, "valence"] += np.linspace(-40, 60, late.sum())
    weights = []
    plain = calibration._within

    def seen(one, told, weight, limits):
        weights.append((one.subject, *weight))
        return plain(one, told, weight, limits)

    monkeypatch.setattr(calibration, "_within", seen)
    for run in (evaluation, evaluation.with_predictions(table, "window")):
        calibrate(run, [1.0])
    before, after = np.array_split(np.array(weights, dtype=object), 2)
    same = (before == after).all(axis=1)
    assert list(before[same, 0]) == ["s003"]  # others are calibrated with s003 among the people


def test_the_curve_counts_those_made_worse(make_evaluation) -> None:
    calibration = calibrate(make_evaluation(offset=0.5), [0, 2])
    curve, people = calibration.curve, calibration.people.query("minutes == 2")
    assert curve.index.tolist() == [("valence", 0.0), ("valence", 2.0)]
    row = curve.loc[("valence", 2.0)]
    assert row["worse"] == (people["ratio"] > 1 + 1e-9).mean()
    assert row["ratio"] == pytest.approx(people["ratio"].mean(), rel=1e-12)
    assert row["people"] == 20
    assert curve.loc[("valence", 0.0), "worse"] == 0


def test_a_calibrator_moves_a_new_person(make_evaluation) -> None:
    calibrator = fit_calibrator(make_evaluation(offset=1.2), 2.0)
    offset, gain, _ = calibrator.weights.loc["valence"]
    assert 0.3 < offset <= 1
    assert 0 <= gain <= 1
    labelled = pd.DataFrame({"valence": [7.0, 8.0], "valence_predicted": [5.0, 6.0]})
    moved = calibrator.apply(labelled, pd.DataFrame({"valence_predicted": [5.5]}))
    assert moved["valence_predicted"].iloc[0] == pytest.approx(5.5 + 2 * offset)
    still = calibrator.apply(labelled[:0], pd.DataFrame({"valence_predicted": [5.5]}))
    assert still["valence_predicted"].iloc[0] == 5.5


@pytest.mark.parametrize("unit", [2.0**-8, 2.0**20])
def test_the_weights_do_not_depend_on_the_unit_of_ratings(unit, make_evaluation) -> None:
    evaluation = make_evaluation(offset=1.2, gain=0.5, uneven=0.5)
    found = fit_calibrator(evaluation, 2.0).weights
    evaluation.predictions[["valence", "valence_predicted"]] *= unit
    other = fit_calibrator(evaluation, 2.0).weights
    names = ["offset", "gain"]
    np.testing.assert_allclose(other[names], found[names], rtol=1e-6)
    assert other.loc["valence", "spread"] == pytest.approx(unit**2 * found.loc["valence", "spread"])


def rated_windows(ratings, answers) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings of the first windows, and the predictions of all, as a model gives them."""
    index = pd.MultiIndex.from_product(
        [["new"], ["1"], range(len(answers))], names=["subject", "trial", "window"]
    )
    table = pd.DataFrame({"valence": answers}, index)
    return pd.DataFrame({"valence": ratings}, index[: len(ratings)]), table


def test_calibrated_predictions_stay_on_the_scale(make_evaluation) -> None:
    evaluation = make_evaluation(offset=1.2)
    free = fit_calibrator(evaluation, 2.0)
    evaluation.info["scale"]["valence"] = [1.0, 9.0]
    calibrator = fit_calibrator(evaluation, 2.0)
    assert calibrator.scale == {"valence": (1.0, 9.0)}
    labelled, table = rated_windows([9.0, 9.0], [4.0, 4.5, 8.5, 5.0])
    moved = free.apply(labelled, table)["valence"]
    assert moved.max() > 9
    cut = calibrator.apply(labelled, table)["valence"]
    np.testing.assert_array_equal(cut, moved.clip(1, 9))


def test_predictions_are_taken_as_a_model_or_an_evaluation_names_them(make_evaluation) -> None:
    calibrator = fit_calibrator(make_evaluation(offset=1.2), 2.0)
    labelled, table = rated_windows([7.0, np.nan, 6.0], [5.0, 9.0, 5.0, 5.5])
    offset = calibrator.weights.loc["valence", "offset"]
    whole = calibrator.apply(labelled, table.assign(joy=3.0))
    assert list(whole.columns) == ["valence", "joy"]
    assert whole["valence"].iloc[3] == pytest.approx(5.5 + 1.5 * offset)
    joined = labelled.join(table.add_suffix("_predicted"))
    for given in (table, table.add_suffix("_predicted"), table.reset_index(drop=True)):
        moved = calibrator.apply(joined, given)
        np.testing.assert_array_equal(moved.to_numpy(), whole[["valence"]].to_numpy())
    nothing = labelled.assign(valence=np.nan)
    pd.testing.assert_frame_equal(calibrator.apply(nothing, table), table)


def test_what_a_calibrator_lacks_is_named(make_evaluation) -> None:
    calibrator = fit_calibrator(make_evaluation(offset=1.2), 2.0)
    labelled, table = rated_windows([7.0], [5.0, 6.0])
    with pytest.raises(ArgumentError, match=r"'valence_predicted' or 'valence', got \['joy'\]"):
        calibrator.apply(labelled, table.rename(columns={"valence": "joy"}))
    with pytest.raises(ArgumentError, match=r"ratings of 'valence' .*NaN leaves .* uncalibrated"):
        calibrator.apply(labelled.rename(columns={"valence": "joy"}), table)
    # rows that are only numbered may be those of other windows
    with pytest.raises(ArgumentError, match="a column 'valence_predicted', or its rows"):
        calibrator.apply(labelled.reset_index(drop=True), table.reset_index(drop=True))
    with pytest.raises(ArgumentError, match="a column 'valence_predicted', or its rows"):
        calibrator.apply(labelled, table.iloc[1:])
    with pytest.raises(ArgumentError, match="a column 'valence_predicted', or its rows"):
        calibrator.apply(labelled, table.reset_index(drop=True))


def test_a_trial_with_one_rating_is_not_scored_after_it_was_used(make_tables) -> None:
    X, y = make_tables(6, 6, 12)  # a trial lasts 65 s; 1.5 minutes end inside the second
    people = calibrate(evaluate(Ridge(), X, y), [0, 1.5]).people
    table = evaluate(Ridge(), X, y).predictions
    rest = table[~table["trial"].isin(["t0", "t1"])]
    error = (rest["valence"] - rest["valence_predicted"]) ** 2
    plain = people.query("minutes == 0 and target == 'valence'")["rmse"]
    np.testing.assert_allclose(plain, np.sqrt(error.groupby(rest["subject"]).mean()))


def test_what_it_needs(make_evaluation, make_tables) -> None:
    evaluation = make_evaluation(4)
    with pytest.raises(ArgumentError, match="minutes must be 0 or more"):
        calibrate(evaluation, [-1])
    with pytest.raises(GroupsError, match=r"0 people .* 60 minutes.*take fewer minutes"):
        calibrate(evaluation, [0, 60])
    X, y = make_tables(8)
    twice = evaluate(Ridge(), X, y, cv=SubjectHoldout(n_repeats=9, random_state=0))
    with pytest.raises(ArgumentError, match="each window once"):
        calibrate(twice)
    y.attrs = {}
    with pytest.raises(ArgumentError, match="times of windows"):
        calibrate(evaluate(Ridge(), X, y))


def test_a_prediction_moves_by_the_mean_error_and_along_the_slope_of_errors() -> None:
    weights = pd.DataFrame({"offset": 0.5, "gain": 0.25, "spread": [1.0, 0.0]}, ["joy", "fear"])
    calibrator = Calibrator(weights, 2.0)
    truth, answer = np.array([4.0, 6.0]), np.array([2.0, 6.0])  # errors 2 and 0
    slope = np.mean([-2.0, 2.0] * np.array([2.0, 0.0])) / (4 + 1)
    moved = calibrator.move("joy", truth, answer, np.array([10.0]))
    assert moved == pytest.approx(10 + 0.5 * 1 + 0.25 * slope * (10 - 4))
    assert calibrator.move("fear", truth, answer, np.array([10.0])) == 10.5
    nothing = np.empty(0)
    assert calibrator.move("joy", nothing, nothing, np.array([10.0])) == 10


def weights_by_hand(
    people: list[list[np.ndarray]], without: int | None = None
) -> tuple[np.ndarray, float]:
    """Least squares over people, no weight below 0, less its jackknife standard error.

    Of each person: known errors, their predictions, scored errors, their predictions, all of them.
    """
    spread = np.mean([np.var(everything) for *_, everything in people])
    power = np.array([np.mean(error**2) for _, _, error, _, _ in people])
    blocks, targets = [], []
    used = [number for number in range(len(people)) if number != without]
    units = power + 0.1 * np.median(power[used])
    for (known, at, error, answer, _), unit in zip(people, units, strict=True):
        about = at - at.mean()
        slope = np.mean(known * about) / (np.mean(about**2) + spread)
        moves = np.column_stack([np.full(len(error), known.mean()), slope * (answer - at.mean())])
        blocks.append(moves / np.sqrt(len(error) * unit))
        targets.append(error / np.sqrt(len(error) * unit))

    def fit(left: int | None) -> np.ndarray:
        some = [number for number in used if number != left]
        rows = np.concatenate([blocks[number] for number in some])
        return nnls(rows, np.concatenate([targets[number] for number in some]))[0]

    n = len(used)
    left = np.array([fit(number) for number in used])
    error = np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    return np.clip(fit(None) - error, 0, 1), spread


@pytest.mark.parametrize(
    "people", [{"offset": 1.2, "gain": 0.7}, {"offset": 1.2}, {"gain": 0.7}, {"uneven": 0.5}]
)
def test_weights_are_least_squares_less_their_standard_error(people, make_evaluation) -> None:
    evaluation = make_evaluation(9, **people)
    parts = []
    for _, one in evaluation.predictions.groupby("subject"):
        error, answer = one["valence"] - one["valence_predicted"], one["valence_predicted"]
        known, scored = one["stop"] <= 120, one["start"] >= 120
        parts.append([np.array(each) for each in (
            error[known], answer[known], error[scored], answer[scored], answer,
        )])  # fmt: skip
    found = fit_calibrator(evaluation, 2.0).weights.loc["valence"]
    weights, spread = weights_by_hand(parts)
    np.testing.assert_allclose(found, [*weights, spread], rtol=1e-6)
    for number, ratio in enumerate(calibrate(evaluation, [2.0]).people["ratio"]):
        known, at, error, answer, _ = parts[number]
        others = pd.DataFrame([[*weights_by_hand(parts, number)[0], spread]], ["valence"])
        moved = Calibrator(others, 2.0).move("valence", known + at, at, answer)
        after = np.mean((answer + error - moved) ** 2)
        assert ratio == pytest.approx(np.sqrt(after / np.mean(error**2)), rel=1e-6)


@pytest.mark.parametrize(("seconds", "first"), [(65, 12), (70, 13), (75, 24)])
def test_time_goes_on_from_trial_to_trial(seconds, first, make_tables) -> None:
    """Trials of 65 s that begin 20 s before their zero; a window of the second ends at 75 s."""
    X, y = make_tables(4, 4, 12)
    evaluation = evaluate(Ridge(), X, y)
    table = evaluation.predictions
    table[["start", "stop"]] -= 20
    rest = table[table.groupby("subject").cumcount() >= first]
    error = (rest["valence"] - rest["valence_predicted"]) ** 2
    found = calibrate(evaluation, [0, seconds / 60]).people
    found = found.query("minutes == 0 and target == 'valence'")
    np.testing.assert_allclose(found["rmse"], np.sqrt(error.groupby(rest["subject"]).mean()))


def test_three_people_are_enough_and_two_are_not(make_evaluation) -> None:
    assert len(calibrate(make_evaluation(3), [1]).people) == 3
    with pytest.raises(GroupsError, match=r"2 people .* 1 minutes; calibration needs at least 3"):
        calibrate(make_evaluation(2), [1])
    # the first window must end before the border, the last begin after it
    assert len(calibrate(make_evaluation(3), [10 / 60]).people) == 3
    with pytest.raises(GroupsError, match="0 people"):
        calibrate(make_evaluation(3), [9 / 60])
    last = 5 * 118 / 60
    assert len(calibrate(make_evaluation(3), [last]).people) == 3
    with pytest.raises(GroupsError, match="0 people"):
        calibrate(make_evaluation(3), [last + 0.01])
