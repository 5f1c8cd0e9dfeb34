"""The declared range of each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physio_vad.exceptions import ArgumentError


def scale_of_each(scale: Any, targets: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Give every target its range: one for all, or a mapping.

    Raises
    ------
    ArgumentError
        If it is neither, or names something that is no target.
    """
    if scale is None:
        return {}
    if not isinstance(scale, Mapping):
        scale = dict.fromkeys(targets, scale)
    made = {}
    for target, limits in scale.items():
        try:
            low, high = (float(limit) for limit in limits)
        except (TypeError, ValueError):
            low, high = np.nan, np.nan
        if target not in targets or not (np.isfinite([low, high]).all() and low < high):
            raise ArgumentError(
                f"scale must be (low, high), or give that for some of the labels {list(targets)}; "
                f"got {target!r}: {limits!r}"
            )
        made[target] = (low, high)
    return made
