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


@pytest.mark.parametrize("odd", [np.nan, 1.1e6, -1.1e6])
@pytest.mark.parametrize(("lost", "seen"), [(160, True), (161, False)])
def test_half_of_a_window_is_enough(lost, seen, odd):
    values = 0.5 * np.sin(2 * np.pi * 3 * TIMES)[np.newaxis]
    values[0, 160 : 160 + lost] = odd  # of the 320 samples of a window
    expected = 0.5 / np.sqrt(2) if seen else np.nan
    assert level(values)[0] == pytest.approx(expected, rel=0.02, nan_ok=True)


def test_a_million_is_an_acceleration():
    values = np.where(np.arange(len(TIMES)) % 2, 1e6, -1e6)[np.newaxis]
    assert level(values)[0] == pytest.approx(1e6, rel=1e-3)


@pytest.mark.parametrize("n_samples", [0, 1, 5])
def test_short_and_empty(n_samples):
    assert np.isnan(level(np.ones((3, n_samples)))).all()
    assert np.isnan(level(np.ones((3, len(TIMES))), starts=np.array([-100.0, 100.0]))).all()


@pytest.mark.parametrize("freq", [0.1, 0.25, 0.4])
def test_posture_is_the_mean_of_two_seconds(freq):
    """Of a sine of f Hz it takes sinc(2 f)."""
    found = level(np.vstack([0.5 * np.sin(2 * np.pi * freq * TIMES), np.ones(len(TIMES))]))
    np.testing.assert_allclose(found, 0.5 / np.sqrt(2) * (1 - np.sinc(2 * freq)), rtol=0.03)
