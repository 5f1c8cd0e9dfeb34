"""Model files: what goes in comes out, and what is no model is refused before unpickling."""

import json
import pickle
import subprocess
import sys
import types
import warnings
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from physio_vad.exceptions import (
    ArgumentError,
    MissingSensorWarning,
    ModelFileError,
    PhysioVadWarning,
)
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.inputs import Input, inputs_of, inputs_of_columns
from physio_vad.features.windows import make_windows
from physio_vad.model_file import MAGIC, join_parts, read_parts
from physio_vad.persistence import load_model, save_model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.regressors import MODELS
from physio_vad.study.recipe import Recipe
from physio_vad.synthetic import simulate_recordings

SCALE = {"valence": (1.0, 9.0)}


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [list("abcdef"), ["1"], range(12)], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame(rng.normal(size=(72, 5)), index=index, columns=list("vwxyz"))
    y = pd.DataFrame({"valence": X["v"] + 5, "arousal": X["w"] + 5}, index=index)
    return X, y


@pytest.fixture
def saved(tables, tmp_path) -> Path:
    X, y = tables
    path = tmp_path / "model.joblib"
    pipeline = build_pipeline("chain", random_state=0).fit(X, y)
    save_model(path, pipeline, targets=y.columns, scale=SCALE, recipe={"windows": {"length": 10}})
    return path


def with_note(path: Path, **changes: object) -> Path:
    """Write the file again with another note behind the same pickle, and its right digest."""
    body, note = read_parts(path)
    path.write_bytes(join_parts(body, json.dumps(note | changes).encode()))
    return path


def test_predictions_survive_to_the_last_bit_in_another_process(saved, tables, tmp_path):
    X, _ = tables
    expected = load_model(saved).predict(X)
    X.to_parquet(tmp_path / "X.parquet")
    code = (
        "import sys, pandas as pd; from physio_vad.persistence import load_model;"
        "load_model(sys.argv[1]).predict(pd.read_parquet(sys.argv[2])).to_parquet(sys.argv[3])"
    )
    files = [str(saved), str(tmp_path / "X.parquet"), str(tmp_path / "out.parquet")]
    subprocess.run([sys.executable, "-c", code, *files], check=True)
    pd.testing.assert_frame_equal(pd.read_parquet(files[2]), expected, check_exact=True)


def test_a_model_keeps_what_it_was_trained_on(saved):
    model = load_model(saved)
    assert model.targets == ("valence", "arousal")
    assert model.scale == SCALE
    assert model.columns == tuple("vwxyz")
    assert model.recipe == {"windows": {"length": 10}}
    assert {"python", "physio-vad", "scikit-learn", "lightgbm"} <= set(model.versions)


def test_plain_joblib_reads_the_pipeline(saved, tables):
    X, _ = tables
    np.testing.assert_array_equal(joblib.load(saved).predict(X), load_model(saved).predict(X))


def test_columns_may_come_in_any_order_and_missing_ones_are_named(saved, tables):
    X, _ = tables
    model = load_model(saved)
    shuffled = X[list("zyxwv")].assign(extra=1.0)
    pd.testing.assert_frame_equal(model.predict(shuffled), model.predict(X))
    with pytest.raises(ArgumentError, match=r"1 of the model's 5 columns are missing.*'w'"):
        model.predict(X.drop(columns="w"))


def test_a_table_model_refuses_raw_windows(saved, tables):
    X, _ = tables
    with pytest.raises(ArgumentError, match="takes feature tables"):
        load_model(saved).predict(pd.DataFrame({"recording": [None]}, index=X.index[:1]))


def test_other_versions_are_named_before_anything_is_unpickled(saved, tables):
    X, _ = tables
    expected = load_model(saved).predict(X)
    with_note(saved, versions=read_parts(saved)[1]["versions"] | {"numpy": "0.9.1"})
    with pytest.raises(ModelFileError, match=r"numpy 0\.9\.1 there, .* here"):
        load_model(saved)
    with pytest.warns(PhysioVadWarning, match="numpy"):
        model = load_model(saved, on_mismatch="warn")
    pd.testing.assert_frame_equal(model.predict(X), expected)


