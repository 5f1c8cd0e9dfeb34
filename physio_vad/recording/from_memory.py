"""What is in memory already becomes recordings: arrays, tables and what MNE has read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from physio_vad._arrays import FloatArray, as_floats
from physio_vad.exceptions import RecordingError
from physio_vad.recording.channel_names import modality_by_name
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording, Signal
from physio_vad.recording.units import modality_name

if TYPE_CHECKING:
    import pandas as pd

Kind = tuple[str, str] | Mapping[str, str]
"""Modality and unit: ``("eda", "uS")``, or as in a recipe ``{"modality": "eda", "unit": "uS"}``."""

_TYPES = {"eog": "eog", "ecg": "ecg", "emg": "emg", "eeg": "eeg", "resp": "respiration"}
_VOLTS = ("eeg", "eog", "ecg", "emg", "respiration")
_GSR = {"gsr": ("eda", "S"), "temperature": ("temperature", "C")}


def from_arrays(
    data: npt.ArrayLike,
    sfreq: float,
    channels: Mapping[str, Kind | None],
    *,
    subject: str,
    ratings: npt.ArrayLike | None,
    targets: Sequence[str],
    scale: Any,
    stimuli: Sequence[str] | None,
) -> list[Recording]:
    """Do what `Recording.from_arrays` says."""
    array = as_floats(data)
    trials = array[np.newaxis] if array.ndim == 2 else array
    if trials.ndim != 3 or trials.shape[1] != len(channels):
        raise RecordingError(
            f"recording {subject!r}: data must have shape (n_trials, {len(channels)}, n_samples) "
            "or "
            f"({len(channels)}, n_samples), a row for each of the channels; got {array.shape}"
        )
    rated = _rated(ratings, len(trials), targets, subject)
    if stimuli is not None and len(stimuli) != len(trials):
        raise RecordingError(
            f"recording {subject!r}: stimuli must name each of {len(trials)} trials, got "
            f"{len(stimuli)}"
        )
    return [
        Recording(
            subject,
            _signals(trial, sfreq, channels),
            None
            if rated is None
            else Ratings.constant(
                dict(zip(targets, rated[number], strict=True)), _scale(scale, targets)
            ),
            trial=str(number + 1),
            stimulus=None if stimuli is None else stimuli[number],
        )
        for number, trial in enumerate(trials)
    ]


def _rated(
    ratings: npt.ArrayLike | None, n_trials: int, targets: Sequence[str], subject: str
) -> FloatArray | None:
    if ratings is None:
        return None
    rated = np.atleast_2d(as_floats(ratings))
    if rated.shape != (n_trials, len(targets)):
        raise RecordingError(
            f"recording {subject!r}: ratings must have shape ({n_trials}, {len(targets)}), a row a "
            f"trial and a column for each of {', '.join(targets)}; got {rated.shape}"
        )
    return rated


def _scale(scale: Any, targets: Sequence[str]) -> dict[str, tuple[float, float]]:
    if scale is None or isinstance(scale, Mapping):
        return dict(scale or {})
    return dict.fromkeys(targets, scale)


def _signals(
    rows: FloatArray, sfreq: float, channels: Mapping[str, Kind | None]
) -> dict[str, Signal | Events]:
    groups: dict[str, list[tuple[int, str, str]]] = {}
    for row, (name, kind) in enumerate(channels.items()):
        if kind is not None:
            modality, unit = _kind(name, kind)
            groups.setdefault(modality, []).append((row, name, unit))
    signals: dict[str, Signal | Events] = {}
    for modality, group in groups.items():
        places, names, units = zip(*group, strict=True)
        if len(set(units)) > 1:
            raise RecordingError(
                f"channels of {modality!r} must share one unit, got {', '.join(sorted(set(units)))}"
            )
        signals[modality] = Signal(rows[list(places)], sfreq, units[0], names)
    return signals


def _kind(name: str, kind: Kind) -> tuple[str, str]:
    try:
        modality, unit = (kind["modality"], kind["unit"]) if isinstance(kind, Mapping) else kind
    except (KeyError, TypeError, ValueError):
        raise RecordingError(
            f"channel {name!r} must have a modality and a unit, such as ('eda', 'uS'), or None to "
            f"leave it out; got {kind!r}"
        ) from None
    return modality_name(modality), unit


def from_frame(
    frame: pd.DataFrame,
    columns: Mapping[str, Kind],
    *,
    subject: str,
    trial: str,
    sfreq: float | None,
    time: str | None,
    targets: Sequence[str],
    scale: Any,
) -> Recording:
    """Do what `Recording.from_frame` says."""
    lacking = [name for name in [*columns, *targets] if name not in frame]
    if lacking:
        raise RecordingError(
            f"recording {subject!r}: the table lacks {', '.join(map(repr, lacking))}; it has "
            f"{', '.join(map(repr, frame.columns))}"
        )
    seconds, began = _clock(frame, time)
    rate = _rate(seconds, subject) if sfreq is None else float(sfreq)
    rows = frame[list(columns)].to_numpy(dtype=float).T
    ratings = None
    if targets:
        ratings = _row_ratings(frame[list(targets)], rate, _scale(scale, targets))
    signals = _signals(rows, rate, columns)
    return Recording(subject, signals, ratings, trial=trial, start_time=began)


def _clock(frame: pd.DataFrame, time: str | None) -> tuple[FloatArray | None, float | None]:
    """Seconds of each row from the first, and the wall clock at the first where there is one."""
    import pandas as pd

    if time is None and not isinstance(frame.index, pd.DatetimeIndex):
        return None, None
    if time is not None and time not in frame:
        raise RecordingError(f"the table has no column {time!r} for the time")
    clock = pd.Series(frame.index if time is None else frame[time].to_numpy())
    if clock.isna().any():
        raise RecordingError(f"row {int(clock.isna().argmax()) + 1} of the table has no time")
    if pd.api.types.is_datetime64_any_dtype(clock):
        first = clock.iloc[0]
        return (clock - first).dt.total_seconds().to_numpy(), float(first.timestamp())
    seconds = clock.to_numpy(dtype=float)
    return seconds - seconds[0], None


def _rate(seconds: FloatArray | None, subject: str) -> float:
    """Rate of an even clock.

    Raises
    ------
    RecordingError
        If there is no clock, or its steps differ.
    """
    where = f"recording {subject!r}"
    if seconds is None or len(seconds) < 2:
        raise RecordingError(f"{where}: needs the rate: sfreq in Hz, or time, a column of seconds")
    steps = np.diff(seconds)
    middle = float(np.median(steps))
    if not middle > 0 or np.abs(steps - middle).max() > 0.5 * middle:
        raise RecordingError(
            f"{where}: its clock has steps from {steps.min():g} to {steps.max():g} s; fill the "
            "gaps with rows of NaN first, or write a file: the layout 'table' finds gaps"
        )
    return float(len(steps) / (seconds[-1] - seconds[0]))


def _row_ratings(
    values: pd.DataFrame, sfreq: float, scale: Mapping[str, tuple[float, float]]
) -> Ratings:
    """Keep only where ratings change."""
    rows = values.to_numpy(dtype=float)
    same = (rows[1:] == rows[:-1]) | (np.isnan(rows[1:]) & np.isnan(rows[:-1]))
    firsts = np.concatenate([[0], np.flatnonzero(~same.all(axis=1)) + 1])
    targets = tuple(map(str, values.columns))
    if len(firsts) == 1:
        return Ratings.constant(dict(zip(targets, rows[0].tolist(), strict=True)), scale)
    stops = np.append(firsts[1:], len(rows)) / sfreq
    return Ratings.intervals(firsts / sfreq, stops, rows[firsts], targets, scale)


def from_mne(
    raw: Any,
    channels: Mapping[str, Kind | None],
    *,
    subject: str,
    trial: str,
    ratings: Ratings | None,
) -> Recording:
    """Do what `Recording.from_mne` says."""
    unknown = [name for name in channels if name not in raw.ch_names]
    if unknown:
        raise RecordingError(
            f"recording {subject!r}: has no channel {', '.join(map(repr, unknown))}; it has "
            f"{', '.join(raw.ch_names)}"
        )
    kinds: dict[str, Kind | None] = {}
    for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True):
        found = channels[name] if name in channels else _kind_of_type(name, kind)
        if found is not None:
            kinds[name] = found
    if not kinds:
        raise RecordingError(
            f"recording {subject!r}: none of its channels ({', '.join(raw.ch_names)}) is of a "
            "known kind; say in channels what they are, such as {'GSR': ('eda', 'uS')}"
        )
    date = raw.info["meas_date"]
    return Recording(
        subject,
        _signals(raw.get_data(picks=list(kinds)), raw.info["sfreq"], kinds),
        ratings,
        trial=trial,
        start_time=None if date is None else date.timestamp() + raw.first_time,
    )


def _kind_of_type(name: str, kind: str) -> Kind | None:
    """Say what a channel is by its type; one that is EEG by default may be named otherwise."""
    if kind in _GSR:
        return _GSR[kind]
    modality = _TYPES.get(kind)
    if kind == "eeg":
        modality = modality_by_name(name) or "eeg"
    return (modality, "V") if modality in _VOLTS else None
