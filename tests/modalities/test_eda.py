"""Electrodermal activity: known answers, units, decomposition, gaps, odd input."""

import importlib.util

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.exceptions import ArgumentError, MissingExtraError
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.eda import EDA, PreparedEDA
from physio_vad.synthetic import renewal_times, simulate_eda

STARTS = np.arange(0.0, 290.1, 10.0)


def extract(values, *, sfreq=10.0, unit="uS", starts=STARTS, length=10.0, **options):
    recording = Recording("a", {"gsr": Signal(values, sfreq=sfreq, unit=unit)})
    block = EDA(**options).extract(recording, starts, starts + length)
    names = [name.removeprefix("eda__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def skin(seconds=300.0, sfreq=10.0, seed=0):
    rng = np.random.default_rng(seed)
    onsets = renewal_times(5.0, seconds, shortest=0.4, rng=rng)
    amplitudes = rng.uniform(0.1, 0.8, len(onsets))
    return simulate_eda(onsets, amplitudes, sfreq, seconds, drift=0.1, rng=rng)


def prepared_by_hand():
    """Two minutes at 10 Hz: tonic a line, phasic a square wave, three responses."""
    time = np.arange(1200) / 10
    nothing = np.zeros((1, 1200), dtype=bool)
    signal = CleanSignal(time[np.newaxis] + 1, nothing, nothing, 10.0, 0.0, ("0",))
    responses = {
        "onset": np.array([68.0, 80.0, 118.0]),
        "peak": np.array([70.0, 81.0, 119.5]),
        "amplitude": np.array([0.2, 0.6, 1.0]),
        "rise_time": np.array([2.0, 1.0, 1.5]),
        "half_recovery_time": np.array([4.0, np.nan, 2.0]),
    }
    phasic = np.where(np.arange(1200) % 2, -0.3, 0.3)
    peaks = {0.01: np.array([61.0, 70.0, 81.0, 119.5]), 0.05: responses["peak"]}
    return PreparedEDA(signal, time + 1, 5 + 0.02 * time, phasic, responses, peaks)


def test_every_feature_by_hand():
    starts, stops = np.array([70.0, 110.0, 0.0]), np.array([90.0, 120.0, 5.0])
    found = EDA().compute(prepared_by_hand(), starts, stops)
    # responses of (60, 90), (90, 120) and (-25, 5), which holds too little signal
    np.testing.assert_allclose(found["scr_rate"], [4, 2, np.nan])
    np.testing.assert_allclose(found["scr_amplitude_mean"], [0.4, 1.0, np.nan])
    np.testing.assert_allclose(found["scr_amplitude_max"], [0.6, 1.0, np.nan])
    np.testing.assert_allclose(found["scr_amplitude_sum"], [0.8, 1.0, np.nan])
    np.testing.assert_allclose(found["scr_rise_time"], [1.5, 1.5, np.nan])
    # the last recovery ends at 121.5 s, after the window
    np.testing.assert_allclose(found["scr_half_recovery_time"], [4.0, np.nan, np.nan])
    np.testing.assert_allclose(found["scr_half_recovery_share"], [0.5, 1.0, np.nan])
    np.testing.assert_allclose(found["scr_count_10nS"], [3, 1, np.nan])
    np.testing.assert_allclose(found["scr_count_50nS"], [2, 1, np.nan])
    np.testing.assert_allclose(found["scl_range"], [0.02 * 59.9, 0.02 * 59.9, np.nan])
    np.testing.assert_allclose(found["phasic_sd"], [0.3, 0.3, np.nan])
    np.testing.assert_allclose(found["phasic_auc"], [0.15 * 30, 0.15 * 30, np.nan])
    # 60 s of a line: its middle sample, range / sqrt(12), slope
    np.testing.assert_allclose(found["scl_mean"], [5 + 0.02 * 59.95, 5 + 0.02 * 89.95, np.nan])
    np.testing.assert_allclose(found["scl_sd"], [0.02 * 60 / 12**0.5] * 2 + [np.nan], rtol=1e-5)
    np.testing.assert_allclose(found["scl_slope"], [0.02, 0.02, np.nan])


def test_a_calm_window_has_rate_and_sum_0_and_no_means():
    found = extract(5 + np.arange(3000) / 1e5)
    for name in ("scr_rate", "scr_amplitude_sum"):
        np.testing.assert_array_equal(found[name], 0)
    for name in ("scr_amplitude_mean", "scr_amplitude_max", "scr_rise_time"):
        assert np.isnan(found[name]).all()


def test_sympathetic_power_is_that_of_a_sine_in_the_band():
    time = np.arange(3000) / 10
    for frequency, power in ((0.1, 0.02), (0.2, 0.02), (0.5, 0.0)):
        found = extract(5 + 0.2 * np.sin(2 * np.pi * frequency * time))["eda_sympathetic"]
        assert np.isnan(found[:5]).all()
        np.testing.assert_allclose(found[5:], power, atol=3e-4)
    assert np.isnan(extract(5 + time, sympathetic_context=30.0)["eda_sympathetic"]).all()


def test_parts_are_those_of_neurokit():
    import neurokit2 as nk

    eda = EDA()
    prepared = eda.prepare(eda.clean(Signal(skin(), sfreq=10.0, unit="uS")), {})
    parts = nk.eda_phasic(prepared.signal.values[0], sampling_rate=10.0, method="highpass")
    np.testing.assert_allclose(prepared.tonic, parts["EDA_Tonic"], rtol=1e-9)
    np.testing.assert_allclose(prepared.phasic, parts["EDA_Phasic"], atol=1e-9)


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        ("nS", lambda x: 1e3 * x),
        ("mS", lambda x: x / 1e3),
        ("S", lambda x: x / 1e6),
        ("ohm", lambda x: 1e6 / x),
        ("kohm", lambda x: 1e3 / x),
        ("Mohm", lambda x: 1 / x),
    ],
)
def test_units(unit, values):
    expected, found = extract(skin()), extract(values(skin()), unit=unit)
    for name, column in expected.items():
        np.testing.assert_allclose(found[name], column, rtol=1e-6, atol=1e-9, err_msg=name)


