"""One way to read columns, whatever file they stand in."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io.base import need
from physio_vad.io.formats.arrow_files import ArrowFile, FeatherFile, ParquetFile
from physio_vad.io.formats.budget import OBJECT, make, metered, unpack
from physio_vad.io.formats.json_text import load_json
from physio_vad.io.formats.mat5 import parse_mat
from physio_vad.io.tables.dialect import TextOptions
from physio_vad.io.tables.text import TextTable

Texts = list[list[str | None]]


class Table(Protocol):
    """Columns of equal length, with or without names.

    Attributes
    ----------
    path : Path
        The file.
    names, units : list of str, optional
        What the file says of each column.
    sfreq : float, optional
        Rate in Hz that it says.
    n_columns : int
        How many columns there are.
    most_columns : int
        The same with a last one that is empty as far as was looked.
    words : frozenset of int
        Positions of columns that hold no numbers.
    """

    path: Path
    names: list[str] | None
    units: list[str] | None
    sfreq: float | None
    n_columns: int
    most_columns: int
    words: frozenset[int]

    def load(self, numbers: Sequence[int], texts: Sequence[int] = ()) -> tuple[FloatArray, Texts]:
        """Read some columns by position: numbers (n_numbers, n_rows), and lists of text."""
        ...


class ArrowTable:
    """A Parquet or Feather file."""

    units: list[str] | None = None
    sfreq: float | None = None

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        kind = "parquet" if path.suffix.lower() == ".parquet" else "feather"
        if path.stat().st_size == 0:
            raise ReadError(f"{path}: is empty")
        try:
            self._data: ArrowFile = ParquetFile(path) if kind == "parquet" else FeatherFile(path)
        except (pa.ArrowException, OSError) as error:
            raise ReadError(f"{path}: is no {kind} file: {error}") from None
        self.names: list[str] | None = [str(name) for name in self._data.schema.names]
        self.n_columns = self.most_columns = len(self._data.schema.names)
        self.words = frozenset(
            i for i, kind in enumerate(self._data.schema.types) if not _is_numeric(kind)
        )

    def load(self, numbers: Sequence[int], texts: Sequence[int] = ()) -> tuple[FloatArray, Texts]:
        """Read some columns by position."""
        import pyarrow as pa

        names, kinds = self._data.schema.names, self._data.schema.types
        for i in numbers:
            if not _is_numeric(kinds[i]):
                raise ReadError(
                    f"{self.path}: column {names[i]} must hold numbers, it holds {kinds[i]}"
                )
        try:
            return self._load([names[i] for i in numbers], [names[i] for i in texts])
        except (pa.ArrowException, MemoryError) as error:
            raise ReadError(f"{self.path}: is damaged: {error}") from None

    def _load(self, numbers: Sequence[str], texts: Sequence[str]) -> tuple[FloatArray, Texts]:
        import pyarrow as pa

        n_rows = self._data.n_rows()
        make(8 * n_rows * len(numbers))
        values, columns = np.empty((len(numbers), n_rows)), [list[Any]() for _ in texts]
        place = 0
        for batch in self._data.batches([*numbers, *texts]):
            make(OBJECT * batch.num_rows * len(texts))
            stop = place + batch.num_rows
            if stop > n_rows:
                raise ReadError(f"{self.path}: is damaged: it has more rows than it says")
            for row, name in zip(values, numbers, strict=True):
                found = batch.column(name).cast(pa.float64(), safe=False)
                row[place:stop] = found.to_numpy(zero_copy_only=False)
            for cells, name in zip(columns, texts, strict=True):
                cells.extend(_objects(batch.column(name)))
            place = stop
        if place == 0:
            raise ReadError(f"{self.path}: has no rows of data")
        return values[:, :place], [_as_text(cells) for cells in columns]


def _objects(column: Any) -> list[Any]:
    """Give the values of a column as Python objects, those of a dictionary once each."""
    if not hasattr(column, "dictionary"):
        return list(column.to_pylist())
    values = column.dictionary.to_pylist()
    return [None if i is None else values[i] for i in column.indices.to_pylist()]


class ArrayTable:
    """A two-dimensional array of a ``.npy`` or ``.mat`` file, rows over time.

    An array that lies on its side is turned when `n_columns` tells which side is which.
    """

    names: list[str] | None = None
    units: list[str] | None = None
    sfreq: float | None = None
    words: frozenset[int] = frozenset()

    def __init__(self, path: Path, values: npt.NDArray[Any]) -> None:
        if values.ndim != 2 or values.dtype.kind not in "fiub":
            raise ReadError(
                f"{path}: needs a table of numbers with shape (n_rows, n_columns), got "
                f"{values.dtype} with shape {values.shape}"
            )
        if 0 in values.shape:
            raise ReadError(f"{path}: has no rows of data")
        self.path = path
        self._values = values.T if values.shape[1] > values.shape[0] else values
        self.n_columns = self.most_columns = self._values.shape[1]

    def load(self, numbers: Sequence[int], texts: Sequence[int] = ()) -> tuple[FloatArray, Texts]:
        """Read some columns by position."""
        values = np.ascontiguousarray(self._values.T[list(numbers)], dtype=np.float64)
        return values, [_as_text(self._values[:, i].tolist()) for i in texts]


def _read_npy(path: Path) -> Table:
    # mapped, because a header may claim more than the file holds
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, TokenError) as error:
        raise ReadError(f"{path}: is no whole .npy file of numbers: {error}") from None
    return ArrayTable(path, values)


def _read_mat(path: Path) -> Table:
    found = {
        name: value
        for name, value in parse_mat(path).items()
        if isinstance(value, np.ndarray) and value.ndim == 2 and max(value.shape) > 1
    }
    wide = {name: value for name, value in found.items() if min(value.shape) > 1}
    found = wide or found
    if len(found) != 1:
        raise ReadError(
            f"{path}: must hold one table of numbers, it holds {', '.join(found) or 'none'}"
        )
    return ArrayTable(path, next(iter(found.values())))


def _read_excel(path: Path) -> TextTable:
    """Read the longest sheet, as the text that it would be saved as; others are told of."""
    openpyxl = need("openpyxl", "excel", f"{path}: an Excel table")
    try:
        with zipfile.ZipFile(path) as packed:
            unpack(sum(one.file_size for one in packed.infolist()))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {sheet.title: list(metered(sheet.values, _size_of_row)) for sheet in book}
    except Exception as error:  # a broken file raises anything
        raise ReadError(f"{path}: is no Excel table: {error}") from None
    chosen, rows = max(sheets.items(), key=lambda one: len(one[1]))
    others = [repr(name) for name, one in sheets.items() if name != chosen and len(one) > 1]
    if others:
        warnings.warn(
            f"{path}: only its longest sheet, {chosen!r}, is read, not {', '.join(others)}",
            SkippedWarning,
            stacklevel=3,
        )
    lines = ("\t".join("" if cell is None else str(cell) for cell in row) for row in rows)
    return TextTable(path, data="\n".join(" ".join(line.splitlines()) for line in lines).encode())


def _size_of_row(row: tuple[object, ...]) -> int:
    return OBJECT + sum(8 if cell is None else OBJECT for cell in row)


_FORMATS: dict[str, Callable[[Path], Table]] = {
    ".csv": TextTable,
    ".tsv": TextTable,
    ".txt": TextTable,
    ".csv.gz": TextTable,
    ".tsv.gz": TextTable,
    ".txt.gz": TextTable,
    ".parquet": ArrowTable,
    ".feather": ArrowTable,
    ".npy": _read_npy,
    ".mat": _read_mat,
    ".xlsx": _read_excel,
}
SUFFIXES = tuple(_FORMATS)
"""Endings of the files that hold tables."""


def suffix_of(path: Path) -> str | None:
    """Return the ending if it is one of a table's, ``".csv.gz"`` in one piece, else None."""
    name = path.name.lower()
    fitting = [suffix for suffix in SUFFIXES if name.endswith(suffix)]
    return max(fitting, key=len, default=None)


