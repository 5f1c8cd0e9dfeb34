"""EMG: known answers, bursts, invariances, low rates, gaps, odd input."""

import numpy as np
import pytest

from physio_vad import Recording, Signal
from physio_vad.modalities.emg import EMG
from physio_vad.synthetic import simulate_recordings

SFREQ = 1000.0
TIMES = np.arange(int(60 * SFREQ)) / SFREQ
STARTS = np.arange(0.0, 50.1, 5.0)


def extract(values, *, sfreq=SFREQ, unit="uV", starts=STARTS, length=10.0, **kwargs):
    signal = Signal(values, sfreq=sfreq, unit=unit)
    block = EMG(**kwargs).extract(Recording("a", {"emg": signal}), starts, starts + length)
    names = [name.removeprefix("emg__") for name in block.columns]
    return dict(zip(names, block.values.T, strict=True))


def noise(seed=0, n_samples=60_000):
    return 5 * np.random.default_rng(seed).normal(size=n_samples)


def same(a, b, **tolerance):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


INNER = slice(1, -1)  # the filter's ends are not those of the formula


def test_a_sine_has_the_values_of_the_formulas():
    freq, amplitude = 100.0, 50.0
    gain = 1 / (1 + (np.tan(np.pi * 20 / SFREQ) / np.tan(np.pi * freq / SFREQ)) ** 4)
    high = amplitude * gain  # an order 2 Butterworth, forth and back
    found = extract(amplitude * np.sin(2 * np.pi * freq * TIMES + 0.1))
    expected = {
        "rms": high / np.sqrt(2),
        "mav": 2 * high / np.pi,
        "iemg": 10 * 2 * high / np.pi,
        "waveform_length": 10 * freq * 4 * high,
        "zero_crossings": 2 * freq * 10,
        "slope_sign_changes": 2 * freq * 10,
        "median_frequency": freq,
        "mean_frequency": freq,
    }
    tolerance = {"mav": 0.02, "iemg": 0.02, "waveform_length": 0.06}  # 10 samples a period
    for name, value in expected.items():
        wanted = pytest.approx(value, rel=tolerance.get(name, 2e-3))
        assert found[name][INNER].mean() == wanted, name
    assert (found["burst_rate"] == 0).all()


def test_sums_are_those_over_the_high_passed_samples():
    modality = EMG()
    signal = Signal(noise(), SFREQ, "uV")
    x = modality.prepare(modality.clean(signal), {}).signal.values[0][5000:15_000]
    found = extract(noise(), starts=np.array([5.0]))
    assert found["rms"][0] == pytest.approx(np.sqrt(np.mean(x**2)), rel=1e-12)
    assert found["mav"][0] == pytest.approx(np.mean(np.abs(x)), rel=1e-12)
    assert found["iemg"][0] == pytest.approx(np.abs(x).sum() / SFREQ, rel=1e-12)
    assert found["waveform_length"][0] == pytest.approx(np.abs(np.diff(x)).sum(), rel=1e-12)
    assert found["zero_crossings"][0] == np.sum(np.diff(np.sign(x)) != 0)
    turns = (x[1:-1] - x[:-2]) * (x[1:-1] - x[2:]) > 0
    assert found["slope_sign_changes"][0] == turns.sum()


def test_frequencies_of_white_noise_are_in_the_middle_of_the_band():
    found = extract(noise(n_samples=600_000), starts=np.array([0.0]), length=600.0)
    assert found["median_frequency"][0] == pytest.approx((20 + 450) / 2, rel=0.02)
    assert found["mean_frequency"][0] == pytest.approx((20 + 450) / 2, rel=0.02)


def test_each_burst_counts_once():
    values = noise()
    for onset in (12.0, 13.5, 27.0, 44.2):
        values[int(onset * SFREQ) : int((onset + 0.5) * SFREQ)] *= 8
    found = extract(values)
    expected = [np.sum([a <= t < a + 10 for t in (12.0, 13.5, 27.0, 44.2)]) for a in STARTS]
    np.testing.assert_allclose(found["burst_rate"], 6 * np.array(expected))
    one_minute = extract(values, context=60.0, starts=np.array([50.0]))
    assert one_minute["burst_rate"][0] == 4


