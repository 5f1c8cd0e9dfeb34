from dataclasses import replace

import numpy as np
import pytest

from physio_vad import Events, Ratings, Recording, Signal
from physio_vad.exceptions import ArgumentError, RateWarning, SignalWarning
from physio_vad.io import read_recordings, write_eleven_column
from physio_vad.io.writer import FORMATS

UNITS = {
    "eeg": "uV",
    "eog": "uV",
    "eda": "uS",
    "temperature": "C",
    "ppg": "a.u.",
    "respiration": "a.u.",
    "emg": "uV",
}


@pytest.fixture
def anna():
    rng = np.random.default_rng(0)
    signals = {
        name: Signal(rng.normal(size=(1 + (name == "eeg"), 1000)), 250.0, unit)
        for name, unit in UNITS.items()
    }
    signals["eeg"] = replace(signals["eeg"], channels=("F3", "F4"))
    scale = dict.fromkeys(("valence", "arousal", "dominance"), (1, 9))
    times = np.arange(0, 4, 0.5)
    ratings = Ratings.series(times, rng.uniform(1, 9, (8, 3)), scale=scale)
    return Recording("anna", signals, ratings)


def assert_same(one, other):
    assert (one.subject, one.trial, one.stimulus) == (other.subject, other.trial, other.stimulus)
    assert set(one.signals) == set(other.signals)
    for name, signal in other.signals.items():
        np.testing.assert_allclose(one.signals[name].values, signal.values, rtol=0, atol=1e-6)
        assert one.signals[name].sfreq == signal.sfreq
    starts = np.arange(0, 3, 0.1)
    order = [one.targets.index(target) for target in other.targets]
    np.testing.assert_allclose(
        one.ratings.mean(starts, starts + 1)[:, order], other.ratings.mean(starts, starts + 1)
    )
    assert dict(one.scale) == dict(other.scale)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_is_read(tmp_path, anna, suffix):
    (path,) = write_eleven_column([anna], tmp_path / "new", suffix=suffix)
    assert path == tmp_path / "new" / f"anna{suffix}"
    (back,) = read_recordings(path.parent)
    assert_same(back, anna)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_sensors_first_then_labels(tmp_path, anna):
    (path,) = write_eleven_column([anna], tmp_path)
    header = path.read_text().splitlines()[0].replace('"', "")
    assert header == "EEG_F3,EEG_F4,EOG,GSR,temperature,PPG,respiration,EMG," + (
        "arousal,dominance,valence"
    )


def test_trials_and_stimuli(tmp_path, anna):
    trials = [replace(anna, trial=name, stimulus=f"film {name}") for name in "ba"]
    write_eleven_column([*trials, replace(anna, subject="ben", stimulus="x")], tmp_path)
    for back, there in zip(read_recordings(tmp_path), trials, strict=False):
        assert_same(back, there)


def test_units_are_those_of_the_layout(tmp_path, anna):
    volts = replace(anna.signals["eog"], values=anna.signals["eog"].values / 1e6, unit="V")
    write_eleven_column([replace(anna, signals={**anna.signals, "eog": volts})], tmp_path)
    assert_same(read_recordings(tmp_path)[0], anna)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1234.56789, -0.00012345], [1234.568, -0.0]),
        ([0.0123456789, 1e-12], [0.01234568, 0.0]),
        ([-9.99999999, 1.0], [-10.0, 1.0]),
        ([1e9 + 1, 5.0], [1e9, 0.0]),
        ([0.0, 0.0], [0.0, 0.0]),
        ([np.nan, 2.00000004], [np.nan, 2.0]),
    ],
)
def test_values_have_seven_digits_of_the_largest(tmp_path, values, expected):
    signal = Signal(np.resize(values, 500), 250.0, "uS")
    (path,) = write_eleven_column([Recording("anna", {"eda": signal})], tmp_path)
    found = [float(line) for line in path.read_text().splitlines()[1:3]]
    np.testing.assert_array_equal(found, expected)


def test_a_rating_stands_in_the_rows_that_it_holds_for(tmp_path):
    ratings = Ratings([0.5, 1.5], [1.0, 2.0], [[3.0], [7.0]], ("valence",))
    signal = Signal(np.arange(10.0), 4.0, "uS")
    (path,) = write_eleven_column([Recording("a", {"eda": signal}, ratings)], tmp_path, sfreq=4.0)
    cells = [line.split(",")[1] for line in path.read_text().splitlines()[1:]]
    assert cells == ["nan", "nan", "3", "3", "nan", "nan", "7", "7", "nan", "nan"]


def test_missing_samples_stay_missing(tmp_path, anna):
    values = anna.signals["eda"].values.copy()
    values[0, 5] = np.nan
    gap = replace(anna.signals["eda"], values=values)
    write_eleven_column([replace(anna, signals={**anna.signals, "eda": gap})], tmp_path)
    back = read_recordings(tmp_path)[0].signals["eda"].values
    assert np.flatnonzero(np.isnan(back[0])).tolist() == [5]


def test_rates_that_differ_are_refused_and_leave_nothing(tmp_path, anna):
    slow = Signal(np.zeros(16), 4.0, "uS")
    with pytest.raises(ArgumentError, match="signals must share one rate"):
        write_eleven_column([replace(anna, signals={**anna.signals, "eda": slow})], tmp_path)
    beats = Events(np.array([1.0]), np.array([0.8]), "s")
    with pytest.raises(ArgumentError, match="signals must share one rate"):
        write_eleven_column([replace(anna, signals={**anna.signals, "ibi": beats})], tmp_path)
    assert not list(tmp_path.iterdir())


def test_another_rate_than_the_layout_is_read_at_is_warned_about(tmp_path, anna):
    slow = replace(anna, signals={"eda": Signal(np.ones(640), 64.0, "uS")})
    with pytest.warns(RateWarning, match=r"64 Hz, .*no clock: it is read at 250 .*sfreq = 64"):
        write_eleven_column([slow], tmp_path)
    write_eleven_column([slow], tmp_path, sfreq=64.0)  # warnings are errors


def test_a_known_polarity_is_not_lost_without_a_word(tmp_path):
    signal = Signal(np.sin(np.arange(2500) / 10), 250.0, "a.u.", polarity=-1)
    with pytest.warns(SignalWarning, match=r"\[features.ppg\] polarity = 1 or -1"):
        write_eleven_column([Recording("anna", {"ppg": signal})], tmp_path)


def test_names_that_cannot_be(tmp_path, anna):
    with pytest.raises(ArgumentError, match="cannot be the name of a file"):
        write_eleven_column([replace(anna, subject="../anna")], tmp_path)
    with pytest.raises(ArgumentError, match="must follow each other"):
        write_eleven_column([anna, replace(anna, subject="ben"), anna], tmp_path)
    with pytest.raises(ArgumentError, match=r"unknown suffix '\.xls'"):
        write_eleven_column([anna], tmp_path, suffix=".xls")
