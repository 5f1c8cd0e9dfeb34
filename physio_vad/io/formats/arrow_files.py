"""Parquet and Feather, batch by batch, and what they claim to become looked at first."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make, unpack

_ROWS = 65536
_WORDS = ("string", "large_string", "binary")
_START = 8
"""Bytes of ``ARROW1`` and padding, after which a Feather file is a stream of messages."""
_MESSAGE_HEADER, _DICTIONARY_DATA = 2, 1
_LENGTH, _BUFFERS, _COMPRESSION = 0, 2, 3
"""Fields of Arrow's ``Message``, ``DictionaryBatch`` and ``RecordBatch``."""


class ArrowFile(Protocol):
    """Columns on disk.

    Attributes
    ----------
    schema : pyarrow.Schema
        Names and types of the columns.
    """

    schema: Any

    def n_rows(self) -> int:
        """Say how many rows it claims, once what they become is counted."""
        ...

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Read some columns, batch by batch."""
        ...


class ParquetFile:
    """A Parquet file; text is read as a dictionary, each once however often it stands there.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._path = path
        self._metadata = pq.read_metadata(path)
        self.schema = self._metadata.schema.to_arrow_schema()

    def n_rows(self) -> int:
        """Say how many rows it claims, once what they become is counted."""
        for number in range(self._metadata.num_row_groups):
            group = self._metadata.row_group(number)
            unpack(sum(group.column(i).total_uncompressed_size for i in range(group.num_columns)))
        return int(self._metadata.num_rows)

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Read some columns, batch by batch."""
        import pyarrow.parquet as pq

        words = [name for name in names if str(self.schema.field(name).type) in _WORDS]
        with pq.ParquetFile(self._path, memory_map=True, read_dictionary=words) as file:
            yield from file.iter_batches(_ROWS, columns=list(names), use_threads=False)


class FeatherFile:
    """A Feather file; lengths and offsets are checked against the bytes that are there.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    ReadError
        If it is damaged.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self._path = path
        with pa.memory_map(str(path)) as mapped:
            self.schema = pa.ipc.open_file(mapped).schema

    def n_rows(self) -> int:
        """Say how many rows it claims, once what they become is counted."""
        import pyarrow as pa

        n_rows = 0
        with pa.memory_map(str(self._path)) as mapped:
            mapped.seek(_START)
            try:
                while True:
                    n_rows += _count(pa.ipc.read_message(mapped))
            except EOFError:
                return n_rows
            except (struct.error, IndexError, OverflowError) as error:
                raise ReadError(f"{self._path}: is a damaged Feather file: {error}") from None

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Read some columns, batch by batch."""
        import pyarrow as pa

        chosen = [self.schema.names.index(name) for name in names]
        options = pa.ipc.IpcReadOptions(included_fields=chosen, use_threads=False)
        with pa.memory_map(str(self._path)) as mapped:
            mapped.seek(_START)
            for batch in pa.ipc.open_stream(mapped, options=options):
                batch.validate(full=True)
                yield batch


def _count(message: Any) -> int:
    """Count what the buffers of a message become, packed ones begin with their size; give rows."""
    if message.type == "schema":
        return 0
    data, body = memoryview(message.metadata), memoryview(message.body)
    table = _follow(data, _field(data, _follow(data, 0), _MESSAGE_HEADER))
    if message.type == "dictionary":
        table = _follow(data, _field(data, table, _DICTIONARY_DATA))
    length = _field(data, table, _LENGTH)
    n_rows = max(int(struct.unpack_from("<q", data, length)[0]), 0) if length else 0
    make(8 * n_rows)
    buffers, packed = _field(data, table, _BUFFERS), _field(data, table, _COMPRESSION)
    vector = _follow(data, buffers) if buffers and packed else 0
    for number in range(struct.unpack_from("<I", data, vector)[0] if vector else 0):
        place, size = struct.unpack_from("<qq", data, vector + 4 + 16 * number)
        if size:
            unpack(max(struct.unpack_from("<q", body, place)[0], 0))
    return n_rows if message.type == "record batch" else 0


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
