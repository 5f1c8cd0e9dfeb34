"""What the pages say runs, every page can be found, and the reference holds what there is.

`make docs` builds the pages with warnings as errors; these checks need no Sphinx. The code of
README.md and the examples is run by test_readme.py.
"""

import functools
import importlib.util
import re
import runpy
import sys
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

import physio_vad
from physio_vad import exceptions
from physio_vad.study.recipe import Recipe

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = sorted(DOCS.glob("guide/*.py"))  # test_howto.py runs the how-to pages and the traps


SIMULATED_ONCE = functools.cache(physio_vad.simulate_recordings)


@pytest.fixture
def same_people(monkeypatch):
    """Simulate the same people once: most pages begin with them."""
    monkeypatch.setattr(physio_vad, "simulate_recordings", SIMULATED_ONCE)


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
@pytest.mark.usefixtures("same_people")
def test_pages_of_code_run(path, tmp_path, monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    with matplotlib.rc_context():  # pages set a style
        runpy.run_path(str(path), run_name="__main__")
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_code_in_markdown_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(code, str(path), "exec"), {})


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_pages_of_the_guide_say_what_to_look_up_and_go_on(path):
    last = path.read_text(encoding="utf-8").partition("# What to look up next\n")[2]
    after = GUIDE[GUIDE.index(path) + 1 :]
    assert last
    assert not after or f":doc:`{after[0].stem}`" in last


@pytest.mark.parametrize("folder", ["guide", "howto", "traps"])
def test_every_page_is_listed(folder):
    index = (DOCS / folder / "index.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   ([^:\s]\S*)$", index, re.MULTILINE)
    pages = {path.stem for path in (DOCS / folder).iterdir() if path.suffix in (".py", ".md")}
    assert pages
    assert not [page for page in pages if not any(fnmatch(page, one) for one in listed)]


def test_drawings_are_those_that_the_script_draws(tmp_path):
    draw = load(DOCS / "drawings" / "draw.py")
    draw.HERE = tmp_path
    for one in draw.ALL:
        one()
    drawn = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("drawings/*.svg")}
    assert drawn == kept
    assert all(ElementTree.fromstring(text).get("aria-label") for text in kept.values())


@pytest.fixture
def extension(monkeypatch):
    """Load a part of the build; they find each other by name."""
    monkeypatch.syspath_prepend(str(DOCS / "_extensions"))
    before = set(sys.modules)
    yield lambda name: load(DOCS / "_extensions" / f"{name}.py")
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(DOCS)):
            del sys.modules[name]


def test_every_public_name_has_a_page(extension):
    pages = extension("api").api_pages()
    assert {f"physio_vad.{name}" for name in physio_vad.__all__} <= set(pages)
    assert "physio_vad.evaluation.conformal_intervals" in pages
    method = ".. automethod:: Evaluation.summary"
    assert method in pages["physio_vad.Evaluation"]


def test_every_command_stands_on_its_page(extension):
    page = extension("commands").command_page()
    titles = re.findall(r"^physio-vad ([\w-]+)\n-+$", page, re.MULTILINE)
    assert {"demo", "run", "check-leakage", "list", "tune"} <= set(titles)
    assert "* - ``--on-error``\n     - ``raise`` or ``skip``" in page


def test_every_error_stands_on_its_page_with_its_remedy(extension):
    page = extension("messages").message_page()
    for name, thing in vars(exceptions).items():
        if isinstance(thing, type) and thing.__module__ == exceptions.__name__:
            assert f".. py:exception:: {name}" in page
    assert "Install the extra that the message names." in page
    assert "must be a share between 0 and 1, got {coverage}" in page


def test_every_table_of_a_recipe_stands_on_its_page(extension):
    page = extension("schema").schema_page()
    for name in Recipe.__dataclass_fields__:
        assert f"\n[{name}]\n---" in page
    assert "``label_lag``" in page


def load(path):
    """Import a file that belongs to no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
