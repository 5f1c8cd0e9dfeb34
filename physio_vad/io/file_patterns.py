"""File names that say who was recorded and in which trial."""

from __future__ import annotations

import re
from pathlib import Path

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Source, natural

_FIELDS = ("subject", "trial")


def compile_template(template: str) -> re.Pattern[str]:
    """Make a pattern of a template such as ``"{subject}/*_{trial}.csv"``.

    A field that stands twice must be the same both times; neither a field nor ``*`` crosses a
    folder.

    Raises
    ------
    ArgumentError
        If a field has another name than ``subject`` or ``trial``.

    Examples
    --------
    >>> pattern = compile_template("{subject}/{subject}_{trial}_*.csv")
    >>> pattern.fullmatch("S1/S1_rest_007.csv").groupdict()
    {'subject': 'S1', 'trial': 'rest'}
    >>> pattern.fullmatch("S1/S2_rest_007.csv") is None
    True
    """
    seen: set[str] = set()
    pattern = ""
    for part in re.split(r"(\{[^{}]*\}|\*)", template):
        field = part[1:-1] if part.startswith("{") else None
        if field is not None and field not in _FIELDS:
            raise ArgumentError(f"files may hold {{subject}} and {{trial}}, got {template!r}")
        if part == "*":
            pattern += "[^/]*"
        elif field is None:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={field})" if field in seen else f"(?P<{field}>[^/]+?)"
            seen.add(field)
    return re.compile(pattern)


def match_files(folder: Path, template: str) -> list[Source]:
    """List the files under a folder whose relative path fits a template, in natural order.

    Raises
    ------
    ReadError
        If none fits.
    """
    pattern = compile_template(template)
    found = []
    for path in folder.rglob("*"):
        fits = pattern.fullmatch(path.relative_to(folder).as_posix())
        if fits and path.is_file():
            fields = fits.groupdict()
            found.append(Source((path,), fields.get("subject"), fields.get("trial")))
    if not found:
        raise ReadError(f"{folder}: holds no file named like {template!r}")
    return sorted(found, key=lambda source: natural(source.files[0].as_posix()))
