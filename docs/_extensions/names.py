"""References by name: `make_windows` in any docstring leads to its page, or the build fails.

Sphinx looks a name up in its own module only. Here the last part of the name is enough where it is
unique among what is documented. A name without a page stays code: a parameter, a column, a part of
another library. One that the source of the package does not know is an error: it was renamed.
"""

import ast
import builtins
import importlib
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.util.nodes import make_refnode

import physio_vad

LIBRARIES = {"np": "numpy", "pd": "pandas", "numpy": "numpy", "pandas": "pandas"}
FOREIGN = ("sklearn", "joblib", "mne", "neurokit2", "lightgbm", "matplotlib", "pyarrow", "scipy")


def resolve(app, env, node, contnode):
    """Find the object that a name means."""
    if node.get("refdomain") != "py":
        return None
    wanted = node["reftarget"].removesuffix("()")
    found = named(env, wanted)
    if not found and wanted.startswith("physio_vad."):
        found = named(env, wanted.rpartition(".")[2])  # it has its page under a shorter name
    near = {name: one for name, one in found.items() if is_near(name, node.get("py:module"))}
    found = near or found
    pages = {entry.docname for entry in found.values()}
    if len(pages) == 1 or wanted in found:
        name = wanted if wanted in found else min(found, key=len)
        entry = found[name]
        docname = node.get("refdoc", env.docname)
        return make_refnode(app.builder, docname, entry.docname, entry.node_id, contnode, name)
    if is_plain(wanted):
        return nodes.literal("", contnode.astext())
    return None


def is_near(name, module):
    """Whether a name belongs to the module that speaks of it."""
    return bool(module) and name.rpartition(".")[0] == module


def named(env, wanted):
    """List what is documented under a name or the last part of one."""
    return {
        name: entry
        for name, entry in env.domaindata["py"]["objects"].items()
        if name == wanted or name.endswith(f".{wanted}")
    }


def is_plain(name):
    """Whether a name is code that this site has no page for, and is known all the same."""
    first, _, rest = name.partition(".")
    if not re.fullmatch(r"[\w.]+", name) or hasattr(builtins, name) or name in words():
        return True
    if first == "physio_vad":
        return rest.rpartition(".")[2] in words()
    module = LIBRARIES.get(first, first)
    if module not in (*LIBRARIES.values(), *FOREIGN):
        return bool(rest) and words().issuperset(name.split("."))
    parent, _, last = f"{module}.{rest}".strip(".").rpartition(".")
    try:
        return not parent or hasattr(importlib.import_module(parent), last)
    except ImportError:
        return False


@cache
def words():
    """Collect every name in the source of the package: code, and texts that are one word."""
    root = Path(physio_vad.__file__).parent
    found = {".".join(path.relative_to(root).parts)[:-3] for path in root.rglob("*.py")}
    found |= {path.stem for path in root.rglob("*.py")} | {path.name for path in root.iterdir()}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for field in ("id", "attr", "arg", "name", "value", "module"):
                value = getattr(node, field, None)
                if isinstance(value, str) and re.fullmatch(r"[\w.]+", value):
                    found.update((value, value.rpartition(".")[2]))
    return found


def setup(app):
    """Tell Sphinx."""
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
