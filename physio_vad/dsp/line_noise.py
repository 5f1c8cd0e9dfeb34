"""Hum of the mains in a signal without slow parts."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray

MAINS = (50.0, 60.0)
"""Hz of the mains."""

LINES = (50.0, 60.0, 100.0, 120.0)
"""Hz of the mains, and of lamps on them."""

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


def folded_lines(
    values: FloatArray, sfreq: float, factor: int, block: int, band: tuple[float, float]
) -> FloatArray:
    """Height of the waves that mains and lamps make of a signal that is averaged down.

    Averaging `factor` samples leaves some hundredths of them, at another frequency: of 50 Hz at
    256 Hz, five samples averaged, 1.2 Hz, which looks like a pulse where there is none.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Before the averaging, finite.
    sfreq : float
        Sampling rate in Hz.
    factor : int
        Samples that are averaged to one.
    block : int
        Samples of a block, some seconds; what is left over at the end is dropped.
    band : tuple of float
        Hz between which such waves are mistaken for something.

    Returns
    -------
    array of shape (n_blocks,)
        From trough to crest, of the largest; 0 where none falls into the band.

    Examples
    --------
    >>> import numpy as np
    >>> hum = np.sin(100 * np.pi * np.arange(1024) / 256)
    >>> folded_lines(hum, 256.0, 5, 512, (0.6, 8.0)).round(3)
    array([0.051, 0.051])
    """
    rate, n_blocks = sfreq / factor, len(values) // block
    lines = np.array([one for one in LINES if one < sfreq / 2])
    folded = np.abs(lines - rate * np.round(lines / rate))
    lines = lines[(folded >= band[0]) & (folded <= band[1]) & (factor > 1)]
    if len(lines) == 0:
        return np.zeros(n_blocks)
    angle = np.pi * lines / sfreq
    gain = np.abs(np.sin(factor * angle) / (factor * np.sin(angle)))
    phase = 2 * np.outer(np.arange(block), angle)
    waves = np.hstack([np.cos(phase), np.sin(phase)])
    waves -= waves.mean(axis=0)  # whatever the level is
    parts = values[: n_blocks * block].reshape(n_blocks, block) @ waves
    size = np.hypot(*np.split(parts, 2, axis=1)) * (2 / block)
    return np.asarray((2 * gain * size).max(axis=1))
