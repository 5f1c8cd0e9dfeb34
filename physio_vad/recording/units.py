"""Which modality names, aliases and units there are, and how units convert.

The modalities fill this table when they are registered; a `Recording` is checked against it.
Conversions are affine, ``canonical = factor * value + offset``, or ``factor / value`` for
reciprocal units (a resistance given for a conductance).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import RecordingError, unknown_name


@dataclass(frozen=True)
class Conversion:
    """How values in one unit become values in the modality's own unit.

    Parameters
    ----------
    factor, offset : float
        ``canonical = factor * value + offset``.
    reciprocal : bool
        ``canonical = factor / value`` instead (ohm to microsiemens); 0 becomes NaN.
    """

    factor: float = 1.0
    offset: float = 0.0
    reciprocal: bool = False

    def __call__(self, values: FloatArray) -> FloatArray:
        """Convert an array of any shape; the input is not written to."""
        if self.reciprocal:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                return np.where(values == 0, np.nan, self.factor / values)
        if self.factor == 1.0 and self.offset == 0.0:
            return values
        with np.errstate(over="ignore", invalid="ignore"):
            return self.factor * values + self.offset


_PLAIN = str.maketrans(
    {
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{OHM SIGN}": "ohm",
        "\N{GREEK CAPITAL LETTER OMEGA}": "ohm",
        "\N{DEGREE SIGN}": "",
    }
)
"""Signs that units are written with, and how their names have them."""

_PROVIDER = "physio_vad.modalities"
"""Module that declares the built-in modalities when it is imported."""
_UNITS: dict[str, Mapping[str, Conversion]] = {}
_ALIASES: dict[str, str] = {}
_IRREGULAR: dict[str, tuple[str, ...]] = {}


def declare_modality(
    name: str,
    units: Mapping[str, Conversion],
    aliases: tuple[str, ...] = (),
    irregular: tuple[str, ...] = (),
) -> None:
    """Make a modality's name, aliases and units known to `Recording`.

    Values in the irregular units come at times of their own.
    """
    _UNITS[name] = dict(units)
    _IRREGULAR[name] = irregular
    _ALIASES.update(dict.fromkeys(aliases, name))


def modality_name(name: str) -> str:
    """Resolve an alias (``"gsr"``) to the modality's name (``"eda"``).

    Raises
    ------
    RecordingError
        If no such modality is registered.
    """
    if name not in _UNITS and name not in _ALIASES:
        importlib.import_module(_PROVIDER)  # nobody asked for the built-in ones so far
    name = _ALIASES.get(name, name)
    if name not in _UNITS:
        raise RecordingError(
            unknown_name("modality", name, [*_UNITS, *_ALIASES])
            + ". A new one is added with register_modality(cls)."
        )
    return name


def conversion(modality: str, unit: str) -> Conversion:
    """Return how `unit` becomes the modality's own unit.

    Raises
    ------
    RecordingError
        If the modality does not know the unit.
    """
    return _UNITS[modality_name(modality)][unit_name(modality, unit)]


def known_units(modality: str) -> tuple[str, ...]:
    """Return the units that a modality knows."""
    return tuple(_UNITS[modality_name(modality)])


def own_unit(modality: str) -> str:
    """Return the unit that a modality's other units are converted to."""
    units = _UNITS[modality_name(modality)]
    return next(unit for unit, how in units.items() if how == Conversion())


def unit_name(modality: str, unit: str) -> str:
    """Resolve how a unit is written (``"µS"``, ``"kΩ"``, ``"°C"``) to its name (``"uS"``).

    Raises
    ------
    RecordingError
        If the modality does not know the unit.
    """
    units = _UNITS[modality_name(modality)]
    for name in (unit, plain_unit(unit)):
        if name in units:
            return name
    raise RecordingError(unknown_name(f"unit of {modality}", unit, units))


def is_irregular(modality: str, unit: str) -> bool:
    """Say whether values come at times of their own, as inter-beat intervals do."""
    return unit in _IRREGULAR[modality_name(modality)]


def plain_unit(text: str) -> str:
    """Write the signs of a unit as its name has them: ``"µS"`` is ``"uS"``."""
    return str(text).translate(_PLAIN)


VOLTAGE_UV: Mapping[str, Conversion] = {
    "uV": Conversion(),
    "nV": Conversion(1e-3),
    "mV": Conversion(1e3),
    "V": Conversion(1e6),
}
"""Units of a voltage, to microvolts."""