def stem_of(path: Path) -> str:
    """Return the file's name without its ending."""
    return path.name[: -len(suffix_of(path) or path.suffix) or None]


def open_table(path: Path, options: TextOptions | None = None) -> Table:
    """Look at a file's columns without reading them all.

    A file of text without names gets those of the ``.json`` beside it, as in BIDS, with the rate
    that stands there.

    Parameters
    ----------
    path : Path
        The file.
    options : TextOptions, optional
        How text is written, where finding it out goes wrong.

    Raises
    ------
    ReadError
        If its ending is none of a table's, or it is empty.
    """
    suffix = suffix_of(path)
    if suffix is None:
        raise ReadError(f"{path}: is no table; known endings: {', '.join(SUFFIXES)}")
    if path.stat().st_size == 0:
        raise ReadError(f"{path}: is empty")
    if _FORMATS[suffix] is not TextTable:
        return _FORMATS[suffix](path)
    table = TextTable(path, options=options)
    if table.names is None:
        describe_by_json(table, _read_json(path.with_name(f"{stem_of(path)}.json")))
    return table


def _read_json(path: Path) -> Any:
    try:
        return load_json(path.read_bytes()) if path.is_file() else {}
    except ValueError as error:
        raise ReadError(f"{path}: is no JSON: {error}") from None


def describe_by_json(table: Table, said: Any) -> None:
    """Take names, units and rate of a table without names from what BIDS says of it in JSON.

    Parameters
    ----------
    table : Table
        It is changed, if there is a name for each column.
    said : object
        Content of the JSON file.
    """
    names = said.get("Columns") if isinstance(said, dict) else None
    if not isinstance(names, list) or len(names) not in (table.n_columns, table.most_columns):
        return
    table.names, table.n_columns = [str(name) for name in names], len(names)
    units = [
        one.get("Units", "") if isinstance(one := said.get(name), dict) else "" for name in names
    ]
    table.units = [str(unit) for unit in units] if any(units) else None
    sfreq = said.get("SamplingFrequency")
    if isinstance(sfreq, int | float) and sfreq > 0:
        table.sfreq = float(sfreq)


def _is_numeric(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _as_text(values: Sequence[object]) -> list[str | None]:
    """Write values as names: 1.0 becomes "1", a missing one None."""
    texts: list[str | None] = []
    for value in values:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            texts.append(None)
        elif isinstance(value, float) and value.is_integer():
            texts.append(str(int(value)))
        else:
            texts.append(str(value))
    return texts
