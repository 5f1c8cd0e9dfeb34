"""The page of errors and warnings: the tree, and every message as the source says it.

Messages are read from the source: each ``raise`` or ``warn`` of one of our classes. What is filled
in when it is raised stands as a name in braces.
"""

import ast
import inspect
import re
from pathlib import Path

from rst import heading, literal, plain, table

import physio_vad
from physio_vad import exceptions

ROOT = Path(physio_vad.__file__).parent


def message_page():
    """Write the page."""
    classes = {
        name: cls
        for name, cls in vars(exceptions).items()
        if inspect.isclass(cls) and cls.__module__ == exceptions.__name__
    }
    found = messages(classes)
    summary, _, tree = inspect.getdoc(exceptions).partition("::")
    lines = [
        heading("Errors and warnings"),
        ".. py:module:: physio_vad.exceptions",
        "",
        plain(summary.split("\n\n")[-1]) + ":",
        "",
        ".. code-block:: text",
        "",
        *tree.strip("\n").splitlines(),
        "",
        "All errors of ours are a `PhysioVadError`, and also what Python would raise in the same "
        "case, such as ``ValueError``. Below stands every message, as the source says it: what is "
        "in braces is filled in. Search this page for a few words of yours.",
        "",
    ]
    for name, cls in classes.items():
        lines += section(name, cls, found.get(name, {}))
    return "\n".join(lines)


def section(name, cls, by_module):
    """Write one class and its messages."""
    bases = ", ".join(f"`{one.__name__}`" for one in cls.__bases__)
    lines = [
        "",
        heading(name, "-"),
        f".. py:exception:: {name}",
        "",
        *(f"   {plain(part)}\n" for part in inspect.getdoc(cls).split("\n\n")),
        f"   Caught as {bases} too.",
        "",
    ]
    rows = [
        (literal(module), "\n".join(f"- {plain_message(one)}" for one in texts))
        for module, texts in sorted(by_module.items())
    ]
    return [*lines, table(("raised in", "messages"), rows, (22, 78))] if rows else lines


def messages(classes):
    """Collect messages by class and module, in the order of the source."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name, text = raised(node, classes)
            if text:
                texts = found.setdefault(name, {}).setdefault(module, [])
                texts += [text] if text not in texts else []
    return found


def raised(node, classes):
    """Take class and message of a raise or a warning, if the message is written there."""
    if not isinstance(node, ast.Call) or not node.args:
        return "", ""
    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if called in classes:
        return called, text_of(node.args[0])
    if called == "warn" and len(node.args) > 1 and getattr(node.args[1], "id", "") in classes:
        return node.args[1].id, text_of(node.args[0])
    return "", ""


def text_of(node):
    """Write a string of the source with a name for each part that is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + filled(node.value) + "}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (text_of(node.left) or "{parts}") + (text_of(node.right) or "{parts}")
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unknown_name":
        what = text_of(node.args[0]) or "name"
        return f"unknown {what} {{name}}; did you mean {{nearest}}? Known: {{names}}"
    return ""


def filled(node):
    """Name what is filled in by its last word in the source."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unknown_name":
        return text_of(node).strip("{}")
    names = re.findall(r"[A-Za-z]\w+", ast.unparse(node))
    kept = [one for one in names if one not in ("str", "repr", "join", "len", "map", "self")]
    return (kept or names or ["value"])[-1].strip("_")


def plain_message(text):
    """Write a message as text."""
    return plain(text.replace("`", "'"))
