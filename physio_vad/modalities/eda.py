"""Electrodermal activity (skin conductance)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import ClassVar, Literal

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp.event_windows import EventTable, event_mean, event_spans, span_touches
from physio_vad.dsp.gaps import lone_samples
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.scr import LOWEST_RATE, THRESHOLD, find_responses, response_peaks, smoothed
from physio_vad.dsp.spectra import band_weights
from physio_vad.dsp.welch import segment_psd, welch_segments
from physio_vad.dsp.window_stats import (
    span_max,
    span_mean,
    span_mean_sd,
    span_min,
    span_slope,
    span_sum,
)
from physio_vad.exceptions import ArgumentError, MissingExtraError, unknown_name
from physio_vad.modalities.acceleration import acceleration_in_g, stillness
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.recording import Signal
from physio_vad.recording.units import Conversion

_RATE = 10.0  # Hz: far above what skin does, and a block of 0.1 s averages mains hum away
_SHORTEST = 10.0  # s below which the decomposition means nothing
_LONE = 0.02  # uS by which a single sample, lost in transmission, may move its average
_TOO_FAST = 10.0  # uS/s: no skin changes so fast (Kleckner et al. 2018)
_BAND = (0.045, 0.25)  # Hz of sympathetic activity
_COUNTED = {"scr_count_10nS": 0.01, "scr_count_30nS": 0.03, "scr_count_50nS": 0.05}  # uS
_METHODS = ("highpass", "cvxeda")


@dataclass(frozen=True, eq=False)
class PreparedEDA:
    """Skin conductance at a low rate, its parts and its responses.

    Parameters
    ----------
    signal : CleanSignal
        Skin conductance in uS at about 10 Hz.
    smooth : array of shape (n_samples,)
        The same low-passed at 1 Hz.
    tonic, phasic : array of shape (n_samples,)
        The two parts; `phasic` is NaN where the signal is too short to split.
    responses : dict of str to array of shape (n_responses,)
        Columns of `find_responses`, times in seconds as in the recording.
    peaks : dict of float to array of shape (n_responses,)
        When responses of at least so many uS peak, in seconds as in the recording.
    acceleration : Signal or None
        In g, where the recording has one.
    """

    signal: CleanSignal
    smooth: FloatArray
    tonic: FloatArray
    phasic: FloatArray
    responses: EventTable
    peaks: Mapping[float, FloatArray] = field(default_factory=dict)
    acceleration: Signal | None = None


class EDA(Modality[PreparedEDA]):
    """Tonic level, phasic activity and responses of skin conductance.

    Responses are found by an absolute threshold on the signal low-passed at 1 Hz, on which they
    are measured too: on the high-passed signal amplitudes come out 3 to 9 % low, and a threshold
    relative to the largest response, NeuroKit2's default, lets one artefact hide all others.
    Skin conductance below 0.01 uS is no contact with skin and above 100 uS no skin: both count as
    missing, and so does an alternating-current signal without its level. Where acceleration is
    there, movement lowers the quality, to a half at 0.1 g: electrodes that shift look like skin.

    Parameters
    ----------
    threshold : float
        Smallest amplitude of a response in uS; 0.01 to 0.05 are in use.
    decomposition : {"highpass", "cvxeda"}
        How NeuroKit2's ``eda_phasic`` splits tonic and phasic part: by a filter at 0.05 Hz, or by
        convex optimisation (Greco et al. 2016), which needs the extra ``cvxeda``, is slower, and
        looks at the whole recording, so that `settling` does not hold for it.
    context : float
        Seconds before a window's end from which responses and phasic part are summed up.
    tonic_context : float
        Seconds for the tonic level.
    sympathetic_context : float
        Seconds for the power of sympathetic activity: of segments as long, at least 40.

    References
    ----------
    Boucsein et al. (2012), doi:10.1111/j.1469-8986.2012.01384.x; Greco et al. (2016),
    doi:10.1109/TBME.2015.2474131; Posada-Quintero et al. (2016), doi:10.1007/s10439-016-1606-6;
    Kleckner et al. (2018), doi:10.1109/TBME.2017.2758643.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> time = np.arange(480) / 8
    >>> since = np.maximum(time - 30, 0)
    >>> skin = 5 + time / 1e4 + 0.8 * (np.exp(-since / 3) - np.exp(-since))
    >>> anna = Recording("anna", {"eda": Signal(skin, sfreq=8.0, unit="uS")})
    >>> block = EDA().extract(anna, np.array([20.0]), np.array([50.0]))
    >>> row = dict(zip(block.columns, block.values[0].round(2).tolist()))
    >>> row["eda__scr_rate"], row["eda__scr_amplitude_mean"]
    (2.0, 0.31)
    """

    name = "eda"
    aliases = ("gsr",)
    column_pattern = r"eda|gsr|scl?|electrodermal.*|skin.?(conductance|resistance).*|haut.?leit.*"
    column_units = ("uS", "nS", "ohm", "kohm", "Mohm")
    unit = "uS"
    imports = ("neurokit2",)
    units: ClassVar[Mapping[str, Conversion]] = {
        "uS": Conversion(),
        "nS": Conversion(factor=1e-3),
        "mS": Conversion(factor=1e3),
        "S": Conversion(factor=1e6),
        "ohm": Conversion(factor=1e6, reciprocal=True),
        "kohm": Conversion(factor=1e3, reciprocal=True),
        "Mohm": Conversion(factor=1.0, reciprocal=True),
    }
    settling = 65.0
    flat = 20.0  # wrist sensors resolve 0.001 uS: several seconds of equal values are normal
    plausible = (0.01, 100.0)
    clips = False

    def __init__(
        self,
        *,
        threshold: float = THRESHOLD,
        decomposition: Literal["highpass", "cvxeda"] = "highpass",
        context: float = 30.0,
        tonic_context: float = 60.0,
        sympathetic_context: float = 60.0,
    ) -> None:
        self.threshold = threshold
        self.decomposition = decomposition
        self.context = context
        self.tonic_context = tonic_context
        self.sympathetic_context = sympathetic_context

    @property
    def features(self) -> Sequence[Feature]:
        """Tonic level, responses, phasic part and sympathetic power."""
        boucsein, greco = "Boucsein et al. 2012", "Greco et al. 2016"
        posada = "Posada-Quintero et al. 2016"
        least = f"responses of at least {self.threshold:g} uS"
        return (
            Feature("scl_mean", "uS", "mean tonic level", boucsein, minimum=10.0),
            Feature("scl_sd", "uS", "SD (ddof 0) of the tonic level", boucsein, minimum=10.0),
            Feature("scl_range", "uS", "range of the tonic level", boucsein, minimum=10.0),
            Feature(
                "scl_slope",
                "uS/s",
                "least-squares slope of the tonic level",
                boucsein,
                minimum=10.0,
            ),
            Feature("scr_rate", "1/min", least, boucsein, minimum=10.0),
            Feature("scr_amplitude_mean", "uS", "mean of peak - onset", boucsein, minimum=10.0),
            Feature("scr_amplitude_max", "uS", "largest peak - onset", boucsein, minimum=10.0),
            Feature("scr_amplitude_sum", "uS", "sum of peak - onset", boucsein, minimum=10.0),
            Feature("scr_rise_time", "s", "mean time from onset to peak", boucsein, minimum=10.0),
            Feature(
                "scr_half_recovery_time",
                "s",
                "mean time from peak to the loss of half of the amplitude, if lost before the end",
                boucsein,
                minimum=10.0,
            ),
            Feature(
                "scr_half_recovery_share",
                "1",
                "share of responses that lose half of their amplitude before the next, in 15 s",
                boucsein,
                minimum=10.0,
            ),
            *(
                Feature(
                    name,
                    "1",
                    f"responses of at least {least:g} uS, scaled up for missing samples",
                    boucsein,
                    minimum=10.0,
                )
                for name, least in _COUNTED.items()
            ),
            Feature(
                "phasic_auc",
                "uS s",
                "area of the phasic part above 0, scaled up for missing samples",
                greco,
                minimum=10.0,
            ),
            Feature("phasic_sd", "uS", "SD (ddof 0) of the phasic part", greco, minimum=10.0),
            Feature(
                "eda_sympathetic",
                "uS^2",
                f"power from {_BAND[0]:g} to {_BAND[1]:g} Hz of the signal low-passed at 1 Hz "
                "(Welch, Hamming window)",
                posada,
                minimum=self.sympathetic_context,
            ),
        )

    def low_rate(self, signal: CleanSignal) -> CleanSignal:
        """Average one channel down to about 10 Hz, without single samples that stand out."""
        factor = max(round(signal.sfreq / _RATE), 1)
        bad = signal.bad | lone_samples(signal.values, _LONE * factor) if factor > 1 else signal.bad
        values, bad = block_average(signal.values, bad, factor)
        return replace(
            signal,
            values=values,
            bad=bad,
            clipped=np.zeros_like(bad),
            sfreq=signal.sfreq / factor,
            start=signal.start + (factor - 1) / 2 / signal.sfreq,
        )

    def responses(self, signal: CleanSignal, smooth: FloatArray | None = None) -> EventTable:
        """Find the responses of a low-rate channel, times in seconds as in the recording."""
        found = find_responses(
            signal.values[0],
            signal.bad[0] | _near_jumps(signal),
            signal.sfreq,
            threshold=self.threshold,
            smooth=smooth,
        )
        return {**found, **{name: found[name] + signal.start for name in ("onset", "peak")}}

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedEDA:
        """Average down, split into tonic and phasic part, find responses."""
        self._check()
        low = self.low_rate(signal)
        tonic, phasic = self._decompose(low)
        smooth = smoothed(low.values[0], low.sfreq)
        broken = low.bad[0] | _near_jumps(low)
        peaks = response_peaks(smooth, broken, low.sfreq, tuple(_COUNTED.values()))
        return PreparedEDA(
            low,
            smooth,
            tonic,
            phasic,
            self.responses(low, smooth),
            {least: times + low.start for least, times in peaks.items()},
            acceleration_in_g(others),
        )

    def _check(self) -> None:
        if self.decomposition not in _METHODS:
            raise ArgumentError(unknown_name("decomposition", self.decomposition, _METHODS))
        if not 0 < self.threshold < np.inf:
            raise ArgumentError(f"threshold must be above 0 uS, got {self.threshold!r}")
        if self.decomposition == "cvxeda" and find_spec("cvxopt") is None:
            raise MissingExtraError(
                'decomposition="cvxeda" needs cvxopt, which is not installed; install it with '
                'pip install "physio-vad[cvxeda]", or take decomposition="highpass"'
            )

    def _decompose(self, signal: CleanSignal) -> tuple[FloatArray, FloatArray]:
        values = signal.values[0]
        if len(values) < max(_SHORTEST * signal.sfreq, 16) or signal.sfreq <= LOWEST_RATE:
            return values, np.full_like(values, np.nan)
        from neurokit2 import eda_phasic  # slow to import

        parts = eda_phasic(values, sampling_rate=signal.sfreq, method=self.decomposition)
        return (
            parts["EDA_Tonic"].to_numpy(dtype=np.float64),
            parts["EDA_Phasic"].to_numpy(dtype=np.float64),
        )

    def compute(
        self, prepared: PreparedEDA, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Sum up each part over its own context."""
        begin = self.look_back(starts, stops, self.context)
        return {
            **self._tonic(prepared, self.look_back(starts, stops, self.tonic_context), stops),
            **self._responses(prepared, begin, stops),
            **self._phasic(prepared, begin, stops),
            "eda_sympathetic": self._sympathetic(prepared, starts, stops),
        }

    def _tonic(
        self, prepared: PreparedEDA, starts: FloatArray, stops: FloatArray
    ) -> dict[str, FloatArray]:
        signal = prepared.signal
        first, last, enough = _spans(signal, starts, stops)
        mean, sd = span_mean_sd(prepared.tonic, first, last, ~signal.bad[0])
        slope = span_slope(prepared.tonic, first, last, sfreq=signal.sfreq, good=~signal.bad[0])
        width = span_max(prepared.tonic, first, last) - span_min(prepared.tonic, first, last)
        rows = {"scl_mean": mean, "scl_sd": sd, "scl_range": width, "scl_slope": slope}
        return {name: np.where(enough, row, np.nan) for name, row in rows.items()}

    def _responses(
        self, prepared: PreparedEDA, starts: FloatArray, stops: FloatArray
    ) -> dict[str, FloatArray]:
        signal, found = prepared.signal, prepared.responses
        first, last, enough = _spans(signal, starts, stops)
        minutes = span_sum(~signal.bad[0], first, last) / signal.sfreq / 60
        events = event_spans(found["peak"], starts, stops)
        recovery = found["half_recovery_time"]
        known = np.isfinite(recovery)  # a recovery counts when it is over
        over = event_spans((found["peak"] + recovery)[known], starts, stops)
        rows = {
            "scr_rate": (events[1] - events[0]) / np.where(enough, minutes, np.nan),
            "scr_amplitude_mean": event_mean(found["amplitude"], *events),
            "scr_amplitude_max": span_max(found["amplitude"], *events),
            "scr_amplitude_sum": span_sum(found["amplitude"], *events),
            "scr_rise_time": event_mean(found["rise_time"], *events),
            "scr_half_recovery_time": event_mean(recovery[known], *over),
            "scr_half_recovery_share": event_mean(known.astype(np.float64), *events),
        }
        whole = (last - first) / signal.sfreq / 60
        for name, least in _COUNTED.items():
            begin, end = event_spans(prepared.peaks.get(least, np.empty(0)), starts, stops)
            rows[name] = (end - begin) * whole / np.where(enough, minutes, np.nan)
        if signal.sfreq < LOWEST_RATE:
            enough = np.zeros_like(enough)
        return {name: np.where(enough, row, np.nan) for name, row in rows.items()}

    @staticmethod
    def _phasic(
        prepared: PreparedEDA, starts: FloatArray, stops: FloatArray
    ) -> dict[str, FloatArray]:
        signal, phasic = prepared.signal, prepared.phasic
        first, last, enough = _spans(signal, starts, stops)
        above = span_mean(np.maximum(phasic, 0.0), first, last, ~signal.bad[0])
        rows = {
            "phasic_auc": above * (last - first) / signal.sfreq,
            "phasic_sd": span_mean_sd(phasic, first, last, ~signal.bad[0])[1],
        }
        return {name: np.where(enough, row, np.nan) for name, row in rows.items()}

    def _sympathetic(
        self, prepared: PreparedEDA, starts: FloatArray, stops: FloatArray
    ) -> FloatArray:
        """Band power; segments of which more than 5 % is bad are left out."""
        signal = prepared.signal
        length = int(self.sympathetic_context * signal.sfreq + 1e-6)
        if length / signal.sfreq < 40 - 1 / signal.sfreq or signal.sfreq < 2 * _BAND[1]:
            return np.full(len(starts), np.nan)
        first, last = signal.spans(self.look_back(starts, stops, self.sympathetic_context), stops)
        segments = welch_segments(first, last, length=length, hop=max(length // 2, 1))
        freqs, psd = segment_psd(
            prepared.smooth[np.newaxis], segments, sfreq=signal.sfreq, fmax=1.0
        )
        bad = span_sum(signal.bad, segments.starts, segments.starts + length)
        power = psd @ band_weights(freqs, *_BAND)
        return np.asarray(segments.mean(power[..., np.newaxis], bad <= 0.05 * length)[0, :, 0])

    def trust(self, prepared: PreparedEDA, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Share of a window in which the signal does not jump, less where the sensor moves."""
        signal = prepared.signal
        first, last = signal.spans(starts, stops)
        calm = 1 - span_sum(_near_jumps(signal), first, last) / np.maximum(last - first, 1)
        return np.asarray(calm * stillness(prepared.acceleration, starts, stops))

    def grid(self, sfreq: float) -> int:
        """Count the samples that are averaged to one."""
        return max(round(sfreq / _RATE), 1)

    def limits(self, sfreq: float) -> str:
        """Say where the rate is too low for responses."""
        if sfreq >= LOWEST_RATE:
            return ""
        return f"no responses can be found at {sfreq:g} Hz, at least {LOWEST_RATE:g} Hz are needed"


def _near_jumps(signal: CleanSignal) -> BoolArray:
    """Mark half a second around what is faster than skin: no response, nor what a filter rings."""
    steps = np.diff(signal.values[0], prepend=signal.values[0, :1])
    samples, half = np.arange(signal.n_samples), int(signal.sfreq / 2)
    jumps = np.abs(steps) * signal.sfreq > _TOO_FAST
    return span_touches(jumps, samples - half, samples + half)


def _spans(
    signal: CleanSignal, starts: FloatArray, stops: FloatArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """Spans of windows, and whether each holds 10 s of good signal."""
    first, last = signal.spans(starts, stops)
    good = span_sum(~signal.bad[0], first, last)
    return first, last, good >= _SHORTEST * signal.sfreq - 1e-6
