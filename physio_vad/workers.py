"""What you register beside the built-in parts, known in other processes too.

A process that joblib starts imports the library afresh and knows the built-in readers, modalities
and models only. So a task takes along what was added here, as the classes themselves: those of a
module are imported there, those of the script that was started are sent whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from physio_vad.io import READERS
from physio_vad.modalities import MODALITIES, register_modality
from physio_vad.regressors import ESTIMATORS, MODELS

Given = ParamSpec("Given")
Result = TypeVar("Result")

_TABLES: tuple[dict[str, Any], ...] = (READERS, MODELS, ESTIMATORS)
_BUILT_IN = [dict(table) for table in (MODALITIES, *_TABLES)]


@dataclass(frozen=True, eq=False)
class _Knowing:
    """A function that first registers what it was sent with."""

    function: Callable[..., Any]
    modalities: Mapping[str, Any]
    others: tuple[Mapping[str, Any], ...]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for cls in self.modalities.values():
            register_modality(cls)
        for table, added in zip(_TABLES, self.others, strict=True):
            table.update(added)
        return self.function(*args, **kwargs)


def knowing(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Make a function that knows, in any process, what is registered here now.

    Parameters
    ----------
    function : callable
        What joblib is to call.

    Returns
    -------
    callable
        The function itself where nothing but the built-in parts is registered.
    """
    modalities, *others = (
        {name: one for name, one in table.items() if built_in.get(name) is not one}
        for table, built_in in zip((MODALITIES, *_TABLES), _BUILT_IN, strict=True)
    )
    return _Knowing(function, modalities, tuple(others)) if any([modalities, *others]) else function
