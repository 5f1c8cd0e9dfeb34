"""Remembering what was found last: several modalities of one recording want the same of a sensor.

PPG and ECG both want the beats of the ECG, and with respiration all three want the breaths.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray

Found = TypeVar("Found")


class Recent(Generic[Found]):
    """What was found in the samples that came last.

    Examples
    --------
    >>> import numpy as np
    >>> recent, bad = Recent(), np.zeros(2, dtype=bool)
    >>> recent.keep(np.array([1.0, 2.0]), bad, "two beats")
    >>> recent.recall(np.array([1.0, 2.0]), bad), recent.recall(np.array([1.0, 3.0]), bad)
    ('two beats', None)
    """

    def __init__(self) -> None:
        self._last: tuple[FloatArray, BoolArray, Found] | None = None

    def recall(self, values: FloatArray, bad: BoolArray) -> Found | None:
        """Give what was kept, if it was found in the very same samples."""
        last = self._last  # once, as another thread may replace it
        if last is None:
            return None
        same = np.array_equal(last[0], values) and np.array_equal(last[1], bad)
        return last[2] if same else None

    def keep(self, values: FloatArray, bad: BoolArray, found: Found) -> None:
        """Keep what was found in samples that nobody changes any more: copies, if need be."""
        self._last = (values, bad, found)
