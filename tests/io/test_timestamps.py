import numpy as np
import pytest

from physio_vad.exceptions import RateWarning, ReadError
from physio_vad.io.timestamps import measure, measure_bursts


def test_a_clock_in_whole_milliseconds_gives_the_rate():
    true = 275.16
    times = np.round(np.arange(20_000) / true, 3)
    grid = measure(times, None, "a.csv")
    assert grid.sfreq == pytest.approx(true, rel=1e-5)
    assert grid.positions is None


@pytest.mark.parametrize("nominal", [48.0, None])
def test_a_clock_that_is_half_a_sample_coarse_tells_no_rate_from_the_nominal_one(nominal):
    times = np.floor(np.arange(100) / 48 / 0.01) * 0.01
    assert measure(times, nominal, "a.csv").sfreq == 48


@pytest.mark.parametrize("sfreq", [4.0, 128.0, 250.0, 1000.0])
def test_a_right_nominal_rate_stays_exact(sfreq):
    times = 17.3 + np.arange(5_000) / sfreq
    assert measure(times, sfreq, "a.csv").sfreq == sfreq
    assert measure(times, None, "a.csv").sfreq == sfreq


def test_a_small_drift_is_measured_and_not_warned_about():
    times = np.arange(100_000) / 250.5
    assert measure(times, 250.0, "a.csv").sfreq == pytest.approx(250.5)


def test_a_rate_one_percent_off_is_warned_about():
    with pytest.warns(RateWarning, match=r"a\.csv: the time column gives 260 Hz, 250 Hz was"):
        assert measure(np.arange(1000) / 260, 250.0, "a.csv").sfreq == 260
    with pytest.warns(RateWarning, match=r"gives 253 Hz, 250 Hz was"):
        measure(np.arange(1000) / 253, 250.0, "a.csv")
    measure(np.arange(1000) / 252, 250.0, "a.csv")  # less than one percent


def test_gaps_become_missing_samples_and_do_not_change_the_rate():
    times = np.delete(np.arange(1000) / 250, [10, 500, 501, 502])
    values = np.delete(np.arange(1000.0), [10, 500, 501, 502])
    grid = measure(times, 250.0, "a.csv")
    placed = grid.place(values)
    assert grid.sfreq == 250
    assert np.flatnonzero(np.isnan(placed)).tolist() == [10, 500, 501, 502]
    assert np.nanmax(np.abs(placed - np.arange(1000))) == 0


def test_jitter_is_no_gap():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.8, 1.2, 5_000)) / 100
    assert measure(times, None, "a.csv").positions is None


@pytest.mark.parametrize("bad", [0.5, 0.25, np.nan])
def test_times_must_ascend(bad):
    times = np.array([0, 0.25, 0.5, bad, 1.0])
    with pytest.raises(ReadError, match=r"a\.csv: times must ascend, row 4 has"):
        measure(times, None, "a.csv")


def test_a_first_time_that_is_no_number_is_named():
    with pytest.raises(ReadError, match="row 1 has no time"):
        measure(np.array([np.nan, 1.0, 2.0]), None, "a.csv")


def test_an_absurd_gap_does_not_fill_the_memory():
    with pytest.raises(ReadError, match="gaps in the time column are far longer"):
        measure(np.array([0, 0.001, 0.002, 1e9]), None, "a.csv")


def test_one_row_needs_no_rate():
    assert measure(np.array([3.0]), 250.0, "a.csv").sfreq == 250


@pytest.mark.parametrize(
    ("step", "unit"), [(5, "ms"), (250, "ms"), (4000, "us"), (250_000, "us"), (4e6, "ns")]
)
def test_a_clock_that_says_no_unit_is_no_clock_of_seconds_if_it_is_slow(step, unit):
    with pytest.raises(ReadError, match=rf"nothing says what its unit is; .* time_unit = '{unit}'"):
        measure(step * np.arange(50.0), None, "a.csv", unit_is_known=False)
    assert measure(step * np.arange(50.0), None, "a.csv").sfreq == pytest.approx(1 / step)
    assert measure(step * np.arange(50.0), 1 / step, "a.csv", unit_is_known=False).sfreq == 1 / step


