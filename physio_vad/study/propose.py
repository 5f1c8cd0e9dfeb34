"""A first recipe for a folder: which layout it has, or what its columns seem to be."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, PhysioVadError, ReadError
from physio_vad.io import READERS, Reader, WesadReader
from physio_vad.io.tables.column_roles import unit_in_name
from physio_vad.io.tables.eleven_column import LABELS, SENSORS
from physio_vad.io.tables.open import Table, open_table, suffix_of

_SPECIFIC = (
    "deap", "dreamer", "amigos", "case", "wesad", "mahnob", "ceap360vr", "empatica-e4",
    "opensignals", "xdf", "acq", "mne",
)  # fmt: skip
_NAMES = {
    "eeg": r"eeg|fp[12z]|af[3478z]|f[3478z]|fc[1256z]|[ctpo][34578z]|cp[1256z]|po[34z]|o[12]",
    "eog": r"[hv]?eog.*|eog[hv]?",
    "ecg": r"ecg|ekg",
    "emg": r"[zt]?emg",
    "eda": r"eda|gsr|scl?|skin.?conductance|haut.?leit.*",
    "temperature": r"temp|temperature?|skt|skin.?temp.*|haut.?temp.*",
    "ppg": r"ppg|bvp|pleth.*|plet|ir|pulse?",
    "respiration": r"rsp|resp|respiration|breath.*|atem|atmung",
    "acceleration": r"acc[xyz]?|acceleration|beschleunigung",
}
_TARGETS = r"valence|arousal|dominance|liking|familiarity|control|stress|valenz|erregung|dominanz"
_GERMAN = {"valenz": "valence", "erregung": "arousal", "dominanz": "dominance"}
_TIME = r"(time|timestamp|clock|t|ts|daqtime|zeit|zeitstempel|uhr)(_(s|ms|us|ns))?|.*_ts"
_SCALES = ((0, 1), (-1, 1), (1, 5), (1, 9), (0.5, 9.5), (0, 10), (0, 100))
_MOST_ROWS = 200_000
_EPOCH = (9e8, 4e9)
"""Seconds since 1970 that a recording can have."""
_MOST_ANSWERS = 11
_SECONDS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
"""How much a clock in some unit counts up in a second."""


def propose_recipe(path: Path) -> str:
    """Write a recipe for a file or folder, with comments that say what to check.

    Parameters
    ----------
    path : Path
        File or folder of recordings.

    Returns
    -------
    str
        A recipe as TOML.

    Raises
    ------
    ReadError
        If there is nothing there, or nothing that any layout reads.
    """
    if not path.exists():
        raise ReadError(f"{path}: there is no such file or folder")
    reader = recognise(path)
    if reader is not None:
        return _head(path, f"The folder has the layout {reader.name}.") + _layout(reader) + _rest()
    return _of_table(path)


def recognise(path: Path) -> Reader | None:
    """Return the first reader of a layout with files of its own that finds some.

    Parameters
    ----------
    path : Path
        File or folder of recordings.
    """
    candidates = [READERS[name]() for name in _SPECIFIC]
    candidates.insert(_SPECIFIC.index("wesad") + 1, WesadReader(files="pickle"))
    if path.is_file() and suffix_of(path) is not None:
        return None
    for reader in candidates:
        if path.is_file() and reader.name in ("deap", "dreamer", "amigos", "wesad"):
            continue  # these take any file that they are given
        try:
            if reader.find(path):
                return reader
        except (PhysioVadError, OSError, ValueError):
            continue
    return None


def _head(path: Path, why: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem) or "study"
    return (
        f"# Proposed by `physio-vad init`. {why}\n# Check it, then:\n"
        "#   physio-vad run THIS_FILE --data FOLDER --out RESULTS\n"
        "# or first the features and ratings alone, which needs no ratings to be there:\n"
        "#   physio-vad features FOLDER --recipe THIS_FILE --out TABLES\n\n"
        f'[recipe]\nname = "{name}"\ntext = "What this is for."\n\n'
    )


def _layout(reader: Reader) -> str:
    lines = ["[layout]", f"name = {_toml(reader.name)}"]
    for one in fields(reader):  # type: ignore[arg-type]  # every reader is a dataclass
        value = getattr(reader, one.name)
        usual = one.default_factory() if one.default_factory is not MISSING else one.default
        unset = value is None or value in ((), {})
        text = _EXAMPLES.get(one.name, "...") if unset else _toml(value)
        told = value != usual and not unset and "..." not in text
        lines.append(f"{'' if told else '# '}{one.name} = {text}")
    return "\n".join(lines) + "\n\n"


_EXAMPLES = {
    "targets": '["valence", "arousal"]    # columns with ratings; all by default',
    "scale": "[1.0, 9.0]",
    "baseline": '["rest"]    # what is done at rest',
    "header": '["ecg", "eda", "valence"]    # names of all columns, in their order',
    "files": '"{subject}/{trial}.csv"',
    "time_unit": '"ms"',
    "sfreq": "250.0    # Hz",
    "trials": '"task"',
    "trial_length": "60.0    # seconds",
    "ignore": '["my marker"]',
}
"""Values to begin with, for options that have none by themselves."""

_REST = """[windows]          # seconds
length = 10.0
step = 5.0
# how long the ratings trail the body: 2 to 4 s if they were given all the while (joystick), 0 if
# once a film or block{seen}
label_lag = 0.0

