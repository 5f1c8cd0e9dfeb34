"""Finding heart beats in an ECG or a photoplethysmogram.

Both are found in the same way, by *two-pass template matching*. Every local maximum of the filtered
signal is a candidate. Those that stand out from what surrounds them give a first template of the
beat; how much each candidate resembles it decides which ones make the second template, and that
one decides. An ECG is whitened first: where an electrode moves, low frequencies count less. All
that a candidate is compared with, height and template, comes from the signal around it, so that a
loud minute cannot erase the beats of the others. Where intervals are irregular, the rhythm chooses
among doubtful candidates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.beat_candidates import (
    beat_merit,
    beat_score,
    find_candidates,
    likeness,
    match_candidates,
    second_waves,
    without_extra,
)
from physio_vad.dsp.beat_shapes import BeatShape
from physio_vad.dsp.blocks import between_blocks, block_medians, blocks_of, local_median
from physio_vad.dsp.ectopic import find_ectopic
from physio_vad.dsp.event_windows import span_touches
from physio_vad.dsp.filters import split_bands
from physio_vad.dsp.gaps import fill_gaps, no_signal
from physio_vad.dsp.heartrate import NORMAL, Intervals, NormalLimits, select_intervals
from physio_vad.dsp.polarity import SURE, polarity_of, upward_peaks, upward_pulses
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.recent import Recent
from physio_vad.dsp.rhythm import in_rhythm, same_intervals, through_noise
from physio_vad.dsp.templates import matched_filter, pieces_around, place_by_template

FLAT = 2.0
"""Seconds of equal values that are no signal."""

_AROUND = 11  # beats whose median agreement tells them from noise
_REFERENCE_BLOCKS = 13  # over which the noise of a band is read
_LEAST_NOISE = 0.1  # of the mean over the bands: no band is taken for quieter


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats that were found in a signal.

    Parameters
    ----------
    times : array of shape (n_beats,)
        Seconds from the first sample to the R peak or to the steepest rise of the pulse, placed
        between the samples.
    agreement : array of shape (n_beats,)
        Correlation with the mean beat around, in [0.5, 1].
    plain : bool array of shape (n_beats,)
        Whether the interval that begins with the beat was found without a look at the rhythm.
    ectopic : bool array of shape (n_beats,)
        Beats of another shape, wide ones in an ECG: no interval beside one is normal.
    alike : bool array of shape (n_beats,)
        Whether the beats around are so alike that they are no noise.
    smooth : array of shape (n,)
        The signal at a lower rate, beats upwards; of pulses, without what is above the band.
    bad : bool array of shape (n,)
        Samples of `smooth` in gaps.
    sfreq : float
        Rate of `smooth` in Hz.
    offset : float
        Time of its first sample in seconds.
    polarity : {1, -1}
        -1 if the signal had to be turned over.
    votes : array of shape (2,)
        Beats, or stretches of signal, that say it came upright, and upside down.
    """

    times: FloatArray
    agreement: FloatArray
    plain: BoolArray
    ectopic: BoolArray
    alike: BoolArray
    smooth: FloatArray
    bad: BoolArray
    sfreq: float
    offset: float
    polarity: int
    votes: FloatArray


def detect_beats(
    values: FloatArray, bad: BoolArray, sfreq: float, shape: BeatShape, polarity: int = 0
) -> Beats:
    """Find beats by two-pass template matching with local thresholds and templates.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Finite numbers.
    bad : bool array of shape (n_samples,)
        Samples in gaps; no beat is found where its template would touch one.
    sfreq : float
        Sampling rate in Hz.
    shape : BeatShape
        Which kind of beat.
    polarity : {0, 1, -1}
        Which way up the signal is; 0 to find out.

    Returns
    -------
    Beats
        None where the signal is too short or too slow.
    """
    factor = shape.factor(sfreq)
    low, bad = block_average(values, bad, factor)
    low = fill_gaps(low, bad)
    rate, offset = sfreq / factor, (factor - 1) / 2 / sfreq
    size = max(int(shape.block * rate), 1)
    if rate < shape.lowest_rate or len(low) < max(size, 3):
        nothing, none = np.empty(0), np.empty(0, dtype=bool)
        return Beats(
            nothing, nothing, none, none, none, low, bad, rate, offset, polarity or 1, np.zeros(2)
        )
    if factor == 1:  # not ours: what is kept must not change
        low, bad = low.copy(), bad.copy()
    recent, clock = _recent.setdefault(shape, Recent()), (rate, offset)
    asked, last = recent.recall(low, bad) or (0, None)
    if last and clock == (last.sfreq, last.offset) and polarity in (asked, last.polarity):
        return last
    beats = _detect(low, bad, *clock, shape, polarity)
    for one in vars(beats).values():
        if isinstance(one, np.ndarray) and one is not beats.votes:
            one.setflags(write=False)
    recent.keep(low, bad, (polarity, beats))
    return beats