def test_a_clock_of_one_hertz_may_count_samples_and_a_faster_one_not():
    with pytest.raises(ReadError, match="if it counts samples"):
        measure(np.arange(50.0), None, "a.csv", unit_is_known=False)
    assert measure(np.arange(50) / 1.25, None, "a.csv", unit_is_known=False).sfreq > 1.2


def bursts(kept, sfreq=250.0, size=10):
    """Stamp samples as a radio does that hands on some at a time."""
    return np.ceil((kept + 1) / size) * size / sfreq


KEPT = np.setdiff1d(np.arange(4000), [100, 101, *range(1000, 1700), 3000])


@pytest.mark.parametrize(("by", "first"), [(1, 0), (1, 200), (2, 0), (2, 1)])
def test_a_counter_says_what_was_lost_in_bursts(by, first):
    """Some samples, and more than the counter counts before it begins again."""
    counter = (first + by * KEPT) % 256.0
    grid = measure_bursts(bursts(KEPT), 250.0, "a.csv", counter=counter)
    assert (grid.sfreq, grid.positions.tolist()) == (250.0, KEPT.tolist())


@pytest.mark.parametrize(
    "counter",
    [None, np.zeros(len(KEPT)), np.random.default_rng(0).integers(0, 9, len(KEPT)) / 1.0],
)
def test_without_a_counter_that_counts_a_gap_is_a_long_step(counter):
    grid = measure_bursts(bursts(KEPT), 250.0, "a.csv", counter=counter)
    steps = np.diff(grid.positions)
    assert np.flatnonzero(steps > 1).tolist() == [997]
    assert steps[997] == pytest.approx(701, abs=10)


@pytest.mark.parametrize(
    ("true", "expected"), [(256.0, 256.0), (252.0, 256.0), (244.0, None), (230.0, None)]
)
def test_a_rate_near_one_that_the_device_has_is_that_one_to_its_clock(true, expected):
    times = bursts(np.arange(1000), true)
    grid = measure_bursts(times, None, "a.csv", usual=(256.0, 128.0))
    assert grid.sfreq == expected or (expected is None and grid.sfreq == pytest.approx(true, 0.02))
    assert grid.positions is None


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([np.nan, 0.1, 0.2], "row 1 has no time"),
        ([0.0, 0.1, np.nan], "row 3 has no time"),
        ([5.0, 5.1, 4.0], "row 3 has 4 s"),
        ([5.0, 5.0, 5.0], "its clock stands still"),
    ],
)
def test_bursts_whose_clock_cannot_be(times, said):
    with pytest.raises(ReadError, match=said):
        measure_bursts(np.array(times), None, "a.csv")


def test_even_stamps_are_those_of_the_device_and_tell_what_is_missing():
    for kept in (KEPT, np.setdiff1d(KEPT, [1, 2])):
        grid = measure_bursts(kept / 250, None, "a.csv")
        assert (grid.sfreq, grid.positions.tolist()) == (250.0, kept.tolist())


def test_bursts_over_a_long_time_tell_a_rate_that_is_no_whole_number():
    grid = measure_bursts(bursts(np.arange(20_000), 250.4), None, "a.csv")
    assert grid.sfreq == pytest.approx(250.4, rel=1e-3)
    assert grid.sfreq != 250


def test_the_row_after_an_absurd_pause_between_bursts_is_named():
    times = np.array([0, 0.001, 0.002, 1e9])
    with pytest.raises(ReadError, match=r"1e.09 s before row 4; is its unit right"):
        measure_bursts(times, 1000.0, "a.csv")


def test_one_stamp_has_the_rate_that_is_declared_or_one():
    one = np.array([3.0])
    assert measure(one, None, "a.csv").sfreq == 1
    assert measure(one, 64.0, "a.csv").sfreq == 64


