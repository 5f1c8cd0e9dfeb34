"""What a model wants of each sensor: its unit, channels and rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import MODALITIES
from physio_vad.recording.recording import Recording, Signal


@dataclass(frozen=True)
class Input:
    """One sensor, as a model was trained on it or as a source gives it.

    Parameters
    ----------
    modality : str
        Name of the modality, such as ``"eda"``.
    unit : str
        Unit of the values.
    channels : tuple of str
        Names of the channels; empty for a single one whose name does not matter.
    sfreq : float, optional
        Sampling rate in Hz; None where it is not known, or values are events.
    """

    modality: str
    unit: str
    channels: tuple[str, ...] = ()
    sfreq: float | None = None


def inputs_of(recordings: Iterable[Recording]) -> tuple[Input, ...]:
    """Describe the sensors of recordings; the first that has a sensor counts.

    Parameters
    ----------
    recordings : iterable of Recording
        Those of the training.

    Returns
    -------
    tuple of Input
        One a modality, in order of appearance.

    Examples
    --------
    >>> from physio_vad import Signal
    >>> inputs_of([Recording("anna", {"eda": Signal([[1.0, 2.0]], 4.0, "uS")})])
    (Input(modality='eda', unit='uS', channels=(), sfreq=4.0),)
    """
    found: dict[str, Input] = {}
    for recording in recordings:
        for name, signal in recording.signals.items():
            if name not in found:
                found[name] = _input_of(name, signal)
    return tuple(found.values())


def _input_of(name: str, signal: object) -> Input:
    if not isinstance(signal, Signal):
        return Input(name, str(getattr(signal, "unit", "")))
    named = signal.n_channels > 1 or MODALITIES[name].together
    return Input(name, signal.unit, signal.channels if named else (), signal.sfreq)


def inputs_of_columns(columns: Sequence[str]) -> tuple[Input, ...]:
    """Read from the columns of a feature table which sensors and channels it takes.

    Parameters
    ----------
    columns : sequence of str
        Names as ``eeg__alpha_power__F3``; columns of no known modality are passed over, and what
        is no feature of the modality is one of your own.

    Returns
    -------
    tuple of Input
        One a modality, in its own unit; the rate is not known.

    Examples
    --------
    >>> [one.channels for one in inputs_of_columns(["eeg__alpha_power__F3", "eda__level"])]
    [('F3',), ()]
    """
    channels: dict[str, dict[str, None]] = {}
    for column in columns:
        name, feature, *rest = [*str(column).split("__", 2), ""][:3]
        if name not in MODALITIES:
            continue
        known = channels.setdefault(name, {})
        kinds = {one.name: one.per for one in MODALITIES[name]().features}
        if rest[0] and kinds.get(feature, "channel") == "channel":
            known[rest[0]] = None
    return tuple(
        Input(name, MODALITIES[name].unit, tuple(found)) for name, found in channels.items()
    )


def check_input(wanted: Input, given: Input) -> None:
    """Check that a sensor gives the channels that a model wants of it.

    Parameters
    ----------
    wanted, given : Input
        Of the model and of the source.

    Raises
    ------
    ArgumentError
        If channels are missing, or there are several where the model takes one.
    """
    missing = [one for one in wanted.channels if one not in given.channels]
    if missing:
        raise ArgumentError(
            f"{given.modality}: the source lacks the channels {missing}; the model wants "
            f"{list(wanted.channels)}, the source has {list(given.channels)}"
        )
    if not wanted.channels and len(given.channels) > 1:
        raise ArgumentError(
            f"{given.modality}: the model takes a single channel, the source has "
            f"{list(given.channels)}; push the one that was used in training"
        )
