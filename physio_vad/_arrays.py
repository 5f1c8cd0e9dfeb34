"""The array types that signatures name, their conversion, and what progress is reported to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

Progress = Callable[[str, int, int], object]
"""Called as ``progress(what, done, total)``; a total of 0 means that nobody knows it yet."""


def same_rows(mask: BoolArray) -> list[IntArray]:
    """Group the rows of a mask that are equal, in the order in which they turn up."""
    groups: dict[bytes, list[int]] = {}
    for number, row in enumerate(np.packbits(mask, axis=1)):
        groups.setdefault(row.tobytes(), []).append(number)
    return [np.array(group) for group in groups.values()]


def under(progress: Progress, what: str) -> Progress:
    """Report progress under another name."""
    return lambda _, done, total: progress(what, done, total)


def as_floats(values: Any) -> FloatArray:
    """Read values as float64, masked ones and None as NaN; copies only what is not float64 yet.

    Raises
    ------
    TypeError
        If it is an array of dates, complex numbers, text or Python objects.
    ValueError
        If rows differ in length, or text is no number.
    """
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind not in "buif":
        kinds = {"M": "dates", "m": "durations", "c": "complex numbers", "O": "Python objects"}
        found = kinds.get(dtype.kind, "text")
        raise TypeError(f"these are {found} ({dtype}); give real numbers, NaN where there is none")
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(np.float64), np.nan)
    return np.asarray(values, dtype=np.float64)
