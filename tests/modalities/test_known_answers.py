"""Every feature of the catalogue, from a signal whose value of it is known by hand.

The table of each modality must name all of its features, so a new one cannot go without.
"""

import numpy as np
import pytest

from physio_vad import Events, Recording, Signal
from physio_vad.modalities import MODALITIES
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.eeg import BANDS, EEG
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg, simulate_ppg
from physio_vad.synthetic.trunk import simulate_respiration


def row(name, values, sfreq, window, others=None, channels=()):
    """Extract one window: column names without the modality."""
    cls = MODALITIES[name]
    signal = values if isinstance(values, Events) else Signal(values, sfreq, cls.unit, channels)
    recording = Recording("anna", {name: signal} | (others or {}))
    block = cls().extract(recording, *np.array(window, dtype=float)[:, np.newaxis])
    names = [column.removeprefix(f"{name}__") for column in block.columns]
    return dict(zip(names, block.values[0].tolist(), strict=True))


def only(names, found):
    return {name: found[name] for name in names}


def eeg():
    """Sines of equal power, one a band, twice as large on the right; two impulses for the slope."""
    sfreq, amplitude, freqs = 250.0, 20.0, np.array([2.0, 6.0, 10.0, 20.0, 38.0])
    time = np.arange(2500) / sfreq
    left = (amplitude * np.sin(2 * np.pi * freqs[:, np.newaxis] * time)).sum(axis=0)
    found = row("eeg", np.vstack([left, 2 * left]), sfreq, (0, 10), channels=["F3", "F4"])
    power = amplitude**2 / 2
    expected = {}
    for band in BANDS:
        expected[f"{band}_power__F3"] = pytest.approx(power, rel=2e-3)
        expected[f"{band}_relpower__F3"] = pytest.approx(1 / 5, rel=2e-3)
        expected[f"{band}_de__F3"] = pytest.approx(np.log(2 * np.pi * np.e * power) / 2, rel=1e-3)
        expected[f"{band}_asymmetry__F4-F3"] = pytest.approx(np.log(4), abs=1e-9)
    speed = 2 * sfreq * np.sin(np.pi * freqs / sfreq)  # of the difference to the sample before
    mobility = np.sqrt((speed**2).mean())
    expected["hjorth_activity__F3"] = pytest.approx(5 * power, rel=1e-3)
    expected["hjorth_mobility__F3"] = pytest.approx(mobility, rel=1e-2)
    curve = np.sqrt((speed**4).sum() / (speed**2).sum())
    expected["hjorth_complexity__F3"] = pytest.approx(curve / mobility, rel=1e-2)
    # a Hamming window spreads each line over three frequencies
    line = np.array([0.23, 0.54, 0.23]) ** 2
    line = line / line.sum()
    entropy = np.log(5) - (line * np.log(line)).sum()
    expected["spectral_entropy__F3"] = pytest.approx(entropy / np.log(90), rel=1e-3)
    edge = 37.75 + 0.5 * (0.75 - line[0]) / line[1]  # three quarters of the last line
    expected["spectral_edge_95__F3"] = pytest.approx(edge, abs=0.01)
    expected["peak_alpha_frequency__F3"] = pytest.approx(10, abs=1e-3)
    for ratio in ("theta_beta_ratio", "alpha_theta_ratio", "beta_alpha_ratio"):
        expected[f"{ratio}__F3"] = pytest.approx(1, rel=2e-3)
    found_line, expected_line = line_of_a_difference()
    found, expected = found | found_line, expected | expected_line
    return only(expected, found), expected


def line_of_a_difference():
    """An impulse and its opposite right after have the density 4 |x|^2 sin^2(pi f / rate)."""
    values = np.zeros((1, 500))
    values[0, 250], values[0, 251] = 100.0, -100.0
    nothing = np.zeros((1, 500), dtype=bool)
    eeg = EEG()
    signal = CleanSignal(values, nothing, nothing, 250.0, 0.0, ("F3",))
    found = eeg.compute(eeg.prepare(signal, {}), np.array([0.0]), np.array([2.0]))
    freqs = np.arange(4, 81) / 2
    freqs = freqs[(freqs < 7) | (freqs > 14)]
    slope, offset = np.polyfit(np.log10(freqs), 2 * np.log10(np.sin(np.pi * freqs / 250)), 1)
    energy = 500 * (0.54**2 + 0.46**2 / 2)  # of the Hamming window
    offset += np.log10(4 * 100.0**2 * 2 / (250 * energy))
    names = {"aperiodic_slope": slope, "aperiodic_offset": offset}
    return (
        {f"{name}__F3": float(found[name][0, 0]) for name in names},
        {f"{name}__F3": pytest.approx(wanted, rel=1e-3) for name, wanted in names.items()},
    )


