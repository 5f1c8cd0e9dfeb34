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