def test_an_artefact_does_not_hide_later_bursts():
    values = noise()
    values[5000:9000] = 5e4 * np.sin(2 * np.pi * 90 * TIMES[5000:9000])
    values[40_000:40_500] *= 8
    found = extract(values, starts=np.array([35.0]))
    assert found["burst_rate"][0] == 6


def test_noise_has_no_bursts_and_silence_neither():
    assert (extract(noise())["burst_rate"] == 0).all()
    assert (extract(1e-3 * noise())["burst_rate"] == 0).all()


def test_bursts_need_ten_seconds():
    assert np.isnan(
        extract(noise(), starts=np.array([10.0]), length=5.0, context=0.0)["burst_rate"]
    )
    assert extract(noise(), starts=np.array([10.0]), length=5.0)["burst_rate"] == 0


@pytest.mark.parametrize(("mains", "sfreq"), [(50, 250.0), (60, 1000.0), (60, 256.0)])
def test_hum_of_the_mains_lowers_the_quality(mains, sfreq):
    times = np.arange(int(60 * sfreq)) / sfreq
    muscle = np.random.default_rng(0).normal(size=len(times))
    hum = np.sin(2 * np.pi * mains * times) + 0.5 * np.sin(4 * np.pi * mains * times)
    quality = extract(muscle, sfreq=sfreq)["quality"]
    assert (quality > 0.95).all()
    power = 0.5 + 0.125 * (2 * mains < sfreq / 2)
    for loud in (1.0, 10.0):
        found = extract(muscle + loud * hum, sfreq=sfreq)["quality"]
        share = loud**2 * power / (loud**2 * power + 1 - 2 * 20 / sfreq)
        np.testing.assert_allclose(found, 1 - share, atol=0.08)
    late = np.where(times > 30, 10.0, 0.0)
    found = extract(muscle + late * hum, sfreq=sfreq)["quality"]
    assert (found[STARTS < 20] > 0.95).all()
    assert (found[STARTS >= 30] < 0.1).all()


def test_offset_drift_and_units():
    values = noise()
    same(extract(values), extract(values + 1e5), rtol=1e-6)
    drift = extract(values + 200 * np.sin(2 * np.pi * 0.3 * TIMES))
    np.testing.assert_allclose(drift["rms"], extract(values)["rms"], rtol=1e-3)
    same(extract(values), extract(values * 1e-3, unit="mV"), rtol=1e-9)
    loud = extract(values * 4)
    for name, power in {"rms": 1, "waveform_length": 1, "zero_crossings": 0}.items():
        np.testing.assert_allclose(loud[name], 4**power * extract(values)[name], rtol=1e-9)


@pytest.mark.parametrize("sfreq", [250.0, 100.0, 64.0, 50.0])
def test_what_is_defined_at_low_rates(sfreq):
    values = noise(n_samples=int(60 * sfreq))
    found = extract(values, sfreq=sfreq)
    for name in ("rms", "mav", "iemg", "waveform_length", "zero_crossings", "burst_rate"):
        assert np.isfinite(found[name]).all(), name
    frequencies = np.isfinite(found["median_frequency"])
    assert frequencies.all() if sfreq >= 80 else not frequencies.any()


@pytest.mark.parametrize("sfreq", [49.0, 10.0])
def test_below_50_hz_nothing_is_left_of_an_emg(sfreq):
    signal = Signal(noise(n_samples=int(60 * sfreq)), sfreq=sfreq, unit="uV")
    block = EMG().extract(Recording("a", {"emg": signal}), STARTS, STARTS + 10.0)
    assert np.isnan(block.values[:, :-1]).all()
    assert (block.values[:, -1] == 0).all()
    assert block.remarks == (f"no EMG can be seen at {sfreq:g} Hz, at least 50 Hz are needed",)
    lower = extract(noise(n_samples=int(60 * sfreq)), sfreq=sfreq, highpass=4.0)
    assert np.isfinite(lower["rms"]).all()


def test_gaps_scale_sums_and_stay_where_they_are():
    values = noise()
    results = []
    for filler in (np.nan, -np.inf, 1e100):
        holed = values.copy()
        holed[30_000:34_000] = filler
        results.append(extract(holed))
    same(results[0], results[1], rtol=0)
    same(results[0], results[2], rtol=0)
    whole, holed = extract(values), results[0]
    touched = (STARTS < 34) & (STARTS + 10 > 30)
    for name in ("iemg", "waveform_length", "slope_sign_changes", "rms"):
        np.testing.assert_allclose(holed[name][touched], whole[name][touched], rtol=0.05)
    settling = EMG.settling
    far = (STARTS - settling >= 34) | (STARTS + 10 + settling <= 30)
    assert far.any()
    for name in whole:
        np.testing.assert_allclose(holed[name][far], whole[name][far], rtol=1e-9, err_msg=name)
    assert (holed["burst_rate"] == 0).all()