def test_level_moves_only_the_level():
    expected, found = extract(skin()), extract(skin() + 3)
    for name, column in expected.items():
        moved = column + 3 if name == "scl_mean" else column
        np.testing.assert_allclose(found[name], moved, rtol=1e-6, atol=1e-6, err_msg=name)


def test_rate_of_the_recording_hardly_matters():
    fast = skin(sfreq=250.0)
    low = fast.reshape(-1, 25).mean(axis=1)
    expected, found = extract(fast, sfreq=250.0), extract(low)
    np.testing.assert_array_equal(found["scr_rate"], expected["scr_rate"])
    np.testing.assert_allclose(found["scl_mean"], expected["scl_mean"], rtol=1e-3)


def test_no_contact_counts_as_missing():
    values = skin()
    values[1000:1500] = 0.002 + 0.001 * np.random.default_rng(0).random(500)
    found = extract(values)
    np.testing.assert_array_equal(found["quality"][10:15], 0)
    assert np.isnan(found["scl_mean"][10:15]).all()
    assert found["quality"][20] == 1


def test_a_jump_that_no_skin_makes_lowers_the_quality():
    values = skin()
    values[1050:1052] += 20
    quality = extract(values)["quality"]
    assert quality[10] < 0.95
    assert (np.delete(quality, 10) == 1).all()


def test_gap_stays_where_it_is():
    values, spoilt, other = skin(600.0), skin(600.0), skin(600.0)
    spoilt[2000:2300], other[2000:2300] = np.nan, np.inf
    starts = np.arange(0.0, 590.1, 10.0)
    clean = extract(values, starts=starts)
    found, same = extract(spoilt, starts=starts), extract(other, starts=starts)
    far = (starts + 10 <= 200 - EDA.settling) | (starts - 50 >= 230 + EDA.settling)
    for name, column in clean.items():
        np.testing.assert_array_equal(found[name], same[name])
        spread = np.ptp(column[np.isfinite(column)])
        np.testing.assert_allclose(found[name][far], column[far], atol=1e-6 * spread, err_msg=name)
    assert np.isnan(found["scr_rate"][20:23]).all()


