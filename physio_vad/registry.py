"""Registries: what there is by name, with what you add, known in every process.

A registry is a dictionary: ``MODELS["mine"] = MyModel`` adds to it. `Registry.find` looks a name or
an alias up and raises our error with the nearest name. A process that joblib starts imports the
library afresh and knows the built-in parts only; `with_registrations` lets a task take along what
was added here, as the classes themselves: those of a module are imported there, those of the script
that was started are sent whole.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from physio_vad.exceptions import ArgumentError, PhysioVadError, unknown_name

Given = ParamSpec("Given")
Result = TypeVar("Result")
T = TypeVar("T")

_ALL: list[Registry[Any]] = []


class Registry(dict[str, T]):
    """Things by name, in the order in which they were registered.

    Parameters
    ----------
    what : str
        What is registered, as messages say it, such as ``"modality"``.
    home : str
        Name of the module that makes the registry; another process imports it.
    built_in : mapping of str to object
        What there is from the start.
    check : callable, optional
        Called as ``check(name, one)`` before something is registered; raises where it cannot be.
    provider : str, optional
        Module that registers what there is from the start, imported when a name is asked for.

    Attributes
    ----------
    aliases : dict of str to str
        Other names, each with the name it stands for.

    Examples
    --------
    >>> SHAPES = Registry("shape", __name__, {"circle": 1, "square": 2})
    >>> SHAPES["star"] = 3
    >>> SHAPES.added()
    {'star': 3}
    >>> SHAPES.find("squar")
    Traceback (most recent call last):
    physio_vad.exceptions.ArgumentError: unknown shape 'squar'; did you mean 'square'? ...
    >>> SHAPES.forget()
    """

    def __init__(
        self,
        what: str,
        home: str,
        built_in: Mapping[str, T] | None = None,
        check: Callable[[str, T], None] | None = None,
        provider: str | None = None,
    ) -> None:
        super().__init__(built_in or {})
        self.what, self.home = what, home
        self.aliases: dict[str, str] = {}
        self._check, self._provider = check, provider
        self._built_in = dict(self)
        _ALL.append(self)

    def __setitem__(self, name: str, one: T) -> None:
        if self._check is not None:
            self._check(name, one)
        super().__setitem__(name, one)

    def __reduce__(self) -> tuple[Any, ...]:
        return _registry, (self.what, self.home)

    def built_in(self, one: T, name: str, aliases: Iterable[str] = ()) -> None:
        """Register a part of the library itself."""
        self[name] = one
        self.aliases.update(dict.fromkeys(aliases, name))
        self._built_in[name] = one

    def find(
        self, name: object, *, what: str | None = None, error: type[PhysioVadError] = ArgumentError
    ) -> T:
        """Look a name or an alias up.

        Parameters
        ----------
        name : str
            The name.
        what : str, optional
            What the message calls it; by default what is registered here.
        error : type
            The error that is raised.

        Raises
        ------
        PhysioVadError
            If there is no such name: gives the nearest one, and all there are.
        """
        known = self.aliases.get(name, name) if isinstance(name, str) else ""
        if known not in self and self._provider is not None:
            importlib.import_module(self._provider)
        if known not in self:
            raise error(unknown_name(what or self.what, name, [*self, *self.aliases]))
        return self[known]

    def added(self) -> dict[str, T]:
        """Return what was registered beside the built-in parts, or in place of one."""
        return {name: one for name, one in self.items() if self._built_in.get(name) is not one}

    def forget(self) -> None:
        """Take this registry out of those whose additions other processes are told about."""
        _ALL.remove(self)


def registries() -> tuple[Registry[Any], ...]:
    """Return every registry that has been imported."""
    return tuple(_ALL)


def _registry(what: str, home: str) -> Registry[Any]:
    """Find a registry again in another process."""
    importlib.import_module(home)
    return next(one for one in _ALL if (one.what, one.home) == (what, home))


@dataclass(frozen=True, eq=False)
class _WithRegistrations:
    """A function that first registers what it was sent with."""

    function: Callable[..., Any]
    added: tuple[tuple[Registry[Any], Mapping[str, Any]], ...]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for registry, parts in self.added:
            for name, one in parts.items():
                registry[name] = one
        return self.function(*args, **kwargs)


def with_registrations(function: Callable[Given, Result]) -> Callable[Given, Result]:
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
    added = tuple((one, parts) for one in _ALL if (parts := one.added()))
    return _WithRegistrations(function, added) if added else function
