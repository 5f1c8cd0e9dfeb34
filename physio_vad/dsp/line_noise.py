"""Hum of the mains in a signal without slow parts."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray

MAINS = (50.0, 60.0)
"""Hz of the mains."""

_AT_ONCE = 1 << 16  # samples


def hum_power(
    values: FloatArray, sfreq: float, block: int, highest: float
) -> tuple[FloatArray, FloatArray]:
    """Energy of blocks, and how much of it lies at the mains' frequency and its multiples.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers, high-passed.
    sfreq : float
        Sampling rate in Hz.
    block : int
        Samples a block, best a second; what is left over at the end is dropped.
    highest : float
        Hz up to which multiples count; those above Nyquist do not.

    Returns
    -------
    whole, hum : array of shape (n_blocks,)
        Sums of squares; `hum` is that of 50 or of 60 Hz, whichever is more.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(1000) / 500
    >>> whole, hum = hum_power(np.sin(100 * np.pi * time), 500.0, 500, 250.0)
    >>> (hum / whole).round(3)
    array([1., 1.])
    """
    n_blocks = len(values) // block
    whole, hum = np.zeros(n_blocks), np.zeros(n_blocks)
    top = min(highest, 0.48 * sfreq)
    lines = [np.arange(mains, top, mains) for mains in MAINS]
    angles = 2 * np.pi * np.outer(np.arange(block) / sfreq, np.concatenate(lines))
    waves = np.hstack([np.cos(angles), np.sin(angles)])
    of_50 = np.tile(np.repeat([True, False], [len(one) for one in lines]), 2)
    size = max(_AT_ONCE // block, 1)
    for begin in range(0, n_blocks, size):
        which = slice(begin, begin + size)
        blocks = values[begin * block : min(begin + size, n_blocks) * block].reshape(-1, block)
        whole[which] = np.einsum("bs,bs->b", blocks, blocks)
        energy = (blocks @ waves) ** 2 * (2 / block)
        hum[which] = np.maximum(energy @ of_50, energy @ ~of_50)
    return whole, np.minimum(hum, whole)
