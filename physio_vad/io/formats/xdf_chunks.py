"""A look at XDF files before pyxdf reads them: lengths, counts and XML that cannot be."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import OBJECT, make

MAX_CHANNELS = 4096
"""A stream with more channels is refused."""

_MAX_XML = 2**24
_HEADERS = {1, 2, 6}
_STREAM, _SAMPLES = 2, 3
_FORMATS = {
    b"int8": 1, b"int16": 2, b"int32": 4, b"int64": 8, b"float32": 4, b"double64": 8, b"string": 0,
}  # fmt: skip
"""Bytes of a number; of text there may be none."""


def check_xdf(path: Path) -> None:
    """Follow the chunks once.

    Raises
    ------
    ReadError
        If it does not begin as an XDF file does, a chunk is longer than what is left or is said to
        hold more samples than bytes, or a header declares a document type.
    """
    size, widths = path.stat().st_size, dict[bytes, tuple[int, int]]()
    with path.open("rb") as stream:
        if stream.read(4) != b"XDF:":
            raise ReadError(f"{path}: is no XDF file")
        while (place := stream.tell()) < size:
            length = _length(stream)
            after = stream.tell() + length if length is not None else size + 1
            if length is None or length < 2 or after > size:
                raise ReadError(
                    f"{path}: is a damaged XDF file: the chunk at {place} is cut off; if the "
                    "recording was stopped so, cut the file there"
                )
            tag = int(struct.unpack("<H", stream.read(2))[0])
            if tag in _HEADERS:
                text = stream.read(min(length - 2, _MAX_XML))
                _check_xml(text, path)
                if tag == _STREAM:
                    widths[text[:4]] = _width(text)
            elif tag == _SAMPLES and length > 6:
                n_channels, width = widths.get(stream.read(4), (1, 0))
                count = _length(stream)
                if count is None or count * (1 + n_channels * max(width, 1)) > length:
                    raise ReadError(
                        f"{path}: is a damaged XDF file: the chunk of {length} bytes at {place} "
                        f"claims {count} samples"
                    )
                make(count * n_channels * (3 * width or OBJECT))
            stream.seek(after)


def _width(text: bytes) -> tuple[int, int]:
    """Read how many channels a stream has, and how many bytes each takes at least."""
    count, kind = (_between(text, name) for name in (b"channel_count", b"channel_format"))
    return int(count) if count.isdigit() else 1, _FORMATS.get(kind, 0)


def _between(text: bytes, name: bytes) -> bytes:
    return text.partition(b"<%b>" % name)[2].partition(b"</%b>" % name)[0].strip()


def _length(stream: BinaryIO) -> int | None:
    """Read a number whose first byte says how many bytes it has; None if that cannot be."""
    width = stream.read(1)
    if width not in (b"\x01", b"\x04", b"\x08"):
        return None
    data = stream.read(width[0])
    return int.from_bytes(data, "little") if len(data) == width[0] else None


def _check_xml(text: bytes, path: Path) -> None:
    if b"<!" in text.replace(b"\0", b""):
        raise ReadError(f"{path}: a header declares a document type, whose entities are not read")
    if b"<channel_count>" in text:
        count = _between(text, b"channel_count")
        if not count.isdigit() or len(count) > 4 or not 0 < int(count) <= MAX_CHANNELS:
            raise ReadError(
                f"{path}: a stream must have 1 to {MAX_CHANNELS} channels, got {count[:20]!r}"
            )
