"""The modalities there are. Adding one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from physio_vad.exceptions import ArgumentError
from physio_vad.modalities.acceleration import Acceleration
from physio_vad.modalities.base import AnyModality, Modality, ModalityClass
from physio_vad.modalities.clean import CleanSignal
from physio_vad.modalities.ecg import ECG
from physio_vad.modalities.eda import EDA
from physio_vad.modalities.eeg import EEG
from physio_vad.modalities.emg import EMG
from physio_vad.modalities.eog import EOG
from physio_vad.modalities.feature import Feature, FeatureBlock
from physio_vad.modalities.ibi import IBI
from physio_vad.modalities.ppg import PPG
from physio_vad.modalities.respiration import Respiration
from physio_vad.modalities.temperature import Temperature
from physio_vad.recording.units import Conversion, declare_modality
from physio_vad.registry import Registry

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
    "CleanSignal",
    "Feature",
    "FeatureBlock",
    "Modality",
    "Respiration",
    "Temperature",
    "make_modalities",
    "register_modality",
]


def register_modality(cls: ModalityClass) -> ModalityClass:
    """Make a modality known by its name, to recordings, extractors and recipes.

    It is known in a process that has imported its module. The command ``physio-vad`` imports
    nothing of yours, since a recipe from a stranger must not run code: write a script that imports
    your module and then calls ``physio_vad.cli.commands.main()``.

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
    MODALITIES[cls.name] = cls
    return cls


def _admit(name: str, cls: ModalityClass) -> None:
    """Check a class before it is registered, and declare its units."""
    if not (isinstance(cls, type) and issubclass(cls, Modality)):
        raise ArgumentError(f"register_modality needs a subclass of Modality, got {cls!r}")
    _check_class(cls)
    if name != cls.name:
        raise ArgumentError(f"modality {cls.__name__} is called {cls.name!r}, not {name!r}")
    owners = {own: one for one in MODALITIES.values() for own in (one.name, *one.aliases)}
    for taken in (cls.name, *cls.aliases):
        owner = owners.get(taken, cls)
        if not _same_class(owner, cls):
            raise ArgumentError(
                f"modality {taken!r} is {owner.__module__}.{owner.__qualname__} already; take "
                f"another name, or give an instance in its place, as in [{cls.__name__}()]"
            )
    declare_modality(cls.name, cls.units, cls.aliases, cls.irregular_units)
    MODALITIES.aliases.update(dict.fromkeys(cls.aliases, cls.name))


def _same_class(one: ModalityClass, other: ModalityClass) -> bool:
    """Say whether a class is another, loaded again; a script has no module name of its own."""
    scripts = ("__main__", "__mp_main__")
    modules = {"__main__" if cls.__module__ in scripts else cls.__module__ for cls in (one, other)}
    return one.__qualname__ == other.__qualname__ and len(modules) == 1


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
            f"{cls.__name__}.units must map each unit to its Conversion, such as "
            f"{{'mm': Conversion(), 'um': Conversion(1e-3)}}, got {table!r}"
        )
    if cls.unit not in list(table):
        raise ArgumentError(
            f"{cls.__name__}.unit must be one of its units, {list(table)}, got {cls.unit!r}"
        )
    if "<locals>" in cls.__qualname__:
        raise ArgumentError(
            f"modality {cls.__name__} must stand at the top of a module, got {cls.__qualname__}: "
            "a class made inside a function cannot be pickled: not saved, not sent to workers"
        )


MODALITIES: Registry[ModalityClass] = Registry("modality", __name__, check=_admit)
"""Every registered modality by name, in column order."""

for _cls in (EEG, EOG, EDA, Temperature, PPG, ECG, IBI, EMG, Respiration, Acceleration):
    MODALITIES.built_in(_cls, _cls.name)


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
    made: dict[str, AnyModality] = {}
    for one in MODALITIES if modalities is None else modalities:
        if isinstance(one, str):
            one = MODALITIES.find(one)()  # noqa: PLW2901
        if not isinstance(one, Modality):
            raise ArgumentError(f"modalities must be names or Modality instances, got {one!r}")
        if one.name in made:
            raise ArgumentError(f"modality {one.name!r} stands twice")
        made[one.name] = one
    return made
