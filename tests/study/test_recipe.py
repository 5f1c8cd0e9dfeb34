"""Recipes: every mistake is named with file, table, key, value and the nearest valid key."""

import json
from pathlib import Path

import pytest

from physio_vad.exceptions import RecipeError
from physio_vad.io import READERS
from physio_vad.modalities import MODALITIES
from physio_vad.study.recipe import Recipe, load_recipe, make_recipe

PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.toml"))


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.stem)
def test_every_recipe_is_valid_and_survives_a_round_trip(path):
    recipe = load_recipe(path)
    assert recipe.recipe.name
    assert recipe.recipe.text
    tables = json.loads(json.dumps(recipe.to_tables()))
    assert make_recipe(tables).to_tables() == recipe.to_tables()


def test_every_layout_has_a_recipe():
    recorded = {"live"}  # what `physio-vad live` writes is read with its own name alone
    layouts = {load_recipe(path).layout.name for path in PIPELINES}
    assert layouts == set(READERS) - recorded, "each needs a file in pipelines/"


def test_the_default_recipe_is_that_of_the_eleven_column_layout():
    recipe = load_recipe(Path(__file__).parents[2] / "pipelines" / "eleven_column.toml")
    default = Recipe()
    assert (recipe.layout, recipe.windows, recipe.model) == (
        default.layout,
        default.windows,
        default.model,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[windws]", r"r\.toml: unknown table 'windws'; did you mean 'windows'"),
        ("[windows]\nlenght = 3", r"r\.toml: \[windows\]: unknown key 'lenght'; .*'length'"),
        (
            "[windows]\nlength = 'x'",
            r"r\.toml: \[windows\] length: must be a finite number, got 'x'",
        ),
        ("[windows]\nlength = true", r"\[windows\] length: must be a finite number, got True"),
        ("windows = 3", r"\[windows\] must be a table, got 3"),
        ("[model]\nname = 'chian'", r"\[model\] name: unknown name 'chian'; did you mean 'chain'"),
        ("[model]\nname = 'os.system'", r"\[model\] name: unknown name 'os.system'"),
        ("[model]\nestimator = 'sklearn.svm.SVR'", r"\[model\] estimator: unknown name"),
        ("[model]\nselect = 2.5", r"\[model\]: select must be a number of .* got 2.5"),
        ("[evaluation]\nmodels = ['stak']", r"\[evaluation\] models: unknown name 'stak'"),
        ("[evaluation]\nmodels = [3]", r"models: must be a list, each text, got \[3\]"),
        ("[evaluation]\ncv = 'loso'", r"\[evaluation\] cv: unknown name 'loso'"),
        ("[layout]\nname = 'daep'", r"\[layout\] name: unknown name 'daep'"),
        ("[layout]\nsfreqs = 250", r"\[layout\]: unknown key 'sfreqs'; did you mean 'sfreq'"),
        ("[model]\nrandom_state = -1", r"\[model\] random_state: must be from 0 to 2\*\*32 - 1"),
        ("[model]\nrandom_state = 1" + "0" * 4000, r"random_state: must be from 0"),
        ("[features]\nmodalities = ['egg']", r"\[features\]: unknown modality 'egg'"),
        ("[features.egg]\nx = 1", r"unknown table features 'egg'"),
        ("[features.temperature]\nkontext = 1", r"\[features.temperature\]: unknown key 'kontext'"),
        ("[layout", r"r\.toml: is no valid TOML"),
        ("a = " + "[" * 10_000, r"r\.toml: tables or lists are nested too deep"),
        ("[model]\nselect = " + "1" * 5_000, r"r\.toml: is no valid TOML: .*digits"),
        ("[windows]\nlength = 1" + "0" * 400, r"\[windows\] length: must be a finite number"),
        ("[windows]\nlength = inf", r"\[windows\] length: must be a finite number, got inf"),
        ("[model]\ntargets = ['fold']", r"targets: a target cannot be called 'fold'"),
    ],
)
def test_mistakes_are_named(text, message, tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=message):
        load_recipe(path)


def test_files_that_are_none_are_named(tmp_path):
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="not UTF-8"):
        load_recipe(tmp_path / "bytes.toml")


def test_parameters_reach_the_parts():
    recipe = make_recipe(
        {
            "features": {"modalities": ["skt"], "temperature": {"context": 25.0}},
            "model": {"name": "chain", "estimator": "ridge", "targets": ["valence"]},
        }
    )
    (temperature,) = recipe.modalities()
    assert isinstance(temperature, MODALITIES["temperature"])
    assert temperature.context == 25.0
    assert recipe.pipeline().named_steps["model"].targets == ["valence"]
    assert type(recipe.pipeline("multioutput").named_steps["model"]).__name__ == "MultiOutput"
    assert recipe.models == ["chain"]
