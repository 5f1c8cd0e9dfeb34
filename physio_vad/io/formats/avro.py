"""A look at AVRO files before fastavro reads them: counts and sizes that cannot be."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make, unpack

MAX_BYTES = 2**27
"""A block that unpacks to more is refused: half an hour of an EmbracePlus takes 4 MiB."""

_MOST_ENTRIES = 100
_PER_BYTE = 8
"""Bytes of Python's numbers that a byte becomes."""


def check_avro(path: Path) -> None:
    """Follow the blocks once.

    Raises
    ------
    ReadError
        If it is no AVRO file, is cut off, unpacks to more than a recording does, or its schema has
        items that take no bytes, so that a few bytes could claim any number of them.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        try:
            entries = _header(stream, size)
            schema = json.loads(entries.get("avro.schema", b""))
            codec = entries.get("avro.codec", b"null")
            if codec not in (b"null", b"deflate"):
                raise ValueError(f"is packed with {codec[:20]!r}")
            if _takes_no_bytes(schema):
                raise ValueError("its schema has items without any bytes")
            while stream.tell() < size:
                _check_block(stream, size, codec == b"deflate")
        except (ValueError, RecursionError, zlib.error, EOFError) as error:
            raise ReadError(f"{path}: is no whole AVRO file: {error}") from None


def _header(stream: BinaryIO, size: int) -> dict[str, bytes]:
    if stream.read(4) != b"Obj\x01":
        raise ValueError("it does not begin as one")
    entries: dict[str, bytes] = {}
    while (count := _long(stream)) != 0:
        if count < 0:
            _long(stream)  # bytes of the entries
        for _ in range(min(abs(count), _MOST_ENTRIES)):
            name = _bytes(stream, size)
            entries[name.decode("utf-8", "replace")] = _bytes(stream, size)
        if len(entries) > _MOST_ENTRIES:
            raise ValueError("its header has too many entries")
    if len(stream.read(16)) < 16:
        raise EOFError("it is cut off")
    return entries


def _check_block(stream: BinaryIO, size: int, packed: bool) -> None:
    count, n_bytes = _long(stream), _long(stream)
    if not (0 <= count <= n_bytes <= size - stream.tell() - 16):
        raise ValueError(f"a block claims {count} records in {n_bytes} bytes")
    data = stream.read(n_bytes)
    if packed:
        unpacker = zlib.decompressobj(-15)
        data = unpacker.decompress(data, MAX_BYTES)
        unpack(len(data))
        if unpacker.unconsumed_tail:
            raise ValueError(f"a block unpacks to more than {MAX_BYTES // 2**20} MiB")
    make(_PER_BYTE * len(data))
    stream.read(16)


def _takes_no_bytes(schema: Any, depth: int = 0) -> bool:
    if depth > 30:
        raise ValueError("its schema is too deep")
    if isinstance(schema, list):
        return any(_takes_no_bytes(one, depth + 1) for one in schema if one != "null")
    if not isinstance(schema, dict):
        return bool(schema == "null")
    if schema.get("type") == "record" and not schema.get("fields"):
        return True
    if schema.get("type") == "fixed":
        return not schema.get("size")
    inner = [schema.get(key) for key in ("type", "items", "values") if key in schema]
    inner += [one.get("type") for one in schema.get("fields", ()) if isinstance(one, dict)]
    return any(_takes_no_bytes(one, depth + 1) for one in inner)


def _long(stream: BinaryIO) -> int:
    """Read a number of any length, low bits first, whose sign is its lowest bit."""
    value, shift = 0, 0
    while shift < 64:
        byte = stream.read(1)
        if not byte:
            raise EOFError("it is cut off")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
    raise ValueError("it has a number of more than 64 bits")


def _bytes(stream: BinaryIO, size: int) -> bytes:
    n_bytes = _long(stream)
    if not 0 <= n_bytes <= size - stream.tell():
        raise ValueError(f"an entry of its header claims {n_bytes} bytes")
    return stream.read(n_bytes)
