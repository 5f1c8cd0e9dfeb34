"""MATLAB files: named variables, cells and structs, with errors that say what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError
from physio_vad.io.formats.mat5 import parse_mat


def load_mat(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Load variables of a MATLAB file of version 7 or older.

    Raises
    ------
    ReadError
        If it is damaged, of version 7.3, or lacks a variable.
    """
    found = parse_mat(path, names)
    for name in names:
        if name not in found:
            raise ReadError(f"{path}: lacks the variable {name!r}")
    return found


def cells(value: Any) -> list[Any]:
    """Return the elements of a cell or struct array as a list."""
    return list(np.asarray(value, dtype=object).ravel())


def field_of(struct: Any, name: str, where: str) -> Any:
    """Return a field of a struct.

    Raises
    ------
    ReadError
        If there is none.
    """
    if isinstance(struct, np.ndarray) and struct.size == 1:
        struct = struct.flat[0]
    if not isinstance(struct, dict) or name not in struct:
        raise ReadError(f"{where}: lacks the field {name!r}")
    return struct[name]


def numbers(value: Any, shape: Sequence[int | None], what: str) -> FloatArray:
    """Return an array of numbers of the given shape, None for any length.

    Raises
    ------
    ReadError
        If it has another shape or holds no real numbers.
    """
    array = np.asarray(value)
    fits = array.ndim == len(shape) and all(
        need is None or need == got for need, got in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiub":
        need = ", ".join("any" if one is None else str(one) for one in shape)
        raise ReadError(
            f"{what} must be numbers with shape ({need}), got {array.dtype} with shape "
            f"{array.shape}"
        )
    return array.astype(np.float64, copy=False)
