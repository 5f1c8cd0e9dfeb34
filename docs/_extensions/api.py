"""Pages of the public API: what the packages list in ``__all__``, and what writers of parts need.

One page a public package with a table of its names, one page a name. An object that can be had from
several packages has its page under the shortest name.
"""

import ast
import importlib
import inspect
import itertools
from collections.abc import Mapping
from pathlib import Path

from rst import heading, plain, table

import physio_vad

STEPS = {
    "Recordings": ("recording", "io", "synthetic"),
    "Windows, features and events": ("features", "feature_table", "modalities"),
    "Models": ("pipeline", "preprocessing", "regressors"),
    "Evaluation": ("evaluation", "report"),
    "Recipes and model files": ("study", "persistence"),
}
"""Headings of the page of `physio_vad`, and the modules whose names stand below each."""

PACKAGES = (
    *("io", "modalities", "regressors", "evaluation", "explain", "report", "synthetic", "live"),
)

PARTS = {
    "preprocessing": "Transformers that stand in a pipeline, for tables of features.",
    "features.quality": "Quality of rows, from the quality columns of a feature table.",
    "recording.units": "Units and how they become a modality's own.",
    "metrics": "Metrics of a prediction, and intervals over people.",
    "registry": "What there is by name, and what you add.",
    "testing": "Checks for a new modality, to call in a test of yours.",
    "dsp.filters": "Filters of whole signals.",
    "dsp.gaps": "Bad stretches: finding and bridging them.",
    "dsp.window_stats": "Sums, means and slopes of all windows at once.",
    "dsp.event_windows": "Statistics of events in all windows at once.",
    "dsp.peaks": "Peaks of a signal.",
    "dsp.rates": "Bringing a slow signal to a low rate.",
    "dsp.spectra": "Spectra of all windows at once.",
}
"""Modules that writers of a modality, a reader or a model use; they have no ``__all__``."""

NOT_SAID = ("set_", "get_params", "get_metadata_routing", "get_feature_names_out")


def api_pages():
    """Make the text of each page by its name."""
    found = public_names()
    pages = {"index": index_page(), "module-physio_vad": front_page(found)}
    for package in PACKAGES:
        module = importlib.import_module(f"physio_vad.{package}")
        pages[f"module-{package}"] = module_page(module, module.__all__, found)
    for part in PARTS:
        module = importlib.import_module(f"physio_vad.{part}")
        pages[f"module-{part}"] = module_page(module, defined_in(module), found)
    pages |= {full: object_page(full, thing) for full, thing in found.items()}
    return pages


def public_names():
    """Collect every public object by its shortest full name."""
    found = {f"physio_vad.{name}": getattr(physio_vad, name) for name in physio_vad.__all__}
    for package in PACKAGES:
        module = importlib.import_module(f"physio_vad.{package}")
        _add(found, module, module.__all__)
    for part in PARTS:
        module = importlib.import_module(f"physio_vad.{part}")
        _add(found, module, defined_in(module))
    return found


def _add(found, module, listed):
    known = {id(thing) for thing in found.values() if not isinstance(thing, float | tuple)}
    for name in listed:
        thing = getattr(module, name)
        if id(thing) not in known:
            found[f"{module.__name__}.{name}"] = thing


def defined_in(module):
    """List what a module without ``__all__`` defines in public, in its order."""
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
        and inspect.getdoc(thing)
    ]


def full_name(found, thing):
    """Find the name under which an object has its page."""
    return next(full for full, one in found.items() if one is thing)


def front_page(found):
    """Write the page of `physio_vad`, its names in the order of the work."""
    lines = [
        heading("physio_vad"),
        ".. py:module:: physio_vad",
        "",
        plain(inspect.getdoc(physio_vad)),
        "",
    ]
    left = dict.fromkeys(physio_vad.__all__)
    for title, modules in STEPS.items():
        names_here = [name for name in left if home(name) in modules]
        for name in names_here:
            del left[name]
        lines += ["", heading(title, "-"), summary_table(physio_vad, names_here, found)]
    if left:
        raise RuntimeError(f"docs/_extensions/api.py: no heading for {list(left)}")
    return "\n".join(lines) + toctree(
        [full_name(found, getattr(physio_vad, n)) for n in physio_vad.__all__]
    )


def home(name):
    """Name the first part of the module in which a public name is defined."""
    module = getattr(getattr(physio_vad, name), "__module__", None)
    return module.split(".")[1] if module else constant_text(name)[0].split(".")[1]


def module_page(module, listed, found):
    """Write the page of a public package."""
    text = inspect.getdoc(module) or ""
    own = [
        name
        for name in listed
        if full_name(found, getattr(module, name)).startswith(f"{module.__name__}.")
    ]
    lines = [
        heading(module.__name__),
        f".. py:module:: {module.__name__}",
        "",
        *("\n".join(plain(part) for part in text.split("\n\n")).splitlines()),
        "",
        summary_table(module, listed, found),
    ]
    return "\n".join(lines) + toctree([full_name(found, getattr(module, name)) for name in own])


