"""Which column of a table is what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from physio_vad.exceptions import ArgumentError, ReadError, RecordingError
from physio_vad.io.tables.open import Table
from physio_vad.recording.units import modality_name, unit_name


@dataclass(frozen=True)
class Column:
    """What one column of a table holds.

    Parameters
    ----------
    modality : str
        Name or alias of a modality.
    unit : str
        Unit of the values in the file.
    channel : str
        Name of the channel; by default the name of the column.
    """

    modality: str
    unit: str
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class ColumnRoles:
    """Names of the columns that are neither signals nor labels."""

    names: Sequence[str] | None
    ignore: Sequence[str]
    time: str
    subject: str
    trial: str
    stimulus: str


@dataclass(frozen=True)
class ColumnPlan:
    """Which columns to load, and what the rows of the loaded array are.

    Parameters
    ----------
    numbers, texts : list of int
        Positions of the columns to load.
    signals : mapping of str to (slice, list of Column)
        Rows of each modality and what they are.
    label_rows : slice
        Rows of the labels.
    time_row : int, optional
        Row of the time column.
    time_unit : str
        What the name of the time column says; empty if it says nothing.
    text_roles : list of str
        Role of each column of text.
    """

    numbers: list[int]
    texts: list[int]
    signals: Mapping[str, tuple[slice, list[Column]]]
    label_rows: slice
    time_row: int | None
    time_unit: str
    text_roles: list[str]


_CLOCKS = ("", "_s", "_ms", "_us")
"""What may follow the name of a time column."""


def make_columns(columns: Mapping[str, Any]) -> dict[str, Column]:
    """Check a mapping of column names to what they are, with modality names resolved.

    Raises
    ------
    ArgumentError
        If an entry is no column, a modality or unit is unknown, or the columns of one modality
        have different units.
    """
    if not isinstance(columns, Mapping) or not columns:
        raise ArgumentError(
            "columns must say what each column is, such as "
            "{'EDA': {'modality': 'eda', 'unit': 'uS'}}, "
            f"got {columns!r}"
        )
    made: dict[str, Column] = {}
    units: dict[str, str] = {}
    for name, given in columns.items():
        column = _make_column(name, given)
        if units.setdefault(column.modality, column.unit) != column.unit:
            raise ArgumentError(
                f"columns of {column.modality!r} must share one unit, got "
                f"{units[column.modality]!r} and {column.unit!r} ({name!r})"
            )
        made[name] = column
    return made


def _make_column(name: str, given: Any) -> Column:
    if isinstance(given, Mapping):
        try:
            given = Column(**given)
        except TypeError:
            given = None
    if not isinstance(given, Column):
        raise ArgumentError(
            f"column {name!r} must have a modality and a unit, and may have a channel; "
            "such as {'modality': 'eeg', 'unit': 'uV', 'channel': 'F3'}"
        )
    try:
        modality = modality_name(given.modality)
        unit = unit_name(modality, given.unit)
    except RecordingError as error:
        raise ArgumentError(f"column {name!r}: {error}") from None
    return Column(modality, unit, given.channel or name)


def unit_in_name(name: str) -> str:
    """Read the unit of time off a column's name, ``"ms"`` in ``clock_ms``; empty if it has none."""
    end = name.rpartition("_")[2]
    return end if f"_{end}" in _CLOCKS and "_" in name else ""


def make_design(
    table: Table, columns: Mapping[str, Column], labels: Sequence[str], roles: ColumnRoles
) -> ColumnPlan:
    """Find the columns of one file.

    Raises
    ------
    ReadError
        If a column is missing, stands twice, or has no part.
    """
    places = _places(table, [*columns, *labels], len(columns), roles)
    taken: dict[str, int] = {name: places.pop(_key(name), -1) for name in [*columns, *labels]}
    times = {_key(roles.time + suffix): unit_in_name(roles.time + suffix) for suffix in _CLOCKS}
    time_key = next((key for key in times if key in places), None)
    time = None if time_key is None else places.pop(time_key)
    texts = {
        role: places.pop(_key(name))
        for role, name in (
            ("subject", roles.subject),
            ("trial", roles.trial),
            ("stimulus", roles.stimulus),
        )
        if _key(name) in places
    }
    _check_columns(table, taken, labels, places, roles)
    modalities = list(dict.fromkeys(column.modality for column in columns.values()))
    names = sorted(columns, key=lambda name: modalities.index(columns[name].modality))
    used = [name for name in labels if taken[name] >= 0]
    numbers = [taken[name] for name in [*names, *used]] + ([] if time is None else [time])
    return ColumnPlan(
        numbers=numbers,
        texts=list(texts.values()),
        signals=_slices([columns[name] for name in names]),
        label_rows=slice(len(names), len(names) + len(used)),
        time_row=None if time is None else len(numbers) - 1,
        time_unit=times.get(time_key or "", ""),
        text_roles=list(texts),
    )


