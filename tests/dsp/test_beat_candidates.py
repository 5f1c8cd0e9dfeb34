"""Candidates for beats: heights, merits and second waves by hand."""

import numpy as np
import pytest

from physio_vad.dsp.beat_candidates import (
    beat_merit,
    beat_score,
    find_candidates,
    second_waves,
    without_extra,
)
from physio_vad.dsp.beat_shapes import ECG_BEAT

ALL = np.ones(60, dtype=bool)


def candidates(bad=(), heights=(1.0, 1.0, 0.21, 0.19, 1.0)):
    """Peaks in the middle of blocks of 20 samples; templates reach 3 before and 5 after."""
    signal, marked = np.zeros(100), np.zeros(100, dtype=bool)
    signal[[10, 30, 50, 70, 90]] = 5 * np.array(heights)
    marked[list(bad)] = True
    good = ~marked.reshape(5, 20).any(axis=1)
    peaks, found = find_candidates(signal, marked, good, 20, 3, 5)
    return dict(zip(peaks.tolist(), found.tolist(), strict=True))


def test_a_candidate_has_a_fifth_of_the_height_of_the_beats_around():
    assert candidates() == pytest.approx({10: 1, 30: 1, 50: 0.21, 90: 1})
    assert candidates(heights=(0, 0, 0, 0, 0)) == {}


@pytest.mark.parametrize(("bad", "found"), [(26, True), (27, False), (35, False), (36, True)])
def test_a_candidate_has_no_gap_as_near_as_the_template_reaches(bad, found):
    assert (30 in candidates([bad])) == found


def test_merit_is_agreement_and_falls_with_the_ratio_of_heights():
    heights = np.array([1, 1, 1, 0.25, 2.0, 2.49, 2.5])
    agreement = np.array([0.49, 0.5, 1, 1, 1, 1, 1])
    expected = [0, 0.5, 1, 0.5, np.sqrt(1 / 2), np.sqrt(1 / 2.49), 0]
    np.testing.assert_allclose(beat_merit(heights, agreement), expected)


def test_of_two_candidates_within_a_fifth_of_a_second_the_better_counts():
    peaks, agreement = np.array([0, 100, 119, 200, 221]), np.array([1, 0.9, 0.8, 0.9, 0.8])
    score = beat_score(peaks, np.ones(5), agreement, 100.0, ECG_BEAT)
    np.testing.assert_allclose(score, [1, 0.9, 0, 0.9, 0.8])
    lower = beat_score(np.array([0, 10]), np.array([0.6, 1]), np.array([1, 0.8]), 100.0, ECG_BEAT)
    np.testing.assert_allclose(lower, [0, 0.8])  # 0.6**0.5 is less
    low = beat_score(peaks[:2], np.array([0.49, 0.51]), np.ones(2), 100.0, ECG_BEAT)
    np.testing.assert_allclose(low, [0, np.sqrt(0.51)])


def echoes(every, height=0.6, longest=3.0):
    """Beats 8 samples apart, every so-manieth with a wave 3 samples later."""
    beats = np.arange(30)
    later = beats[::every]
    peaks = np.concatenate([8 * beats, 8 * later + 3])
    heights = np.concatenate([np.ones(30), np.full(len(later), height)])
    order = np.argsort(peaks)
    marked = second_waves(peaks[order], heights[order], ALL[: len(peaks)], longest)
    assert set(peaks[order][marked].tolist()) <= set((8 * later + 3).tolist())
    return marked.sum() / len(later)


def test_second_waves_are_soon_lower_and_after_many_beats():
    assert echoes(1) == 1
    assert echoes(2) == 1  # a third of the intervals
    assert echoes(4) == 0  # a fifth
    assert echoes(1, height=0.79) == 1
    assert echoes(1, height=0.81) == 0
    assert echoes(1, longest=2.9) == 0
    assert echoes(1, longest=0.0) == 0


def test_a_second_wave_needs_three_beats():
    peaks, heights = np.array([0, 3, 8]), np.array([1, 0.6, 1])
    assert second_waves(peaks, heights, ALL[:3], 5.0).tolist() == [False, True, False]
    assert not second_waves(peaks[:2], heights[:2], ALL[:2], 5.0).any()
    assert not second_waves(peaks, heights, np.array([True, True, False]), 5.0).any()


@pytest.mark.parametrize(
    ("place", "score", "kept"), [(131, 0.89, 11), (133, 0.89, 12), (131, 0.91, 12)]
)
def test_the_worse_of_two_beats_much_closer_than_those_around_is_dropped(place, score, kept):
    """Closer than 0.6 of the intervals around, unless both are clear; the later one of equals."""
    peaks, scores = 20 * np.arange(12), np.ones(12)
    peaks[7], scores[7] = place, score
    expected = [number for number in range(12) if kept == 12 or number != 7]
    assert without_extra(peaks, scores, np.arange(12)).tolist() == expected
    equal = without_extra(peaks, np.full(12, score), np.arange(12)).tolist()
    assert equal == expected


def test_beats_around_are_those_of_thirteen_blocks():
    tops = np.random.default_rng(0).uniform(1, 3, 40)
    tops[20:] *= 4
    signal = np.zeros(800)
    signal[10::20] = tops
    nothing = np.zeros(800, dtype=bool)
    _, heights = find_candidates(signal, nothing, ~nothing[:40], 20, 3, 5)
    padded = np.pad(tops, 6, mode="edge")
    around = np.array([np.median(padded[block : block + 13]) for block in range(40)])
    np.testing.assert_allclose(heights, tops / around)


@pytest.mark.parametrize(("n_echoes", "found"), [(5, False), (6, True)])
def test_a_quarter_of_21_intervals_around_are_followed_by_a_second_wave(n_echoes, found):
    """Five of 21 are less than that; the ends are 20 beats away."""
    beats = np.arange(60)
    later = beats[20 : 20 + n_echoes]
    peaks = np.concatenate([8 * beats, 8 * later + 3])
    heights = np.concatenate([np.ones(60), np.full(n_echoes, 0.6)])
    order = np.argsort(peaks)
    chosen = np.ones(len(peaks), dtype=bool)
    assert second_waves(peaks[order], heights[order], chosen, 3.0).any() == found
