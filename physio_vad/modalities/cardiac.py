"""What heart rate and its variability have in common, whichever sensor the beats come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, TypeVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp import heartrate, regularity, tachogram
from physio_vad.dsp.beats import Beats, beat_intervals
from physio_vad.dsp.breathing_rate import breathing_rate
from physio_vad.dsp.breaths import find_breaths_raw
from physio_vad.dsp.event_windows import EventTable, event_mean, event_spans
from physio_vad.dsp.heartrate import Intervals, NormalLimits
from physio_vad.dsp.polarity import SURE
from physio_vad.dsp.sinus_arrhythmia import sinus_arrhythmia
from physio_vad.dsp.window_stats import span_sum
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.recording import Signal

_TASK_FORCE = "Task Force 1996, doi:10.1161/01.CIR.93.5.1043"
_SHAFFER = "Shaffer & Ginsberg 2017, doi:10.3389/fpubh.2017.00258"
_MUNOZ = "Munoz et al. 2015, doi:10.1371/journal.pone.0138921"
_RICHMAN = "Richman & Moorman 2000, doi:10.1152/ajpheart.2000.278.6.H2039"
_BRENNAN = "Brennan et al. 2001, doi:10.1109/10.959330"
_CHARLTON = "Charlton et al. 2018, doi:10.1109/RBME.2017.2763681"
_HIRSCH = "Hirsch & Bishop 1981, doi:10.1152/ajpheart.1981.241.4.H620"

_LONG = Feature(
    "triangular_index",
    "1",
    "NN intervals over those in the fullest bin of 1/128 s",
    _TASK_FORCE,
    minimum=300.0,
)
"""Given where the longest context reaches so far back."""

BREATHING = (
    Feature(
        "resp_rate",
        "1/min",
        "breathing rate, from what it does to the beats; NaN where its quality is below 0.6",
        _CHARLTON,
        minimum=30.0,
    ),
    Feature(
        "resp_rate_quality",
        "1",
        "share of the modulations of the beats that is at the breathing rate",
        _CHARLTON,
        minimum=30.0,
    ),
)
"""Of the beats of a signal; intervals alone do not tell."""

RHYTHM_TRUST = 0.5
"""Trust in an interval that only the rhythm tells: noise can be made regular too."""


@dataclass(frozen=True, eq=False)
class Heart:
    """Beats of one recording.

    Parameters
    ----------
    intervals : Intervals
        Normal-to-normal intervals.
    beating : Intervals
        These and the ones beside ectopic beats.
    agreement : array of shape (n_beating,)
        How much the beats on either side of an interval of `beating` resemble those around, between
        0 and 1; half of it where the rhythm decided which beats there are, beside ectopic beats,
        and where they may be noise.
    start, stop : float
        Extent of the recording in seconds.
    table : dict of str to array of shape (n_beats,)
        The beats that were found, as `physio_vad.find_beats` returns them; nothing where a device
        gives intervals.
    votes : array of shape (2,)
        For upright, and for upside down; none where there is no signal.
    breaths : dict of str to array of shape (n_breaths,)
        Breaths of a belt, as of `find_breath_cycles`, in seconds of the recording; nothing
        without a belt.
    modulations : array of shape (3, n_intervals)
        What breathing modulates, see `breathing_rate`, at the end of each of `intervals`.
    """

    intervals: Intervals
    beating: Intervals
    agreement: FloatArray
    start: float
    stop: float
    table: EventTable
    votes: FloatArray
    breaths: EventTable
    modulations: FloatArray


def heart_of_beats(
    signal: CleanSignal,
    beats: Beats,
    times: FloatArray,
    heights_and_levels: FloatArray,
    limits: NormalLimits,
    others: Others,
) -> Heart:
    """Select the normal intervals between beats that were found in a signal.

    Parameters
    ----------
    signal : CleanSignal
        The signal.
    beats : Beats
        What was found in it, on its own clock.
    times : array of shape (n_beats,)
        When the beats are, in seconds from the first sample.
    heights_and_levels : array of shape (2, n_beats)
        How high each beat is, and the level of the signal around it.
    limits : NormalLimits
        What is normal.
    others : mapping of str to Signal or Events
        The recording's other signals.

    Returns
    -------
    Heart
        Its table has the columns ``time``, ``nn`` (seconds since the beat before, NaN unless
        that is a normal interval), ``agreement`` and ``ectopic``.
    """
    times = signal.start + times
    beating, kept, normal = beat_intervals(beats, times, limits)
    intervals = beating.only(normal)
    previous = np.full(len(times), np.nan)
    ends = kept[normal] + 1
    previous[ends] = intervals.values
    trust = np.where(beats.plain[kept] & normal, 1.0, RHYTHM_TRUST)
    return Heart(
        intervals,
        beating,
        trust * (beats.agreement[kept] + beats.agreement[kept + 1]) / 2,
        signal.start,
        signal.start + signal.n_samples / signal.sfreq,
        {
            "time": times,
            "nn": previous,
            "agreement": beats.agreement,
            "ectopic": beats.ectopic.astype(np.float64),
        },
        beats.votes,
        belt_breaths(others),
        np.vstack([heights_and_levels[:, ends], intervals.values]),
    )


def belt_breaths(others: Others) -> EventTable:
    """Find the breaths of the recording's belt, in its seconds; nothing without one."""
    belt = others.get("respiration")
    if not isinstance(belt, Signal):
        return {}
    found = find_breaths_raw(belt.values[0], belt.sfreq)
    return {name: found[name] + belt.start for name in ("onset", "peak", "end")}


