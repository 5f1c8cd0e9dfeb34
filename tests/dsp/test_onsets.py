"""Beginnings of climbs, by least squares over all that are tried."""

import numpy as np
import pytest

from physio_vad.dsp.onsets import climb_onsets


def by_hand(values, foot, sfreq):
    """A line that a curve leaves, from .2 s before the foot to .7 s behind it by .04 s."""
    before, after = max(int(np.ceil(1.5 * sfreq)), 6), max(int(np.ceil(1.0 * sfreq)), 4)
    places = np.arange(-before, after + 1)
    around, time = values[foot + places], places / sfreq
    whole = ((around - around.mean()) ** 2).sum()
    best = (np.inf, 0.0)
    for delay in np.arange(-0.2, 0.7, 0.04):
        since = np.maximum(time - delay, 0)
        for powers in ((1, 2), (2, 3)):
            design = np.column_stack([np.ones_like(time), time, *(since**one for one in powers)])
            left = around - design @ np.linalg.lstsq(design, around)[0]
            if left @ left < best[0] - 2e-9 * whole:  # of those that explain as much, the first
                best = (left @ left, delay)
    return foot + best[1] * sfreq


@pytest.mark.parametrize("sfreq", [3.0, 4.0, 10.0, 15.0])
def test_the_onset_of_least_squares(sfreq):
    rng = np.random.default_rng(0)
    values = np.cumsum(0.02 * rng.standard_normal(400))
    feet = rng.integers(30, 360, 60)
    for foot in feet:
        since = np.maximum(np.arange(400) - foot, 0) / sfreq
        values += rng.uniform(0.1, 1) * (np.exp(-since / 3) - np.exp(-since))
    found = climb_onsets(values, feet, sfreq)
    np.testing.assert_allclose(found, [by_hand(values, foot, sfreq) for foot in feet], atol=1e-9)
    assert len(np.unique((found - feet).round(6))) > 10
