import numpy as np
import pytest

from physio_vad.exceptions import RateWarning, ReadError
from physio_vad.io.timestamps import measure


def test_a_clock_in_whole_milliseconds_gives_the_rate():
    true = 275.16
    times = np.round(np.arange(20_000) / true, 3)
    grid = measure(times, None, "a.csv")
    assert grid.sfreq == pytest.approx(true, rel=1e-5)
    assert grid.positions is None


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
