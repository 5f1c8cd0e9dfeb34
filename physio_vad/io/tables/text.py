"""Delimited text: find out how it is written, then parse it fast and exactly."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

MISSING = ("", "nan", "NaN", "NAN", "-nan", "NA", "N/A", "n/a", "na", "null", "NULL", "None")
"""How a missing value may be spelt."""

MAX_BYTES = 4 * 2**30
"""Packed text that unpacks to more than this is refused."""

_SAMPLE = 65536
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    Parameters
    ----------
    delimiter, decimal, encoding : str
        One character each, and the name of the encoding.
    skip : int
        Lines of comment at the top.
    header : bool
        Whether the first line after them names the columns.
    names : tuple of str
        The names, or the first row where there is no header.
    """

    delimiter: str
    decimal: str
    encoding: str
    skip: int
    header: bool
    names: tuple[str, ...]


class TextTable:
    """A CSV or TSV file, packed with gzip or not, or text that is in memory already.

    Parameters
    ----------
    path : Path
        The file, or what errors shall call it.
    data : bytes, optional
        The text itself.
    dialect : Dialect, optional
        How it is written, where that is known.
    """

    def __init__(
        self, path: Path, *, data: bytes | None = None, dialect: Dialect | None = None
    ) -> None:
        self.path = path
        self._data = data
        if dialect is None:
            dialect = sniff(self._head(), str(path))
        self._dialect = dialect
        self.names = list(dialect.names) if dialect.header else None
        self.n_columns = len(dialect.names)

    def _head(self) -> bytes:
        if self._data is not None:
            return self._data[:_SAMPLE]
        if self.path.suffix.lower() == ".gz":
            return _unpack(self.path, _SAMPLE)
        with self.path.open("rb") as stream:
            return stream.read(_SAMPLE)

    def _open(self) -> IO[bytes]:
        if self._data is None and self.path.suffix.lower() == ".gz":
            self._data = _unpack(self.path)
        return self.path.open("rb") if self._data is None else io.BytesIO(self._data)

    def load(
        self, numbers: Sequence[int], texts: Sequence[int] = ()
    ) -> tuple[FloatArray, list[list[str | None]]]:
        """Read some columns by position.

        Returns
        -------
        numbers : array of shape (n_numbers, n_rows)
            NaN where a value is missing.
        texts : list of list of str or None
            One list a column of text.

        Raises
        ------
        ReadError
            If a row is ragged or a number is none: names row, column and value.
        """
        import pyarrow as pa

        try:
            return self._parse(self._dialect, numbers, texts)
        except pa.ArrowInvalid as error:
            return self._parse_again(numbers, texts, error)

    @staticmethod
    def _key(position: int) -> str:
        return f"f{position}"

    def _parse(
        self, dialect: Dialect, numbers: Sequence[int], texts: Sequence[int]
    ) -> tuple[FloatArray, list[list[str | None]]]:
        """Parse block by block into the array that is given out, so that nothing stands twice."""
        values = np.empty((len(numbers), self._expected_rows()))
        columns: list[list[str | None]] = [[] for _ in texts]
        same: dict[str | None, str | None] = {}
        n_rows = 0
        for batch in self._batches(dialect, numbers, texts):
            stop = n_rows + batch.num_rows
            if stop > values.shape[1]:
                more = np.empty((len(numbers), stop + stop // 2))
                more[:, :n_rows] = values[:, :n_rows]
                values = more
            for row, i in zip(values, numbers, strict=True):
                row[n_rows:stop] = batch.column(self._key(i)).to_numpy(zero_copy_only=False)
            for cells, i in zip(columns, texts, strict=True):
                found = batch.column(self._key(i)).to_pylist()
                cells.extend(same.setdefault(cell, cell) for cell in found)
            n_rows = stop
        if n_rows == 0:
            raise ReadError(f"{self.path}: has no rows of data")
        return values[:, :n_rows], columns

    def _expected_rows(self) -> int:
        """Guess from the length of the first lines, rather high: room never used costs nothing."""
        head = self._head()
        n_ends = head.count(b"\n") + head.count(b"\r")
        with self._open() as stream:
            size = stream.seek(0, io.SEEK_END)
        return int(1.1 * size * (n_ends + 1) / len(head)) + 1

    def _batches(
        self, dialect: Dialect, numbers: Sequence[int], texts: Sequence[int]
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.csv as pa_csv

        options = pa_csv.ReadOptions(
            column_names=[self._key(i) for i in range(self.n_columns)],
            skip_rows=dialect.skip + dialect.header,
            encoding=dialect.encoding,
        )
        types = {self._key(i): pa.float64() for i in numbers}
        types |= {self._key(i): pa.string() for i in texts}
        convert = pa_csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=list(MISSING),
            strings_can_be_null=True,
            decimal_point=dialect.decimal,
        )
        with self._open() as stream:
            try:
                yield from pa_csv.open_csv(
                    stream, options, pa_csv.ParseOptions(delimiter=dialect.delimiter), convert
                )
            except pa.ArrowInvalid as error:
                if "Empty CSV" in str(error):
                    raise ReadError(f"{self.path}: has no rows of data") from None
                raise

    def _parse_again(
        self, numbers: Sequence[int], texts: Sequence[int], error: Exception
    ) -> tuple[FloatArray, list[list[str | None]]]:
        """Try a decimal comma that only stands further down, else say what is wrong where."""
        import pyarrow as pa

        dialect = self._dialect
        if dialect.delimiter != "," and dialect.decimal == ".":
            try:
                return self._parse(replace(dialect, decimal=","), numbers, texts)
            except pa.ArrowInvalid:
                pass
        raise ReadError(self._find_fault(sorted(numbers), error)) from None

    def _find_fault(self, wanted: Sequence[int], error: Exception) -> str:
        """Walk through the lines for the first that is ragged or holds no number."""
        dialect = self._dialect
        first = dialect.skip + dialect.header
        with self._open() as raw:
            lines = io.TextIOWrapper(raw, encoding=dialect.encoding, errors="replace")
            row = 0
            for number, line in enumerate(lines, start=1):
                if number <= first or not line.strip("\r\n"):
                    continue
                row += 1
                cells = _cells(line, dialect.delimiter)
                fault = self._fault(cells, wanted)
                if fault:
                    return f"{self.path}: row {row} (line {number}): {fault}"
        return f"{self.path}: cannot be read as a table: {' '.join(str(error).split())}"

    def _fault(self, cells: list[str], wanted: Sequence[int]) -> str | None:
        if len(cells) != self.n_columns:
            return f"has {len(cells)} columns, the first row has {self.n_columns}"
        for i in wanted:
            cell = cells[i]
            if not (cell in MISSING or _is_number(cell, self._dialect.decimal)):
                name = self.names[i] if self.names else f"number {i + 1}"
                return f"column {name} must be a number, got {cell[:60]!r}"
        return None


def sniff(head: bytes, where: str) -> Dialect:
    r"""Find out from the first bytes how a table is written.

    Parameters
    ----------
    head : bytes
        Beginning of the file.
    where : str
        Name of the file, for errors.

    Raises
    ------
    ReadError
        If there is no line of data.

    Examples
    --------
    >>> dialect = sniff(b"time;eda\n0,00;1,5\n0,25;1,6\n", "a.csv")
    >>> dialect.delimiter, dialect.decimal, dialect.header, dialect.names
    (';', ',', True, ('time', 'eda'))
    """
    if not head.strip():
        raise ReadError(f"{where}: is empty")
    encoding = _encoding(head)
    lines = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    if len(head) >= _SAMPLE and len(lines) > 1:
        lines = lines[:-1]  # the last one may be cut off
    skip = next((i for i, line in enumerate(lines) if line and not line.startswith("#")), None)
    if skip is None:
        raise ReadError(f"{where}: has no rows of data")
    lines = [line for line in lines[skip:] if line.strip()]
    delimiter = _delimiter(lines[:50])
    first = _cells(lines[0], delimiter)
    numbers = sum(map(_is_number, first))
    header = len([cell for cell in first if cell not in MISSING]) > 2 * numbers
    body = [cell for line in lines[header:] for cell in _cells(line, delimiter)]
    comma = delimiter != "," and any(_DECIMAL_COMMA.fullmatch(cell) for cell in body)
    return Dialect(delimiter, "," if comma else ".", encoding, skip, header, tuple(first))


def _encoding(head: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _delimiter(lines: Sequence[str]) -> str:
    """Take what most lines have; tab and semicolon before comma, which may be a decimal one."""
    for mark in "\t;":
        if sum(mark in line for line in lines) > len(lines) / 2:
            return mark
    return ","


def _cells(line: str, delimiter: str) -> list[str]:
    line = line.rstrip("\r\n")
    cells = line.split(delimiter)
    if '"' in line:
        with contextlib.suppress(csv.Error):
            cells = next(csv.reader([line], delimiter=delimiter))
    return [cell.strip() for cell in cells]


def _is_number(cell: str, decimal: str | None = None) -> bool:
    if decimal is not None and {".": ",", ",": "."}[decimal] in cell:
        return False
    return _NUMBER.fullmatch(cell) is not None


def _unpack(path: Path, limit: int | None = None) -> bytes:
    """Unpack a gzip file, or its first bytes."""
    parts, n_bytes = [], 0
    most = MAX_BYTES if limit is None else limit
    try:
        with gzip.open(path) as stream:
            # piece by piece: asked for all at once, it would reserve the limit
            while n_bytes <= most and (part := stream.read(min(most + 1, 2**22))):
                parts.append(part)
                n_bytes += len(part)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ReadError(f"{path}: is no whole gzip file: {error}") from None
    if limit is None and n_bytes > most:
        raise ReadError(f"{path}: unpacks to more than {MAX_BYTES / 2**30:g} GiB; split it")
    return b"".join(parts)[:limit]
