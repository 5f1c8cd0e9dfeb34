"""EEG: known answers, invariances, gaps, odd input."""

import mne
import neurokit2 as nk
import numpy as np
import pytest
from scipy.integrate import trapezoid

from physio_vad import Recording, Signal
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities.eeg import BANDS, EEG
from physio_vad.recording.electrodes import symmetric_pairs
from physio_vad.synthetic import simulate_eeg

SFREQ = 250.0
TIMES = np.arange(int(60 * SFREQ)) / SFREQ
STARTS = np.arange(0.0, 50.1, 5.0)
PAIR = ["F3", "F4"]


def extract(values, *, sfreq=SFREQ, channels=PAIR, unit="uV", starts=STARTS, length=10.0, **kwargs):
    signal = Signal(values, sfreq=sfreq, unit=unit, channels=channels)
    modality = EEG(**kwargs)
    block = modality.extract(Recording("a", {"eeg": signal}), starts, starts + length)
    return {
        name.removeprefix("eeg__"): column
        for name, column in zip(block.columns, block.values.T, strict=True)
    } | {"warning": block.warning}


def sine(freq, amplitude=20.0, times=TIMES):
    return amplitude * np.sin(2 * np.pi * freq * times)


def noise(seed=0, n_channels=2, n_samples=15_000):
    rng = np.random.default_rng(seed)
    white = rng.normal(size=(n_channels, n_samples))
    return 3 * white + 0.3 * white.cumsum(axis=1)


@pytest.mark.parametrize(
    ("band", "freq"), [("delta", 2), ("theta", 6), ("alpha", 10), ("beta", 20), ("gamma", 38)]
)
def test_a_sine_has_power_half_its_amplitude_squared_in_its_band_alone(band, freq):
    found = extract(np.vstack([sine(freq), sine(freq, 60.0)]))
    for other in BANDS:
        expected = 1.0 if other == band else 0.0
        np.testing.assert_allclose(found[f"{other}_relpower__F3"], expected, atol=1e-3)
    np.testing.assert_allclose(found[f"{band}_power__F3"], 20**2 / 2, rtol=1e-3)
    np.testing.assert_allclose(found[f"{band}_power__F4"], 60**2 / 2, rtol=1e-3)
    np.testing.assert_allclose(found[f"{band}_asymmetry__F4-F3"], np.log(9), atol=1e-9)
    np.testing.assert_allclose(
        found[f"{band}_de__F3"], 0.5 * np.log(2 * np.pi * np.e * 200), atol=1e-3
    )


def test_differential_entropy_of_gaussian_noise_is_that_of_its_band():
    sd = 7.0
    white = np.random.default_rng(0).normal(scale=sd, size=(1, 600 * 250))
    found = extract(white, channels=["Cz"], starts=np.array([0.0]), length=600.0)
    variance = sd**2 * (13 - 8) / (SFREQ / 2)
    expected = 0.5 * np.log(2 * np.pi * np.e * variance)
    assert found["alpha_de__Cz"][0] == pytest.approx(expected, abs=0.02)
    assert found["spectral_entropy__Cz"][0] == pytest.approx(1, abs=0.002)
    assert found["spectral_edge_95__Cz"][0] == pytest.approx(0.5 + 0.95 * 44.5, abs=0.3)
    assert found["aperiodic_slope__Cz"][0] == pytest.approx(0, abs=0.03)


def test_band_power_is_the_integral_of_mne_welch():
    values = noise() + 1e5
    for starts in (STARTS, STARTS * 0.93):  # on and off the grid
        found = extract(values, starts=starts)
        first = np.ceil(starts * SFREQ - 1e-6).astype(int)
        cut = np.stack([values[:, a : a + 2500] for a in first])
        psd, freqs = mne.time_frequency.psd_array_welch(
            cut, SFREQ, n_fft=500, n_overlap=250, verbose="error"
        )
        for band, (low, high) in BANDS.items():
            inside = (freqs >= low) & (freqs <= high)
            expected = trapezoid(psd[..., inside], freqs[inside], axis=-1)
            np.testing.assert_allclose(found[f"{band}_power__F4"], expected[:, 1], rtol=1e-9)


