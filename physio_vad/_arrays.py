"""The array types that signatures name, and what progress is reported to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

Progress = Callable[[str, int, int], object]
"""Called as ``progress(what, done, total)``; a total of 0 means that nobody knows it yet."""


def under(progress: Progress, what: str) -> Progress:
    """Report progress under another name."""
    return lambda _, done, total: progress(what, done, total)
