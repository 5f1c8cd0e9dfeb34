"""JSON, of which a few bytes can become many objects."""

from __future__ import annotations

import json
from typing import Any

from physio_vad.io.formats.budget import OBJECT, make


def load_json(data: bytes) -> Any:
    """Parse JSON in UTF-8, with or without mark, once its objects are counted.

    Raises
    ------
    ValueError
        If it is none, or is nested deeper than Python can follow.
    ReadError
        If it holds more objects than the source may become.
    """
    make(OBJECT * sum(data.count(mark) for mark in (b",", b":", b"[", b"{")))
    try:
        return json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
