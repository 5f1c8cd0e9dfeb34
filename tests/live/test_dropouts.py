"""What is lost, comes twice, late or by a wrong clock: gaps where they were, and no number else."""

import numpy as np
import pytest

from physio_vad.features.inputs import Input
from physio_vad.live.buffer import EventBuffer, SampleBuffer

RATE, SECONDS = 250.0, 120
TRUTH = np.arange(SECONDS * RATE) + 1.0  # every sample is its own number


def chunks(rng, longest=0.2):
    """Cut the samples at random."""
    first = 0
    while first < len(TRUTH):
        last = first + int(rng.integers(1, int(longest * RATE)))
        yield first, TRUTH[first:last]
        first = last


def pushed(parts, clock=lambda time: time, seconds=SECONDS + 5, **options):
    """Push parts of (number of the first sample, samples); give the buffer."""
    buffer = SampleBuffer(Input("eda", "uS", (), RATE), seconds, **options)
    for first, values in parts:
        buffer.push(values, clock(first / RATE))
    return buffer


def kept(buffer):
    """Give what the buffer holds, from the first sample that came."""
    return buffer.signal(-np.inf, np.inf).values[0]


@pytest.mark.parametrize("seed", range(5))
def test_lost_chunks_are_gaps_where_they_were(seed):
    rng = np.random.default_rng(seed)
    parts = list(chunks(rng))
    there = rng.random(len(parts)) > 0.01
    there[0] = there[-1] = True
    there &= np.array([not 40 * RATE <= first < 70 * RATE for first, _ in parts])
    expected = np.full(len(TRUTH), np.nan)
    for (first, values), came in zip(parts, there, strict=True):
        if came:
            expected[first : first + len(values)] = values
    buffer = pushed(part for part, came in zip(parts, there, strict=True) if came)
    assert np.array_equal(kept(buffer), expected, equal_nan=True)
    assert buffer.n_lost == np.isnan(expected).sum() > 29 * RATE
    assert buffer.n_jumps == buffer.n_late == 0


@pytest.mark.parametrize("seed", range(5))
def test_chunks_that_come_twice_or_in_another_order_are_put_right(seed):
    rng = np.random.default_rng(seed)
    parts = list(chunks(rng))
    when = np.array([first / RATE for first, _ in parts]) + rng.uniform(0, 2, len(parts))
    when[0] = -1.0
    order = [number for number in np.argsort(when) for _ in range(1 + (rng.random() < 0.1))]
    buffer = pushed(parts[number] for number in order)
    assert np.array_equal(kept(buffer), TRUTH)
    assert buffer.n_lost == buffer.n_jumps == 0
    assert buffer.n_late > 0


@pytest.mark.parametrize("ppm", [100.0, -100.0, 20.0])
def test_a_clock_that_drifts_moves_a_gap_by_a_sample_at_most(ppm):
    rng = np.random.default_rng(0)
    parts = [(first, values) for first, values in chunks(rng) if not 60 * RATE <= first < 70 * RATE]
    buffer = pushed(parts, lambda time: 1000.0 + time * (1 + 1e-6 * ppm))
    found = kept(buffer)
    there = np.isfinite(found)
    numbers = np.flatnonzero(there)
    assert np.abs(numbers + 1 - found[there]).max() <= 1
    assert (np.diff(found[there]) >= 1).all()
    assert buffer.n_jumps == 0
    assert buffer.drift == pytest.approx(ppm, abs=20)


def test_jitter_of_half_a_sample_loses_nothing():
    rng = np.random.default_rng(0)
    buffer = pushed(chunks(rng), lambda time: time + rng.uniform(-0.24, 0.24) / RATE)
    assert np.array_equal(kept(buffer), TRUTH)
    buffer = pushed(chunks(rng), lambda time: time + rng.uniform(-0.02, 0.02), jitter=0.025)
    assert np.array_equal(kept(buffer), TRUTH)


@pytest.mark.parametrize("jump", [-1e6, -3000.0, -70.0, -20.0, 3000.0, 1e6])
@pytest.mark.parametrize("seconds", [SECONDS + 5, 30.0])
def test_a_clock_that_is_set_is_counted_once(jump, seconds):
    rng = np.random.default_rng(0)
    buffer = pushed(chunks(rng), lambda time: time + jump * (time > 50), seconds)
    found = kept(buffer)
    assert np.array_equal(found, TRUTH[-len(found) :])
    assert len(found) >= min(seconds, SECONDS) * RATE
    assert (buffer.n_jumps, buffer.n_lost, buffer.n_late) == (1, 0, 0)


def test_old_samples_are_let_go_and_memory_stays():
    buffer = SampleBuffer(Input("eda", "uS", (), RATE), 10.0)
    place = buffer.values.ctypes.data
    for first, values in chunks(np.random.default_rng(0)):
        buffer.push(values, first / RATE)
    assert buffer.values.ctypes.data == place
    signal = buffer.signal(SECONDS - 10.0, np.inf)
    assert np.array_equal(signal.values[0], TRUTH[-int(10 * RATE) :])
    assert signal.start == pytest.approx(SECONDS - 10)
    late = buffer.n_late
    buffer.push(TRUTH[:50], 0.0)  # much too late
    assert buffer.n_late == late + 50
    assert np.array_equal(buffer.signal(SECONDS - 10.0, np.inf).values[0], TRUTH[-2500:])


def test_events_that_come_again_or_in_another_order_are_put_right():
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 1.2, 60))
    buffer = EventBuffer(Input("ibi", "s"), 1000.0)
    for number in [0, 2, 1, 3, 3, *range(5, 60), 4]:
        buffer.push([float(number)], [times[number]])
    found = buffer.signal(-np.inf, np.inf)
    assert np.array_equal(found.times, times)
    assert np.array_equal(found.values, np.arange(60.0))
    assert buffer.n_late == 1