def test_hjorth_of_a_sine():
    found = extract(np.vstack([sine(10), sine(5)]))
    np.testing.assert_allclose(found["hjorth_activity__F3"], 200, rtol=1e-6)
    speed = 2 * SFREQ * np.sin(np.pi * 10 / SFREQ)  # of differences; 2 pi f in the limit
    np.testing.assert_allclose(found["hjorth_mobility__F3"], speed, rtol=2e-3)
    np.testing.assert_allclose(found["hjorth_complexity__F3"], 1, rtol=5e-3)
    np.testing.assert_allclose(found["hjorth_mobility__F4"], 10 * np.pi, rtol=5e-3)


def test_hjorth_is_that_of_neurokit_per_sample():
    values = noise(n_channels=1, n_samples=500)
    found = extract(values, channels=["Fz"], starts=np.array([0.0]), length=2.0)
    complexity, others = nk.complexity_hjorth(values[0])
    assert found["hjorth_complexity__Fz"][0] == pytest.approx(complexity, rel=1e-9)
    assert found["hjorth_mobility__Fz"][0] == pytest.approx(SFREQ * others["Mobility"], rel=1e-9)
    assert found["hjorth_activity__Fz"][0] == pytest.approx(others["Activity"], rel=1e-9)


def test_peak_alpha_ratios_and_slope():
    spectrum = np.zeros(len(TIMES) // 2 + 1)
    freqs = np.fft.rfftfreq(len(TIMES), 1 / SFREQ)
    spectrum[1:] = freqs[1:] ** -0.75  # density falls as f^-1.5
    phases = np.exp(2j * np.pi * np.random.default_rng(3).random(len(freqs)))
    pink = 3e4 * np.fft.irfft(spectrum * phases, len(TIMES))
    found = extract(np.vstack([pink, pink + sine(10.3, 30)]), starts=np.array([0.0]), length=60.0)
    assert found["aperiodic_slope__F3"][0] == pytest.approx(-1.5, abs=0.1)
    assert found["aperiodic_slope__F4"][0] == pytest.approx(-1.5, abs=0.1)
    assert found["peak_alpha_frequency__F4"][0] == pytest.approx(10.3, abs=0.05)
    for a, b in (("theta", "beta"), ("alpha", "theta"), ("beta", "alpha")):
        expected = found[f"{a}_power__F3"] / found[f"{b}_power__F3"]
        np.testing.assert_allclose(found[f"{a}_{b}_ratio__F3"], expected)


def power_noise(exponent, n_samples, seed=0):
    """Gaussian noise of SD 1 of which the density falls as f^-exponent."""
    white = np.fft.rfft(np.random.default_rng(seed).normal(size=n_samples))
    freqs = np.fft.rfftfreq(n_samples, 1 / SFREQ)
    freqs[0] = freqs[1]
    values = np.fft.irfft(white * freqs ** (-exponent / 2), n_samples)
    return values / values.std()


@pytest.mark.parametrize("length", [2.0, 4.0, 10.0, 30.0])
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_an_alpha_peak_is_found_where_there_is_alpha_and_seldom_in_noise(exponent, length):
    n_windows = 80
    times = np.arange(int(n_windows * length * SFREQ)) / SFREQ
    floor = 10 * power_noise(exponent, len(times))
    alpha = 20 * np.sqrt(2) * np.sin(2 * np.pi * 10.2 * times)
    starts = np.arange(n_windows) * length
    found = extract(np.vstack([floor, floor + alpha]), starts=starts, length=length)
    assert np.isnan(found["peak_alpha_frequency__F3"]).mean() >= 0.9
    assert np.isfinite(found["peak_alpha_frequency__F4"]).mean() >= 0.9
    assert np.nanmedian(found["peak_alpha_frequency__F4"]) == pytest.approx(10.2, abs=0.05)


def test_the_aperiodic_offset_is_the_density_at_1_hz():
    """White noise of SD 8 uV has 64 / 125 uV^2/Hz everywhere."""
    white = 8 * power_noise(0, 60 * 250)
    found = extract(white[np.newaxis], channels=["Cz"], starts=np.array([0.0]), length=60.0)
    assert found["aperiodic_offset__Cz"][0] == pytest.approx(np.log10(64 / 125), abs=0.1)
    loud = extract(10 * white[np.newaxis], channels=["Cz"], starts=np.array([0.0]), length=60.0)
    assert loud["aperiodic_offset__Cz"] == pytest.approx(found["aperiodic_offset__Cz"] + 2)


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_of_the_mains_costs_no_quality_and_is_said(mains):
    """The bands see nothing of 500 uV of hum; the Hjorth parameters do."""
    values = noise()
    humming = values + np.array([[1.0], [0.0]]) * sine(mains + 0.01, 500.0)
    clean, found = extract(values), extract(humming)
    np.testing.assert_array_equal(found["quality"], clean["quality"])
    assert (clean["quality"] > 0.9).all()
    np.testing.assert_allclose(found["alpha_power__F3"], clean["alpha_power__F3"], rtol=0.05)
    assert "mains hum of more than 100 uV in 1 of 2 channels (F3)" in found["warning"]
    assert clean["warning"] == ""


def test_an_amplifier_at_its_end_is_no_eeg():
    """Hum of 5 mV in a range of 1 mV jumps from end to end, at 250 Hz too fast to look clipped."""
    rng = np.random.default_rng(0)
    railed = np.clip(sine(50.3, 5000.0) + 3 * rng.normal(size=len(TIMES)), -1000, 1000)
    flat = np.full_like(TIMES, 1000.0)
    for channel in (railed, flat):
        assert (extract(np.vstack([channel, channel]))["quality"] < 0.05).all()


def test_mne_can_compute_every_spectrum():
    values = noise()
    same(extract(values), extract(values, method="mne"), rtol=1e-9)
    with pytest.raises(ArgumentError, match="did you mean 'mne'"):
        extract(values, method="nme")


def same(a, b, but=(), **tolerance):
    assert a.keys() == b.keys()
    for name in a.keys() - {"warning", *but}:
        np.testing.assert_allclose(a[name], b[name], err_msg=name, **tolerance)


def test_an_offset_like_that_of_biosemi_does_not_matter():
    values = noise()
    same(extract(values), extract(values + np.array([[1e5], [-3e5]])), rtol=1e-6)


def test_units_scale_and_channel_order_do_not_matter():
    values = noise()
    same(extract(values), extract(values * 1e-6, unit="V"), rtol=1e-9)
    same(extract(values), extract(values / 1e3, unit="mV"), rtol=1e-9)
    same(extract(values), extract(values[::-1], channels=PAIR[::-1]), rtol=1e-12)
    loud = extract(values * 3)
    np.testing.assert_allclose(loud["beta_power__F3"], 9 * extract(values)["beta_power__F3"])
    np.testing.assert_allclose(loud["beta_relpower__F3"], extract(values)["beta_relpower__F3"])


def test_a_window_alone_equals_the_window_among_others():
    values, starts = noise(), np.array([0.0, 3.3, 7.7, 20.0, 41.9])
    together = extract(values, starts=starts)
    for number in range(len(starts)):
        alone = extract(values, starts=starts[[number]])
        same({k: v[[number]] for k, v in together.items() if k != "warning"} | {"warning": ""},
             alone, rtol=1e-9)  # fmt: skip


def test_short_windows_look_back_for_one_segment():
    values = noise()
    seconds = extract(values, starts=np.arange(0.0, 10.0), length=1.0)
    assert np.isnan(seconds["alpha_power__F3"][0])
    pairs_of_seconds = extract(values, starts=np.arange(0.0, 9.0), length=2.0)
    np.testing.assert_allclose(seconds["alpha_power__F3"][1:], pairs_of_seconds["alpha_power__F3"])


def test_a_gap_is_left_out_and_what_stands_in_it_has_no_influence():
    values = np.vstack([sine(10), sine(10)]) + 0.01 * noise()
    holes = []
    for filler in (np.nan, np.inf, 1e200):
        holed = values.copy()
        holed[0, 3000:3500] = filler  # 12 to 14 s
        holes.append(extract(holed))
    same(holes[0], holes[1], rtol=0)
    same(holes[0], holes[2], rtol=0)
    whole, holed = extract(values), holes[0]
    far = (STARTS + 10 <= 12) | (STARTS >= 14)
    for name in whole.keys() - {"warning"}:
        np.testing.assert_array_equal(holed[name][far], whole[name][far], err_msg=name)
    np.testing.assert_allclose(holed["alpha_power__F3"], 200, rtol=1e-3)
    np.testing.assert_array_equal(holed["alpha_power__F4"], whole["alpha_power__F4"])
    assert (holed["quality"][~far] < 1).all()


def test_a_channel_of_which_half_is_missing_is_nan_and_said_once():
    values = noise()
    values[0, 1000:4000] = 12.5  # 12 s flat
    found = extract(values)
    lost = STARTS <= 10
    np.testing.assert_array_equal(np.isnan(found["alpha_power__F3"]), lost)
    np.testing.assert_array_equal(np.isnan(found["alpha_asymmetry__F4-F3"]), lost)
    assert np.isfinite(found["alpha_power__F4"]).all()
    assert found["warning"].startswith("eeg: 3 of 11 windows")


def test_quality_drops_with_movement_and_dead_electrodes():
    values = noise()
    values[:, 5000:7500] *= 1e3
    values[:, 10_000:12_500] *= 1e-4
    quality = extract(values, starts=np.array([0.0, 20.0, 40.0]))["quality"]
    assert quality[0] == 1
    assert (quality[1:] < 0.1).all()


@pytest.mark.parametrize(
    ("sd", "believed"), [(0.19, False), (0.21, True), (195.0, True), (205.0, False)]
)
def test_an_eeg_has_an_sd_of_a_fifth_to_200_uv_from_1_to_40_hz(sd, believed):
    values = sine(10.0, sd * np.sqrt(2)) + sine(0.1, 10 * sd)  # a drift does not count
    quality = extract(np.vstack([values, values]))["quality"]
    assert (quality == (1 if believed else 0)).all()


@pytest.mark.parametrize(("share", "believed"), [(0.08, True), (0.12, False)])
def test_a_tenth_of_a_loud_segment_at_its_two_extremes_is_an_amplifier_at_its_end(share, believed):
    hum = sine(60.0, 400.0, times=TIMES) + sine(10.0, 20.0)
    ends = np.quantile(hum, [share / 2, 1 - share / 2])
    railed = np.clip(hum, *ends)
    assert (np.isin(railed, ends)).mean() == pytest.approx(share, abs=0.005)
    quality = extract(np.vstack([railed, railed]))["quality"]
    assert (quality > 0.9).all() if believed else (quality < 0.1).all()


@pytest.mark.parametrize(("level", "said"), [(95.0, False), (105.0, True)])
def test_hum_of_100_uv_is_said(level, said):
    values = noise() + sine(50.0, level * np.sqrt(2))
    assert ("mains hum of more than 100 uV in 2 of 2" in extract(values)["warning"]) == said


def test_bands_are_cut_at_half_the_rate_and_it_is_said():
    found = extract(noise(n_samples=64 * 60), sfreq=64.0)
    assert "gamma cut at 32 Hz" in found["warning"]
    assert np.isfinite(found["gamma_power__F3"]).all()
    found = extract(noise(n_samples=40 * 60), sfreq=40.0)
    assert "beta, gamma cut at 20 Hz" in found["warning"]
    assert np.isnan(found["gamma_power__F3"]).all()
    assert np.isfinite(found["beta_power__F3"]).all()
    np.testing.assert_allclose(
        sum(found[f"{band}_relpower__F3"] for band in ("delta", "theta", "alpha", "beta")), 1
    )
    assert extract(noise())["warning"] == ""


def test_own_bands():
    modality = EEG(bands={"slow": (1, 4), "alpha": (8, 12)}, segment=4.0)
    names = [feature.name for feature in modality.features]
    assert "slow_power" in names
    assert "peak_alpha_frequency" in names
    assert not [name for name in names if "ratio" in name or "theta" in name]
    assert all(feature.minimum == 4.0 for feature in modality.features)
    for wrong in ({"bands": {}}, {"bands": {"alpha": (13, 8)}}, {"segment": 0.0}):
        with pytest.raises(ArgumentError):
            _ = EEG(**wrong).features


@pytest.mark.parametrize(
    "channels", [["F3", "F4"], ["EEG F3-REF", "EEG F4-REF"], ["FFC3h", "FFC4h"], ["F3", "F4-A1"]]
)
def test_asymmetry_is_that_of_symmetric_pairs(channels):
    columns = EEG().columns(channels)
    found = [c.split("__")[2] for c in columns if c.startswith("eeg__alpha_asymmetry")]
    assert found == [f"{right}-{left}" for right, left in symmetric_pairs(channels)]


def test_column_names():
    columns = EEG().columns(["Fz"])
    assert columns[0] == "eeg__delta_power__Fz"
    assert columns[-1] == "eeg__quality"
    assert len(columns) == len(set(columns))
    assert not [column for column in columns if "asymmetry" in column]


@pytest.mark.parametrize("n_samples", [0, 1, 2, 3, 7, 499, 500, 1000])
@pytest.mark.parametrize("sfreq", [0.3, 4.0, 33.3, 250.0, 2000.0])
@pytest.mark.parametrize("filler", [0.0, np.nan, np.inf, 1e300, None])
def test_anything_goes_in_and_only_numbers_or_nan_come_out(n_samples, sfreq, filler):
    values = noise(n_samples=n_samples)
    if filler is not None:
        values[:, ::2] = filler
    found = extract(values, sfreq=sfreq, starts=np.array([-5.0, 0.0, 0.1, 100.0]), length=2.5)
    for name in found.keys() - {"warning"}:
        assert not np.isinf(found[name]).any()
    assert ((found["quality"] >= 0) & (found["quality"] <= 1)).all()


def test_the_rhythms_of_a_simulated_head_are_found():
    rhythms = {(8.5, 12.5): [10.0, 14.0], (16.0, 28.0): [6.0, 3.0]}
    values = simulate_eeg(rhythms, SFREQ, 300.0, background=2.0, shared=0.0, rng=1)
    found = extract(values, starts=np.array([0.0]), length=300.0)
    assert found["alpha_power__F3"][0] == pytest.approx(10**2, rel=0.07)
    assert found["alpha_asymmetry__F4-F3"][0] == pytest.approx(np.log(1.96), abs=0.1)
    assert found["beta_asymmetry__F4-F3"][0] == pytest.approx(np.log(1 / 4), abs=0.1)
    pink = simulate_eeg({(8.0, 13.0): [0.0]}, SFREQ, 300.0, background=12.0, rng=1)
    found = extract(pink, channels=["Cz"], starts=np.array([0.0]), length=300.0)
    assert found["aperiodic_slope__Cz"][0] == pytest.approx(-1.2, abs=0.07)


@pytest.mark.realdata
def test_a_real_eeg_has_its_alpha_at_the_back(shared_data):
    path = shared_data / "eeglab_sample" / "eeglab_data.set"
    raw = mne.io.read_raw_eeglab(path, verbose="error")
    names = [name for name in raw.ch_names if not name.startswith("EOG")]
    values, sfreq = raw.get_data(names), raw.info["sfreq"]
    found = extract(values, sfreq=sfreq, unit="V", channels=names, starts=np.arange(0, 225.0, 5.0))
    assert found["warning"] == ""
    assert (found["quality"] == 1).all()
    back, front = (np.median(found[f"alpha_relpower__{name}"]) for name in ("Oz", "Fz"))
    assert back > 1.5 * front
    assert 9.5 < np.median(found["peak_alpha_frequency__Oz"]) < 10.5
    psd, freqs = mne.time_frequency.psd_array_welch(
        1e6 * values[:, : int(10 * sfreq)], sfreq, n_fft=256, n_overlap=128, verbose="error"
    )
    for name, row in zip(names, psd, strict=True):
        for band, (low, high) in BANDS.items():
            inside = (freqs >= low) & (freqs <= high)
            expected = trapezoid(row[inside], freqs[inside])
            assert found[f"{band}_power__{name}"][0] == pytest.approx(expected, rel=1e-9)