[model]
name = "multioutput"
estimator = "lightgbm"
# normalise = "subject"   # or "baseline", where recordings have a rest period
# targets = ["valence", "arousal"]
random_state = 0

[evaluation]
cv = "leave-one-subject-out"
"""


def _rest(seen: str = "") -> str:
    """Write the tables after [layout], with what was seen of the ratings."""
    return _REST.replace("{seen}", seen)


def _of_table(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.iterdir())
    tables = [one for one in files if suffix_of(one) and one.is_file()]
    tables = [one for one in tables if suffix_of(one) != ".txt"] or tables
    if not tables:
        raise ReadError(
            f"{path}: holds nothing that a layout reads; known layouts: {', '.join(READERS)}"
        )
    table = open_table(tables[0])
    names = table.names or [f"column{i}" for i in range(1, table.n_columns + 1)]
    if names == [*SENSORS, *LABELS] or (table.names is None and table.n_columns == 11):
        why = "The tables have eleven columns: check their units and the order of the labels."
        return _head(path, why) + _layout(READERS["eleven-column"]()) + _rest()
    why = f"Columns were guessed from {tables[0].name}: check every line of [layout]."
    mapping, seen = _mapping(table, names)
    return _head(path, why) + mapping + _rest(seen)


def _mapping(table: Table, names: Sequence[str]) -> tuple[str, str]:
    """Write [layout] of a table, and what was seen of how its ratings change."""
    lines, columns, labels, known, changes = [], [], {}, [], 0
    loaded = [_load(table, place) for place in range(len(names))]
    clock, how = _find_clock(names, loaded)
    for name, values in zip(names, loaded, strict=True):
        low, high = (np.nan, np.nan) if values is None else _range(values)
        seen = f"from {low:.4g} to {high:.4g}"
        if values is None:
            known += [name] if name in ("subject", "trial", "stimulus") else []
        elif name == clock:
            unit, sfreq = _clock(name, values)
            lines += [f"time = {_toml(name)}{how}"]
            lines += [f'time_unit = "{unit}"  # gives {sfreq:.4g} Hz{_doubt(name, values)}']
        elif re.fullmatch(_TARGETS, name, re.IGNORECASE):
            labels[name] = _scale(low, high)
            changes = max(changes, int(np.count_nonzero(np.diff(values[np.isfinite(values)]))))
        elif (kind := _kind(name, low, high)) is not None:
            unit = _unit(kind, values)
            columns.append(f'{_toml(name)} = {{ modality = "{kind}", unit = "{unit}" }}  # {seen}')
        elif name in ("subject", "trial", "stimulus"):
            known.append(name)
        else:
            hint = _hint(name, values)
            lines.append(f"# column {_toml(name)}, {seen}, is not known and left out{hint}")
    if clock is None:
        lines.append("# no clock was found: fill in the rate in Hz, without it the run stops")
        lines.append("# sfreq =")
    if table.names is None:
        lines.append(f"header = {_toml(list(names))}  # the files have none")
    targets = {_GERMAN.get(name.lower(), name): name for name in labels}
    scales = ", ".join(
        f"{_toml(target)} = {_toml(labels[name])}" for target, name in targets.items()
    )
    named = ", ".join(f"{_toml(target)} = {_toml(name)}" for target, name in targets.items())
    said = _toml(list(labels)) if list(targets) == list(labels) else f"{{ {named} }}"
    lines += [f"labels = {said}", f"scale = {{ {scales} }}", 'ignore = ["*"]']
    lines += [f"# the column {name} is used as what its name says" for name in known]
    columns = columns or ['# "my column" = { modality = "eda", unit = "uS" }']
    seen = f"; here they change {changes} times in {table.path.name}" if changes else ""
    head = ["[layout]", 'name = "table"', *lines, "", "[layout.columns]", *columns]
    return "\n".join(head) + "\n\n", seen


def _load(table: Table, place: int) -> FloatArray | None:
    """Load the first rows of one column; None if they are no numbers."""
    try:
        values = table.load([place])[0][0][:_MOST_ROWS]
    except (ReadError, ArgumentError, ValueError):
        return None
    return values.copy() if np.isfinite(values).any() else None


def _range(values: FloatArray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())


def _find_clock(
    names: Sequence[str], loaded: Sequence[FloatArray | None]
) -> tuple[str | None, str]:
    """Name the clock, by its name before its numbers, and say what it was known by."""
    rising = {
        name: values
        for name, values in zip(names, loaded, strict=True)
        if values is not None and len(values) > 1 and (np.diff(values) > 0).all()
    }
    for name in rising:
        if re.fullmatch(_TIME, name, re.IGNORECASE):
            return name, ""
    for name, values in rising.items():
        if _ticks(name, values):
            return name, "  # by its numbers, which rise steadily: check it"
    return None, ""


def _ticks(name: str, values: FloatArray) -> bool:
    """Say whether numbers rise like a clock: steadily, from about zero or a date of our time."""
    steps = np.diff(values)
    step = float(np.median(steps))
    if len(values) < 10 or abs(step - 1) < 0.01:  # one by one: a number of the row
        return False
    steady = np.mean(np.abs(steps - step) <= 0.5 * step) > 0.95
    since_1970 = values[0] / _SECONDS[_clock(name, values)[0]]
    return bool(steady and (0 <= values[0] < 10 * step or _EPOCH[0] < since_1970 < _EPOCH[1]))


def _clock(name: str, values: FloatArray) -> tuple[str, float]:
    """Tell the unit of a clock by its name, else by its step: sensors run at 2 to 2000 Hz."""
    step = float(np.median(np.diff(values)))
    likely = (unit for unit, second in _SECONDS.items() if step <= 0.5 * second)
    unit = unit_in_name(name) or next(likely, "s")
    return unit, _SECONDS[unit] / step


def _doubt(name: str, values: FloatArray) -> str:
    """Say so where a clock may as well count whole seconds, or rows."""
    alone = abs(float(np.median(np.diff(values))) - 1) < 0.01 and not unit_in_name(name)
    return '; if it counts seconds: "s"; if it counts rows: no time, but sfreq' if alone else ""


def _hint(name: str, values: FloatArray) -> str:
    """Say what an unknown column may be."""
    finite = values[np.isfinite(values)]
    if len(finite) > 1 and (np.diff(finite) == 1).all():
        return f'; it counts the rows, or is a clock in ms: time = {_toml(name)}, time_unit = "ms"'
    few = len(np.unique(finite)) <= _MOST_ANSWERS and (finite == np.round(finite)).all()
    rare = np.count_nonzero(np.diff(finite)) <= len(finite) / 50
    if few and rare:
        return f"; whole numbers that rarely change: a label? labels = [{_toml(name)}]"
    return ""


def _kind(name: str, low: float, high: float) -> str | None:
    for part in (name, *re.split(r"[^A-Za-z0-9]+", name)):
        for modality, pattern in _NAMES.items():
            if re.fullmatch(pattern, part, re.IGNORECASE):
                return modality
    return "temperature" if low > 20 and high < 42 and high - low < 10 else None


def _unit(modality: str, values: FloatArray) -> str:
    spread, middle = float(np.nanstd(values)), float(np.nanmedian(values))
    if modality in ("eeg", "eog", "emg", "ecg"):
        return "V" if spread < 1e-2 else "mV" if modality == "ecg" and spread < 20 else "uV"
    if modality == "eda":
        return "uS" if middle < 200 else "ohm"
    if modality == "temperature":
        return "K" if middle > 200 else "F" if middle > 60 else "C"
    return {"acceleration": "1/64 g" if spread > 3 else "g"}.get(modality, "a.u.")


def _scale(low: float, high: float) -> list[float]:
    fitting = [one for one in _SCALES if one[0] <= low and high <= one[1]]
    return list(fitting[0]) if fitting else [float(np.floor(low)), float(np.ceil(high))]


def _toml(value: Any) -> str:
    if isinstance(value, str | bool | int | float):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return "..."
