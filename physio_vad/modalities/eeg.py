"""Electroencephalogram."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.dsp import spectra, welch
from physio_vad.dsp.window_stats import sample_spans, span_sum
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities.base import CleanSignal, Feature, Modality, Others
from physio_vad.recording.units import VOLTAGE_UV

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
AT_ONCE = 1_000_000
"""Samples whose spectra are held in memory at a time."""
BELIEVABLE = (0.2, 200.0)
"""SD within a second of an EEG in uV; less is a dead electrode, more is movement."""

PEAK = Feature(
    "peak_alpha_frequency", "Hz", "frequency of the alpha peak, NaN without one", "Klimesch 1999"
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
)

_SITE = re.compile(
    r"(?P<prefix>eeg[ _.-]?)?(?P<site>fp|af|f|ft|fc|t|tp|c|cp|p|po|o|i)(?P<number>10|[1-9])"
    r"(?P<reference>[^a-z0-9].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class PreparedEEG:
    """The signal and the SD of each of its seconds, shape (n_channels, n_seconds)."""

    signal: CleanSignal
    sd: FloatArray


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

    Notes
    -----
    The total is what lies between the lowest and the highest limit of the bands. Columns of pairs
    are there for channels that are named as in the 10-20 and 10-10 systems (``F3`` with ``F4``,
    ``EEG Fp1-REF`` with ``EEG Fp2-REF``).

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
    column_pattern = (
        r"eeg|fp[12z]|af([1-9]|10|z)|f([1-9]|10|z)|ft([7-9]|10)|fc[1-6z]|c[1-6z]|t([3-9]|10)|tp([7-9]|10)"
        r"|cp[1-6z]|p([1-9]|10|z)|po([3-9]|10|z)|o[12z]|iz|nz|m[12]"
    )
    unit = "uV"
    units = VOLTAGE_UV
    together = True

    def __init__(self, *, bands: Mapping[str, Band] | None = None, segment: float = 2.0) -> None:
        self.bands = bands
        self.segment = segment

    @property
    def features(self) -> Sequence[Feature]:
        """Catalogue: the bands, the shape of signal and spectrum, the ratios."""
        bands = self._bands()
        catalogue = [one for band, limits in bands.items() for one in _of_band(band, limits)]
        catalogue += [one for one in SHAPE if one is not PEAK or "alpha" in bands]
        catalogue += [
            Feature(f"{a}_{b}_ratio", "1", f"{a} power / {b} power") for a, b in self._ratios()
        ]
        return tuple(replace(one, minimum=self.segment) for one in catalogue)

    def pairs(self, channels: Sequence[str]) -> list[tuple[str, str]]:
        """Find the symmetric pairs (right, left) among the channel names."""
        return symmetric_pairs(channels)

    def grid(self, sfreq: float) -> int:
        """Count the samples of a second, whose SD is measured."""
        return max(round(sfreq), 1)

    def limits(self, sfreq: float) -> str:
        """Name the bands that half of the sampling rate cuts."""
        cut = [name for name, (_, high) in self._bands().items() if high > sfreq / 2]
        if not cut:
            return ""
        return f"{', '.join(cut)} cut at {sfreq / 2:g} Hz, half of the sampling rate (NaN beyond)"

    def prepare(self, signal: CleanSignal, others: Others) -> PreparedEEG:  # noqa: ARG002
        """Measure the SD of each second."""
        second = max(round(signal.sfreq), 1)
        n_seconds = signal.n_samples // second
        sd = np.empty((len(signal.channels), n_seconds))
        size = max(welch.CHUNK // second, 1)
        for begin in range(0, n_seconds, size):
            which = slice(begin, begin + size)
            part = signal.values[:, begin * second : (begin + size) * second]
            part = part[:, : part.shape[1] // second * second]
            sd[:, which] = part.reshape(len(part), -1, second).std(axis=-1)
        return PreparedEEG(signal, sd)

    def compute(
        self, prepared: PreparedEEG, starts: FloatArray, stops: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Compute spectra and Hjorth parameters of all segments, then average."""
        signal, sfreq = prepared.signal, prepared.signal.sfreq
        length = max(round(self.segment * sfreq), 4)
        starts = self.look_back(starts, stops, self.segment)
        first, last = signal.spans(starts, stops)
        segments = welch.welch_segments(first, last, length=length, hop=max(length // 2, 1))
        expected = (np.round((stops - starts) * sfreq) - length) // segments.hop + 1
        freqs, psd, variances = self._averages(signal, segments, expected / 2)
        return self._of_bands(signal, freqs, psd) | _hjorth(variances, sfreq)

    def trust(self, prepared: PreparedEEG, starts: FloatArray, stops: FloatArray) -> FloatArray:
        """Share of seconds in which the SD is that of an EEG (0.2 to 200 uV)."""
        starts = self.look_back(starts, stops, self.segment)
        n_seconds = prepared.sd.shape[1]
        second = max(round(prepared.signal.sfreq), 1) / prepared.signal.sfreq
        first, last = sample_spans(
            starts, stops, sfreq=1 / second, origin=prepared.signal.start, n_samples=n_seconds
        )
        believable = (prepared.sd >= BELIEVABLE[0]) & (prepared.sd <= BELIEVABLE[1])
        number = last - first
        share = span_sum(believable, first, last) / np.maximum(number, 1)
        return np.where(number > 0, share, 1.0)

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

    def _averages(
        self, signal: CleanSignal, segments: welch.Segments, least: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Frequencies, spectra and variances of windows, some channels at a time."""
        # a little beyond the highest frequency that is used
        highest = max(APERIODIC[1], *(high for _, high in self._bands().values()))
        fmax = highest + 2 * signal.sfreq / segments.length
        shared = segments.regular or len(segments.starts) == 0
        segment_psd = welch.segment_psd if shared else welch.segment_psd_mne
        good = segments.good(signal.bad)
        densities, variances = [], []
        size = max(AT_ONCE // max(signal.n_samples, 1), 1)
        for begin in range(0, len(signal.channels), size):
            which = slice(begin, begin + size)
            values = signal.values[which]
            freqs, psd = segment_psd(values, segments, sfreq=signal.sfreq, fmax=fmax)
            densities.append(segments.mean(psd, good[which], least))
            power = welch.segment_variances(values, segments)
            variances.append(segments.mean(power, good[which], least))
        return freqs, np.concatenate(densities), np.concatenate(variances)

    def _of_bands(
        self, signal: CleanSignal, freqs: FloatArray, psd: FloatArray
    ) -> dict[str, FloatArray]:
        bands = self._bands()
        top = signal.sfreq / 2
        total = (
            min(low for low, _ in bands.values()),
            min(max(high for _, high in bands.values()), top),
        )
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
        out["spectral_entropy"] = spectra.spectral_entropy(psd, freqs, total)
        out["spectral_edge_95"] = spectra.spectral_edge(psd, freqs, total, 0.95)
        out["aperiodic_slope"] = spectra.power_law_slope(psd, freqs, APERIODIC, RHYTHM)
        if "alpha" in bands:
            out["peak_alpha_frequency"] = spectra.peak_frequency(psd, freqs, bands["alpha"])
        return out | {f"{a}_{b}_ratio": power[a] / power[b] for a, b in self._ratios()}


def _of_band(band: str, limits: Band) -> list[Feature]:
    where = f"{limits[0]:g}-{limits[1]:g} Hz"
    welch, duan = "Welch 1967", "Duan, Zhu & Lu 2013"
    return [
        Feature(f"{band}_power", "uV^2", f"integral of Welch's spectrum, {where}", welch),
        Feature(f"{band}_relpower", "1", f"power {where} / total power", welch),
        Feature(f"{band}_de", "nat", f"1/2 ln(2 pi e power), {where}", duan),
        Feature(f"{band}_asymmetry", "1", f"ln P right - ln P left, {where}", duan, "pair"),
    ]


def symmetric_pairs(channels: Sequence[str]) -> list[tuple[str, str]]:
    """Find channels that lie opposite each other, from their 10-20 or 10-10 names.

    Odd numbers are left, the next even one lies right of it; upper and lower case, a prefix
    ``EEG`` and a reference after the site (``F4-M1``: the same for both, or mirrored) are allowed.

    Parameters
    ----------
    channels : sequence of str
        Channel names.

    Returns
    -------
    list of (right, left)
        In the order of the left channels.

    Examples
    --------
    >>> symmetric_pairs(["Fp1", "FP2", "Fz", "EEG F3-M2", "EEG F4-M1", "EXG1", "EXG2"])
    [('FP2', 'Fp1'), ('EEG F4-M1', 'EEG F3-M2')]
    """
    names = {name.lower(): name for name in channels}
    pairs = []
    for left in channels:
        site = _SITE.fullmatch(left)
        if site is None or int(site["number"]) % 2 == 0:
            continue
        stem = f"{site['prefix'] or ''}{site['site']}{int(site['number']) + 1}"
        reference = site["reference"] or ""
        mirrored = re.sub(r"\d+", lambda found: str((int(found[0]) - 1 ^ 1) + 1), reference)
        for right in (stem + reference, stem + mirrored):
            if right.lower() in names:
                pairs.append((names[right.lower()], left))
                break
    return pairs


def _numbers(
    channels: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> tuple[list[int], list[int]]:
    """Positions of the right and the left channels."""
    order = {name: number for number, name in enumerate(channels)}
    return [order[right] for right, _ in pairs], [order[left] for _, left in pairs]


def _power(psd: FloatArray, freqs: FloatArray, band: Band) -> FloatArray:
    weights = spectra.band_weights(freqs, *band)
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
