"""Long recordings in blocks: the same features, in memory that does not grow with the length.

A block is a stretch of windows. Each modality gets its signal, and the others, from as far before
as features look back (`Modality.reach`), and on both sides what the preparation looks at: good
signal of twice the `Modality.settling`, then what it takes to see that a signal is flat
(`Modality.flat`) or clipped. What is cut begins at a multiple of the raster of its modality
(`Modality.grid`), so that blocks average the same samples as the whole recording does.

Which way up a signal is (ECG, PPG, EOG) is decided over all blocks (`Polarities`). What then still
differs: where gaps add up to more than ten minutes, thresholds that compare an event with those
around see less of the other side.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray
from physio_vad.features.polarities import Polarities
from physio_vad.modalities import MODALITIES
from physio_vad.modalities.base import AnyModality, Modality
from physio_vad.modalities.clean import CLIP_REACH
from physio_vad.modalities.feature import FeatureBlock
from physio_vad.recording.recording import Events, Recording, Signal

SETTLINGS = 2.0
"""Settling times that are added: detectors look at events that were found by looking at others."""

LONGEST_GAP = 600.0
"""Seconds of gaps that are bridged at most in search of good signal."""


def extract_in_blocks(
    modality: AnyModality,
    recording: Recording,
    starts: FloatArray,
    stops: FloatArray,
    minutes: float | None,
) -> FeatureBlock:
    """Compute the features of one modality for the windows of one recording, block by block.

    Parameters
    ----------
    modality : Modality
        One that the recording has.
    recording : Recording
        Of any length.
    starts, stops : array of shape (n_windows,)
        Windows in seconds.
    minutes : float or None
        About how long a block is. A recording of up to 1.5 times that is one block, and with None
        any is.

    Returns
    -------
    FeatureBlock
        That of ``modality.extract``.
    """
    signal = recording.signals[modality.name]
    if minutes is None or not signal.stop - signal.start > 90 * minutes or len(starts) == 0:
        return modality.extract(recording, starts, stops)
    rows = _groups(starts, 60 * minutes)
    blocks = [extract_part(modality, recording, starts[few], stops[few]) for few in rows]
    polarities = Polarities()
    for block in blocks:
        polarities.add(recording, modality, block)
    for number, few in enumerate(rows):
        other = polarities.other(recording, modality, blocks[number])
        if other is not None:
            blocks[number] = extract_part(modality, other, starts[few], stops[few])
    votes = np.sum([block.votes for block in blocks], axis=0)
    values = np.empty((len(starts), len(blocks[0].columns)))
    values[np.concatenate(rows)] = np.concatenate([block.values for block in blocks])
    remarks = dict.fromkeys(remark for block in blocks for remark in block.remarks)
    n_lost = sum(block.n_lost for block in blocks)
    known = modality.known(signal) if isinstance(signal, Signal) else ()
    doubt = modality.doubt(votes, known)
    return FeatureBlock(
        blocks[0].columns, values, modality.min_good, n_lost, tuple(remarks), votes, doubt
    )


def _groups(starts: FloatArray, seconds: float) -> list[npt.NDArray[np.intp]]:
    """Rows of the windows of each block."""
    since = starts - starts.min()
    n_blocks = max(round(since.max() / seconds), 1)
    number = np.minimum(since * (n_blocks / max(since.max(), seconds)), n_blocks - 1).astype(int)
    return [np.flatnonzero(number == one) for one in np.unique(number)]


def extract_part(
    modality: AnyModality, recording: Recording, starts: FloatArray, stops: FloatArray
) -> FeatureBlock:
    """Extract from the part of a recording that the preparation of these windows looks at.

    Parameters
    ----------
    modality : Modality
        One that the recording has.
    recording : Recording
        Its signals begin at a multiple of their raster.
    starts, stops : array of shape (n_windows,)
        Windows in seconds that lie near each other.

    Returns
    -------
    FeatureBlock
        That of ``modality.extract``.
    """
    begin = float(np.minimum(starts, stops - modality.reach).min())
    end = float(stops.max())
    own = recording.signals[modality.name]
    begin, end = (_outwards(modality, own, time, way) for time, way in ((begin, -1), (end, 1)))
    signals = {
        name: _cut_events(one, begin, end)
        if isinstance(one, Events)
        else _cut_signal(one, begin, end, _grid(modality, name, one.sfreq))
        for name, one in recording.signals.items()
    }
    return modality.extract(replace(recording, signals=signals), starts, stops)


def _grid(modality: AnyModality, name: str, sfreq: float) -> int:
    """Raster of a signal of the recording: it may serve another modality, as the ECG the PPG."""
    return (modality if name == modality.name else MODALITIES[name]()).grid(sfreq)


def _cut_signal(signal: Signal, begin: float, end: float, grid: int) -> Signal:
    """Cut from the last multiple of `grid` samples before `begin`, as a view."""
    first, last = (
        int(np.clip(np.floor((time - signal.start) * signal.sfreq), 0, signal.n_samples))
        for time in (begin, end)
    )
    first -= first % grid
    return replace(
        signal, values=signal.values[:, first:last], start=signal.start + first / signal.sfreq
    )


def _cut_events(events: Events, begin: float, end: float) -> Events:
    """Cut with one event more on each side: a pause is one between two events."""
    first, last = np.searchsorted(events.times, [begin, end])
    which = slice(max(int(first) - 1, 0), int(last) + 1)
    return replace(events, times=events.times[which], values=events.values[which])


def _outwards(modality: AnyModality, signal: Signal | Events, time: float, way: int) -> float:
    """Find how far the preparation looks beyond a time: settling counts good signal only.

    Parameters
    ----------
    modality : Modality
        Says what is good signal.
    signal : Signal or Events
        Signal.
    time : float
        Seconds.
    way : {-1, 1}
        To earlier or to later times.

    Returns
    -------
    float
        Seconds.
    """
    needed = SETTLINGS * modality.settling + 1
    margin = modality.flat + (CLIP_REACH if modality.clips else 0.0)
    if isinstance(signal, Signal) and signal.start < time < signal.stop:
        for gaps in (0.0, LONGEST_GAP):
            far = time + way * (needed + gaps)
            piece = signal.crop(*sorted((time, far + way * modality.flat)))
            bad = Modality.clean(modality, piece).bad
            dead = bad.all(axis=1) & (gaps > 0)  # such a channel has no good signal further off
            good = np.asarray(~bad[~dead][:, ::way].any(axis=0))
            settled = np.searchsorted(np.cumsum(good), np.ceil(needed * signal.sfreq))
            if settled < len(good):
                return time + way * (settled / signal.sfreq + margin)
        needed += LONGEST_GAP
    return time + way * (needed + margin)
