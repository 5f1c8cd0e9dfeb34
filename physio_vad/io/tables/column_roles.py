"""Which column of a table is what."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physio_vad.exceptions import ArgumentError, ReadError, RecordingError, UnitWarning
from physio_vad.io.clocks import TIME_UNITS
from physio_vad.io.tables.open import Table
from physio_vad.recording.unit_words import find_unit, unit_texts
from physio_vad.recording.units import is_irregular, known_units, modality_name, unit_name


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
    events : bool, optional
        Whether the values come at irregular times and become `Events`; by default those of a
        modality and unit that are irregular by nature, such as inter-beat intervals in ms.
    """

    modality: str
    unit: str
    channel: str = ""
    events: bool | None = None


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
        Row of the time column, if it holds numbers.
    time_unit : str
        What the header says of the time column; empty if it says nothing.
    text_roles : list of str
        Role of each column of text; ``"time"`` is one of dates or times of day.
    """

    numbers: list[int]
    texts: list[int]
    signals: Mapping[str, tuple[slice, list[Column]]]
    label_rows: slice
    time_row: int | None
    time_unit: str
    text_roles: list[str]


_CLOCKS = ("", "_s", "_ms", "_us", "_ns", "_min")
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
    for modality in units:
        mine = [name for name, column in made.items() if column.modality == modality]
        if len(mine) > 1 and any(made[name].events for name in mine):
            raise ArgumentError(
                f"irregular values of {modality!r} must stand in one column, got {mine}"
            )
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
    events = is_irregular(modality, unit) if given.events is None else given.events
    return Column(modality, unit, given.channel or name, events)


def unit_in_name(name: str) -> str:
    """Read the unit of time off a column's name, ``"ms"`` in ``clock_ms``; empty if it has none.

    Examples
    --------
    >>> unit_in_name("clock_ms"), unit_in_name("Timestamp [ns]"), unit_in_name("time")
    ('ms', 'ns', '')
    """
    found = (find_unit(text, TIME_UNITS) for text in unit_texts(name))
    return next((unit for unit in found if unit), "")


def make_design(
    table: Table, columns: Mapping[str, Column], labels: Sequence[str], roles: ColumnRoles
) -> ColumnPlan:
    """Find the columns of one file.

    Raises
    ------
    ReadError
        If a column is missing, stands twice, or has no part.
    """
    names = _column_names(table, columns, labels, roles)
    places = _places(table, names, roles)
    taken: dict[str, int] = {name: places.pop(_key(name), -1) for name in [*columns, *labels]}
    time_keys = [_key(roles.time + suffix) for suffix in _CLOCKS]
    time = next((places.pop(key) for key in time_keys if key in places), None)
    texts = {
        role: places.pop(_key(name))
        for role, name in (
            ("subject", roles.subject),
            ("trial", roles.trial),
            ("stimulus", roles.stimulus),
        )
        if _key(name) in places
    }
    time_unit = "" if time is None else _time_unit(table, names, time)
    if time is not None and time in table.words:
        texts["time"], time = time, None
    _check_columns(table, names, taken, labels, places, roles)
    _warn_of_other_units(table, names, columns, taken)
    modalities = list(dict.fromkeys(column.modality for column in columns.values()))
    ordered = sorted(columns, key=lambda name: modalities.index(columns[name].modality))
    used = [name for name in labels if taken[name] >= 0]
    numbers = [taken[name] for name in [*ordered, *used]] + ([] if time is None else [time])
    return ColumnPlan(
        numbers=numbers,
        texts=list(texts.values()),
        signals=group_columns([columns[name] for name in ordered]),
        label_rows=slice(len(ordered), len(ordered) + len(used)),
        time_row=None if time is None else len(numbers) - 1,
        time_unit=time_unit,
        text_roles=list(texts),
    )


def _warn_of_other_units(
    table: Table,
    names: Sequence[str],
    columns: Mapping[str, Column],
    taken: Mapping[str, int],
) -> None:
    """Warn where a row of units, or brackets in a name, contradict the unit that was declared."""
    others = []
    for name, column in columns.items():
        if column.unit == "a.u.":
            continue
        said = re.findall(r"[(\[]([^()\[\]]*)[)\]]", names[taken[name]])
        said += [table.units[taken[name]]] if table.units else []
        found = (find_unit(text, known_units(column.modality)) for text in said)
        unit = next((one for one in found if one), column.unit)
        if unit != column.unit:
            others.append(f"{unit!r} for {name!r}, declared as {column.unit!r}")
    if others:
        warnings.warn(
            f"{table.path}: says {', '.join(others)}; the declared unit is used. Correct it, or "
            "the file where others are right",
            UnitWarning,
            stacklevel=4,
        )


def _time_unit(table: Table, names: Sequence[str], place: int) -> str:
    """Read the unit of the clock off its name, else off the row of units."""
    below = find_unit(table.units[place], TIME_UNITS) if table.units else None
    return unit_in_name(names[place]) or below or ""


def has_column(names: Sequence[str], name: str) -> bool:
    """Say whether a column is there, whatever its case and punctuation."""
    return _key(name) in map(_key, names)


def _column_names(
    table: Table, columns: Mapping[str, Column], labels: Sequence[str], roles: ColumnRoles
) -> Sequence[str]:
    """Name the columns of a file: by its own names, or as header or columns say."""
    if table.names is not None:
        return _names_of_file(table, table.names, columns, roles)
    declared = roles.names or [*columns, *labels]
    plain = [name for name in declared if name not in labels] if labels else declared
    for names in (declared, plain):
        if len(names) in (table.n_columns, table.most_columns):
            return names
    hint = "it has no header, so they are told apart by position; see columns and header"
    if roles.names:
        hint = "header must name all of them"
    elif len(plain) < len(declared):
        hint = f"or the first {len(plain)} of people who did not rate; {hint}"
    raise ReadError(_wrong_number(table, declared, hint))


def _names_of_file(
    table: Table, names: Sequence[str], columns: Mapping[str, Column], roles: ColumnRoles
) -> Sequence[str]:
    """Believe the names in a file; header only serves where these say nothing of the sensors."""
    there = [_key(name) for name in names]
    if roles.names is None or {_key(name) for name in columns} <= set(there):
        return names
    header = list(roles.names)
    if len(header) == len(names) + 1 and not header[-1].strip():
        header = header[:-1]
    if len(header) != len(names):
        raise ReadError(_wrong_number(table, header, "header must name all of them"))
    for name, told in zip(names, map(_key, header), strict=True):
        if told != _key(name) and (told in there or _key(name) in map(_key, header)):
            raise ReadError(
                f"{table.path}: its first row names the columns {', '.join(map(repr, names))}, "
                f"header has {name!r} at another place; leave header out, it is for files without "
                "names, or correct it"
            )
    return header


def check_order(
    named: Mapping[Path, Sequence[str] | None], columns: Iterable[str], labels: Iterable[str]
) -> None:
    """Refuse to tell columns apart by position where files beside have them in another order.

    Parameters
    ----------
    named : mapping of path to sequence of str or None
        The names that each file of a folder has, None for none.
    columns, labels : iterable of str
        Names in the order in which those of a file without names would be taken.

    Raises
    ------
    ReadError
        If there are files of both kinds and the orders differ.
    """
    bare = next((path for path, names in named.items() if names is None), None)
    declared = [*columns, *labels]
    for path, names in named.items():
        if bare is None or names is None:
            continue
        there = [key for key in map(_key, names) if key in map(_key, declared)]
        if there != [key for key in map(_key, declared) if key in there]:
            raise ReadError(
                f"{bare}: has no header and would be read in the order of columns and labels "
                f"({', '.join(declared)}), but {path.name} beside it has another order "
                f"({', '.join(names)}): say header = [the names of all columns in their order] of "
                "the files without a header"
            )


def _wrong_number(table: Table, names: Sequence[str], hint: str) -> str:
    return (
        f"{table.path}: must have {len(names)} columns ({', '.join(names)}), it has "
        f"{table.n_columns}; {hint}"
    )


def _places(table: Table, names: Sequence[str], roles: ColumnRoles) -> dict[str, int]:
    """Position of each column that has a name and is not ignored, by its key."""
    ignored = {_key(name) for name in roles.ignore}
    places: dict[str, int] = {}
    for position, name in enumerate(names):
        key = _key(name)
        if key in ignored or key in ("", "unnamed_0"):
            continue
        if key in places:
            raise ReadError(f"{table.path}: two columns are named {name!r}; name them in header")
        places[key] = position
    return places


def _check_columns(
    table: Table,
    names: Sequence[str],
    taken: Mapping[str, int],
    labels: Sequence[str],
    rest: Mapping[str, int],
    roles: ColumnRoles,
) -> None:
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


def group_columns(columns: Sequence[Column]) -> dict[str, tuple[slice, list[Column]]]:
    """Group columns by modality, with the rows that each has; those of one stand together."""
    slices: dict[str, tuple[slice, list[Column]]] = {}
    for row, column in enumerate(columns):
        rows, mine = slices.get(column.modality, (slice(row, row), []))
        slices[column.modality] = (slice(rows.start, row + 1), [*mine, column])
    return slices


def _key(name: str) -> str:
    """Compare names without case, spaces and punctuation: "EEG F3" is "eeg_f3"."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_") or name
