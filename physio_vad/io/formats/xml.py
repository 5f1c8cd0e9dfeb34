"""XML of which only tags and attributes are wanted, without what makes XML dangerous."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from physio_vad.exceptions import ReadError

MAX_BYTES = 2**20
"""A file of notes larger than this is refused."""


class _DoctypeError(Exception):
    """A document type, in which entities are declared."""


def read_elements(path: Path) -> list[tuple[str, dict[str, str]]]:
    """List the elements of a file with their attributes, in their order.

    Raises
    ------
    ReadError
        If it is no XML, larger than 1 MiB, or declares a document type: entities grow without
        bounds or read other files, and no session file has them.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ReadError(f"{path}: is larger than {MAX_BYTES} bytes, which no session file is")
    elements: list[tuple[str, dict[str, str]]] = []

    def refuse(*_: object) -> None:
        raise _DoctypeError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: elements.append((tag, attributes))
    try:
        parser.Parse(path.read_bytes(), True)
    except _DoctypeError:
        raise ReadError(
            f"{path}: declares a document type, whose entities are not read; remove the DOCTYPE"
        ) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ReadError(f"{path}: is no XML: {error}") from None
    return elements
