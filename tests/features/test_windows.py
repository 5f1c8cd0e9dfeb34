"""Windows: where they lie, what their labels are, and what is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest

from physio_vad import Events, Ratings, Recording, Signal, make_windows
from physio_vad.exceptions import ArgumentError, RatingsWarning, SkippedWarning
from physio_vad.features.windows import INDEX_NAMES


def record(seconds=30.0, subject="a", ratings=None, start=0.0, **options):
    skin = Signal(np.full(round(4 * seconds), 33.0), 4.0, "C", start=start)
    return Recording(subject, {"temperature": skin}, ratings, **options)


CALM = Ratings.constant({"valence": 5.0}, scale={"valence": (1, 9)})


def test_windows_of_one_recording():
    recording = record(30)
    windows, y = make_windows([recording], length=10, step=5)
    assert list(windows.index.names) == INDEX_NAMES
    assert windows.index.tolist() == [("a", "1", k) for k in range(5)]
    assert windows["start"].tolist() == [0, 5, 10, 15, 20]
    assert (windows["stop"] - windows["start"]).eq(10).all()
    assert all(one is recording for one in windows["recording"])
    assert y.shape == (5, 0)
    assert y.index.equals(windows.index)


@pytest.mark.parametrize(
    ("seconds", "length", "step", "n_windows"),
    [
        (10, 10, 5, 1),
        (9.75, 9.75, 1, 1),
        (30, 0.1, 0.1, 300),
        (300, 0.3, 0.1, 2998),
        (14, 10, 5, 1),
    ],
)
def test_number_of_windows_is_not_a_matter_of_rounding(seconds, length, step, n_windows):
    windows, _ = make_windows([record(seconds)], length, step)
    assert len(windows) == n_windows
    assert windows["stop"].max() <= seconds + 1e-9


def test_no_window_crosses_a_trial():
    trials = [record(12, trial="1", start=3.0), record(23, trial="2")]
    windows, _ = make_windows(trials, length=10, step=5)
    for one in windows.itertuples():
        assert one.start >= one.recording.start
        assert one.stop <= one.recording.stop
    assert windows.loc["a", "start"].groupby(level="trial").first().tolist() == [3.0, 0.0]


@pytest.mark.parametrize("lag", [0.0, 2.0, -2.0])
def test_label_is_the_mean_of_the_lagged_window(lag):
    squares = np.arange(100.0) ** 2  # one rating a second
    ratings = Ratings.series(np.arange(100), squares[:, np.newaxis], targets=["valence"])
    _, y = make_windows([record(60, ratings=ratings)], length=10, step=5, label_lag=lag)
    first = np.arange(0, 51, 5) + int(lag)
    expected = [squares[max(k, 0) : k + 10].mean() for k in first]
    np.testing.assert_allclose(y["valence"], expected)


def test_min_coverage_decides_and_unrated_windows_go():
    ratings = Ratings.intervals([10], [20], [[3.0]], targets=["valence"])
    recording = record(40, ratings=ratings)
    _, y = make_windows([recording], 10, 5, min_coverage=0.5)
    assert y.index.get_level_values("window").tolist() == [1, 2, 3]
    windows, strict = make_windows([recording], 10, 5, min_coverage=1.0)
    assert strict["valence"].tolist() == [3.0]
    assert windows["start"].tolist() == [10.0]
    windows, kept = make_windows([recording], 10, 5, keep_unrated=True)
    assert kept["valence"].isna().tolist() == [True, False, False, False, True, True, True]
    assert len(windows) == 7


def test_targets_are_joined_over_recordings():
    rated = record(ratings=Ratings.constant({"arousal": 2.0, "valence": 1.0}))
    other = record(subject="b", ratings=Ratings.constant({"valence": 4.0}))
    new = record(subject="c")
    _, y = make_windows([rated, other, new], 30, 30)
    assert list(y.columns) == ["arousal", "valence"]
    np.testing.assert_array_equal(y, [[2, 1], [np.nan, 4], [np.nan, np.nan]])


def test_baseline_windows_are_negative_and_unlabelled():
    recording = record(60, ratings=CALM, baseline=[(0, 20)])
    windows, y = make_windows([recording], length=10, step=5)
    rest = windows.loc[("a", "1", slice(-9, -1)), :]
    assert rest.index.get_level_values("window").tolist() == [-3, -2, -1]
    assert rest["start"].tolist() == [0, 5, 10]
    assert y.loc[rest.index, "valence"].isna().all()
    assert y.drop(rest.index)["valence"].eq(5).all()


def test_baseline_is_cut_to_the_recording():
    recording = record(60, ratings=CALM, start=30.0, baseline=[(0, 45), (80, 100)])
    windows, _ = make_windows([recording], length=10, step=5)
    rest = windows[windows.index.get_level_values("window") < 0]
    assert rest["start"].tolist() == [30, 35, 80]


def test_no_labelled_window_reaches_into_the_baseline_before_a_stimulus():
    recording = record(43, ratings=CALM, start=-3.0, baseline=[(-3, 0)])
    windows, y = make_windows([recording], length=10, step=5)
    assert windows["start"].tolist() == [-3, 0, 5, 10, 15, 20, 25, 30]
    assert y["valence"].iloc[1:].eq(5).all()
    windows, _ = make_windows([recording], length=2, step=1)
    assert windows["start"].tolist() == [-3, -2, *range(39)]
    assert windows.index.get_level_values("window").tolist() == [-2, -1, *range(39)]


@pytest.mark.parametrize(("begin", "rest"), [(-3.0, [(-3, 0)]), (-1.0, [(-1, 0)]), (-0.5, [])])
def test_a_baseline_shorter_than_a_window_is_one_window_of_its_own_length(begin, rest):
    recording = record(43, ratings=CALM, start=begin, baseline=[(begin, 0)])
    windows, y = make_windows([recording], length=10, step=5)
    short = windows[windows.index.get_level_values("window") < 0]
    assert list(zip(short["start"], short["stop"], strict=True)) == rest
    assert y.loc[short.index].isna().all(axis=None)
    assert (windows["stop"] - windows["start"])[len(rest) :].eq(10).all()


def test_a_recording_that_begins_before_zero_without_baseline_is_cut_from_its_start():
    windows, _ = make_windows([record(33, ratings=CALM, start=-3.0)], length=10, step=10)
    assert windows["start"].tolist() == [-3, 7, 17]


def test_what_is_known_of_the_labels_travels_in_attrs():
    recordings = [
        record(subject="a", trial="x", stimulus="clip", ratings=CALM),
        record(subject="a", trial="y", ratings=CALM),
    ]
    _, y = make_windows(recordings, 10, 5)
    assert y.attrs == {
        "scale": {"valence": (1.0, 9.0)},
        "stimulus": {"a": {"x": "clip"}},
        "window": {"length": 10.0, "step": 5.0},
    }


def test_recordings_too_short_give_no_rows_beside_others():
    recordings = [
        record(5, "short", CALM),
        record(30, "long", CALM),
        Recording("none", {"temperature": Events([], [], "C")}),
    ]
    message = r"2 of 3 recordings are shorter than a window of 10 s .*short/1 \(5 s\), none/1"
    with pytest.warns(SkippedWarning, match=message + r".*nothing is left of short, none"):
        windows, y = make_windows(recordings, 10, 5)
    assert set(windows.index.get_level_values("subject")) == {"long"}
    assert windows.index.get_level_values("window").dtype == np.int64
    assert windows.dtypes.tolist() == [object, float, float]
    assert y.dtypes.tolist() == [float]


def test_a_table_keeps_references_through_pandas():
    recording = record(30)
    windows, _ = make_windows([recording], 10, 5)
    table = pd.concat([windows.iloc[::-1].copy(), windows]).drop_duplicates("start").sort_index()
    assert all(one is recording for one in table["recording"])


@pytest.mark.parametrize(
    ("recordings", "options", "message"),
    [
        ([], {}, "recordings is empty"),
        (record(), {}, r"an iterable of Recording.*\[recording\]"),
        ([3], {}, "must hold Recording, got int"),
        ([record(), record()], {}, "'a', trial '1' stands twice"),
        ([record(5)], {}, r"as long as a window of 10 s; the longest \(a/1\) has 5 s"),
        ([record()], {"length": 0}, "length must be above 0 s, got 0"),
        ([record()], {"step": np.inf}, "step must be above 0 s, got inf"),
        ([record()], {"step": "5"}, "step must be above 0 s, got '5'"),
        ([record()], {"label_lag": np.nan}, "label_lag must be a finite"),
        ([record()], {"min_coverage": 1.5}, "between 0 and 1, got 1.5"),
        ([record(ratings=CALM)], {"label_lag": -np.inf}, "label_lag"),
        (
            [record(ratings=Ratings.constant({"valence": np.nan}), baseline=[(0, 20)])],
            {},
            "no window has a label.*keep_unrated=True",
        ),
        (
            [
                record(ratings=CALM),
                record(subject="b", ratings=Ratings.constant({"valence": 0}, {"valence": (-1, 1)})),
            ],
            {},
            r"'b', trial '1': the scale of 'valence' is \(-1.0, 1.0\), in others \(1.0, 9.0\)",
        ),
    ],
)
def test_refuses(recordings, options, message):
    with pytest.raises(ArgumentError, match=message):
        make_windows(recordings, **options)


def one_file(values, sfreq=4.0):
    """One recording with a column of ratings, a number a sample."""
    values = np.asarray(values, dtype=float)
    skin = Signal(np.full(len(values), 33.0), sfreq=sfreq, unit="C")
    ratings = Ratings.series(np.arange(len(values)) / sfreq, values[:, None], "valence")
    return Recording("anna", {"temperature": skin}, ratings)


def test_no_window_has_the_mean_of_two_trials_ratings():
    film = one_file(np.repeat([2, 8, 5], [27 * 4, 31 * 4, 29 * 4]))
    with pytest.warns(
        RatingsWarning, match=r"4 windows in 1 recording \(first: anna/1\) straddle two ratings"
    ):
        windows, y = make_windows([film])
    assert y["valence"].value_counts().to_dict() == {2.0: 4, 8.0: 4, 5.0: 4}
    given = [0, 5, 10, 15, 30, 35, 40, 45, 60, 65, 70, 75]
    assert windows["start"].tolist() == given
    with pytest.warns(RatingsWarning):
        whole = make_windows([film], keep_unrated=True)[1]
    assert whole["valence"].isna().sum() == len(whole) - len(given)


def test_a_rating_that_changes_all_the_time_is_averaged():
    slider = one_file(5 + np.sin(np.arange(400) / 40).round(1))
    asked = one_file(np.repeat([3.0, 5, 4, 6], 5), sfreq=0.2)  # one rating each 5 s, some the same
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(make_windows([slider])[1]) == 19
        assert len(make_windows([asked])[1]) == 19


def test_a_gap_between_two_ratings_belongs_to_neither():
    ratings = Ratings.intervals([0, 30], [20, 50], [[2.0], [8.0]], "valence")
    straddled = ratings.straddled([5, 12, 22, 15, 15], [15, 25, 32, 29, 31])
    assert straddled[:, 0].tolist() == [False, False, False, False, True]
