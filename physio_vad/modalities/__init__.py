"""The modalities there are. Adding one is one file here and one line below."""

from __future__ import annotations

from collections.abc import Iterable

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
    """Make a modality known by its name, to recordings, extractors and the command line.

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
        If another class has the name or an alias.
    """
    if not (isinstance(cls, type) and issubclass(cls, Modality)):
        raise ArgumentError(f"register_modality needs a subclass of Modality, got {cls!r}")
    owners = {name: one for one in MODALITIES.values() for name in (one.name, *one.aliases)}
    for name in (cls.name, *cls.aliases):
        owner = owners.get(name, cls)
        if owner.__qualname__ != cls.__qualname__:
            raise ArgumentError(f"modality {name!r} is {owner.__name__} already; take another name")
    units.declare_modality(cls.name, cls.units, cls.aliases)
    MODALITIES[cls.name] = cls
    return cls


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
