"""Which way is up: harmonics of known size and phase, votes at their limits."""

import numpy as np
import pytest

from physio_vad.dsp.polarity import (
    SURE,
    mean_pulses,
    polarity_of,
    polarity_remark,
    pulse_shape,
    upward_peaks,
    upward_pulses,
)

SIZES = np.array([1.0, 0.4, 0.2, 0.1, 0.05])
PHASES = np.array([0.3, -0.7, 1.9, 0.4, -2.0])
WEIGHTS = ((3.7, -11.9, 4.6), (-1.7, 9.4, -1.1), (3.7, -1.6, 2.3), (-0.2, 15.1, -7.7))
"""As ``benchmarks/ppg_shape.py --choose`` prints them."""


def slopes(sizes=SIZES, n_pulses=40, phases=PHASES):
    """Slope of equal pulses of 64 samples; a sixth harmonic does not count."""
    angle = 2 * np.pi * np.arange(64 * n_pulses + 1) / 64
    number = np.arange(1, 7)[:, np.newaxis]
    sizes, phases = np.append(sizes, 0.04), np.append(phases, 0.5)
    waves = -sizes[:, np.newaxis] * number * np.sin(number * angle + phases[:, np.newaxis])
    return waves.sum(axis=0)


def places(n_pulses=40):
    return 64.0 * np.arange(n_pulses + 1)


@pytest.mark.parametrize("sizes", [SIZES, SIZES * (1, 1, 0.05, 1, 1), SIZES * (1, 0.025, 1, 1, 1)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_probability_by_hand(sizes, sign):
    """A harmonic of less than 2 % of the first has a phase by its share of that."""
    number = np.arange(1, 6)
    height, slope, curve = (np.sqrt(np.sum((sizes * number**k) ** 2)) for k in range(3))
    one, two, three = sign * np.minimum(sizes / 0.02, 1)[:3] * np.exp(1j * PHASES[:3])
    pairs = two * np.conj(one) ** 2, three * np.conj(two * one)
    odd = np.array([pairs[0].real, pairs[0].imag, pairs[1].real, pairs[1].imag])
    even = np.array([1, curve * height / slope**2 - 1, slope / height - 1])
    found = pulse_shape(mean_pulses(sign * slopes(sizes), places(), np.ones(41)))
    np.testing.assert_allclose(found[0], [odd], atol=1e-9)
    np.testing.assert_allclose(found[1], [even], atol=1e-9)
    expected = 1 / (1 + np.exp(-odd @ np.array(WEIGHTS) @ even))
    up = upward_pulses(sign * slopes(sizes), places(), np.ones(41))
    assert up == pytest.approx(expected, rel=1e-9)
    assert 0.001 < up < 0.999


@pytest.mark.parametrize(("n_pulses", "n_means"), [(1, 1), (31, 1), (63, 1), (64, 2), (100, 3)])
def test_a_mean_is_of_32_pulses(n_pulses, n_means):
    means = mean_pulses(slopes(n_pulses=n_pulses), places(n_pulses), np.ones(n_pulses + 1))
    assert means.shape == (n_means, 64)
    np.testing.assert_allclose(np.linalg.norm(means, axis=1), 1)


def test_pulses_unlike_the_others_and_those_after_a_pause_do_not_count():
    signal, agreement = slopes(n_pulses=20), np.ones(21)
    whole = mean_pulses(signal, places(20), agreement)
    spoilt = signal.copy()
    spoilt[: 64 * 12] *= -1
    agreement[:13] = 0.8
    np.testing.assert_allclose(mean_pulses(spoilt, places(20), agreement), whole, atol=1e-12)
    agreement[:13] = 0.81
    assert np.abs(mean_pulses(spoilt, places(20), agreement) - whole).max() > 0.1
    agreement[:] = 0.5  # nobody is like the others: all count
    np.testing.assert_allclose(mean_pulses(signal, places(20), agreement), whole, atol=1e-12)
    paused = mean_pulses(signal, np.concatenate([places(18), [64 * 20.0]]), np.ones(20))
    np.testing.assert_allclose(paused, whole, atol=1e-12)
    assert len(mean_pulses(signal, np.empty(0), np.empty(0))) == 0
    assert upward_pulses(signal, np.empty(0), np.empty(0)) == 0.5


def test_blocks_reach_up_or_down():
    signal = np.array([2.0, -1, 1, -2, 1, -1, 0, 5])
    assert upward_peaks(signal, np.array([True] * 4), 2) == 0.75
    assert upward_peaks(signal, np.array([True, True, False, False]), 2) == 0.5


@pytest.mark.parametrize(
    ("votes", "turned", "way"),
    [
        ((0.0, 0.0), 0.5, 1),
        ((5.0, 5.0), 0.5, 1),
        ((4.9, 5.1), 0.5, -1),
        ((1.0, 1.9), SURE, 1),
        ((1.0, 2.1), SURE, -1),
    ],
)
def test_votes(votes, turned, way):
    assert polarity_of(np.array(votes), turned) == way


@pytest.mark.parametrize(
    ("votes", "polarity", "known", "said"),
    [
        ((10.0, 5.0), 1, False, ""),
        ((9.9, 5.1), 1, False, "upright, as 66% beats look"),
        ((5.1, 9.9), -1, False, "upside down, as 66% beats look"),
        ((0.0, 0.0), 1, False, ""),
        ((6.0, 14.0), 1, True, "but 70% beats look the other way up"),
        ((14.0, 6.0), -1, True, "but 70% beats look the other way up"),
        ((5.9, 14.0), 1, True, ""),  # too few votes
        ((7.0, 13.0), 1, True, ""),  # not sure either
        ((14.0, 6.0), 1, True, ""),
    ],
)
def test_what_is_said_of_votes(votes, polarity, known, said):
    found = polarity_remark(np.array(votes), polarity, known, "beats", "so", "polarity = 1")
    assert said in found
    assert bool(found) == bool(said)
