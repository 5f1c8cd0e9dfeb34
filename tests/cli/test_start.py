"""The command starts at once: help and names import nothing heavy, and say the same."""

import json
import os
import subprocess
import sys

import pytest

from physio_vad.cli import commands, listing
from physio_vad.cli.listing import LISTINGS, list_
from physio_vad.cli.printing import out

CODE = """
import atexit, sys
heavy = {"numpy", "pandas", "scipy", "sklearn", "neurokit2", "mne", "matplotlib", "lightgbm"}
atexit.register(lambda: print("HEAVY", *sorted(heavy & set(sys.modules))))
sys.argv[0] = "physio-vad"
from physio_vad.cli import main
main()
"""
NAMES = [one.name or one.callback.__name__ for one in commands.app.registered_commands]


def start(folder, *words):
    """Run the command in a fresh process; return what it said and what it imported."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "XDG_CACHE_HOME": str(folder), "LOCALAPPDATA": str(folder)},
    )
    said, _, heavy = done.stdout.rpartition("HEAVY")
    return said, heavy.split()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["evaluate", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(tmp_path, words):
    said, heavy = start(tmp_path, *words)
    assert said.strip()
    assert not heavy
    if words == ["--help"]:
        assert all(name in said for name in NAMES)


def test_names_come_from_the_cache_the_second_time(tmp_path):
    first, heavy = start(tmp_path, "list", "models")
    assert "numpy" in heavy
    assert start(tmp_path, "list", "models") == (first, [])
    with out.capture() as shown:
        list_("models")
    assert shown.get().split() == first.split()
    (kept,) = tmp_path.rglob("names.json")
    content = json.loads(kept.read_text())
    content["state"][0][1] += 1  # a file of the package was written since
    content["listings"]["models"] = [["gone", "a model of an older version"]]
    kept.write_text(json.dumps(content))
    assert start(tmp_path, "list", "models")[0] == first


@pytest.mark.parametrize("content", ["", "[]", '{"state": []}'])
def test_a_damaged_cache_is_looked_up_anew(tmp_path, content, monkeypatch):
    monkeypatch.setattr(listing, "_cache_folder", lambda: tmp_path)
    monkeypatch.setattr(listing, "_may_have_own_parts", lambda: False)
    (tmp_path / "names.json").write_text(content)
    assert listing.listed(["metrics"]) == {"metrics": LISTINGS["metrics"]()}
    assert list(json.loads((tmp_path / "names.json").read_text())["listings"]) == ["metrics"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(listing, "_cache_folder", lambda: tmp_path / "file" / "cache")
    monkeypatch.setattr(listing, "_may_have_own_parts", lambda: False)
    assert listing.listed(["metrics"])["metrics"]
