"""Electromyogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.dsp import spectra, welch
from physio_vad.dsp.bursts import BLOCK, find_bursts
from physio_vad.dsp.filters import zero_phase
from physio_vad.dsp.line_noise import hum_power
from physio_vad.dsp.window_stats import sample_spans, span_sum
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.units import VOLTAGE_UV

HIGHEST = 450.0
"""Upper end of the surface EMG in Hz."""

BELIEVABLE = (0.1, 5000.0)
"""RMS of an EMG in uV: below the noise of amplifiers it is none, nor above what muscles give."""

_HUDGINS = "Hudgins, Parker & Scott 1993"


@dataclass(frozen=True, eq=False)
class PreparedEMG:
    """One high-passed channel, what is found in it, and how much hum there is.

    Parameters
    ----------
    signal : CleanSignal
        One channel.
    onsets : array of shape (n_bursts,)
        Onsets of bursts in seconds.
    whole, hum : array of shape (n_blocks,)
        Energy of each second or so, and that of the mains in it.
    """

    signal: CleanSignal
    onsets: FloatArray
    whole: FloatArray
    hum: FloatArray


class EMG(Modality[PreparedEMG]):
    """Strength, shape and spectrum of muscle activity, for each channel.

    Everything is computed on the high-passed signal. Sums over a window are scaled up for the
    share of it that is missing.

    Parameters
    ----------
    highpass : float
        Lower end of the EMG in Hz; below lie movements of electrode and cable. At most 0.3 of
        the sampling rate is used.
    burst_ratio : float
        How far a burst rises above the resting level around it.
    burst_floor : float
        Smallest mean ``|x|`` of a burst in uV.
    context : float
        Seconds before a window's end in which bursts are counted; at least the window.
    segment : float
        Seconds a Welch segment, overlapping by half.

    Notes
    -----
    The surface EMG reaches from 20 to 450 Hz. A rate below 900 Hz cuts it, so ``rms``,
    frequencies and crossings depend on the rate: compare recordings of one rate only. At 250 Hz
    20-125 Hz are left, at 64 Hz 19-32 Hz, which follows the strength of contractions but says
    nothing about the spectrum: ``median_frequency`` and ``mean_frequency`` are NaN where less than
    one octave is left (below 80 Hz). Below 2.5 times `highpass` (50 Hz) all features are NaN and
    the quality is 0: what comes so slowly, such as a rectified envelope, is no EMG.

    The quality is the share of the energy that does not lie at 50 or 60 Hz and their multiples, up
    to 450 Hz: hum of the mains counts in every feature, so take it out before, or leave such
    windows out. It is about 0.98 for a clean EMG, which has some power there too, and 0 where the
    RMS is that of no EMG (0.1 to 5000 uV), as of a dead electrode or a wrong unit.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> sine = 30 * np.sin(2 * np.pi * 80 * np.arange(10_000) / 1000)
    >>> recording = Recording("anna", {"emg": Signal(sine, 1000.0, "uV")})
    >>> block = EMG().extract(recording, np.array([0.0]), np.array([10.0]))
    >>> block.columns[0], float(block.values[0, 0].round(2))
    ('emg__rms', 21.13)
    """

    name = "emg"
    column_pattern = r"[zt]?emg"
    unit = "uV"
    units = VOLTAGE_UV
    settling: ClassVar[float] = 17.0  # the resting level of bursts; the filter needs 1 s
    _catalogue: ClassVar[tuple[Feature, ...]] = (
        Feature("rms", "uV", "root of the mean square", "Phinyomark et al. 2012"),
        Feature("mav", "uV", "mean of |x|", _HUDGINS),
        Feature("iemg", "uV s", "integral of |x| over the window", "Phinyomark et al. 2012"),
        Feature("waveform_length", "uV", "sum of |difference to the sample before|", _HUDGINS),
        Feature("zero_crossings", "1", "number of changes of sign", _HUDGINS),
        Feature("slope_sign_changes", "1", "number of local maxima and minima", _HUDGINS),
        Feature("median_frequency", "Hz", "half of the power lies below", "Stulen & De Luca 1981"),
        Feature("mean_frequency", "Hz", "mean weighted by power", "Stulen & De Luca 1981"),
        Feature("burst_rate", "1/min", "onsets of bursts a minute", "Hodges & Bui 1996"),
    )

    def __init__(
        self,
        *,
        highpass: float = 20.0,
        burst_ratio: float = 3.0,
        burst_floor: float = 1.0,
        context: float = 10.0,
        segment: float = 1.0,
    ) -> None:
        self.highpass = highpass
        self.burst_ratio = burst_ratio
        self.burst_floor = burst_floor
        self.context = context
        self.segment = segment

    @property
    def features(self) -> Sequence[Feature]:
        """Strength, shape, spectrum and bursts."""
        minimum = {
            "median_frequency": self.segment,
            "mean_frequency": self.segment,
            "burst_rate": 10.0,
        }
        return tuple(replace(one, minimum=minimum.get(one.name, 0.0)) for one in self._catalogue)

    def grid(self, sfreq: float) -> int:
        """Count the samples of a second of the envelope, whose median and hum are taken."""
        factor = max(int(BLOCK * sfreq), 1)
        return factor * max(round(sfreq / factor), 1)

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedEMG:  # noqa: ARG002
        """High-pass, find bursts and measure hum."""
        values = zero_phase(signal.values, signal.sfreq, low=self._lowest(signal.sfreq))
        onsets, _ = find_bursts(
            values[0],
            signal.bad[0],
            sfreq=signal.sfreq,
            ratio=self.burst_ratio,
            floor=self.burst_floor,
        )
        energy = hum_power(values[0], signal.sfreq, self.grid(signal.sfreq), HIGHEST)
        return PreparedEMG(replace(signal, values=values), signal.start + onsets, *energy)

    def compute(
        self, prepared: PreparedEMG, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Sum over windows, average spectra and count bursts."""
        signal = prepared.signal
        if signal.sfreq < self._slowest:
            return {one.name: np.full(len(starts), np.nan) for one in self.features}
        first, last = signal.spans(starts, stops)
        nominal = np.round((stops - starts) * signal.sfreq)
        expected = np.where(nominal - (last - first) > 1, nominal, last - first)
        strength = _strength(signal, first, last)
        return {
            **strength,
            "iemg": strength["mav"] * (stops - starts),
            **_shape(signal, first, last, expected),
            **self._spectrum(signal, starts, stops),
            "burst_rate": self._burst_rate(prepared, starts, stops),
        }

    def trust(self, prepared: PreparedEMG, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Share of the energy that is no hum of the mains; 0 where the RMS is that of no EMG."""
        signal = prepared.signal
        first, last = sample_spans(
            starts,
            stops,
            sfreq=signal.sfreq / self.grid(signal.sfreq),
            origin=signal.start,
            n_samples=len(prepared.whole),
        )
        whole = span_sum(prepared.whole, first, last)
        hum = span_sum(prepared.hum, first, last) / np.where(whole > 0, whole, 1.0)
        rms = _strength(signal, *signal.spans(starts, stops))["rms"][0]
        believable = (rms >= BELIEVABLE[0]) & (rms <= BELIEVABLE[1])
        believable &= signal.sfreq >= self._slowest
        return np.asarray(np.where(believable, 1 - hum, 0.0))

    def limits(self, sfreq: float) -> str:
        """Say what the rate leaves of the EMG."""
        if sfreq < self._slowest:
            return f"no EMG can be seen at {sfreq:g} Hz, at least {self._slowest:g} Hz are needed"
        return ""

    @property
    def _slowest(self) -> float:
        return 2.5 * self.highpass

    @classmethod
    def expected(cls) -> str:
        """Say what the RMS of an EMG is."""
        return "an RMS of {:g} to {:g} uV above 20 Hz".format(*BELIEVABLE)

    def _lowest(self, sfreq: float) -> float:
        return min(self.highpass, 0.3 * sfreq)

    def _spectrum(
        self, signal: CleanSignal, starts: FloatArray, stops: FloatArray
    ) -> dict[str, FloatArray]:
        length = max(round(self.segment * signal.sfreq), 4)
        starts = self.look_back(starts, stops, self.segment)
        band = (self._lowest(signal.sfreq), min(HIGHEST, signal.sfreq / 2))
        if band[1] < 2 * band[0]:
            nothing = np.full((1, len(starts)), np.nan)
            return {"median_frequency": nothing, "mean_frequency": nothing}
        first, last = signal.spans(starts, stops)
        segments = welch.welch_segments(first, last, length=length, hop=length // 2)
        least = ((np.round((stops - starts) * signal.sfreq) - length) // segments.hop + 1) / 2
        freqs, psd = welch.segment_psd(signal.values, segments, sfreq=signal.sfreq)
        psd = segments.mean(psd, segments.good(signal.bad), least)
        return {
            "median_frequency": spectra.spectral_edge(psd, freqs, band, 0.5),
            "mean_frequency": spectra.mean_frequency(psd, freqs, band),
        }

    def _burst_rate(
        self, prepared: PreparedEMG, starts: FloatArray, stops: FloatArray
    ) -> FloatArray:
        signal = prepared.signal
        starts = self.look_back(starts, stops, self.context)
        first, last = signal.spans(starts, stops)
        seconds = span_sum(~signal.bad, first, last) / signal.sfreq
        onsets = prepared.onsets
        number = np.searchsorted(onsets, stops) - np.searchsorted(onsets, starts)
        enough = (seconds >= (stops - starts) / 2) & (stops - starts >= 10.0 - 1e-6)
        return np.where(enough, 60 * number / seconds, np.nan)


def _strength(signal: CleanSignal, first: IntArray, last: IntArray) -> dict[str, FloatArray]:
    values = np.where(signal.bad, 0.0, signal.values) if signal.bad.any() else signal.values
    number = (last - first) - (span_sum(signal.bad, first, last) if signal.bad.any() else 0)
    return {
        "rms": np.sqrt(span_sum(values**2, first, last) / number),
        "mav": span_sum(np.abs(values), first, last) / number,
    }


def _shape(
    signal: CleanSignal, first: IntArray, last: IntArray, expected: FloatArray
) -> dict[str, FloatArray]:
    """Sum over neighbours inside each window; position k holds what is between k and k + 1."""
    step = np.diff(signal.values, axis=-1)
    positive = signal.values >= 0
    crossing = positive[:, 1:] != positive[:, :-1]
    rising = step > 0
    turn = rising[:, 1:] != rising[:, :-1]
    lost = signal.bad[:, 1:] | signal.bad[:, :-1]
    spans = (first, last, expected)
    return {
        "waveform_length": _total(np.abs(step), lost, *spans, less=1),
        "zero_crossings": _total(crossing, lost, *spans, less=1),
        "slope_sign_changes": _total(turn, lost[:, 1:] | lost[:, :-1], *spans, less=2),
    }


def _total(
    values: FloatArray | BoolArray,
    lost: BoolArray,
    first: IntArray,
    last: IntArray,
    expected: FloatArray,
    *,
    less: int,
) -> FloatArray:
    """Sum what is not lost over each span, scaled up to what a whole span of samples has.

    There are `less` values fewer than samples.
    """
    last = np.maximum(last - less, 0)
    first = np.minimum(first, last)
    number = span_sum(~lost, first, last) if lost.any() else last - first
    kept = np.where(lost, 0.0, values) if lost.any() else values
    return span_sum(kept, first, last) * ((expected - less) / number)
