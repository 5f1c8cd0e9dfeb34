"""Vertical electrooculogram (EOG)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp import blinks as blink_events
from physio_vad.dsp import saccades as saccade_events
from physio_vad.dsp.event_windows import EventTable, event_mean, event_spans, span_touches
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.window_stats import span_mean, span_mean_sd, span_sum
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.units import VOLTAGE_UV

_RATE = 100.0  # Hz that are kept at least: a blink rises within 0.1 s
_SHORTEST = 10.0  # s of good signal below which nothing is counted
_LAG = 0.25  # s between samples that are compared, to tell an EOG from none

BELIEVABLE = (0.5, 5000.0)
"""SD of an EOG in uV: less, even of resting eyes, is a dead electrode or a wrong unit."""


@dataclass(frozen=True, eq=False)
class PreparedEOG:
    """EOG at a lower rate, and what was found in it.

    Parameters
    ----------
    signal : CleanSignal
        EOG in uV at 100 to 200 Hz, as it came: an inverted channel stays inverted.
    polarity : {1, -1}
        -1 where the channel is inverted, so that blinks are negative in it.
    votes : array of shape (2,)
        Blinks that say it is upright, and upside down.
    blinks, saccades : dict of str to array
        Columns of `find_blink_peaks` and `find_saccade_peaks`, times as in the recording.
    """

    signal: CleanSignal
    polarity: int
    votes: FloatArray
    blinks: EventTable
    saccades: EventTable


class EOG(Modality[PreparedEOG]):
    """Blinks and saccades in a vertical EOG.

    The polarity of each channel is found: blinks count as positive whichever way the electrodes
    were connected; a warning says so where the channel was inverted.
    `blink_pavr` and `blink_navr` follow Johns and BLINKER, amplitude over steepest slope;
    NeuroKit2 computes another quantity under that name. The quality is 0 where the signal moves far
    less or more than an EOG, as of a dead electrode or a wrong unit.

    Parameters
    ----------
    min_blink : float
        Smallest height of a blink in uV.
    min_saccade : float
        Smallest step of a saccade in uV, about 2 degrees.
    context : float
        Seconds before a window's end from which events are counted.
    polarity : {0, 1, -1}
        Which way up all channels are, unless they say it themselves; 0 to find out.

    References
    ----------
    Johns (2003), "The amplitude-velocity ratio of blinks", Sleep 26, A51; Kleifges et al. (2017),
    doi:10.3389/fnins.2017.00012; Engbert & Kliegl (2003), doi:10.1016/S0042-6989(03)00084-1.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> time = np.arange(7500) / 250
    >>> lid = 200 * np.maximum(0, 1 - np.abs(time % 6 - 3) / 0.2)  # five triangles of 0.4 s
    >>> anna = Recording("anna", {"eog": Signal(-lid + time, sfreq=250.0, unit="uV")})
    >>> block = EOG().extract(anna, np.array([0.0]), np.array([30.0]))
    >>> row = dict(zip(block.columns, block.values[0].round(1).tolist()))
    >>> row["eog__blink_rate"], row["eog__blink_duration"]
    (10.0, 0.2)
    """

    name = "eog"
    column_pattern = r"[hv]?eog.*|eog[hv]?"
    unit = "uV"
    units = VOLTAGE_UV
    settling = 50.0
    wrong_way = ("of what may be blinks", "blinks may be missed and others be none")
    plausible = (-1e5, 1e5)

    def __init__(
        self,
        *,
        min_blink: float = blink_events.MIN_BLINK,
        min_saccade: float = saccade_events.MIN_SACCADE,
        context: float = 30.0,
        polarity: int = 0,
    ) -> None:
        self.min_blink = min_blink
        self.min_saccade = min_saccade
        self.context = context
        self.polarity = polarity

    @property
    def features(self) -> Sequence[Feature]:
        """Blinks and saccades."""
        johns, blinker, engbert = "Johns 2003", "Kleifges et al. 2017", "Engbert & Kliegl 2003"
        entries = [
            ("blink_rate", "1/min", f"blinks of at least {self.min_blink:g} uV", blinker),
            ("blink_amplitude", "uV", "mean height above the mean of both feet", blinker),
            ("blink_duration", "s", "mean time from half-way up to half-way down", blinker),
            ("blink_pavr", "s", "mean of amplitude / steepest slope up", johns),
            ("blink_navr", "s", "mean of amplitude / steepest slope down", johns),
            (
                "interblink_interval_cv",
                "1",
                "SD (ddof 1) / mean of the intervals between blinks; at least two, none over a gap",
                blinker,
            ),
            ("saccade_rate", "1/min", f"saccades of at least {self.min_saccade:g} uV", engbert),
            ("saccade_peak_velocity", "uV/s", "mean of the highest speeds", engbert),
        ]
        return tuple(Feature(*entry, minimum=_SHORTEST) for entry in entries)

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedEOG:  # noqa: ARG002
        """Average down, find the polarity, blinks and saccades."""
        if not (0 < self.min_blink < np.inf and 0 < self.min_saccade < np.inf):
            raise ArgumentError(
                "min_blink and min_saccade must be above 0 uV, got "
                f"{self.min_blink!r} and {self.min_saccade!r}"
            )
        low = self.low_rate(signal)
        values, bad = low.values[0], low.bad[0]
        blinks = self.blinks(low)
        saccades = saccade_events.find_saccade_peaks(
            values, bad, low.sfreq, blinks.table, min_amplitude=self.min_saccade
        )
        return PreparedEOG(
            low,
            blinks.polarity,
            blinks.votes,
            _moved(blinks.table, low.start),
            _moved(saccades, low.start),
        )

    def low_rate(self, signal: CleanSignal) -> CleanSignal:
        """Average one channel down to 100 to 200 Hz."""
        factor = max(int(signal.sfreq / _RATE), 1)
        values, bad = block_average(signal.values, signal.bad, factor)
        return replace(
            signal,
            values=values,
            bad=bad,
            clipped=np.zeros_like(bad),
            sfreq=signal.sfreq / factor,
            start=signal.start + (factor - 1) / 2 / signal.sfreq,
        )

    def blinks(self, signal: CleanSignal) -> blink_events.Blinks:
        """Find the blinks of a low-rate channel, times in seconds from its first sample."""
        return blink_events.find_blink_peaks(
            signal.values[0],
            signal.bad[0],
            signal.sfreq,
            min_amplitude=self.min_blink,
            polarity=signal.known_polarity,
        )

    def remark(self, prepared: PreparedEOG) -> str:
        """Say that blinks point down, as electrodes connected the other way round make them."""
        return "blinks point down (inverted)" if prepared.polarity < 0 else ""

    def votes(self, prepared: PreparedEOG) -> FloatArray:
        """Count the blinks that say which way up the channel is."""
        return prepared.votes

    def compute(
        self, prepared: PreparedEOG, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Count and average the events of each window's context."""
        signal, blinks, saccades = prepared.signal, prepared.blinks, prepared.saccades
        begin = self.look_back(starts, stops, self.context)
        seconds = span_sum(~signal.bad, *signal.spans(begin, stops))[0] / signal.sfreq
        enough = (seconds >= _SHORTEST - 1e-6) & (signal.sfreq >= blink_events.LOWEST_RATE)
        minutes = np.where(enough, seconds, np.nan) / 60
        which = event_spans(blinks["time"], begin, stops)
        steps = event_spans(saccades["time"], begin, stops)
        slow = signal.sfreq < saccade_events.LOWEST_RATE
        rows = {
            "blink_rate": (which[1] - which[0]) / minutes,
            "interblink_interval_cv": _interval_cv(prepared, begin, stops),
            "saccade_rate": (steps[1] - steps[0]) / (np.nan if slow else minutes),
            "saccade_peak_velocity": event_mean(saccades["peak_velocity"], *steps),
        }
        for name in ("amplitude", "duration", "pavr", "navr"):
            rows[f"blink_{name}"] = event_mean(blinks[name], *which)
        return {name: np.where(enough, row, np.nan) for name, row in rows.items()}

    def trust(self, prepared: PreparedEOG, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Tell where the signal moves as much as an EOG: 0 where that is far too little or much."""
        signal, lag = prepared.signal, max(round(_LAG * prepared.signal.sfreq), 1)
        values, good = signal.values[0], ~signal.bad[0]
        first, last = (np.maximum(edge - lag, 0) for edge in signal.spans(starts, stops))
        moved = span_mean(
            (values[lag:] - values[:-lag]) ** 2, first, last, good[lag:] & good[:-lag]
        )
        level = np.sqrt(moved / 2)
        strange = (level < BELIEVABLE[0]) | (level > BELIEVABLE[1])
        return np.where(strange | (signal.sfreq < blink_events.LOWEST_RATE), 0.0, 1.0)

    @classmethod
    def expected(cls) -> str:
        """Say how much an EOG moves."""
        return "an SD of {:g} to {:g} uV within a quarter of a second".format(*BELIEVABLE)

    def grid(self, sfreq: float) -> int:
        """Count the samples after which the rasters of blinks and of saccades both begin anew."""
        factor = max(int(sfreq / _RATE), 1)
        rate = sfreq / factor
        block = max(int(saccade_events.BLOCK * rate), 1)
        return factor * int(np.lcm(block, blink_events.grid(rate)))

    def limits(self, sfreq: float) -> str:
        """Say where the rate is too low for blinks or saccades."""
        missed = [
            f"no {what} below {lowest:g} Hz"
            for what, lowest in (
                ("blinks", blink_events.LOWEST_RATE),
                ("saccades", saccade_events.LOWEST_RATE),
            )
            if sfreq < lowest
        ]
        return f"at {sfreq:g} Hz: " + ", ".join(missed) if missed else ""


def _interval_cv(prepared: PreparedEOG, starts: FloatArray, stops: FloatArray) -> FloatArray:
    signal, times = prepared.signal, prepared.blinks["time"]
    samples = np.round((times - signal.start) * signal.sfreq).astype(np.int64)
    intervals = np.diff(times)
    intervals[span_touches(signal.bad[0], samples[:-1], samples[1:])] = np.nan
    first, last = event_spans(times, starts, stops)
    first = np.minimum(first, len(intervals))
    last = np.maximum(last - 1, first)  # an interval lies between two blinks of the window
    known = np.isfinite(intervals)
    mean, sd = span_mean_sd(intervals, first, last, known)
    number = span_sum(known, first, last)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(number > 1, sd * np.sqrt(number / (number - 1)) / mean, np.nan)


def _moved(table: EventTable, start: float) -> EventTable:
    """Make times in the recording from times since sample 0."""
    times = ("time", "onset", "end")
    return {name: one + start if name in times else one for name, one in table.items()}
