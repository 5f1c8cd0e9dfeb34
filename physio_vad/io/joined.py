"""Files of one person on one time: those that overlap are one recording, later ones its trials."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io.formats.budget import make
from physio_vad.io.markers import Mark
from physio_vad.io.timestamps import MAX_GROWTH
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import conversion, own_unit

LONGEST_PAUSE = 600.0
"""Seconds between two files of a person from which on the later one begins a new trial."""

_SAME_RATE = 0.01
"""Rates that differ by a smaller share are one: clocks of two files are never quite equal."""


@dataclass(frozen=True)
class Part:
    """What one file holds.

    Parameters
    ----------
    signals : dict of str to Signal or Events
        By modality, on the file's own time.
    start_time : float, optional
        Seconds since 1970 at time 0 of the file, where a clock says it.
    marks : list of (float, float, str)
        Start and duration in seconds, and text.
    """

    signals: dict[str, Signal | Events]
    start_time: float | None = None
    marks: list[Mark] = field(default_factory=list)

    @property
    def span(self) -> tuple[float, float]:
        """First and last time of its signals, in seconds since 1970 where that is known."""
        zero = self.start_time or 0.0
        ends = [(one.start, one.stop) for one in self.signals.values() if one.values.size]
        return zero + min(a for a, _ in ends), zero + max(b for _, b in ends)


def sessions(parts: Sequence[Part]) -> list[list[Part]]:
    """Group the files of a person: those with no long pause between them belong together.

    Files without a clock of the wall are each a session of their own.

    Parameters
    ----------
    parts : sequence of Part
        In the order of their names, each with a sample or more.
    """
    timed = sorted((one for one in parts if one.start_time is not None), key=lambda one: one.span)
    found: list[list[Part]] = []
    end = -np.inf
    for part in timed:
        start, stop = part.span
        if start - end > LONGEST_PAUSE:
            found.append([])
        found[-1].append(part)
        end = max(end, stop)
    return found + [[one] for one in parts if one.start_time is None]


def join(parts: Sequence[Part], where: str) -> Part:
    """Bring files that belong together on one time, which begins with the first sample.

    Signals of one modality follow each other with NaN between, or are channels side by side.

    Parameters
    ----------
    parts : sequence of Part
        All with a clock of the wall, or one alone.
    where : str
        Name of the person's files, for errors.

    Raises
    ------
    ReadError
        If pauses are absurdly long.

    Warns
    -----
    SkippedWarning
        If two files hold the same channel at the same time, or at another rate: the first is taken.
    """
    zero = min(part.span[0] for part in parts)
    shifted = [_shift(part, (part.start_time or 0.0) - zero) for part in parts]
    began = None if parts[0].start_time is None else zero
    return replace(merge(shifted, where), start_time=began)


def merge(parts: Sequence[Part], where: str) -> Part:
    """Put together files that have one time 0, see `join`."""
    modalities = dict.fromkeys(name for part in parts for name in part.signals)
    signals = {
        name: _join_one([one.signals[name] for one in parts if name in one.signals], name, where)
        for name in modalities
    }
    marks = sorted(mark for part in parts for mark in part.marks)
    return Part(signals, parts[0].start_time, marks)


def _shift(part: Part, seconds: float) -> Part:
    signals: dict[str, Signal | Events] = {}
    for name, one in part.signals.items():
        if isinstance(one, Signal):
            signals[name] = replace(one, start=one.start + seconds)
        else:
            signals[name] = replace(one, times=one.times + seconds)
    return Part(signals, part.start_time, [(t + seconds, d, text) for t, d, text in part.marks])


def _join_one(given: Sequence[Signal | Events], modality: str, where: str) -> Signal | Events:
    """Join what several files hold of one modality."""
    if len(given) == 1:
        return given[0]
    events = [one for one in given if isinstance(one, Events)]
    if len(events) == len(given):
        events, unit = _apart(events, f"{where}: {modality}"), _one_unit(events, modality)
        times = np.concatenate([one.times for one in events])
        values = np.concatenate([_values(one, modality, unit) for one in events])
        return Events(times, values, unit)
    samples = [one for one in given if isinstance(one, Signal) and one.n_samples]
    first = samples[0]
    fitting = [one for one in samples if abs(one.sfreq / first.sfreq - 1) < _SAME_RATE]
    if len(fitting) < len(given):
        rates = ", ".join(f"{one.sfreq:g}" for one in samples)
        _warn(f"{where}: {modality} has rates of {rates} Hz; only {first.sfreq:g} Hz is taken")
    return _on_one_grid(fitting, modality, where)


def _apart(events: Sequence[Events], what: str) -> list[Events]:
    """Keep those that follow each other: two devices at once would give every beat twice."""
    kept: list[Events] = []
    for one in sorted((one for one in events if len(one.times)), key=lambda one: one.start):
        if kept and one.start < kept[-1].times[-1]:
            _warn(f"{what} of two files at the same time; the first is taken")
        else:
            kept.append(one)
    return kept or [events[0]]


def _on_one_grid(signals: Sequence[Signal], modality: str, where: str) -> Signal:
    rate, unit = signals[0].sfreq, _one_unit(signals, modality)
    signals = [_at_rate(one, rate) for one in signals]
    start, stop = min(one.start for one in signals), max(one.stop for one in signals)
    channels = tuple(dict.fromkeys(name for one in signals for name in one.channels))
    n_samples = sum(one.n_samples for one in signals)
    length = round((stop - start) * rate) + 1
    if length > MAX_GROWTH * n_samples + 1e6:
        raise ReadError(f"{where}: pauses between its files take {stop - start:.0f} s; split them")
    make(9 * len(channels) * length)
    values = np.full((len(channels), length), np.nan)
    taken = np.zeros((len(channels), length), dtype=bool)
    for one in signals:
        rows = [channels.index(name) for name in one.channels]
        first = round((one.start - start) * rate)
        place = (rows, slice(first, first + one.n_samples))
        width = values[place].shape[1]
        old = taken[place]
        if old[:, 1:-1].any():  # the files of one device may share a sample at their ends
            _warn(f"{where}: files hold {modality} at the same time; the first is taken")
        new = _values(one, modality, unit)[:, :width]
        values[place] = np.where(old, values[place], new)
        taken[place] = True
    used = np.flatnonzero(taken.any(axis=0))
    return Signal(values[:, : used[-1] + 1], rate, unit, channels, start)


def _at_rate(one: Signal, rate: float) -> Signal:
    """Let a clock that runs a little faster or slower run as that of the first file."""
    n_samples = round(one.n_samples * rate / one.sfreq)
    if n_samples == one.n_samples:
        return replace(one, sfreq=rate)
    times = np.arange(n_samples) / rate * one.sfreq
    values = [np.interp(times, np.arange(one.n_samples), row) for row in one.values]
    return replace(one, values=np.array(values), sfreq=rate)


def _one_unit(given: Sequence[Signal | Events], modality: str) -> str:
    units = {one.unit for one in given}
    return units.pop() if len(units) == 1 else own_unit(modality)


def _values(one: Signal | Events, modality: str, unit: str) -> FloatArray:
    """Return the values in a unit."""
    return one.values if one.unit == unit else conversion(modality, one.unit)(one.values)


def _warn(text: str) -> None:
    warnings.warn(text, SkippedWarning, stacklevel=4)


def as_recording(part: Part, subject: str, trial: str) -> Recording:
    """Make a recording of what was joined."""
    return Recording(subject, part.signals, trial=trial, start_time=part.start_time)