_recent: dict[BeatShape, Recent[tuple[int, Beats]]] = {}


def _detect(
    low: FloatArray, bad: BoolArray, rate: float, offset: float, shape: BeatShape, polarity: int
) -> Beats:
    """Find beats in a signal at its lower rate, and which way up it is."""
    size = max(int(shape.block * rate), 1)
    good = _good_blocks(bad, size)
    smooth, signal = _filtered(low, good, rate, shape)
    signal = _sizeable(signal)
    up = upward_peaks(signal, good, size)
    votes = float(good.sum()) * np.array([up, 1 - up])
    way = polarity or polarity_of(votes, 0.5 if shape.slope else SURE)
    places, agreement, plain = _places(way * signal, bad, good, rate, shape)
    if shape.slope:
        up = upward_pulses(signal, places, agreement)
        votes = len(places) * np.array([up, 1 - up])
        better = polarity or polarity_of(votes, SURE)
        if better != way:
            way = better
            places, agreement, plain = _places(way * signal, bad, good, rate, shape)
    found = Beats(
        offset + places / rate,
        agreement,
        plain,
        np.zeros(len(places), dtype=bool),
        local_median(agreement, _AROUND) >= shape.alike,
        smooth if way > 0 else -smooth,
        bad,
        rate,
        offset,
        way,
        votes,
    )
    return found if shape.slope else _with_ectopic(found)


