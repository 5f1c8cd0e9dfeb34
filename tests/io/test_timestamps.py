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
    with pytest.raises(ReadError, match="row 1 has nan"):
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


KEPT = np.setdiff1d(np.arange(4000), [100, 101, *range(1000, 1600), 3000])


@pytest.mark.parametrize(("by", "first"), [(1, 0), (1, 200), (2, 0), (2, 1)])
def test_a_counter_says_what_was_lost_in_bursts(by, first):
    """Some samples, and more than the counter counts before it begins again."""
    counter = (first + by * KEPT) % 256.0
    grid = measure_bursts(bursts(KEPT), 250.0, "a.csv", counter=counter)
    assert (grid.sfreq, grid.positions.tolist()) == (250.0, KEPT.tolist())


@pytest.mark.parametrize(
    "counter", [None, np.random.default_rng(0).integers(0, 9, len(KEPT)) / 1.0]
)
def test_without_a_counter_that_counts_a_gap_is_a_long_step(counter):
    grid = measure_bursts(bursts(KEPT), 250.0, "a.csv", counter=counter)
    steps = np.diff(grid.positions)
    assert np.flatnonzero(steps > 1).tolist() == [997]
    assert steps[997] == pytest.approx(601, abs=10)


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
        ([np.nan, 0.1, 0.2], "row 1 has nan"),
        ([0.0, 0.1, np.nan], "row 3 has nan"),
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
