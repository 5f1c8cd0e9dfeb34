"""Which way is up in an ECG or a photoplethysmogram."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.blocks import blocks_of, median

SURE = 2 / 3
"""Share of the votes that is enough: a gap or noise must not decide."""

_MANY = 20.0  # votes that may be held against what is known
_PHASES = 64  # samples of a mean pulse
_HARMONICS = 5
_PULSES = 32  # pulses of which one mean is made
_LEAST = 0.02  # of the first harmonic: a weaker one has hardly a phase
_ALIKE = 0.8  # agreement of pulses that count
# Chosen by ``benchmarks/ppg_shape.py --choose``, see there. Rows and columns: `pulse_shape`.
_WEIGHTS = np.array([[3.7, -11.9, 4.6], [-1.7, 9.4, -1.1], [3.7, -1.6, 2.3], [-0.2, 15.1, -7.7]])


def polarity_of(votes: FloatArray, turned: float) -> int:
    """Decide which way up a signal is.

    Parameters
    ----------
    votes : array of shape (2,)
        For upright, and for upside down.
    turned : float
        Share of the votes above which it is upside down.

    Returns
    -------
    {1, -1}
        1 without votes.

    Examples
    --------
    >>> import numpy as np
    >>> polarity_of(np.array([2.0, 3.0]), 0.5), polarity_of(np.array([2.0, 3.0]), SURE)
    (-1, 1)
    """
    return -1 if votes[1] > turned * votes.sum() else 1


def polarity_remark(
    votes: FloatArray, polarity: int, known: bool, what: str, so: str, say: str
) -> str:
    """Say where the polarity is uncertain, or unlike what it was said to be.

    Parameters
    ----------
    votes : array of shape (2,)
        For upright, and for upside down.
    polarity : {1, -1}
        That was taken.
    known : bool
        Whether it was given, not found.
    what, so : str
        What votes, and what follows from a wrong polarity.
    say : str
        How to say which it is.

    Returns
    -------
    str
        Empty if all is well.
    """
    total = votes.sum()
    share = votes[0 if polarity > 0 else 1] / total if total > 0 else 1.0
    way = "upright" if polarity > 0 else "upside down"
    if known and share < 1 - SURE and total >= _MANY:
        return (
            f"taken to be {way}, as it was said to be or as this person's other recordings are, "
            f"but {1 - share:.0%} {what} look the other way up: if that is right, {so}; say which "
            f"it is by {say}"
        )
    if not known and share < SURE:
        return (
            f"which way is up is uncertain: taken to be {way}, as {share:.0%} {what} look, so {so};"
            f" if you know it, say so by {say}"
        )
    return ""


def upward_peaks(signal: FloatArray, good: BoolArray, size: int) -> float:
    """Share of the blocks of a signal that reach further up than down.

    Parameters
    ----------
    signal : array of shape (n_samples,)
        Filtered ECG, or slope of a photoplethysmogram.
    good : bool array of shape (n_blocks,)
        Blocks that vote.
    size : int
        Samples of a block, in which there is a beat.

    Returns
    -------
    float
        In [0, 1].
    """
    blocks = blocks_of(signal, size)
    return float((blocks.max(axis=1) + blocks.min(axis=1) >= 0)[good].mean())


def upward_pulses(slope: FloatArray, places: FloatArray, agreement: FloatArray) -> float:
    """Probability that pulse waves point up, from the shape of the mean pulses.

    A pulse rises faster than it falls, or it is narrower than what lies between two pulses; AC
    coupling turns the one into the other, so that neither tells alone. Both stand in the phases of
    the harmonics beside each other. A logistic model weighs these, each with how sharp the pulse
    is.

    Parameters
    ----------
    slope : array of shape (n_samples,)
        Slope of the filtered signal.
    places : array of shape (n_pulses,)
        Samples at which pulses begin, ascending: one and the same point of each.
    agreement : array of shape (n_pulses,)
        How much each resembles those around.

    Returns
    -------
    float
        Mean over means of some 32 pulses, in [0, 1]; 0.5 if there is no pulse.
    """
    means = mean_pulses(slope, places, agreement)
    if len(means) == 0:
        return 0.5
    odd, even = pulse_shape(means)
    return float(expit(np.einsum("no,oe,ne->n", odd, _WEIGHTS, even)).mean())


def mean_pulses(slope: FloatArray, places: FloatArray, agreement: FloatArray) -> FloatArray:
    """Median slope of the pulses of each stretch, from one pulse to the next.

    Parameters
    ----------
    slope, places, agreement
        As in `upward_pulses`.

    Returns
    -------
    array of shape (n_stretches, 64)
        None without pulses.
    """
    lengths = np.diff(places)
    if len(lengths) == 0:
        return np.empty((0, _PHASES))
    sound = lengths < 1.5 * np.median(lengths)
    alike = sound & (np.minimum(agreement[:-1], agreement[1:]) > _ALIKE)
    which = np.flatnonzero(alike if alike.any() else sound)
    which = which[: max(len(which) // _PULSES, 1) * _PULSES]
    phases = np.arange(_PHASES) / _PHASES
    at = places[which, np.newaxis] + lengths[which, np.newaxis] * phases
    at = np.clip(at, 0, len(slope) - 1)
    before = np.minimum(at.astype(np.int64), len(slope) - 2)
    cycles = np.diff(slope)[before] * (at - before) + slope[before]
    size = np.linalg.norm(cycles, axis=1, keepdims=True)
    cycles /= np.where(size > 0, size, 1.0)
    return median(cycles.reshape(-1, min(len(which), _PULSES), _PHASES), axis=1)


def pulse_shape(means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Describe mean pulses by their first five harmonics.

    Parameters
    ----------
    means : array of shape (n_stretches, 64)
        Of `mean_pulses`.

    Returns
    -------
    odd : array of shape (n_stretches, 4)
        Cosine and sine of two phases that turn over with the pulse: of the second harmonic and of
        the third, beside those below (the phase of the bispectrum).
    even : array of shape (n_stretches, 3)
        What does not turn over: 1, complexity and mobility (Hjorth 1970) minus 1, which are 0 for
        a sine.
    """
    number = np.arange(1, _HARMONICS + 1)
    pulse = np.fft.rfft(means, axis=1)[:, number] / (1j * number)
    size = np.abs(pulse)
    least = np.maximum(size, _LEAST * size[:, :1])  # the phase of a weak harmonic says little
    first, second, third = (pulse / np.where(least > 0, least, 1.0)).T[:3]
    phases = second * np.conj(first) ** 2, third * np.conj(second * first)
    height, slope, curve = (
        np.sqrt(((size * number**power) ** 2).sum(axis=1)) for power in range(3)
    )
    height, slope = (np.where(one > 0, one, 1.0) for one in (height, slope))
    odd = [part for one in phases for part in (one.real, one.imag)]
    even = [np.ones(len(means)), curve * height / slope**2 - 1, slope / height - 1]
    return np.column_stack(odd), np.column_stack(even)
