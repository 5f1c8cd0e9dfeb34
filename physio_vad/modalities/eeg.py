"""Electroencephalogram."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp import welch
from physio_vad.dsp.line_noise import MAINS, hum_power
from physio_vad.dsp.spectra import (
    band_weights,
    peak_frequency,
    power_law,
    spectral_edge,
    spectral_entropy,
)
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.modalities.base import Modality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.feature import Feature
from physio_vad.recording.electrodes import PLACE, symmetric_pairs
from physio_vad.recording.units import VOLTAGE_UV

_METHODS = ("shared", "mne")
Band = tuple[float, float]

BANDS: Mapping[str, Band] = {
    "delta": (0.5, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
    "gamma": (30.0, 45.0),
}
"""The classical bands in Hz."""

RATIOS = (("theta", "beta"), ("alpha", "theta"), ("beta", "alpha"))
APERIODIC: Band = (2.0, 40.0)
RHYTHM: Band = (7.0, 14.0)
"""Left out of the aperiodic line: there the alpha rhythm stands above it."""
AROUND_ALPHA: Band = (4.0, 18.0)
"""With what an alpha peak is compared, without `RHYTHM`: further off, other rhythms bend a line."""
AT_ONCE = 1_000_000
"""Samples whose spectra are held in memory at a time."""
BELIEVABLE = (0.2, 200.0)
"""SD of an EEG in uV within a segment, from 1 to 40 Hz; less is a dead electrode, more movement."""
BROAD: Band = (1.0, 40.0)
"""Above drifts and below the hum of the mains."""
RAILED = 0.1
"""Share of a loud segment's samples at its two extremes from which on its amplifier is at its end;
of a sine hum hardly any two are equal."""
HUM = 100.0
"""Hum of the mains in uV (root mean square) that is worth a remark."""
HUM_SECONDS = 60
"""Seconds of a recording, evenly spread, in which hum is measured."""

PEAK = Feature(
    "peak_alpha_frequency",
    "Hz",
    "peak in the alpha band that stands above 4-18 Hz around it, NaN without one",
    "Donoghue et al. 2020, doi:10.1038/s41593-020-00744-x",
)
SHAPE = (
    Feature("hjorth_activity", "uV^2", "variance of x, mean over the segments", "Hjorth 1970"),
    Feature("hjorth_mobility", "1/s", "sqrt(var x' / var x), x' per second", "Hjorth 1970"),
    Feature("hjorth_complexity", "1", "mobility of x' / mobility of x", "Hjorth 1970"),
    Feature("spectral_entropy", "1", "entropy of the spectrum, 1 if flat", "Inouye et al. 1991"),
    Feature("spectral_edge_95", "Hz", "95 % of the total power lie below", "Rampil 1998"),
    PEAK,
    Feature(
        "aperiodic_slope",
        "1",
        "slope of log10 density over log10 frequency, 2-40 Hz without 7-14 Hz",
        "Donoghue et al. 2020",
    ),
    Feature(
        "aperiodic_offset",
        "log10(uV^2/Hz)",
        "log10 density at 1 Hz on the line of the slope",
        "Donoghue et al. 2020",
    ),
)


@dataclass(frozen=True, eq=False)
class PreparedEEG:
    """A signal, its hum, and the spectra of the windows that were asked for last.

    Parameters
    ----------
    signal : CleanSignal
        All channels.
    hum : array of shape (n_channels,)
        Root mean square in uV of the hum of the mains.
    spectra : dict
        One entry at most: `compute` and `trust` share it.
    """

    signal: CleanSignal
    hum: FloatArray
    spectra: dict[tuple[bytes, bytes], Spectra] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Spectra:
    """What is averaged over the good segments of windows.

    Parameters
    ----------
    freqs : array of shape (n_freqs,)
        Hz.
    psd : array of shape (n_channels, n_windows, n_freqs)
        uV^2/Hz.
    variances : array of shape (n_channels, n_windows, 3)
        Of the signal and of its first two differences.
    averages : array of shape (n_channels, n_windows)
        Number of segments.
    believable : array of shape (n_channels, n_windows)
        Share of segments that look like an EEG; NaN where there is none.
    """

    freqs: FloatArray
    psd: FloatArray
    variances: FloatArray
    averages: FloatArray
    believable: FloatArray


class EEG(Modality[PreparedEEG]):
    """Band powers and shape of the EEG, for each channel, and asymmetry for symmetric pairs.

    Nothing is filtered: each window is cut into overlapping segments, the mean of each segment is
    removed, and what is computed is averaged over the segments without a bad sample (at least half
    of the window's). A DC offset therefore does not matter. A window shorter than a segment looks
    back until it holds one. Power is that of Welch's spectrum by MNE; where all windows sit on one
    grid of half segments, overlapping windows share them (same numbers, several times faster).

    Parameters
    ----------
    bands : mapping of str to (low, high), optional
        Bands in Hz, `BANDS` by default. Bands beyond half of the sampling rate are cut there, or
        NaN, with a warning.
    segment : float
        Seconds a Welch segment, overlapping by half; the resolution is 1 / segment Hz.
    method : {"shared", "mne"}
        Whether windows on one grid share segments, or MNE computes every spectrum.

    Notes
    -----
    The total is what lies between the lowest and the highest limit of the bands. Columns of pairs
    are there for channels that are named as in the 10-5 system and its parts (``F3`` with ``F4``,
    ``EEG Fp1-REF`` with ``EEG Fp2-REF``, ``FFC3h`` with ``FFC4h``).

    The quality is the share of segments that are those of an EEG from 1 to 40 Hz, which is what
    the bands use: hum of the mains does not lower it unless the amplifier is at its end. The
    Hjorth parameters count hum; a remark names channels with much of it.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal
    >>> sine = 20 * np.sin(2 * np.pi * 10 * np.arange(2500) / 250)
    >>> eeg = Signal(np.vstack([sine, 2 * sine]), sfreq=250.0, unit="uV", channels=["F3", "F4"])
    >>> block = EEG().extract(Recording("anna", {"eeg": eeg}), np.array([0.0]), np.array([10.0]))
    >>> found = dict(zip(block.columns, block.values[0].round(3).tolist(), strict=True))
    >>> found["eeg__alpha_power__F3"], found["eeg__alpha_asymmetry__F4-F3"]
    (200.0, 1.386)
    """

    name = "eeg"
    column_pattern = f"eeg|{PLACE}"
    unit = "uV"
    units = VOLTAGE_UV
    together = True

    def __init__(
        self,
        *,
        bands: Mapping[str, Band] | None = None,
        segment: float = 2.0,
        method: Literal["shared", "mne"] = "shared",
    ) -> None:
        self.bands = bands
        self.segment = segment
        self.method = method

    @property
    def features(self) -> Sequence[Feature]:
        """Catalogue: the bands, the shape of signal and spectrum, the ratios."""
        bands = tuple((name, tuple(limits)) for name, limits in self._bands().items())
        return _catalogue(bands, tuple(self._ratios()), self.segment)

    @classmethod
    def expected(cls) -> str:
        """Say what the SD of an EEG is."""
        low, high = BELIEVABLE
        return f"an SD of {low:g} to {high:g} uV from {BROAD[0]:g} to {BROAD[1]:g} Hz"

    def pairs(self, channels: Sequence[str]) -> list[tuple[str, str]]:
        """Find the symmetric pairs (right, left) among the channel names."""
        return symmetric_pairs(channels)

    def limits(self, sfreq: float) -> str:
        """Name the bands that half of the sampling rate cuts."""
        cut = [name for name, (_, high) in self._bands().items() if high > sfreq / 2]
        if not cut:
            return ""
        return f"{', '.join(cut)} cut at {sfreq / 2:g} Hz, half of the sampling rate (NaN beyond)"

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedEEG:  # noqa: ARG002
        """Measure the hum of the mains."""
        if self.method not in _METHODS:
            raise ArgumentError(unknown_name("method of EEG", self.method, _METHODS))
        return PreparedEEG(signal, _hum(signal))

    def compute(
        self, prepared: PreparedEEG, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute spectra and Hjorth parameters of all segments, then average."""
        spectra = self._spectra(prepared, starts, stops)
        of_bands = self._of_bands(prepared.signal, spectra)
        return of_bands | _hjorth(spectra.variances, prepared.signal.sfreq)

    def trust(self, prepared: PreparedEEG, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Share of segments of which the SD from 1 to 40 Hz is that of an EEG (0.2 to 200 uV)."""
        believable = self._spectra(prepared, starts, stops).believable
        return np.where(np.isnan(believable), 1.0, believable)

    def remark(self, prepared: PreparedEEG) -> str:
        """Name the channels with much hum of the mains."""
        channels = prepared.signal.channels
        loud = [name for name, hum in zip(channels, prepared.hum, strict=True) if hum > HUM]
        if not loud:
            return ""
        names = ", ".join(loud[:4]) + ", ..." * (len(loud) > 4)
        return (
            f"mains hum of more than {HUM:g} uV in {len(loud)} of {len(channels)} channels "
            f"({names}): Hjorth parameters count it, and gamma may; take it out with a notch filter"
        )

    def _bands(self) -> Mapping[str, Band]:
        bands = BANDS if self.bands is None else self.bands
        for name, (low, high) in bands.items():
            if not 0 <= low < high:
                raise ArgumentError(f"band {name!r} must be (low, high) in Hz, got {(low, high)}")
        if not bands or not self.segment > 0:
            raise ArgumentError(
                "EEG needs at least one band and a segment above 0 s, got "
                f"bands={self.bands!r}, segment={self.segment!r}"
            )
        return bands

    def _ratios(self) -> list[tuple[str, str]]:
        return [pair for pair in RATIOS if set(pair) <= set(self._bands())]

    def _spectra(self, prepared: PreparedEEG, starts: FloatArray, stops: FloatArray) -> Spectra:
        """Average over the segments of windows, or recall it from the call before."""
        key = (starts.tobytes(), stops.tobytes())
        if key not in prepared.spectra:
            prepared.spectra.clear()
            prepared.spectra[key] = self._averages(prepared.signal, starts, stops)
        return prepared.spectra[key]

    def _averages(self, signal: CleanSignal, starts: FloatArray, stops: FloatArray) -> Spectra:
        """Compute spectra and variances of segments and average them, some channels at a time."""
        sfreq, length = signal.sfreq, max(round(self.segment * signal.sfreq), 4)
        starts = self.look_back(starts, stops, self.segment)
        segments = welch.welch_segments(
            *signal.spans(starts, stops), length=length, hop=max(length // 2, 1)
        )
        least = ((np.round((stops - starts) * sfreq) - length) // segments.hop + 1) / 2
        # a little beyond the highest frequency that is used
        highest = max(APERIODIC[1], *(high for _, high in self._bands().values()))
        shared = self.method == "shared" and (segments.regular or len(segments.starts) == 0)
        segment_psd = welch.segment_psd if shared else welch.segment_psd_mne
        good = segments.good(signal.bad)
        parts = []
        size = max(AT_ONCE // max(signal.n_samples, 1), 1)
        for begin in range(0, len(signal.channels), size):
            which = slice(begin, begin + size)
            values = signal.values[which]
            freqs, psd = segment_psd(
                values, segments, sfreq=sfreq, fmax=highest + 2 * sfreq / length
            )
            variances = welch.segment_variances(values, segments)
            believable = _believable(values, segments, freqs, psd, variances)[..., np.newaxis]
            averages = [segments.mean(one, good[which], least) for one in (psd, variances)]
            parts.append([*averages, segments.mean(believable, good[which])])
        psd, variances, believable = (np.concatenate(one) for one in zip(*parts, strict=True))
        return Spectra(freqs, psd, variances, segments.count(good), believable[..., 0])

    def _of_bands(self, signal: CleanSignal, spectra: Spectra) -> dict[str, FloatArray]:
        bands, freqs, psd = self._bands(), spectra.freqs, spectra.psd
        total = min(low for low, _ in bands.values()), max(high for _, high in bands.values())
        power = {name: _power(psd, freqs, band) for name, band in bands.items()}
        whole = _power(psd, freqs, total)
        right, left = _numbers(signal.channels, self.pairs(signal.channels))
        out: dict[str, FloatArray] = {}
        for name, value in power.items():
            log = np.log(value)
            out[f"{name}_power"] = value
            out[f"{name}_relpower"] = value / whole
            out[f"{name}_de"] = 0.5 * (np.log(2 * np.pi * math.e) + log)
            out[f"{name}_asymmetry"] = log[right] - log[left]
        out["spectral_entropy"] = spectral_entropy(psd, freqs, total)
        out["spectral_edge_95"] = spectral_edge(psd, freqs, total, 0.95)
        line = power_law(psd, freqs, APERIODIC, RHYTHM)
        out["aperiodic_slope"], out["aperiodic_offset"] = line.slope, line.offset
        if "alpha" in bands:
            out["peak_alpha_frequency"] = peak_frequency(
                psd, freqs, bands["alpha"], spectra.averages, around=AROUND_ALPHA, without=RHYTHM
            )
        return out | {f"{a}_{b}_ratio": power[a] / power[b] for a, b in self._ratios()}


@lru_cache(maxsize=8)
def _catalogue(
    bands: tuple[tuple[str, Band], ...], ratios: tuple[tuple[str, str], ...], segment: float
) -> tuple[Feature, ...]:
    catalogue = [one for band, limits in bands for one in _of_band(band, limits)]
    catalogue += [one for one in SHAPE if one is not PEAK or "alpha" in dict(bands)]
    catalogue += [Feature(f"{a}_{b}_ratio", "1", f"{a} power / {b} power") for a, b in ratios]
    return tuple(replace(one, minimum=segment) for one in catalogue)


def _of_band(band: str, limits: Band) -> list[Feature]:
    where = f"{limits[0]:g}-{limits[1]:g} Hz"
    welch, duan = "Welch 1967", "Duan, Zhu & Lu 2013"
    return [
        Feature(f"{band}_power", "uV^2", f"integral of Welch's spectrum, {where}", welch),
        Feature(f"{band}_relpower", "1", f"power {where} / total power", welch),
        Feature(f"{band}_de", "nat", f"1/2 ln(2 pi e power), {where}", duan),
        Feature(f"{band}_asymmetry", "1", f"ln P right - ln P left, {where}", duan, "pair"),
    ]


def _believable(
    values: FloatArray,
    segments: welch.Segments,
    freqs: FloatArray,
    psd: FloatArray,
    variances: FloatArray,
) -> FloatArray:
    """Say which segments look like an EEG, as 0 or 1, shape (n_channels, n_segments)."""
    variance = psd @ band_weights(freqs, *BROAD)
    believable = (variance >= BELIEVABLE[0] ** 2) & (variance <= BELIEVABLE[1] ** 2)
    loud = believable & (variances[..., 0] > BELIEVABLE[1] ** 2)
    if loud.any():
        windows = np.lib.stride_tricks.sliding_window_view(values, segments.length, axis=-1)
        for channel, which in enumerate(loud):
            pieces = windows[channel, segments.starts[which]]
            ends = np.stack([pieces.min(axis=1), pieces.max(axis=1)])[..., np.newaxis]
            believable[channel, which] = (pieces == ends).any(axis=0).mean(axis=1) < RAILED
    return believable.astype(np.float64)


def _hum(signal: CleanSignal) -> FloatArray:
    """Root mean square of the mains' hum of each channel, by seconds that are spread evenly."""
    second = max(round(signal.sfreq), 1)
    n_seconds = signal.n_samples // second
    if n_seconds == 0:
        return np.zeros(len(signal.channels))
    some = np.unique(np.linspace(0, n_seconds - 1, HUM_SECONDS).astype(int))
    seconds = signal.values[:, : n_seconds * second].reshape(-1, n_seconds, second)[:, some]
    seconds = seconds - seconds.mean(axis=-1, keepdims=True)
    hum = [hum_power(one.ravel(), signal.sfreq, second, MAINS[-1] + 1)[1] for one in seconds]
    return np.asarray(np.sqrt(np.median(hum, axis=1) / second))


def _numbers(
    channels: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> tuple[list[int], list[int]]:
    """Positions of the right and the left channels."""
    order = {name: number for number, name in enumerate(channels)}
    return [order[right] for right, _ in pairs], [order[left] for _, left in pairs]


def _power(psd: FloatArray, freqs: FloatArray, band: Band) -> FloatArray:
    weights = band_weights(freqs, *band)
    power: FloatArray = psd @ weights
    return power if weights.any() else np.full_like(power, np.nan)


def _hjorth(variances: FloatArray, sfreq: float) -> dict[str, FloatArray]:
    """Hjorth parameters from the variances of a signal and of its first two differences."""
    x, dx, ddx = np.moveaxis(variances, -1, 0)
    mobility = np.sqrt(dx / x)
    return {
        "hjorth_activity": x,
        "hjorth_mobility": mobility * sfreq,
        "hjorth_complexity": np.sqrt(ddx / dx) / mobility,
    }