def eog():
    """Triangular blinks that rise in 0.15 s and fall in 0.3 s, and two steps of the gaze."""
    sfreq = 250.0
    time = np.arange(int(60 * sfreq)) / sfreq
    blinks = np.array([5.0, 12.0, 35.0, 37.0, 41.0, 48.0, 52.0])
    lid = np.zeros_like(time)
    for peak in blinks:
        lid += np.interp(time, [peak - 0.15, peak, peak + 0.3], [0, 200.0, 0])
    for step, height in ((32.0, 80.0), (55.0, -80.0)):
        lid += height * np.clip((time - step) / 0.05, 0, 1)
    lid += 0.2 * np.random.default_rng(0).normal(size=len(time))
    intervals = np.diff(blinks[2:])
    return row("eog", lid, sfreq, (50, 60)), {
        "blink_rate": 10.0,  # five in the 30 s before the end
        "blink_amplitude": pytest.approx(200, rel=0.06),
        "blink_duration": pytest.approx(0.225, rel=0.06),
        "blink_pavr": pytest.approx(0.15, rel=0.1),
        "blink_navr": pytest.approx(0.3, rel=0.15),
        "interblink_interval_cv": pytest.approx(intervals.std(ddof=1) / intervals.mean(), rel=0.01),
        "saccade_rate": 4.0,
        "saccade_peak_velocity": pytest.approx(80 / 0.05, rel=0.15),
    }


def eda():
    """A rising level with a slow wave; then responses shaped like half a cosine."""
    time = np.arange(3000) / 10
    wave = row("eda", 5 + 0.01 * time + 0.2 * np.sin(0.2 * np.pi * time), 10.0, (240, 270))
    kept = 1 / (1 + (0.05 / 0.1) ** 4)  # of an order 2 Butterworth high-pass, forth and back
    expected = {
        "scl_mean": pytest.approx(5 + 0.01 * 240, rel=1e-3),
        "scl_sd": pytest.approx(np.hypot(0.01 * 60 / 12**0.5, 0.2 * (1 - kept) / 2**0.5), rel=0.02),
        "scl_range": pytest.approx(0.01 * 59.9, abs=0.2 * (1 - kept)),
        "scl_slope": pytest.approx(0.01, rel=0.02),
        "phasic_auc": pytest.approx(30 * 0.2 * kept / np.pi, rel=0.01),
        "phasic_sd": pytest.approx(0.2 * kept / 2**0.5, rel=0.01),
        "eda_sympathetic": pytest.approx(0.2**2 / 2, rel=0.01),
    }
    skin = 5 + time / 1e5
    for onset, height in ((245.0, 0.2), (258.0, 0.6)):
        since = time - onset
        up, down = np.clip(since / 2, 0, 1), np.clip((since - 2) / 6, 0, 1)
        skin += height * (np.cos(np.pi * down) - np.cos(np.pi * up)) / 2
    found = row("eda", skin, 10.0, (240, 270))
    expected |= {
        "scr_rate": pytest.approx(4, rel=1e-9),
        "scr_amplitude_mean": pytest.approx(0.4, rel=0.05),
        "scr_amplitude_max": pytest.approx(0.6, rel=0.05),
        "scr_amplitude_sum": pytest.approx(0.8, rel=0.05),
        "scr_rise_time": pytest.approx(2, abs=0.2),
        "scr_half_recovery_time": pytest.approx(3, abs=0.2),
        "scr_half_recovery_share": 1.0,
        "scr_count_10nS": pytest.approx(2),
        "scr_count_30nS": pytest.approx(2),
        "scr_count_50nS": pytest.approx(2),
    }
    scr = {name: value for name, value in found.items() if name.startswith("scr_")}
    return only(expected, wave | scr), expected