def test_a_window_alone_equals_the_window_among_others():
    values, starts = noise(), np.array([40.0, 0.0, 3.3, 7.7])
    together = extract(values, starts=starts)
    for number in range(len(starts)):
        alone = extract(values, starts=starts[[number]])
        same({name: column[[number]] for name, column in together.items()}, alone, rtol=1e-9)


@pytest.mark.parametrize("n_samples", [0, 1, 2, 3, 17, 1000])
@pytest.mark.parametrize("sfreq", [1.0, 7.7, 250.0, 2000.0])
@pytest.mark.parametrize("filler", [0.0, np.nan, np.inf, 1e300, None])
def test_anything_goes_in_and_only_numbers_or_nan_come_out(n_samples, sfreq, filler):
    values = noise(n_samples=n_samples)
    if filler is not None:
        values[::2] = filler
    found = extract(values, sfreq=sfreq, starts=np.array([-5.0, 0.0, 0.1, 100.0]), length=2.5)
    assert not np.isinf(list(found.values())).any()


def test_the_bursts_of_simulated_people_are_found():
    found, true = 0, 0
    for recording, truth in zip(*simulate_recordings(3, 5.0, return_truth=True), strict=True):
        modality = EMG()
        prepared = modality.prepare(modality.clean(recording.signals["emg"]), {})
        middles = truth.bursts["time"].to_numpy()
        halves = truth.bursts["duration"].to_numpy() / 2 + 0.1
        inside = np.abs(prepared.onsets[:, np.newaxis] - middles) <= halves
        assert inside.any(axis=1).all()  # no false one
        found, true = found + inside.any(axis=0).sum(), true + len(middles)
    assert true > 50
    assert found == true


def test_one_channel_is_the_same_column_whatever_it_is_called():
    """From an array it is called 0, from a file as the file says; several say which is which."""
    for channels in (["0"], ["EMG corr"]):
        assert EMG().columns(channels)[0] == "emg__rms"
    assert EMG().columns(["zygo", "corr"])[0] == "emg__rms__zygo"


def test_an_rms_that_is_that_of_no_emg_has_no_quality():
    assert (extract(noise())["quality"] > 0.9).all()
    assert (extract(noise(), unit="V")["quality"] == 0).all()
    assert (extract(1e-3 * noise())["quality"] == 0).all()


def sine_rms(freq, sfreq, **options):
    values = 30 * np.sin(2 * np.pi * freq * np.arange(int(20 * sfreq)) / sfreq)
    recording = Recording("a", {"emg": Signal(values, sfreq, "uV")})
    block = EMG(**options).extract(recording, np.array([5.0]), np.array([15.0]))
    return dict(zip(block.columns, block.values[0], strict=True))["emg__rms"]


def test_the_lower_end_is_three_tenths_of_the_rate_at_most():
    """At 100 Hz that is 30 Hz, at 200 Hz the 40 Hz that are asked for."""
    low, high = sine_rms(35.0, 100.0, highpass=40.0), sine_rms(35.0, 200.0, highpass=40.0)
    assert (low > 17, high < 15) == (True, True)
    assert sine_rms(25.0, 100.0, highpass=40.0) < 15


@pytest.mark.parametrize(("seconds", "given"), [(5.5, True), (5.25, False)])
def test_half_of_the_segments_of_a_spectrum_must_be_good(seconds, given):
    """19 of a second that overlap by half in ten seconds: ten of them, or nine."""
    values = 30 * np.random.default_rng(0).standard_normal(20_000)
    values[int(1000 * (5 + seconds)) : 15_000] = np.nan
    recording = Recording("a", {"emg": Signal(values, 1000.0, "uV")})
    block = EMG().extract(recording, np.array([5.0]), np.array([15.0]))
    found = dict(zip(block.columns, block.values[0], strict=True))
    assert np.isfinite(found["emg__median_frequency"]) == given
    assert np.isfinite(found["emg__rms"])
