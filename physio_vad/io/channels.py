"""What the channels of a file are: as declared, else by name and unit."""

from __future__ import annotations

import fnmatch
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import SkippedWarning, UnknownChannelsError
from physio_vad.io.tables.column_roles import Column, group_columns
from physio_vad.io.tables.open import Table
from physio_vad.io.tables.signals import make_signals
from physio_vad.io.timestamps import TimeGrid
from physio_vad.recording.channel_names import modality_by_name
from physio_vad.recording.recording import Events, Signal
from physio_vad.recording.unit_words import find_unit
from physio_vad.recording.units import conversion, known_units, own_unit


def declared(name: str, channels: Mapping[str, Column]) -> Column | None:
    """Find what was declared of a channel, by its name or the first pattern that fits."""
    fitting = (one for key, one in channels.items() if fnmatch.fnmatchcase(name, key))
    return channels.get(name) or next(fitting, None)


def unit_of(modality: str, text: str, told: Column | None) -> str | None:
    """Say in what unit a channel is: the file's if it fits, else the declared one.

    A channel without either is in arbitrary units, where its modality knows such.
    """
    units = known_units(modality)
    found = find_unit(text, units) if text else None
    if found or told:
        return found or (told.unit if told else None)
    return "a.u." if not text and "a.u." in units else None


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
        unit = unit_of(modality, text, told) if modality else None
        if modality and unit:
            chosen[number] = Column(modality, unit, name)
        else:
            unknown.append(f"{name!r} in {text!r}" if text else repr(name))
    listed = ", ".join(unknown)
    if not chosen:
        raise UnknownChannelsError(
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


def in_one_unit(values: FloatArray, columns: list[Column]) -> FloatArray:
    """Convert modalities whose columns have several units; `columns` is changed with them."""
    for modality in {one.modality for one in columns}:
        mine = [row for row, one in enumerate(columns) if one.modality == modality]
        if len({columns[row].unit for row in mine}) > 1:
            for row in mine:
                values[row] = conversion(modality, columns[row].unit)(values[row])
                columns[row] = replace(columns[row], unit=own_unit(modality))
    return values


def table_signals(
    table: Table, chosen: Mapping[int, Column], grid: TimeGrid
) -> dict[str, Signal | Events]:
    """Load columns of a table that has an even grid.

    Parameters
    ----------
    table : Table
        An open table.
    chosen : mapping of int to Column
        What its columns are, by their place.
    grid : TimeGrid
        When each row was.
    """
    modalities = list(dict.fromkeys(one.modality for one in chosen.values()))
    places = sorted(chosen, key=lambda place: modalities.index(chosen[place].modality))
    columns = [replace(chosen[place], events=False) for place in places]
    values = in_one_unit(table.load(places)[0], columns)
    return make_signals(values, group_columns(columns), grid)


def array_signals(
    rows: Sequence[FloatArray],
    sfreqs: Sequence[float],
    chosen: Mapping[int, Column],
    where: str,
    starts: Sequence[float] | None = None,
) -> dict[str, Signal | Events]:
    """Make signals of channels that may have rates of their own.

    Parameters
    ----------
    rows : sequence of array of shape (n_samples,)
        Samples of every channel.
    sfreqs : sequence of float
        Rate of every channel in Hz.
    chosen : mapping of int to Column
        What channels are, by their number.
    where : str
        The file, for messages.
    starts : sequence of float, optional
        Seconds at which every channel begins; 0 by default.

    Warns
    -----
    SkippedWarning
        If channels of one modality differ in rate or length: the first of them is taken.
    """
    signals: dict[str, Signal | Events] = {}
    for modality in dict.fromkeys(one.modality for one in chosen.values()):
        mine = [number for number, one in chosen.items() if one.modality == modality]
        first = mine[0]
        form = (sfreqs[first], len(rows[first]))
        fits = [number for number in mine if (sfreqs[number], len(rows[number])) == form]
        if len(fits) < len(mine):
            out = ", ".join(chosen[number].channel for number in mine if number not in fits)
            warnings.warn(
                f"{where}: {out} differ in rate or length from {chosen[first].channel}, and "
                "are left out",
                SkippedWarning,
                stacklevel=3,
            )
        columns = [chosen[number] for number in fits]
        values = in_one_unit(np.array([rows[number] for number in fits]), columns)
        names = tuple(one.channel for one in columns)
        start = 0.0 if starts is None else starts[first]
        signals[modality] = Signal(values, sfreqs[first], columns[0].unit, names, start)
    return signals
