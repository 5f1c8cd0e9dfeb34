"""What the README says is true: its code runs, its tables come from the code."""

import re
import runpy
from pathlib import Path

import matplotlib
import pytest

from physio_vad.io import READERS
from physio_vad.modalities import MODALITIES
from physio_vad.regressors import MODELS
from physio_vad.study.recipe import load_recipe

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ORDER = "README.md: a row each, in the order of the registry"


def table_of(name: str) -> list[str]:
    """Rows that stand between the marks of a table."""
    match = re.search(rf"<!-- {name}: begin .*?-->\n(.*?)<!-- {name}: end -->", README, re.DOTALL)
    assert match, f"README.md has no table {name}"
    return match.group(1).splitlines()


def test_the_table_of_modalities_is_that_of_the_code():
    assert table_of("modalities") == [
        f"| `{name}` | {', '.join(f'`{alias}`' for alias in cls.aliases)} "
        f"| {', '.join(f'`{unit}`' for unit in cls.units)} |"
        for name, cls in MODALITIES.items()
        if cls.__module__.startswith("physio_vad.")
    ]


def test_the_table_of_recipes_is_that_of_the_folder():
    rows = []
    for path in sorted((ROOT / "pipelines").glob("*.toml")):
        recipe = load_recipe(path)
        rows.append(f"| `pipelines/{path.name}` | `{recipe.layout.name}` | {recipe.recipe.text} |")
    assert table_of("recipes") == rows


def test_the_table_of_layouts_names_them_all():
    assert [row.split("`")[1] for row in table_of("layouts")] == list(READERS), ORDER


def test_the_table_of_models_names_them_all():
    assert [row.split("`")[1].strip('"') for row in table_of("models")] == list(MODELS), ORDER


def test_a_page_says_when_to_take_each_model():
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2] for row in page.splitlines() if row.startswith("|")]
    assert set(MODELS) <= {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_a_page_says_what_to_hand_over_for_each_layout():
    pages = [
        (ROOT / "docs" / "howto" / name).read_text(encoding="utf-8")
        for name in ("devices.md", "data_sets.md", "edf_and_xdf.md", "own_columns.md")
    ]
    named = set(re.findall(r"[\w-]+", " ".join(pages)))
    told = {"live": "docs/howto/behind_a_sensor.py"}
    assert [name for name in READERS if name not in named | set(told)] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_what_a_page_points_to_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [one for one in re.findall(r"\]\(([^)#]+)\)", text) if not one.startswith("https:")]
    named = re.findall(r"`((?:docs|examples|pipelines|tests|benchmarks|physio_vad)/[\w./]*)`", text)
    assert named
    assert not [one for one in links + named if "_build" not in one and not (ROOT / one).exists()]


def test_the_map_of_the_house_names_every_part():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    parts = {path.stem for path in (ROOT / "physio_vad").iterdir() if path.suffix == ".py"}
    folders = {f"{path.parent.name}/" for path in (ROOT / "physio_vad").glob("*/__init__.py")}
    assert not {one for one in (parts - {"__init__"}) | folders if f"`{one}`" not in text}


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_code_of_the_readme_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "readme.py"
    script.write_text(code)
    runpy.run_path(str(script))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("plot_*.py")), ids=lambda path: path.stem
)
def test_examples_run(path, tmp_path, monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    with matplotlib.rc_context():  # examples set a style
        runpy.run_path(str(path), run_name="__main__")
