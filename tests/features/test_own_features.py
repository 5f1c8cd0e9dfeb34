"""Features of your own: what they get, their columns, what is refused, and the way to a model."""

import functools

import numpy as np
import pandas as pd
import pytest

from physio_vad import (
    Feature,
    FeatureExtractor,
    Recording,
    Signal,
    build_pipeline,
    deploy,
    extract_features,
    feature_catalogue,
    load_model,
    make_windows,
    register_modality,
    save_model,
    simulate_recordings,
)
from physio_vad.dsp.window_calls import vectorised
from physio_vad.exceptions import ArgumentError, SignalWarning
from physio_vad.modalities import EDA, MODALITIES


def mad(values, sfreq):
    """Median absolute deviation."""
    return np.median(np.abs(values - np.median(values)))


@vectorised
def mads(values, sfreq):
    """Median absolute deviations of many windows."""
    return np.median(np.abs(values - np.median(values, axis=1, keepdims=True)), axis=1)


def seconds(values, sfreq, power=1):
    return (len(values) / sfreq) ** power


def overwrites(values, sfreq):
    values[:] = 0


def two(values, sfreq):
    return values[:2]


class MyEDA(EDA):
    """EDA with one feature more."""

    @property
    def features(self):
        return (*super().features, Feature("mad", "uS", "median absolute deviation"))

    def compute(self, prepared, starts, stops):
        first, last = prepared.signal.spans(starts, stops)
        x = prepared.signal.values[0]
        rows = [mad(x[a:b], 10.0) for a, b in zip(first, last, strict=True)]
        return {**super().compute(prepared, starts, stops), "mad": np.array(rows)}


class MyOtherEDA(MyEDA):
    name = "palm_eda"


def windows_of(values, unit, sfreq=10.0, modality="eda", length=10.0, step=5.0):
    recording = Recording("anna", {modality: Signal(values, sfreq, unit)})
    return make_windows([recording], length=length, step=step)[0]


SKIN = 5000 + np.random.default_rng(0).normal(size=600).cumsum()  # nS


def test_a_function_gets_the_window_in_the_modality_s_unit():
    table = extract_features(windows_of(SKIN, "nS"), extra={"eda__mad": mad, "eda__long": seconds})
    expected = [mad(SKIN[a : a + 100] / 1000, 10.0) for a in range(0, 501, 50)]
    np.testing.assert_allclose(table["eda__mad"], expected, rtol=1e-12)
    assert table["eda__long"].tolist() == [10.0] * 11
    assert list(table.columns[-3:]) == ["eda__mad", "eda__long", "eda__quality"]


def test_a_vectorised_function_gives_the_same_at_any_length():
    values = np.random.default_rng(1).normal(size=(3, 2510))
    recording = Recording("a", {"eeg": Signal(values, 100.0, "uV", channels=["F3", "F4", "Cz"])})
    windows, _ = make_windows([recording], length=4, step=2.5)
    windows.loc[windows.index[1:3], "stop"] += 1.0
    table = extract_features(windows, extra={"eeg__one": mad, "eeg__all": mads})
    for channel in ("F3", "F4", "Cz"):
        found = table[[f"eeg__one__{channel}", f"eeg__all__{channel}"]].to_numpy()
        np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=1e-12)
        assert np.isfinite(found).all()


def test_bad_windows_are_nan_and_the_function_is_not_called():
    values = np.sin(np.arange(600) / 5)
    values[:150] = np.nan
    windows = windows_of(values, "a.u.", modality="respiration")
    with pytest.warns(SignalWarning, match="2 of 11 windows"):
        table = extract_features(windows, extra={"respiration__mad": mad})
    bad = table["respiration__mad"].isna()
    assert bad.any()
    pd.testing.assert_series_equal(bad, table["respiration__quality"] == 0, check_names=False)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"eda__mad": lambda values, sfreq: 0.0}, "cannot be pickled.*by def at the top"),
        ({"eda__scl_mean": mad}, "eda has a feature 'scl_mean' already"),
        ({"eda__quality": mad}, "already"),
        ({"edo__mad": mad}, "unknown modality 'edo'; did you mean"),
        ({"mad": mad}, "must be called <modality>__<feature>"),
        ({"eda__mad__F3": mad}, "channels are added by themselves"),
        ({"eda__mad": 3}, "must be a function"),
        ([mad], "must map columns to functions"),
        ({"eda__two": two}, r"eda__two.*must return one number, got shape \(2,\)"),
        ({"eda__zero": overwrites}, "eda__zero.*read-only"),
    ],
)
def test_what_is_no_feature_is_refused_and_named(extra, message):
    with pytest.raises(ArgumentError, match=message):
        extract_features(windows_of(SKIN, "nS"), extra=extra)


def test_it_is_trained_deployed_saved_and_documented(tmp_path):
    """By its import name: a function of parameters too, by functools.partial."""
    extra = {"temperature__mad": mad, "temperature__cube": functools.partial(seconds, power=3)}
    recordings = simulate_recordings(2, minutes=2, seed=0)
    windows, y = make_windows(recordings, length=10, step=10)
    X = extract_features(windows, ["temperature"], extra=extra)
    assert (X["temperature__cube"] == 1000).all()
    pipeline = build_pipeline(estimator="ridge").fit(X, y)
    model = deploy(pipeline, FeatureExtractor(["temperature"], extra=extra))
    path = tmp_path / "model.pvad"
    save_model(path, model, targets=y.columns)
    loaded = load_model(path).pipeline
    np.testing.assert_allclose(loaded.predict(windows), pipeline.predict(X))
    page = feature_catalogue(["temperature"], extra)
    assert page.loc["temperature__mad", "text"] == "Median absolute deviation."


def test_a_subclass_adds_to_a_modality_and_leaves_its_aliases_alone():
    windows = windows_of(SKIN, "nS")
    table, whole = extract_features(windows, [MyEDA()]), extract_features(windows, ["eda"])
    assert np.isfinite(table.pop("eda__mad")).all()
    pd.testing.assert_frame_equal(table, whole)
    register_modality(MyOtherEDA)
    assert MODALITIES.find("gsr") is EDA
    assert (MyOtherEDA.aliases, MyEDA.aliases) == ((), ("gsr",))
    palm = extract_features(windows_of(SKIN, "nS", modality="palm_eda"))
    np.testing.assert_array_equal(palm["palm_eda__scl_mean"], whole["eda__scl_mean"])
    with pytest.raises(ArgumentError, match=r"give an instance.*\[MyEDA\(\)\]"):
        register_modality(MyEDA)
