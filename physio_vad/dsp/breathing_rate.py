"""How fast somebody breathes, from what breathing does to heart beats."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp.templates import parabola

TRUSTED = 0.6
"""Least quality of a rate: of modulations that are noise at most 5 % of 30 s reach it."""

BAND = (0.1, 0.5)
"""Hz: 6 to 30 breaths a minute."""

_RATE = 2.0  # Hz at which the modulations are interpolated: twice what is looked for
_PADDED = 256  # values that are transformed
_STEP = _RATE / _PADDED  # Hz
_BINS = np.arange(int(np.ceil(BAND[0] / _STEP)), int(np.floor(BAND[1] / _STEP)) + 1)
_SMALLEST = 1e-4  # SD of a modulation, as a share of what is modulated: less says nothing


def breathing_rate(
    times: FloatArray, modulations: FloatArray, stops: FloatArray, context: float
) -> dict[str, FloatArray]:
    """Breathing rate at which the height, level and distance of beats rise and fall together.

    In each window the modulations, interpolated at 2 Hz, give spectra (Hann taper, linear trend
    removed) whose bins weigh as their frequency, which makes noise of 1/f flat. Scaled to a sum
    of 1 they are averaged, each with the square of its highest bin as weight: the rate is the
    highest bin of this mean, the quality the share of it within the width of a line around there.

    Parameters
    ----------
    times : array of shape (n_beats,)
        Seconds, ascending.
    modulations : array of shape (3, n_beats)
        Height of a beat, level around it (both in one unit), and interval before it.
    stops : array of shape (n_windows,)
        Ends of the windows in seconds.
    context : float
        Their length in seconds.

    Returns
    -------
    dict of str to array of shape (n_windows,)
        ``resp_rate`` in 1/min, NaN where the quality is below `TRUSTED`; ``resp_rate_quality`` in
        [0, 1], 0 where the highest bin lies at an end of the band, or at half of the heart rate,
        above which breaths cannot be told from slower ones.

    References
    ----------
    Charlton et al. (2018), doi:10.1109/RBME.2017.2763681, who review the modulations and their
    fusion.

    Examples
    --------
    >>> import numpy as np
    >>> beats = np.arange(75) * 0.8
    >>> wave = np.sin(2 * np.pi * 0.25 * beats)
    >>> found = breathing_rate(beats, 1 + np.outer([0.1, 0.2, 0.05], wave), np.array([50.0]), 30.0)
    >>> float(found["resp_rate"][0].round(1)), bool(found["resp_rate_quality"][0] > 0.8)
    (15.1, True)
    """
    if len(times) < 2:
        return {
            "resp_rate": np.full(len(stops), np.nan),
            "resp_rate_quality": np.zeros(len(stops)),
        }
    share = _fused(times, modulations, stops, context)
    row, top, last = np.arange(len(stops)), np.argmax(share, axis=1), len(_BINS) - 1
    before, at, after = (share[row, np.clip(top + step, 0, last)] for step in (-1, 0, 1))
    inner = (top > 0) & (top < last) & (after > 0)
    line = round(1 / (context * _STEP))
    total = np.cumsum(np.pad(share, ((0, 0), (line + 1, line))), axis=1)
    quality = np.where(inner, total[row, top + 2 * line + 1] - total[row, top], 0.0)
    place = (_BINS[top] + parabola(before, at, after)) * _STEP
    return {
        "resp_rate": np.where(quality >= TRUSTED, 60 * place, np.nan),
        "resp_rate_quality": quality,
    }


@lru_cache(maxsize=8)
def _waves(number: int) -> tuple[FloatArray, float]:
    """Weights that give the cosines, then the sines of all bins, (number, 2 n_bins); least power.

    They remove the linear trend and taper; of few bins this takes half of the time of an FFT.
    """
    ramp = np.arange(number) - (number - 1) / 2
    taper = np.hanning(number + 2)[1:-1]
    angle = 2 * np.pi / _PADDED * np.outer(np.arange(number), _BINS)
    waves = taper[:, np.newaxis] * np.hstack([np.cos(angle), np.sin(angle)])
    waves -= np.outer(ramp / (ramp @ ramp), ramp @ waves)
    return waves, float(_SMALLEST**2 * (taper @ taper))


def _fused(
    times: FloatArray, modulations: FloatArray, stops: FloatArray, context: float
) -> FloatArray:
    """Mean spectrum of the modulations in the band, each row with a sum of 1 or nothing."""
    number = int(context * _RATE)
    ends = times[np.maximum(np.searchsorted(times, stops - 1e-6) - 1, 0)]  # no beat comes later
    clock = ends[:, np.newaxis] + np.arange(1 - number, 1) / _RATE
    courses = np.array([np.interp(clock, times, one) for one in modulations])
    means = courses.mean(axis=-1)
    height, _, interval = means
    courses -= means[..., np.newaxis]
    courses /= np.array([height, height, interval])[..., np.newaxis]
    waves, least = _waves(number)
    cosine, sine = np.split((courses @ waves) ** 2, 2, axis=-1)
    power = (cosine + sine + least) * _BINS
    power *= interval[:, np.newaxis] * (2 * _STEP) * _BINS <= 1  # what is faster looks slower
    power /= power.sum(axis=-1, keepdims=True)
    weights = power.max(axis=-1, keepdims=True) ** 2
    return np.asarray(np.nan_to_num((weights * power).sum(axis=0) / weights.sum(axis=0)))
