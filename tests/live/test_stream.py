"""What the live way says equals what the batch says, and lost signal is never a number."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from physio_vad.exceptions import ArgumentError, SignalWarning
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.inputs import Input, inputs_of
from physio_vad.features.windows import make_windows
from physio_vad.live.stream import Stream
from physio_vad.persistence import Model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.recording.recording import Events, Signal
from physio_vad.synthetic import simulate_recordings

FREQUENCY = 64.0


@pytest.fixture(scope="module")
def people():
    plain = simulate_recordings(n_subjects=2, minutes=5, sfreq=FREQUENCY, seed=3)
    return [with_heart_and_motion(one, seed) for seed, one in enumerate(plain)]


def with_heart_and_motion(recording, seed):
    """Add what the simulation lacks: an ECG, acceleration, and intervals as events."""
    rng = np.random.default_rng(seed)
    beats = np.cumsum(rng.normal(0.8, 0.03, 372))
    times = np.arange(300 * 128) / 128.0
    ecg = 0.02 * rng.normal(size=times.size)
    for beat in beats:
        ecg += 1.0 * np.exp(-(((times - beat) / 0.012) ** 2) / 2)
        ecg += 0.2 * np.exp(-(((times - beat - 0.25) / 0.04) ** 2) / 2)
    motion = 0.05 * rng.normal(size=(3, 300 * 32)) + [[0.0], [0.0], [1.0]]
    beats = beats[beats < 300]
    more = {
        "ecg": Signal(ecg, 128.0, "mV"),
        "acceleration": Signal(motion, 32.0, "g", ("x", "y", "z")),
        "ibi": Events(beats[1:], np.diff(beats), "s"),
    }
    return replace(recording, signals={**recording.signals, **more})


def made(recordings, names, **options):
    """Give a model of some sensors, made on the first minutes of people."""
    cut = [replace(one, signals={name: one.signals[name] for name in names}) for one in recordings]
    windows, y = make_windows(cut, length=10, step=20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = extract_features(windows, names)
        pipeline = build_pipeline(estimator="ridge", **options).fit(X, y)
    raw = deploy(pipeline, FeatureExtractor(names))
    return Model(
        raw,
        tuple(y.columns),
        dict(y.attrs["scale"]),
        tuple(X.columns),
        window_length=10.0,
        inputs=inputs_of(cut),
    )


def chunks(recording, names, rng, longest=5.0):
    """Cut each sensor at random and mix the sensors, each in its own order."""
    waiting = []
    for name in names:
        signal = recording.signals[name]
        if isinstance(signal, Events):
            cuts = np.arange(3, len(signal.times), 3)
            pairs = zip(np.split(signal.times, cuts), np.split(signal.values, cuts), strict=True)
            waiting += [(times[-1], name, values, times) for times, values in pairs]
            continue
        first = 0
        while first < signal.n_samples:
            n = int(rng.integers(1, int(longest * signal.sfreq)))
            when = min(first + n, signal.n_samples) / signal.sfreq
            waiting.append((when, name, signal.values[:, first : first + n], signal.times[first]))
            first += n
    return [one[1:] for one in sorted(waiting, key=lambda one: one[0])]


def run(stream, parts):
    """Push chunks and collect what falls due."""
    found = []
    for part in parts:
        stream.push(*part)
        found += stream.predictions()
    return found


@pytest.mark.parametrize(
    "name",
    [
        *("eeg", "eog", "ecg", "emg", "ppg", "eda"),
        *("temperature", "respiration", "acceleration", "ibi"),
    ],
)
def test_rows_at_settling_equal_the_batch(people, name):
    model, person = made(people, [name]), people[1]
    stream = Stream(model, inputs_of([person]), delay="settling", step=15, stale_after=1e6)
    parts = chunks(person, list(person.signals), np.random.default_rng(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SignalWarning)
        live = run(stream, parts)
        n_waited = len(live)
        live += stream.finish()
        windows, _ = make_windows([replace(person, ratings=None)], length=10, step=15)
        batch = extract_features(windows, [name])[list(model.columns)]
        said = model.predict(windows)
    assert 0 < n_waited <= len(live)
    assert [one.time for one in live] == pytest.approx(windows["stop"].to_list())
    table = np.array([one.features for one in live])
    span = (batch.max() - batch.min()).to_numpy()
    assert (np.isnan(table) == batch.isna().to_numpy()).all()
    apart = np.nan_to_num(np.abs(table - batch.to_numpy()))
    assert (apart <= 1e-6 * np.nan_to_num(span) + 1e-12).all()
    values = pd.DataFrame([one.values for one in live])
    given = values.notna().all(axis=1).to_numpy()
    assert given.any()
    assert np.allclose(values[given], said[given], rtol=0, atol=1e-5)
    assert live[0].warming_up or stream.warm_up <= 10


def skin(people, **options):
    """Give a stream of skin temperature and conductance."""
    names = ["temperature", "eda"]
    model = made(people, names)
    sensors = [one for one in inputs_of(people) if one.modality in names]
    return Stream(model, sensors, step=5, **options)


def test_lost_chunks_are_gaps_and_an_outage_is_withheld(people):
    stream, person = skin(people), people[1]
    lost, found = 0, []
    for part in chunks(person, ["temperature", "eda"], np.random.default_rng(2), 1.0):
        if 100 <= part[2] < 160:
            lost += part[1].shape[1] if part[0] == "eda" else 0
            continue
        stream.push(*part)
        found += stream.predictions()
    assert stream.status().loc["eda", "lost"] == lost
    inside = [one for one in found if one.start >= 101 and one.time <= 160]
    assert len(inside) >= 9
    for one in inside:
        assert one.withheld == "quality 0.00 is below 0.3"
        assert all(np.isnan(list(one.values.values())))
    assert found[-1].withheld is None
    assert found[-1].time > 290


def test_chunks_that_come_again_or_late_change_nothing(people):
    person, names = people[1], ["temperature", "eda"]
    parts = chunks(person, names, np.random.default_rng(3), 1.0)
    plain = run(skin(people, stale_after=9, delay=5), parts)
    mixed = [parts[i] for i in np.lexsort([np.arange(len(parts)) // 4])]
    mixed[10:12], mixed[40:44] = mixed[10:12][::-1], mixed[40:44][::-1]
    stream = skin(people, stale_after=9, delay=5)
    again = run(stream, [part for part in mixed for _ in range(2)])
    assert stream.status()["late"].min() > 0
    assert stream.status()["lost"].max() == 0
    assert [one.time for one in again] == [one.time for one in plain]
    assert np.array_equal(
        [one.features for one in again], [one.features for one in plain], equal_nan=True
    )


@pytest.mark.parametrize("delay", [0.0, 1.5])
def test_rows_do_not_depend_on_how_samples_come(people, delay):
    person, names = people[1].crop(0, 40), ["eda", "eog"]
    model = made(people, names)
    sensors = [one for one in inputs_of(people) if one.modality in names]
    tables = []
    for seed, longest in ((0, 0.1), (1, 3.0)):
        stream = Stream(model, sensors, delay=delay, step=0.5, stale_after=1e6)
        parts = chunks(person, names, np.random.default_rng(seed), longest)
        tables.append([one.features for one in run(stream, parts)][:50])
    assert len(tables[0]) == 50
    assert np.array_equal(*tables, equal_nan=True)


def test_a_preparation_serves_only_windows_whose_samples_it_has(people):
    person, stream = people[1].crop(0, 30), skin(people)
    parts = chunks(person, ["temperature", "eda"], np.random.default_rng(0), 0.2)
    found = run(Stream(stream.model, stream.sensors.values(), delay=0.5, step=0.2), parts)
    alone = run(Stream(stream.model, stream.sensors.values(), delay=0.0, step=0.2), parts)
    share = list(stream.model.columns).index("eda__quality")
    assert [one.features[share] for one in found] == [
        one.features[share] for one in alone[: len(found)]
    ]


def test_a_session_that_is_joined_late_gives_the_same(people):
    parts = chunks(people[1], ["temperature", "eda"], np.random.default_rng(0), 0.2)
    whole, late, found = skin(people, delay=0.0), skin(people, delay=0.0), []
    said = run(whole, parts)
    for part in parts:
        late.push(*part)
        if part[2] < 150:
            late.skip()
        else:
            found += late.predictions()
    assert 0 < len(found) < len(said)
    assert [(one.time, one.values) for one in found] == [
        (one.time, one.values) for one in said[-len(found) :]
    ]


def test_a_drifting_clock_is_measured_and_loses_nothing(people):
    stream, person = skin(people), people[1]
    parts = chunks(person, ["temperature", "eda"], np.random.default_rng(4), 0.5)
    for name, values, start in parts:
        stream.push(name, values, start * (1 + 100e-6))
    status = stream.status()
    assert status["lost"].max() == 0
    assert status["drift"].between(80, 105).all()


@pytest.mark.parametrize("jump", [-50.0, 5000.0])
def test_a_clock_that_jumps_loses_nothing(people, jump):
    stream, person = skin(people), people[1]
    parts = chunks(person, ["temperature", "eda"], np.random.default_rng(5), 1.0)
    for name, values, start in parts:
        stream.push(name, values, start + jump * (start > 120))
    status = stream.status()
    assert (status["jumps"] == 1).all()
    assert status["newest"].to_list() == pytest.approx([300.0, 300.0])


def test_a_silent_sensor_is_stale_and_the_rest_goes_on(people, monkeypatch):
    stream = skin(people, delay=0)
    now = [0.0]
    monkeypatch.setattr("physio_vad.live.stream.time.monotonic", lambda: now[0])
    for second in range(40):
        now[0] = float(second)
        for name in ["temperature", "eda"][: 1 if second >= 20 else 2]:
            signal = people[1].signals[name]
            stream.push(name, signal.crop(second, second + 1).values, float(second))
    assert stream.stale() == {"eda": 20.0}
    found = list(stream.predictions())
    assert found[-1].time == 40
    assert found[-1].quality["eda"] == 0
    assert found[-1].quality["temperature"] > 0.9


@pytest.mark.parametrize("rest", [(0.0, 60.0), (5.0, 12.0)])
def test_a_rest_period_is_pinned(people, rest):
    names = ["temperature", "eda"]
    calm = [replace(one, baseline=(rest,)) for one in people]
    model, person = made(calm, names, normalise="baseline"), calm[1]
    sensors = [one for one in inputs_of(people) if one.modality in names]
    stream = Stream(model, sensors, delay="settling", step=20, stale_after=1e6, rest=rest)
    live = run(stream, chunks(person, names, np.random.default_rng(6)))
    live += stream.finish()
    only = replace(person, ratings=None, signals={one: person.signals[one] for one in names})
    windows = make_windows([only], length=10, step=20)[0]
    said = model.predict(windows)[windows.index.get_level_values("window") >= 0]
    values, later = pd.DataFrame([one.values for one in live]), windows["start"].to_numpy()
    later = later[windows.index.get_level_values("window") >= 0] >= rest[1]
    assert np.allclose(values[later], said[later], rtol=0, atol=1e-6)
    assert values[~later].isna().to_numpy().all()
    assert {one.withheld for one in live} == {None, f"the rest period lasts until {rest[1]:g} s"}


def test_a_source_that_does_not_fit_is_refused(people):
    model = made(people, ["temperature", "eda"])
    eda, skin_ = Input("eda", "uS", sfreq=64.0), Input("temperature", "C", sfreq=64.0)
    with pytest.raises(ArgumentError, match="lacks sensors of the model: eda"):
        Stream(model, [skin_])
    with pytest.raises(ArgumentError, match="mV"):
        Stream(model, [skin_, replace(eda, unit="mV")])
    with pytest.raises(ArgumentError, match="takes a single channel"):
        Stream(model, [skin_, replace(eda, channels=("left", "right"))])
    with pytest.raises(ArgumentError, match="needs its sampling rate"):
        Stream(model, [skin_, replace(eda, sfreq=None)])
    with pytest.raises(ArgumentError, match="normalise=None, 'online' or 'baseline'"):
        Stream(made(people, ["eda"], normalise="subject"), [eda])
    calm = [replace(one, baseline=((0.0, 20.0),)) for one in people]
    with pytest.raises(ArgumentError, match="say when it is, rest="):
        Stream(made(calm, ["eda"], normalise="baseline"), [eda])
    with pytest.raises(ArgumentError, match="not normalised by a rest period"):
        Stream(model, [skin_, eda], rest=(0, 20))
    with pytest.raises(ArgumentError, match="shape"):
        Stream(model, [skin_, eda]).push("eda", np.zeros((2, 5)))


def test_memory_stays_as_it_is(people):
    stream = skin(people)
    held = stream.buffers["eda"].values.nbytes
    for _ in range(200):
        stream.push("eda", np.ones(64 * 30))
    assert stream.buffers["eda"].values.nbytes == held
    assert stream.buffers["eda"].newest == 6000


def test_online_normalisation_is_the_same_live_and_in_the_batch(people):
    names = ["temperature", "eda"]
    model, person = made(people, names, normalise="online"), people[1]
    sensors = [one for one in inputs_of(people) if one.modality in names]
    stream = Stream(model, sensors, delay="settling", step=20, stale_after=1e6)
    live = run(stream, chunks(person, names, np.random.default_rng(6)))
    live += stream.finish()
    only = replace(person, ratings=None, signals={one: person.signals[one] for one in names})
    said = model.predict(make_windows([only], length=10, step=20)[0])
    first = model.predict(make_windows([only.crop(200, 300)], length=10, step=20)[0])
    values = pd.DataFrame([one.values for one in live])
    assert np.allclose(values, said, rtol=0, atol=1e-6)
    assert not np.allclose(values.iloc[-5:], first, atol=1e-3)  # the past counts
