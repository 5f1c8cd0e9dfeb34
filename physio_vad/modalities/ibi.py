"""Inter-beat intervals or a heart rate that a device gives, without a waveform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, cast

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.heartrate import covered_share, select_intervals
from physio_vad.dsp.rates import block_average
from physio_vad.modalities.base import Others
from physio_vad.modalities.cardiac import Cardiac, Heart, belt_breaths
from physio_vad.modalities.clean import CleanSignal
from physio_vad.recording.recording import Events, Signal
from physio_vad.recording.units import Conversion

LINKED = 0.05
"""Largest time in seconds between two intervals that have a beat in common."""

_FEWEST = 20  # intervals that tell whether their times are those of their ends
_SAME = 0.02  # s between two times of one beat: clocks of devices tick in some 1/64 s

_RATE = 2.0
"""Hz to which a sampled heart rate is averaged down."""


@dataclass(frozen=True, eq=False)
class CleanIntervals(CleanSignal):
    """Intervals that a device gives, in place of samples.

    Parameters
    ----------
    hearts : tuple of Heart
        One a channel.
    """

    hearts: tuple[Heart, ...] = ()

    def good_share(
        self,
        starts: FloatArray,
        stops: FloatArray,
        *,
        clipped: bool = False,  # noqa: ARG002
    ) -> FloatArray:
        """Share of each window that normal intervals cover, shape (n_channels, n_windows)."""
        return np.vstack([covered_share(one.intervals, starts, stops) for one in self.hearts])

    def channel(self, number: int) -> CleanIntervals:
        """Return one channel alone."""
        return _clean_intervals((self.hearts[number],), (self.channels[number],))


class IBI(Cardiac[Heart]):
    """Heart rate and its variability from given intervals.

    Takes `Events`, each an interval with the time of the beat that ends it, or a `Signal` of the
    heart rate. The quality is the share of the window that normal intervals cover.

    Parameters
    ----------
    context : float
        Seconds before a window's end from which heart rate is computed; at least the
        window.
    hrv_context : float
        The same for the variability in the time domain.
    lf_context : float
        The same for spectra and the sample entropy; from 300 s on there is the triangular index.
    breath_context : float
        The same for what goes with breathing.
    shortest, longest : float
        Limits of a normal (NN) interval in seconds.
    tolerance : float
        Largest difference of an NN interval from the median of the 11 around, as its share.
    minimum : mapping of str to float, optional
        Seconds that a feature needs, in place of those of the catalogue.
    polarity : {0, 1, -1}
        Of no effect: intervals have no way up.

    Notes
    -----
    The time of an interval is when it ends, as devices give it. Where each plainly begins at its
    time, so that the next one stands where it ends, that is seen and taken into account.

    A heart rate at regular times (`Events`, or any `Signal`) is no series of beats: what compares
    successive intervals (``rmssd``, ``sdsd``, ``pnn50``, ``pnn20``, ``sd1``, ``sd2``, spectra and
    ``sampen``) is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Events, Recording
    >>> beats = np.cumsum(np.tile([0.75, 0.85], 30))
    >>> given = Events(beats, np.tile([0.75, 0.85], 30), "s")
    >>> block = IBI().extract(Recording("anna", {"ibi": given}), np.array([0.0]), np.array([40.0]))
    >>> block.columns[4], float(block.values[0, 4].round(6))
    ('ibi__rmssd', 100.0)
    """

    name = "ibi"
    aliases = ("rr", "hr")
    column_pattern = r"ibi|rr|rr.?intervals?|nn.?intervals?|hr|heart.?rate|pulse.?rate|herzfrequenz"
    column_units = ("bpm",)
    unit = "s"
    units: ClassVar[Mapping[str, Conversion]] = {
        "s": Conversion(),
        "ms": Conversion(factor=1e-3),
        "bpm": Conversion(factor=60.0, reciprocal=True),
    }
    irregular_units = ("s", "ms")
    settling: ClassVar[float] = (
        50.0  # breaths of a belt; the local median of 11 intervals needs 20 s
    )
    flat: ClassVar[float] = 120.0  # a rate in whole beats a minute stays the same for long
    plausible: ClassVar[tuple[float, float]] = (0.2, 3.0)  # 20 to 300 beats a minute
    clips: ClassVar[bool] = False

    def clean(self, signal: Signal | Events) -> CleanIntervals:
        """Convert to seconds and select the normal intervals."""
        if isinstance(signal, Events):
            return _clean_intervals((self._of_events(signal),), ("0",))
        sampled = super().clean(signal)
        hearts = tuple(self._of_rate(sampled.channel(i)) for i in range(signal.n_channels))
        return _clean_intervals(hearts, signal.channels)

    def grid(self, sfreq: float) -> int:
        """Count the samples that are averaged to one."""
        return max(int(sfreq / _RATE), 1)

    def prepare(self, signal: CleanSignal, others: Others) -> Heart:
        """Take the intervals as they are."""
        return replace(cast(CleanIntervals, signal).hearts[0], breaths=belt_breaths(others))

    def trust(self, prepared: Heart, starts: FloatArray, stops: FloatArray) -> FloatArray:  # noqa: ARG002
        """Trust what is there; the quality is its share."""
        return np.ones(len(starts))

    def _of_events(self, events: Events) -> Heart:
        values = self.units[events.unit](events.values)
        times = _ends(events.times, values)
        begins = times - values
        linked = np.abs(begins - np.concatenate([[np.nan], times[:-1]])) <= LINKED
        return self._heart(begins, times, values, linked & (not _sampled(times, values)))

    def _of_rate(self, signal: CleanSignal) -> Heart:
        factor = self.grid(signal.sfreq)
        values, bad = block_average(signal.values[0], signal.bad[0], factor)
        step = factor / signal.sfreq
        begins = signal.start + step * np.arange(len(values), dtype=np.float64)
        values = np.where(bad, np.nan, values)
        return self._heart(begins, begins + step, values, np.zeros(len(values), dtype=bool))

    def _heart(
        self, begins: FloatArray, ends: FloatArray, values: FloatArray, linked: BoolArray
    ) -> Heart:
        intervals, _ = select_intervals(begins, ends, values, linked, self.normal())
        there = len(intervals.values) > 0
        start, stop = (intervals.begins[0], intervals.ends[-1]) if there else (0.0, 0.0)
        trust = np.ones(len(intervals.values))
        return Heart(
            intervals,
            intervals,
            trust,
            float(start),
            float(stop),
            {},
            np.zeros(2),
            {},
            np.empty((3, 0)),
        )


def _ends(times: FloatArray, values: FloatArray) -> FloatArray:
    """Tell when intervals end: as given, or later by each where that is plainly when they begin."""
    steps = np.diff(times)
    ended, begun = (np.abs(one - steps) for one in (values[1:], values[:-1]))
    known = np.isfinite(ended) & np.isfinite(begun)
    plain = (begun[known] <= _SAME) & (begun[known] < ended[known] / 2)
    if known.sum() < _FEWEST or plain.mean() < 0.5 or (begun[known] <= _SAME).mean() < 0.8:
        return times
    return np.where(np.isfinite(values), times + values, times)


def _sampled(times: FloatArray, values: FloatArray) -> bool:
    """Tell a heart rate read off at regular times from intervals, each at its own beat."""
    steps = np.diff(times)
    if len(steps) == 0:
        return False
    regular = np.abs(steps - np.median(steps)) < 1e-3
    return bool(regular.mean() > 0.5 and (np.abs(values[1:] - steps) > 5e-3).mean() > 0.5)


def _clean_intervals(hearts: tuple[Heart, ...], channels: tuple[str, ...]) -> CleanIntervals:
    nothing = np.empty((len(hearts), 0))
    return CleanIntervals(
        nothing, nothing.astype(bool), nothing.astype(bool), np.nan, 0.0, channels, hearts=hearts
    )
