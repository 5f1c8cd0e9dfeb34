"""The array types that signatures name, and what progress is reported to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)``; a total of 0 means that nobody knows it yet."""