def at(steps):
    return np.concatenate([[0.0], np.cumsum(steps)])


@pytest.mark.parametrize(("last", "samples"), [(0.5, 1), (0.5625, 2)])
def test_a_gap_is_longer_than_one_and_a_half_steps_and_what_the_clock_resolves(last, samples):
    """Steps of 1/4 and 3/8 s: 3/8 s, and 1/8 s of resolution."""
    grid = measure(at([*[0.25, 0.25, 0.375] * 8, last]), None, "a.csv")
    rows = np.arange(26) if grid.positions is None else grid.positions
    assert rows[-1] == 24 + samples


def test_digits_that_a_sum_leaves_are_no_resolution_of_a_clock():
    times = 1000.3 + at([*[0.3, 0.3, 0.4] * 8, 0.5])
    assert len(np.unique(np.diff(times))) > 3
    assert measure(times, None, "a.csv").positions is None  # 0.45 s, and 0.1 s of resolution


@pytest.mark.parametrize(
    ("n_steps", "true", "nominal", "expected"),
    [
        (100, 2.5 * 1.004, 2.5, 2.5),  # 0.4 samples in all
        (100, 2.5 * 1.006, 2.5, 2.5 * 1.006),
        (100, 200.9, None, 201.0),
        (100, 20.3, None, 20.3),
        (10, 3.02, None, 3.0),
        (10, 3.1, None, 3.1),  # less than half a sample, and more than one percent
    ],
)
def test_rates_that_part_by_less_than_half_a_sample_are_one(n_steps, true, nominal, expected):
    grid = measure(np.arange(n_steps + 1) / true, nominal, "a.csv")
    assert grid.sfreq == pytest.approx(expected, rel=1e-9)


def test_a_record_grows_twentyfold_and_by_a_million_samples_at_most():
    longest = 20 * 11 + 1_000_000 - 9  # before the last of eleven rows
    grid = measure(at([*[1.0] * 9, longest]), 1.0, "a.csv")
    assert grid.positions[-1] == 9 + longest
    with pytest.raises(ReadError, match=r"before row 111; is its unit right"):
        measure(at([*[1.0] * 9, longest + 1]), 1.0, "a.csv", first_row=100)


def test_rows_in_errors_count_from_the_first_of_the_file():
    with pytest.raises(ReadError, match=r"row 13 has 0\.5 s after 1 s; sort"):
        measure(np.array([0.0, 1.0, 0.5]), 1.0, "a.csv", first_row=10)


@pytest.mark.parametrize(("step", "unit"), [(1000, "us"), (1e6, "ns")])
def test_units_that_a_slow_clock_may_have_at_their_limits(step, unit):
    with pytest.raises(ReadError, match=f"time_unit = '{unit}'"):
        measure(step * np.arange(9.0), None, "a.csv", unit_is_known=False)


def test_a_clock_near_one_hertz_is_one_of_seconds_where_that_was_declared():
    slow = np.arange(100) / 1.008
    found = measure(slow, 1.0, "a.csv", unit_is_known=False).sfreq
    assert found == pytest.approx(1.008)
    with pytest.raises(ReadError, match="nothing says what its unit is"):
        measure(slow, 1.02, "a.csv", unit_is_known=False)
    with pytest.raises(ReadError, match="nothing says what its unit is"):
        measure(slow, None, "a.csv", unit_is_known=False)
    assert measure(np.arange(50) / 1.02, None, "a.csv", unit_is_known=False).sfreq > 1.01


def test_a_late_burst_at_each_end_is_two_pauses():
    """5000 samples in 20 s by the device; its radio's clock may say up to 2 s more."""
    assert measure_bursts(bursts(np.arange(5001), 5000 / 21.875), 250.0, "a.csv").sfreq == 250
    with pytest.warns(RateWarning):
        found = measure_bursts(bursts(np.arange(5001), 5000 / 22.125), 250.0, "a.csv")
    assert found.sfreq == pytest.approx(5000 / 22.125, rel=1e-4)


