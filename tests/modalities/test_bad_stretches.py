"""Bad signal stays where it is: every modality, ten simulated minutes, every kind of fault."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from physio_vad import Events, Recording, Signal
from physio_vad.modalities import MODALITIES
from physio_vad.synthetic import simulate_beats, simulate_ecg, simulate_recordings

SECONDS, SFREQ = 600.0, 100.0
BEGIN, END = 280.0, 295.0
STARTS = np.arange(0.0, SECONDS - 9.0, 5.0)
STOPS = STARTS + 10.0
COUNTS = {
    "eda": ["scr_rate"],
    "eog": ["blink_rate", "saccade_rate"],
    "emg": ["burst_rate"],
    "ecg": ["pnn50", "pnn20"],
    "ppg": ["pnn50", "pnn20"],
    "ibi": ["pnn50", "pnn20"],
}


@functools.cache
def clean_signals():
    """Return one signal of each modality with everything in it that is found."""
    signals = dict(simulate_recordings(1, minutes=SECONDS / 60, sfreq=SFREQ, seed=5)[0].signals)
    beats = simulate_beats(72.0, SECONDS, rng=5)
    signals["ecg"] = Signal(simulate_ecg(beats, SFREQ, SECONDS, rng=5), SFREQ, "mV")
    signals["ibi"] = Events(beats[1:], np.diff(beats), "s")
    time = np.arange(int(SECONDS * 32)) / 32
    rng = np.random.default_rng(5)
    moving = np.vstack([0.05 * rng.normal(size=len(time)) + part for part in (0.1, 0.2, 0.97)])
    moving[0] += 0.2 * np.sin(2 * np.pi * time / 7) ** 3
    signals["acceleration"] = Signal(moving, 32.0, "g", ("x", "y", "z"))
    return signals


def modality(name):
    """Make a modality; heart rate looks back no further than two minutes."""
    made = MODALITIES[name]()
    return made.set_params(lf_context=120.0) if "hrv_context" in made.get_params() else made


def extract(name, signal):
    block = modality(name).extract(Recording("anna", {name: signal}), STARTS, STOPS)
    return block.columns, block.values


@functools.cache
def clean_features(name):
    return extract(name, clean_signals()[name])


def inside(signal, begin=BEGIN, end=END):
    return (signal.times >= begin) & (signal.times < end)


def filled(signal, filler, begin=BEGIN, end=END):
    """Replace a stretch by a value, or by what a function makes of it."""
    values = signal.values.copy()
    where = inside(signal, begin, end)
    values[..., where] = filler(values[..., where]) if callable(filler) else filler
    return replace(signal, values=values)


def far_from(begin, end, name):
    """Windows whose look back, and the settling time, end before or start after a stretch."""
    cls = MODALITIES[name]
    contexts = [v for key, v in modality(name).get_params().items() if key.endswith("context")]
    reach = max([10.0, *contexts])
    return (begin - cls.settling >= STOPS) | (STOPS - reach >= end + cls.settling)


def expect_unchanged(name, spoilt, rows):
    columns, clean = clean_features(name)
    found = extract(name, spoilt)[1]
    assert rows.sum() >= 5
    counts = {f"{name}__{feature}" for feature in COUNTS.get(name, [])}
    for column, was, now in zip(columns, clean.T, found.T, strict=True):
        known = was[np.isfinite(was)]
        span = np.ptp(known) if len(known) else 0.0
        tolerance = 0.0 if column in counts else max(1e-6 * span, 1e-12)
        np.testing.assert_allclose(now[rows], was[rows], rtol=0, atol=tolerance, err_msg=column)


def test_every_modality_is_simulated():
    assert set(clean_signals()) == set(MODALITIES), "add its signal to clean_signals above"


@pytest.mark.parametrize("name", MODALITIES)
def test_what_stands_in_a_gap_changes_nothing(name):
    signal = clean_signals()[name]
    wanted = extract(name, filled(signal, np.nan))[1]
    rng = np.random.default_rng(0)
    wild = [np.inf, -np.inf, 1e300, lambda x: np.where(rng.random(x.shape) < 0.5, np.nan, np.inf)]
    for filler in wild:
        np.testing.assert_array_equal(extract(name, filled(signal, filler))[1], wanted)


@pytest.mark.parametrize("name", MODALITIES)
def test_a_gap_is_forgotten_after_the_settling_time(name):
    assert MODALITIES[name].settling <= 75
    expect_unchanged(name, filled(clean_signals()[name], np.nan), far_from(BEGIN, END, name))


def held(values):
    return values[..., :1]


def railed(values):
    return 60.0 if values.mean() > 30 and values.mean() < 45 else 50 * np.abs(values).max()


def spike(values):
    out = values.copy()
    out[..., 20:22] += 100 * (1 + np.ptp(values))
    return out


def loud(values):
    middle = values.mean(axis=-1, keepdims=True)
    return middle + 8 * (values - middle)


@pytest.mark.parametrize("fault", [held, railed, spike, loud])
@pytest.mark.parametrize("name", [name for name in MODALITIES if name != "ibi"])
def test_faults_do_not_reach_far(name, fault):
    spoilt = filled(clean_signals()[name], fault)
    expect_unchanged(name, spoilt, far_from(BEGIN, END, name))


@pytest.mark.parametrize("name", MODALITIES)
def test_dropouts_do_not_reach_far(name):
    """Half of the samples of a stretch are lost one by one."""
    signal = clean_signals()[name]
    rng = np.random.default_rng(1)
    lost = filled(signal, lambda x: np.where(rng.random(x.shape[-1]) < 0.5, np.nan, x))
    expect_unchanged(name, lost, far_from(BEGIN, END, name))


@pytest.mark.parametrize("name", MODALITIES)
def test_a_sensor_that_is_on_late_or_off_early(name):
    """Missing samples and a shorter signal; what is left in the middle is as before."""
    signal = clean_signals()[name]
    absent = filled(filled(signal, np.nan, 0.0, 60.0), np.nan, 540.0, SECONDS)
    rows = far_from(-1e9, 60.0, name) & far_from(540.0, 1e9, name)
    for spoilt in (absent, signal.crop(60.0, 540.0)):
        expect_unchanged(name, spoilt, rows)
        found = extract(name, spoilt)[1]
        outside = (STOPS <= 60.0) | (STARTS >= 540.0)
        assert np.isnan(found[outside, :-1]).all()
        assert (found[outside, -1] == 0).all()


@pytest.mark.parametrize("name", [name for name in MODALITIES if name != "ibi"])
def test_a_railed_channel_has_no_features_and_no_quality(name):
    signal = clean_signals()[name]
    found = extract(name, filled(signal, held, -1.0, SECONDS + 1))[1]
    if name == "acceleration":  # a sensor that lies still
        return
    assert np.isnan(found[:, :-1]).all()
    assert (found[:, -1] == 0).all()


def test_an_artefact_of_four_seconds_does_not_erase_the_responses_after_it():
    skin = clean_signals()["eda"]
    columns, clean = clean_features("eda")
    column = columns.index("eda__scr_rate")
    later = (STOPS - 30.0 >= END + 5.0) & (STOPS <= END + 80)
    assert clean[later, column].max() > 2

    def burst(values):
        return values + 20 * np.hanning(values.shape[-1])

    found = extract("eda", filled(skin, burst, END - 4.0, END))[1]
    np.testing.assert_array_equal(found[later, column], clean[later, column])


@pytest.mark.parametrize("name", ["ecg", "ppg"])
def test_one_loud_minute_does_not_cost_the_beats_of_the_others(name):
    columns, clean = clean_features(name)
    found = extract(name, filled(clean_signals()[name], loud, 250.0, 310.0))[1]
    column = columns.index(f"{name}__hr_mean")
    np.testing.assert_allclose(found[4:, column], clean[4:, column], atol=4.0)
    others = (STOPS <= 248) | (STARTS >= 312)  # it begins and ends with a step
    difference = np.abs(found[others, column] - clean[others, column])
    assert np.nanmax(difference) < 0.5  # beats at the edge are placed by other templates
