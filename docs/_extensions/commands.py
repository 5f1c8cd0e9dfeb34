"""The page of the command line, from the functions behind the commands."""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from rst import heading, literal, plain, table
from typer.models import ArgumentInfo

from physio_vad.cli.commands import app

KINDS = {Path: "path", bool: "given or not", int: "whole number", float: "number", str: "text"}
KINDS |= {list[str]: "text, repeated", tuple[float, float]: "two numbers"}


@dataclass(frozen=True)
class Parameter:
    """An argument or option of a command: how it is typed in, and what it says of itself."""

    name: str
    hint: Any
    info: Any
    default: Any

    @property
    def required(self):
        """Whether the command needs it."""
        return self.default is inspect.Parameter.empty

    @property
    def is_argument(self):
        """Whether it goes without a name."""
        return isinstance(self.info, ArgumentInfo)

    @property
    def spelling(self):
        """What is typed in."""
        if self.is_argument:
            return self.info.metavar or self.name.strip("_").upper()
        return next(
            iter(self.info.param_decls or ()), "--" + self.name.strip("_").replace("_", "-")
        )

    @property
    def kind(self):
        """Words for the type of the value, and its choices."""
        optional = type(None) in get_args(self.hint)
        hint = get_args(self.hint)[0] if optional else self.hint
        if get_origin(hint) is Literal:
            return " or ".join(literal(one) for one in get_args(hint))
        return KINDS[hint]

    @property
    def meaning(self):
        """Its help, limits and default."""
        parts = [plain(self.info.help or "")]
        if self.info.min is not None:
            most = "" if self.info.max is None else f" to {self.info.max:g}"
            parts.append(f"From {self.info.min:g}{most}.")
        if self.required:
            parts.append("Required.")
        elif self.default not in (None, ""):
            parts.append(f"Default: {literal(self.default)}.")
        return " ".join(parts)


def command_page():
    """Write every command with its arguments and options."""
    commands = {
        one.name or one.callback.__name__.strip("_"): one.callback
        for one in app.registered_commands
    }
    lines = [
        heading("Command line"),
        "``physio-vad COMMAND --help`` prints the same. Errors are one line and exit code 1.",
        "",
        table(
            ("command", "what it does"),
            [
                (f"`{name} <#physio-vad-{name}>`__", plain(text_of(function)[0]))
                for name, function in commands.items()
            ],
            (25, 75),
        ),
    ]
    for name, function in commands.items():
        lines += section(name, function)
    return "\n".join(lines)


def text_of(function):
    """Take the paragraphs of a command's help."""
    return inspect.getdoc(function).split("\n\n")


def parameters_of(function):
    """List arguments, then options."""
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, one in inspect.signature(function).parameters.items():
        hint, info = get_args(hints[name])[:2]
        found.append(Parameter(name, hint, info, one.default))
    return sorted(found, key=lambda one: not one.is_argument)


def section(name, function):
    """Write one command."""
    parameters = parameters_of(function)
    usage = [f"physio-vad {name}"]
    for one in parameters:
        if one.is_argument:
            usage.append(one.spelling if one.required else f"[{one.spelling}]")
        elif one.required:
            usage.append(f"{one.spelling} {one.spelling.strip('-').upper()}")
    return [
        "",
        heading(f"physio-vad {name}", "-"),
        *(plain(part) + "\n" for part in text_of(function)),
        ".. code-block:: text",
        "",
        "   " + " ".join([*usage, "[OPTIONS]"]),
        "",
        table(
            ("argument or option", "value", "meaning"),
            [(literal(one.spelling), one.kind, one.meaning) for one in parameters],
            (25, 20, 55),
        ),
    ]