def temperature():
    """A warming of 0.6 C a minute; then a wave of 25 s."""
    time = np.arange(1600) / 4
    found = row("temperature", 33 + 0.01 * time, 4.0, (300, 320))
    wave = row("temperature", 33 + 0.3 * np.sin(2 * np.pi * time / 25), 4.0, (300, 320))
    return found | {"lf_power": wave["lf_power"]}, {
        "mean": pytest.approx(33 + 0.01 * (310 - 0.125), rel=1e-9),
        "sd": pytest.approx(0.2 / 12**0.5, rel=1e-3),
        "slope": pytest.approx(0.6, rel=1e-6),
        "range": pytest.approx(0.01 * (20 - 0.25), rel=1e-6),
        "lf_power": pytest.approx(0.3**2 / 2, rel=0.02),
    }


def beats():
    """Five minutes whose intervals are modulated at 0.1 Hz by 30 ms and at 0.25 Hz by 20 ms."""
    times = [0.4]
    while times[-1] < 300:
        now = times[-1] + 0.8
        low, high = np.sin(0.2 * np.pi * now), np.sin(0.5 * np.pi * now)
        times.append(now + 0.03 * low + 0.02 * high)
    return np.array(times)


def of_beats(train, stop, near):
    """Write down heart rate and variability of a train; `near` says how exactly."""

    def intervals(seconds):
        return np.diff(train[(train >= stop - seconds - 1e-6) & (train < stop)])

    rate, nn, entropy = 60 / intervals(10), 1000 * intervals(60), 1000 * intervals(180)
    steps, sums = np.diff(nn), nn[1:] + nn[:-1]
    return {
        "hr_mean": near(60 / intervals(10).mean()),
        "hr_sd": near(rate.std(ddof=1)),
        "meannn": near(1000 * intervals(10).mean()),
        "sdnn": near(nn.std(ddof=1)),
        "rmssd": near(np.sqrt((steps**2).mean())),
        "sdsd": near(steps.std(ddof=1)),
        "pnn50": pytest.approx(100 * (np.abs(steps) > 50).mean(), abs=3),
        "pnn20": pytest.approx(100 * (np.abs(steps) > 20).mean(), abs=5),
        "sd1": near(steps.std(ddof=1) / np.sqrt(2)),
        "sd2": near(sums.std(ddof=1) / np.sqrt(2)),
        "lf": pytest.approx(30**2 / 2, rel=0.1),
        "hf": pytest.approx(20**2 / 2, rel=0.15),
        "lf_hf": pytest.approx(30**2 / 20**2, rel=0.2),
        "sampen": pytest.approx(counted_entropy(entropy), abs=0.1),
        "ectopic_share": 0.0,
    }


def counted_entropy(x):
    """Count pairs of pieces of two and three intervals that are alike."""
    counts = []
    for length in (2, 3):
        pieces = np.array([x[i : i + length] for i in range(len(x) - 2)])
        apart = np.abs(pieces[:, None] - pieces[None]).max(axis=-1)
        counts.append((apart <= 0.2 * x.std(ddof=1)).sum() - len(pieces))
    return np.log(counts[0] / counts[1])


def ibi():
    train = beats()
    found = row("ibi", Events(train[1:], np.diff(train), "s"), None, (280, 290))
    expected = of_beats(train, 290, lambda value: pytest.approx(value, rel=1e-6))
    expected["ectopic_share"] = pytest.approx(np.nan, nan_ok=True)  # no waves

    def intervals(train, duration, height):
        return Events(train[1:], np.diff(train), "s"), None

    return found, expected | breathing(found, "ibi", intervals)


def breathing(found, name, signal, later=0.0):
    """16 breaths/min: the heart is fastest .15 breaths after the end of inspiration."""
    period, duration, inspiration = 60 / 16, 120.0, 0.4
    onsets = np.arange(0.0, duration, period)
    fine = np.arange(int(duration * 1000)) / 1000
    since = fine % period / period - inspiration
    angle = np.pi * since / np.where(since < 0, inspiration, 1 - inspiration)
    count = np.cumsum(72 + 5 * np.cos(angle - 2 * np.pi * 0.15)) / 60_000
    train = np.interp(np.arange(1.0, count[-1]), count, fine)
    breath = np.sin(2 * np.pi * np.arange(4 * int(duration)) / 4 / period)
    belt = simulate_respiration(onsets, 25.0, duration, inspiration=inspiration, noise=0.0)
    others = {"respiration": Signal(belt, 25.0, "a.u.")}
    values, sfreq = signal(train, duration, 1 + 0.1 * breath)
    expected = {
        "rsa_phase": pytest.approx(0.15 + later / period, abs=0.02),
        "rsa_share": pytest.approx(1.0, abs=0.03),
    }
    if name != "ibi":
        expected["resp_rate"] = pytest.approx(16, abs=0.15)
        expected["resp_rate_quality"] = pytest.approx(0.93, abs=0.05)
    found.update(only(expected, row(name, values, sfreq, (80, 90), others)))
    return expected


