"""Files of one person: which belong together, and what they hold on one time."""

import warnings

import numpy as np
import pytest

from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io.joined import Part, join, merge, sessions
from physio_vad.recording.recording import Events, Signal

nan = np.nan


def eda(values, start=0.0, sfreq=4.0, unit="uS", channels=("a",)):
    return Signal(np.array(values, dtype=float, ndmin=2), sfreq, unit, channels, start)


def part(begin, *signals, marks=()):
    kinds = {Signal: "eda", Events: "ibi"}
    return Part({kinds[type(one)]: one for one in signals}, begin, list(marks))


def joined(*parts):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return join(parts, "anna")


@pytest.mark.parametrize(("pause", "n_trials"), [(0, 1), (-5, 1), (600, 1), (600.1, 2)])
def test_after_ten_minutes_a_new_trial_begins(pause, n_trials):
    first, second = part(1000.0, eda(np.ones(40))), part(1010.0 + pause, eda(np.ones(4)))
    found = sessions([second, first])
    assert len(found) == n_trials
    assert [one for some in found for one in some] == sorted(
        [first, second], key=lambda one: one.start_time
    )


def test_a_long_file_counts_to_its_end_and_files_without_a_clock_alone():
    long, inside = part(0.0, eda(np.ones(4000))), part(10.0, eda(np.ones(4)))
    later, blind = part(1590.0, eda(np.ones(4))), part(None, eda(np.ones(4)))
    assert sessions([long, inside, later, blind]) == [[long, inside, later], [blind]]


def test_files_follow_each_other_with_gaps_between():
    found = joined(
        part(100.0, eda([1, 2], start=0.5), marks=[(1.0, 0.25, "go")]), part(102.0, eda([3, 4]))
    )
    assert found.start_time == 100.5
    assert found.marks == [(0.5, 0.25, "go")]
    one = found.signals["eda"]
    assert (one.start, one.sfreq) == (0, 4)
    np.testing.assert_array_equal(one.values, [[1, 2, nan, nan, nan, nan, 3, 4]])


def test_channels_stand_side_by_side_in_one_unit():
    found = joined(
        part(0.0, eda([1, 2], channels=("a",))),
        part(0.25, eda([3000, 4000, 5000], unit="nS", channels=("b",))),
    ).signals["eda"]
    assert (found.channels, found.unit) == (("a", "b"), "uS")
    np.testing.assert_array_equal(found.values, [[1, 2, nan, nan], [nan, 3, 4, 5]])


@pytest.mark.parametrize(("n_shared", "warned"), [(1, False), (2, True)])
def test_files_may_share_the_sample_at_their_ends_where_the_first_counts(n_shared, warned):
    first, second = part(0.0, eda([1, 2, 3, 4, 5])), eda([10, 11, 12, 13, 14])
    parts = [first, part(0.25 * (5 - n_shared), second)]
    if warned:
        with pytest.warns(SkippedWarning, match="anna: files hold eda at the same time"):
            found = join(parts, "anna")
    else:
        found = joined(*parts)
    values = [1, 2, 3, 4, 5, *range(10 + n_shared, 15)]
    assert found.signals["eda"].values[0].tolist() == values


def test_a_clock_that_runs_a_little_faster_is_that_of_the_first_file():
    slope = np.arange(1000.0)
    found = joined(part(0.0, eda([0.0])), part(1.0, eda(slope, sfreq=4.02))).signals["eda"]
    assert found.sfreq == 4
    assert found.values[0, :4].tolist() == pytest.approx([0, nan, nan, nan], nan_ok=True)
    assert len(found.values[0]) == 4 + 995  # as long as it took
    np.testing.assert_allclose(np.diff(found.values[0, 4:-1]), 1.005)
    with pytest.warns(SkippedWarning, match="eda has rates of 4, 4.1 Hz; only 4 Hz is taken"):
        taken = join([part(0.0, eda([1, 2])), part(1.0, eda(slope, sfreq=4.1))], "anna")
    assert taken.signals["eda"].values.tolist() == [[1, 2]]


