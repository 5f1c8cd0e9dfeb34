"""Hum of the mains: its share of the energy, and what averaging down makes of it."""

import numpy as np
import pytest

from physio_vad.dsp.line_noise import folded_lines, hum_power
from physio_vad.dsp.rates import block_average


def sines(sfreq, seconds, **amplitudes):
    time = np.arange(int(seconds * sfreq)) / sfreq
    waves = (size * np.sin(2 * np.pi * float(f[1:]) * time + 0.3) for f, size in amplitudes.items())
    return sum(waves)


@pytest.mark.parametrize(
    ("amplitudes", "hum"),
    [
        ({"f50": 2}, 4),
        ({"f60": 2}, 4),
        ({"f50": 2, "f100": 1, "f150": 3}, 14),  # and multiples
        ({"f50": 2, "f60": 3}, 9),  # of one of the two
        ({"f50": 2, "f77": 5}, 4),
        ({"f50": 2, "f200": 9}, 4),  # above the highest
        ({"f75": 1}, 0),
    ],
)
def test_energy_at_the_mains_and_its_multiples(amplitudes, hum):
    """A sine has half of its squared amplitude a sample, in seconds that hold whole periods."""
    whole, found = hum_power(sines(1000.0, 3.5, **amplitudes), 1000.0, 1000, 180.0)
    np.testing.assert_allclose(found, [500 * hum] * 3, rtol=0.02, atol=1e-6)
    energy = sum(size**2 for size in amplitudes.values())
    np.testing.assert_allclose(whole, [500 * energy] * 3, rtol=1e-6)


@pytest.mark.parametrize(("sfreq", "seen"), [(104.0, 0), (110.0, 1)])
def test_lines_up_to_just_below_nyquist_count(sfreq, seen):
    """0.48 of the rate: 49.9 or 52.8 Hz."""
    whole, hum = hum_power(sines(sfreq, 2, f50=1), sfreq, int(sfreq), 180.0)
    np.testing.assert_allclose(hum / whole, seen, atol=0.03)


def test_many_blocks_are_worked_on_in_parts():
    values = np.random.default_rng(0).standard_normal(200_000)
    values[150_000:] += sines(100.0, 500, f30=1.0)[:50_000]
    whole, hum = hum_power(values, 250.0, 250, 120.0)
    for block in (0, 261, 262, 263, 799):
        alone = hum_power(values[250 * block : 250 * (block + 1)], 250.0, 250, 120.0)
        np.testing.assert_allclose([whole[block], hum[block]], np.ravel(alone), rtol=1e-12)


@pytest.mark.parametrize(
    ("sfreq", "factor", "line"),
    [(256.0, 5, 50.0), (1000.0, 17, 60.0), (512.0, 10, 100.0)],
)
def test_what_averaging_leaves_of_a_line(sfreq, factor, line):
    """From trough to crest, as in the samples that are averaged."""
    values = 3 * np.sin(2 * np.pi * line * np.arange(int(40 * sfreq)) / sfreq)
    low, _ = block_average(values, np.zeros(len(values), dtype=bool), factor)
    found = folded_lines(values, sfreq, factor, int(4 * sfreq), (0.6, 8.0))
    np.testing.assert_allclose(found, np.ptp(low), rtol=0.02)


def test_no_line_falls_into_the_band_or_nothing_is_averaged():
    values = sines(256.0, 8, f50=1.0)
    assert len(folded_lines(values, 256.0, 5, 512, (0.6, 8.0))) == 4
    assert folded_lines(values, 256.0, 5, 512, (0.6, 8.0)).all()  # at 1.2 Hz
    assert not folded_lines(values, 256.0, 5, 512, (1.3, 1.6)).any()
    assert not folded_lines(values, 256.0, 1, 512, (0.0, 128.0)).any()
    assert len(folded_lines(values[:500], 256.0, 5, 512, (0.6, 8.0))) == 0


def test_neither_the_level_nor_other_frequencies_are_lines():
    """In blocks that hold no whole number of periods, and at 112 Hz, of which 60 Hz is an alias."""
    values = sines(256.0, 8, f50=1.0)
    alone = folded_lines(values, 256.0, 5, 500, (0.6, 8.0))
    np.testing.assert_allclose(folded_lines(values + 1e4, 256.0, 5, 500, (0.6, 8.0)), alone)
    other = folded_lines(sines(112.0, 8, f52=1.0), 112.0, 2, 448, (0.6, 8.0))
    np.testing.assert_allclose(other, 0, atol=1e-9)
