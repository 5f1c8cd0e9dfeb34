"""Clocks of every kind: what they say in seconds, and when the recording began."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.clocks import beat_times, clock_of_numbers, clock_of_texts, spread_blocks

BEGAN = datetime(2023, 3, 25, 10, 0, 0, 500_000, tzinfo=UTC)
STEPS = 0.25 * np.arange(20)


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y/%m/%d %H:%M:%S.%f",
        "%d.%m.%Y %H:%M:%S.%f",
        "%d/%m/%Y %H:%M:%S,%f",
        "%m/%d/%Y %I:%M:%S.%f %p",
    ],
)
def test_dates(form):
    cells = [(BEGAN + timedelta(seconds=step)).strftime(form) for step in STEPS]
    clock = clock_of_texts(cells, "a.csv")
    np.testing.assert_allclose(clock.times, STEPS, atol=1e-6)
    assert clock.start_time == pytest.approx(BEGAN.timestamp())


def test_a_zone_is_taken_into_account():
    east = timezone(timedelta(hours=5, minutes=30))
    cells = [(BEGAN + timedelta(seconds=step)).astimezone(east).isoformat() for step in STEPS]
    clock = clock_of_texts(cells, "a.csv")
    assert clock.start_time == pytest.approx(BEGAN.timestamp())
    assert clock.began(4) == pytest.approx(BEGAN.timestamp() + 1)
    winter_to_summer = ["2023-03-26T01:59:59+01:00", "2023-03-26T03:00:00+02:00"]
    assert clock_of_texts(winter_to_summer, "a.csv").times.tolist() == [0, 1]


def test_day_and_month_are_told_apart_by_evidence_or_option():
    cells = ["03/04/2023 10:00:00", "03/04/2023 10:00:01"]
    clock = clock_of_texts(cells, "a.csv")
    assert (clock.times.tolist(), clock.start_time) == ([0, 1], None)
    over = ["03/04/2023 23:59:59", "04/04/2023 00:00:00"]
    with pytest.raises(ReadError, match=r"a\.csv: 03/04/2023 may begin with .* day_first = true"):
        clock_of_texts(over, "a.csv")
    assert clock_of_texts(over, "a.csv", day_first=True).times.tolist() == [0, 1]
    assert clock_of_texts(over, "a.csv", day_first=False).times[1] > 2e6


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["23:59:59.75", "23:59:59.9", "00:00:00.25"], [0, 0.15, 0.5]),
        (["11:59:59 PM", "12:00:00 AM", "12:00:01 AM"], [0, 1, 2]),
        (["12:59:59 a.m.", "1:00:01 a.m."], [0, 2]),
        (["10:00:00:500", "10:00:01:250"], [0, 0.75]),
        (["9:05", "9:06"], [0, 60]),
        (["10:00:00", None, "10:00:02"], [0, np.nan, 2]),
    ],
)
def test_times_of_day(cells, expected):
    clock = clock_of_texts(cells, "a.csv")
    np.testing.assert_allclose(clock.times, expected, atol=1e-9)
    assert clock.start_time is None


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["10:00:00", "soon"], "row 2: the time column must hold numbers, dates .* 'soon'"),
        (["2023-01-01 10:00", "10:00"], "row 2: '10:00' is no date and time"),
        (["2023-13-41 10:00"], "2023-13-41 is no date"),
        ([None, None], "time column is empty"),
    ],
)
def test_what_is_no_clock_is_named(cells, said):
    with pytest.raises(ReadError, match=said):
        clock_of_texts(cells, "a.csv")


TICKS = (BEGAN.timestamp() + 62135596800) * 1e7


@pytest.mark.parametrize(
    ("first", "second"),
    [(BEGAN.timestamp() * 10**p, 10.0**p) for p in (0, 3, 6, 9)] + [(TICKS, 1e7)],
)
@pytest.mark.parametrize("told", [True, False])
def test_numbers_since_1970_are_known_by_their_size(first, second, told):
    unit = {1: "s", 1e3: "ms", 1e6: "us", 1e9: "ns", 1e7: "ticks"}[second]
    clock = clock_of_numbers(first + STEPS * second, unit if told else None)
    np.testing.assert_allclose(clock.times, STEPS, atol=1e-4)
    assert clock.start_time == pytest.approx(BEGAN.timestamp(), abs=1e-3)
    assert clock.unit_is_known


def test_minutes_and_small_numbers():
    np.testing.assert_allclose(clock_of_numbers(STEPS / 60, "min").times, STEPS)
    clock = clock_of_numbers(STEPS, None)
    assert (clock.times.tolist(), clock.start_time) == (STEPS.tolist(), None)
    assert not clock.unit_is_known


@pytest.mark.parametrize("modulus", [256, 65536])
def test_a_counter_that_wraps_goes_on(modulus):
    rows = np.arange(0, 3 * modulus, modulus / 64)
    np.testing.assert_allclose(clock_of_numbers(rows % modulus, "ms").times, rows / 1000)
    back = np.array([0.0, 1, 2, 3, 1, 2, 3, 4])
    assert clock_of_numbers(back, "s").times.tolist() == back.tolist(), "no counter steps so"


def test_blocks_with_one_stamp_give_the_rate_from_block_to_block():
    stamps = np.repeat(np.arange(40) * 0.08, 10)  # 125 Hz in blocks of ten
    spread = spread_blocks(stamps)
    np.testing.assert_allclose(np.diff(spread), 1 / 125)
    late = np.repeat(np.concatenate([np.arange(20), 50 + np.arange(20)]) * 0.08, 10)
    steps = np.diff(spread_blocks(late))
    assert np.flatnonzero(steps > 0.1).tolist() == [199], "the gap stays where it is"


def test_a_stamp_that_stands_twice_by_mistake_is_left_alone():
    stamps = np.arange(3000) / 250
    stamps[1000] = stamps[999]
    np.testing.assert_array_equal(spread_blocks(stamps), stamps)


def test_beats_of_messages_follow_each_other_until_some_are_lost():
    rng = np.random.default_rng(0)
    intervals = rng.uniform(0.7, 0.9, 200)
    beats = np.cumsum(intervals)
    np.testing.assert_array_equal(beat_times(intervals, beats), beats)
    np.testing.assert_array_equal(beat_times(intervals), beats)
    messages = np.ceil(beats)  # once a second, with one interval or two
    found = beat_times(intervals, messages)
    np.testing.assert_allclose(np.diff(found), intervals[1:])
    kept = np.r_[0:100, 120:200]
    found = beat_times(intervals[kept], messages[kept])
    assert np.flatnonzero(np.abs(np.diff(found) - intervals[kept][1:]) > 0.05).tolist() == [99]


@pytest.mark.parametrize(("unit", "second"), [("s", 1.0), ("ms", 1000.0), ("min", 1 / 60)])
def test_a_time_of_day_goes_on_after_midnight_in_its_unit(unit, second):
    seconds = 86_396 + np.arange(8.0)
    clock = clock_of_numbers(seconds % 86_400 * second, unit)
    np.testing.assert_allclose(clock.times, seconds, atol=1e-6)


@pytest.mark.parametrize(
    ("first", "unit", "began"),
    [
        (3e8, "s", None),
        (3e8 + 1, "s", 3e8 + 1),
        (4.5e9 - 1, "s", 4.5e9 - 1),
        (4.5e9, "s", None),
        (9e8, None, None),  # what no unit is told of must be from 1998 on
        (9e8 + 1, None, 9e8 + 1),
        (4.5e9 - 1, None, 4.5e9 - 1),
        (1.5e9 / 60, "min", 1.5e9),
        (1.5e9 / 60, None, None),
        (1.5e12, "s", None),
    ],
)
def test_years_that_a_recording_can_have(first, unit, began):
    clock = clock_of_numbers(first + np.arange(3.0), unit)
    assert clock.start_time == (None if began is None else pytest.approx(began))
    assert clock.times[0] == (first if began is None else 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([254, 255, 0], [254, 255, 0]),  # too few to tell
        ([253, 254, 255, 0], [253, 254, 255, 256]),
        ([253, 254, 254, 255, 0], [253, 254, 254, 255, 256]),
        ([252, 253, 254, 255, 2, 3], [252, 253, 254, 255, 258, 259]),  # two are lost
        ([252, 253, 254, 255, 3, 4], [252, 253, 254, 255, 3, 4]),  # four steps at once
        ([254, 255, 256, 0, 1], [254, 255, 256, 0, 1]),  # not of 8 bits
    ],
)
def test_a_counter_of_eight_bits(values, expected):
    assert clock_of_numbers(np.array(values) / 1.0, None).times.tolist() == expected


@pytest.mark.parametrize("bits", [24, 32])
def test_counters_of_more_bits(bits):
    rows = 2.0**bits + np.arange(-3, 3)
    np.testing.assert_allclose(clock_of_numbers(rows % 2**bits, "ms").times, rows / 1000)


@pytest.mark.parametrize(
    ("cells", "sure"),
    [
        (["13/11/2023 10:00"], datetime(2023, 11, 13, 10, tzinfo=UTC)),
        (["11/13/2023 10:00"], datetime(2023, 11, 13, 10, tzinfo=UTC)),
        (["12/11/2023 10:00"], None),
        (["11/12/2023 10:00"], None),
        (["05.03.23 10:00"], datetime(2023, 3, 5, 10, tzinfo=UTC)),
        (["2023-03-05 10:00-03:30"], datetime(2023, 3, 5, 13, 30, tzinfo=UTC)),
        (["2023-03-05 10:00 UTC"], datetime(2023, 3, 5, 10, tzinfo=UTC)),
    ],
)
def test_days_months_years_and_zones(cells, sure):
    expected = None if sure is None else sure.timestamp()
    assert clock_of_texts(cells, "a.csv").start_time == expected


@pytest.mark.parametrize(
    ("cells", "expected"), [(["12:00:00", "0:00:00"], -43200), (["12:00:01", "0:00:00"], 43199)]
)
def test_a_step_back_of_more_than_half_a_day_is_midnight(cells, expected):
    assert clock_of_texts(cells, "a.csv").times.tolist() == [0, expected]


@pytest.mark.parametrize("first", ["10:00:00", "2023-01-01 10:00:00"])
def test_rows_without_a_time_count_in_errors(first):
    with pytest.raises(ReadError, match=r"row 3: .*'soon'"):
        clock_of_texts([None, first, "soon"], "a.csv")


@pytest.mark.parametrize(("n_rows", "n_pairs", "spread"), [
    (100, 9, False), (100, 10, True), (2000, 19, False), (2000, 20, True),
])  # fmt: skip
def test_stamps_that_repeat_in_one_row_of_a_hundred_are_blocks(n_rows, n_pairs, spread):
    stamps = np.repeat(np.arange(n_rows - n_pairs), 1 + (np.arange(n_rows - n_pairs) < n_pairs)) / 8
    found = spread_blocks(stamps)
    assert found[1] == (0.0625 if spread else 0.0)


def test_two_stamps_are_no_clock_of_blocks_and_three_are():
    two = np.repeat([0.0, 1.0], 20)
    np.testing.assert_array_equal(spread_blocks(two), two)
    three = np.repeat([0.0, 1.0, 2.0], 20)
    np.testing.assert_allclose(spread_blocks(three), np.arange(60) / 20)


def test_a_block_before_a_gap_takes_half_as_long_again_at_most():
    spread = spread_blocks(np.repeat([0.0, 1.0, 2.0, 3.0, 4.4, 7.0], 10))
    np.testing.assert_allclose(np.diff(spread)[[0, 30, 40, 50]], [0.1, 0.14, 0.15, 0.1])


@pytest.mark.parametrize(("off", "own"), [(0.015, True), (0.025, False)])
def test_stamps_a_fiftieth_of_a_second_off_are_those_of_beats(off, own):
    intervals = np.full(20, 0.8)
    stamps = np.cumsum(intervals) + off * (np.arange(20) % 2)
    found = beat_times(intervals, stamps)
    np.testing.assert_array_equal(found == stamps, True if own else np.arange(20) % 2 == 0)


@pytest.mark.parametrize(("late", "jump"), [(1.9, 0.8), (2.1, 2.9)])
def test_beats_follow_each_other_up_to_two_seconds_from_their_messages(late, jump):
    intervals = np.full(40, 0.8)
    stamps = np.cumsum(intervals)
    stamps += np.where(np.arange(40) % 2, 0.1, 0.0)  # not the beats' own
    stamps[20:] += late
    found = beat_times(intervals, stamps)
    assert found[0] == stamps[0]
    assert found[20] - found[19] == pytest.approx(jump)


def test_a_beat_is_never_before_the_one_that_it_follows():
    intervals = np.array([1.0, 1, 1, 1, 1])
    stamps = np.array([10.0, 10, 10, 10, 10])  # one message, whose beats pass it
    assert beat_times(intervals, stamps).tolist() == [10, 11, 12, 12, 12]