def _places(
    signal: FloatArray, bad: BoolArray, good: BoolArray, rate: float, shape: BeatShape
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Places of the beats in samples, their agreement, and whether the rhythm was not asked."""
    size = max(int(shape.block * rate), 1)
    before, after = round(shape.before * rate), round(shape.after * rate)
    peaks, heights = find_candidates(signal, bad, good, size, before, after)
    agreement, score = match_candidates(signal, peaks, heights, before, after, rate, shape)
    score = np.where(second_waves(peaks, heights, score > 0, shape.echo * rate), 0.0, score)
    beats = without_extra(peaks, score, np.flatnonzero(score > 0))
    output = matched_filter(
        signal,
        peaks[beats],
        agreement[beats] ** 4,
        before=before,
        after=after,
        near=shape.near * rate,
        block=size,
    )
    peaks, heights = find_candidates(output, bad, good, size, before, after)
    size_around = np.linalg.norm(pieces_around(signal, peaks, before, after), axis=1)
    agreement = np.clip(output[peaks] / np.where(size_around > 0, size_around, np.inf), 0.0, 1.0)
    score = beat_score(peaks, heights, agreement, rate, shape)
    echo = second_waves(peaks, heights, score > 0, shape.echo * rate)
    merit = np.where(echo, 0.0, beat_merit(heights, agreement))
    score = np.where(echo, 0.0, score)
    beats = without_extra(peaks, score, np.flatnonzero(score > 0))
    first, beats = beats, in_rhythm(peaks, merit, beats)
    if not shape.slope:
        merit = likeness(heights, agreement)
        beats = through_noise(peaks, merit, beats, agreement[beats], size, shape.apart * rate / 2)
    peaks, agreement = peaks[beats], agreement[beats]
    places = place_by_template(
        signal, peaks, agreement**4, before=before, after=after, near=shape.near * rate
    )
    return places, agreement, same_intervals(first, beats)


def _with_ectopic(beats: Beats) -> Beats:
    """Add the beats of another shape."""
    places, alike = find_ectopic(
        beats.smooth, beats.bad, beats.sfreq, (beats.times - beats.offset) * beats.sfreq
    )
    times = np.concatenate([beats.times, beats.offset + places / beats.sfreq])
    order = np.argsort(times, kind="stable")
    return replace(
        beats,
        times=times[order],
        agreement=np.concatenate([beats.agreement, alike])[order],
        plain=np.concatenate([beats.plain, np.zeros(len(places), dtype=bool)])[order],
        ectopic=order >= len(beats.times),
        alike=np.concatenate([beats.alike, np.ones(len(places), dtype=bool)])[order],
    )


def detect_raw(values: FloatArray, sfreq: float, shape: BeatShape, polarity: int = 0) -> Beats:
    """Find beats in a channel as it comes: what is missing, flat or absurd counts as a gap.

    Parameters are those of `detect_beats`.
    """
    bad = no_signal(values, FLAT * sfreq)
    return detect_beats(fill_gaps(values, bad), bad, sfreq, shape, polarity)


def beat_intervals(
    beats: Beats, times: FloatArray, limits: NormalLimits = NORMAL
) -> tuple[Intervals, IntArray, BoolArray]:
    """Find the intervals between beats that are normal or beside an ectopic beat.

    None of them touches a gap.

    Parameters
    ----------
    beats : Beats
        Beats.
    times : array of shape (n_beats,)
        Their times in seconds, on a clock of one's own.
    limits : NormalLimits
        What is normal; an interval beside an ectopic beat is within `shortest` and `longest`.

    Returns
    -------
    intervals : Intervals
        What a heart rate is computed from.
    kept : int array of shape (n_intervals,)
        The beat that each begins with.
    normal : bool array of shape (n_intervals,)
        Whether an interval lies between two normal beats that are no noise.
    """
    places = np.round((beats.times - beats.offset) * beats.sfreq).astype(np.int64)
    broken = span_touches(beats.bad, places[:-1], places[1:])
    lengths = np.where(broken, np.nan, np.diff(times))
    beside = beats.ectopic[:-1] | beats.ectopic[1:]
    linked = np.ones(len(lengths), dtype=bool)
    normal = np.zeros(len(lengths), dtype=bool)
    nn = select_intervals(times[:-1], times[1:], np.where(beside, np.nan, lengths), linked, limits)[
        1
    ]
    normal[nn] = True
    there = beside & (lengths >= limits.shortest) & (lengths <= limits.longest)
    kept = np.flatnonzero(normal | there)
    follows = np.diff(kept, prepend=-2) == 1
    begins, ends = (np.maximum.accumulate(one[kept]) for one in (times[:-1], times[1:]))
    alike = beats.alike[kept] & beats.alike[kept + 1]
    return Intervals(begins, ends, lengths[kept], follows), kept, normal[kept] & alike


def _filtered(
    values: FloatArray, good: BoolArray, sfreq: float, shape: BeatShape
) -> tuple[FloatArray, FloatArray]:
    """Remove what is outside the bands and weigh these; of a single band, also keep what is below.

    Returns
    -------
    smooth, signal : array of shape (n_samples,)
        Without what is above a single band, and what beats are looked for in.
    """
    edges = tuple(np.minimum(shape.edges, 0.45 * sfreq).tolist())
    if len(edges) > 2:
        bands = split_bands(values, sfreq, edges)
        smooth, signal = values, _weighted(bands, np.diff(edges), good, int(shape.block * sfreq))
    else:
        below, signal = split_bands(values, sfreq, (0.0, *edges))
        smooth = below + signal
    return smooth, np.gradient(signal, 1 / sfreq) if shape.slope else signal


def _weighted(bands: FloatArray, widths: FloatArray, good: BoolArray, size: int) -> FloatArray:
    """Add up bands, so weighed that between beats each is as loud per Hz: local whitening.

    They are written to. The median of a block's magnitudes hardly sees the beat in it.
    """
    levels = [local_median(block_medians(band, size)[good], _REFERENCE_BLOCKS) for band in bands]
    loud = np.array(levels) / np.sqrt(widths)[:, np.newaxis]
    floor = _LEAST_NOISE * loud.mean(axis=0)
    loud = np.where(floor > 0, np.maximum(loud, floor), 1.0)
    for number, weight in enumerate(loud.min(axis=0) / loud):
        bands[number] *= between_blocks(weight, size, bands.shape[1], good)
        bands[0] += bands[number] if number else 0.0
    return np.array(bands[0])  # a copy, so that the others can go


def _good_blocks(bad: BoolArray, size: int) -> BoolArray:
    """Mark blocks without a bad sample, or all if there is none."""
    good = np.asarray(~blocks_of(bad, size).any(axis=1))
    return good if good.any() else np.ones_like(good)


def _sizeable(signal: FloatArray) -> FloatArray:
    """Scale, by a power of 2 to change no digit: squares of tiny numbers are 0."""
    _, exponent = np.frexp(max(signal.max(initial=0.0), -signal.min(initial=0.0)))
    signal *= np.ldexp(1.0, min(-int(exponent), 1000))
    return signal
