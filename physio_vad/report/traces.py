"""What a modality made of a signal, as lines and events to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.modalities.acceleration import PreparedAcceleration
from physio_vad.modalities.cardiac import Heart
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.eda import PreparedEDA
from physio_vad.modalities.emg import PreparedEMG
from physio_vad.modalities.eog import PreparedEOG
from physio_vad.modalities.respiration import PreparedRespiration
from physio_vad.modalities.temperature import PreparedTemperature

DENSE = 8
"""Of so many samples a block, the mean is drawn too."""
POINTS = 1000
"""A line is drawn with about twice as many points at most."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line.

    Parameters
    ----------
    times, values : array of shape (n_points,)
        Seconds from the recording's start, and values in the modality's unit.
    name : str
        What it is.
    """

    times: FloatArray
    values: FloatArray
    name: str = "prepared"


@dataclass(frozen=True, eq=False)
class Found:
    """What was made of one channel.

    Parameters
    ----------
    lines : tuple of Line
        The prepared signal first; nothing where the signal is used as it is.
    events : mapping of str to array
        Times of each kind of event in seconds.
    """

    lines: tuple[Line, ...] = ()
    events: Mapping[str, FloatArray] = field(default_factory=dict)


@singledispatch
def found_in(prepared: object) -> Found:  # noqa: ARG001
    """Turn what `Modality.prepare` returned into lines and events; nothing of unknown kinds.

    Parameters
    ----------
    prepared : object
        What a modality's `prepare` returned for one channel.

    Returns
    -------
    Found
        What there is to draw.
    """
    return Found()


@found_in.register
def _(prepared: PreparedEDA) -> Found:
    low = line_of(prepared.signal)
    tonic = Line(low.times, prepared.tonic.ravel(), "tonic")
    return Found((low, tonic), {"responses": prepared.responses["peak"]})


@found_in.register
def _(prepared: PreparedEOG) -> Found:
    events = {"blinks": prepared.blinks["time"], "saccades": prepared.saccades["time"]}
    return Found((line_of(prepared.signal),), events)


@found_in.register
def _(prepared: Heart) -> Found:
    if "time" in prepared.table:
        return Found((), {"beats": prepared.table["time"]})
    return Found((Line(prepared.intervals.ends, prepared.intervals.values, "normal intervals"),))


@found_in.register
def _(prepared: PreparedEMG) -> Found:
    return Found((line_of(prepared.signal),), {"bursts": prepared.onsets})


@found_in.register
def _(prepared: PreparedRespiration) -> Found:
    return Found((line_of(prepared.signal),), {"breaths": prepared.breaths["peak"]})


@found_in.register
def _(prepared: PreparedTemperature) -> Found:
    return Found((line_of(prepared.signal),))


@found_in.register
def _(prepared: PreparedAcceleration) -> Found:
    times = prepared.start + np.arange(len(prepared.magnitude)) / prepared.sfreq
    values = np.where(prepared.good, prepared.magnitude, np.nan)
    return Found((Line(times, values, "length of the vector"),))


def line_of(signal: CleanSignal) -> Line:
    """Draw one channel, with holes where it is bad."""
    times = signal.start + np.arange(signal.n_samples) / signal.sfreq
    return Line(times, np.where(signal.bad[0], np.nan, signal.values[0]))


def thinned(line: Line, start: float, stop: float) -> tuple[Line, Line | None]:
    """Cut a line to a stretch; where it has many samples, to the extremes and means of blocks.

    Parameters
    ----------
    line : Line
        Any number of points, times ascending.
    start, stop : float
        Stretch in seconds.

    Returns
    -------
    line : Line
        At most about ``2 * POINTS`` points: all, or the lowest and highest of each block, so that
        no spike is lost.
    mean : Line or None
        The mean of each block; None where there are few samples a block.
    """
    first, last = np.searchsorted(line.times, [start, stop])
    times, values = line.times[first:last], line.values[first:last]
    size = len(times) // POINTS
    if size < 3:
        return Line(times, values, line.name), None
    n_blocks = len(times) // size
    blocks = values[: n_blocks * size].reshape(n_blocks, size)
    hollow = np.isnan(blocks)
    low, high = np.where(hollow, np.inf, blocks), np.where(hollow, -np.inf, blocks)
    places = np.sort(np.column_stack([low.argmin(axis=1), high.argmax(axis=1)]), axis=1)
    kept = (np.arange(n_blocks)[:, np.newaxis] * size + places).ravel()
    shown = Line(times[kept], values[kept], line.name)
    if size < DENSE:
        return shown, None
    with np.errstate(invalid="ignore"):  # a block without any value has no mean
        means = np.where(hollow, 0.0, blocks).sum(axis=1) / (~hollow).sum(axis=1)
    middles = times[: n_blocks * size].reshape(n_blocks, size).mean(axis=1)
    return shown, Line(middles, means, line.name)
