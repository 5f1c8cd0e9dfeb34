"""The bytes of a model file: the pipeline, a note in JSON behind it, and the SHA-256 of both.

What is read here is checked without unpickling anything.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from physio_vad.exceptions import ModelFileError
from physio_vad.integrity import damaged
from physio_vad.schema import (
    Schema,
    are_names,
    fault,
    is_number,
    is_scale,
    is_text,
    or_none,
    table_of,
)

MAGIC = b"physio_vad model 2"
"""Last bytes of every model file.

Before them stand the length of the note (8 bytes, big-endian) and the SHA-256 of all bytes before
the digest (32 bytes).
"""

PACKAGES = ("physio-vad", "scikit-learn", "lightgbm", "numpy", "scipy", "mne", "neurokit2")
"""Packages whose version can change a prediction."""


def join_parts(body: bytes, note: bytes) -> bytes:
    """Put pipeline and note together as a model file, with their digest."""
    content = body + note + len(note).to_bytes(8, "big")
    return content + hashlib.sha256(content).digest() + MAGIC


def read_parts(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Read a model file as bytes of the pipeline and note, without unpickling anything.

    Raises
    ------
    ModelFileError
        If the file is missing, no model file or damaged, or its note is not of this version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    sealed, digest = content[: -len(MAGIC) - 32], content[-len(MAGIC) - 32 : -len(MAGIC)]
    length = int.from_bytes(sealed[-8:], "big")
    if not content.endswith(MAGIC) or not 0 < length <= len(sealed) - 8:
        raise ModelFileError(
            f"{path}: no model file of this version of physio_vad, or not a whole one; models are "
            "written by save_model or `physio-vad train`"
        )
    if hashlib.sha256(sealed).digest() != digest:
        raise ModelFileError(damaged(path, "restore it from a copy, or train again"))
    return sealed[: -8 - length], _checked_note(path, sealed[-8 - length : -8])


def _checked_note(path: Path, text: bytes) -> dict[str, Any]:
    """Read the note behind a model and check it by its schema."""
    try:
        note = json.loads(text)
    except (ValueError, RecursionError):
        note = None
    wrong = fault(note, _NOTE)
    if wrong:
        raise ModelFileError(f"{path}: the note behind the model {wrong}; train again")
    return dict(note)


def _is_input(value: Any) -> bool:
    """Whether a value of the note describes a sensor."""
    return (
        isinstance(value, dict)
        and set(value) == {"modality", "unit", "channels", "sfreq"}
        and is_text(value["modality"])
        and is_text(value["unit"])
        and are_names(value["channels"])
        and (value["sfreq"] is None or is_number(value["sfreq"]))
    )


_NOTE: Schema = {
    "targets": (lambda value: are_names(value) and len(value) > 0, "different names"),
    "scale": (is_scale, "a pair [low, high] for each target"),
    "columns": (are_names, "different names"),
    "recipe": (lambda value: isinstance(value, dict), "a table"),
    "versions": (table_of(is_text), "a text for each package"),
    "window_length": (
        or_none(lambda value: is_number(value) and value > 0),
        "null or a positive number",
    ),
    "inputs": (
        lambda value: isinstance(value, list) and all(map(_is_input, value)),
        "modality, unit, channels and sfreq of each sensor",
    ),
    "half_widths": (table_of(table_of(or_none(is_number))), "a number for each target"),
}
"""What the note behind a model holds."""


def current_versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a prediction."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def version_differences(made: Mapping[str, str]) -> list[str]:
    """Name the packages whose major or minor version is another one here."""
    here = current_versions()
    return [
        f"{name} {made.get(name, 'absent')} there, {here.get(name, 'absent')} here"
        for name in dict.fromkeys([*made, *here])
        if _minor(made.get(name)) != _minor(here.get(name))
    ]


def _minor(text: str | None) -> list[str] | None:
    return None if text is None else text.split(".")[:2]
