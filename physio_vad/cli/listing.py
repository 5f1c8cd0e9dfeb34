"""The command ``list``: the names that recipes, options and functions know.

What the library itself brings is looked up once and kept in the user's cache folder, so that
nothing heavy is imported the next time. It is looked up anew when a file of the package has
changed, and always in a process that may have registered parts of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from physio_vad.atomic import replacing
from physio_vad.cli.printing import names_table, out
from physio_vad.exceptions import ArgumentError, WriteError

PACKAGE = Path(__file__).parents[1]
Rows = list[tuple[str, str]]


def list_(
    what: Annotated[
        str, typer.Argument(help="modalities, features, layouts, models, ... (all by default)")
    ] = "",
) -> None:
    """List the names that recipes, options and functions know."""
    if what and what not in LISTINGS:
        raise ArgumentError(f"nothing is called {what!r}; there are {', '.join(LISTINGS)}")
    asked = [what] if what else [name for name in LISTINGS if name != "features"]
    for name, rows in listed(asked).items():
        out.print(names_table(name, rows))


def listed(names: Sequence[str]) -> dict[str, Rows]:
    """Return the rows of listings, from the cache folder where they are known."""
    if _may_have_own_parts():
        return {name: LISTINGS[name]() for name in names}
    path, state = _cache_folder() / "names.json", _state()
    kept = _read(path, state)
    missing = {name: LISTINGS[name]() for name in names if name not in kept}
    if missing:
        _write(path, {"state": state, "listings": {**kept, **missing}})
    found = {**kept, **missing}
    return {name: [(one, text) for one, text in found[name]] for name in names}


def _may_have_own_parts() -> bool:
    return "physio_vad.registry" in sys.modules


def _cache_folder() -> Path:
    home = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    return Path(os.environ.get(home) or Path.home() / ".cache") / "physio_vad"


def _state() -> list[list[Any]]:
    """Return when each file of the package was written, as Python does for compiled modules."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in files]


def _read(path: Path, state: object) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        found = json.loads(path.read_bytes())
        if isinstance(found, dict) and found.get("state") == state:
            return dict(found["listings"])
    return {}


def _write(path: Path, content: Mapping[str, object]) -> None:
    with contextlib.suppress(OSError, WriteError), replacing(path) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")


def _first_line(thing: Any) -> str:
    return (getattr(thing, "__doc__", None) or "").strip().split("\n", maxsplit=1)[0]


def _described(registry: Mapping[str, Any]) -> Rows:
    return [(name, _first_line(thing)) for name, thing in registry.items()]


def _modalities() -> Rows:
    from physio_vad.modalities import MODALITIES

    return _described(MODALITIES)


def _features() -> Rows:
    from physio_vad.modalities import MODALITIES

    return [
        (f"{name}__{one.name}", f"{one.text} [{one.unit}]")
        for name, cls in MODALITIES.items()
        for one in cls().features
    ]


def _layouts() -> Rows:
    from physio_vad.io import READERS

    return _described(READERS)


def _models() -> Rows:
    from physio_vad.regressors import MODELS

    return _described(MODELS)


def _estimators() -> Rows:
    from physio_vad.regressors import ESTIMATORS

    return [(name, " ".join(repr(make()).split())) for name, make in ESTIMATORS.items()]


def _splits() -> Rows:
    from physio_vad.evaluation import SPLITS

    return [(name, _first_line(type(make(0)))) for name, make in SPLITS.items()]


def _metrics() -> Rows:
    from physio_vad.metrics import METRICS

    return [(name, metric.text) for name, metric in METRICS.items()]


def _baselines() -> Rows:
    from physio_vad.evaluation import BASELINES

    return _described(BASELINES)


LISTINGS: dict[str, Callable[[], Rows]] = {
    "modalities": _modalities,
    "features": _features,
    "layouts": _layouts,
    "models": _models,
    "estimators": _estimators,
    "splits": _splits,
    "metrics": _metrics,
    "baselines": _baselines,
}
