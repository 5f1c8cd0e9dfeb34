"""Imports point down only."""

import ast
import graphlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "physio_vad"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
LAYERS = [  # from the bottom up; a module imports from the layers below its own
    {"_arrays", "exceptions", "visible", "gc_off", "fork_server", "one_thread"},
    {"workers", "registry", "atomic", "dsp", "column_names", "normal_scores"},
    {"integrity", "model_bodies", "schema", "validation", "metrics", "intervals", "unlike"},
    {"recording", "preprocessing", "filling", "conditions"},
    {"units"},
    {"io", "synthetic", "modalities", "regressors"},
    {"features", "feature_table"},
    {"pipeline", "model_file", "testing"},
    {"evaluation", "persistence"},
    {"explain"},
    {"report"},
    {"live"},
    {"study"},
    {"cli"},
    {"__main__"},
]
LEVEL = {part: level for level, layer in enumerate(LAYERS) for part in layer}
KNOW_NO_SIGNALS = {"regressors", "preprocessing", "filling", "conditions"}
SIGNALS = {"recording", "io", "synthetic", "modalities", "dsp", "features"}
OUTSIDE = {"tests", "pipelines", "examples", "benchmarks"}


def imported(path):
    """Yield the dotted name of everything that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names)


def complaint(module, name):
    """Say what is wrong with `module` (a dotted name) importing `name`, nothing if it is fine."""
    own, (top, *rest) = module.split(".")[1], name.split(".")
    if top == "" or top in OUTSIDE:
        return "an import of this package names it in full, and nothing outside it"
    if top != "physio_vad" or rest == ["__version__"]:
        return ""
    part = rest[0] if rest else ""
    if part not in LEVEL:
        return "only modules are imported, from where things are defined"
    if part == own:
        bases = {
            "base",
            "feature",
            "clean",
            "cardiac",
            "acceleration",
        }  # what several modalities build on
        sideways = own == "modalities" and module.count(".") == 2 and rest[1] not in bases
        return "a modality imports no other, only base" if sideways else ""
    if own in KNOW_NO_SIGNALS and part in SIGNALS:
        return f"{own} knows no signals"
    return "" if LEVEL[part] < LEVEL[own] else f"{own} does not stand above {part}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    module = module.removesuffix(".__init__")
    assert module.split(".")[1] in LEVEL, "give the new module its place in LAYERS"
    wrong = {name: complaint(module, name) for name in imported(path)}
    assert not {name: why for name, why in wrong.items() if why}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("physio_vad.dsp.window_stats", "physio_vad.recording.recording.Signal"),
        ("physio_vad.modalities.eeg", "physio_vad.modalities.eog.EOG"),
        ("physio_vad.modalities.eeg", "physio_vad.modalities.MODALITIES"),
        ("physio_vad.modalities.eeg", "physio_vad.io.read_recordings"),
        ("physio_vad.regressors.chain", "physio_vad.features.windows.INDEX_NAMES"),
        ("physio_vad.preprocessing", "physio_vad.features.extractor.FeatureExtractor"),
        ("physio_vad.evaluation.splits", "physio_vad.persistence.Model"),
        ("physio_vad.pipeline", "physio_vad.evaluation.evaluate"),
        ("physio_vad.evaluation.result", "physio_vad.report"),
        ("physio_vad.evaluation.result", "physio_vad.explain.explain"),
        ("physio_vad.report.score_plots", "physio_vad.Signal"),
        ("physio_vad.report.score_plots", "physio_vad"),
        ("physio_vad.cli.commands", "tests.conftest"),
        ("physio_vad.dsp.window_stats", ".gaps.runs"),
    ],
)
def test_the_rule_bites(module, name):
    assert complaint(module, name)


def test_no_circle_between_folders():
    """Lower folders know nothing of higher ones, so no way leads back to where it began."""
    below = {}
    for path in MODULES:
        own = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).split(".")[0]
        parts = (name.split(".") for name in imported(path))
        below.setdefault(own, set()).update(
            one[1] for one in parts if one[0] == "physio_vad" and len(one) > 1 and one[1] != own
        )
    names = {name: {one for one in others if one in below} for name, others in below.items()}
    order = list(graphlib.TopologicalSorter(names).static_order())  # raises CycleError
    assert set(order) == set(names)
