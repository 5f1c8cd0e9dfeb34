"""Respiration from a belt or a similar sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp.breaths import (
    BLOCK,
    FLAT,
    LOWEST_RATE,
    clear_breaths,
    find_breath_cycles,
    low_rate_factor,
    stands_out,
)
from physio_vad.dsp.event_windows import EventTable, event_mean, event_sd, event_spans
from physio_vad.dsp.rates import block_average
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.units import Conversion

_LEAST = 2  # breaths


@dataclass(frozen=True, eq=False)
class PreparedRespiration:
    """Respiration at a low rate, and its breaths.

    Parameters
    ----------
    signal : CleanSignal
        Respiration at about 10 Hz.
    breaths : dict of str to array of shape (n_breaths,)
        Columns of `clear_breaths`, times in seconds as in the recording.
    waves : dict of str to array of shape (n_waves,)
        `time` of every wave that may be a breath, and whether it is `clear`.
    """

    signal: CleanSignal
    breaths: EventTable
    waves: EventTable


class Respiration(Modality[PreparedRespiration]):
    """Rate, depth and shape of breathing.

    A breath counts where it lies whole, from trough to trough, in the context of a window, touches
    no gap and stands out from noise; a rise is taken for inspiration. Belts have no absolute unit,
    so every unit is left as it is and amplitudes compare within one person only. The quality falls
    with the share of waves that are no higher than noise makes them.

    Parameters
    ----------
    context : float
        Seconds before a window's end from which breaths are taken: two slow breaths take 15 s.

    References
    ----------
    Birn et al. (2006), doi:10.1016/j.neuroimage.2006.02.048.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> belt = Signal(np.sin(2 * np.pi * 0.25 * np.arange(1000) / 25), sfreq=25.0, unit="a.u.")
    >>> anna = Recording("anna", {"respiration": belt})
    >>> block = Respiration().extract(anna, np.array([0.0]), np.array([40.0]))
    >>> row = dict(zip(block.columns, block.values[0].round(1).tolist()))
    >>> row["respiration__rate"], row["respiration__amplitude"]
    (15.0, 2.0)
    """

    name = "respiration"
    aliases = ("rsp", "resp")
    column_pattern = r"rsp|resp|respiration|breath.*|atem|atmung"
    unit = "a.u."
    units: ClassVar[Mapping[str, Conversion]] = dict.fromkeys(
        ("a.u.", "V", "mV", "%"), Conversion()
    )
    settling = 50.0
    flat = FLAT
    clips = False

    def __init__(self, *, context: float = 30.0) -> None:
        self.context = context

    @property
    def features(self) -> Sequence[Feature]:
        """Rate, depth and shape."""
        birn = "Birn et al. 2006"
        return (
            Feature("rate", "1/min", "60 / mean period of at least two breaths", minimum=5.0),
            Feature("amplitude", "a.u.", "mean of peak - trough before it", minimum=5.0),
            Feature("rvt", "a.u./s", "mean of (peak - trough) / period", birn, minimum=5.0),
            Feature(
                "inspiration_expiration_ratio",
                "1",
                "mean of (trough to peak) / (peak to next trough)",
                minimum=5.0,
            ),
            Feature("rate_sd", "1/min", "SD (ddof 1) of 60 / period", minimum=5.0),
        )

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedRespiration:  # noqa: ARG002
        """Average down and find breaths."""
        low = self.low_rate(signal)
        waves = self.waves(low)
        marked = {"time": waves["end"], "clear": stands_out(waves).astype(np.float64)}
        return PreparedRespiration(low, clear_breaths(waves), marked)

    def low_rate(self, signal: CleanSignal) -> CleanSignal:
        """Average one channel down to about 10 Hz."""
        factor = low_rate_factor(signal.sfreq)
        values, bad = block_average(signal.values, signal.bad, factor)
        return replace(
            signal,
            values=values,
            bad=bad,
            clipped=np.zeros_like(bad),
            sfreq=signal.sfreq / factor,
            start=signal.start + (factor - 1) / 2 / signal.sfreq,
        )

    def waves(self, signal: CleanSignal) -> EventTable:
        """Find what may be breaths of a low-rate channel, times in seconds as in the recording."""
        found = find_breath_cycles(signal.values[0], signal.bad[0], signal.sfreq)
        times = {name: found[name] + signal.start for name in ("onset", "peak", "end")}
        return {**found, **times}

    def compute(
        self, prepared: PreparedRespiration, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Average the whole breaths of each window's context; at least two."""
        breaths = prepared.breaths
        begin = self.look_back(starts, stops, self.context)
        first, _ = event_spans(breaths["onset"], begin, stops)
        _, last = event_spans(breaths["end"], begin, stops)
        last = np.maximum(first, last)
        ratio = breaths["inspiration"] / breaths["expiration"]
        rows = {
            "rate": 60 / event_mean(breaths["period"], first, last),
            "amplitude": event_mean(breaths["amplitude"], first, last),
            "rvt": event_mean(breaths["amplitude"] / breaths["period"], first, last),
            "inspiration_expiration_ratio": event_mean(ratio, first, last),
            "rate_sd": event_sd(60 / breaths["period"], first, last),
        }
        enough = last - first >= _LEAST
        return {name: np.where(enough, row, np.nan) for name, row in rows.items()}

    def trust(
        self, prepared: PreparedRespiration, starts: FloatArray, stops: FloatArray
    ) -> FloatArray:
        """Share of the waves that stand out from noise as breaths do; 1 where there is no wave."""
        waves = prepared.waves
        if prepared.signal.sfreq < LOWEST_RATE:
            return np.zeros(len(starts))
        spans = event_spans(waves["time"], self.look_back(starts, stops, self.context), stops)
        return np.nan_to_num(event_mean(waves["clear"], *spans), nan=1.0)

    def grid(self, sfreq: float) -> int:
        """Count the samples of a block in which the depth of breathing is read."""
        factor = low_rate_factor(sfreq)
        return factor * max(int(BLOCK * sfreq / factor), 1)

    def limits(self, sfreq: float) -> str:
        """Say where the rate is too low for breaths."""
        if sfreq >= LOWEST_RATE:
            return ""
        return f"no breaths can be found at {sfreq:g} Hz, at least {LOWEST_RATE:g} Hz are needed"
