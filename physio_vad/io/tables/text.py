"""Delimited text: find out how it is written, then parse it fast and exactly."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import math
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make, metered, unpack
from physio_vad.io.tables.dialect import (
    MISSING,
    SAMPLE,
    Dialect,
    TextOptions,
    clean_line,
    is_number,
    sniff,
    split_cells,
)

if TYPE_CHECKING:
    import pyarrow as pa

_NULLS = [*MISSING, " ", "  ", *(f" {one}" for one in MISSING if one)]
"""What the parser takes for missing; it does not strip what it compares with these."""
_WORDS = [one for one in _NULLS if not one.startswith(("-", "1"))]
"""Those that do not begin as a number does, so that no number is compared with them."""

_held = threading.local()
"""The source that was read last. Pyarrow reads ahead in a thread of its own: if that thread were
the last to let go of the source, it would need the interpreter, which may be gone, and abort."""


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
    options : TextOptions, optional
        What is known of it otherwise.

    Attributes
    ----------
    dialect : Dialect
        How it is written.
    """

    sfreq: float | None = None

    def __init__(
        self,
        path: Path,
        *,
        data: bytes | None = None,
        dialect: Dialect | None = None,
        options: TextOptions | None = None,
    ) -> None:
        self.path = path
        self._data, self._is_clean = data, False
        head = self._head()
        self.dialect = sniff(head, str(path), options) if dialect is None else dialect
        self._rows_per_byte = (head.count(b"\n") + head.count(b"\r") + 1) / max(len(head), 1)
        self.names = list(self.dialect.names) if self.dialect.header else None
        self.units = list(self.dialect.units) or None
        self.n_columns = len(self.dialect.names)
        self.most_columns = self.dialect.width
        self.words = self.dialect.words

    def _head(self) -> bytes:
        if self._data is not None:
            return self._data[:SAMPLE]
        if self.path.suffix.lower() == ".gz":
            return _unpack(self.path, SAMPLE)
        with self.path.open("rb") as stream:
            return stream.read(SAMPLE)

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

        if self.dialect.unclean:
            self._clean()
        if not texts:
            with contextlib.suppress(pa.ArrowInvalid):
                return self._parse(self.dialect, numbers, [], _WORDS)
        try:
            return self._parse(self.dialect, numbers, texts)
        except pa.ArrowInvalid as error:
            return self._parse_again(numbers, texts, error)

    @staticmethod
    def _key(position: int) -> str:
        return f"f{position}"

    def _parse(
        self,
        dialect: Dialect,
        numbers: Sequence[int],
        texts: Sequence[int],
        nulls: list[str] = _NULLS,
    ) -> tuple[FloatArray, list[list[str | None]]]:
        """Parse block by block into the array that is given out, so that nothing stands twice."""
        values = np.empty((len(numbers), self._expected_rows()))
        columns: list[list[str | None]] = [[] for _ in texts]
        clean = functools.cache(_clean_text)
        n_rows = 0
        for batch in self._batches(dialect, numbers, texts, nulls):
            stop = n_rows + batch.num_rows
            make(batch.num_rows * (8 * len(numbers) + 8 * len(texts)) + batch.nbytes * bool(texts))
            if stop > values.shape[1]:
                more = np.empty((len(numbers), stop + stop // 2))
                more[:, :n_rows] = values[:, :n_rows]
                values = more
            for row, i in zip(values, numbers, strict=True):
                row[n_rows:stop] = batch.column(self._key(i)).to_numpy(zero_copy_only=False)
            for cells, i in zip(columns, texts, strict=True):
                cells.extend(map(clean, batch.column(self._key(i)).to_pylist()))
            n_rows = stop
        if n_rows == 0:
            raise ReadError(f"{self.path}: has no rows of data")
        return values[:, :n_rows], columns

    def _expected_rows(self) -> int:
        """Guess from the length of the first lines, rather high: room never used costs nothing."""
        with self._open() as stream:
            size = stream.seek(0, io.SEEK_END)
        return int(1.1 * size * self._rows_per_byte) + 1

    def _batches(
        self, dialect: Dialect, numbers: Sequence[int], texts: Sequence[int], nulls: list[str]
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.csv as pa_csv

        options = pa_csv.ReadOptions(
            column_names=[self._key(i) for i in range(dialect.width)],
            skip_rows=dialect.skip,
            encoding=dialect.encoding,
        )
        types = {self._key(i): pa.float64() for i in numbers}
        types |= {self._key(i): pa.string() for i in texts}
        convert = pa_csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=nulls,
            strings_can_be_null=True,
            decimal_point=dialect.decimal,
        )
        parse = pa_csv.ParseOptions(delimiter=dialect.delimiter)
        with self._source(dialect.encoding) as source:
            _held.source = source
            try:
                yield from pa_csv.open_csv(source, options, parse, convert)
            except pa.ArrowInvalid as error:
                if "Empty CSV" in str(error):
                    raise ReadError(f"{self.path}: has no rows of data") from None
                raise
            except UnicodeDecodeError as error:
                raise ReadError(
                    f"{self.path}: is no text in {error.encoding}, which its first bytes look "
                    f"like: {error.reason} at byte {error.start}; save it as UTF-8"
                ) from None

    def _source(self, encoding: str) -> pa.NativeFile:
        """Open the text for pyarrow, where that can be so that its threads need no interpreter."""
        import pyarrow as pa

        if encoding == "utf-8" and self._data is None and self.path.suffix.lower() != ".gz":
            with contextlib.suppress(UnicodeEncodeError):  # a name that is no text
                return pa.OSFile(str(self.path), mode="r")
        return pa.PythonFile(self._open(), mode="r")

    def _parse_again(
        self, numbers: Sequence[int], texts: Sequence[int], error: Exception
    ) -> tuple[FloatArray, list[list[str | None]]]:
        """Try a decimal comma that only stands further down, then clean text, else say the fault.

        The text is only cleaned where nothing but that is wrong, since it takes long.
        """
        import pyarrow as pa

        dialect = self.dialect
        if dialect.delimiter != "," and dialect.decimal == ".":
            try:
                return self._parse(replace(dialect, decimal=","), numbers, texts)
            except pa.ArrowInvalid:
                pass
        fault = self._find_fault(sorted(numbers))
        if fault is None and not dialect.unclean:
            self._clean()
            try:
                return self._parse(self.dialect, numbers, texts)
            except pa.ArrowInvalid as still:
                error = still
        said = fault or f"cannot be read as a table: {' '.join(str(error).split())}"
        raise ReadError(f"{self.path}: {said}") from None

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Give the lines of the table, each with its number from 1, without NUL and comments."""
        with self._open() as raw:
            lines = io.TextIOWrapper(raw, encoding=self.dialect.encoding, errors="replace")
            for number, raw_line in enumerate(lines, start=1):
                line = clean_line(raw_line).strip("\r\n")
                above = number <= self.dialect.skip
                if not above and line.strip() and not line.startswith(self.dialect.comments):
                    yield number, line

    def _clean(self) -> None:
        """Write the table anew in memory, as the parser takes it."""
        dialect, rows = self.dialect, []
        for _, line in metered(self._lines()):
            cells = split_cells(line, dialect.delimiter)
            if len(cells) == dialect.width + 1 and not cells[-1]:
                cells = cells[:-1]
            rows.append("\t".join(re.sub(r'[\t"]', " ", cell) for cell in cells))
        if not rows:
            raise ReadError(f"{self.path}: has no rows of data")
        self._data, self._is_clean = "\n".join([*rows, ""]).encode(), True
        self._rows_per_byte = len(rows) / len(self._data)
        self.dialect = replace(
            dialect, delimiter="\t", encoding="utf-8", skip=0, unclean=False, comments=("\0",)
        )

    def _find_fault(self, wanted: Sequence[int]) -> str | None:
        """Walk through the lines for the first that is ragged or holds no number."""
        for row, (number, line) in enumerate(self._lines(), start=1):
            fault = self._fault(split_cells(line, self.dialect.delimiter), wanted)
            if fault:
                line_number = "" if self._is_clean else f" (line {number})"
                return f"row {row}{line_number}: {fault}"
        return None

    def _fault(self, cells: list[str], wanted: Sequence[int]) -> str | None:
        width = self.dialect.width
        if len(cells) != width and not (len(cells) == width + 1 and not cells[-1]):
            return f"has {len(cells)} columns, the first row has {width}"
        for i in wanted:
            cell = cells[i]
            if not (cell in MISSING or is_number(cell, self.dialect.decimal)):
                name = self.names[i] if self.names else f"number {i + 1}"
                return f"column {name} must be a number, got {cell[:60]!r}"
        return None


def _clean_text(cell: str | None) -> str | None:
    """Leave out the blanks that stand beside delimiters."""
    return None if cell is None or cell.strip() in MISSING else cell.strip()


def _unpack(path: Path, limit: float = math.inf) -> bytes:
    """Unpack a gzip file, or its first bytes."""
    parts, n_bytes = [], 0
    try:
        with gzip.open(path) as stream:
            # piece by piece, so that it is stopped where it grows too large
            while n_bytes <= limit and (part := stream.read(int(min(limit + 1, 2**22)))):
                unpack(len(part))
                parts.append(part)
                n_bytes += len(part)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ReadError(f"{path}: is no whole gzip file: {error}") from None
    return b"".join(parts)[: None if limit == math.inf else int(limit)]
