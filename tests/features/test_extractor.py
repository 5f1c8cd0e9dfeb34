"""Feature tables: which columns and rows come out, whatever the data lack."""

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from physio_vad import (
    Events,
    Feature,
    FeatureExtractor,
    Modality,
    Recording,
    Signal,
    extract_features,
    make_windows,
    register_modality,
    simulate_recordings,
)
from physio_vad.dsp import beats, breaths
from physio_vad.exceptions import (
    ArgumentError,
    PhysioVadWarning,
    RecordingError,
    SignalWarning,
)
from physio_vad.features import tasks
from physio_vad.modalities import Temperature
from physio_vad.recording import units


class Tiny(Modality):
    """The mean of a window, straight from its definition."""

    name = "tiny"
    aliases = ("small",)
    unit = "V"
    units = {"V": units.Conversion(), "mV": units.Conversion(1e-3)}  # noqa: RUF012
    clips = False

    def __init__(self, *, gain=1.0):
        self.gain = gain

    @property
    def features(self):
        return (Feature("mean", "V", "mean"), Feature("samples", "1", "number"))

    def prepare(self, signal, others):
        return signal

    def compute(self, prepared, starts, stops):
        first, last = prepared.spans(starts, stops)
        parts = [prepared.values[0, a:b] for a, b in zip(first, last, strict=True)]
        means = [self.gain * part.mean() if len(part) else np.nan for part in parts]
        return {"mean": np.array(means), "samples": (last - first).astype(float)}


@pytest.fixture(autouse=True)
def _tiny_is_known(own_registries):
    register_modality(Tiny)


def skin(seed=0, seconds=60):
    noise = np.random.default_rng(seed).normal(size=4 * seconds).cumsum()
    return Signal(33 + 0.01 * noise, 4.0, "C")


def tiny(n_channels=1, seconds=60, seed=0, unit="V", **options):
    values = np.random.default_rng(seed).normal(size=(n_channels, 10 * seconds))
    return Signal(values, 10.0, unit, **options)


@pytest.fixture
def people():
    """Three people: both sensors, only skin temperature, and a second channel."""
    return [
        Recording("a", {"temperature": skin(1), "tiny": tiny()}),
        Recording("b", {"temperature": skin(2)}),
        Recording("c", {"temperature": skin(3), "tiny": tiny(2, channels=["left", "right"])}),
    ]


def table_of(recordings, *args, **options):
    return extract_features(make_windows(recordings)[0], *args, **options)


def test_known_numbers():
    recording = Recording("a", {"tiny": Signal(np.arange(600.0), 10.0, "mV")})
    table = table_of([recording], ["tiny"])
    np.testing.assert_allclose(table["tiny__mean"], 1e-3 * (49.5 + 50 * np.arange(11)))
    assert table["tiny__samples"].eq(100).all()
    assert table["tiny__quality"].eq(1).all()


def test_columns_are_the_union_over_recordings_in_the_order_of_the_registry(people):
    table = table_of(people)
    skin_columns = Temperature().columns(["0"])
    assert list(table.columns) == [
        *skin_columns,
        "tiny__mean",
        "tiny__samples",
        "tiny__mean__left",
        "tiny__samples__left",
        "tiny__mean__right",
        "tiny__samples__right",
        "tiny__quality",
    ]
    assert table.dtypes.eq(float).all()
    assert set(table_of(people[::-1]).columns) == set(table.columns)


def test_a_recording_without_the_modality_has_nan_there(people):
    table = table_of(people)
    there = table.filter(like="tiny").notna()
    assert not there.loc["b"].any(axis=None)
    assert there.loc["a", ["tiny__mean", "tiny__quality"]].all(axis=None)
    assert not there.loc["a", "tiny__mean__left"].any()
    assert there.loc["c", ["tiny__mean__left", "tiny__mean__right"]].all(axis=None)
    assert table[["temperature__mean", "temperature__quality"]].notna().all(axis=None)


def test_a_data_set_without_the_modality_has_no_columns(people):
    assert table_of(people[1:2]).columns.str.startswith("temperature__").all()


def test_only_the_modalities_asked_for(people):
    by_alias = table_of(people, ["skt"])
    pd.testing.assert_frame_equal(by_alias, table_of(people, "temperature"))
    assert by_alias.columns.str.startswith("temperature__").all()
    doubled = table_of(people, [Tiny(gain=2.0), "temperature"])
    assert doubled.columns[0] == "tiny__mean"
    np.testing.assert_allclose(doubled["tiny__mean"], 2 * table_of(people)["tiny__mean"])


def test_the_index_is_kept(people):
    windows, y = make_windows(people)
    table = extract_features(windows)
    assert table.index.equals(windows.index)
    assert table.index.names == y.index.names


def test_the_order_of_rows_does_not_matter(people):
    windows, _ = make_windows(people)
    table = extract_features(windows)
    shuffled = windows.sample(frac=1.0, random_state=0)
    other = extract_features(shuffled)
    assert other.index.equals(shuffled.index)
    pd.testing.assert_frame_equal(other.loc[table.index, table.columns], table)