def ecg():
    train = beats()
    found = row("ecg", simulate_ecg(train, 250.0, 300.0), 250.0, (280, 290))
    expected = of_beats(train, 290, lambda value: pytest.approx(value, rel=0.02))

    def signal(train, duration, height):
        return simulate_ecg(train, 250.0, duration, amplitude=height, wander=0.0), 250.0

    return found, expected | breathing(found, "ecg", signal)


def ppg():
    """Pulses 0.25 s after each beat, of an amplitude that swings by 0.2 around 1."""
    train, amplitude = beats(), 1 + 0.2 * np.sin(2 * np.pi * np.arange(3000) / 50)
    heart = {"ecg": Signal(simulate_ecg(train, 250.0, 300.0), 250.0, "mV")}
    pulses = simulate_ppg(
        train, 100.0, 300.0, amplitude=amplitude, delay=0.25, wander=0.0, noise=0.0
    )
    found = row("ppg", pulses, 100.0, (280, 290), heart)
    expected = of_beats(train + 0.25, 290, lambda value: pytest.approx(value, rel=0.04))
    level = pulses[28000:29000].mean()
    return found, expected | {
        "pulse_amplitude_mean": pytest.approx(1, rel=0.03),
        "pulse_amplitude_sd": pytest.approx(0.2 / np.sqrt(2), rel=0.1),
        "ac_dc_ratio": pytest.approx(1 / level, rel=0.03),
        # the simulated pulse rises most steeply 65 ms before its peak
        "pulse_arrival_time": pytest.approx(0.25 - 0.065, abs=0.012),
        # two Gaussian waves, .31 s apart, of a width of .11 s, the second .28 high
        "reflection_index": pytest.approx(100 * (0.28 + np.exp(-((0.31 / 0.11) ** 2) / 2)), abs=4),
    } | shapes_of_pulses(found) | breathing(found, "ppg", pulses_of_breaths, later=0.25)


def pulses_of_breaths(train, duration, height):
    """Pulses that are higher and lower with the breath."""
    return simulate_ppg(train, 100.0, duration, amplitude=height, delay=0.25, wander=0.0), 100.0


def shapes_of_pulses(found):
    """Half a cosine up in .25 s and down in .45 s, .1 and .14 s in turn after regular beats."""
    train, time = np.arange(0.5, 119, 0.85), np.arange(12_000) / 100
    delays = 0.12 + 0.02 * np.resize([-1, 1], len(train))
    since = time - (train + delays)[:, np.newaxis]
    up, down = np.clip(since / 0.25, 0, 1), np.clip((since - 0.25) / 0.45, 0, 1)
    values = 10 + 0.5 * (np.cos(np.pi * down) - np.cos(np.pi * up)).sum(axis=0)
    heart = {"ecg": Signal(simulate_ecg(train, 250.0, 120.0), 250.0, "mV")}
    of_shape = row("ppg", values, 100.0, (80, 90), heart)
    number = ((train >= 80) & (train < 90)).sum()
    expected = {
        "pulse_rise_time": pytest.approx(0.25 * (1 - 2 * np.arccos(0.8) / np.pi), abs=0.005),
        "pulse_width": pytest.approx((0.25 + 0.45) / 2, abs=0.005),
        "pulse_arrival_time_sd": pytest.approx(0.02 * np.sqrt(number / (number - 1)), rel=0.1),
    }
    found.update(only(expected, of_shape))
    return expected


def emg():
    """A sine of 100 Hz; then four bursts of noise in half a minute."""
    sfreq, amplitude, freq = 2000.0, 50.0, 100.0
    time = np.arange(int(60 * sfreq)) / sfreq
    high = amplitude / (1 + (np.tan(np.pi * 20 / sfreq) / np.tan(np.pi * freq / sfreq)) ** 4)
    found = row("emg", amplitude * np.sin(2 * np.pi * freq * time + 0.1), sfreq, (30, 40))
    noise = np.random.default_rng(0).normal(size=len(time))
    active = np.isin(np.floor(time), [31, 33, 35, 38])
    bursts = row("emg", np.where(active, 40.0, 2.0) * noise, sfreq, (30, 40))
    expected = {
        "rms": pytest.approx(high / np.sqrt(2), rel=2e-3),
        "mav": pytest.approx(2 * high / np.pi, rel=5e-3),
        "iemg": pytest.approx(10 * 2 * high / np.pi, rel=5e-3),
        "waveform_length": pytest.approx(10 * freq * 4 * high, rel=0.02),
        "zero_crossings": pytest.approx(10 * freq * 2, abs=2),
        "slope_sign_changes": pytest.approx(10 * freq * 2, abs=2),
        "median_frequency": pytest.approx(freq, rel=2e-3),
        "mean_frequency": pytest.approx(freq, rel=2e-3),
        "burst_rate": pytest.approx(24.0),
    }
    found["burst_rate"] = bursts["burst_rate"]
    return found, expected


