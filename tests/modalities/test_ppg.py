"""PPG: known rate, pulses and arrival, polarity, motion, gaps, a device's own intervals."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from physio_vad import Events, Recording, Signal
from physio_vad.dsp.heartrate import covered_share, select_intervals
from physio_vad.features.detectors import find_beats
from physio_vad.modalities import IBI, PPG
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg, simulate_ppg

SFREQ, DURATION = 100.0, 200.0
STARTS = np.arange(0.0, 190.1, 10.0)
BEATS = simulate_beats(66.0, DURATION, rmssd=40.0, rng=1)
SIGNAL = simulate_ppg(BEATS, SFREQ, DURATION, wander=0.01, rng=1)


def extract(values=SIGNAL, *, sfreq=SFREQ, unit="a.u.", starts=STARTS, others=None, **kwargs):
    signals = {"ppg": Signal(values, sfreq=sfreq, unit=unit)} | (others or {})
    block = PPG(**kwargs).extract(Recording("a", signals), starts, starts + 10.0)
    names = [name.removeprefix("ppg__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def same(a, b, **tolerance):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def test_rate_and_variability_are_those_of_the_beats():
    found = extract()
    for row, stop in enumerate(STARTS + 10):
        pulses = BEATS + 0.26
        intervals = np.diff(pulses[(pulses >= stop - 10) & (pulses < stop)])
        assert found["hr_mean"][row] == pytest.approx(60 / intervals.mean(), rel=0.01)
        if stop >= 60:
            steps = np.diff(pulses[(pulses >= stop - 60) & (pulses < stop)], 2)
            assert found["rmssd"][row] == pytest.approx(1000 * np.sqrt(np.mean(steps**2)), rel=0.05)
    assert (found["quality"] > 0.9).all()


def test_pulse_amplitude_and_level():
    amplitude = np.array([1.0, 3.0])  # doubles from 1.5 to 2.5 and so on, in a straight line
    rising = simulate_ppg(BEATS, SFREQ, DURATION, amplitude=amplitude, wander=0.0, noise=0.0)
    found = extract(rising)
    true = np.interp(STARTS + 5, [0, DURATION], amplitude)
    np.testing.assert_allclose(found["pulse_amplitude_mean"], true, rtol=0.06)
    assert found["pulse_amplitude_sd"][10] == pytest.approx(0.1 * np.sqrt(1 / 12), rel=0.6)
    level = rising.reshape(-1, 1000).mean(axis=1)
    np.testing.assert_allclose(
        found["ac_dc_ratio"], found["pulse_amplitude_mean"] / level, rtol=1e-3
    )


def test_a_sensor_without_a_level_has_no_ratio():
    assert np.isnan(extract(SIGNAL - SIGNAL.mean())["ac_dc_ratio"]).all()


def test_light_that_falls_with_each_pulse():
    found, whole = extract(40 - SIGNAL), extract()
    for name in ("hr_mean", "rmssd", "pulse_amplitude_mean", "quality"):
        np.testing.assert_allclose(found[name], whole[name], rtol=1e-6)
    np.testing.assert_allclose(
        found["ac_dc_ratio"] * (40 - 20.3), whole["ac_dc_ratio"] * 20.3, rtol=0.01
    )


@pytest.mark.parametrize("delay", [0.2, 0.3])
@pytest.mark.parametrize("turned", [1, -1])
def test_pulse_arrival_time(delay, turned):
    """The simulated pulse rises most steeply 65 ms, one width of its slope, before its peak."""
    pulse = simulate_ppg(BEATS, SFREQ, DURATION, delay=delay, wander=0.0)
    heart = Signal(
        1e3 * turned * simulate_ecg(BEATS, 200.0, DURATION)[400:], 200.0, "uV", start=2.0
    )
    found = extract(pulse, others={"ecg": heart})["pulse_arrival_time"]
    np.testing.assert_allclose(found[1:], delay - 0.065, atol=0.012)
    assert np.isnan(extract(pulse)["pulse_arrival_time"]).all()


def test_movement_lowers_the_quality():
    shaken = np.where(np.arange(int(32 * DURATION)) < 32 * 100, 0.0, 0.3)
    shaken = shaken * np.sin(2 * np.pi * 4 * np.arange(len(shaken)) / 32)
    motion = Signal(np.vstack([shaken, np.ones_like(shaken)]), 32.0, "g", channels=["x", "y"])
    found, calm = extract(others={"acceleration": motion}), extract()
    np.testing.assert_allclose(found["quality"][:9], calm["quality"][:9], rtol=1e-2)
    assert (found["quality"][11:] < 0.3 * calm["quality"][11:]).all()
    np.testing.assert_array_equal(found["hr_mean"], calm["hr_mean"])


@pytest.mark.parametrize("unit", ["V", "mV", "%", "nW"])
def test_units_are_relative(unit):
    same(extract(unit=unit), extract(), rtol=0)


def test_scale_only_changes_the_amplitude():
    found, whole = extract(5 * SIGNAL), extract()
    for name, row in whole.items():
        factor = 5 if name.startswith("pulse_amplitude") else 1
        np.testing.assert_allclose(found[name], factor * row, rtol=1e-6, err_msg=name)


def test_a_sensor_that_is_off_has_quality_0():
    dead = SIGNAL.copy()
    dead[: int(60 * SFREQ)] = 0.0
    found = extract(dead)
    assert (found["quality"][:6] == 0).all()
    assert np.isnan(found["hr_mean"][:6]).all()
    assert (found["quality"][8:] > 0.9).all()


def test_find_beats_gives_the_pulses():
    beats = find_beats(SIGNAL, SFREQ, "ppg")
    assert list(beats.columns) == ["time", "nn", "agreement", "ectopic", "rise", "amplitude"]
    inner = beats[(beats["time"] > 2) & (beats["time"] < DURATION - 2)]
    peaks = (BEATS + 0.25)[(BEATS + 0.24 > 2) & (BEATS + 0.26 < DURATION - 2)]
    np.testing.assert_allclose(inner["time"], peaks, atol=0.025)
    assert (inner["rise"] < inner["time"]).all()
    np.testing.assert_allclose(inner["amplitude"], 1.0, atol=0.1)


def e4_of(shared_data, subject):
    """Return blood volume pulse and inter-beat intervals of one person."""
    path = shared_data / "stress_predict_e4" / subject

    def lines(name):
        if path.is_dir():
            return (path / name).read_text().split()
        with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
            inside = next(one for one in archive.namelist() if one.endswith(name))
            return archive.read(inside).decode().split()

    pulse = lines("BVP.csv")
    beats = " ".join(lines("IBI.csv")).replace(",", " ").split()
    begin, rows = float(beats[0]), np.array(beats[2:], dtype=float).reshape(-1, 2)
    times = rows[:, 0] + begin - float(pulse[0].strip(","))
    signal = Signal(np.array(pulse[2:], dtype=float), float(pulse[1].strip(",")), "a.u.")
    return Recording(subject, {"ppg": signal, "ibi": Events(times, rows[:, 1], "s")})


@pytest.mark.realdata
def test_against_the_intervals_of_the_device(shared_data):
    """Heart rate where the device gives nearly all intervals; quality there and where none."""
    differences, areas, numbers = [], [], []
    for number in range(1, 21):
        recording = e4_of(shared_data, f"S{number:02d}")
        starts = np.arange(0.0, recording.signals["ppg"].stop - 10, 10.0)
        ours = PPG().extract(recording, starts, starts + 10).values
        theirs = IBI().extract(recording, starts, starts + 10).values
        given = recording.signals["ibi"]
        everything = np.ones(len(given.times), dtype=bool)
        device = select_intervals(
            given.times - given.values, given.times, given.values, everything
        )[0]
        share = covered_share(device, starts, starts + 10)
        full, none = share >= 0.8, share == 0
        differences.append(np.abs(ours[full, 0] - theirs[full, 0]))
        assert np.isfinite(ours[:, -1]).all()
        areas.append(roc_auc_score(full[full | none], ours[full | none, -1]))
        numbers.append(int(full.sum()))
    assert len(areas) == 20
    assert min(numbers) == 6
    assert np.nanmedian(np.concatenate(differences)) <= 0.55
    assert max(np.nanmedian(one) for one in differences) <= 2
    assert np.median(areas) >= 0.96
    assert min(areas) >= 0.80
    assert np.isnan(np.concatenate(differences)).mean() < 0.01  # windows without a heart rate


@pytest.mark.parametrize(("sfreq", "mains"), [(256.0, 50.0), (512.0, 50.0), (128.0, 60.0)])
def test_hum_of_a_loose_sensor_that_looks_like_pulses_has_no_quality(sfreq, mains):
    """Averaged to some 50 Hz it is a regular wave between 1.2 and 4 Hz."""
    rng = np.random.default_rng(3)
    made = simulate_ppg(simulate_beats(70.0, 180.0, rng=rng), sfreq, 180.0)
    time = np.arange(len(made)) / sfreq
    hum = 2 * made.std() * np.sin(2 * np.pi * (mains + 0.02) * time)
    loose = made.mean() + hum + 0.001 * made.std() * rng.normal(size=len(made))
    values = np.where((time >= 60) & (time < 120), loose, made + hum)
    starts = np.array([30.0, 80.0, 95.0, 150.0])
    recording = Recording("anna", {"ppg": Signal(values, sfreq, "a.u.")})
    block = PPG().extract(recording, starts, starts + 10.0)
    np.testing.assert_array_equal(block.values[:, -1] > 0.8, [True, False, False, True])
    assert (block.values[1:3, -1] == 0).all()


def test_hum_is_what_has_half_the_height_of_pulses():
    """In any block of two seconds that a window has a part in."""
    ppg, rng = PPG(), np.random.default_rng(0)
    made = simulate_ppg(simulate_beats(70.0, 60.0, rng=rng), 100.0, 60.0)
    prepared = ppg.prepare(ppg.clean(Signal(made, 100.0, "a.u.", start=20.0)), {})
    inside = (prepared.table["time"] >= 40) & (prepared.table["time"] < 50)
    height = prepared.table["amplitude"][inside].mean()
    for share in (0.0, 0.49, 0.51):
        some = replace(prepared, folded=np.full(30, share * height))
        trust = ppg.trust(some, np.array([40.0]), np.array([50.0]))
        assert bool(trust > 0.5) == (share < 0.5)
    loud = np.where(np.arange(30) == 10, 100 * height, 0.0)  # from 40 to 42 s
    starts = np.array([35.0, 39, 40, 41, 42.5])
    trust = ppg.trust(replace(prepared, folded=loud), starts, starts + 4)
    np.testing.assert_array_equal(trust > 0.5, [True, False, False, False, True])
