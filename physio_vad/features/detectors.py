"""Events in one sensor's samples, by the detectors that the modalities use."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.dsp.blinks import MIN_BLINK
from physio_vad.dsp.breaths import clear_breaths
from physio_vad.dsp.scr import THRESHOLD
from physio_vad.exceptions import ArgumentError, RecordingError, SignalWarning, unknown_name
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.ecg import ECG
from physio_vad.modalities.eda import EDA
from physio_vad.modalities.eog import EOG
from physio_vad.modalities.ppg import PPG
from physio_vad.modalities.respiration import Respiration
from physio_vad.recording.recording import Signal
from physio_vad.recording.units import conversion

_CARDIAC: dict[str, type[ECG | PPG]] = {"ecg": ECG, "ppg": PPG}


def find_beats(
    values: npt.ArrayLike,
    sfreq: float,
    kind: str = "ecg",
    *,
    unit: str | None = None,
    polarity: int = 0,
) -> pd.DataFrame:
    """Find heart beats in an ECG or a photoplethysmogram of either polarity.

    Two-pass template matching with local thresholds and templates, see `physio_vad.dsp.beats`.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Signal; NaN or Inf where there is none.
    sfreq : float
        Sampling rate in Hz; from 40 on for an ECG, from 8 on for a photoplethysmogram.
    kind : {"ecg", "ppg"}
        What the signal is.
    unit : str, optional
        Unit of the values; ``"mV"`` or ``"a.u."`` by default.
    polarity : {0, 1, -1}
        Which way up the signal is; 0 to find out.

    Returns
    -------
    DataFrame of shape (n_beats, 4) or (n_beats, 6)
        `time` of the R peak or of the systolic peak in seconds from sample 0; `nn`, the seconds
        since the beat before, NaN unless that is a normal interval; `agreement` with the beats
        around, in [0.5, 1]; `ectopic`, whether it is a wide beat of another shape (of an ECG). For
        ``"ppg"`` also `rise`, the time of the steepest rise in seconds, and `amplitude` from
        foot to peak.

    Raises
    ------
    ArgumentError
        If `kind` or `polarity` is something else.
    RecordingError
        If the values are no single channel or the rate is not positive.

    Warns
    -----
    SignalWarning
        If it is uncertain which way up the signal is, or not as `polarity` says.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(2500) / 250
    >>> ecg = np.exp(-(((time % 0.8 - 0.5) / 0.02) ** 2))
    >>> find_beats(ecg, 250.0).round(3).head(2)
       time   nn  agreement  ectopic
    0  0.5  NaN        1.0    False
    1  1.3  0.8        1.0    False
    """
    if kind not in _CARDIAC:
        raise ArgumentError(unknown_name("kind of beats", kind, _CARDIAC))
    modality = _CARDIAC[kind](polarity=polarity)
    signal = _one_channel(modality, values, sfreq, modality.unit if unit is None else unit)
    heart = modality.prepare(signal, {})
    _say_doubt(modality, heart.votes, signal)
    return pd.DataFrame(heart.table).astype({"ectopic": bool})


def find_blinks(
    values: npt.ArrayLike,
    sfreq: float,
    *,
    unit: str = "uV",
    min_blink: float = MIN_BLINK,
    polarity: int = 0,
) -> pd.DataFrame:
    """Find blinks in a vertical EOG of either polarity.

    Parameters
    ----------
    values : array of shape (n_samples,)
        EOG; NaN or Inf where there is none.
    sfreq : float
        Sampling rate in Hz.
    unit : str
        Unit of the values.
    min_blink : float
        Smallest height of a blink in uV.
    polarity : {0, 1, -1}
        Which way up the channel is; 0 to find out.

    Returns
    -------
    DataFrame of shape (n_blinks, 8)
        `time` of the peak, `onset` and `end` in seconds from sample 0; `amplitude` in uV,
        positive; `duration` from half-way up to half-way down, `pavr` and `navr` (amplitude over
        steepest slope up and down) in seconds; `polarity`, -1 in every row if the channel is
        inverted.

    Raises
    ------
    ArgumentError
        If `polarity` is something else.
    RecordingError
        If the values are no single channel or the rate is not positive.

    Warns
    -----
    SignalWarning
        If it is uncertain which way up the channel is, or not as `polarity` says.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.arange(2500) / 250
    >>> lid = -150 * np.exp(-(((time % 5 - 2.5) / 0.1) ** 2))
    >>> find_blinks(lid, 250.0)[["time", "amplitude", "polarity"]].round(1)
       time  amplitude  polarity
    0   2.5      145.8        -1
    1   7.5      145.8        -1
    """
    eog = EOG(min_blink=min_blink, polarity=polarity)
    signal = _one_channel(eog, values, sfreq, unit)
    low = eog.low_rate(signal)
    found = eog.blinks(low)
    _say_doubt(eog, found.votes, signal)
    table = pd.DataFrame(found.table)
    table[["time", "onset", "end"]] += low.start
    return table.assign(polarity=found.polarity)


def find_scrs(
    values: npt.ArrayLike, sfreq: float, *, unit: str = "uS", threshold: float = THRESHOLD
) -> pd.DataFrame:
    """Find skin conductance responses (SCRs) by an absolute threshold.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Skin conductance (or resistance); NaN or Inf where there is none.
    sfreq : float
        Sampling rate in Hz.
    unit : str
        Unit of the values.
    threshold : float
        Smallest amplitude in uS.

    Returns
    -------
    DataFrame of shape (n_responses, 5)
        `onset` and `peak` in seconds from sample 0; `amplitude` from foot to peak in uS;
        `rise_time` from onset to peak and `half_recovery_time` from the peak until half of the
        amplitude is lost, in seconds, NaN where that cannot be seen.

    Raises
    ------
    RecordingError
        If the values are no single channel or the rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> since = np.maximum(np.arange(480) / 8 - 30, 0)
    >>> skin = 5 + np.arange(480) / 8e4 + 0.8 * (np.exp(-since / 3) - np.exp(-since))
    >>> find_scrs(skin, 8.0).round(1)
       onset  peak  amplitude  rise_time  half_recovery_time
    0   30.0  31.7        0.3        1.7                 3.2
    """
    eda = EDA(threshold=threshold)
    signal = _one_channel(eda, values, sfreq, unit)
    return pd.DataFrame(eda.responses(eda.low_rate(signal)))


def find_breaths(values: npt.ArrayLike, sfreq: float, *, unit: str = "a.u.") -> pd.DataFrame:
    """Find breaths, from trough to peak to trough, that stand out from noise.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Respiration, rising with inspiration; NaN or Inf where there is none.
    sfreq : float
        Sampling rate in Hz.
    unit : str
        Unit of the values.

    Returns
    -------
    DataFrame of shape (n_breaths, 7)
        `onset`, `peak` and `end` in seconds from sample 0; `amplitude` from onset to peak;
        `period`, `inspiration` and `expiration` in seconds.

    Raises
    ------
    RecordingError
        If the values are no single channel or the rate is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> belt = -np.cos(2 * np.pi * np.arange(750) / 25 / 5)
    >>> find_breaths(belt, 25.0)["period"].round(1).tolist()
    [5.0, 5.0, 5.0, 5.0]
    """
    respiration = Respiration()
    signal = _one_channel(respiration, values, sfreq, unit)
    return pd.DataFrame(clear_breaths(respiration.waves(respiration.low_rate(signal))))


def _say_doubt(modality: AnyModality, votes: FloatArray, signal: CleanSignal) -> None:
    """Warn where it is uncertain which way up a channel is."""
    doubt = modality.doubt(votes[np.newaxis], signal.polarity)
    if doubt:
        warnings.warn(f"{modality.name}: {doubt}", SignalWarning, stacklevel=3)


def _one_channel(
    modality: AnyModality, values: npt.ArrayLike, sfreq: float, unit: str
) -> CleanSignal:
    """Clean the values as the modality does."""
    signal = Signal(np.asarray(values, dtype=np.float64), sfreq=sfreq, unit=unit)
    if signal.n_channels != 1:
        raise RecordingError(
            f"values must be one channel of shape (n_samples,), got {signal.n_channels} channels"
        )
    conversion(modality.name, unit)  # raises where the unit is unknown
    return modality.clean(signal)