def respiration():
    """Breaths of 4 and of 5 s in turn, two fifths of each inspiration, 2 units deep."""
    time = np.arange(3000) / 25
    ends = np.cumsum(np.tile([4.0, 5.0], 14))
    belt = np.zeros_like(time)
    for end, period in zip(ends, np.tile([4.0, 5.0], 14), strict=True):
        phase = (time - end + period) / period
        angle = np.where(phase < 0.4, phase / 0.4, 1 + (phase - 0.4) / 0.6)
        belt += np.where((phase >= 0) & (phase < 1), 1 - np.cos(np.pi * angle), 0)
    return row("respiration", belt, 25.0, (80, 90.5)), {
        "rate": pytest.approx(60 / 4.5, rel=0.02),
        "amplitude": pytest.approx(2, rel=0.03),
        "rvt": pytest.approx((2 / 4 + 2 / 5) / 2, rel=0.03),
        "inspiration_expiration_ratio": pytest.approx(0.4 / 0.6, rel=0.08),
        "rate_sd": pytest.approx(np.std([15, 12, 15, 12, 15, 12], ddof=1), rel=0.1),
    }


def acceleration():
    """A vector that grows by half a g a second."""
    time = np.arange(640) / 32
    axes = np.vstack([0 * time, 0.3 * time, 0.4 * time])
    return row("acceleration", axes, 32.0, (5, 15)), {
        "magnitude_mean": pytest.approx(0.5 * (10 - 1 / 64), rel=1e-9),
        "magnitude_sd": pytest.approx(0.5 * 10 / 12**0.5, rel=1e-4),
        "jerk": pytest.approx(0.5, rel=1e-9),
    }


KNOWN = {one.__name__: one for one in (eeg, eog, eda, temperature, ppg, ecg, ibi, emg)}
KNOWN |= {one.__name__: one for one in (respiration, acceleration)}


@pytest.mark.parametrize("name", MODALITIES)
def test_every_feature_has_a_known_answer(name):
    assert name in KNOWN, f"write {name}() above, as the others, and add it to KNOWN"
    found, expected = KNOWN[name]()
    named = {column.split("__")[0] for column in expected}
    assert named == {one.name for one in MODALITIES[name]().features}
    for feature, wanted in expected.items():
        assert found[feature] == wanted, feature


@pytest.mark.parametrize("kind", ["ecg", "ppg"])
def test_noise_of_a_loose_sensor_is_no_variability(kind):
    """A sensor that is off for the second of three minutes: none there, and that of the others."""
    rng, sfreq = np.random.default_rng(5), 100.0
    beats = simulate_beats(70.0, 180.0, rng=rng)
    made = (simulate_ecg if kind == "ecg" else simulate_ppg)(beats, sfreq, 180.0)
    time = np.arange(len(made)) / sfreq
    off = (time >= 60) & (time < 120)
    loose = np.where(off, made.mean() + 0.01 * made.std() * rng.normal(size=len(made)), made)
    modality = MODALITIES[kind](hrv_context=30.0)
    starts = np.array([45.0, 80.0, 165.0])
    rows = []
    for values in (made, loose):
        signal = Signal(values, sfreq, modality.unit)
        block = modality.extract(Recording("anna", {kind: signal}), starts, starts + 14.0)
        rows.append(dict(zip(block.columns, block.values.T, strict=True)))
    for name in ("sdnn", "rmssd"):
        whole, found = (row[f"{kind}__{name}"] for row in rows)
        np.testing.assert_allclose(found[[0, 2]], whole[[0, 2]], rtol=0.05)
        assert np.isnan(found[1])
    quality = rows[1][f"{kind}__quality"]
    assert quality[1] < 0.5
    assert quality[0] > 0.9
