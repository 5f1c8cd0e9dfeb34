"""How people and devices write units: "microsiemens", "kOhms", "Deg C", "mSecs"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from physio_vad.recording.units import plain_unit

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "uS": ("uS", "microsiemens", "microsiemen", "usiemens", "micros", "umho", "umhos", "micromho"),
    "nS": ("nS", "nanosiemens", "nsiemens"),
    "mS": ("mS", "millisiemens", "msiemens"),
    "S": ("S", "siemens"),
    "ohm": ("ohm", "ohms"),
    "kohm": ("kohm", "kohms", "kiloohm", "kiloohms"),
    "Mohm": ("mohm", "mohms", "megaohm", "megohm", "megaohms"),
    "nV": ("nV", "nanovolt", "nanovolts", "nvolt", "nvolts"),
    "uV": ("uV", "microvolt", "microvolts", "uvolt", "uvolts"),
    "mV": ("mV", "millivolt", "millivolts", "mvolt", "mvolts"),
    "V": ("V", "volt", "volts"),
    "C": (
        "C",
        "degc",
        "degreec",
        "degreesc",
        "celsius",
        "degreecelsius",
        "degreescelsius",
        "gradc",
    ),
    "F": ("F", "degf", "fahrenheit", "degreesfahrenheit"),
    "K": ("K", "kelvin"),
    "g": ("g", "gs", "gravity"),
    "m/s^2": ("m/s2", "m/s^2", "m/(s^2)", "m/(sec^2)", "ms-2", "m/s/s", "m/s**2"),
    "1/64 g": ("1/64g",),
    "mg": ("mg",),
    "bpm": ("bpm", "beats/min", "beatsperminute", "1/min"),
    "a.u.": ("au", "arb", "arbitraryunits", "nu", "normalized"),
    "%": ("%", "percent"),
    "nW": ("nW", "nanowatt"),
    "ns": ("ns", "nsec", "nanosecond", "nanoseconds"),
    "us": ("us", "usec", "usecs", "microsecond", "microseconds"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds", "millis"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "ticks": ("ticks", "100ns"),
}
"""Units of modalities and of clocks, each with what it is written like besides."""

_OTHER = (
    "hz", "kpa", "mmhg", "bar", "pa", "deg", "deg/s", "dps", "lux", "db", "h", "n/a", "1",
    "counts", "count", "digits", "adc", "bits", "lsb", "nounits", "nounit", "no_units", "none",
    "cal", "raw", "local_flux", "uncal", "boolean", "bool", "uv^2", "uv2/hz",
    "yyyy/mm/ddhh:mm:ss.000",
)  # fmt: skip
"""What a row of units may hold beside."""


def find_unit(text: str, units: Iterable[str]) -> str | None:
    """Find which of some units a text means, None if it means none of them.

    Parameters
    ----------
    text : str
        What stands in a header: ``"µS"``, ``"kOhms"``, ``"Deg C"``.
    units : iterable of str
        The units that can be, such as those of a modality.

    Examples
    --------
    >>> find_unit("uSiemens", ["nS", "uS"]), find_unit("msec", ["s", "ms"])
    ('uS', 'ms')
    >>> find_unit("kOhm", ["uS", "ohm"]) is None
    True
    """
    exact, folded = _spelling(text), _spelling(text).casefold()
    known = [unit for unit in units if exact in (unit, *_SPELLINGS.get(unit, ()))]
    known += [unit for unit in units if folded in map(str.casefold, _written(unit))]
    return known[0] if known else None


def is_unit(text: str) -> bool:
    """Say whether a cell of a header is a unit, or what a row of units has in place of one."""
    return _spelling(text).casefold() in _ALL


def unit_texts(name: str) -> list[str]:
    """Give the parts of a column's name in which its unit may stand, the likeliest first.

    Examples
    --------
    >>> unit_texts("GSR (kOhm)"), unit_texts("clock_ms"), unit_texts("timestamp [ns]")
    (['kOhm'], ['ms'], ['ns'])
    """
    bracketed = re.findall(r"[(\[{<]([^()\[\]{}<>]*)[)\]}>]", name)
    parts = re.split(r"[\s_,;/-]+", re.sub(r"[(\[{<].*", "", name).strip())
    return bracketed + (parts[-1:] if len(parts) > 1 else [])


def _written(unit: str) -> tuple[str, ...]:
    return (unit.replace(" ", ""), *_SPELLINGS.get(unit, ()))


_ALL = {"", *_OTHER, *(one.casefold() for unit in _SPELLINGS for one in _written(unit))}
"""What may stand in a row of units, folded."""


def _spelling(text: str) -> str:
    """Leave out blanks, brackets and what signs vary in."""
    return re.sub(r"[\s\[\](){}\"']|(?<![0-9])\.", "", plain_unit(text))
