"""What is known of beats in an ECG and in a photoplethysmogram before one is seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BeatShape:
    """What is known of a kind of beat beforehand; times in seconds, frequencies in Hz.

    Parameters
    ----------
    rate : float
        Rate to which faster signals are averaged down; the result lies between it and twice it.
    lowest_rate : float
        Rate below which beats cannot be seen.
    edges : tuple of float
        Edges of the bands in which beats stand out, ascending; each band weighs the less the
        louder it is between beats. The last edge gives way to the Nyquist frequency.
    slope : bool
        Look for the steepest rises instead of the peaks.
    before, after : float
        Extent of a template on either side of the peak or rise.
    apart : float
        Shortest time between two beats.
    block : float
        A time in which there is a beat, for the height of beats around.
    near : float
        Reach on either side from which a template is made.
    lowest : float
        Least height of a beat as a share of that of the beats around.
    echo : float
        Time within which a lower wave that follows most beats is their second wave; 0 for none.
    alike : float
        Least agreement with their template of the median of 11 beats, which 1 % of what is found
        in noise without beats (white to 1/f^2) reaches: intervals between others are not normal.
    """

    rate: float
    lowest_rate: float
    edges: tuple[float, ...]
    slope: bool
    before: float
    after: float
    apart: float
    block: float
    near: float
    lowest: float
    echo: float
    alike: float

    def factor(self, sfreq: float) -> int:
        """Count the samples that are averaged to one."""
        return max(int(sfreq / self.rate), 1)

    def grid(self, sfreq: float) -> int:
        """Count the samples of a block: beats are compared block by block."""
        factor = self.factor(sfreq)
        return factor * max(int(self.block * sfreq / factor), 1)


ECG_BEAT = BeatShape(
    125.0, 40.0, (4.0, 8.0, 16.0, 32.0), False, 0.12, 0.12, 0.2, 1.5, 12.0, 0.5, 0.0, 0.77
)
"""R peaks. Octaves and template were chosen by ``benchmarks/ecg_band.py``, see there."""

PPG_BEAT = BeatShape(50.0, 8.0, (0.6, 8.0), True, 0.1, 0.3, 0.3, 2.0, 17.0, 0.4, 0.5, 0.85)
"""The rises of pulse waves: sharper than their peaks and less changed by reflected waves."""

BEAT_SHAPES = {"ecg": ECG_BEAT, "ppg": PPG_BEAT}
