"""Checks of plain values that were read from files: what each entry must be."""

from __future__ import annotations

import reprlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

Fits = Callable[[Any], bool]
Schema = Mapping[str, tuple[Fits, str]]
"""By entry: a function that tells whether a value fits, and what it must be in words."""


def fault(content: object, required: Schema, optional: Schema | None = None) -> str:
    """Say what is wrong with a table of plain values; empty if nothing is.

    Parameters
    ----------
    content : object
        What was read.
    required, optional : mapping of str to (callable, str)
        Entries that must be there and those that may; others are let pass where `optional` is
        given, and else are a fault.
    """
    if not isinstance(content, dict):
        return f"must be a table, got {reprlib.repr(content)}"
    lacking = [name for name in required if name not in content]
    if lacking:
        return f"lacks {', '.join(map(repr, lacking))}"
    strange = [name for name in content if name not in required]
    if optional is None and strange:
        return f"has {', '.join(map(repr, strange))}, which does not belong there"
    for name, (fits, form) in {**required, **(optional or {})}.items():
        if name in content and not fits(content[name]):
            return f"must have {form} as {name!r}, got {reprlib.repr(content[name])}"
    return ""


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and abs(value) <= sys.float_info.max


def is_text(value: Any) -> bool:
    """Tell whether a value is text."""
    return isinstance(value, str)


def are_texts(value: Any) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


def are_names(value: Any) -> bool:
    """Tell whether a value is a list of different texts."""
    return are_texts(value) and len(set(value)) == len(value)


def is_scale(value: Any) -> bool:
    """Tell whether a value gives names a range ``[low, high]``."""
    return isinstance(value, dict) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(map(is_number, pair))
        and pair[0] < pair[1]
        for pair in value.values()
    )


def table_of(fits: Fits) -> Fits:
    """Make a check of a table whose values all fit."""
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def or_none(fits: Fits) -> Fits:
    """Make a check that lets a missing value pass."""
    return lambda value: value is None or fits(value)
