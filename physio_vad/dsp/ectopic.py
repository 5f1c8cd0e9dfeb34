"""Ectopic beats in an ECG: wide beats of another shape, which the template of the others misses."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.blocks import local_median
from physio_vad.dsp.event_windows import span_touches
from physio_vad.dsp.filters import split_bands
from physio_vad.dsp.templates import dominant, local_maxima, pieces_around

# Set beforehand from the width of ventricular beats and T waves, and left so.
_BAND = (3.0, 16.0)  # Hz where a wide QRS complex is strong
_LEAST = 0.6  # of the height of the beats around in that band
_AFTER, _BEFORE = 0.36, 0.3  # seconds from the beat before (its T wave) and to the next
_REACH = 0.12  # seconds of a template on either side
_ALIKE = 0.8  # correlation with the second template
_FEWEST = 3  # beats that make a template


def find_ectopic(
    low: FloatArray, bad: BoolArray, sfreq: float, beats: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find wide beats between the beats that were found, all of one shape (second template).

    Parameters
    ----------
    low : array of shape (n_samples,)
        ECG, finite, of either polarity.
    bad : bool array of shape (n_samples,)
        Samples in gaps.
    sfreq : float
        Sampling rate in Hz, at least 40.
    beats : array of shape (n_beats,)
        Places of the beats in samples, ascending.

    Returns
    -------
    places, agreement : array of shape (n_ectopic,)
        Samples, and the correlation with the second template, in [0.8, 1].
    """
    nothing = np.empty(0)
    if len(beats) < _FEWEST:
        return nothing, nothing
    wide = split_bands(low, sfreq, _BAND)[0]
    size = np.abs(wide)
    reach = round(_REACH * sfreq)
    own = pieces_around(size, np.round(beats).astype(np.int64), reach, reach).max(axis=1)
    heights = local_median(own, 11)
    peaks = local_maxima(size)
    peaks = peaks[size[peaks] >= _LEAST * heights.min()]  # the most are lower
    around = np.interp(peaks, beats, heights)
    place = np.searchsorted(beats, peaks)
    since = peaks - np.concatenate([[-np.inf], beats])[place]
    until = np.concatenate([beats, [np.inf]])[place] - peaks
    there = (size[peaks] >= _LEAST * around) & (since >= _AFTER * sfreq)
    there &= until >= _BEFORE * sfreq
    inner = (peaks >= reach) & (peaks < len(low) - reach)
    there &= inner & ~span_touches(bad, np.maximum(peaks - reach, 0), peaks)
    peaks = peaks[there]
    peaks = peaks[dominant(peaks, size[peaks], _BEFORE * sfreq)]
    if len(peaks) < _FEWEST:
        return nothing, nothing
    pieces = pieces_around(wide, peaks, reach, reach)
    pieces /= np.linalg.norm(pieces, axis=1, keepdims=True)
    template = np.median(pieces, axis=0)
    norm = np.linalg.norm(template)
    agreement = pieces @ template / (norm if norm > 0 else 1.0)
    alike = agreement >= _ALIKE
    if alike.sum() < _FEWEST or alike.mean() < 0.5:  # noise is never of one shape
        return nothing, nothing
    return peaks[alike].astype(np.float64), np.minimum(agreement[alike], 1.0)
