"""Photoplethysmogram (pulse wave)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.dsp.beat_shapes import ECG_BEAT, PPG_BEAT
from physio_vad.dsp.beats import Beats, detect_beats, detect_raw
from physio_vad.dsp.event_windows import event_mean, event_sd, event_spans
from physio_vad.dsp.line_noise import folded_lines
from physio_vad.dsp.modulations import pulse_levels
from physio_vad.dsp.polarity import polarity_of
from physio_vad.dsp.pulses import Pulses, arrival_times, measure_pulses, rise_after_heart
from physio_vad.dsp.window_stats import sample_spans, span_mean
from physio_vad.modalities.acceleration import acceleration_in_g, stillness
from physio_vad.modalities.base import Others
from physio_vad.modalities.cardiac import BREATHING, Cardiac, Heart, heart_of_beats
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.recording import Signal
from physio_vad.recording.units import Conversion, conversion

_ALLEN = "Allen 2007, doi:10.1088/0967-3334/28/3/R01"
_AWAD = "Awad et al. 2007, doi:10.1007/s10877-007-9097-5"
_MILLASSEAU = "Millasseau et al. 2002, doi:10.1042/cs1030371"
_HUM = 0.5  # of the height of pulses: waves so high are what was taken for them
_MUKKAMALA = "Mukkamala et al. 2015, doi:10.1109/TBME.2015.2441951"


@dataclass(frozen=True, eq=False)
class PreparedPPG(Heart):
    """Beats and pulse waves of one recording.

    Parameters
    ----------
    beats : Beats
        What was found, on the signal's own clock.
    pulses : Pulses
        Their measures.
    arrivals : array of shape (n_beats,)
        Seconds from the R peak to the rise; NaN without an ECG.
    acceleration : Signal or None
        In g, where the recording has one.
    folded : array of shape (n_blocks,)
        Height of the waves that mains and lamps make, of each block (`folded_lines`).
    """

    beats: Beats
    pulses: Pulses
    arrivals: FloatArray
    acceleration: Signal | None
    folded: FloatArray


class PPG(Cardiac[PreparedPPG]):
    """Heart rate, its variability and the pulse wave, from light through the skin.

    Pulses are found by `physio_vad.find_beats`. Light that falls with each pulse is turned over.
    A beat is timed by the steepest rise of its pulse: reflected waves move the peak. The unit is
    a relative one, whatever the sensor counts in; values are not converted.

    Parameters
    ----------
    context : float
        Seconds before a window's end from which heart rate and the means over pulses are
        computed; at least the window.
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
        Which way up all signals are, unless they say it themselves; 0 to find out.

    Notes
    -----
    Behind AC coupling rise time, width and reflection index are those of the coupled pulse: a
    high-pass of 0.5 Hz makes 0.17 s of a rise time of 0.12 s, 19 % of a reflection index of 32 %.
    The breathing rate is one of 6 to 30 breaths a minute below half of the heart rate.

    Below 8 Hz no pulse can be placed: every feature is NaN. Where acceleration is there, movement
    lowers the quality: to a half at 0.1 g. It is 0 where hum of the mains or of lamps, averaged
    down, makes most of what was taken for pulses, as at 256 Hz of a sensor that hangs loose.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> time = np.arange(6000) / 100
    >>> pulse = 10 + np.exp(np.cos(2 * np.pi * 1.25 * time) + 0.5 * np.sin(4 * np.pi * 1.25 * time))
    >>> recording = Recording("anna", {"ppg": Signal(pulse, 100.0, "a.u.")})
    >>> block = PPG().extract(recording, np.array([20.0]), np.array([30.0]))
    >>> block.columns[0], float(block.values[0, 0].round(3))
    ('ppg__hr_mean', 75.0)
    """

    name = "ppg"
    aliases = ("ir", "bvp")
    column_pattern = r"ppg|bvp|pleth.*|plet|ir|infra.?red|pulse?"
    unit = "a.u."
    units: ClassVar[Mapping[str, Conversion]] = {
        "a.u.": Conversion(),
        "V": Conversion(),
        "mV": Conversion(),
        "%": Conversion(),
        "nW": Conversion(),
    }
    settling: ClassVar[float] = 75.0  # local heights and templates; the filter needs 7 s
    _catalogue: ClassVar[tuple[Feature, ...]] = (
        *Cardiac._catalogue,
        *BREATHING,
        Feature("pulse_amplitude_mean", "a.u.", "mean of peak - foot", _ALLEN),
        Feature("pulse_amplitude_sd", "a.u.", "SD (ddof 1) of peak - foot", _ALLEN),
        Feature("pulse_rise_time", "s", "mean time from 10 to 90 % of the height", _ALLEN),
        Feature("pulse_width", "s", "mean time above half of the height", _AWAD),
        Feature(
            "reflection_index",
            "%",
            "mean height of the second wave / peak; NaN where the mean pulse around shows none",
            _MILLASSEAU,
        ),
        Feature("ac_dc_ratio", "1", "mean of peak - foot / mean level", _ALLEN),
        Feature(
            "pulse_arrival_time",
            "s",
            "from the R peak of the ECG to the steepest rise",
            _MUKKAMALA,
            uses=("ecg",),
        ),
        Feature(
            "pulse_arrival_time_sd",
            "s",
            "SD (ddof 1) of the pulse arrival time",
            _MUKKAMALA,
            uses=("ecg",),
        ),
    )

    def grid(self, sfreq: float) -> int:
        """Count the samples of a block of the height of pulses."""
        return PPG_BEAT.grid(sfreq)

    def limits(self, sfreq: float) -> str:
        """Say when the rate is too low."""
        lowest = PPG_BEAT.lowest_rate
        return f"no pulse can be placed below {lowest:g} Hz" if sfreq < lowest else ""

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedPPG:
        """Find and measure the pulses."""
        hearts = _r_peaks(others.get("ecg"))
        beats = _pulses(signal, hearts - signal.start)
        pulses = measure_pulses(beats)
        modulated = np.array([pulses.amplitudes, pulse_levels(beats)])
        heart = heart_of_beats(signal, beats, pulses.peaks, modulated, self.normal(), others)
        rises = signal.start + beats.times
        heart.table.update(rise=rises, amplitude=pulses.amplitudes)
        return PreparedPPG(
            **vars(heart),
            beats=beats,
            pulses=pulses,
            arrivals=arrival_times(rises, hearts),
            acceleration=acceleration_in_g(others),
            folded=folded_lines(
                signal.values[0],
                signal.sfreq,
                PPG_BEAT.factor(signal.sfreq),
                PPG_BEAT.grid(signal.sfreq),
                (PPG_BEAT.edges[0], PPG_BEAT.edges[-1]),
            ),
        )

    def compute(
        self, prepared: PreparedPPG, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute heart rate, variability, and means over the pulses."""
        begins = self.look_back(starts, stops, self.context)
        spans = event_spans(prepared.table["time"], begins, stops)
        heights = prepared.table["amplitude"]
        amplitude = event_mean(heights, *spans)
        level = _level(prepared, begins, stops)
        # A sensor that gives only changes has no level: its mean is far below a pulse.
        ratio = np.where(level > amplitude, amplitude / level, np.nan)
        return {
            **super().compute(prepared, starts, stops),
            "pulse_amplitude_mean": amplitude,
            "pulse_amplitude_sd": event_sd(heights, *spans),
            "pulse_rise_time": event_mean(prepared.pulses.rise_times, *spans),
            "pulse_width": event_mean(prepared.pulses.widths, *spans),
            "reflection_index": 100 * event_mean(prepared.pulses.reflections, *spans),
            "ac_dc_ratio": ratio,
            "pulse_arrival_time": event_mean(prepared.arrivals, *spans),
            "pulse_arrival_time_sd": event_sd(prepared.arrivals, *spans),
        }

    def trust(self, prepared: PreparedPPG, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Mean agreement of the beats, less where the sensor moves, 0 where they are hum."""
        still = stillness(prepared.acceleration, starts, stops)
        trust = np.asarray(super().trust(prepared, starts, stops) * still)
        return np.where(_is_hum(prepared, starts, stops), 0.0, trust)


def _is_hum(prepared: PreparedPPG, starts: FloatArray, stops: FloatArray) -> BoolArray:
    """Tell where mains or lamps make waves of half the height of the pulses that were found."""
    if not prepared.folded.any():
        return np.zeros(len(starts), dtype=bool)
    beats = prepared.beats
    rate = beats.sfreq / max(int(PPG_BEAT.block * beats.sfreq), 1)
    n_blocks = len(prepared.folded)
    first, last = sample_spans(
        starts - 1 / rate, stops, sfreq=rate, origin=prepared.start, n_samples=n_blocks
    )
    heights = event_mean(
        prepared.table["amplitude"], *event_spans(prepared.table["time"], starts, stops)
    )
    return np.asarray(span_mean(prepared.folded, first, last) > _HUM * heights)


def _level(prepared: PreparedPPG, starts: FloatArray, stops: FloatArray) -> FloatArray:
    beats = prepared.beats
    first, last = sample_spans(
        starts,
        stops,
        sfreq=beats.sfreq,
        origin=prepared.start + beats.offset,
        n_samples=len(beats.smooth),
    )
    return beats.polarity * span_mean(beats.smooth, first, last, ~beats.bad)


def _pulses(signal: CleanSignal, hearts: FloatArray) -> Beats:
    """Find the pulses; R peaks have a say in which way up they are."""
    known = signal.known_polarity
    beats = detect_beats(signal.values[0], signal.bad[0], signal.sfreq, PPG_BEAT, known)
    if len(hearts) == 0 or not beats.votes.any():
        return beats
    after = rise_after_heart(beats, hearts)
    odds = beats.votes * (after, 1 - after)
    votes = odds * (beats.votes.sum() / odds.sum())
    way = known or polarity_of(votes, PPG.turned)
    if way != beats.polarity:
        beats = detect_beats(signal.values[0], signal.bad[0], signal.sfreq, PPG_BEAT, way)
    return replace(beats, votes=votes)


def _r_peaks(ecg: object) -> FloatArray:
    """Find the R peaks, in seconds of the recording; none without an ECG."""
    if not isinstance(ecg, Signal):
        return np.empty(0)
    values = conversion("ecg", ecg.unit)(ecg.values[0])
    known = ecg.polarity[0] if ecg.polarity else 0
    return ecg.start + detect_raw(values, ecg.sfreq, ECG_BEAT, known).times