class Quantile(Ridge):
    """An estimator of somebody else."""


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a file that is no model was unpickled",))


@pytest.mark.parametrize(
    "content", [b"", b"hello", pickle.dumps(Bomb()), pickle.dumps(Bomb()) + bytes(8) + MAGIC]
)
def test_what_is_no_model_is_refused_without_unpickling(content, tmp_path):
    path = tmp_path / "other.joblib"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"other\.joblib"):
        load_model(path)


def test_damage_is_named(saved):
    content = saved.read_bytes()
    saved.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelFileError, match="not a whole one"):
        load_model(saved)
    saved.write_bytes(content[1000:])
    with pytest.raises(ModelFileError, match=r"damaged, or changed .*train again"):
        load_model(saved)
    saved.write_bytes(content)
    body, note = read_parts(saved)
    saved.write_bytes(join_parts(body[1000:], json.dumps(note).encode()))
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        load_model(saved)
    with pytest.raises(ModelFileError, match=r"missing\.joblib: cannot be read"):
        load_model(saved.with_name("missing.joblib"))


def test_an_unfitted_pipeline_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError):
        save_model(tmp_path / "m.joblib", build_pipeline(), targets=["valence"])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(saved, tables, monkeypatch):
    before = saved.read_bytes()
    X, y = tables
    pipeline = build_pipeline().fit(X, y)
    monkeypatch.setattr(joblib, "dump", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_model(saved, pipeline, targets=y.columns)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_on_mismatch_takes_two_words(saved):
    with pytest.raises(ArgumentError, match="on_mismatch must be"):
        load_model(saved, on_mismatch="ignore")


@pytest.fixture(scope="module")
def person():
    return simulate_recordings(n_subjects=1, minutes=1, seed=2)


@pytest.fixture(scope="module")
def raw_file(person, tmp_path_factory) -> Path:
    """A model of windows of 10 s, saved in Python without a recipe."""
    windows, y = make_windows(person)
    X = extract_features(windows, ["temperature"])
    pipeline = build_pipeline(estimator="ridge").fit(X, y)
    path = tmp_path_factory.mktemp("raw") / "raw.joblib"
    save_model(path, deploy(pipeline, FeatureExtractor(["temperature"])), targets=y.columns)
    return path


def test_windows_of_another_length_are_warned_about(person, raw_file):
    model = load_model(raw_file)
    assert model.window_length == 10
    model.predict(make_windows(person, step=2)[0])  # the same length: no warning
    longer, _ = make_windows(person, length=20, step=20)
    with pytest.warns(PhysioVadWarning, match="20 s long, those of the training were 10 s"):
        predicted = model.predict(longer)
    assert predicted.notna().all(axis=None)
    with pytest.warns(PhysioVadWarning, match="20 s long"):
        model.pipeline.predict(longer)
    with pytest.warns(PhysioVadWarning, match="12 s long"):  # a fifth longer is not the same
        model.predict(make_windows(person, length=12, step=12)[0])


def test_a_missing_sensor_is_told_once(person, raw_file):
    bare = replace(person[0], signals={"eda": person[0].signals["eda"]})
    windows, _ = make_windows([bare])
    model = load_model(raw_file)
    with pytest.warns(MissingSensorWarning, match="no temperature of S01; ") as caught:
        model.predict(windows)
    assert len(caught) == 1


def test_a_short_baseline_is_no_other_length(person, raw_file):
    windows, _ = make_windows(person)
    rest = windows.iloc[:1].assign(stop=6.0).rename(index={0: -1}, level="window")
    assert len(load_model(raw_file).predict(pd.concat([rest, windows]))) == len(windows) + 1


def test_a_pipeline_of_the_raw_door_knows_its_length_too(person, tmp_path):
    windows, y = make_windows(person, length=15, step=5)
    extractor = FeatureExtractor(["temperature"])
    raw = build_pipeline(estimator="ridge", features=extractor).fit(windows, y)
    assert save_model(tmp_path / "m.joblib", raw, targets=y.columns).window_length == 15
    with pytest.warns(PhysioVadWarning, match="10 s long, those of the training were 15 s"):
        raw.predict(make_windows(person)[0])


def test_the_length_can_be_told_where_the_labels_do_not(person):
    windows, y = make_windows(person)
    X = extract_features(windows, ["temperature"])
    y.attrs = {}
    pipeline = build_pipeline(estimator="ridge").fit(X, y)
    longer, _ = make_windows(person, length=20, step=20)
    assert len(deploy(pipeline, FeatureExtractor()).predict(longer)) == 3
    with pytest.warns(PhysioVadWarning, match="were 10 s"):
        deploy(pipeline, FeatureExtractor(), length=10).predict(longer)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"1" * 5_000,
        b"\xff",
        {"targets": []},
        {"targets": "valence"},
        {"targets": [1]},
        {"targets": ["valence", "valence"]},
        {"scale": []},
        {"scale": {"valence": 3}},
        {"scale": {"valence": ["a", "b"]}},
        {"scale": {"valence": [9, 1]}},
        {"scale": {"valence": [0, float("inf")]}},
        {"columns": None},
        {"columns": [["v"]]},
        {"recipe": None},
        {"versions": {"numpy": 1}},
        {"window_length": "10"},
        {"window_length": -1},
        {"window_length": True},
        {"window_length": float("nan")},
        {"more": 1},
    ],
    ids=lambda note: str(note)[:40],
)
def test_a_forged_note_is_refused_by_its_schema(note, saved):
    body, whole = read_parts(saved)
    text = note if isinstance(note, bytes) else json.dumps(whole | note).encode()
    saved.write_bytes(join_parts(body, text))
    with pytest.raises(ModelFileError, match=r"model\.joblib"):
        load_model(saved)


