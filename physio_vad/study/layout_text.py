"""The table [layout] of a recipe as text, with the options that it could have besides."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from physio_vad.exceptions import PhysioVadError
from physio_vad.io import Reader
from physio_vad.io.tables.column_roles import Column
from physio_vad.recording.units import is_irregular

_EXAMPLES: Mapping[str, str] = {
    "targets": '["valence", "arousal"]    # columns with ratings; all by default',
    "scale": "[1.0, 9.0]",
    "baseline": '["rest"]    # what is done at rest',
    "files": '"{subject}/{trial}.csv"',
    "mne files": '"{subject}/{trial}.edf"',
    "time_unit": '"ms"',
    "day_first": "true    # 03/05/2023 is the third of May",
    "delimiter": '";"    # this and what follows where text is not understood',
    "comment": '"#"',
    "skip": "1    # lines above the header",
    "header_row": "1    # line of the names, 0 if there is none",
    "units_row": "2    # line of the units, 0 if there is none",
    "sfreq": "250.0    # Hz",
    "trials": '"task"',
    "trial_start": '"film*"    # marks that begin a trial; it ends by trial_stop or trial_length',
    "ignore": '["my marker"]',
    "channels": '{ "my channel" = { modality = "eda", unit = "uS" } }    # others than are known',
    "gain": "{ ECG = 1000.0 }",
}
"""Values to begin with, for options that have none by themselves; each can be set alone."""


def layout_text(reader: Reader) -> str:
    """Write the options of a reader: those that differ from the usual, and others as comments.

    Each comment holds a value that can be set alone: the usual one, or an example where there is
    none; an option without either is left out.

    Parameters
    ----------
    reader : Reader
        Of any layout.

    Returns
    -------
    str
        The table ``[layout]`` as TOML.
    """
    lines = ["[layout]", f"name = {toml(reader.name)}"]
    usual = _usual(type(reader))
    for one in fields(reader):  # type: ignore[arg-type]  # every reader is a dataclass
        value = getattr(reader, one.name)
        if value is None or value in ((), {}):
            text, set_alone = _example(reader, one.name), True
        else:
            text, set_alone = _written(value), value == getattr(usual, one.name, None)
        lines += [f"{'# ' * set_alone}{one.name} = {text}"] if text else []
    return "\n".join(lines) + "\n\n"


def _usual(cls: type[Reader]) -> Reader | None:
    try:
        return cls()
    except (PhysioVadError, TypeError):
        return None  # it has options that must be set


def _written(value: Any) -> str | None:
    try:
        return toml(value)
    except TypeError:
        return None  # no recipe can hold it


def _example(reader: Reader, option: str) -> str | None:
    if option == "header":
        return toml([*getattr(reader, "columns", ()), *getattr(reader, "labels", ())])
    return _EXAMPLES.get(f"{reader.name} {option}", _EXAMPLES.get(option))


def toml(value: Any) -> str:
    """Write a value as TOML, on one line.

    Examples
    --------
    >>> toml({"EDA": Column("eda", "uS"), "my rate": 4.0})
    '{ EDA = { modality = "eda", unit = "uS" }, "my rate" = 4.0 }'
    """
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {toml(_plain(key, one))}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml(name)


def _plain(name: str, value: Any) -> Any:
    """Write a column as a mapping, without what its name, modality and unit say already."""
    if not isinstance(value, Column):
        return value
    told = {"modality": value.modality, "unit": value.unit}
    told |= {"channel": value.channel} if value.channel not in ("", name) else {}
    usual = is_irregular(value.modality, value.unit)
    return told | ({"events": value.events} if value.events not in (None, usual) else {})
