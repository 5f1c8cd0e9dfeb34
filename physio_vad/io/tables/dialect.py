"""How a text file is written: where its table begins, what stands above it and between cells."""

from __future__ import annotations

import codecs
import contextlib
import csv
import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.recording.unit_words import is_unit

MISSING = (
    "", "nan", "NaN", "NAN", "-nan", "NA", "N/A", "n/a", "na", "null", "NULL", "None", "-", "--",
    "<NA>", "NaT", "#N/A", "1.#QNAN", "-1.#IND",
)  # fmt: skip
"""How a missing value may be spelt."""
_MISSING = frozenset(MISSING)

SAMPLE = 65536
"""Bytes at the beginning of a file from which its dialect is found."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_NUMBERS_WITH_BLANKS = re.compile(r"[+-]?[\d.]+(\s+[+-]?[\d.]+)+")
_NUMPY_SCALAR = re.compile(r"np\.(?:float|int)\d+\(([^()]*)\)")
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\t;,|]*')
_DELIMITERS = "\t;|, "
_COMMENTS = ("#", "%")
_MOST_ROWS = 400
"""So many rows of the sample tell what the columns are."""


@dataclass(frozen=True)
class TextOptions:
    """What is told of a text file, where finding it out goes wrong; lines count from 1.

    Parameters
    ----------
    delimiter : str, optional
        What stands between cells; ``" "`` for any number of blanks.
    comment : str, optional
        What lines that are no rows begin with; by default ``#`` and ``%``.
    skip : int, optional
        Lines above the header, or above the first row where there is none.
    header_row, units_row : int, optional
        Line of the names and of the units; 0 if there is none.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    delimiter: str | None = None
    comment: str | None = None
    skip: int | None = None
    header_row: int | None = None
    units_row: int | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and self.delimiter not in tuple(_DELIMITERS):
            raise ArgumentError(
                f"delimiter must be ',', ';', '|', a tab or a blank, got {self.delimiter!r}"
            )
        for name in ("skip", "header_row", "units_row"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value >= 0):
                raise ArgumentError(f"{name} must be a number from 0 on, got {value!r}")


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    Parameters
    ----------
    delimiter, decimal, encoding : str
        One character each, and the name of the encoding.
    skip : int
        Lines above the first row of data.
    header : bool
        Whether the names stand in the file.
    names : tuple of str
        The names, or the first row where there is no header.
    units : tuple of str
        Unit of each column, where there is a row of units.
    n_cells : int
        Cells of each row; one more than names where rows end with a delimiter. 0: as many.
    words : frozenset of int
        Positions of columns that hold no numbers, such as dates or names.
    unclean : bool
        The text must be put right before it is parsed: blanks of varying number, NUL bytes.
    comments : tuple of str
        What lines that are no rows begin with.
    """

    delimiter: str
    decimal: str
    encoding: str
    skip: int
    header: bool
    names: tuple[str, ...]
    units: tuple[str, ...] = ()
    n_cells: int = 0
    words: frozenset[int] = frozenset()
    unclean: bool = False
    comments: tuple[str, ...] = _COMMENTS

    @property
    def width(self) -> int:
        """Cells of each row."""
        return self.n_cells or len(self.names)

    def describe(self) -> str:
        """Say in one line what was found."""
        mark = {"\t": "tabs", " ": "blanks"}.get(self.delimiter, repr(self.delimiter))
        parts = [f"{mark} between cells"]
        parts += ["decimal comma"] if self.decimal == "," else []
        parts += [self.encoding] if self.encoding != "utf-8" else []
        parts += ["names in the header" if self.header else "no header"]
        parts += ["a row of units"] if self.units else []
        parts += [f"rows from line {self.skip + 1}"]
        return ", ".join(parts)


class _Row:
    """A line that may be a row: its number from 0 and, where they are asked for, its cells."""

    def __init__(self, line: int, text: str, delimiter: str) -> None:
        self.line, self._text, self._delimiter = line, text, delimiter
        self.width = count_cells(text, delimiter)

    @functools.cached_property
    def cells(self) -> list[str]:
        return split_cells(self._text, self._delimiter)

    @property
    def commas(self) -> list[str]:
        """Cells with a comma, which may be a decimal one."""
        there = "," in self._text and (self._delimiter != "," or '"' in self._text)
        return [cell for cell in self.cells if "," in cell] if there else []


@functools.lru_cache(maxsize=8)  # a file is looked at when it is found and when it is read
def sniff(head: bytes, where: str, options: TextOptions | None = None) -> Dialect:
    r"""Find out from the first bytes how a table is written.

    The table begins where rows of equal width begin. Rows of words above its numbers are the
    names and, below them, the units; what stands above is a preamble.

    Parameters
    ----------
    head : bytes
        Beginning of the file.
    where : str
        Name of the file, for errors.
    options : TextOptions, optional
        What is known already.

    Raises
    ------
    ReadError
        If there is no line of data.

    Examples
    --------
    >>> dialect = sniff(b"Session 3\ntime;eda\ns;uS\n0,00;1,5\n0,25;1,6\n", "a.csv")
    >>> dialect.delimiter, dialect.decimal, dialect.names, dialect.units, dialect.skip
    (';', ',', ('time', 'eda'), ('s', 'uS'), 3)
    """
    options = options or TextOptions()
    if not head.strip():
        raise ReadError(f"{where}: is empty")
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    cleaned = clean_line(text)
    unclean = cleaned != text
    lines = cleaned.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(head) >= SAMPLE and len(lines) > 1:
        lines = lines[:-1]  # the last one may be cut off
    comments = (options.comment,) if options.comment else _COMMENTS
    candidates, delimiter = _candidates(lines, comments, options)
    if not candidates:
        raise ReadError(f"{where}: has no rows of data")
    texts = [line for _, line in candidates[:_MOST_ROWS]]
    delimiter = delimiter or _delimiter(texts)
    rows = [_Row(number, line, delimiter) for number, line in candidates]
    dialect = _find_table(rows, delimiter, encoding, options)
    dialect = replace(dialect, comments=comments, unclean=unclean)
    if not dialect.header and options.header_row is None:
        dialect = _with_header_in_comment(dialect, lines)
    body = lines[dialect.skip :]
    return replace(dialect, unclean=unclean or (delimiter == " " and _has_odd_blanks(body)))


def _candidates(
    lines: Sequence[str], comments: tuple[str, ...], options: TextOptions
) -> tuple[list[tuple[int, str]], str | None]:
    """List the lines that may be rows, and the delimiter where a line or an option tells it."""
    delimiter, first = options.delimiter, options.skip or 0
    for name in ("header_row", "units_row"):
        if getattr(options, name):
            first = max(first, 0) if name == "units_row" else getattr(options, name) - 1
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if number < first or not line.strip() or line.startswith(comments):
            continue
        told = None if found else _SEPARATOR_LINE.fullmatch(line)
        if told:
            delimiter = delimiter or (told[1] if told[1] in _DELIMITERS else None)
            continue
        found.append((number, line))
    return found, delimiter


def _encoding(head: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding
    for encoding, place in (("utf-16-le", 1), ("utf-16-be", 0)):
        every = head[place : len(head) // 2 * 2 : 2]
        if every.count(0) > 0.6 * len(every) > 0:
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _delimiter(lines: Sequence[str]) -> str:
    """Take what gives most lines one width; tab and semicolon before a comma, maybe decimal."""
    best, most = ",", 0.0
    lines = lines[len(lines) // 2 :]  # below any preamble
    for mark in _DELIMITERS:
        if not any(mark in line for line in lines):
            continue
        widths = [width for line in lines if (width := count_cells(line, mark)) > 1]
        share = max(Counter(widths).values(), default=0) / len(lines)
        if share <= most + 0.25:
            continue
        blank = [split_cells(line, mark) for line in lines if len(line.split()) > 1]
        glued = sum(any(map(_NUMBERS_WITH_BLANKS.fullmatch, row)) for row in blank)
        if mark != " " and glued > len(lines) / 2:
            continue  # a decimal comma or a mark of words: the numbers are told apart by blanks
        if mark == " " and not _are_mostly_numbers(lines):
            continue
        best, most = mark, share
        if most > 0.75:
            break  # no other mark can give one width to so many more
    return best


def _are_mostly_numbers(lines: Sequence[str]) -> bool:
    """Say whether lines hold numbers with blanks between them."""
    cells = [cell for line in lines for cell in split_cells(line, " ")]
    return sum(is_number(cell) or cell in _MISSING for cell in cells) > 0.5 * len(cells)


def clean_line(line: str) -> str:
    """Leave out NUL bytes and what NumPy 2 writes around a number that is written by its repr.

    Examples
    --------
    >>> clean_line("np.float64(0.25),1.5")
    '0.25,1.5'
    """
    line = line.replace("\0", "")
    return _NUMPY_SCALAR.sub(r"\1", line) if "np." in line else line


def split_cells(line: str, delimiter: str) -> list[str]:
    """Split a line as the parser does, without the blanks around cells."""
    line = line.rstrip("\r\n")
    if delimiter == " ":
        line = line.strip()
        cells = line.split()
    else:
        cells = line.split(delimiter)
    if '"' in line:
        with contextlib.suppress(csv.Error):
            reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
            cells = next(reader)
    return [cell.strip() for cell in cells]


def count_cells(line: str, delimiter: str) -> int:
    """Count the cells of a line, without splitting it where that is not needed."""
    if delimiter == " " or '"' in line:
        return len(split_cells(line, delimiter))
    return line.count(delimiter) + 1


def is_number(cell: str, decimal: str | None = None) -> bool:
    """Say whether a cell is a number, by a decimal point or comma or by either."""
    if decimal is not None and {".": ",", ",": "."}[decimal] in cell:
        return False
    return _NUMBER.fullmatch(cell) is not None


def _find_table(rows: list[_Row], delimiter: str, encoding: str, options: TextOptions) -> Dialect:
    """Find the first row of data, the names and the units."""
    widths = [row.width for row in rows]
    told = bool(options.header_row) or options.skip is not None
    width = max(set(widths), key=lambda one: one * widths.count(one))
    start = 0 if told else _first_of_width(widths, width)
    table = [row for row in rows[start:] if row.width == width][:_MOST_ROWS]
    if not table:
        table, width = rows[start : start + 1], widths[start]
    words = _words(table)
    names_rows, body = _split_words(rows[start:], table, words, width, start, rows)
    if options.header_row == 0:
        names_rows = []
    header, units = _header_and_units(names_rows, options)
    first = body[0].line if body else table[-1].line + 1
    plain = [row for row in body if row.width == width] or table[:1]
    names, n_cells = _names(header, plain, width)
    comma = any(_DECIMAL_COMMA.fullmatch(cell) for row in plain for cell in row.commas) and not any(
        "." in cell and is_number(cell) for row in plain for cell in row.cells
    )
    return Dialect(
        delimiter=delimiter,
        decimal="," if comma else ".",
        encoding=encoding,
        skip=first,
        header=header is not None,
        names=tuple(names),
        units=tuple(units[: len(names)]) if units else (),
        n_cells=n_cells,
        words=words,
    )


def _first_of_width(widths: Sequence[int], width: int) -> int:
    """Find the first row of the table's width that others of it follow."""
    for place, one in enumerate(widths):
        near = widths[place : place + 10]
        if one == width and near.count(width) >= 0.7 * len(near):
            return place
    return widths.index(width)


