"""Statistics of blocks of samples, for levels that change slowly."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from physio_vad._arrays import BoolArray, FloatArray

Scalar = TypeVar("Scalar", bound=np.generic)


def blocks_of(values: npt.NDArray[Scalar], size: int) -> npt.NDArray[Scalar]:
    """View the last axis as blocks of `size` samples; what is left over at the end is dropped.

    Examples
    --------
    >>> import numpy as np
    >>> blocks_of(np.arange(7), 3)
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    n_blocks = values.shape[-1] // size
    return values[..., : n_blocks * size].reshape(*values.shape[:-1], n_blocks, size)


def block_medians(values: FloatArray, size: int) -> FloatArray:
    """Median magnitude of each block; what stands out for less than half of it hardly counts.

    Examples
    --------
    >>> import numpy as np
    >>> block_medians(np.array([1.0, -9.0, 2.0, 0.0, 3.0, 0.0]), 3)
    array([2., 0.])
    """
    return _middle(np.abs(blocks_of(values, size)))


def median(values: FloatArray, axis: int = -1) -> FloatArray:
    """Give what `numpy.median` does of numbers without NaN, in a third of the time.

    Examples
    --------
    >>> import numpy as np
    >>> median(np.array([[3.0, 1.0, 2.0], [0.0, 9.0, 4.0]]))
    array([2., 4.])
    """
    return _middle(np.moveaxis(values, axis, -1).copy())


def _middle(own: FloatArray) -> FloatArray:
    own.sort(axis=-1)  # a processor sorts several at once
    number = own.shape[-1]
    return np.asarray((own[..., (number - 1) // 2] + own[..., number // 2]) / 2)


def between_blocks(
    levels: FloatArray, size: int, n_samples: int, good: BoolArray | None = None
) -> FloatArray:
    """Draw straight lines between the middles of blocks, held at the ends.

    Parameters
    ----------
    levels : array of shape (n_levels,)
        Level of each block, or of each good one; at least one.
    size : int
        Samples a block.
    n_samples : int
        Length of the signal, at least `size`.
    good : bool array of shape (n_blocks,), optional
        Blocks that have a level; all by default.

    Returns
    -------
    array of shape (n_samples,)
        Level at each sample.

    Examples
    --------
    >>> import numpy as np
    >>> between_blocks(np.array([0.0, 1.0]), 4, 9)
    array([0.  , 0.  , 0.  , 0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])
    """
    if good is not None and not good.all():
        levels = np.interp(np.arange(len(good)), np.flatnonzero(good), levels)
    begin = -(-size // 2)
    end = begin + (len(levels) - 1) * size
    share = (np.arange(begin, begin + size) - size / 2) / size
    drawn = np.empty(n_samples)
    drawn[:begin], drawn[end:] = levels[0], levels[-1]
    rises = drawn[begin:end].reshape(-1, size)
    np.multiply(np.diff(levels)[:, np.newaxis], share, out=rises)
    rises += levels[:-1, np.newaxis]
    return drawn


def local_median(values: FloatArray, width: int) -> FloatArray:
    """Compute the running median; the end values stand in for what lies beyond the ends."""
    if len(values) == 0:
        return values
    return np.asarray(median_filter(values, width, mode="nearest"))
