"""Beats that the rhythm chooses: by hand, irregular hearts, pauses, nothing at all."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from physio_vad.dsp.rhythm import _path, _repeating, in_rhythm, same_intervals, through_noise
from physio_vad.features.detectors import find_beats
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg

PLACES = np.arange(0, 2000, 100)
ALL = np.arange(len(PLACES))
CLEAR = np.full(len(PLACES), 0.9)


def with_extra(place, merit):
    """A train of clear beats and one more candidate, taken for a beat."""
    where = int(np.searchsorted(PLACES, place))
    places = np.insert(PLACES, where, place)
    return places, np.insert(CLEAR, where, merit), np.arange(len(places)), where


def test_a_regular_train_stays_as_it_is():
    np.testing.assert_array_equal(in_rhythm(PLACES, CLEAR, ALL), ALL)


def test_a_doubtful_beat_out_of_rhythm_is_dropped():
    places, merit, beats, extra = with_extra(735, merit=0.6)
    np.testing.assert_array_equal(in_rhythm(places, merit, beats), np.delete(beats, extra))


def test_a_clear_beat_out_of_rhythm_stays():
    """A premature beat costs .2 on either side, which is less than what it is worth."""
    places, merit, beats, _ = with_extra(735, merit=0.95)
    np.testing.assert_array_equal(in_rhythm(places, merit, beats), beats)


def test_a_doubtful_candidate_in_rhythm_is_taken():
    merit = np.where(ALL == 8, 0.5, CLEAR)
    np.testing.assert_array_equal(in_rhythm(PLACES, merit, np.delete(ALL, 8)), ALL)
    impossible = np.where(ALL == 8, 0.0, CLEAR)
    without = np.delete(ALL, 8)
    np.testing.assert_array_equal(in_rhythm(PLACES, impossible, without), without)


def test_the_better_of_two_in_rhythm_is_taken():
    places = np.insert(PLACES, 9, 815)
    merit = np.insert(CLEAR, 9, 0.6)
    merit[8] = 0.8
    chosen = in_rhythm(places, merit, np.delete(np.arange(21), 8))  # 815 had been taken, not 800
    np.testing.assert_array_equal(chosen, np.delete(np.arange(21), 9))


def test_an_irregular_heart_is_not_made_regular():
    rng = np.random.default_rng(0)
    places = np.cumsum(np.round(100 * np.exp(0.25 * rng.standard_normal(400)))).astype(np.int64)
    beats = np.arange(400)
    np.testing.assert_array_equal(in_rhythm(places, np.full(400, 0.95), beats), beats)


@pytest.mark.parametrize("pause", [500, 5_000, 500_000])
def test_no_beat_is_lost_beside_a_pause(pause):
    places = np.concatenate([PLACES, PLACES[-1] + pause + PLACES])
    beats = np.arange(len(places))
    np.testing.assert_array_equal(in_rhythm(places, np.full(len(places), 0.9), beats), beats)


def test_what_is_far_does_not_matter():
    places, merit, beats, extra = with_extra(735, merit=0.6)
    early = np.concatenate([places, places + 10_000])
    chosen = in_rhythm(early, np.tile(merit, 2), np.arange(len(early)))
    twice = [extra, extra + len(beats)]
    np.testing.assert_array_equal(chosen, np.delete(np.arange(len(early)), twice))


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_few_beats(number):
    beats = np.arange(number)
    np.testing.assert_array_equal(in_rhythm(100 * beats, np.full(number, 0.9), beats), beats)
    assert same_intervals(beats, beats).sum() == max(number - 1, 0)


def test_intervals_are_the_same_if_nothing_changed_between_their_beats():
    beats, chosen = np.array([0, 1, 2, 3, 5, 6]), np.array([0, 1, 3, 4, 5, 6])
    expected = [True, False, False, False, True, False]  # 0-1 and 5-6
    assert same_intervals(beats, chosen).tolist() == expected


@pytest.mark.parametrize("step", [60, 100, 150])
def test_the_repeating_interval_decides_in_noise(step):
    """Beats that hardly stand out from as many false candidates, all of low agreement."""
    rng = np.random.default_rng(0)
    true = np.arange(30, 12_000, step)
    true = true + rng.integers(-2, 3, len(true))
    false = rng.choice(12_000, 2 * len(true), replace=False)
    places = np.unique(np.concatenate([true, false]))
    is_true = np.isin(places, true)
    merit = np.where(is_true, 0.75, 0.6) + 0.12 * rng.standard_normal(len(places))
    first = np.flatnonzero(merit > np.quantile(merit, 2 / 3))
    share = is_true[first].mean()
    chosen = through_noise(places, merit, first, np.full(len(first), 0.7), 150, 10.0)
    assert abs(len(chosen) - len(true)) <= 0.06 * len(true)
    assert is_true[chosen].mean() > max(0.8, share + 0.1)


def test_clear_beats_are_left_as_they_are():
    places, merit = np.arange(0, 900, 30), np.full(30, 0.9)
    beats = np.delete(np.arange(30), 7)
    kept = through_noise(places, merit, beats, np.full(29, 0.9), 150, 10.0)
    np.testing.assert_array_equal(kept, beats)


@pytest.mark.parametrize(("heart", "least"), [(50.0, 0.9), (80.0, 0.93), (120.0, 0.94)])
def test_beats_in_loud_noise(heart, least):
    beats = simulate_beats(heart, 120.0, rng=5)
    ecg = simulate_ecg(beats, 250.0, 120.0, noise=0.5, rng=6)
    found = find_beats(ecg, 250.0)["time"].to_numpy()
    near = np.abs(found[:, np.newaxis] - beats).min(axis=1) <= 0.05
    assert 2 * near.sum() / (len(found) + len(beats)) >= least


def worth(path, places, gains, step, costs, from_first):
    """Gains minus the costs of intervals; none of less than .3 or more than 3.2 of what is usual.

    Where no candidate is as near as that, the last one before counts, and the first if it must be
    in and none but it and what is too near to it comes before.
    """
    beside = np.count_nonzero(places - places[0] < 0.3 * step)
    total = sum(gains[one] for one in path)
    for one, other in pairwise(path):
        apart = places[other] - places[one]
        near = [c for c in range(other) if places[c] <= places[other] - 0.3 * step[other]]
        usual = [c for c in near if places[c] >= places[other] - 3.2 * step[other]]
        if from_first and len(near) <= beside:
            usual = near
        if one not in (usual or near[-1:]):
            return -np.inf
        total -= min(costs[0] * np.log(apart / step[other]) ** 2, costs[1])
    return total


@pytest.mark.parametrize("costs", [(1.0, 0.2), (3.0, 0.4)])
@pytest.mark.parametrize("ends", [(True, True), (False, True), (True, False), (False, False)])
def test_the_best_of_all_paths(costs, ends):
    rng = np.random.default_rng(0)
    for _ in range(40):
        places = np.cumsum(rng.choice([20.0, 28, 35, 90, 110, 310, 330], 7))
        gains, step = rng.uniform(-0.3, 0.5, 7), np.full(7, 100.0)
        found = _path(places, gains, step, costs, ends).tolist()
        every = (one for n in range(1, 8) for one in combinations(range(7), n))
        allowed = [
            one for one in every
            if (one[0] == 0 or not ends[0]) and (one[-1] == 6 or not ends[1])
        ]  # fmt: skip
        best = max(worth(one, places, gains, step, costs, ends[0]) for one in allowed)
        assert tuple(found) in allowed
        assert worth(found, places, gains, step, costs, ends[0]) == pytest.approx(best)


@pytest.mark.parametrize("interval", [34, 50, 66, 80, 100, 120, 160])
def test_the_interval_at_which_candidates_repeat(interval):
    """At 100 samples a second, in bins of 20 ms; not its half, its third or its double."""
    places = np.arange(7, 9000, interval)
    spans = np.array([[0, 9000]])
    middles, found = _repeating(places, np.ones(len(places)), 150, spans)
    np.testing.assert_array_equal(middles, 300.0 * np.arange(31))
    assert np.abs(found - interval).max() <= 2
    merit = np.random.default_rng(0).uniform(0.6, 1.0, len(places))
    assert np.abs(_repeating(places, merit, 150, spans)[1] - interval).max() <= 2
    some, _ = _repeating(places, merit, 150, np.array([[1000, 1400], [5000, 5100]]))
    assert some.tolist() == [900, 1200, 1500, 4800, 5100, 5400]


@pytest.mark.parametrize("extra", [[], [2015], [2010, 2025]])
def test_a_candidate_beside_the_last_beat_before_a_gap_costs_no_beat(extra):
    """Five seconds are lost, and what comes after them is noisy."""
    clean, noisy = np.arange(0, 2001, 100), np.arange(2500, 6001, 100)
    false = np.random.default_rng(0).choice(np.arange(2500, 6000), 40, replace=False)
    places = np.unique(np.concatenate([clean, extra, noisy, false]).astype(np.int64))
    true = np.isin(places, np.concatenate([clean, noisy]))
    merit, beats = np.where(true, 0.8, 0.45), np.flatnonzero(true)
    agreement = np.where(places[beats] <= 2000, 0.95, 0.7)
    chosen = through_noise(places, merit, beats, agreement, 150, 10.0)
    assert np.isin(beats, chosen).mean() > 0.95


@pytest.mark.parametrize(
    ("first", "last"), [(0, 60), (0, 25), (1, 30), (2, 30), (20, 40), (35, 60), (35, 59)]
)
@pytest.mark.parametrize("with_false", [False, True])
def test_noise_costs_no_beat_at_its_ends_and_leaves_no_false_one(first, last, with_false):
    """Of 60 beats those from `first` to before `last` are in noise, with a false one at each end.

    Something else that was taken for no beat stands before them all.
    """
    true = 100 * (1 + np.arange(60))
    ends = true[first] - 50, true[last - 1] + 45
    places = np.sort(np.concatenate([true, [10, *ends]])) if with_false else true
    is_true = np.isin(places, true)
    beats = np.flatnonzero(places > 10)
    noisy = (places[beats] >= ends[0]) & (places[beats] <= ends[1])
    agreement, merit = np.where(noisy, 0.7, 0.95), np.where(is_true, 0.8, 0.3)
    chosen = through_noise(places, merit, beats, agreement, 150, 10.0)
    np.testing.assert_array_equal(chosen, np.flatnonzero(is_true))
