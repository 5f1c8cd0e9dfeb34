"""The grammar of feature columns: ``modality__feature`` or ``modality__feature__channel``."""

from __future__ import annotations

from collections.abc import Iterable

SEPARATOR = "__"
QUALITY = "quality"


def modality_of(column: object) -> str:
    """Return the modality that a column belongs to, empty where its name says none.

    Parameters
    ----------
    column : str
        Name of a column.

    Examples
    --------
    >>> modality_of("eeg__alpha__Fz"), modality_of("age")
    ('eeg', '')
    """
    modality, separator, _ = str(column).partition(SEPARATOR)
    return modality if separator else ""


def is_quality(column: object) -> bool:
    """Tell whether a column grades the signal of its modality, and so tells nothing of the body.

    Parameters
    ----------
    column : str
        Name of a column.

    Examples
    --------
    >>> is_quality("eeg__quality"), is_quality("eeg__alpha__Fz")
    (True, False)
    """
    return str(column).endswith(SEPARATOR + QUALITY)


def columns_by_modality(columns: Iterable[object]) -> dict[str, list[int]]:
    """Return the places of each modality's columns, in order of appearance.

    Parameters
    ----------
    columns : iterable of str
        Names of the columns; those without a modality are left out.

    Examples
    --------
    >>> columns_by_modality(["eda__level", "ppg__rate", "eda__quality"])
    {'eda': [0, 2], 'ppg': [1]}
    """
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        if modality := modality_of(column):
            places.setdefault(modality, []).append(place)
    return places