def summary_table(module, listed, found):
    """Write a table of names and their first lines."""
    rows = []
    for name in listed:
        full = full_name(found, getattr(module, name))
        rows.append((f":py:obj:`~{full}`", plain(summary(full, getattr(module, name)))))
    return table(("name", "what it is"), rows, (30, 70))


def summary(full, thing):
    """Take the first sentence of what an object says of itself."""
    text = (
        inspect.getdoc(thing) if is_code(thing) else constant_text(full.rpartition(".")[2], full)[1]
    )
    return (text or "").strip().split("\n\n", maxsplit=1)[0]


def is_code(thing):
    """Whether an object carries its own docstring."""
    return inspect.isclass(thing) or inspect.isfunction(thing)


def object_page(full, thing):
    """Write the page of one public name."""
    module, _, name = full.rpartition(".")
    lines = [heading(name), f".. currentmodule:: {module}", ""]
    if inspect.isfunction(thing):
        lines += [f".. autofunction:: {name}"]
    elif inspect.isclass(thing):
        lines += [f".. autoclass:: {name}", ""]
        for member, kind in members(thing):
            lines += [f"   .. {kind}:: {name}.{member}", ""]
    else:
        lines += constant(full, thing)
    return "\n".join(lines) + "\n"


def members(cls):
    """List methods and properties of a class that this package defines, in their order."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.partition(".")[0] != "physio_vad":
            continue
        for name, value in vars(base).items():
            if name.startswith("_") or name.startswith(NOT_SAID):
                continue
            if isinstance(value, property) or type(value).__name__ == "cached_property":
                found[name] = "autoproperty"
            elif inspect.isfunction(value) or isinstance(value, classmethod | staticmethod):
                found[name] = "automethod"
    return [(name, kind) for name, kind in found.items() if inspect.getdoc(getattr(cls, name))]


def constant(full, thing):
    """Write what a constant says of itself, and the names that it holds."""
    name = full.rpartition(".")[2]
    _, text = constant_text(name, full)
    lines = [f".. py:data:: {name}", "", f"   {text}"]
    if isinstance(thing, Mapping):
        rows = [(f"``{key}``", _said(value)) for key, value in thing.items()]
        lines += ["", *("   " + line for line in table(("name", "what it is"), rows).splitlines())]
    elif name.isupper():
        lines += ["", f"   Value: ``{thing!r}``"]
    return lines


def _said(value):
    if is_code(value):
        return plain((inspect.getdoc(value) or "").partition("\n")[0])
    text = getattr(value, "text", None) or getattr(value, "__doc__", "") or ""
    return plain(text.partition("\n")[0])


def constant_text(name, full=""):
    """Find where a constant is assigned and the string that follows: (module, text)."""
    root = Path(physio_vad.__file__).parent
    places = [
        (".".join(("physio_vad", *path.relative_to(root).with_suffix("").parts)), path)
        for path in sorted(root.rglob("*.py"))
    ]
    hits = []
    for module, path in places:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for node, after in itertools.pairwise(body):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            if name in {getattr(target, "id", None) for target in targets}:
                text = getattr(getattr(after, "value", None), "value", None)
                if isinstance(text, str):
                    hits.append((module.removesuffix(".__init__"), " ".join(text.split())))
    package = full.rpartition(".")[0]
    return next((hit for hit in hits if hit[0].startswith(package)), hits[0])


def toctree(listed):
    """List pages for the contents, out of sight."""
    return "\n".join(
        [
            "",
            "",
            ".. toctree::",
            "   :hidden:",
            "",
            *(f"   {one}" for one in sorted(listed, key=str.lower)),
            "",
        ]
    )


def index_page():
    """Write the list of public packages."""
    rows = [(":doc:`physio_vad <module-physio_vad>`", plain(inspect.getdoc(physio_vad)))]
    for name in PACKAGES:
        text = inspect.getdoc(importlib.import_module(f"physio_vad.{name}")) or ""
        rows.append((f":doc:`physio_vad.{name} <module-{name}>`", plain(text.split("\n\n")[0])))
    parts = [(f":doc:`physio_vad.{name} <module-{name}>`", text) for name, text in PARTS.items()]
    return "\n".join(
        [
            heading("Public API"),
            "Made from the docstrings. What stands here is public; what does not may change.",
            "",
            table(("package", "what it holds"), rows, (30, 70)),
            heading("For writers of a modality, a reader or a model", "-"),
            table(("module", "what it holds"), parts, (30, 70)),
            ".. toctree::",
            "   :hidden:",
            "",
            *(f"   module-{name}" for name in ("physio_vad", *PACKAGES, *PARTS)),
            "",
        ]
    )