def _words(table: Sequence[_Row]) -> frozenset[int]:
    """Find the columns that hold words, by the lower half of the rows."""
    lower = table[len(table) // 2 :]
    most = [row.cells for row in lower[: len(lower) // 2 + 1]]
    words = set()
    for place, first in enumerate(zip(*most, strict=True)):
        if all(map(_NUMBER.fullmatch, first)):
            continue  # the others cannot outweigh these
        cells = [cell for row in lower if (cell := row.cells[place]) not in _MISSING]
        if cells and sum(map(bool, map(_NUMBER.fullmatch, cells))) <= len(cells) / 2:
            words.add(place)
    return frozenset(words)


def _split_words(
    rows: Sequence[_Row],
    table: Sequence[_Row],
    words: frozenset[int],
    width: int,
    start: int,
    everything: Sequence[_Row],
) -> tuple[list[_Row], list[_Row]]:
    """Split the rows of words at the top from those of numbers."""
    numbers = [place for place in range(width) if place not in words]
    top = 0
    while top < len(table) and _is_words(table[top].cells, numbers):
        top += 1
    if not numbers:
        top = min(top, 1)
    names = list(table[:top])
    body = [row for row in rows if not names or row.line > names[-1].line]
    above = everything[start - 1] if start else None
    if not names and above is not None and _may_name(above.cells, width):
        names = [above]
    return names, body


def _may_name(cells: Sequence[str], width: int) -> bool:
    """Say whether a row names columns though it has a cell less, or an empty one more."""
    fits = len(cells) == width - 1 or (len(cells) == width + 1 and not cells[-1])
    return fits and not any(map(is_number, cells))


def _is_words(cells: Sequence[str], numbers: Sequence[int]) -> bool:
    """Say whether a row has words where the rows below have numbers."""
    there = [cells[place] for place in numbers if cells[place] not in _MISSING]
    if not numbers:
        return True
    n_words = sum(not is_number(cell) for cell in there)
    return n_words > len(there) / 2


def _header_and_units(
    rows: Sequence[_Row], options: TextOptions
) -> tuple[list[str] | None, list[str]]:
    """Tell names from units: the last row that is no row of units names the columns."""
    if not rows:
        return None, []
    if options.header_row:
        named = next((i for i, row in enumerate(rows) if row.line == options.header_row - 1), 0)
    else:
        named = max((i for i, row in enumerate(rows) if not _are_units(row.cells)), default=0)
    below = rows[named + 1 :]
    if options.units_row is not None:
        below = [row for row in rows if row.line == options.units_row - 1]
    header = rows[named].cells
    units = below[-1].cells if below else []
    if len(set(header)) < len(header) and rows[named + 1 :]:
        more = rows[named + 1].cells
        header = [f"{one} {two}".strip() for one, two in zip(header, more, strict=False)]
    return header, units


def _are_units(cells: Sequence[str]) -> bool:
    """Say whether a row is one of units: more than three of four words are."""
    words = [cell for cell in cells if cell]
    units = [cell for cell in words if is_unit(cell)]
    return len(units) > 0.75 * len(words) or not words


def _names(header: list[str] | None, rows: Sequence[_Row], width: int) -> tuple[list[str], int]:
    """Name the columns, without a last one that is empty throughout."""
    ends = width > 1 and all(row.cells[-1] == "" for row in rows)
    if header is None:
        first = rows[0].cells
        return (first[:-1], width) if ends else (list(first), width)
    if len(header) == width - 1:
        # rows that end with a delimiter, or, as R writes them, that begin with their own name
        return (header, width) if ends else (["", *header], width)
    if header[-1] == "" and (ends or len(header) > width):
        return header[:-1], width
    return header, width


def _with_header_in_comment(dialect: Dialect, lines: Sequence[str]) -> Dialect:
    """Take names from the comment right above the rows, as numpy writes them."""
    above = lines[dialect.skip - 1] if dialect.skip else ""
    if not above.startswith(dialect.comments) or len(dialect.names) < 2:
        return dialect
    names = split_cells(above.lstrip("".join(dialect.comments)).strip(), dialect.delimiter)
    fits = len(names) == len(dialect.names) == len(set(names))
    if not fits or any(is_number(name) or re.search(r"^$|=|:$", name) for name in names):
        return dialect
    return replace(dialect, header=True, names=tuple(names))


def _has_odd_blanks(lines: Sequence[str]) -> bool:
    return any(
        "  " in line or "\t" in line or line != line.strip() for line in lines if line.strip()
    )
