"""The modalities there are. Adding one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from physio_vad import units
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.modalities.acceleration import Acceleration
from physio_vad.modalities.base import (
    AnyModality,
    Block,
    CleanSignal,
    Feature,
    Modality,
    ModalityClass,
)
from physio_vad.modalities.ecg import ECG
from physio_vad.modalities.eda import EDA
from physio_vad.modalities.eeg import EEG
from physio_vad.modalities.emg import EMG
from physio_vad.modalities.eog import EOG
from physio_vad.modalities.ibi import IBI
from physio_vad.modalities.ppg import PPG
from physio_vad.modalities.respiration import Respiration
from physio_vad.modalities.temperature import Temperature
from physio_vad.units import Conversion

__all__ = [
    "ECG",
    "EDA",
    "EEG",
    "EMG",
    "EOG",
    "IBI",
    "MODALITIES",
    "PPG",
    "Acceleration",
    "Block",
    "CleanSignal",
    "Feature",
    "Modality",
    "Respiration",
    "Temperature",
    "make_modalities",
    "register_modality",
]

MODALITIES: dict[str, ModalityClass] = {}
"""Every registered modality by name, in column order."""


def register_modality(cls: ModalityClass) -> ModalityClass:
    """Make a modality known by its name, to recordings, extractors and recipes.

    It is known in a process that has imported its module. The command ``physio-vad`` imports
    nothing of yours, since a recipe from a stranger must not run code: write a script that imports
    your module and then calls ``physio_vad.cli.main()``.

    Parameters
    ----------
    cls : subclass of Modality
        May be used as a class decorator.

    Returns
    -------
    type
        The class itself.

    Raises
    ------
    ArgumentError
        If another class has the name or an alias, or the class lacks or misuses what a modality
        must have: name, aliases, unit, units, methods, a place at the top of a module.
    """
    if not (isinstance(cls, type) and issubclass(cls, Modality)):
        raise ArgumentError(f"register_modality needs a subclass of Modality, got {cls!r}")
    _check_class(cls)
    owners = {name: one for one in MODALITIES.values() for name in (one.name, *one.aliases)}
    for name in (cls.name, *cls.aliases):
        owner = owners.get(name, cls)
        if owner.__qualname__ != cls.__qualname__:
            raise ArgumentError(f"modality {name!r} is {owner.__name__} already; take another name")
    units.declare_modality(cls.name, cls.units, cls.aliases)
    MODALITIES[cls.name] = cls
    return cls


def _check_class(cls: ModalityClass) -> None:
    """Say what a careless class lacks before it fails far from here."""
    missing = [one for one in ("name", "unit", "units") if not hasattr(cls, one)]
    missing += sorted(cls.__abstractmethods__)
    if missing:
        raise ArgumentError(f"modality {cls.__name__} must define {', '.join(missing)}")
    name, aliases, table = cls.name, cls.aliases, cls.units
    if not (isinstance(name, str) and name.isidentifier() and "__" not in name):
        said = "letters, digits and single underscores, since columns are called <name>__<feature>"
        raise ArgumentError(f"{cls.__name__}.name must consist of {said}, got {name!r}")
    if not (isinstance(aliases, tuple) and all(isinstance(one, str) for one in aliases)):
        raise ArgumentError(f"{cls.__name__}.aliases must be a tuple of str, got {aliases!r}")
    pairs = list(table.items()) if isinstance(table, Mapping) else []
    if not pairs or not all(isinstance(k, str) and isinstance(v, Conversion) for k, v in pairs):
        raise ArgumentError(
            f"{cls.__name__}.units must map each unit to its physio_vad.units.Conversion, such as "
            f"{{'mm': Conversion(), 'um': Conversion(1e-3)}}, got {table!r}"
        )
    if cls.unit not in list(table):
        raise ArgumentError(
            f"{cls.__name__}.unit must be one of its units, {list(table)}, got {cls.unit!r}"
        )
    if "<locals>" in cls.__qualname__:
        raise ArgumentError(
            f"modality {cls.__name__} must stand at the top of a module, got {cls.__qualname__}: "
            "what is made inside a function cannot be pickled, so not be saved or sent to workers"
        )


register_modality(EEG)
register_modality(EOG)
register_modality(EDA)
register_modality(Temperature)
register_modality(PPG)
register_modality(ECG)
register_modality(IBI)
register_modality(EMG)
register_modality(Respiration)
register_modality(Acceleration)


def make_modalities(
    modalities: Iterable[str | AnyModality] | None = None,
) -> dict[str, AnyModality]:
    """Resolve names and instances of modalities.

    Parameters
    ----------
    modalities : iterable of str or Modality, optional
        Names or aliases (default parameters) and instances; all registered ones by default.

    Returns
    -------
    dict of str to Modality
        Instances by name, in the order given.

    Raises
    ------
    ArgumentError
        If a name is unknown or stands twice.
    """
    if isinstance(modalities, str | Modality):
        modalities = [modalities]
    aliases = {alias: name for name, cls in MODALITIES.items() for alias in cls.aliases}
    made: dict[str, AnyModality] = {}
    for one in MODALITIES if modalities is None else modalities:
        if isinstance(one, str):
            name = aliases.get(one, one)
            if name not in MODALITIES:
                raise ArgumentError(unknown_name("modality", one, [*MODALITIES, *aliases]))
            one = MODALITIES[name]()  # noqa: PLW2901
        if not isinstance(one, Modality):
            raise ArgumentError(f"modalities must be names or Modality instances, got {one!r}")
        if one.name in made:
            raise ArgumentError(f"modality {one.name!r} stands twice")
        made[one.name] = one
    return made
