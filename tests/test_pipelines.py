"""Every recipe in pipelines/ runs the whole way on a small data set in its own layout."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from layouts import write_device_studies, write_studies

from physio_vad.preprocessing import SubjectScaler
from physio_vad.study import steps
from physio_vad.study.recipe import load_recipe

WRITERS = {**write_studies.WRITERS, **write_device_studies.WRITERS}
PIPELINES = Path(__file__).parents[1] / "pipelines"


def find_files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


@pytest.mark.parametrize("path", sorted(PIPELINES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_recipe_runs_on_its_own_layout(path, tmp_path):
    assert path.stem in WRITERS, "its small files: WRITERS in tests/layouts/write_*studies.py"
    WRITERS[path.stem](tmp_path / "data")
    recipe = load_recipe(path)
    tables = steps.make_tables(recipe, tmp_path / "data", tmp_path)
    assert tables.X.index.get_level_values("subject").nunique() == 3
    done = [json.loads(one.read_text()) for one in (tmp_path / "parts").glob("*.json")]
    watched = {name for one in done for name, *_ in one["how"]["files"]}
    there = {one.relative_to(tmp_path / "data").as_posix() for one in find_files(tmp_path / "data")}
    assert watched == there, "a file that is read may change without notice"
    modalities = {column.split("__")[0] for column in tables.X}
    defined = {column.split("__")[0] for column in tables.X.columns[tables.X.notna().all()]}
    assert defined == modalities, "a modality of this recipe gives nothing"
    evaluations = steps.evaluate_models(tables)
    assert list(evaluations) == recipe.models
    steps.train(tables, tmp_path / "model.joblib")
    predicted = steps.predict(tmp_path / "model.joblib", tmp_path / "data")
    assert predicted.notna().all(axis=None)
    truth = tables.y[evaluations[recipe.models[0]].targets[0]]
    table = evaluations[recipe.models[0]].predictions
    keys = ["subject", "trial", "window"]
    found = table.set_index(keys)[truth.name].sort_index()
    np.testing.assert_array_equal(found, truth[found.index])


@pytest.mark.parametrize(
    ("name", "n_rest", "defined"),
    [
        ("deap", 2, {"eeg", "emg", "ppg", "temperature"}),  # one of 3 s a video, less than a breath
        ("amigos", 2, {"eeg"}),  # one of 5 s a video
        ("dreamer", 4, {"eeg", "ecg"}),  # two of 15 s in the 40 s before a clip
    ],
)
def test_features_are_scaled_by_the_rest_before_each_stimulus(name, n_rest, defined, tmp_path):
    WRITERS[name](tmp_path / "data")
    recipe = load_recipe(PIPELINES / f"{name}.toml")
    model = replace(recipe.model, normalise="baseline", estimator="ridge")
    tables = steps.make_tables(replace(recipe, model=model), tmp_path / "data", tmp_path)
    resting = tables.X.index.get_level_values("window") < 0
    assert tables.X[resting].groupby(level="subject").size().tolist() == [n_rest] * 3
    assert tables.y[resting].isna().all(axis=None)
    scaled = SubjectScaler("baseline").fit_transform(tables.X)
    middle = scaled[resting].groupby(level="subject").mean()
    assert middle.abs().max().max() < 1e-6
    known = tables.X.columns[scaled.notna().any()]
    assert {column.split("__")[0] for column in known if "quality" not in column} == defined
    (evaluation,) = steps.evaluate_models(tables).values()
    assert (evaluation.predictions["window"] >= 0).all()
    names = [f"{target}_predicted" for target in evaluation.targets]
    assert evaluation.predictions[names].notna().all(axis=None)


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*which way is up:physio_vad.exceptions.SignalWarning")
def test_stress_predict_on_the_real_recordings(shared_data, tmp_path):
    recipe = load_recipe(PIPELINES / "stress_predict.toml")
    tables = steps.make_tables(recipe, shared_data / "stress_predict_e4", tmp_path)
    assert tables.X.index.get_level_values("subject").nunique() == 20
    pure = tables.y["stress"].isin([0.0, 1.0])
    assert pure.mean() > 0.9  # the others lie across the border of two blocks that touch
    (evaluation,) = steps.evaluate_models(tables).values()
    assert evaluation.predictions["stress_predicted"].notna().all()
    assert {"training_mean", "scale_midpoint"} <= set(evaluation.info["baselines"])
