"""PPG: one beat, one pulse, and its peak on the crest, whatever the pulse looks like."""

import tracemalloc

import numpy as np
import pytest
from scipy.signal import butter, lfilter

from physio_vad import Recording, Signal
from physio_vad.dsp.beat_shapes import PPG_BEAT
from physio_vad.dsp.beats import detect_raw
from physio_vad.dsp.polarity import upward_pulses
from physio_vad.dsp.pulses import measure_pulses
from physio_vad.exceptions import ArgumentError, SignalWarning
from physio_vad.features.detectors import find_beats
from physio_vad.modalities import PPG
from physio_vad.synthetic.heart import simulate_beats, simulate_ecg, simulate_ppg


def pulses(rate, sfreq, later, height=0.6, seconds=60.0, seed=0):
    """Pulses with a second wave, and the times of their crests."""
    rng = np.random.default_rng(seed)
    beats = 0.5 + np.cumsum(60 / rate * (1 + 0.03 * rng.standard_normal(int(3 * seconds))))
    beats = beats[beats < seconds - 1]
    since = np.arange(int(seconds * sfreq)) / sfreq - beats[:, np.newaxis]
    first = np.exp(-0.5 * (since / np.where(since < 0, 0.065, 0.11)) ** 2)
    waves = first + height * np.exp(-0.5 * ((since - later) / 0.1) ** 2)
    return waves.sum(axis=0) + 0.01 * rng.standard_normal(since.shape[1]), beats


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("sfreq", [20.0, 64.0, 500.0])
@pytest.mark.parametrize(
    ("rate", "later"), [(50, 0.25), (50, 0.45), (68, 0.35), (80, 0.3), (95, 0.45), (110, 0.35)]
)
def test_a_second_wave_is_no_beat(rate, later, sfreq, turned):
    signal, beats = pulses(rate, sfreq, later)
    found = find_beats(turned * signal, sfreq, "ppg")["time"].to_numpy()
    assert abs(len(found) - len(beats)) <= 2
    assert np.median(np.abs(found[:, np.newaxis] - beats).min(axis=0)) < 0.03


@pytest.mark.parametrize("rate", [125.0, 145.0, 165.0])
@pytest.mark.filterwarnings("ignore:ppg. which way is up is uncertain")
def test_a_fast_heart_is_not_halved(rate):
    beats = simulate_beats(rate, 60.0, rmssd=10.0, rng=1)
    height = 1 + 0.25 * np.sin(2 * np.pi * 0.3 * np.arange(0, 60.1, 0.1))
    signal = simulate_ppg(beats, 64.0, 60.0, amplitude=height, noise=0.03, rng=2)
    assert abs(len(find_beats(signal, 64.0, "ppg")) - len(beats)) <= 2


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize("sfreq", [25.0, 64.0, 250.0])
@pytest.mark.parametrize("rate", [55.0, 75.0, 95.0])
def test_the_crest_behind_a_high_pass(rate, sfreq, turned):
    beats = simulate_beats(rate, 90.0, rmssd=30.0, rng=1)
    signal = simulate_ppg(beats, sfreq, 90.0, wander=0.0, rng=1)
    coupled = lfilter(*butter(2, 0.5, "high", fs=sfreq), signal - signal[0])
    found = find_beats(turned * coupled, sfreq, "ppg")["time"].to_numpy()
    late = [found[np.abs(found - beat).argmin()] - beat for beat in beats[3:-3] + 0.25]
    assert abs(np.median(late)) < 0.03


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize(("order", "cutoff"), [(1, 0.5), (2, 0.3), (2, 0.5)])
@pytest.mark.parametrize("rate", [55.0, 75.0, 95.0])
def test_a_symmetric_pulse_behind_a_high_pass(rate, order, cutoff, turned):
    """Its fall is the steeper flank, and the trough after it is as deep as the crest is high."""
    beats = simulate_beats(rate, 60.0, rmssd=30.0, rng=1)
    since = np.arange(6000) / 100 - beats[:, np.newaxis] - 0.25
    pulse = np.exp(-0.5 * (since / 0.08) ** 2).sum(axis=0)
    coupled = lfilter(*butter(order, cutoff, "high", fs=100), pulse)
    found = detect_raw(turned * coupled, 100.0, PPG_BEAT)
    assert found.polarity == turned
    peaks = measure_pulses(found).peaks
    assert np.median(np.abs(peaks[:, np.newaxis] - beats - 0.25).min(axis=0)) < 0.03


