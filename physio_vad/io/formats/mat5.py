"""MATLAB files of versions 5 to 7, parsed here: damaged ones crash the parsers that there are.

Every length is checked against the bytes that are left before anything is made of it. Numbers,
text, cells and structs are read; objects, functions and sparse arrays become None.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make, metered, unpack

_MAX_RATIO = 1100
_CHILD = 160
"""About what an array of its own takes, however empty."""
_MAX_DEPTH = 32
_NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4


class _Damaged(Exception):
    """What is wrong with the bytes."""


@dataclass(frozen=True)
class _Element:
    kind: int
    data: memoryview


def parse_mat(path: Path, names: Collection[str] | None = None) -> dict[str, Any]:
    """Load variables of a MATLAB file.

    Parameters
    ----------
    path : Path
        The file.
    names : collection of str, optional
        Variables to load; all by default. Those that are not there are left out.

    Returns
    -------
    dict of str to object
        Numbers as arrays, text as str (rows of it as an array), cells as arrays of objects,
        structs as arrays of dicts.

    Raises
    ------
    ReadError
        If it is no such file or is damaged.
    """
    if path.stat().st_size == 0:
        raise ReadError(f"{path}: is empty")
    mapped: Any = np.memmap(path, mode="r")  # a buffer by numpy's types from 2.5 on
    raw = memoryview(mapped)
    head = bytes(raw[:128])
    if head.startswith(b"MATLAB 7.3"):
        raise ReadError(f"{path}: is a MATLAB 7.3 file; save it with -v7")
    order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
    if order is None:
        raise ReadError(f"{path}: is no MATLAB file of version 5 to 7; save it with -v7")
    try:
        return dict(_Parser(order).variables(raw[128:], names))
    except (_Damaged, zlib.error, UnicodeDecodeError) as error:
        raise ReadError(f"{path}: is a damaged MATLAB file: {error}") from None


class _Parser:
    """Reads elements of one byte order, ``"<"`` or ``">"``."""

    def __init__(self, order: str) -> None:
        self._order = order

    def variables(
        self, data: memoryview, names: Collection[str] | None
    ) -> Iterator[tuple[str, Any]]:
        """Give the name and value of each variable."""
        for outer in self._elements(data):
            element = outer
            if outer.kind == _COMPRESSED:
                element = _next(self._elements(self._unpack(outer.data)))
            if element.kind != _MATRIX:
                raise _Damaged(f"a variable has type {element.kind}")
            parts = self._elements(element.data)
            flags, shape, name = self._start(parts)
            if names is None or name in names:
                yield name, self._value(flags, shape, parts, 0)

    def _unpack(self, packed: memoryview) -> memoryview:
        unpacker = zlib.decompressobj()
        head = unpacker.decompress(packed, 8)
        if len(head) < 8:
            raise _Damaged("a packed variable is empty")
        size = int(np.frombuffer(head, self._order + "u4")[1])
        if size > _MAX_RATIO * len(packed):
            raise _Damaged(f"{len(packed)} bytes claim to unpack to {size}")
        unpack(size)
        rest = unpacker.decompress(unpacker.unconsumed_tail, size) if size else b""
        if len(rest) < size:
            raise _Damaged(f"a packed variable holds {len(rest)} bytes, not {size}")
        return memoryview(head + rest)

    def _elements(self, data: memoryview) -> Iterator[_Element]:
        place = 0
        while place + 8 <= len(data):
            first, size = (
                int(x) for x in np.frombuffer(data[place : place + 8], self._order + "u4")
            )
            if first >> 16:  # up to four bytes stand in the tag itself
                kind, size, begin = first & 0xFFFF, first >> 16, place + 4
                if size > 4:
                    raise _Damaged(f"a small element claims {size} bytes")
                place += 8
            else:
                kind, begin = first, place + 8
                if size > len(data) - begin:
                    raise _Damaged(f"an element claims {size} bytes, {len(data) - begin} are left")
                place = begin + size + (0 if kind == _COMPRESSED else -size % 8)
            yield _Element(kind, data[begin : begin + size])

    def _start(self, parts: Iterator[_Element]) -> tuple[int, tuple[int, ...], str]:
        """Read the flags, the shape and the name with which every array begins."""
        flags = self._numbers(_next(parts))
        shape = tuple(int(size) for size in self._numbers(_next(parts)))
        if len(flags) != 2 or not 2 <= len(shape) <= 32 or min(shape) < 0:
            raise _Damaged(f"an array has flags {flags.tolist()} and shape {shape}")
        return int(flags[0]), shape, bytes(_next(parts).data).decode("latin-1")

    def _value(
        self, flags: int, shape: tuple[int, ...], parts: Iterator[_Element], depth: int
    ) -> Any:
        kind = flags & 0xFF
        if depth > _MAX_DEPTH:
            raise _Damaged(f"arrays are nested more than {_MAX_DEPTH} deep")
        if kind in _CLASSES:
            stored = self._numbers(_next(parts), math.prod(shape))
            dtype = np.dtype(_CLASSES[kind])
            if dtype.kind in "iu" and stored.dtype.kind == "f":
                raise _Damaged(f"an array of {dtype} is stored as {stored.dtype}")
            if stored.dtype != dtype:
                make(len(stored) * dtype.itemsize)
            values = stored.astype(dtype, copy=False)
            if flags & 0x800:
                values = values + 1j * self._numbers(_next(parts), math.prod(shape))
            return values.reshape(shape, order="F")
        if kind == _CHAR:
            text = self._text(_next(parts))
            several = len(shape) == 2 and shape[0] > 1 and len(text) == math.prod(shape)
            rows = [text[row :: shape[0]] for row in range(shape[0])] if several else []
            return np.array(rows, dtype=object) if several else text
        if kind == _CELL:
            return _fill(shape, [self._child(part, depth) for part in metered(parts, _CHILD)])
        if kind == _STRUCT:
            return self._struct(shape, parts, depth)
        return None

    def _struct(self, shape: tuple[int, ...], parts: Iterator[_Element], depth: int) -> Any:
        width = self._numbers(_next(parts))
        text = bytes(_next(parts).data)
        if len(width) != 1 or not 0 < width[0] <= 64 or len(text) % int(width[0]):
            raise _Damaged(f"a struct has names of {width.tolist()} bytes in {len(text)}")
        step = int(width[0])
        names = [
            text[i : i + step].split(b"\0")[0].decode("latin-1") for i in range(0, len(text), step)
        ]
        values = [self._child(part, depth) for part in metered(parts, _CHILD)]
        if len(values) != math.prod(shape) * len(names):
            raise _Damaged(f"a struct of shape {shape} has {len(values)} values")
        rows = [values[i : i + len(names)] for i in range(0, len(values), max(len(names), 1))]
        return _fill(shape, [dict(zip(names, row, strict=True)) for row in rows])

    def _child(self, element: _Element, depth: int) -> Any:
        if element.kind != _MATRIX:
            raise _Damaged(f"a cell or field has type {element.kind}")
        if len(element.data) == 0:
            return np.empty((0, 0))
        parts = self._elements(element.data)
        flags, shape, _ = self._start(parts)
        return self._value(flags, shape, parts, depth + 1)

    def _numbers(self, element: _Element, n_values: int | None = None) -> Any:
        if element.kind not in _NUMBERS:
            raise _Damaged(f"numbers have type {element.kind}")
        dtype = np.dtype(self._order + _NUMBERS[element.kind])
        size = len(element.data)
        if size % dtype.itemsize or (n_values is not None and size != n_values * dtype.itemsize):
            raise _Damaged(f"{size} bytes are not {n_values} numbers of {dtype.itemsize} bytes")
        return np.frombuffer(element.data, dtype)

    def _text(self, element: _Element) -> str:
        if element.kind not in _TEXTS:
            raise _Damaged(f"text has type {element.kind}")
        encoding = _TEXTS[element.kind]
        if encoding in ("utf-16", "utf-32"):
            encoding += "-le" if self._order == "<" else "-be"
        return bytes(element.data).decode(encoding)


def _next(parts: Iterator[_Element]) -> _Element:
    element = next(parts, None)
    if element is None:
        raise _Damaged("an array ends too early")
    return element


def _fill(shape: tuple[int, ...], values: list[Any]) -> Any:
    if len(values) != math.prod(shape):
        raise _Damaged(f"an array of shape {shape} has {len(values)} values")
    filled = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):  # one by one, or equal arrays would be stacked
        filled[place] = value
    return filled.reshape(shape, order="F")
