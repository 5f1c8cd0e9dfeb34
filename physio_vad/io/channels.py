"""What the channels of a file are: as declared, else by name and unit."""

from __future__ import annotations

import fnmatch
import warnings
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ReadError, SkippedWarning
from physio_vad.io.tables.column_roles import Column
from physio_vad.recording.channel_names import modality_by_name
from physio_vad.recording.recording import Signal
from physio_vad.recording.unit_words import find_unit
from physio_vad.recording.units import conversion, known_units, own_unit


def declared(name: str, channels: Mapping[str, Column]) -> Column | None:
    """Find what was declared of a channel, by its name or the first pattern that fits."""
    fitting = (one for key, one in channels.items() if fnmatch.fnmatchcase(name, key))
    return channels.get(name) or next(fitting, None)


def choose_channels(
    named: Iterable[tuple[str, str]],
    channels: Mapping[str, Column],
    ignore: Sequence[str],
    where: str,
) -> dict[int, Column]:
    """Say what the channels of a file are, where their names are free text.

    The unit is that of the file if the modality knows it, else the declared one.

    Parameters
    ----------
    named : iterable of (str, str)
        Name and unit of each channel, as the file has them.
    channels : mapping of str to Column
        What was declared, by name or pattern.
    ignore : sequence of str
        Names or patterns of channels to leave out.
    where : str
        The file, for messages.

    Returns
    -------
    dict of int to Column
        By the number of the channel.

    Raises
    ------
    ReadError
        If no channel is known.

    Warns
    -----
    SkippedWarning
        Of the channels that are left out since nothing says what they are.
    """
    chosen, unknown = {}, []
    for number, (name, text) in enumerate(named):
        if any(fnmatch.fnmatchcase(name, one) for one in ignore):
            continue
        told = declared(name, channels)
        modality = told.modality if told else modality_by_name(name)
        unit = find_unit(text, known_units(modality)) if modality and text else None
        unit = unit or (told.unit if told else None)
        if modality and unit:
            chosen[number] = Column(modality, unit, name)
        else:
            unknown.append(f"{name!r} in {text!r}" if text else repr(name))
    listed = ", ".join(unknown)
    if not chosen:
        raise ReadError(
            f"{where}: none of its channels ({listed or 'none'}) is of a known kind; say in "
            "channels what they are"
        )
    if unknown:
        warnings.warn(
            f"{where}: channels of unknown kind or unit are left out: {listed}; say in channels "
            "what they are, or name them in ignore",
            SkippedWarning,
            stacklevel=3,
        )
    return chosen


def one_signal(
    rows: Sequence[FloatArray], columns: Sequence[Column], sfreq: float, start: float = 0.0
) -> Signal:
    """Make the signal of channels of one modality; where their units differ, in its own unit.

    Parameters
    ----------
    rows : sequence of array of shape (n_samples,)
        Samples of each channel.
    columns : sequence of Column
        What the channels are.
    sfreq : float
        Rate in Hz.
    start : float
        Seconds from the recording's start.
    """
    modality, unit = columns[0].modality, columns[0].unit
    if any(one.unit != unit for one in columns):
        unit = own_unit(modality)
        pairs = zip(rows, columns, strict=True)
        rows = [conversion(modality, one.unit)(row) for row, one in pairs]
    return Signal(np.array(rows), sfreq, unit, tuple(one.channel for one in columns), start)
