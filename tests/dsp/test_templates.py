"""Templates of events: where they fit, by hand."""

import numpy as np
import pytest

from physio_vad.dsp.templates import place_by_template

TRUE = np.arange(100, 2000, 80)


def placed(misplaced, width=3.0):
    """Places of equal waves, of which the tenth was given so many samples too late."""
    signal = np.exp(-0.5 * ((np.arange(2100)[:, np.newaxis] - TRUE) / width) ** 2).sum(axis=1)
    peaks = TRUE.copy()
    peaks[9] += misplaced
    weight = np.ones(len(TRUE))
    return place_by_template(signal, peaks, weight, before=14, after=14, near=500.0), peaks


@pytest.mark.parametrize("misplaced", [0, -1, 1, -3, 3])
def test_a_misplaced_event_is_moved_to_its_place(misplaced):
    places, _ = placed(misplaced)
    np.testing.assert_allclose(places, TRUE, atol=0.06)


@pytest.mark.parametrize("misplaced", [-5, -4, 4, 5])
def test_no_event_is_moved_by_more_than_three_samples(misplaced):
    places, peaks = placed(misplaced)
    assert places[9] - peaks[9] == pytest.approx(-3 * np.sign(misplaced), abs=0.2)


@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_every_event_weighs_the_same_in_the_template_however_large_it_is(unit):
    """A huge event that leans to the right would draw all others along; a flat one changes none."""
    around = np.arange(-14, 15)
    wave = np.exp(-0.5 * (around / 3) ** 2)
    pieces = np.tile(wave, (len(TRUE), 1))
    pieces[9], pieces[12] = 1e4 * np.exp(-0.5 * ((around - 1) / 4) ** 2), 0.0
    signal = np.zeros(2100)
    signal[TRUE[:, np.newaxis] + around] = unit * pieces
    places = place_by_template(signal, TRUE, np.ones(len(TRUE)), before=14, after=14, near=500.0)
    np.testing.assert_allclose(np.delete(places, [9, 12]), np.delete(TRUE, [9, 12]), atol=0.1)
    assert np.isfinite(places).all()
