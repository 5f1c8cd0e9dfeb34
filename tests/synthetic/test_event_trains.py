import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError
from physio_vad.synthetic.events import (
    course_at,
    renewal_times,
    sample_times,
    sum_pulses,
    times_at_counts,
)


def test_a_constant_course_is_the_same_everywhere():
    assert course_at(3.0, [0.0, 7.0], duration=5.0).tolist() == [3.0, 3.0]


def test_counts_are_reached_where_the_integral_of_the_rate_says():
    # 60/min rising to 180/min in 10 s: the integral is t + t**2 / 10.
    times = times_at_counts(np.array([1.0, 10.0, 50.0]), np.array([60.0, 180.0]), 10.0)
    assert times + times**2 / 10 == pytest.approx([1.0, 10.0], abs=1e-3)


def test_event_trains_follow_their_rate():
    rate = np.array([5.0, 5.0, 40.0, 40.0])
    times = renewal_times(rate, 6000.0, rng=1)
    early, late = (times < 2000).sum(), (times > 4000).sum()
    assert early == pytest.approx(5 * 2000 / 60, rel=0.15)
    assert late == pytest.approx(40 * 2000 / 60, rel=0.08)


def test_no_gap_is_shorter_than_asked():
    times = renewal_times(4.0, 3000.0, regularity=1.0, shortest=0.4, rng=2)
    assert np.diff(times).min() >= 0.4 * 15
    assert np.diff(times).min() < 0.5 * 15


def test_regular_trains_vary_less():
    spread = [
        np.diff(renewal_times(15.0, 3000.0, regularity=k, shortest=0.0, rng=3)).std()
        for k in (1.0, 60.0)
    ]
    assert spread[0] == pytest.approx(4.0, rel=0.2)  # Poisson: SD of the gaps = their mean
    assert spread[1] == pytest.approx(4.0 / np.sqrt(60), rel=0.2)


def test_events_stay_within_the_duration():
    for seed in range(50):
        times = renewal_times(30.0, 10.0, rng=seed)
        assert ((times >= 0) & (times < 10)).all()


@pytest.mark.parametrize("rate", [0.0, -3.0, np.nan])
def test_a_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(ArgumentError, match="above 0 per minute"):
        renewal_times(rate, 60.0)


def test_pulses_are_evaluated_between_the_samples():
    def triangle(times):
        return np.maximum(0.0, 1 - np.abs(times))

    signal = sum_pulses(np.array([2.25, 2.75]), triangle, 1.0, 1.0, 1.0, 6)
    assert signal == pytest.approx([0, 0, 0.75 + 0.25, 0.25 + 0.75, 0, 0])


def test_pulses_are_cut_at_the_edges():
    signal = sum_pulses(np.array([0.0, 3.0]), np.ones_like, 1.0, 1.0, 1.0, 4)
    assert signal.tolist() == [1.0, 1.0, 1.0, 1.0]
    assert sum_pulses(np.empty(0), np.ones_like, 1.0, 1.0, 10.0, 5).tolist() == [0.0] * 5


def test_a_duration_of_no_sample_is_refused():
    with pytest.raises(ArgumentError, match="no sample"):
        sample_times(1.0, 0.2)