def test_votes_turn_over_with_the_pulse():
    rng = np.random.default_rng(0)
    slope, places = rng.standard_normal(2000), np.arange(10.0, 1990.0, 47.3)
    up, down = (upward_pulses(s * slope, places, np.ones(len(places))) for s in (1, -1))
    assert up + down == pytest.approx(1)
    assert upward_pulses(slope, places[:1], np.ones(1)) == 0.5


@pytest.mark.parametrize("turned", [1, -1])
def test_an_ecg_tells_which_way_up_a_shapeless_pulse_is(turned):
    """A sine looks the same both ways; but a pulse rises soon after the R peak."""
    beats = simulate_beats(70.0, 60.0, rmssd=1.0, rng=1)
    phase = np.interp(np.arange(6000) / 100 - 0.25, beats, np.arange(len(beats)))
    sine = Signal(turned * np.sin(2 * np.pi * phase), 100.0, "a.u.")  # steepest rise at 0.25 s
    ecg = Signal(simulate_ecg(beats, 250.0, 60.0), 250.0, "mV")
    starts = np.arange(10.0, 50.0, 10.0)
    both = Recording("a", {"ppg": sine, "ecg": ecg})
    columns = PPG().columns(["0"])
    block = PPG().extract(both, starts, starts + 10)
    arrival = block.values[:, columns.index("ppg__pulse_arrival_time")]
    np.testing.assert_allclose(arrival, 0.25, atol=0.08)  # half a beat later if upside down
    assert block.warning == ""
    alone = PPG().extract(Recording("a", {"ppg": sine}), starts, starts + 10)
    assert "which way is up is uncertain" in alone.warning


def test_uncertain_polarity_is_said():
    """Half of the recording is the other way up, as when a sensor is put on anew."""
    signal, _ = pulses(70, 64.0, 0.35, height=0.2, seconds=120.0)
    signal[: len(signal) // 2] *= -1
    windows = np.arange(0.0, 110.0, 10.0)

    def remarks(values):
        recording = Recording("a", {"ppg": Signal(values, 64.0, "a.u.")})
        return PPG().extract(recording, windows, windows + 10).warning

    assert "which way is up is uncertain" in remarks(signal)
    assert remarks(np.abs(signal)) == ""


def test_find_beats_says_that_polarity_is_uncertain_and_takes_it():
    signal, _ = pulses(70, 64.0, 0.35, height=0.2, seconds=120.0)
    mixed = signal.copy()
    mixed[: len(mixed) // 2] *= -1
    with pytest.warns(SignalWarning, match="ppg: which way is up is uncertain"):
        find_beats(mixed, 64.0, "ppg")
    up = find_beats(signal, 64.0, "ppg")  # a warning is an error
    found = find_beats(-signal, 64.0, "ppg", polarity=-1)
    np.testing.assert_array_equal(found["time"], up["time"])
    with pytest.warns(SignalWarning, match="look the other way up"):
        found = find_beats(-signal, 64.0, "ppg", polarity=1)
    assert np.abs(found["time"].to_numpy()[:, np.newaxis] - up["time"].to_numpy()).min() > 0.02
    with pytest.raises(ArgumentError, match="polarity must be 1"):
        find_beats(signal, 64.0, "ppg", polarity=2)


@pytest.mark.parametrize("turned", [1, -1])
def test_a_polarity_of_all_signals(turned):
    """A parameter of the modality, as a recipe holds it; what a signal says itself comes first."""
    signal, _ = pulses(70, 64.0, 0.35, height=0.2, seconds=60.0)
    windows = np.arange(0.0, 50.0, 10.0)

    def rise_times(values, polarity, own=()):
        recording = Recording("a", {"ppg": Signal(values, 64.0, "a.u.", polarity=own)})
        block = PPG(polarity=polarity).extract(recording, windows, windows + 10)
        return block.values[:, block.columns.index("ppg__pulse_rise_time")]

    truth = rise_times(signal, 0)
    np.testing.assert_allclose(rise_times(turned * signal, turned), truth)
    np.testing.assert_allclose(rise_times(turned * signal, -turned, own=turned), truth)
    assert not np.allclose(rise_times(turned * signal, -turned), truth, equal_nan=True)


def test_a_long_gap_takes_no_memory_for_each_pulse():
    """What comes after a pulse is looked at for seconds, not to the end of the gap."""
    signal, _ = pulses(70, 50.0, 0.35)
    gap = np.full(50 * 1800, np.nan)
    beats = detect_raw(np.concatenate([signal, gap, signal]), 50.0, PPG_BEAT)
    tracemalloc.start()
    found = measure_pulses(beats)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6
    alone = measure_pulses(detect_raw(signal, 50.0, PPG_BEAT)).widths
    np.testing.assert_allclose(found.widths[: len(alone) - 2], alone[:-2], atol=5e-3)