AnyHeart = TypeVar("AnyHeart", bound=Heart)
_Statistics = Callable[[Intervals, FloatArray, FloatArray], dict[str, FloatArray]]


class Cardiac(Modality[AnyHeart]):
    """Base of the modalities that know when the heart beats; a subclass finds the beats.

    An interval between two beats is normal (NN) if it lasts `shortest` to `longest` seconds, no gap
    touches it, it differs from the median of the 11 around by at most `tolerance`, and the beats
    around are more alike than in noise. Beside an ectopic beat there is none; the heart rate counts
    the intervals of all beats. A feature
    is NaN if its context holds less of the recording than the feature's minimum, or if NN
    intervals cover less than half of that minimum (of spectra: less than 0.8).

    Parameters
    ----------
    context : float
        Seconds before a window's end from which heart rate is computed; at least the window.
    hrv_context : float
        The same for the variability in the time domain.
    lf_context : float
        The same for spectra and the sample entropy; from 300 s on there is the triangular index.
    breath_context : float
        The same for what goes with breathing.
    shortest, longest : float
        Limits of an NN interval in seconds.
    tolerance : float
        Largest difference of an NN interval from the local median, as its share.
    minimum : mapping of str to float, optional
        Seconds that a feature needs, in place of those of the catalogue.
    polarity : {0, 1, -1}
        Which way up all signals are, unless they say it themselves; 0 to find out.
    """

    wrong_way = ("of the signal", "times of beats may be off by part of a beat")
    turned = SURE  # most come upright, so it takes more than half
    _catalogue: ClassVar[tuple[Feature, ...]] = (
        Feature(
            "hr_mean",
            "1/min",
            "heart rate of all beats, 60 / mean interval",
            _TASK_FORCE,
            minimum=10.0,
        ),
        Feature("hr_sd", "1/min", "SD (ddof 1) of 60 / NN", _SHAFFER, minimum=10.0),
        Feature("meannn", "ms", "mean NN", _TASK_FORCE, minimum=10.0),
        Feature("sdnn", "ms", "SD (ddof 1) of NN", _TASK_FORCE, minimum=30.0),
        Feature("rmssd", "ms", "root mean square of NN differences", _MUNOZ, minimum=10.0),
        Feature("sdsd", "ms", "SD (ddof 1) of NN differences", _TASK_FORCE, minimum=10.0),
        Feature("pnn50", "%", "NN differences above 50 ms, n / (N - 1)", _TASK_FORCE, minimum=30.0),
        Feature("pnn20", "%", "NN differences above 20 ms, n / (N - 1)", _SHAFFER, minimum=30.0),
        Feature("sd1", "ms", "SD across the Poincare plot's diagonal", _BRENNAN, minimum=10.0),
        Feature("sd2", "ms", "SD along the Poincare plot's diagonal", _BRENNAN, minimum=30.0),
        Feature("lf", "ms^2", "power from 0.04 to 0.15 Hz", _TASK_FORCE, minimum=120.0),
        Feature("hf", "ms^2", "power from 0.15 to 0.40 Hz", _TASK_FORCE, minimum=60.0),
        Feature("lf_hf", "1", "lf / hf", _TASK_FORCE, minimum=120.0),
        Feature(
            "sampen",
            "nat",
            f"sample entropy (m 2, r 0.2 SD) of {regularity.SAMPEN_INTERVALS} and more NN",
            _RICHMAN,
            minimum=60.0,
        ),
        Feature(
            "ectopic_share",
            "1",
            "ectopic beats (wide ones in an ECG) as a share of all beats",
            _TASK_FORCE,
            minimum=30.0,
        ),
        Feature(
            "rsa_share",
            "1",
            "share of the variance of 60 / NN within breaths that goes with their phase",
            _HIRSCH,
            minimum=15.0,
            uses=("respiration",),
        ),
        Feature(
            "rsa_phase",
            "1",
            "breaths from the end of inspiration to the fastest heart, -0.5 to 0.5; NaN by chance",
            _HIRSCH,
            minimum=15.0,
            uses=("respiration",),
        ),
    )

    def __init__(
        self,
        *,
        context: float = 10.0,
        hrv_context: float = 60.0,
        lf_context: float = 180.0,
        breath_context: float = 30.0,
        shortest: float = 0.3,
        longest: float = 2.0,
        tolerance: float = 0.3,
        minimum: Mapping[str, float] | None = None,
        polarity: int = 0,
    ) -> None:
        self.context = context
        self.hrv_context = hrv_context
        self.lf_context = lf_context
        self.breath_context = breath_context
        self.shortest = shortest
        self.longest = longest
        self.tolerance = tolerance
        self.minimum = minimum
        self.polarity = polarity

    @property
    def features(self) -> Sequence[Feature]:
        """Heart rate and its variability."""
        catalogue = self._catalogue + (_LONG,) * (self.lf_context >= _LONG.minimum)
        if not self.minimum:
            return catalogue
        minimum = self.minimum
        known = [one.name for one in catalogue]
        for name in minimum:
            if name not in known:
                raise ArgumentError(unknown_name(f"feature of {self.name} in minimum", name, known))
        return tuple(
            replace(one, minimum=float(minimum.get(one.name, one.minimum))) for one in catalogue
        )

    def normal(self) -> NormalLimits:
        """Say which intervals are normal."""
        return NormalLimits(self.shortest, self.longest, self.tolerance)

    def votes(self, prepared: AnyHeart) -> FloatArray:
        """Count the beats, or stretches of signal, that say which way up it is."""
        return prepared.votes

    def compute(
        self, prepared: AnyHeart, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute heart rate and variability, each from its own context."""
        minimum = {one.name: one.minimum for one in self.features}
        normal, beating = prepared.intervals, prepared.beating
        values = {}
        parts: tuple[tuple[float, Intervals, _Statistics, float], ...] = (
            (self.context, beating, _mean_rate, 0.5),
            (self.context, normal, _rate, 0.5),
            (self.hrv_context, normal, _variability, 0.5),
            (self.hrv_context, beating, partial(_ectopic, prepared.table), 0.5),
            (self.lf_context, normal, _entropy, 0.5),
            (self.lf_context, normal, _spectrum, 0.8),
            (self.breath_context, normal, partial(_arrhythmia, prepared.breaths), 0.5),
        )
        if _LONG.name in minimum:
            parts = (*parts, (self.lf_context, normal, _triangle, 0.5))
        if BREATHING[0].name in minimum:
            breathing = partial(_breathing, prepared.modulations, self.breath_context)
            parts = (*parts, (self.breath_context, normal, breathing, 0.8))
        for context, intervals, statistics, share in parts:
            lengths = intervals.ends - intervals.begins
            begins = self.look_back(starts, stops, context)
            covered = span_sum(lengths, *intervals.spans(begins, stops))
            extent = np.minimum(stops, prepared.stop) - np.maximum(begins, prepared.start)
            for name, row in statistics(intervals, begins, stops).items():
                least = minimum[name]
                enough = (extent >= least - 1e-6) & (covered >= share * least)
                values[name] = np.where(enough, row, np.nan)
        return values

    def trust(self, prepared: AnyHeart, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Mean agreement of the beats with those around; 0 where there is no interval."""
        return heartrate.covered_share(prepared.beating, starts, stops, prepared.agreement)


def _mean_rate(
    intervals: Intervals, starts: FloatArray, stops: FloatArray
) -> dict[str, FloatArray]:
    return {"hr_mean": heartrate.mean_rate(intervals, *intervals.spans(starts, stops))}


def _ectopic(
    table: EventTable,
    intervals: Intervals,  # noqa: ARG001
    starts: FloatArray,
    stops: FloatArray,
) -> dict[str, FloatArray]:
    if "ectopic" not in table:  # a device gives intervals
        return {"ectopic_share": np.full(len(starts), np.nan)}
    spans = event_spans(table["time"], starts, stops)
    return {"ectopic_share": event_mean(table["ectopic"], *spans)}


def _arrhythmia(
    breaths: EventTable, intervals: Intervals, starts: FloatArray, stops: FloatArray
) -> dict[str, FloatArray]:
    if not breaths or 2 * intervals.follows.sum() < len(intervals.values):  # no belt, or no beats
        return dict.fromkeys(("rsa_share", "rsa_phase"), np.full(len(starts), np.nan))
    return sinus_arrhythmia(intervals, breaths, starts, stops)


def _breathing(
    modulations: FloatArray,
    context: float,
    intervals: Intervals,
    starts: FloatArray,  # noqa: ARG001
    stops: FloatArray,
) -> dict[str, FloatArray]:
    return breathing_rate(intervals.ends, modulations, stops, context)


def _rate(intervals: Intervals, starts: FloatArray, stops: FloatArray) -> dict[str, FloatArray]:
    return heartrate.rate_statistics(intervals, *intervals.spans(starts, stops))


def _variability(
    intervals: Intervals, starts: FloatArray, stops: FloatArray
) -> dict[str, FloatArray]:
    return heartrate.variability(intervals, *intervals.spans(starts, stops))


def _entropy(intervals: Intervals, starts: FloatArray, stops: FloatArray) -> dict[str, FloatArray]:
    return {"sampen": regularity.sample_entropy(intervals, *intervals.spans(starts, stops))}


def _triangle(intervals: Intervals, starts: FloatArray, stops: FloatArray) -> dict[str, FloatArray]:
    return {_LONG.name: heartrate.triangular_index(intervals, *intervals.spans(starts, stops))}


def _spectrum(intervals: Intervals, starts: FloatArray, stops: FloatArray) -> dict[str, FloatArray]:
    first, last = intervals.spans(starts, stops)
    linked = 2 * span_sum(intervals.follows, first, last) >= last - first  # beats, not rates
    power = tachogram.spectral_power(intervals, starts, stops)
    power = {name: np.where(linked, row, np.nan) for name, row in power.items()}
    return {**power, "lf_hf": power["lf"] / power["hf"]}