@pytest.mark.parametrize(("nominal", "expected"), [(250.5, 250.5), (251.0, 250.0)])
def test_even_stamps_tell_a_rate_three_samples_off(nominal, expected):
    """250.5 Hz is two samples off after 1000, 251 Hz four."""
    assert measure_bursts(np.arange(1001) / 250, nominal, "a.csv").sfreq == expected


@pytest.mark.parametrize(("off", "missing"), [(0.2, True), (0.3, False)])
def test_stamps_within_a_quarter_of_a_step_are_even(off, missing):
    steps = 0.25 * np.array([*[1.0] * 6, *[1 + off] * 2, *[1 - off] * 2] * 5)
    steps += 1e-6 * np.arange(50)  # a clock that resolves its jitter
    steps[20] = 0.5
    grid = measure_bursts(at(steps), None, "a.csv")
    assert (grid.positions is not None) == missing
    assert not missing or np.flatnonzero(np.diff(grid.positions) == 2).tolist() == [20]


@pytest.mark.parametrize("sfreq", [256.0, 512.0, 1000.0, 1024.0])
def test_even_stamps_in_whole_milliseconds_tell_the_rate_and_what_is_missing(sfreq):
    kept = np.setdiff1d(np.arange(5000), np.arange(700, 710))
    grid = measure_bursts(np.round(kept / sfreq, 3), None, "a.csv")
    assert grid.sfreq == pytest.approx(sfreq, rel=2e-4)
    assert np.abs(grid.positions - kept).max() <= 1


def test_a_stamp_that_goes_back_by_a_pause_is_refused_and_a_second_between_bursts_is_none():
    times = np.repeat(np.arange(20.0), 8)
    grid = measure_bursts(times, None, "a.csv")
    assert (grid.sfreq, grid.positions) == (159 / 19, None)
    times[9] -= 0.875
    assert measure_bursts(times, 8.0, "a.csv").positions is None
    times[9] -= 0.125
    with pytest.raises(ReadError, match="row 10 has 0 s"):
        measure_bursts(times, 8.0, "a.csv")


def test_rows_after_each_of_two_pauses_lie_where_their_bursts_came():
    stamps = np.repeat(np.arange(100) * 0.05, 12)
    stamps[360:] += 2.0
    stamps[600:] += 3.5
    grid = measure_bursts(stamps, 240.0, "a.csv")
    expected = np.arange(1200) + 480 * (np.arange(1200) >= 360) + 840 * (np.arange(1200) >= 600)
    assert (grid.sfreq, grid.positions.tolist()) == (240.0, expected.tolist())
    np.testing.assert_array_equal(grid.time(np.array([0, 359, 360])), [0, 359 / 240, 3.5])


def test_a_counter_that_stands_once_counts_one_sample():
    counter = np.arange(1000.0) % 256
    counter[500] = counter[499]
    grid = measure_bursts(bursts(np.arange(1000)), 250.0, "a.csv", counter=counter)
    assert np.diff(grid.positions).tolist() == [1.0 + (row == 500) for row in range(999)]


def test_the_hour_of_summer_time_is_told_of():
    times = np.arange(40) / 4
    ahead = times + 3600 * (times >= 5)
    with pytest.warns(RateWarning, match=r"jumps by an hour before row 21: .*summer time"):
        assert measure(ahead, 4.0, "a.csv").positions[-1] == 39 + 4 * 3600
    with pytest.raises(ReadError, match=r"an hour back: the end of summer time"):
        measure(times - 3600 * (times >= 5), 4.0, "a.csv")
    measure(times + 3000 * (times >= 5), 4.0, "a.csv")  # a pause is a pause
    with pytest.raises(ReadError, match=r"after 4\.75 s(?! \(an hour)"):
        measure(times - 3000 * (times >= 5), 4.0, "a.csv")
    measure(3600.0 * np.delete(np.arange(20), 5), 1 / 3600, "a.csv")  # a sample an hour
