"""What each sensor is believed, and from how many seconds each feature is given."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.modalities import (
    ECG,
    EDA,
    EEG,
    EMG,
    EOG,
    IBI,
    PPG,
    Acceleration,
    Respiration,
    Temperature,
)

SFREQ = 40.0


def bad(modality, values):
    channels = 3 if modality is Acceleration else 1
    signal = Signal(np.tile(values, (channels, 1)), SFREQ, modality.unit)
    return modality().clean(signal).bad[0]


@pytest.mark.parametrize(
    ("modality", "low", "high"),
    [
        (EDA, 0.01, 100.0),  # Kleckner et al. 2018: 0.05 to 60 uS; wider, to keep the honest
        (Temperature, 15.0, 45.0),
        (EOG, -1e5, 1e5),
        (Acceleration, -200.0, 200.0),
        (ECG, -1e12, 1e12),  # no number at all
    ],
)
def test_what_a_sensor_is_believed(modality, low, high):
    middle = (low + high) / 2
    values = middle + 0.01 * (high - low) * np.sin(np.arange(400))
    beyond = 0.001 * (high - low)
    values[[50, 100, 150, 200, 250]] = low, high, low - beyond, high + beyond, np.nan
    assert np.flatnonzero(bad(modality, values)).tolist() == [150, 200, 250]


@pytest.mark.parametrize(
    ("modality", "seconds"),
    [
        (ECG, 2), (PPG, 2), (EMG, 2), (EOG, 2), (EEG, 2),
        (EDA, 20), (Respiration, 20),  # held breath, and skin at .001 uS
        (Temperature, 120),  # a quiet minute at .01 C
        (Acceleration, 300),  # a wrist on a table
    ],
)  # fmt: skip
def test_equal_values_are_no_signal_from_some_seconds_on(modality, seconds):
    """That many seconds have one sample more at their ends than between."""
    level = 20.0 if modality is Temperature else 1.0
    values = level + 0.1 * np.sin(np.arange(int(SFREQ * (seconds + 20))))
    for more, lost in ((0, False), (1, True)):
        values[200 : 200 + int(seconds * SFREQ) + more] = level
        assert bad(modality, values)[200:240].all() == lost
        assert not bad(modality, values)[:199].any()


HEART = {
    # Munoz et al. 2015 (doi:10.1371/journal.pone.0138921): 10 s for RMSSD, 30 s for SDNN
    10: ["hr_mean", "hr_sd", "meannn", "rmssd", "sdsd", "sd1"],
    # three breaths
    15: ["rsa_share", "rsa_phase"],
    30: ["sdnn", "pnn50", "pnn20", "sd2", "ectopic_share"],
    # Task Force 1996 (doi:10.1161/01.CIR.93.5.1043): ten periods of the band's lower end
    60: ["hf", "sampen"],
    120: ["lf", "lf_hf"],
}
BREATHING = {30: ["resp_rate", "resp_rate_quality"]}
PULSE = ["pulse_amplitude_mean", "pulse_amplitude_sd", "pulse_rise_time", "pulse_width"]
PULSE += ["reflection_index", "ac_dc_ratio", "pulse_arrival_time", "pulse_arrival_time_sd"]
SKIN = ["scl_mean", "scl_sd", "scl_range", "scl_slope", "scr_rate", "scr_amplitude_mean"]
SKIN += ["scr_amplitude_max", "scr_amplitude_sum", "scr_rise_time", "scr_half_recovery_time"]
SKIN += ["scr_half_recovery_share", "scr_count_10nS", "scr_count_30nS", "scr_count_50nS"]
SKIN += ["phasic_auc", "phasic_sd"]
EYES = ["blink_rate", "blink_amplitude", "blink_duration", "blink_pavr", "blink_navr"]
EYES += ["interblink_interval_cv", "saccade_rate", "saccade_peak_velocity"]
BELT = ["rate", "amplitude", "rvt", "inspiration_expiration_ratio", "rate_sd"]


@pytest.mark.parametrize(
    ("modality", "minimum"),
    [
        (ECG(), [HEART, BREATHING]),
        (ECG(lf_context=300), [HEART, BREATHING, {300: ["triangular_index"]}]),
        (PPG(), [HEART, BREATHING, {0: PULSE}]),
        (IBI(), [HEART]),
        (EDA(), [{10: SKIN, 60: ["eda_sympathetic"]}]),
        (EOG(), [{10: EYES}]),
        (EMG(), [{1: ["median_frequency", "mean_frequency"], 10: ["burst_rate"]}]),
        (Respiration(), [{5: BELT}]),  # a slow breath and a half
        (Temperature(), [{5: ["slope"], 200: ["lf_power"]}]),  # two periods of .01 Hz
    ],
)
def test_from_how_many_seconds_a_feature_is_given(modality, minimum):
    expected = {name: at for part in minimum for at, names in part.items() for name in names}
    assert {one.name: one.minimum for one in modality.features if one.minimum} == {
        name: at for name, at in expected.items() if at
    }
    assert set(expected) <= {one.name for one in modality.features}


@pytest.mark.parametrize(
    ("modality", "contexts"),
    [
        (ECG(), {"context": 10, "hrv_context": 60, "lf_context": 180, "breath_context": 30}),
        (EDA(), {"context": 30, "tonic_context": 60, "sympathetic_context": 60}),
        (EMG(), {"context": 10, "segment": 1}),
        (EOG(), {"context": 30}),
        (EEG(), {"segment": 2}),
        (Respiration(), {"context": 30}),
        (Temperature(), {"context": 10, "lf_context": 200}),
    ],
)
def test_how_far_back_features_look_by_default(modality, contexts):
    assert {name: getattr(modality, name) for name in contexts} == contexts


@pytest.mark.parametrize(
    ("modality", "sfreq", "samples"),
    [
        (Temperature(), 7.9, 1), (Temperature(), 8.0, 2), (Temperature(), 64.0, 16),  # 4 Hz
        (EDA(), 4.0, 1), (EDA(), 14.9, 1), (EDA(), 15.1, 2), (EDA(), 128.0, 13),  # 10 Hz
        (Respiration(), 8.0, 40), (Respiration(), 100.0, 500),  # 5 s at 10 Hz
        (Respiration(), 128.0, 13 * 49),
        (EMG(), 64.0, 3 * 21), (EMG(), 1000.0, 1000),  # a second in blocks of .05 s
        (EOG(), 64.0, 32), (EOG(), 250.0, 2 * 62), (EOG(), 512.0, 5 * 102),  # .5 s at 100 Hz
        (ECG(), 128.0, 192), (ECG(), 1000.0, 8 * 187),  # 1.5 s at 125 Hz
        (PPG(), 25.0, 50), (PPG(), 250.0, 500),  # 2 s
        (IBI(), 1.0, 1), (IBI(), 64.0, 32),  # 2 Hz
    ],
)  # fmt: skip
def test_pieces_of_long_recordings_begin_with_a_block(modality, sfreq, samples):
    assert modality.grid(sfreq) == samples


@pytest.mark.parametrize(
    ("modality", "sfreq", "factor"),
    [(EDA(), 100.0, 10), (Respiration(), 100.0, 10), (EOG(), 250.0, 2), (Temperature(), 100.0, 25)],
)
def test_a_mean_of_samples_lies_in_their_middle(modality, sfreq, factor):
    values = 30 + np.sin(np.arange(6000) / 300)
    clean = modality.clean(Signal(values, sfreq, modality.unit, start=5.0))
    low = modality.prepare(clean, {}).signal
    assert (low.sfreq, low.start) == pytest.approx((sfreq / factor, 5 + (factor - 1) / 2 / sfreq))
    np.testing.assert_allclose(low.values[0, 7], values[7 * factor : 8 * factor].mean())


@pytest.mark.parametrize(
    ("modality", "lowest"),
    [(ECG(), 40.0), (PPG(), 8.0), (EDA(), 2.0), (Respiration(), 2.0), (EMG(), 50.0),
     (EMG(highpass=30.0), 75.0), (EOG(), 50.0)],
)  # fmt: skip
def test_the_lowest_rate_of_a_sensor(modality, lowest):
    assert modality.limits(lowest) == ""
    assert f"{lowest:g} Hz" in modality.limits(0.99 * lowest)


def quality(modality, values, sfreq):
    recording = Recording("a", {modality.name: Signal(values, sfreq, "uV")})
    block = modality().extract(recording, np.array([20.0]), np.array([30.0]))
    return dict(zip(block.columns, block.values[0], strict=True))[f"{modality.name}__quality"]


@pytest.mark.parametrize(
    ("modality", "sd", "believed"),
    [
        (EMG, 0.09, False), (EMG, 0.12, True), (EMG, 4500.0, True), (EMG, 5500.0, False),
        (EOG, 0.45, False), (EOG, 0.55, True), (EOG, 4700.0, True), (EOG, 5300.0, False),
    ],
)  # fmt: skip
def test_how_strong_a_signal_of_muscles_or_eyes_is(modality, sd, believed):
    values = sd * np.random.default_rng(0).standard_normal(50_000)
    sfreq = 1000.0 if modality is EMG else 100.0  # not averaged down
    assert (quality(modality, values, sfreq) > 0.9) == believed


@pytest.mark.parametrize(("freq", "believed"), [(2.0, True), (4.0, False), (6.0, True)])
def test_an_eog_is_told_by_how_far_it_moves_in_a_quarter_of_a_second(freq, believed):
    values = 100 * np.sin(2 * np.pi * freq * np.arange(5000) / 100)
    assert (quality(EOG, values, 100.0) > 0.9) == believed
