"""Signal, Events and Recording: what they hold and what they refuse."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from physio_vad import Events, Ratings, Recording, Signal, make_windows
from physio_vad.exceptions import ArgumentError, RecordingError


def skin(n_samples=40, sfreq=4.0, **options):
    return Signal(np.full(n_samples, 33.0), sfreq, "C", **options)


def test_signal_times():
    signal = skin(8, start=2.0)
    assert (signal.n_channels, signal.n_samples, signal.stop) == (1, 8, 4.0)
    np.testing.assert_array_equal(signal.times, 2 + np.arange(8) / 4)


def test_signal_keeps_the_array_and_locks_its_own_view():
    values = np.zeros((2, 5))
    signal = Signal(values, 4.0, "C")
    assert np.shares_memory(signal.values, values)
    assert signal.channels == ("0", "1")
    with pytest.raises(ValueError, match="read-only"):
        signal.values[0, 0] = 1.0
    values[0, 0] = 1.0  # the owner still may


def test_signal_converts_integers_and_keeps_gaps():
    signal = Signal([1, 2, None], 4, "C", channels="wrist")
    assert signal.values.dtype == np.float64
    assert signal.channels == ("wrist",)
    assert np.isnan(signal.values[0, 2])


@pytest.mark.parametrize(
    ("start", "stop", "times"),
    [
        (0.0, 1.0, [0.5, 0.75]),
        (0.6, 1.0, [0.75]),
        (-9.0, 99.0, [0.5, 0.75, 1.0, 1.25]),
        (5.0, 9.0, []),
        (1.0, 0.5, []),
    ],
)
def test_crop_is_half_open(start, stop, times):
    signal = Signal(np.arange(4.0), 4.0, "C", start=0.5)
    part = signal.crop(start, stop)
    np.testing.assert_allclose(part.times, times)
    np.testing.assert_array_equal(part.values[0], signal.values[0, np.isin(signal.times, times)])
    assert np.shares_memory(part.values, signal.values) or not times


@pytest.mark.parametrize("sfreq", [3.0, 64.0, 250.0, 1000 / 3])
def test_crop_into_neighbours_loses_nothing(sfreq):
    signal = Signal(np.arange(1000.0), sfreq, "C")
    cut = 0.1 * signal.stop
    parts = [signal.crop(a, a + cut).values for a in cut * np.arange(10)]
    np.testing.assert_array_equal(np.hstack(parts), signal.values)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": np.zeros((2, 3, 4))}, r"\(n_channels, n_samples\), got \(2, 3, 4\)"),
        ({"values": np.zeros((0, 4))}, r"got \(0, 4\)"),
        ({"values": 3.0}, r"got \(\)"),
        ({"values": ["a"]}, "values must be numbers.*'a'"),
        ({"sfreq": 0}, r"sfreq \(Hz\) must be above 0, got 0"),
        ({"sfreq": -4.0}, "above 0, got -4.0"),
        ({"sfreq": np.nan}, "finite number, got nan"),
        ({"sfreq": "fast"}, "finite number, got 'fast'"),
        ({"start": np.inf}, r"start \(s\) must be a finite number"),
        ({"channels": ("a",)}, r"each of its 2 channels, got \('a',\)"),
        ({"channels": ("a", "a")}, "unique name"),
    ],
)
def test_signal_refuses(arguments, message):
    with pytest.raises(RecordingError, match=message):
        Signal(**{"values": np.zeros((2, 3)), "sfreq": 4.0, "unit": "C"} | arguments)


def test_events():
    events = Events([1, 2, 4], [0.8, 0.9, 1.0], "s")
    assert (events.start, events.stop) == (1.0, 4.0)
    part = events.crop(2, 4)
    assert part.times.tolist() == [2.0]
    assert part.values.tolist() == [0.9]
    assert np.isnan(events.crop(5, 6).start)


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [
        ([1, 2], [1.0], r"got \(2,\) and \(1,\)"),
        ([2, 1], [1, 1], "ascending; sort"),
        ([0, np.nan], [1, 1], "finite"),
        (["x"], [1], "times of events must be numbers"),
    ],
)
def test_events_refuse(times, values, message):
    with pytest.raises(RecordingError, match=message):
        Events(times, values, "s")


def test_recording_resolves_aliases_and_texts():
    recording = Recording(7, {"skt": skin()}, trial=3, stimulus=12, baseline=[(0, 5)])
    assert list(recording.signals) == ["temperature"]
    assert (recording.subject, recording.trial, recording.stimulus) == ("7", "3", "12")
    assert recording.baseline == ((0.0, 5.0),)
    assert recording.targets == ()
    assert repr(recording) == "<Recording 7/3: temperature at 4 Hz, 10 s>"
    both = Recording("a", {"skt": skin(), "ibi": Events(np.array([1.0]), np.array([0.8]), "s")})
    assert repr(both) == "<Recording a/1: temperature 4 Hz, ibi, 10 s>"


def test_recording_spans_all_its_signals():
    signals = {"temperature": skin(start=2.0), "eeg": Signal(np.zeros((2, 500)), 100.0, "uV")}
    recording = Recording("a", signals)
    assert (recording.start, recording.stop) == (0.0, 12.0)
    part = recording.crop(3.0, 4.0)
    assert (part.start, part.stop) == (3.0, 4.0)
    assert [one.n_samples for one in part.signals.values()] == [4, 100]


def test_recording_cannot_be_changed():
    recording = Recording("a", {"temperature": skin()})
    with pytest.raises(AttributeError):
        recording.subject = "b"
    with pytest.raises(TypeError):
        recording.signals["eeg"] = skin()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signals": {}}, "'a', trial '1': a recording needs at least one signal"),
        ({"signals": {"temperature": np.zeros(4)}}, "Signal or Events, got ndarray"),
        ({"signals": {"temperature": skin(), "skt": skin()}}, "two signals for .*'temperature'"),
        ({"signals": {"temperatur": skin()}}, "did you mean 'temperature'"),
        ({"signals": {"temperature": Signal([1.0], 4.0, "uS")}}, "'a', trial '1': unknown unit"),
        ({"ratings": {"valence": 3}}, r"ratings must be Ratings.*dict.*Ratings\.constant"),
        ({"baseline": [(5, 5)]}, r"baseline must be \(start, stop\)"),
        ({"baseline": [(0, np.nan)]}, "baseline must be"),
        ({"baseline": (0, 60)}, "baseline must be"),
        ({"start_time": np.inf}, r"start_time \(s since 1970\) must be a finite number, got inf"),
    ],
)
def test_recording_refuses(arguments, message):
    with pytest.raises(RecordingError, match=message):
        Recording(**{"subject": "a", "signals": {"temperature": skin()}} | arguments)


def test_pickle_round_trip():
    ratings = Ratings.constant({"valence": 6.0}, scale={"valence": (1, 9)})
    events = Events([1.0, 2.0], [33.0, 34.0], "C")
    for signal in (skin(start=1.5, channels=["wrist"]), events):
        recording = Recording("a", {"temperature": signal}, ratings, "2", "clip", [(0, 5)], 1.6e9)
        again = pickle.loads(pickle.dumps(recording))
        for name in ("subject", "trial", "stimulus", "baseline", "start_time"):
            assert getattr(again, name) == getattr(recording, name)
        for name in ("targets", "start", "stop"):
            assert getattr(again, name) == getattr(recording, name)
        np.testing.assert_array_equal(again.signals["temperature"].values, signal.values)
        assert vars(again.signals["temperature"]).keys() == vars(signal).keys()
        assert again.scale == recording.scale
        with pytest.raises(TypeError):
            again.signals["eeg"] = signal


def test_masked_samples_are_missing():
    values = np.ma.masked_greater(np.array([1, 2, 99, 3]), 50)
    np.testing.assert_array_equal(Signal(values, 4.0, "uS").values, [[1, 2, np.nan, 3]])


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (np.arange(4).astype("datetime64[s]"), "dates"),
        (np.arange(4).astype("timedelta64[s]"), "durations"),
        (np.arange(4) * 1j, "complex numbers"),
        (np.ma.masked_array(np.arange(4) * 1j, mask=True), "complex numbers"),
        (np.array([1, None, 2], dtype=object), "Python objects"),
        (np.array(["1", "2"]), "text"),
    ],
)
def test_what_is_no_number_is_no_sample(values, found):
    with pytest.raises(RecordingError, match=f"must be numbers: these are {found}"):
        Signal(values, 4.0, "uS")
    with pytest.raises(RecordingError, match=f"must be numbers: these are {found}"):
        Ratings.series(np.arange(len(values)), values, "valence")


def test_a_recording_of_no_events_lasts_no_time():
    empty = Recording("a", {"ibi": Events([], [], "s")})
    assert (empty.start, empty.stop) == (0, 0)
    assert repr(empty) == "<Recording a/1: ibi, 0 s>"
    with pytest.raises(ArgumentError, match=r"the longest \(a/1\) has 0 s"):
        make_windows([empty], length=10)


def test_a_part_keeps_the_start_time_because_its_times_keep_their_zero():
    recording = Recording("a", {"temperature": skin()}, start_time=1_600_000_000)
    assert recording.crop(1, 2).start_time == 1.6e9
    assert Recording("a", {"temperature": skin()}).start_time is None


def test_a_recording_needs_nothing_else_imported():
    code = (
        "from physio_vad import Recording, Signal;"
        "print(*Recording('a', {'gsr': Signal([1.0], 4.0, 'uS')}).signals)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["eda"]


def test_a_name_that_is_no_utf8_is_written_out():
    signal = Signal(np.zeros((1, 4)), 4.0, "uS", ["E\ud800"])
    recording = Recording("S\udcff1", {"eda": signal}, trial="\udc80", stimulus="film \ud801")
    assert (recording.subject, recording.trial) == ("S\\udcff1", "\\udc80")
    assert recording.stimulus == "film \\ud801"
    assert signal.channels == ("E\\ud800",)


def test_clocks_that_disagree_are_refused():
    skin = Signal(np.zeros(40), 4.0, "uS")
    heart = Signal(np.zeros(400), 4.0, "a.u.", start=1.7e9)
    with pytest.raises(RecordingError, match=r"goes from 0 s \('eda'\) to 1\.7e\+09 s \('ppg'\)"):
        Recording("anna", {"eda": skin, "ppg": heart})
    with pytest.raises(RecordingError, match="is empty in most of it"):
        Recording("anna", {"ibi": Events([0.5, 1.5e308], [0.8, 0.8], "s")})
    Recording("anna", {"eda": skin, "ibi": Events([0.0, 30 * 86400.0], [0.8, 0.8], "s")})
    Recording("anna", {"temperature": Signal(np.zeros(10**6), 1 / 60, "C")})  # two years of minutes