def test_what_is_no_table_is_refused_with_what_is_wanted(saved, raw_file):
    with pytest.raises(ArgumentError, match=r"takes windows: .*read_recordings.*got str"):
        load_model(raw_file).predict("new")
    with pytest.raises(ArgumentError, match=r"takes a feature table: .*got list"):
        load_model(saved).predict([1.0])


def test_a_recipe_must_be_tables(tables, tmp_path):
    X, y = tables
    pipeline = build_pipeline(estimator="ridge").fit(X, y)
    with pytest.raises(ArgumentError, match=r"to_tables\(\), got Recipe"):
        save_model(tmp_path / "m.joblib", pipeline, targets=y.columns, recipe=Recipe())


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        ("pupil_here", "the module 'pupil_here' defines: make that importable.*PYTHONPATH"),
        ("__main__", "the script which made it defines: load it from that script"),
    ],
)
def test_a_model_with_a_class_of_yours_says_where_it_must_be(
    module, advice, tables, tmp_path, monkeypatch
):
    X, y = tables
    home = sys.modules.setdefault(module, types.ModuleType(module))
    own = type("Own", (Ridge,), {"__module__": module, "__init__": Ridge.__init__})
    with monkeypatch.context() as patch:
        patch.setattr(home, "Own", own, raising=False)
        pipeline = build_pipeline(estimator=own()).fit(X, y)
        save_model(tmp_path / "model.joblib", pipeline, targets=y.columns)
    if module != "__main__":
        del sys.modules[module]
    with pytest.raises(ModelFileError, match=advice):
        load_model(tmp_path / "model.joblib")


