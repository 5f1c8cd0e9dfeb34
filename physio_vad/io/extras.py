"""Packages that only some formats need."""

from __future__ import annotations

import importlib
from typing import Any

from physio_vad.exceptions import MissingExtraError


def need(module: str, extra: str, why: str) -> Any:
    """Import a package that an extra brings.

    Raises
    ------
    MissingExtraError
        If it is not installed; says how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtraError(
            f"{why} needs {module}; install it with: pip install 'physio-vad[{extra}]'"
        ) from None
