"""Pickles of plain data, parsed here: nothing in them is ever called.

Python's own unpickler imports and calls what a pickle names, and reserves memory for what it
claims. Here each opcode is one of a short list and only moves data; a class or function is a name,
and what a few known names would make of their arguments (a numpy array, a dtype, a number) is made
by this module from bytes that are there. Every other name, and every other opcode, is refused.
"""

from __future__ import annotations

import codecs
import math
import mmap
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.budget import make

_MAX_STEPS = 100_000
_MARK = object()

_ARRAY, _NDARRAY, _DTYPE, _SCALAR, _FROM_BUFFER, _ENCODE, _BYTES = range(7)
_NAMES = {
    "numpy ndarray": _NDARRAY,
    "numpy dtype": _DTYPE,
    "_codecs encode": _ENCODE,
    "__builtin__ bytes": _BYTES,
    **{
        f"numpy.{core}.{module} {name}": kind
        for core in ("core", "_core")
        for module, name, kind in (
            ("multiarray", "_reconstruct", _ARRAY),
            ("multiarray", "scalar", _SCALAR),
            ("numeric", "_frombuffer", _FROM_BUFFER),
        )
    },
}
_ORDERS = ("<", ">", "|", "=")
_PLAIN = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")


class _Refused(Exception):
    """What is wrong with the bytes."""


@dataclass(frozen=True)
class _Name:
    """Something that a pickle would import."""

    kind: int


@dataclass
class _Array:
    """An array to be, until its state follows."""

    values: npt.NDArray[Any] | None = None


@dataclass
class _Dtype:
    """A type of numbers, whose byte order may follow."""

    code: str
    order: str = "="

    def make(self) -> np.dtype[Any]:
        return np.dtype(self.order + self.code)


def parse_pickle(path: Path) -> Any:
    """Load plain data from a pickle of protocol 0 to 5, written by Python 2 or 3.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    object
        Numbers, text (bytes of Python 2 as Latin-1), lists, tuples, dicts, and arrays of numbers,
        which are views of the file.

    Raises
    ------
    ReadError
        If it holds anything else, named in the message, or is damaged.
    """
    if path.stat().st_size == 0:
        raise ReadError(f"{path}: is empty")
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return _finished(_Machine(mapped).run(), {})
    except _Refused as error:
        raise ReadError(f"{path}: {error}") from None
    except (ValueError, TypeError, IndexError, KeyError, struct.error, OverflowError) as error:
        raise ReadError(f"{path}: is a damaged pickle: {error}") from None


