"""Fixtures that every test may use."""

from pathlib import Path

import pytest

import physio_vad.report  # noqa: F401  # every registry is there
from physio_vad.recording import units
from physio_vad.registry import registries


def pytest_collection_modifyitems(items):
    """Files with a slow test come first, so that none is left alone when all others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def own_registries(monkeypatch):
    """What a test or a page that it runs registers is gone after it."""
    kept = [(registry, dict(registry)) for registry in registries()]
    for name in ("_UNITS", "_ALIASES"):
        monkeypatch.setattr(units, name, dict(getattr(units, name)))
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings, which the project does not ship."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real recordings are not here (../shared/data)")
    return folder
