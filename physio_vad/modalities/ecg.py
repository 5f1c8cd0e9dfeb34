"""Electrocardiogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from physio_vad.dsp.beat_shapes import ECG_BEAT
from physio_vad.dsp.beats import detect_beats
from physio_vad.dsp.modulations import qrs_heights_and_levels
from physio_vad.modalities.base import Others
from physio_vad.modalities.cardiac import BREATHING, Cardiac, Heart, heart_of_beats
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.units import Conversion


class ECG(Cardiac[Heart]):
    """Heart rate and its variability from the ECG.

    R peaks are found by `physio_vad.find_beats`; an inverted lead is turned over.

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
        Which way up all signals are, unless they say it themselves; 0 to find out.

    Notes
    -----
    The breathing rate is one of 6 to 30 breaths a minute below half of the heart rate.

    Below 40 Hz no R peak can be seen: every feature is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> ecg = np.zeros(15_000)
    >>> ecg[125::200] = 1.0  # a spike every 0.8 s
    >>> recording = Recording("anna", {"ecg": Signal(ecg, 250.0, "mV")})
    >>> block = ECG().extract(recording, np.array([20.0]), np.array([30.0]))
    >>> block.columns[0], float(block.values[0, 0].round(2))
    ('ecg__hr_mean', 75.0)
    """

    name = "ecg"
    aliases = ("ekg",)
    column_pattern = r"ecg|ekg|lead ?i{1,3}"
    unit = "mV"
    units: ClassVar[Mapping[str, Conversion]] = {
        "mV": Conversion(),
        "nV": Conversion(factor=1e-6),
        "uV": Conversion(factor=1e-3),
        "V": Conversion(factor=1e3),
    }
    _catalogue: ClassVar[tuple[Feature, ...]] = (*Cardiac._catalogue, *BREATHING)
    settling: ClassVar[float] = 75.0  # local heights and templates; the filter needs 1 s

    def grid(self, sfreq: float) -> int:
        """Count the samples of a block of the height of beats."""
        return ECG_BEAT.grid(sfreq)

    def limits(self, sfreq: float) -> str:
        """Say when the rate is too low."""
        lowest = ECG_BEAT.lowest_rate
        return f"no R peak can be seen below {lowest:g} Hz" if sfreq < lowest else ""

    def prepare(self, signal: CleanSignal, others: Others) -> Heart:
        """Find the R peaks."""
        beats = detect_beats(
            signal.values[0], signal.bad[0], signal.sfreq, ECG_BEAT, signal.known_polarity
        )
        modulated = qrs_heights_and_levels(beats)
        return heart_of_beats(signal, beats, beats.times, modulated, self.normal(), others)
