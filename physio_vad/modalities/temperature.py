"""Skin temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp.rates import block_average
from physio_vad.dsp.spectra import slow_power
from physio_vad.dsp.window_stats import span_max, span_mean_sd, span_min, span_slope, span_sum
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.units import Conversion


@dataclass(frozen=True, eq=False)
class PreparedTemperature:
    """Skin temperature at a low rate."""

    signal: CleanSignal


class Temperature(Modality[PreparedTemperature]):
    """Level, trend and slow waves of skin temperature.

    Parameters
    ----------
    context : float
        Seconds before a window's end from which its features are computed; at least the window.
    lf_context : float
        The same for ``lf_power``, at least 200 s: two periods of 0.01 Hz.

    Notes
    -----
    Blood vessels of the skin open and close in waves of 10 to 100 s (0.01-0.1 Hz, sympathetic);
    temperature follows. ``lf_power`` is their power around the line of least squares. It is NaN
    before `lf_context` seconds of a trial have passed, and where more than a tenth is missing.

    References
    ----------
    Kistler, Mariauzouls & von Berlepsch (1998), doi:10.1016/S0167-8760(97)00087-1.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> warming = Signal(33 + np.arange(240) / 240, sfreq=4.0, unit="C")  # 1 C in one minute
    >>> block = Temperature().extract(
    ...     Recording("anna", {"temperature": warming}), np.array([0.0]), np.array([30.0])
    ... )
    >>> block.columns[2], float(block.values[0, 2].round(6))
    ('temperature__slope', 1.0)
    """

    name = "temperature"
    aliases = ("skt", "skin_temperature")
    column_pattern = r"temp|temperature?|skt|skin.?temp.*|haut.?temp.*"
    column_units = ("C", "F")
    unit = "C"
    units: ClassVar[Mapping[str, Conversion]] = {
        "C": Conversion(),
        "K": Conversion(offset=-273.15),
        "F": Conversion(factor=5 / 9, offset=-160 / 9),
    }
    settling = 0.5
    flat = 120.0  # sensors resolve 0.01 to 0.1 C: a quiet minute of equal values is normal
    plausible = (15.0, 45.0)
    clips = False

    def __init__(self, *, context: float = 10.0, lf_context: float = 200.0) -> None:
        self.context = context
        self.lf_context = lf_context

    @property
    def features(self) -> Sequence[Feature]:
        """Mean, SD, slope, range and slow waves."""
        kistler = "Kistler et al. 1998"
        return (
            Feature("mean", "C", "mean temperature", kistler),
            Feature("sd", "C", "standard deviation (ddof 0)", kistler),
            Feature("slope", "C/min", "slope of the least-squares line", kistler, minimum=5.0),
            Feature("range", "C", "maximum - minimum", kistler),
            Feature(
                "lf_power", "C^2", "power 0.01-0.1 Hz", "Shusterman & Barnea 2005", minimum=200.0
            ),
        )

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedTemperature:  # noqa: ARG002
        """Average down to about 4 Hz."""
        factor = self.grid(signal.sfreq)
        values, bad = block_average(signal.values, signal.bad, factor)
        return PreparedTemperature(
            replace(
                signal,
                values=values,
                bad=bad,
                clipped=np.zeros_like(bad),
                sfreq=signal.sfreq / factor,
                start=signal.start + (factor - 1) / 2 / signal.sfreq,
            )
        )

    @property
    def reach(self) -> float:
        """Slow waves take 200 s at least."""
        return max(super().reach, 200.0)

    def grid(self, sfreq: float) -> int:
        """Count the samples that are averaged to one."""
        return max(int(sfreq / 4), 1)

    def compute(
        self, prepared: PreparedTemperature, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute block statistics over the context of each window."""
        signal = prepared.signal
        first, last = signal.spans(self.look_back(starts, stops, self.context), stops)
        good = ~signal.bad
        mean, sd = span_mean_sd(signal.values, first, last, good)
        slope = 60 * span_slope(signal.values, first, last, sfreq=signal.sfreq, good=good)
        seconds = span_sum(good, first, last) / signal.sfreq
        return {
            "mean": mean,
            "sd": sd,
            "slope": np.where(seconds >= 5.0 - 1e-6, slope, np.nan),
            "range": span_max(np.where(good, signal.values, -np.inf), first, last)
            - span_min(np.where(good, signal.values, np.inf), first, last),
            "lf_power": self._lf_power(signal, stops),
        }

    def _lf_power(self, signal: CleanSignal, stops: FloatArray) -> FloatArray:
        """Power of slow waves in the context before each stop."""
        seconds = max(self.lf_context, 200.0)
        length = int(seconds * signal.sfreq + 1e-6)
        _, last = signal.spans(stops, stops)
        first = np.maximum(last - length, 0)
        power = slow_power(
            signal.values[0], last, length=length, sfreq=signal.sfreq, band=(0.01, 0.1)
        )
        ended = stops > signal.start + (signal.n_samples + 1) / signal.sfreq
        lost = span_sum(signal.bad[0], first, last) > length / 10
        return np.where(ended | lost, np.nan, power)
