"""The page of recipe files, from the classes that check them."""

import inspect
from dataclasses import MISSING, fields
from typing import get_type_hints

from numpydoc.docscrape import NumpyDocString
from rst import heading, literal, plain, table

from physio_vad.io import READERS
from physio_vad.modalities import MODALITIES
from physio_vad.study import recipe as recipes

KINDS = {str: "text", int: "whole number", float: "number", list[str]: "list of text"}

EXAMPLE = """\
[recipe]
name = "my study"

[layout]
name = "eleven-column"

[windows]
length = 10.0
step = 5.0

[features]
modalities = ["eda", "ppg", "temperature"]

[features.eda]
threshold = 0.03

[model]
name = "chain"
estimator = "ridge"

[evaluation]
cv = "leave-one-subject-out"
models = ["multioutput"]
"""


def schema_page():
    """Write tables and keys of a recipe, then the options of each layout and modality."""
    recipes.make_recipe(recipes.tomllib.loads(EXAMPLE), "docs/_extensions/schema.py")
    lines = [
        heading("Recipe files"),
        "A recipe is a whole study in one file: ``physio-vad run RECIPE --data DIR --out OUT``. "
        "Every table and key may be left out. Unknown tables, keys and names are errors that name "
        "the nearest known one. Start from a file in the folder ``pipelines``, or let "
        "``physio-vad init`` propose one.",
        "",
        ".. code-block:: toml",
        "",
        *("   " + line for line in EXAMPLE.splitlines()),
        "",
    ]
    hints = get_type_hints(recipes.Recipe)
    for one in fields(recipes.Recipe):
        lines += table_section(one.name, hints[one.name])
    lines += ["", heading("Options of the layouts", "-")]
    lines += ["Further keys of ``[layout]``, by the layout's name.", ""]
    for name, reader in READERS.items():
        lines += option_section(name, reader)
    lines += ["", heading("Parameters of the modalities", "-")]
    lines += ["Keys of ``[features.eda]`` and so on.", ""]
    for name, modality in MODALITIES.items():
        if modality.__module__.startswith("physio_vad."):
            lines += option_section(name, modality)
    return "\n".join(lines)


def table_section(name, cls):
    """Write one table of a recipe."""
    text = inspect.getdoc(cls).partition(": ")[2]
    text = text[0].upper() + text[1:]
    hints, rows = get_type_hints(cls), []
    for one in fields(cls):
        if one.name in ("options", "parameters"):
            continue
        rows.append((literal(one.name), kind(hints[one.name]), default(one), allowed(one)))
    head = ("key", "type", "default", "allowed names")
    return ["", heading(f"[{name}]", "-"), plain(text), "", table(head, rows, (20, 20, 20, 40))]


def kind(hint):
    """Say a type in words."""
    parts = [one for one in getattr(hint, "__args__", ()) if one is not type(None)]
    return KINDS.get(hint) or KINDS[parts[0]]


def default(field):
    """Write a default as TOML would."""
    value = field.default_factory() if field.default is MISSING else field.default
    return (
        "none"
        if value in (None, "")
        else literal(f'"{value}"' if isinstance(value, str) else value)
    )


def allowed(field):
    """List the registered names that a key takes."""
    names = field.metadata.get("names")
    return ", ".join(literal(one) for one in names()) if names else ""


def said_default(value):
    """Write the default of a parameter."""
    if value is inspect.Parameter.empty:
        return "required"
    if value is None:
        return "none"
    return "empty" if "factory" in repr(value) else literal(repr(value))


def option_section(name, cls):
    """Write the constructor's parameters of a reader or modality."""
    doc = NumpyDocString(inspect.getdoc(cls))
    known = inspect.signature(cls).parameters
    rows = []
    for parameter in doc["Parameters"]:
        names = [part.strip() for part in parameter.name.split(",")]
        if not set(names) <= set(known):
            continue
        values = ", ".join(said_default(known[one].default) for one in names)
        keys = ", ".join(literal(one) for one in names)
        rows.append((keys, plain(parameter.type), values, plain(" ".join(parameter.desc))))
    said = [plain(" ".join(doc[part])) + "\n" for part in ("Summary", "Extended Summary")]
    head = ("key", "type", "default", "meaning")
    return [
        "",
        heading(f'"{name}"', "~"),
        *said,
        *([table(head, rows, (20, 20, 15, 45))] if rows else []),
    ]