@pytest.mark.parametrize("sfreq", [1.0, 4.0, 250.0])
@pytest.mark.parametrize("n_samples", [0, 1, 3, 40])
def test_short_signals_have_no_features(sfreq, n_samples):
    starts = np.arange(0.0, 40.0, 10.0)
    found = extract(5 + np.arange(n_samples) / 1e3, sfreq=sfreq, starts=starts)
    if n_samples < 10 * sfreq:
        assert all(np.isnan(found[name]).all() for name in found if name != "quality")


def test_bad_parameters():
    with pytest.raises(ArgumentError, match="did you mean 'highpass'"):
        extract(skin(), decomposition="highpas")
    with pytest.raises(ArgumentError, match="threshold must be above 0 uS, got -1"):
        extract(skin(), threshold=-1)


def test_cvxeda_is_an_extra():
    if importlib.util.find_spec("cvxopt") is None:
        with pytest.raises(MissingExtraError, match=r"physio-vad\[cvxeda\]"):
            extract(skin(), decomposition="cvxeda")
    else:
        found, expected = extract(skin(60.0), decomposition="cvxeda"), extract(skin(60.0))
        np.testing.assert_array_equal(found["scr_rate"], expected["scr_rate"])
        assert np.isfinite(found["phasic_sd"][:6]).all()


def test_movement_lowers_the_quality():
    rng = np.random.default_rng(0)
    moving = np.vstack([np.zeros((2, 9600)), np.ones((1, 9600))])
    moving[:, 4800:] += 0.3 * rng.normal(size=(3, 4800))
    signals = {
        "eda": Signal(skin(), 10.0, "uS"),
        "acceleration": Signal(moving, 32.0, "g", ("x", "y", "z")),
    }
    starts = np.array([100.0, 200.0])
    still, restless = EDA().extract(Recording("anna", signals), starts, starts + 10).values[:, -1]
    assert still == 1.0
    assert restless < 0.2


def test_the_rate_is_per_minute_of_good_signal():
    """Two responses in 60 s of which 40 s are good are three a minute; at the start as later."""
    prepared = prepared_by_hand()
    bad = np.zeros((1, 1200), dtype=bool)
    bad[0, 850:1050] = True
    signal = CleanSignal(prepared.signal.values, bad, np.zeros_like(bad), 10.0, 0.0, ("0",))
    peaks = {name: values[:2] for name, values in prepared.responses.items()}
    made = PreparedEDA(signal, prepared.smooth, prepared.tonic, prepared.phasic, peaks)
    found = EDA(context=60.0).compute(made, np.array([100.0, 60.0]), np.array([120.0, 80.0]))
    # of (60, 120) s 40 are good; of (20, 80) all 60, with one response
    np.testing.assert_allclose(found["scr_rate"], [3.0, 1.0])
    early = {
        name: values - 60.0 if name in ("onset", "peak") else values
        for name, values in peaks.items()
    }
    made = PreparedEDA(prepared.signal, prepared.smooth, prepared.tonic, prepared.phasic, early)
    found = EDA(context=60.0).compute(made, np.array([20.0]), np.array([40.0]))
    np.testing.assert_allclose(found["scr_rate"], [3.0])  # only 40 s have been recorded


def test_responses_are_counted_at_three_thresholds_and_scaled_up():
    """A minute with responses of .02, .04 and .4 uS; then half of the signal is missing."""
    onsets, heights = np.array([35.0, 45.0, 55.0]), np.array([0.02, 0.04, 0.4])
    skin = simulate_eda(onsets, heights, 10.0, 120.0, noise=0.0) + np.arange(1200) / 1e5

    def counts(values):
        signal = Signal(values, 10.0, "uS")
        block = EDA(context=30).extract(
            Recording("a", {"eda": signal}), np.array([33.0]), np.array([63.0])
        )
        row = dict(zip(block.columns, block.values[0], strict=True))
        return [row[f"eda__scr_count_{one}nS"] for one in (10, 30, 50)]

    assert counts(skin) == pytest.approx([3, 2, 1])
    skin[580:610] = np.nan  # 3 of 30 s
    assert counts(skin) == pytest.approx(np.array([3, 2, 1]) * 30 / 27, rel=1e-2)


