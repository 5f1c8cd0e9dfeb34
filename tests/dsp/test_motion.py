"""Strength of movement."""

import numpy as np
import pytest

from physio_vad.dsp.motion import motion_level

SFREQ = 32.0
TIMES = np.arange(int(60 * SFREQ)) / SFREQ
STARTS = np.arange(5.0, 45.0, 10.0)


def level(values, sfreq=SFREQ, starts=STARTS, origin=0.0):
    return motion_level(values, starts, starts + 10, sfreq=sfreq, origin=origin)


def test_a_shaken_axis_has_the_rms_of_the_sine_whichever_way_it_points():
    shake = 0.5 * np.sin(2 * np.pi * 3 * TIMES)
    for gravity in ([0, 0, 1], [0.6, 0, 0.8], [0, -1, 0]):
        values = np.array(gravity, dtype=float)[:, None] + np.vstack([shake, 0 * shake, 0 * shake])
        np.testing.assert_allclose(level(values), 0.5 / np.sqrt(2), rtol=0.01)


def test_rest_is_zero_and_a_slow_turn_is_nearly():
    assert (level(np.ones((3, len(TIMES)))) < 1e-12).all()
    angle = 2 * np.pi * TIMES / 60
    assert (level(np.vstack([np.cos(angle), np.sin(angle)])) < 0.01).all()


def test_gaps_do_not_count_and_mostly_missing_windows_are_nan():
    values = np.vstack([0.5 * np.sin(2 * np.pi * 3 * TIMES), np.ones(len(TIMES))])
    values[0, 320:416] = np.nan  # 10 to 13 s
    values[1, 35 * 32 : 43 * 32] = 1e300
    found = level(values)
    np.testing.assert_allclose(found[:3], 0.5 / np.sqrt(2), rtol=0.02)
    assert np.isnan(found[3])


@pytest.mark.parametrize("n_samples", [0, 1, 5])
def test_short_and_empty(n_samples):
    assert np.isnan(level(np.ones((3, n_samples)))).all()
    assert np.isnan(level(np.ones((3, len(TIMES))), starts=np.array([-100.0, 100.0]))).all()