@dataclass
class _Machine:
    """A stack, a memo and a place in the bytes."""

    mapped: mmap.mmap
    place: int = 0
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = memoryview(self.mapped)

    def run(self) -> Any:
        """Follow the opcodes to the last, ``.``."""
        for _ in range(_MAX_STEPS):
            code = bytes(self.take(1))
            if code == b".":
                return self.stack.pop()
            if code not in _OPCODES:
                raise _Refused(f"its pickle has the opcode {code!r}, which plain data do not need")
            _OPCODES[code](self)
        raise _Refused(f"its pickle has more than {_MAX_STEPS} steps, which no recording needs")

    def take(self, size: int) -> memoryview:
        """Read some bytes."""
        if size > len(self.data) - self.place:
            raise _Refused(
                f"is a damaged pickle: {size} bytes are claimed at {self.place}, "
                f"{len(self.data) - self.place} are left"
            )
        self.place += size
        return self.data[self.place - size : self.place]

    def number(self, form: str) -> Any:
        """Read one little-endian number."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def line(self) -> str:
        """Read text up to the end of the line."""
        end = self.mapped.find(b"\n", self.place)
        if end < 0:
            raise _Refused(f"is a damaged pickle: a line without end at {self.place}")
        return str(self.take(end + 1 - self.place)[:-1], "latin-1")

    def block(self, form: str) -> memoryview:
        """Read a length and as many bytes."""
        size = self.number(form)
        if size < 0:
            raise _Refused(f"is a damaged pickle: a length of {size}")
        return self.take(size)

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def above_mark(self) -> list[Any]:
        """Take what lies above the last mark off the stack."""
        items = []
        while (one := self.stack.pop()) is not _MARK:
            items.append(one)
        return items[::-1]

    def top(self, kind: type) -> Any:
        """Return what lies on the stack, which must be of a kind."""
        if not isinstance(self.stack[-1], kind):
            raise _Refused(
                "is a damaged pickle: items are added to something that is not a container"
            )
        return self.stack[-1]

    def name(self, module: str, name: str) -> None:
        """Put a name on the stack that a pickle would import."""
        kind = _NAMES.get(f"{module} {name}")
        if kind is None:
            raise _Refused(
                f"its pickle asks for {module[:80]}.{name[:80]}; only arrays, numbers, text and "
                "containers are read, so it is refused"
            )
        self.push(_Name(kind))

    def extend(self, items: list[Any]) -> None:
        """Append items to the list on the stack."""
        self.top(list).extend(items)

    def update(self, items: list[Any]) -> None:
        """Put keys and values into the dict on the stack."""
        target = self.top(dict)
        for given, value in zip(items[::2], items[1::2], strict=True):
            key = _text(given) if isinstance(given, memoryview) else given
            if not isinstance(key, str | int | float | None):
                raise _Refused("its pickle has a dict whose keys are neither text nor numbers")
            target[key] = value

    def reduce(self) -> None:
        """Make what a known name would make of its arguments."""
        arguments, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, _Name) or not isinstance(arguments, tuple):
            raise _Refused("is a damaged pickle: something that is not a function is called")
        self.push(_make(name.kind, arguments))

    def build(self) -> None:
        """Give an array or a dtype its state."""
        state, target = self.stack.pop(), self.stack[-1]
        if isinstance(target, _Dtype):
            target.order = _text(state[1])
            if target.order not in _ORDERS:
                raise _Refused("is a damaged pickle: an unknown byte order")
        elif isinstance(target, _Array) and target.values is None:
            _, shape, dtype, fortran, data = state
            target.values = _array(data, dtype, shape, "F" if fortran is True else "C")
        else:
            raise _Refused("its pickle gives a state to what is no array")


def _make(kind: int, arguments: tuple[Any, ...]) -> Any:
    if kind == _ARRAY:
        return _Array()
    if kind == _DTYPE:
        code = _text(arguments[0])
        if not _PLAIN.fullmatch(code):
            raise _Refused(f"its pickle has an array of type {code!r}, which is not plain numbers")
        return _Dtype(code.lstrip("<>|="), code[0] if code[0] in _ORDERS else "=")
    if kind == _SCALAR:
        return _array(arguments[1], arguments[0], (), "C").item()
    if kind == _FROM_BUFFER:
        data, dtype, shape, order = arguments
        return _Array(_array(data, dtype, shape, "F" if order == "F" else "C"))
    if kind == _ENCODE:
        if arguments[1:] != ("latin1",):
            raise _Refused("its pickle has text in an encoding other than Latin-1")
        make(len(arguments[0]))
        return memoryview(arguments[0].encode("latin-1"))
    if kind == _BYTES and not arguments:
        return memoryview(b"")
    raise _Refused("its pickle calls something that is only a name in plain data, so it is refused")


def _array(data: Any, dtype: Any, shape: Any, order: str) -> npt.NDArray[Any]:
    """Make an array of bytes that are there; the shape must fit them."""
    shape = (shape,) if isinstance(shape, int) else shape
    if not isinstance(dtype, _Dtype) or not isinstance(shape, tuple) or len(shape) > 8:
        raise _Refused("is a damaged pickle: an array without type or shape")
    if isinstance(data, str):
        make(len(data))
        data = data.encode("latin-1")
    if not isinstance(data, memoryview | bytes) or not all(
        type(size) is int and size >= 0 for size in shape
    ):
        raise _Refused("its pickle has an array of something other than numbers")
    made = dtype.make()
    if math.prod(shape) * made.itemsize != len(data):
        raise _Refused(
            f"is a damaged pickle: an array of shape {shape} claims {math.prod(shape)} numbers, "
            f"{len(data)} bytes are there"
        )
    if 0 in shape:
        return np.empty(shape, made)
    return np.frombuffer(data, made).reshape(shape, order="F" if order == "F" else "C")


def _text(value: Any) -> str:
    if isinstance(value, memoryview):
        make(len(value))
        return str(value, "latin-1")
    if not isinstance(value, str):
        raise _Refused("is a damaged pickle: something that is not text stands for a name")
    return value


def _finished(value: Any, done: dict[int, Any], depth: int = 0) -> Any:
    """Replace what is only there while reading: arrays to be, and bytes; each thing once."""
    if id(value) not in done:
        if depth > 8:
            raise _Refused("its pickle nests containers more than 8 deep")
        done[id(value)] = _finish(value, done, depth + 1)
    return done[id(value)]


def _finish(value: Any, done: dict[int, Any], depth: int) -> Any:
    if isinstance(value, _Array) and value.values is not None:
        return value.values
    if isinstance(value, memoryview):
        return _text(value)
    if isinstance(value, dict):
        return {key: _finished(one, done, depth) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_finished(one, done, depth) for one in value)
    if isinstance(value, str | int | float | None):
        return value
    raise _Refused("its pickle holds something that is neither data nor container")


def _put(machine: _Machine, place: int) -> None:
    machine.memo[place] = machine.stack[-1]


def _global(machine: _Machine) -> None:
    module = machine.line()
    machine.name(module, machine.line())


def _stack_global(machine: _Machine) -> None:
    name = _text(machine.stack.pop())
    machine.name(_text(machine.stack.pop()), name)


def _integer(machine: _Machine) -> None:
    text = machine.line().rstrip("L")
    machine.push({"00": False, "01": True}[text] if text in ("00", "01") else int(text))


def _old_string(machine: _Machine) -> None:
    machine.push(memoryview(codecs.escape_decode(machine.line()[1:-1])[0]))


def _pairs(machine: _Machine) -> None:
    items = machine.above_mark()
    machine.push({})
    machine.update(items)


def _last(machine: _Machine, count: int) -> list[Any]:
    items = machine.stack[len(machine.stack) - count :]
    if len(items) < count or any(one is _MARK for one in items):
        raise _Refused("is a damaged pickle: its stack runs empty")
    del machine.stack[len(machine.stack) - count :]
    return items


_OPCODES: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": lambda m: m.number("B"),  # protocol
    b"\x95": lambda m: m.number("Q"),  # frame: says how much to read ahead
    b"(": lambda m: m.push(_MARK),
    b"N": lambda m: m.push(None),
    b"\x88": lambda m: m.push(True),
    b"\x89": lambda m: m.push(False),
    b"I": _integer,
    b"L": _integer,
    b"J": lambda m: m.push(m.number("i")),
    b"K": lambda m: m.push(m.number("B")),
    b"M": lambda m: m.push(m.number("H")),
    b"\x8a": lambda m: m.push(int.from_bytes(m.block("B"), "little", signed=True)),
    b"F": lambda m: m.push(float(m.line())),
    b"G": lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
    b"S": _old_string,
    b"T": lambda m: m.push(m.block("i")),
    b"U": lambda m: m.push(m.block("B")),
    b"B": lambda m: m.push(m.block("I")),
    b"C": lambda m: m.push(m.block("B")),
    b"\x8e": lambda m: m.push(m.block("Q")),
    b"\x96": lambda m: m.push(m.block("Q")),
    b"V": lambda m: m.push(m.line().encode("latin-1").decode("raw-unicode-escape")),
    b"X": lambda m: m.push(str(m.block("I"), "utf-8")),
    b"\x8c": lambda m: m.push(str(m.block("B"), "utf-8")),
    b"\x8d": lambda m: m.push(str(m.block("Q"), "utf-8")),
    b"]": lambda m: m.push([]),
    b"}": lambda m: m.push({}),
    b")": lambda m: m.push(()),
    b"l": lambda m: m.push(m.above_mark()),
    b"d": _pairs,
    b"t": lambda m: m.push(tuple(m.above_mark())),
    b"\x85": lambda m: m.push(tuple(_last(m, 1))),
    b"\x86": lambda m: m.push(tuple(_last(m, 2))),
    b"\x87": lambda m: m.push(tuple(_last(m, 3))),
    b"a": lambda m: m.extend(_last(m, 1)),
    b"e": lambda m: m.extend(m.above_mark()),
    b"s": lambda m: m.update(_last(m, 2)),
    b"u": lambda m: m.update(m.above_mark()),
    b"c": _global,
    b"\x93": _stack_global,
    b"R": lambda m: m.reduce(),
    b"b": lambda m: m.build(),
    b"p": lambda m: _put(m, int(m.line())),
    b"q": lambda m: _put(m, m.number("B")),
    b"r": lambda m: _put(m, m.number("I")),
    b"\x94": lambda m: _put(m, len(m.memo)),
    b"g": lambda m: m.push(m.memo[int(m.line())]),
    b"h": lambda m: m.push(m.memo[m.number("B")]),
    b"j": lambda m: m.push(m.memo[m.number("I")]),
}
