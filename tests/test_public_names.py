"""The public surface is a list, and the package's __init__ is only that."""

import ast
import inspect
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import physio_vad

PACKAGE = Path(physio_vad.__file__).parent
HEAVY = ["mne", "neurokit2", "lightgbm", "matplotlib", "typer", "jinja2", "shap", "torch"]
HEAVY += ["scipy.signal", "dask", "distributed", "pyxdf", "bioread"]


def test_all_is_sorted_and_unique():
    names = physio_vad.__all__
    # Constants, then classes, then functions: the order that ruff keeps.
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name))


def test_all_is_what_there_is():
    public = {
        name
        for name, value in vars(physio_vad).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(physio_vad.__all__)


def has_constant_docstring(name):
    """Whether a module-level assignment to `name` is followed by a string somewhere."""
    for path in PACKAGE.rglob("*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for node, after in itertools.pairwise(body):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            if name in {getattr(target, "id", None) for target in targets}:
                text = getattr(getattr(after, "value", None), "value", None)
                return isinstance(after, ast.Expr) and isinstance(text, str)
    return False


@pytest.mark.parametrize("name", physio_vad.__all__)
def test_every_public_name_says_what_it_is(name):
    thing = getattr(physio_vad, name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        assert inspect.getdoc(thing)
        assert thing.__module__.startswith("physio_vad.")
    else:
        assert has_constant_docstring(name)


def test_init_holds_imports_all_and_version_only():
    body = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body
    assert isinstance(body[0], ast.Expr), "it begins with the docstring"
    for node in body[1:]:
        if isinstance(node, ast.Assign):
            assert [target.id for target in node.targets] in (["__all__"], ["__version__"])
            ast.literal_eval(node.value)
        else:
            assert isinstance(node, ast.ImportFrom)
            assert node.module.startswith("physio_vad.")


@pytest.mark.parametrize("statement", ["import physio_vad", "from physio_vad import *"])
def test_import_stays_light(statement):
    # pandas brings pyarrow and scikit-learn rich by themselves, so those are not asked for.
    code = f"{statement}; import sys; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
