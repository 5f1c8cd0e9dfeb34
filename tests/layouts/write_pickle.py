"""Pickles as Python 2 wrote them: arrays as byte strings, opcode by opcode, protocol 2."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np


def dumps(value: Any) -> bytes:
    return b"\x80\x02" + _write(value) + b"."


def _write(value: Any) -> bytes:
    if isinstance(value, Mapping):
        items = b"".join(_write(key) + _write(one) for key, one in value.items())
        return b"}(" + items + b"u"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, str):
        data = value.encode("latin-1")
        return b"U" + bytes([len(data)]) + data
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    raise TypeError(value)


def _array(array: np.ndarray) -> bytes:
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    code = _write(array.dtype.str[1:])
    order = _write(array.dtype.byteorder.replace("=", "<"))
    minus = b"J\xff\xff\xff\xff"
    dtype = b"cnumpy\ndtype\n" + code + b"K\x00K\x01\x87R"
    dtype += b"(K\x03" + order + b"NNN" + minus + minus + b"K\x00tb"
    shape = b"(" + b"".join(_write(size) for size in array.shape) + b"t"
    data = array.tobytes()
    text = b"T" + struct.pack("<i", len(data)) + data
    return made + b"(K\x01" + shape + dtype + b"\x89" + text + b"tb"
