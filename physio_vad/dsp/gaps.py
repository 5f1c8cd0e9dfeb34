"""Samples that are not signal: finding and bridging them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import BoolArray, FloatArray

LARGEST = 1e12
"""Larger numbers are no measurement."""

PART = 1 << 16
"""Samples that are bridged at a time."""


def runs(mask: BoolArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return first and last (exclusive) index of each run of True in a 1-D mask.

    Examples
    --------
    >>> import numpy as np
    >>> runs(np.array([True, False, True, True]))
    (array([0, 2]), array([1, 4]))
    """
    begin, end = np.flatnonzero(mask[:1]), len(mask) - 1 + np.flatnonzero(mask[-1:])
    inner = np.flatnonzero(mask[1:] != mask[:-1])
    edges = np.concatenate([begin, inner + 1, end + 1])
    return edges[::2], edges[1::2]


def plateaus(
    values: FloatArray, min_samples: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return first and last (exclusive) index of each run of equal values.

    Parameters
    ----------
    values : array of shape (n_samples,)
        One channel; NaN equals nothing.
    min_samples : int
        Shortest run that is returned, at least 2.

    Returns
    -------
    first, last : int array of shape (n_runs,)
        ``last - first`` is the number of equal samples.

    Examples
    --------
    >>> import numpy as np
    >>> plateaus(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0]), min_samples=3)
    (array([1]), array([4]))
    """
    same = np.flatnonzero(values[1:] == values[:-1])  # few in a signal that is alive
    breaks = np.flatnonzero(np.diff(same) > 1)
    first = same[np.concatenate([[0], breaks + 1])] if len(same) else same
    last = same[np.concatenate([breaks, [-1]])] + 2 if len(same) else same
    long = last - first >= max(min_samples, 2)
    return first[long], last[long]


def flat_samples(values: FloatArray, min_samples: int) -> BoolArray:
    """Mark runs of at least `min_samples` equal values.

    Parameters
    ----------
    values : array of shape (n_samples,)
        One channel.
    min_samples : int
        Shortest run that is called flat, at least 2.

    Returns
    -------
    bool array of shape (n_samples,)
        True in flat runs.
    """
    flat = np.zeros(len(values), dtype=bool)
    for begin, end in zip(*plateaus(values, min_samples), strict=True):
        flat[begin:end] = True
    return flat


def lone_samples(values: FloatArray, limit: float) -> BoolArray:
    """Mark single samples that stand out from both neighbours to the same side.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Channels.
    limit : float
        By how much.

    Returns
    -------
    bool array of the shape of `values`
        The ends are never marked.

    Examples
    --------
    >>> import numpy as np
    >>> lone_samples(np.array([0.0, 5.0, 0.0, 5.0, 5.0, 1.0, 4.0]), 2.0).astype(int)
    array([0, 1, 1, 0, 0, 1, 0])
    """
    lone = np.zeros(values.shape, dtype=bool)
    steps = np.diff(values, axis=-1)
    up, down = steps > limit, steps < -limit
    lone[..., 1:-1] = (up[..., :-1] & down[..., 1:]) | (down[..., :-1] & up[..., 1:])
    return lone


def no_signal(values: FloatArray, flat: float) -> BoolArray:
    """Mark what is missing, absurd or flat.

    Parameters
    ----------
    values : array of shape (n_samples,)
        One channel as it comes.
    flat : float
        Samples without a step after which a channel counts as flat.

    Returns
    -------
    bool array of shape (n_samples,)
        True where there is no signal.
    """
    with np.errstate(invalid="ignore"):
        bad = ~(np.abs(values) <= LARGEST)
    return np.asarray(bad | flat_samples(values, int(np.ceil(flat)) + 1))


def fill_gaps(values: FloatArray, bad: BoolArray) -> FloatArray:
    """Bridge bad samples by straight lines, so that filters can run over them.

    Parameters
    ----------
    values : array of shape (..., n_samples)
        Channels.
    bad : bool array of the same shape
        Samples to replace; what stands in them has no influence.

    Returns
    -------
    array of the shape of `values`
        The nearest good sample is held at the ends; 0 where nothing is good. `values` itself is
        returned, not copied, where nothing is bad.

    Examples
    --------
    >>> import numpy as np
    >>> fill_gaps(np.array([1.0, np.nan, 3.0, np.inf]), np.array([False, True, False, True]))
    array([1., 2., 3., 3.])
    """
    if not bad.any():
        return values
    filled = np.array(values)
    n_samples = values.shape[-1]
    for row, mask in zip(filled.reshape(-1, n_samples), bad.reshape(-1, n_samples), strict=True):
        _fill(row, mask)
    return filled


def _fill(row: FloatArray, bad: BoolArray) -> None:
    """Bridge one channel in place, a part at a time to save memory."""
    first, last = runs(bad)
    ends = np.concatenate([first[first > 0] - 1, last[last < len(row)]])
    good = np.unique(ends)  # only the good samples beside a gap count
    if len(good) == 0:
        row[bad] = 0.0
        return
    levels = row[good]
    holes = np.flatnonzero(bad)
    for begin in range(0, len(holes), PART):
        part = holes[begin : begin + PART]
        row[part] = np.interp(part, good, levels)
