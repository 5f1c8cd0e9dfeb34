"""One part of a feature table on disk, and the sheet of a source: written whole, read with doubt.

A part is a Parquet file with the rows of one recording and what is known of them; its SHA-256
stands beside it in the form of ``sha256sum``. A sheet is a JSON file that says which parts a source
has, and holds its own digest. What is damaged is named, and made anew by who asks.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from physio_vad import exceptions
from physio_vad.atomic import replacing
from physio_vad.exceptions import PhysioVadWarning, ReadError
from physio_vad.features.inputs import Input
from physio_vad.integrity import damaged, read_json, sha256, table_bytes
from physio_vad.schema import (
    Schema,
    are_names,
    are_texts,
    fault,
    is_number,
    is_scale,
    is_text,
    or_none,
)

_ABOUT = "physio_vad"


_REMEDY = "it is made again now"


Meta = dict[str, Any]


def write_part(path: Path, rows: pd.DataFrame, about: Meta) -> None:
    """Write rows and what is in them as Parquet, and its digest beside it."""
    digest = _digest_file(path)
    digest.unlink(
        missing_ok=True
    )  # a run that is killed leaves a part without one, not a wrong one
    rows.attrs = {_ABOUT: about}
    content = table_bytes(rows)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    with replacing(digest) as temporary:
        temporary.write_bytes(_digest_line(path, content))


def _digest_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest_line(path: Path, content: bytes) -> bytes:
    return f"{sha256(content)}  {path.name}\n".encode()


def _part_content(path: Path, remedy: str) -> bytes | None:
    """Read the bytes of a part; None if it is not there or its digest was never written.

    Raises
    ------
    ReadError
        If they are not those that were written.
    """
    try:
        content, line = path.read_bytes(), _digest_file(path).read_bytes()
    except OSError:
        return None
    if line != _digest_line(path, content):
        raise ReadError(damaged(path, remedy))
    return content


def read_part(path: Path) -> pd.DataFrame:
    """Read the rows of a part.

    Raises
    ------
    ReadError
        If it is damaged or not there.
    """
    content = _part_content(path, "run again")
    if content is None:
        raise ReadError(f"{path}: was there a moment ago and is gone; run again")
    rows = pd.read_parquet(io.BytesIO(content))
    rows.attrs = {}
    return rows


def read_about(path: Path, noted: list[str]) -> Meta | None:
    """Say what is in a part; None if it is not there or damaged, which is noted."""
    import pyarrow.parquet as pq

    try:
        content = _part_content(path, _REMEDY)
    except ReadError as error:
        noted.append(str(error))
        return None
    if content is None:
        return None
    attrs = json.loads(pq.read_schema(io.BytesIO(content)).metadata[b"PANDAS_ATTRS"])
    return _fitting(path, attrs.get(_ABOUT), _PART, noted)


def read_sheet(path: Path, noted: list[str]) -> Meta | None:
    """Read which parts a source has; None if that is not there or damaged, which is noted."""
    try:
        return _fitting(path, read_json(path, remedy=_REMEDY), _SHEET, noted)
    except FileNotFoundError:
        return None
    except ReadError as error:
        noted.append(str(error))
        return None


def _are_notes(value: Any) -> bool:
    """Tell whether a value is a list of warnings of ours, each with its kind and text."""
    return isinstance(value, list) and all(
        are_texts(one) and len(one) == 2 and issubclass(_kind(one[0]), PhysioVadWarning)
        for one in value
    )


def _kind(name: str) -> type:
    kind = getattr(exceptions, name, object)
    return kind if isinstance(kind, type) else object


def _are_inputs(value: Any) -> bool:
    """Whether a list describes sensors as `Input` does."""
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and set(one) == {own.name for own in fields(Input)}
        and is_text(one["modality"])
        and is_text(one["unit"])
        and are_texts(one["channels"])
        and or_none(is_number)(one["sfreq"])
        for one in value
    )


def _are_files(value: Any) -> bool:
    return are_texts(value) and all(_can_name(one) for one in value)


def _can_name(text: str) -> bool:
    """Whether a file in a folder can have this name."""
    with contextlib.suppress(UnicodeEncodeError):  # halves of characters
        return b"\0" not in os.fsencode(text) and Path(text).name == text
    return False


_PART: Schema = {
    **dict.fromkeys(("key", "file", "subject", "trial"), (is_text, "text")),
    "stimulus": (or_none(is_text), "text or null"),
    "targets": (are_names, "different names"),
    "scale": (is_scale, "a pair [low, high] for each target"),
    "signals": (are_names, "different names"),
    "inputs": (_are_inputs, "modality, unit, channels and sfreq of each sensor"),
    "seconds": (is_number, "a number"),
    "unrated": (is_number, "a number"),
    "warned": (_are_notes, "kind and text of each warning"),
}
"""What stands beside the rows of a part."""


_SHEET: Schema = {
    "how": (lambda value: isinstance(value, dict), "a table"),
    "parts": (_are_files, "names of files"),
    "warned": (_are_notes, "kind and text of each warning"),
}
"""What is known of a source that is done."""


def _fitting(path: Path, content: Any, schema: Schema, noted: list[str]) -> Meta | None:
    """Give what was read if it is what a run writes; else None, which is noted."""
    wrong = fault(content, schema)
    if not wrong and content.get("file", path.name) != path.name:
        wrong = f"is that of {content['file']!r}"
    if wrong:
        noted.append(f"{path}: {wrong}; {_REMEDY}")
        return None
    return dict(content)