def test_part_of_the_windows_gives_part_of_the_table(people):
    windows, _ = make_windows(people)
    part = extract_features(windows.iloc[3:5])
    pd.testing.assert_frame_equal(part, extract_features(windows).loc[part.index, part.columns])


@pytest.mark.parametrize("few", [10**9, 0], ids=["threads", "processes"])
def test_two_jobs_give_the_same_table(people, few, monkeypatch):
    monkeypatch.setattr(tasks, "FEW_VALUES", few)
    pd.testing.assert_frame_equal(table_of(people[:2], n_jobs=2), table_of(people[:2]))


def test_windows_are_not_written_to(people):
    windows, _ = make_windows(people)
    before = windows.copy()
    extract_features(windows)
    pd.testing.assert_frame_equal(windows, before)


def test_progress_counts_recordings(people):
    seen = []
    table_of(people, progress=lambda *call: seen.append(call))
    assert seen == [("recordings", done, 3) for done in (1, 2, 3)]


def test_what_a_row_looks_back_on_is_of_its_own_trial():
    """The second trial begins like a recording of its own, whatever came before it."""
    first, other, second = (
        replace(simulate_recordings(1, minutes=0.7, sfreq=100, seed=seed)[0], trial=trial)
        for seed, trial in ((0, "1"), (1, "1"), (2, "2"))
    )
    after_first, after_other, alone = (
        extract_features(make_windows(trials)[0]).xs("2", level="trial")
        for trials in ([first, second], [other, second], [second])
    )
    pd.testing.assert_frame_equal(after_first, alone, check_exact=True)
    pd.testing.assert_frame_equal(after_other, alone, check_exact=True)
    assert np.isfinite(alone["eda__scl_mean"]).all()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_one_warning_for_each_modality_and_recording(n_jobs):
    gone = Signal(np.full((2, 600), np.nan), 10.0, "V")
    bad = Signal(np.full(240, np.nan), 4.0, "C")
    recordings = [
        Recording("a", {"temperature": bad, "tiny": gone}),
        Recording("b", {"temperature": bad, "tiny": tiny(2)}),
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = table_of(recordings, ["temperature", "tiny"], n_jobs=n_jobs)
    assert [str(one.message).split(" of ")[0] for one in caught] == [
        "a/1: temperature: 11",
        "a/1: tiny: 11",
        "b/1: temperature: 11",
    ]
    assert {one.category for one in caught} == {SignalWarning}
    assert {one.filename for one in caught} == {__file__}
    assert table.loc["a", ["temperature__quality", "tiny__quality"]].eq(0).all(axis=None)


def test_extractor_equals_the_function_and_keeps_its_columns(people):
    windows, _ = make_windows(people)
    extractor = FeatureExtractor().fit(windows)
    pd.testing.assert_frame_equal(extractor.transform(windows), extract_features(windows))
    alone = extractor.transform(windows.loc[["b"]])
    assert list(alone.columns) == extractor.columns_ == list(extractor.get_feature_names_out())
    assert alone.filter(like="tiny").isna().all(axis=None)


def test_extractor_with_columns_gives_exactly_these(people):
    windows, _ = make_windows(people)
    columns = ["tiny__mean", "temperature__slope", "eeg__quality"]
    table = FeatureExtractor(columns=columns).fit_transform(windows)
    assert list(table.columns) == columns
    whole = extract_features(windows)
    pd.testing.assert_frame_equal(table[columns[:2]], whole[columns[:2]])
    assert table["eeg__quality"].isna().all()


def test_extractor_warns_of_windows_of_another_length_than_it_was_fitted_to(people):
    ten, twenty = (make_windows(people, length=length)[0] for length in (10.0, 20.0))
    extractor = FeatureExtractor().fit(ten)
    assert extractor.window_length_ == 10.0
    extractor.transform(ten)
    with pytest.warns(PhysioVadWarning, match="windows are 20 s long, those of .* were 10 s"):
        extractor.transform(twenty)
    assert extractor.fit(pd.concat([ten, twenty])).window_length_ is None
    extractor.transform(twenty)


def test_extractor_leaves_out_modalities_that_no_column_needs(people, monkeypatch):
    monkeypatch.setattr(Tiny, "prepare", lambda *_: pytest.fail("must not be prepared"))
    windows, _ = make_windows(people)
    FeatureExtractor(columns=["temperature__mean"]).fit(windows).transform(windows)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("skin__mean", "unknown modality 'skin'"),
        ("temperature__meen", "unknown feature of temperature 'meen'; did you mean 'mean'"),
        ("temperature", "unknown feature of temperature ''"),
    ],
)
def test_extractor_refuses_columns_that_cannot_be(people, column, message):
    with pytest.raises(ArgumentError, match=message):
        FeatureExtractor(columns=[column]).fit(make_windows(people)[0])