def test_beats_follow_each_other_and_are_not_counted_twice():
    first = Events(np.array([1.0, 2.0]), np.array([900.0, 1000]), "ms")
    second = Events(np.array([0.0, 1.0]), np.array([0.8, 0.9]), "s")
    found = joined(part(10.0, first), part(12.0, second)).signals["ibi"]
    assert (found.times.tolist(), found.unit) == ([0, 1, 1, 2], "s")
    assert found.values.tolist() == [0.9, 1, 0.8, 0.9]
    with pytest.warns(SkippedWarning, match="ibi of two files at the same time; the first"):
        found = join([part(10.0, first), part(11.5, second)], "anna")
    assert found.signals["ibi"].times.tolist() == [0, 1]


def test_absurd_pauses_are_refused():
    parts = [part(0.0, eda([1, 2])), part(3e6, eda([3, 4]))]
    with pytest.raises(ReadError, match="pauses between its files take 3000000 s; split them"):
        join(parts, "anna")


def test_pauses_may_take_a_million_samples_and_twenty_times_those_there_are():
    """Four samples of 1/4 s, so at most 1,000,080 in all and one for their ends."""
    last = (20 * 4 + 1_000_000 - 3) / 4
    found = joined(part(0.0, eda([1, 2])), part(last, eda([3, 4]))).signals["eda"]
    assert found.n_samples == 1_000_079
    assert np.flatnonzero(~np.isnan(found.values[0])).tolist() == [0, 1, 1_000_077, 1_000_078]
    with pytest.raises(ReadError, match="split them"):
        join([part(0.0, eda([1, 2])), part(last + 0.25, eda([3, 4]))], "anna")


def test_marks_and_beats_count_from_the_earliest_sample():
    beats = Events(np.array([1.0, 2.0]), np.array([900.0, 1000]), "ms")
    found = joined(part(50.0, beats, marks=[(3.0, 0.0, "b")]), part(48.0, eda([1, 2], start=0.5)))
    assert (found.start_time, found.signals["eda"].start) == (48.5, 0)
    assert found.signals["ibi"].times.tolist() == [2.5, 3.5]
    assert found.marks == [(4.5, 0.0, "b")]
    blind = joined(part(None, eda([1, 2], start=2.0), marks=[(3.0, 0.0, "b")]))
    assert (blind.start_time, blind.signals["eda"].start, blind.marks) == (None, 0, [(1, 0, "b")])


@pytest.mark.parametrize("n_shared", [1, 2])
def test_channels_of_two_files_with_other_channels_may_overlap(n_shared):
    one = part(0.0, eda([1, 2, 3], channels=("a",)))
    other = part(0.25 * (3 - n_shared), eda([4, 5, 6], channels=("b",)))
    found = joined(one, other).signals["eda"]
    assert found.n_samples == 6 - n_shared
    assert found.values[1, 3 - n_shared :].tolist() == [4, 5, 6]


def test_a_file_belongs_to_the_session_before_it():
    days = [part(at, eda(np.ones(4))) for at in (0.0, 1e4, 1e4 + 60, 2e4, 2e4 + 60)]
    assert sessions(days[::-1]) == [days[:1], days[1:3], days[3:]]


def test_files_of_one_zero_need_not_begin_there():
    """And a unit that all of them have stays as it is."""
    first, second = (eda([1, 2], start=at, unit="nS") for at in (5.0, 6.0))
    found = merge([part(None, first), part(None, second)], "anna").signals["eda"]
    assert (found.start, found.unit) == (5.0, "nS")
    np.testing.assert_array_equal(found.values, [[1, 2, nan, nan, 1, 2]])


def test_beats_of_three_files():
    beats = [Events(np.arange(1.0, 4), np.full(3, 0.9), "s") for _ in range(3)]
    found = joined(*(part(10.0 * at, one) for at, one in enumerate(beats))).signals["ibi"]
    assert found.times.tolist() == [0, 1, 2, 10, 11, 12, 20, 21, 22]
    with pytest.warns(SkippedWarning, match="ibi of two files at the same time"):
        found = join([part(at, one) for at, one in zip((0, 10, 11.5), beats, strict=True)], "anna")
    assert found.signals["ibi"].times.tolist() == [0, 1, 2, 10, 11, 12]
    nothing = [part(0.0, Events(np.empty(0), np.empty(0), "s")) for _ in range(2)]
    merged = merge(nothing, "anna").signals["ibi"]
    assert (merged.times.tolist(), merged.unit) == ([], "s")
