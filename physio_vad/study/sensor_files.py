"""Folders with one file a sensor for each person: how the files are named, what each holds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from physio_vad.io.tables.open import Table
from physio_vad.study.column_guess import Guess, guess_columns


@dataclass(frozen=True)
class SensorFiles:
    """Files of the sensors, and what their columns are together.

    Parameters
    ----------
    files : dict of str to str
        How the files of each sensor are named, as the option ``files`` of the layout ``table``.
    guess : Guess
        Of all columns.
    notes : list of str
        How many people have a file of each sensor.
    """

    files: dict[str, str]
    guess: Guess
    notes: list[str]


def find_sensor_files(folder: Path, opened: Mapping[Path, Table]) -> SensorFiles | None:
    """Tell whether the tables of a folder are one a sensor, ``P1/eda.csv`` or ``P1_eda.csv``.

    They are if files of different names hold different signals by the same clock.

    Parameters
    ----------
    folder : Path
        Where the names of files begin.
    opened : mapping of Path to Table
        Tables of the folder.

    Returns
    -------
    SensorFiles
        None if they are not.
    """
    people: dict[str, set[str]] = defaultdict(set)
    files: dict[str, str] = {}
    tables: dict[str, Table] = {}
    for path, table in opened.items():
        named = _named(folder, path)
        if named is None or table.names is None:
            return None
        person, sensor, template = named
        people[sensor].add(person)
        if files.setdefault(sensor, template) != template:
            return None
        tables.setdefault(sensor, table)
    guesses = {sensor: _guess(sensor, table) for sensor, table in tables.items()}
    signals = {sensor: one for sensor, one in guesses.items() if one.columns}
    columns = [name for one in signals.values() for name in one.columns]
    clocks = {(one.clock, one.time_unit) for one in signals.values()}
    if len(signals) < 2 or len(set(columns)) < len(columns) or len(clocks) > 1:
        return None
    n_people = len(set().union(*people.values()))
    notes = [
        f"{files[sensor]}: of {len(people[sensor])} of {n_people} people"
        + ("" if sensor in signals else "; left out, no signal was recognised in it")
        for sensor in files
    ]
    return SensorFiles({one: files[one] for one in signals}, _together(signals), notes)


def _named(folder: Path, path: Path) -> tuple[str, str, str] | None:
    """Person, sensor, and how such files are named; None where the name does not say them."""
    if path.parent != folder:
        return path.parent.name, path.name.split(".")[0], f"{{subject}}/{path.name}"
    found = re.fullmatch(r"([^.]+)([_-])([A-Za-z]+)(\..+)", path.name)
    if found is None:
        return None
    person, sign, sensor, ending = found.groups()
    return person, sensor, f"{{subject}}{sign}{sensor}{ending}"


def _guess(sensor: str, table: Table) -> Guess:
    """Guess the columns of a file; a single one that says nothing is what the file is called."""
    names = list(table.names or [])
    guess = guess_columns(table, names)
    others = [name for name in names if name != guess.clock]
    if guess.columns or len(others) != 1:
        return guess
    return guess_columns(table, [sensor if name == others[0] else name for name in names])


def _together(guesses: Mapping[str, Guess]) -> Guess:
    """Put together what was guessed of each file; ratings are taken from a table of their own."""
    first = next(iter(guesses.values()))
    made = Guess(clock=first.clock, time_unit=first.time_unit)
    rates = (f"{one.sfreq:.4g} Hz in {sensor}" for sensor, one in guesses.items() if one.sfreq)
    made.remarks["rate"] = f"gives {', '.join(rates)}"
    for sensor, one in guesses.items():
        made.columns |= one.columns
        made.left_out |= {name: f"in {sensor}: {why}" for name, why in one.left_out.items()}
        made.left_out |= dict.fromkeys(one.labels, "ratings belong into ratings.csv")
    return made
