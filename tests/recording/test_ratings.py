"""Ratings: the mean in a window against brute force, coverage, and what is refused."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physio_vad.exceptions import RecordingError
from physio_vad.recording.ratings import VAD, Ratings

TICK = 0.25  # seconds; times of the generated ratings and windows are multiples


@st.composite
def ratings_and_windows(draw):
    """Intervals with gaps and NaN, and windows that may lie anywhere around them."""
    edges = draw(st.lists(st.integers(-40, 120), min_size=2, max_size=16, unique=True))
    edges = np.sort(edges) * TICK
    kept = np.array(draw(st.lists(st.booleans(), min_size=len(edges) - 1, max_size=len(edges) - 1)))
    kept[0] |= not kept.any()
    number = st.one_of(st.just(np.nan), st.floats(-1e3, 1e3))
    values = draw(st.lists(st.tuples(number, number), min_size=len(kept), max_size=len(kept)))
    ratings = Ratings.intervals(
        edges[:-1][kept], edges[1:][kept], np.array(values)[kept], targets=("a", "b")
    )
    starts = np.array(draw(st.lists(st.integers(-60, 140), min_size=1, max_size=6))) * TICK
    lengths = np.array(draw(st.lists(st.integers(1, 60), min_size=6, max_size=6))) * TICK
    return ratings, starts, starts + lengths[: len(starts)]


def brute_force(ratings, start, stop, min_coverage):
    """Midpoint sum on the grid of ticks, exact because every border lies on it."""
    middles = np.arange(start + TICK / 2, stop, TICK)
    values = np.full((len(middles), len(ratings.targets)), np.nan)
    for low, high, row in zip(ratings.starts, ratings.stops, ratings.values, strict=True):
        values[(middles > low) & (middles < high)] = row
    rated = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean = np.where(rated, values, 0.0).sum(axis=0) / rated.sum(axis=0)
    return np.where(rated.mean(axis=0) >= max(min_coverage, 1e-9), mean, np.nan)


@settings(max_examples=300, deadline=None)
@given(ratings_and_windows(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_mean_equals_brute_force(drawn, min_coverage):
    ratings, starts, stops = drawn
    expected = [
        brute_force(ratings, start, stop, min_coverage)
        for start, stop in zip(starts, stops, strict=True)
    ]
    np.testing.assert_allclose(ratings.mean(starts, stops, min_coverage), expected, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(ratings_and_windows())
def test_mean_of_a_batch_is_that_of_each_window_alone(drawn):
    ratings, starts, stops = drawn
    alone = [ratings.mean([a], [b])[0] for a, b in zip(starts, stops, strict=True)]
    np.testing.assert_allclose(ratings.mean(starts, stops), alone, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(ratings_and_windows(), st.floats(-1e5, 1e5))
def test_mean_does_not_depend_on_the_zero_of_time(drawn, shift):
    ratings, starts, stops = drawn
    moved = Ratings(ratings.starts + shift, ratings.stops + shift, ratings.values, ("a", "b"))
    # Coverage is a matter of something or nothing here, so that rounding cannot tip it.
    means = moved.mean(starts + shift, stops + shift, 0.01)
    np.testing.assert_allclose(means, ratings.mean(starts, stops, 0.01), atol=1e-6)


def test_constant_is_exact_everywhere():
    ratings = Ratings.constant({"valence": 0.1, "arousal": 7.0, "dominance": np.nan})
    starts = np.array([-2e9, *np.arange(0, 5, 0.1), 1.7e9])
    means = ratings.mean(starts, starts + 9.87, min_coverage=1.0)
    assert ratings.targets == VAD
    np.testing.assert_array_equal(means, [[0.1, 7.0, np.nan]] * len(starts))


def test_a_window_inside_one_rating_has_exactly_its_value():
    values = np.random.default_rng(0).uniform(1, 9, (50, 1))
    ratings = Ratings.series(np.arange(50) * 10.1, values, targets=["x"])
    starts = ratings.starts + 0.1
    np.testing.assert_array_equal(ratings.mean(starts, starts + 7.3), values)


def test_series_holds_until_the_next_and_the_last_for_the_median_distance():
    ratings = Ratings.series([0, 2, 4, 10], [[1], [2], [3], [4]], targets=["x"])
    assert ratings.stops.tolist() == [2, 4, 10, 12]
    np.testing.assert_allclose(
        ratings.mean([0, 1, 11, 12], [4, 3, 13, 13]).ravel(), [1.5, 1.5, 4.0, np.nan]
    )


def test_one_rating_of_a_series_holds_for_ever():
    assert Ratings.series([5.0], [[3.0]], targets=["x"]).mean([0, 7], [4, 9e9]).tolist()[1] == [3.0]


def test_intervals_are_sorted_and_gaps_are_not_rated():
    ratings = Ratings.intervals([20, 0], [30, 10], [[2.0], [1.0]], targets=["x"])
    assert ratings.starts.tolist() == [0, 20]
    means = ratings.mean([5, 12, 5, 0], [15, 18, 25, 30], min_coverage=0.5).ravel()
    np.testing.assert_allclose(means, [1.0, np.nan, 1.5, 1.5])


@pytest.mark.parametrize(
    ("min_coverage", "expected"), [(0.0, 1.0), (0.5, 1.0), (0.51, np.nan), (1.0, np.nan)]
)
def test_min_coverage_is_a_share_of_the_window(min_coverage, expected):
    ratings = Ratings.intervals([0], [5], [[1.0]], targets=["x"])
    np.testing.assert_array_equal(ratings.mean([0], [10], min_coverage), [[expected]])


def test_a_window_that_only_touches_a_rating_has_none():
    ratings = Ratings.intervals([0.1, 0.9], [0.3, 1.1], [[1.0], [9.0]], targets=["x"])
    assert np.isnan(ratings.mean([0.3], [0.9], min_coverage=0.0)).all()


def test_an_overlap_that_is_rounding_gives_no_rating():
    ratings = Ratings.intervals([0.0, 1000.0], [0.1 + 0.2, 1001.0], [[9.0], [1.0]], targets=["x"])
    assert np.isnan(ratings.mean([0.3], [0.9], min_coverage=0.0)).all()


def test_targets_are_missing_one_by_one():
    ratings = Ratings.series([0, 5], [[1, np.nan], [np.nan, 2]], targets=["x", "y"])
    np.testing.assert_array_equal(ratings.mean([0, 5], [5, 10]), [[1, np.nan], [np.nan, 2]])


def test_nothing_rated_and_no_windows():
    empty = Ratings.series([], np.empty((0, 3)))
    assert empty.mean([], []).shape == (0, 3)
    assert np.isnan(empty.mean([0.0], [1.0])).all()


def test_small_differences_late_in_a_long_recording_survive():
    times = np.arange(0, 1e5, 0.5)
    values = 5 + 1e-6 * np.sin(times)
    ratings = Ratings.series(times, values[:, np.newaxis], targets=["x"])
    mean = ratings.mean([0.0, 99_000.0], [10.0, 99_010.0])[1]
    expected = values[(times >= 99_000) & (times < 99_010)].mean()
    np.testing.assert_allclose(mean, [expected], rtol=0, atol=5e-15)


def test_a_single_target_may_be_given_as_a_string():
    assert Ratings.series([0.0, 1.0], [[1.0], [2.0]], targets="stress").targets == ("stress",)
    assert Ratings.intervals([0.0], [1.0], [[1.0]], targets="stress").targets == ("stress",)


def test_scale_is_checked_and_kept_for_known_targets_only():
    ratings = Ratings.constant({"valence": 9}, scale={"valence": (1, 9), "arousal": (1, 9)})
    assert dict(ratings.scale) == {"valence": (1.0, 9.0)}


def test_arrays_are_copies_that_cannot_be_written_to():
    values = np.array([[1.0]])
    ratings = Ratings(np.array([0.0]), np.array([1.0]), values, ("x",))
    values[:] = 5
    assert ratings.values.tolist() == [[1.0]]
    with pytest.raises(ValueError, match="read-only"):
        ratings.values[:] = 5
    with pytest.raises(TypeError):
        ratings.scale["x"] = (0, 1)


def test_pickle_round_trip():
    ratings = Ratings.series([0, 1], [[1, 2], [3, np.nan]], ["x", "y"], scale={"x": (0, 5)})
    again = pickle.loads(pickle.dumps(ratings))
    for name in ("starts", "stops", "values"):
        np.testing.assert_array_equal(getattr(again, name), getattr(ratings, name))
    assert (again.targets, dict(again.scale)) == (ratings.targets, dict(ratings.scale))
    with pytest.raises(TypeError):
        again.scale["x"] = (0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [1, 2], [[1.0]], ("x",)), r"values \(n, 1\).*\(2,\), \(2,\) and \(1, 1\)"),
        (([0], [1], [1.0], ("x",)), r"values \(n, 1\).*and \(1,\)"),
        (([0], [1], [[1.0, 2.0]], ("x", "x")), "unique names"),
        (([0], [1], np.empty((1, 0)), ()), "at least one"),
        (([0], [0], [[1.0]], ("x",)), "number 0 has start 0 s and stop 0 s; sort"),
        (([0, 1], [2, 3], [[1.0], [2.0]], ("x",)), "must not overlap: number 0 ends at 2 s"),
        (([np.nan], [1], [[1.0]], ("x",)), "must not be NaN"),
        (([0], [1], [[np.inf]], ("x",)), "'x' must be finite or NaN"),
        (([0], [1], [["high"]], ("x",)), "values of ratings must be numbers.*'high'"),
        (([0], [1], [[9.5]], ("x",), {"x": (1, 9)}), "1 of 1 .*'x'.*1 to 9: the first is 9.5 at 0"),
        (([0], [1], [[5]], ("x",), {"x": (9, 1)}), r"scale of 'x' must be \(low, high\).*\(9, 1\)"),
        (([0], [1], [[5]], ("x",), {"x": 9}), r"scale of 'x' must be \(low, high\).*got 9"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(RecordingError, match=message):
        Ratings(*arguments)


def test_series_that_steps_back_in_time_is_refused():
    with pytest.raises(RecordingError, match="number 1 has start 2 s and stop 1 s; sort"):
        Ratings.series([0, 2, 1], [[1], [2], [3]], targets=["x"])


def test_intervals_of_unequal_number_are_refused():
    with pytest.raises(RecordingError, match=r"got \(2,\), \(1,\) and \(2, 1\)"):
        Ratings.intervals([0, 1], [1], [[1], [2]], targets=["x"])


@pytest.mark.parametrize("make", ["series", "intervals"])
def test_text_among_times_is_refused(make):
    times = (["soon"],) if make == "series" else (["soon"], ["later"])
    with pytest.raises(RecordingError, match=r"times of ratings must be numbers.*soon"):
        getattr(Ratings, make)(*times, [[1.0]], targets=["x"])


def test_text_in_a_constant_is_refused():
    with pytest.raises(RecordingError, match="values of ratings must be numbers"):
        Ratings.constant({"valence": "good"})


@pytest.mark.parametrize("names", [["subject"], ["fold", "valence"], ["x", "x_predicted"]])
def test_targets_with_names_of_our_columns_are_refused(names):
    with pytest.raises(RecordingError, match=r"a target cannot be called '.*rename it"):
        Ratings.constant(dict.fromkeys(names, 5.0))


def test_one_range_stands_for_all_targets():
    values = {"valence": 1.0, "arousal": -2.0}
    whole = Ratings.constant(values, scale=(-10, 10))
    assert dict(whole.scale) == {"valence": (-10, 10), "arousal": (-10, 10)}
    assert dict(Ratings.series([0.0], [[3.0]], "valence", (1, 9)).scale) == {"valence": (1, 9)}
    said = "^the rating of 'arousal', -2, lies outside the declared scale 1 to 9; correct"
    with pytest.raises(RecordingError, match=said):
        Ratings.constant(values, scale=(1, 9))
    with pytest.raises(RecordingError, match=r"lie outside .*: the first is 11; correct"):
        Ratings([-np.inf, 1], [1, np.inf], [[11.0], [12.0]], ("valence",), (1, 9))