def test_an_extractor_in_use_says_which_channels_a_recording_lacks(people):
    windows, _ = make_windows(people[2:])
    extractor = FeatureExtractor(columns=[*extract_features(windows), "eeg__quality"]).fit(windows)
    extractor.in_use_ = True
    extractor.transform(windows)  # nobody had an EEG in training: no news
    extractor.transform(make_windows(people[1:2])[0])  # of a whole sensor the model tells
    one_channel = replace(people[2], signals={"tiny": tiny()})
    with pytest.warns(SignalWarning, match="c/1: lacks channels of tiny that .* columns are empty"):
        extractor.transform(make_windows([one_channel])[0])
    extractor.fit_transform(windows)
    assert not extractor.in_use_


def test_extractor_clones_and_pickles(people):
    windows, _ = make_windows(people)
    extractor = FeatureExtractor([Temperature(context=30.0)], columns=["temperature__sd"], n_jobs=1)
    copy = clone(extractor)
    assert copy.get_params()["columns"] == ["temperature__sd"]
    assert copy.modalities[0].context == 30.0
    again = pickle.loads(pickle.dumps(copy.fit(windows)))
    pd.testing.assert_frame_equal(again.transform(windows), copy.transform(windows))


def test_extractor_takes_an_empty_table(people):
    windows, _ = make_windows(people)
    extractor = FeatureExtractor().fit(windows)
    assert extractor.transform(windows.iloc[:0]).shape == (0, len(extractor.columns_))


def test_extractor_must_be_fitted(people):
    with pytest.raises(NotFittedError):
        FeatureExtractor().transform(make_windows(people)[0])


def test_refuses_what_is_no_window_table(people):
    windows, _ = make_windows(people)
    for table, message in (
        (np.zeros((3, 3)), "window table of make_windows.*got ndarray"),
        (windows[["start", "stop"]], r"a DataFrame with the columns \['start', 'stop'\]"),
        (windows.reset_index(drop=True), r"levels \['subject', 'trial', 'window'\], got \[None\]"),
        (windows.assign(recording="a"), "column recording must hold Recording, got str"),
        (windows.iloc[:0], r"no recording has .*; the recordings have \[\]"),
    ):
        with pytest.raises(ArgumentError, match=message):
            extract_features(table)


def test_refuses_modalities_that_are_not_there(people):
    windows, _ = make_windows(people[1:2])
    with pytest.raises(ArgumentError, match=r"\['tiny'\]; the recordings have \['temperature'\]"):
        extract_features(windows, ["tiny"])
    with pytest.raises(ArgumentError, match="nothing to extract"):
        FeatureExtractor(["tiny"]).fit(windows)
    with pytest.raises(ArgumentError, match="unknown modality 'temperatur'; did you mean"):
        extract_features(windows, ["temperatur"])
    with pytest.raises(ArgumentError, match="'temperature' stands twice"):
        extract_features(windows, ["temperature", "skt"])
    with pytest.raises(ArgumentError, match="names or Modality instances"):
        extract_features(windows, [Temperature])


def test_events_where_a_signal_is_needed():
    windows, _ = make_windows([Recording("a", {"tiny": Events([0.0, 30.0], [1, 2], "V")})])
    with pytest.raises(RecordingError, match="'a', trial '1': tiny must be a Signal"):
        extract_features(windows)


def test_a_name_belongs_to_one_modality():
    for name, aliases, message in (
        ("temperature", (), "'temperature' is .*Temperature already"),
        ("skt", (), "'skt' is .*Temperature already"),
        ("other", ("tiny",), "'tiny' is .*Tiny already"),
        ("other", ("skt",), "'skt' is .*Temperature already"),
    ):
        other = type("Other", (Tiny,), {"name": name, "aliases": aliases})
        with pytest.raises(ArgumentError, match=message):
            register_modality(other)
    with pytest.raises(ArgumentError, match="subclass of Modality"):
        register_modality(Recording)


def test_breaths_and_beats_are_found_once_for_all_modalities(monkeypatch):
    """ECG, PPG and respiration want the breaths of the belt, ECG and PPG the beats of the ECG."""
    found = []

    def counted(name, function):
        return lambda *some: (found.append(name), function(*some))[1]

    monkeypatch.setattr(breaths, "_breath_cycles", counted("belt", breaths._breath_cycles))
    monkeypatch.setattr(beats, "_detect", counted("heart", beats._detect))
    recording = simulate_recordings(1, minutes=1.0, sfreq=250.0, seed=8)[0]
    time = np.arange(15_000) / 250
    ecg = Signal(np.exp(-0.5 * ((time % 0.8 - 0.4) / 0.01) ** 2), 250.0, "mV")
    signals = {name: recording.signals[name] for name in ("ppg", "respiration")} | {"ecg": ecg}
    extract_features(make_windows([Recording("anna", signals)])[0])
    assert sorted(found) == ["belt", "heart", "heart"]