def test_a_jump_is_no_response():
    """The electrode slips for 5 s: what was 3 is 5 uS within a tenth of a second."""
    time = np.arange(0, 120, 0.1)
    slow = 3 + 0.3 * ((time % 20) / 2) * np.exp(1 - (time % 20) / 2)
    slipped = slow + 2.0 * ((time >= 70) & (time < 75))
    starts = np.array([50.0])
    responses = extract(slow, sfreq=10.0, starts=starts, length=30.0)
    found = extract(slipped, sfreq=10.0, starts=starts, length=30.0)
    for name in ("scr_rate", "scr_amplitude_max", "scr_count_10nS"):
        np.testing.assert_allclose(found[name], responses[name], rtol=0.05)


def test_single_samples_that_were_lost_on_the_way_are_no_responses():
    """Each would move the average of 0.1 s by 0.2 uS, four times a response's least height."""
    values = np.repeat(skin(120.0), 25)
    spoilt = values.copy()
    spoilt[np.random.default_rng(0).choice(len(values) // 3, 60, replace=False) * 3 + 1] += 5
    starts = np.array([30.0, 60.0, 90.0])
    whole = extract(values, sfreq=250.0, starts=starts)
    found = extract(spoilt, sfreq=250.0, starts=starts)
    for name in ("scr_rate", "scr_amplitude_mean", "scl_mean", "scl_sd"):
        np.testing.assert_allclose(found[name], whole[name], rtol=0.01, atol=1e-4, err_msg=name)


def row_of(values, start, stop, **options):
    signal = Signal(values, sfreq=10.0, unit="uS")
    block = EDA(**options).extract(
        Recording("a", {"eda": signal}), np.array([start]), np.array([stop])
    )
    names = [name.removeprefix("eda__") for name in block.columns]
    return dict(zip(names, block.values[0], strict=True))


@pytest.mark.parametrize(("jump", "lost"), [(0.95, 0), (1.05, 11), (-1.05, 11)])
def test_half_a_second_around_what_is_faster_than_skin_is_not_trusted(jump, lost):
    """10 uS/s (Kleckner et al. 2018)."""
    values = 5 + 0.001 * np.sin(np.arange(3000.0))
    values[1500:] += jump
    assert row_of(values, 145.0, 155.0)["quality"] == pytest.approx(1 - lost / 100)


@pytest.mark.parametrize(("context", "given"), [(39.0, False), (40.0, True)])
def test_sympathetic_power_is_one_of_40_s(context, given):
    values = 5 + 0.1 * np.sin(2 * np.pi * 0.1 * np.arange(3000) / 10)
    found = row_of(values, 100.0, 160.0, sympathetic_context=context)["eda_sympathetic"]
    assert np.isfinite(found) == given
    assert not given or found == pytest.approx(0.1**2 / 2, rel=0.1)


@pytest.mark.parametrize(("lost", "given"), [(30, True), (31, False)])
def test_a_twentieth_of_a_segment_may_be_bad(lost, given):
    values = 5 + 0.1 * np.sin(2 * np.pi * 0.1 * np.arange(3000) / 10)
    values[1200 : 1200 + lost] = np.nan
    found = row_of(values, 100.0, 160.0)
    assert np.isfinite(found["eda_sympathetic"]) == given


@pytest.mark.parametrize(("lost", "given"), [(200, True), (201, False)])
def test_skin_is_summed_up_over_ten_good_seconds(lost, given):
    values = 5 + 0.1 * np.sin(2 * np.pi * 0.1 * np.arange(3000) / 10)
    values[1300 : 1300 + lost] = np.nan
    found = row_of(values, 150.0, 160.0, tonic_context=30.0)
    for name in ("scl_mean", "scr_rate", "phasic_auc", "scr_count_10nS"):
        assert np.isfinite(found[name]) == given
