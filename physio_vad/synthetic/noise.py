"""Noise of a given colour, made in the frequency domain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.fft import irfft, next_fast_len, rfftfreq

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError

Random = np.random.Generator | int
"""A random generator, or the seed of a new one."""


def coloured_noise(
    n_samples: int, sfreq: float, gain: Callable[[FloatArray], FloatArray], rng: Random
) -> FloatArray:
    """Gaussian noise of root mean square 1 whose spectrum follows a gain.

    Parameters
    ----------
    n_samples : int
        Length.
    sfreq : float
        Sampling rate in Hz.
    gain : callable
        Amplitude at frequencies in Hz, an array to an array; the frequency 0 is always left out.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Noise; it does not repeat at its end.

    Raises
    ------
    ArgumentError
        If the gain is 0 at every frequency below Nyquist.
    """
    rng = np.random.default_rng(rng)
    # Twice the length, cut: noise from an inverse Fourier transform is periodic.
    n_drawn = next_fast_len(2 * n_samples + 16, real=True)
    frequencies = rfftfreq(n_drawn, 1 / sfreq)
    weights = np.zeros_like(frequencies)
    weights[1:] = gain(frequencies[1:])
    if not weights.any():
        raise ArgumentError(
            f"noise has no power between 0 and {sfreq / 2:g} Hz; take a higher sfreq than "
            f"{sfreq:g} Hz or a lower band"
        )
    phases = rng.standard_normal((2, len(frequencies)))
    noise = irfft(weights * (phases[0] + 1j * phases[1]), n_drawn)[:n_samples]
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def pink_noise(
    n_samples: int, sfreq: float, *, exponent: float = 1.0, lowest: float = 0.1, rng: Random = 0
) -> FloatArray:
    """Noise of root mean square 1 whose power falls as ``1 / f ** exponent``.

    Parameters
    ----------
    n_samples : int
        Length.
    sfreq : float
        Sampling rate in Hz.
    exponent : float
        How steeply power falls.
    lowest : float
        Frequency in Hz below which there is no power.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Noise.

    Examples
    --------
    >>> noise = pink_noise(1000, 100.0)
    >>> round(float((noise**2).mean()), 6)
    1.0
    """

    def gain(frequencies: FloatArray) -> FloatArray:
        return np.where(frequencies >= lowest, frequencies ** (-exponent / 2), 0.0)

    return coloured_noise(n_samples, sfreq, gain, rng)


def band_noise(
    n_samples: int, sfreq: float, low: float, high: float, *, rng: Random = 0
) -> FloatArray:
    """Noise of root mean square 1 with equal power between two frequencies and none elsewhere.

    Parameters
    ----------
    n_samples : int
        Length.
    sfreq : float
        Sampling rate in Hz; the band ends at Nyquist.
    low, high : float
        Band in Hz.
    rng : Generator or int
        Random generator or seed.

    Returns
    -------
    array of shape (n_samples,)
        Noise.

    Raises
    ------
    ArgumentError
        If the band lies above Nyquist.
    """

    def gain(frequencies: FloatArray) -> FloatArray:
        return ((frequencies >= low) & (frequencies <= high)).astype(np.float64)

    return coloured_noise(n_samples, sfreq, gain, rng)
