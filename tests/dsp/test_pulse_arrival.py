"""Which way up pulses are, told by the flank that follows the R peaks first: known ramps."""

import numpy as np
import pytest

from physio_vad.dsp.beats import Beats
from physio_vad.dsp.pulses import rise_after_heart

RATE = 100.0
HEART = 1.0 + np.arange(12)
NONE = np.empty(0)


def probability(*ramps, heart=HEART, jitter=None, polarity=1, rate=RATE, offset=0.0, stop=14.0):
    """Of ramps (seconds after the R peak, height), a tenth of a second each, level in between."""
    jitter = np.zeros(len(HEART)) if jitter is None else jitter
    slopes = np.zeros(int(14 * rate))
    for delay, height in ramps:
        for first in np.round((HEART - offset + jitter + delay) * rate).astype(int):
            slopes[first : first + round(0.1 * rate)] = 10 * height / rate
    smooth = polarity * np.cumsum(slopes)[: int(stop * rate)]
    none, bad = np.empty(0, dtype=bool), np.zeros(len(smooth), dtype=bool)
    beats = Beats(NONE, NONE, none, none, none, smooth, bad, rate, offset, polarity, np.zeros(2))
    return rise_after_heart(beats, heart)


@pytest.mark.parametrize("rate", [25.0, 100.0])
@pytest.mark.parametrize(("height", "answer"), [(1.0, 0.9), (-1.0, 0.1)])
def test_a_rise_means_upright_whichever_way_it_was_turned_before(rate, height, answer):
    for polarity in (1, -1):
        assert probability((0.2, height), polarity=polarity, rate=rate) == answer


@pytest.mark.parametrize(
    ("delay", "answer"), [(0.06, 0.5), (0.1, 0.9), (0.38, 0.9), (0.43, 0.5), (0.8, 0.5)]
)
def test_a_flank_before_or_after_any_pulse_tells_nothing(delay, answer):
    """From the R peak to ears, fingers and wrists it takes 0.08 to 0.4 s."""
    assert probability((delay, 1.0)) == answer
    assert probability((delay, 1.0), offset=0.3) == answer


@pytest.mark.parametrize(("first", "answer"), [(0.6, 0.9), (0.4, 0.1)])
def test_of_two_flanks_the_first_decides_unless_it_is_less_than_half_as_steep(first, answer):
    assert probability((0.1, first), (0.25, -1.0)) == answer


def test_ten_r_peaks_are_enough():
    assert probability((0.2, 1.0), heart=HEART[:10]) == 0.9
    assert probability((0.2, 1.0), heart=HEART[:9]) == 0.5
    assert probability((0.2, 1.0), heart=NONE) == 0.5


def test_only_r_peaks_with_a_whole_pulse_in_the_signal_count():
    ten = HEART[:10]  # the last at 10 s
    assert probability((0.2, 1.0), heart=ten, stop=10.7) == 0.9
    assert probability((0.2, 1.0), heart=ten, stop=10.6) == 0.5
    assert probability((0.2, 1.0), heart=ten, offset=1.0) == 0.9  # the first at its first sample
    assert probability((0.2, 1.0), heart=ten, offset=1.01) == 0.5
    assert probability(heart=ten, stop=0.01) == 0.5


@pytest.mark.parametrize(("share", "answer"), [(7, 0.9), (5, 0.5)])
def test_flanks_must_follow_most_r_peaks_at_one_time(share, answer):
    jitter = np.where(np.arange(12) < share, 0.0, 0.35)
    assert probability((0.2, 1.0), jitter=jitter) == answer


def test_no_flank_tells_nothing():
    assert probability() == 0.5
    assert probability((0.2, 1e-300)) == 0.9  # however small
