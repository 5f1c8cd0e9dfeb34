"""Parquet and Feather, batch by batch, and what they claim to become looked at first."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make, unpack

_ROWS = 65536
_START = 8
"""Bytes of ``ARROW1`` and padding, after which a Feather file is a stream of messages."""
_MESSAGE_HEADER, _DICTIONARY_DATA = 2, 1
_LENGTH, _BUFFERS, _COMPRESSION = 0, 2, 3
"""Fields of Arrow's ``Message``, ``DictionaryBatch`` and ``RecordBatch``."""


def read_parquet(path: Path, names: Sequence[str], texts: Sequence[str]) -> Iterator[Any]:
    """Read columns of a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        Columns.
    texts : sequence of str
        Those that may be text, of which each is made once however often it stands there.

    Yields
    ------
    RecordBatch
        Rows.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=True, read_dictionary=list(texts)) as file:
        for group in range(file.metadata.num_row_groups):
            about = file.metadata.row_group(group)
            unpack(sum(about.column(i).total_uncompressed_size for i in range(about.num_columns)))
        yield from file.iter_batches(_ROWS, columns=list(names), use_threads=False)


def read_feather(path: Path, names: Sequence[str]) -> Iterator[Any]:
    """Read columns of a Feather file.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        Columns.

    Yields
    ------
    RecordBatch
        Rows; their lengths and offsets lie within the bytes that are there.

    Raises
    ------
    ReadError
        If it is damaged.
    """
    import pyarrow as pa

    with pa.memory_map(str(path)) as mapped:
        mapped.seek(_START)
        try:
            while True:
                _count(pa.ipc.read_message(mapped))
        except EOFError:
            pass
        except (struct.error, IndexError, OverflowError) as error:
            raise ReadError(f"{path}: is a damaged Feather file: {error}") from None
        mapped.seek(_START)
        known = pa.ipc.open_stream(mapped).schema.names
        options = pa.ipc.IpcReadOptions(
            included_fields=[known.index(name) for name in names], use_threads=False
        )
        mapped.seek(_START)
        for batch in pa.ipc.open_stream(mapped, options=options):
            batch.validate(full=True)
            yield batch.select(list(names))


def _count(message: Any) -> None:
    """Count what the buffers of a message become; packed ones begin with their size."""
    if message.type == "schema":
        return
    data, body = memoryview(message.metadata), memoryview(message.body)
    table = _follow(data, _field(data, _follow(data, 0), _MESSAGE_HEADER))
    if message.type == "dictionary":
        table = _follow(data, _field(data, table, _DICTIONARY_DATA))
    length = _field(data, table, _LENGTH)
    make(8 * struct.unpack_from("<q", data, length)[0] if length else 0)
    buffers, packed = _field(data, table, _BUFFERS), _field(data, table, _COMPRESSION)
    if not (buffers and packed):
        return
    vector = _follow(data, buffers)
    for number in range(struct.unpack_from("<I", data, vector)[0]):
        place, size = struct.unpack_from("<qq", data, vector + 4 + 16 * number)
        if size:
            unpack(max(struct.unpack_from("<q", body, place)[0], 0))


def _follow(data: memoryview, place: int) -> int:
    """Follow an offset of a flatbuffer."""
    return place + int(struct.unpack_from("<I", data, place)[0])


def _field(data: memoryview, table: int, number: int) -> int:
    """Find where a field of a flatbuffer's table stands; 0 where it is left out."""
    names = table - struct.unpack_from("<i", data, table)[0]
    size = struct.unpack_from("<H", data, names)[0]
    if 4 + 2 * number >= size:
        return 0
    offset = int(struct.unpack_from("<H", data, names + 4 + 2 * number)[0])
    return table + offset if offset else 0
