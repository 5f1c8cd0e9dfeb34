"""Features of your own: a function of a window, under the name of a column."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Iterable, Mapping

from physio_vad.dsp.window_calls import WindowFunction
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.modalities import make_modalities
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.feature import Feature

Extra = Mapping[str, WindowFunction]
"""Functions by column name, such as ``{"eda__mad": mad}``."""


def modalities_with(
    modalities: Iterable[str | AnyModality] | None, extra: Extra | None
) -> dict[str, AnyModality]:
    """Resolve modalities, and add features of your own to them.

    Parameters
    ----------
    modalities : iterable of str or Modality, optional
        As for `make_modalities`.
    extra : mapping of str to callable, optional
        By ``<modality>__<feature>`` what is called with the values of a window, in the unit of the
        modality, and the sampling rate in Hz; see `vectorised`. What its docstring says in
        the first line is the definition of the feature.

    Returns
    -------
    dict of str to Modality
        Instances by name.

    Raises
    ------
    ArgumentError
        If a column's modality is unknown or not used, a feature has that name already, the name is
        none, or a function cannot be pickled, and so neither saved nor sent to workers.
    """
    made = make_modalities(modalities)
    if extra is not None and not isinstance(extra, Mapping):
        raise ArgumentError(
            f"extra must map columns to functions, such as {{'eda__mad': mad}}, got {extra!r}"
        )
    own: dict[str, list[tuple[Feature, WindowFunction]]] = {}
    for column, function in (extra or {}).items():
        name, feature = _split(column, made)
        _check_function(column, function)
        plain = getattr(function, "func", function)  # of functools.partial
        text = (inspect.getdoc(plain) or "").split("\n", maxsplit=1)[0]
        own.setdefault(name, []).append((Feature(feature, "", text), function))
    for name, features in own.items():
        made[name] = copy.copy(made[name])
        made[name].own = (*made[name].own, *features)
    return made


def _split(column: str, made: Mapping[str, AnyModality]) -> tuple[str, str]:
    name, _, feature = str(column).partition("__")
    if not feature.isidentifier() or "__" in feature:
        raise ArgumentError(
            f"extra: a column must be called <modality>__<feature>, such as eda__mad, got "
            f"{column!r}; channels are added by themselves"
        )
    if name not in made:
        raise ArgumentError(f"extra {column!r}: {unknown_name('modality', name, made)}")
    if feature in ("quality", *(one.name for one in made[name].catalogue)):
        raise ArgumentError(f"extra {column!r}: {name} has a feature {feature!r} already")
    return name, feature


def _check_function(column: str, function: object) -> None:
    if not callable(function):
        raise ArgumentError(f"extra {column!r} must be a function, got {function!r}")
    try:
        pickle.dumps(function)
    except Exception as error:
        raise ArgumentError(
            f"extra {column!r}: {getattr(function, '__qualname__', function)!s} cannot be pickled, "
            f"so it can neither be saved with a model nor sent to workers ({error}); define it by "
            "def at the top of a module or script, not as a lambda or inside a function"
        ) from None