def has_column(names: Sequence[str], name: str) -> bool:
    """Say whether a column is there, whatever its case and punctuation."""
    return _key(name) in map(_key, names)


def _places(
    table: Table, expected: Sequence[str], n_signals: int, roles: ColumnRoles
) -> dict[str, int]:
    """Position of each column that is not ignored, by its key."""
    names = roles.names or table.names
    if names is None:
        names = expected[: table.n_columns] if table.n_columns == n_signals else expected
        hint = "it has no header, so they are told apart by position; see columns and header"
        if n_signals < len(expected):
            hint = f"or the first {n_signals} of people who did not rate; {hint}"
    else:
        hint = "header must name all of them"
    if len(names) != table.n_columns:
        raise ReadError(
            f"{table.path}: must have {len(names)} columns ({', '.join(names)}), it has "
            f"{table.n_columns}; {hint}"
        )
    ignored = {_key(name) for name in roles.ignore}
    places: dict[str, int] = {}
    for position, name in enumerate(names):
        key = _key(name)
        if key in ignored:
            continue
        if key in places:
            raise ReadError(f"{table.path}: two columns are named {name!r}; name them in header")
        places[key] = position
    return places


def _check_columns(
    table: Table,
    taken: Mapping[str, int],
    labels: Sequence[str],
    rest: Mapping[str, int],
    roles: ColumnRoles,
) -> None:
    names = roles.names or table.names or []
    extra = [] if "*" in roles.ignore else [names[place] for place in rest.values()]
    missing = [name for name, place in taken.items() if place < 0]
    signals = [name for name in missing if name not in labels]
    # A file of people who did not rate has none of the labels; one that is left over may be a label
    # under another name, unless it may as well be the sensor that is missing
    unrated = set(labels) <= set(missing) and (not extra or bool(signals))
    if missing and not (unrated and not signals):
        raise ReadError(_lacking(table, names, signals if unrated else missing, signals, extra))
    if extra:
        listed = ", ".join(map(repr, extra))
        one = len(extra) == 1
        what = f"column {listed} is; name it" if one else f"columns {listed} are; name them"
        raise ReadError(
            f"{table.path}: nothing says what the {what} in columns, labels or ignore, or leave "
            "out all that have no part: ignore = ['*']"
        )


def _lacking(
    table: Table,
    names: Sequence[str],
    missing: Sequence[str],
    signals: Sequence[str],
    extra: Sequence[str],
) -> str:
    """Say which columns are missing, and how to go on with them or without."""
    text = (
        f"{table.path}: lacks the column {', '.join(map(repr, missing))}; it has "
        f"{', '.join(map(repr, names))}: say in columns, labels or header what they are"
    )
    if signals:
        text += (
            ". If the sensor was not recorded, leave it out of columns: its features are then "
            "empty (`physio-vad predict` takes such a recipe as --recipe)"
        )
    elif extra:
        text += (
            ". A file without any label is read as not rated, once the rest of its columns is "
            f"named in columns or ignored, here {', '.join(map(repr, extra))}: ignore = ['*']"
        )
    return text


def _slices(columns: Sequence[Column]) -> dict[str, tuple[slice, list[Column]]]:
    slices: dict[str, tuple[slice, list[Column]]] = {}
    for row, column in enumerate(columns):
        rows, mine = slices.get(column.modality, (slice(row, row), []))
        slices[column.modality] = (slice(rows.start, row + 1), [*mine, column])
    return slices


def _key(name: str) -> str:
    """Compare names without case, spaces and punctuation: "EEG F3" is "eeg_f3"."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_") or name
