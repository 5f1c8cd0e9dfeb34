"""The public surface is a list, and the package's __init__ is only that."""

import ast
import inspect
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

import physio_vad
from physio_vad import io, modalities, regressors
from physio_vad.modalities import MODALITIES
from physio_vad.regressors import MODELS

PACKAGE = Path(physio_vad.__file__).parent
HEAVY = ["mne", "neurokit2", "lightgbm", "matplotlib", "typer", "jinja2", "shap", "torch"]
HEAVY += ["scipy.signal", "dask", "distributed", "pyxdf", "bioread"]


def test_all_is_sorted_and_unique():
    names = physio_vad.__all__
    assert names == sorted(set(names))


def test_all_is_what_the_stub_imports():
    body = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8")).body
    imported = [node for node in body if isinstance(node, ast.ImportFrom)]
    assert all(node.level == 1 for node in imported)
    assert {alias.name for node in imported for alias in node.names} == set(physio_vad.__all__)
    assert set(physio_vad.__all__) <= set(dir(physio_vad))
    for name in physio_vad.__all__:
        assert getattr(physio_vad, name) is not None


@pytest.mark.parametrize(
    ("package", "registry"), [(io, io.READERS), (modalities, MODALITIES), (regressors, MODELS)]
)
def test_what_is_registered_is_public(package, registry):
    own = {one.__name__ for one in registry.values() if one.__module__.startswith("physio_vad.")}
    assert not own - set(package.__all__), f"goes into __all__ of {package.__name__}"


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="nothing_at_all"):
        _ = physio_vad.nothing_at_all


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


def test_nothing_heavy_is_imported_before_a_name_is_used():
    heavy = {"numpy", "pandas", "scipy", "sklearn"}
    code = f"import physio_vad, sys; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("statement", ["import physio_vad", "from physio_vad import *"])
def test_import_stays_light(statement):
    # pandas brings pyarrow and scikit-learn rich by themselves, so those are not asked for.
    code = f"{statement}; import sys; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []


def test_a_recording_can_be_the_first_thing_that_is_made():
    code = (
        "import physio_vad as pv; from physio_vad.io import READERS;"
        "signal = pv.Signal([2.0], 4, 'uS'); print(*pv.Recording('anna', {'gsr': signal}).signals)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["eda"]
