"""Where a climb begins in samples that were not smoothed: smoothing spreads it to earlier times."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from physio_vad._arrays import FloatArray, IntArray

_BEFORE, _AFTER = 1.5, 1.0  # s around a foot that are fitted
_FEWEST = (6, 4)  # samples of these at least
_EARLIEST, _LATEST, _STEP = -0.2, 0.7, 0.04  # s from a foot to the beginnings that are tried
_COURSES = ((1, 2), (2, 3))  # powers of the time since an abrupt and since a gradual beginning


def climb_onsets(values: FloatArray, feet: IntArray, sfreq: float) -> FloatArray:
    """Place the beginning of climbs of 1 to 3 s, whose feet were found in a smoothed signal.

    Around each foot the samples are fitted by a line that from some time on is left by a curve,
    either abruptly (``a t + b t^2``) or gradually (``a t^2 + b t^3``). The onset is the time of
    least squares, the two courses together.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Signal as recorded, finite, not smoothed.
    feet : int array of shape (n_climbs,)
        Samples of the feet, as `ascents` finds them in the signal low-passed at 1 Hz.
    sfreq : float
        Sampling rate in Hz, 4 to 15.

    Returns
    -------
    array of shape (n_climbs,)
        Samples, between two of them as a rule.

    Examples
    --------
    >>> import numpy as np
    >>> since = np.maximum(np.arange(100) / 10 - 5.04, 0)
    >>> climb_onsets(np.exp(-since / 3) - np.exp(-since), np.array([48]), 10.0).round(1)
    array([50.4])
    """
    offsets, delays, bases = _bases(sfreq)
    around = values[np.clip(feet[:, np.newaxis] + offsets, 0, len(values) - 1)]
    around = around - around.mean(axis=1, keepdims=True)
    explained = (around @ bases) ** 2
    explained = explained.reshape(len(feet), len(_COURSES), len(delays), 4).sum(axis=-1)
    explained = explained.max(axis=1)
    # where few samples are left, several beginnings explain them alike: the first of these
    best = np.argmax(explained >= (1 - 1e-9) * explained.max(axis=1, keepdims=True), axis=1)
    return np.asarray(feet + delays[best])


@lru_cache(maxsize=16)
def _bases(sfreq: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """Give the samples around a foot, beginnings, and orthonormal bases of what may then happen."""
    before, after = (
        max(int(np.ceil(seconds * sfreq)), fewest)
        for seconds, fewest in zip((_BEFORE, _AFTER), _FEWEST, strict=True)
    )
    offsets = np.arange(-before, after + 1)
    delays = np.arange(_EARLIEST, _LATEST, _STEP) * sfreq
    since = np.maximum(offsets - delays[:, np.newaxis], 0.0)  # in samples: a basis has no unit
    lines = np.ones_like(since), np.broadcast_to(offsets, since.shape)
    shapes = [np.stack([*lines, *(since**power for power in powers)], -1) for powers in _COURSES]
    bases = np.linalg.qr(np.array(shapes))[0]  # (n_courses, n_delays, n_offsets, 4)
    return offsets, delays, np.moveaxis(bases, 2, 0).reshape(len(offsets), -1)
