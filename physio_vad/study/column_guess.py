"""What the columns of a table seem to be: by name and unit, by numbers only where these agree.

A name that says something else (`Theta`, `age`, a unit that no such sensor has) is believed, so
that column is left out, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import PhysioVadError
from physio_vad.io.clocks import TIME_UNITS, Clock, clock_of_numbers, clock_of_texts
from physio_vad.io.tables.column_roles import unit_in_name
from physio_vad.io.tables.open import Table
from physio_vad.io.timestamps import measure
from physio_vad.modalities import MODALITIES
from physio_vad.recording.unit_words import find_unit, is_unit, unit_texts
from physio_vad.study.rating_guess import FASTEST

_TARGETS = r"valence|arousal|dominance|liking|familiarity|control|stress|valenz|erregung|dominanz"
_GERMAN = {"valenz": "valence", "erregung": "arousal", "dominanz": "dominance"}
_CLOCK_WORDS = (
    r"times?|timestamps?|timestampsync|clock|t|ts|daqtime|zeit|zeitstempel|uhr|uhrzeit|datetime|datum|"
    r"unixtime|jstime|elapsed"
)
_OTHER_WORDS = (
    r"theta|alpha|(low|high)?(alpha|beta|gamma)[hl]?|beta[hl]?|gamma|delta|sigma|pow(er)?|pm|cq|eq|"
    r"contact|quality|battery|counter|count|marker|trigger|event|age|humid(ity)?|pressure|room|"
    r"ambient|weight|height|bmi|sex|gender|index|number|id|peak|peaks|mean|std|sd|var|label|"
    r"headbandon|feuchte|alter|luft"
)
"""Parts of names of what is no raw signal of a sensor."""
_SKIN_WORDS = r"wrist|skin|finger|hand|arm|ankle|foot|chest|palm|body|haut"
_ROLES = {
    "subject": r"(subject|sub|participant|person|proband(in)?|respondent|patient|user|vp|pid|"
    r"teilnehmer(in)?)([ _-]?(id|nr|no|num|number|name|code|full_id))?",
    "trial": r"(trial|film|clip|video|song)([ _-]?(id|nr|no|num|number|name))?",
    "stimulus": r"(source)?stimul(us|i)([ _-]?(id|name))?",
}
"""What the columns are called that say whose a row is, and of what."""
_SHORTEST_TRIAL = 10.0
"""Seconds that a recording lasts, at least, for a column to tell which it is."""
_MOST_ROWS = 200_000
_MOST_ANSWERS = 11


@dataclass(frozen=True)
class Guessed:
    """What one column seems to be.

    Parameters
    ----------
    modality, unit : str
        As a recipe has them.
    seen : str
        Its range, and what it was known by.
    sure : bool
        Whether the file says the unit.
    """

    modality: str
    unit: str
    seen: str
    sure: bool = True


@dataclass
class Guess:
    """What was found out of a table.

    Parameters
    ----------
    columns : dict of str to Guessed
        The signals.
    labels : list of str
        Columns of ratings.
    roles : dict of str to str
        Columns that say whose a row is and of what: subject, trial, stimulus.
    left_out : dict of str to str
        Why other columns have no part.
    clock : str, optional
        Column of the clock.
    time_unit : str, optional
        Its unit, where it counts in one.
    sfreq : float, optional
        Rate in Hz.
    remarks : dict of str to str
        What is to be checked of the clock.
    """

    columns: dict[str, Guessed] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    clock: str | None = None
    time_unit: str | None = None
    sfreq: float | None = None
    remarks: dict[str, str] = field(default_factory=dict)

    @property
    def targets(self) -> dict[str, str]:
        """Column of each target."""
        return {_target(name): name for name in self.labels}


@dataclass(frozen=True)
class _Column:
    """A column as it stands in the file: numbers, or words."""

    name: str
    unit: str
    values: FloatArray | None
    words: list[str | None] | None

    @property
    def finite(self) -> FloatArray:
        assert self.values is not None
        return self.values[np.isfinite(self.values)]

    @property
    def range(self) -> tuple[float, float]:
        return float(self.finite.min()), float(self.finite.max())

    @property
    def cells(self) -> Sequence[object]:
        """What stands in it, row by row."""
        return (self.words or []) if self.values is None else self.values.tolist()

    @property
    def parts(self) -> list[str]:
        return [part for part in re.split(r"[^A-Za-z0-9\u00c0-\u024f]+", self.name) if part]

    def has_part(self, pattern: str) -> bool:
        return any(re.fullmatch(pattern, part, re.IGNORECASE) for part in self.parts)


def guess_columns(table: Table, names: Sequence[str]) -> Guess:
    """Guess what each column of a table is.

    Parameters
    ----------
    table : Table
        An open table.
    names : sequence of str
        What its columns are called.
    """
    columns = _load(table, names)
    guess = Guess()
    _find_roles(guess, columns, ["subject"])
    _find_clock(guess, _first_person(columns, guess.roles.get("subject")))
    _find_roles(guess, columns, ["trial", "stimulus"])
    for column in columns:
        _place(guess, column)
    _settle_units(guess)
    guess.sfreq = guess.sfreq or table.sfreq
    return guess


def _load(table: Table, names: Sequence[str]) -> list[_Column]:
    """Load the first rows of every column, each as numbers or as words."""
    places = range(len(names))
    numbers = [place for place in places if place not in table.words]
    values = dict(zip(numbers, _numbers(table, numbers), strict=True))
    columns = []
    for place in places:
        unit = table.units[place] if table.units else ""
        found = values.get(place)
        words = None
        if found is None:
            try:
                words = table.load([], [place])[1][0][:_MOST_ROWS]
            except (PhysioVadError, ValueError):
                words = []
        columns.append(_Column(names[place], unit, found, words))
    return columns


def _numbers(table: Table, places: Sequence[int]) -> list[FloatArray | None]:
    try:
        loaded: Iterable[FloatArray] = table.load(places)[0][:, :_MOST_ROWS].copy()
    except (PhysioVadError, ValueError):
        if len(places) < 2:
            return [None] * len(places)
        return [one for place in places for one in _numbers(table, [place])]
    return [one if np.isfinite(one).any() else None for one in loaded]


def _find_roles(guess: Guess, columns: Sequence[_Column], roles: Sequence[str]) -> None:
    """Find the columns that say whose a row is or of what, by the very word before others."""
    for role in roles:
        named = [one for one in columns if one.name.casefold() == role]
        others = (
            one
            for one in columns
            if re.fullmatch(_ROLES[role], one.name.strip(), re.IGNORECASE)
            and (role == "subject" or _stays(one, guess.sfreq))
        )
        if found := next(iter(named), next(others, None)):
            guess.roles[role] = found.name


def _stays(column: _Column, sfreq: float | None) -> bool:
    """Say whether what stands in a column changes, and rarely."""
    cells = np.array(column.cells, dtype=object)
    ends = np.flatnonzero(cells[1:] != cells[:-1])
    lengths = np.diff([-1, *ends, len(cells) - 1])
    return len(ends) > 0 and bool(np.median(lengths) >= _SHORTEST_TRIAL * (sfreq or FASTEST))


def _first_person(columns: Sequence[_Column], subject: str | None) -> list[_Column]:
    """Keep the rows of the first person, since clocks may begin anew for each."""
    for column in columns:
        if column.name == subject:
            who = column.cells
            rows = np.flatnonzero([one == who[0] for one in who]) if who else np.array([], int)
            return [
                _Column(
                    one.name,
                    one.unit,
                    None if one.values is None else one.values[rows],
                    None if one.words is None else [one.words[i] for i in rows if one.words],
                )
                for one in columns
            ]
    return list(columns)


def _find_clock(guess: Guess, columns: Sequence[_Column]) -> None:
    """Find the clock by its name before its numbers, and its rate."""
    named = [one for one in columns if _names_clock(one.name)]
    for column in named:
        clock = _clock_of(column)
        if clock is not None:
            _take_clock(guess, column, clock, "")
            return
    for column in (one for one in columns if one not in named):
        clock = _clock_of(column) if column.values is None or _ticks(column) else None
        if clock is not None:
            by = "dates" if column.values is None else "numbers"
            remark = f"  # by its {by}, which rise steadily: check it"
            _take_clock(guess, column, clock, remark)
            return


def _names_clock(name: str) -> bool:
    plain = re.sub(r"[(\[{].*", "", name).strip()
    plain = re.sub(r"[_ ](s|ms|us|ns|min)$", "", plain, flags=re.IGNORECASE)
    whole = re.fullmatch(rf"({_CLOCK_WORDS})|.*_ts", plain, re.IGNORECASE)
    parts = [part for part in re.split(r"[\W_]+", plain) if len(part) > 2]
    return bool(whole) or any(re.fullmatch(_CLOCK_WORDS, part, re.IGNORECASE) for part in parts)


def _clock_of(column: _Column) -> Clock | None:
    """Read a column as a clock; None if it does not go on as one."""
    if column.values is None:
        try:
            clock = clock_of_texts(column.words or [], column.name)
        except PhysioVadError:
            return None
    else:
        clock = clock_of_numbers(column.values, _unit_of_clock(column))
    steps = np.diff(clock.times)
    rises = len(steps) > 0 and bool((steps >= 0).all()) and float(clock.times[-1]) > 0
    return clock if rises or (len(steps) > 0 and bool((steps > 0).all())) else None


def _unit_of_clock(column: _Column) -> str:
    """Tell the unit by name or row of units, by size, else by step: sensors run at 2 to 2000 Hz."""
    assert column.values is not None
    told = unit_in_name(column.name) or find_unit(column.unit, TIME_UNITS)
    if told:
        return told
    for unit in ("s", "ms", "us", "ns", "ticks"):
        if clock_of_numbers(column.values, unit).start_time is not None:
            return unit
    steps = np.diff(column.values)
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0
    seconds = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
    return next((unit for unit, second in seconds.items() if step <= 0.5 * second), "s")


def _take_clock(guess: Guess, column: _Column, clock: Clock, remark: str) -> None:
    guess.clock = column.name
    guess.remarks["clock"] = remark
    try:
        guess.sfreq = measure(clock.times, None, column.name).sfreq
    except PhysioVadError as error:
        guess.remarks["clock"] += f"  # check it: {error}"
    if column.values is None:
        return
    guess.time_unit = _unit_of_clock(column)
    step = float(np.median(np.diff(column.values)))
    told = unit_in_name(column.name) or find_unit(column.unit, TIME_UNITS)
    if abs(step - 1) < 0.01 and not told:
        guess.remarks["unit"] = '; if it counts seconds: "s"; if it counts rows: no time, but sfreq'


def _ticks(column: _Column) -> bool:
    """Say whether numbers rise like a clock: steadily, from about zero or a date of our time."""
    values = column.values
    if values is None or len(values) < 10 or not (np.diff(values) > 0).all():
        return False
    steps = np.diff(values)
    step = float(np.median(steps))
    if abs(step - 1) < 0.01 or _modality_by_name(column) is not None:
        return False  # one by one: a number of the row
    steady = np.mean(np.abs(steps - step) <= 0.5 * step) > 0.95
    since = clock_of_numbers(values, _unit_of_clock(column)).start_time
    return bool(steady and (0 <= values[0] < 10 * step or since is not None))


def _place(guess: Guess, column: _Column) -> None:
    """Give a column its part, or say why it has none."""
    name = column.name
    if name == guess.clock:
        return
    if name in guess.roles.values():
        return
    if not name.strip():
        return
    if column.values is None:
        words = any(word is not None for word in column.words or ())
        guess.left_out[name] = "it holds words" if words else "it is empty"
    elif _is_target(name):
        guess.labels.append(name)
    else:
        _place_signal(guess, column)


def _place_signal(guess: Guess, column: _Column) -> None:
    low, high = column.range
    seen = f"from {low:.4g} to {high:.4g}" if low < high else f"{low:.4g} in every row"
    modality = _modality_by_name(column)
    other = next((p for p in column.parts if re.fullmatch(_OTHER_WORDS, p, re.IGNORECASE)), None)
    if other is not None:
        guess.left_out[column.name] = f"{seen}: {other!r} is no raw signal of a sensor"
    elif modality is not None:
        unit, told = _unit(modality, column)
        if unit is None:
            guess.left_out[column.name] = f"{seen}: {modality} knows no unit {told!r}"
        else:
            remark = seen if told else f"{seen}; unit by its numbers: check it"
            guess.columns[column.name] = Guessed(modality, unit, remark, bool(told))
    elif _is_skin_temperature(column):
        remark = f"{seen}; temperature by its numbers: check it"
        guess.columns[column.name] = Guessed("temperature", "C", remark, sure=False)
    else:
        guess.left_out[column.name] = f"{seen}, is not known{_hint(guess, column)}"


def _modality_by_name(column: _Column) -> str | None:
    """Find the modality by the whole name, then its parts, then a unit that only it has."""
    plain = re.sub(r"[(\[{].*", "", column.name).strip()
    words = re.split(r"[\W_]+", plain)
    numbered = (word.rstrip("0123456789") for word in words)  # EEG1, EEG2
    for part in (column.name, plain, *words, *numbered):
        for name, modality in MODALITIES.items():
            pattern = modality.column_pattern
            if pattern and re.fullmatch(pattern, part, re.IGNORECASE):
                return name
    for text in (*re.findall(r"[(\[]([^()\[\]]*)[)\]]", column.name), column.unit):
        for name, modality in MODALITIES.items():
            if text and find_unit(text, modality.column_units):
                return name
    return None


def _unit(modality: str, column: _Column) -> tuple[str | None, str]:
    """Find the unit in row or name, else by the numbers; None where it is none of the modality's.

    Returns
    -------
    unit : str or None
        The unit.
    told : str
        What the file says, empty if it says nothing.
    """
    units = MODALITIES[modality].units
    bracketed = re.findall(r"[(\[{<]([^()\[\]{}<>]*)[)\]}>]", column.name)
    for text in (column.unit, *unit_texts(column.name)):
        if text.strip() and (unit := find_unit(text, units)):
            return unit, text
    for text in (column.unit, *bracketed):
        if text.strip() and is_unit(text):
            return None, text
    if any(part.upper() == "RAW" for part in column.parts) and "a.u." not in units:
        volts = _voltage(column) if "uV" in units else None
        return volts, "" if volts else "RAW"
    return _unit_by_numbers(modality, column), ""


def _voltage(column: _Column) -> str:
    spread = float(np.nanstd(column.finite))
    return "V" if spread < 1e-2 else "uV"


def _unit_by_numbers(modality: str, column: _Column) -> str:
    middle, spread = float(np.median(column.finite)), float(np.std(column.finite))
    units = MODALITIES[modality].units
    unit = "a.u." if "a.u." in units else MODALITIES[modality].unit
    if modality in ("eeg", "eog", "emg", "ecg"):
        unit = "mV" if modality == "ecg" and 1e-2 <= spread < 20 else _voltage(column)
    elif modality == "eda":
        unit = "uS" if middle < 200 else "ohm"
    elif modality == "temperature":
        unit = "K" if middle > 200 else "F" if middle > 60 else "C"
    elif modality == "ibi":
        unit = "s" if middle < 5 else "bpm" if middle < 250 else "ms"
    elif modality == "acceleration":
        unit = "1/64 g" if spread > 3 else "g"
    return unit


def _is_skin_temperature(column: _Column) -> bool:
    low, high = column.range
    said = (column.unit, *re.findall(r"[(\[]([^()\[\]]*)[)\]]", column.name))
    fits = all(not text.strip() or find_unit(text, ("C",)) for text in said)
    near = low > 20 and high < 42 and 0 < high - low < 10
    return near and fits and column.has_part(_SKIN_WORDS)


def _settle_units(guess: Guess) -> None:
    """Keep one unit a modality, and one column where values come at times of their own."""
    for modality in dict.fromkeys(one.modality for one in guess.columns.values()):
        mine = {name: one for name, one in guess.columns.items() if one.modality == modality}
        units = [one.unit for one in mine.values() if one.sure]
        units = units or [one.unit for one in mine.values()]
        chosen = max(dict.fromkeys(units), key=units.count)
        first = next(name for name, one in mine.items() if one.unit == chosen)
        irregular = chosen in MODALITIES[modality].irregular_units
        for name, one in mine.items():
            if one.unit != chosen or (irregular and name != first):
                guess.left_out[name] = (
                    f"{one.seen}, in {one.unit}: {modality} is taken from {first!r} in {chosen}"
                )
                del guess.columns[name]


def _is_target(name: str) -> bool:
    return (
        re.fullmatch(rf"(ratings?[ _.-]?)?({_TARGETS})([ _.-]?ratings?)?", name, re.IGNORECASE)
        is not None
    )


def _target(name: str) -> str:
    return _GERMAN.get(name.lower(), name)


def _hint(guess: Guess, column: _Column) -> str:
    """Say what an unknown column may be."""
    finite = column.finite
    if guess.clock is None and len(finite) > 1 and (np.diff(finite) == 1).all():
        name = f'"{column.name}"'
        return f'; it counts the rows, or is a clock in ms: time = {name}, time_unit = "ms"'
    if len(finite) > 1 and (np.diff(finite) == 1).all():
        return "; it counts the rows"
    few = len(np.unique(finite)) <= _MOST_ANSWERS and bool((finite == np.round(finite)).all())
    if not few or np.count_nonzero(np.diff(finite)) > len(finite) / 50:
        return ""
    return f'; whole numbers that rarely change: a label? labels = ["{column.name}"]'


def what_differs(guess: Guess, names: Sequence[str]) -> list[str]:
    """List the columns that a guess uses and a file has not.

    Parameters
    ----------
    guess : Guess
        Of another file.
    names : sequence of str
        Columns of this one.
    """
    used: list[Any] = [*guess.columns, guess.clock]
    return [one for one in used if one is not None and one not in names]