def sealed(tmp_path):
    """Give a model with intervals and inputs that went through a file, and its windows."""
    windows, y = make_windows(simulate_recordings(n_subjects=3, minutes=1, seed=1))
    X = extract_features(windows, ["eda", "temperature"])
    pipeline = deploy(
        build_pipeline(estimator="ridge").fit(X, y), FeatureExtractor(["eda", "temperature"])
    )
    widths = {0.8: {"valence": 1.0, "arousal": np.inf, "dominance": 2.0}}
    path, scale = tmp_path / "m.joblib", dict.fromkeys(y.columns, (1.0, 9.0))
    save_model(
        path,
        pipeline,
        targets=y.columns,
        scale=scale,
        inputs=inputs_of(windows["recording"][:1]),
        half_widths=widths,
    )
    return load_model(path), windows, X


def test_a_model_says_its_sensors_and_intervals(tmp_path):
    model, windows, X = sealed(tmp_path)
    signals = windows["recording"].iloc[0].signals
    eda = next(one for one in model.inputs if one.modality == "eda")
    assert (eda.unit, eda.channels, eda.sfreq) == (signals["eda"].unit, (), signals["eda"].sfreq)
    plain, graded = model.predict(windows), model.predict(windows, interval=0.8)
    assert graded[list(plain)].equals(plain)
    inside = plain["valence"].between(2, 8)
    assert np.allclose((graded["valence_high"] - graded["valence_low"])[inside], 2.0)
    assert (graded["arousal_low"] == 1).all()
    assert (graded["arousal_high"] == 9).all()
    assert model.predict(X, interval=0.8).equals(graded)
    with pytest.raises(ArgumentError, match=r"it has 0\.8"):
        model.predict(X, interval=0.9)


def test_a_row_of_poor_signal_is_withheld_with_its_reason(tmp_path):
    model, _, X = sealed(tmp_path)
    X = X.copy()
    X.loc[X.index[2], ["eda__quality", "temperature__quality"]] = [0.1, 0.3]
    graded = model.predict(X, interval=0.8, min_quality=0.5)
    assert list(np.flatnonzero(graded["valence"].isna())) == [2]
    assert graded.iloc[2].drop(["quality", "withheld"]).isna().all()
    assert graded["withheld"].iloc[2] == "quality 0.20 is below 0.5 (eda 0.10, temperature 0.30)"
    assert (graded["withheld"].drop(X.index[2]) == "").all()
    X.loc[X.index[2], ["eda__quality", "temperature__quality"]] = [0.1, np.nan]
    graded = model.predict(X, interval=0.8, min_quality=0.5)
    assert graded["withheld"].iloc[2] == "quality 0.10 is below 0.5 (eda 0.10, temperature missing)"


def test_inputs_are_read_from_columns_where_nothing_else_is_known():
    found = inputs_of_columns(["eeg__alpha_power__F3", "eeg__alpha_asymmetry__F4-F3", "eda__level"])
    assert found == (Input("eeg", "uV", ("F3",)), Input("eda", "uS"))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_without_pickle_predicts_the_same_to_the_last_bit(name, person, tmp_path):
    pytest.importorskip("skops")
    windows, y = make_windows(person)
    X = extract_features(windows, ["temperature"])
    X, y = (pd.concat([one, one, one]) for one in (X, y))
    people = [f"s{row % 4}" for row in range(len(X))]
    index = pd.MultiIndex.from_arrays(
        [people, ["1"] * len(X), range(len(X))], names=["subject", "trial", "window"]
    )
    X, y = X.set_axis(index), y.set_axis(index)
    pipeline = deploy(
        build_pipeline(name, random_state=0).fit(X, y), FeatureExtractor(["temperature"])
    )
    path = tmp_path / "m.skops"
    save_model(path, pipeline, targets=y.columns, format="skops")
    loaded = load_model(path, trusted=[])
    pd.testing.assert_frame_equal(
        loaded.predict(X),
        pd.DataFrame(np.asarray(pipeline[1:].predict(X)), index, y.columns),
        check_exact=True,
    )


def test_what_is_not_trusted_is_named_and_not_made(tables, tmp_path):
    pytest.importorskip("skops")
    X, y = tables
    pipeline = build_pipeline(estimator=Quantile()).fit(X, y)
    save_model(tmp_path / "m.skops", pipeline, targets=y.columns, format="skops")
    strange = f"{Quantile.__module__}.Quantile"
    with pytest.raises(ModelFileError, match=rf"m\.skops.*trusts yet: {strange}; .*trusted="):
        load_model(tmp_path / "m.skops")
    model = load_model(tmp_path / "m.skops", trusted=[strange])
    np.testing.assert_array_equal(model.predict(X), pipeline.predict(X))
    save_model(tmp_path / "m.joblib", pipeline, targets=y.columns)
    with pytest.raises(ModelFileError, match="holds a pickle"):
        load_model(tmp_path / "m.joblib", trusted=[])
    with pytest.raises(ArgumentError, match="unknown format 'onnx'"):
        save_model(tmp_path / "m.onnx", pipeline, targets=y.columns, format="onnx")


def test_names_and_scale_are_those_of_the_training_unless_said(tables, tmp_path):
    X, y = tables
    y = y.copy()
    y.attrs["scale"] = {"valence": (1, 9), "arousal": (4.9, 5.1)}
    pipeline = build_pipeline(estimator="ridge").fit(X, y)
    saved = save_model(tmp_path / "m.joblib", pipeline)
    assert saved.targets == ("valence", "arousal")
    assert saved.scale == {"valence": (1.0, 9.0), "arousal": (4.9, 5.1)}
    assert load_model(tmp_path / "m.joblib").predict(X)["arousal"].between(4.9, 5.1).all()
    renamed = save_model(
        tmp_path / "m.joblib", pipeline, targets=["Valenz", "arousal"], scale=(0, 10)
    )
    assert renamed.scale == {"Valenz": (0.0, 10.0), "arousal": (0.0, 10.0)}


@pytest.mark.parametrize(
    "options",
    [
        {"targets": ["arousal", "valence"]},
        {"targets": ["dominance", "valence"]},
        {"targets": ["valence"]},
        {"scale": {"Valence": (1, 9)}},
        {"scale": (9, 1)},
    ],
)
def test_other_names_than_those_it_predicts_are_refused(tables, tmp_path, options):
    pipeline = build_pipeline(estimator="ridge").fit(*tables)
    with pytest.raises(ArgumentError, match=r"fitted to predict|target in scale|\(low, high\)"):
        save_model(tmp_path / "m.joblib", pipeline, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_search_is_no_pipeline_and_one_without_names_needs_some(tables, tmp_path):
    X, y = tables
    search = GridSearchCV(build_pipeline(estimator="ridge"), {"model__estimator__alpha": [1.0]})
    with pytest.raises(ArgumentError, match="of a search give best_estimator_"):
        save_model(tmp_path / "m.joblib", search.fit(X, y))
    with pytest.raises(ArgumentError, match="give targets="):
        save_model(tmp_path / "m.joblib", build_pipeline(Ridge()).fit(X, y))


@pytest.mark.parametrize("normalise", [None, "subject", "online"])
def test_feature_tables_of_windows_of_another_length_are_warned_about(normalise):
    people = simulate_recordings(n_subjects=3, minutes=1, seed=1)
    windows, y = make_windows(people, length=10, step=10)
    X = extract_features(windows, ["temperature"])
    X["temperature__unused"] = np.nan
    pipeline = build_pipeline(estimator="ridge", normalise=normalise).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", PhysioVadWarning)
        pipeline.predict(X)
    other = make_windows(people, length=20, step=10)[0]
    table = extract_features(other, ["temperature"]).assign(temperature__unused=np.nan)
    with pytest.warns(PhysioVadWarning, match="20 s long, those of the training were 10 s"):
        pipeline.predict(table)
