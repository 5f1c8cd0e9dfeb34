"""Feature tables made one recording at a time: the same table, and a stopped run goes on."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts.write_studies import WRITERS

from physio_vad import (
    FeatureTable,
    extract_features,
    make_windows,
    read_recordings,
    simulate_recordings,
)
from physio_vad import write_eleven_column as write
from physio_vad.exceptions import (
    ArgumentError,
    PhysioVadWarning,
    ReadError,
    SignalWarning,
    SkippedWarning,
)
from physio_vad.integrity import write_json
from physio_vad.io import TableReader
from physio_vad.study import table_store
from physio_vad.study.parts import read_sheet
from physio_vad.study.recipe import load_recipe, make_recipe
from physio_vad.study.table_store import build_table

PIPELINES = Path(__file__).parents[2] / "pipelines"
LIGHT = {"windows": {"length": 5.0}, "features": {"modalities": ["eda", "temperature"]}}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    write(simulate_recordings(n_subjects=4, minutes=0.5, seed=3), folder)
    return folder


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.filterwarnings("ignore:.*straddle two ratings:physio_vad.exceptions.RatingsWarning")
@pytest.mark.parametrize("name", ["eleven_column", "amigos", "stress_predict"])
def test_the_table_is_that_of_all_recordings_in_one_piece(name, tmp_path):
    WRITERS[name](tmp_path / "data")
    recipe = load_recipe(PIPELINES / f"{name}.toml")
    recipe = replace(recipe, model=replace(recipe.model, targets=None))
    made = build_table(recipe, tmp_path / "data", tmp_path / "parts")
    recordings = read_recordings(tmp_path / "data", recipe.reader())
    windows, y = make_windows(recordings, **vars(recipe.windows))
    X = extract_features(windows, recipe.modalities())
    pd.testing.assert_frame_equal(made.X, X, check_exact=True)
    pd.testing.assert_frame_equal(made.y, y, check_exact=True)
    assert made.y.attrs == y.attrs
    assert len(list((tmp_path / "parts").glob("*.parquet"))) == len(recordings)


def test_processes_side_by_side_make_the_same_parts(data, tmp_path):
    recipe = make_recipe(LIGHT)
    one = build_table(recipe, data, tmp_path / "one")
    two = build_table(recipe, data, tmp_path / "two", n_jobs=2)
    pd.testing.assert_frame_equal(one.X, two.X, check_exact=True)
    one, two = tmp_path / "one", tmp_path / "two"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert len(list(one.glob("recordings/*.arrow"))) == len(list(one.glob("*.parquet")))
    for name in files:
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_table_on_disk_is_the_one_in_memory(data, tmp_path):
    recipe = make_recipe(LIGHT)
    one = build_table(recipe, data, tmp_path / "parts")
    build_table(recipe, data, tmp_path / "parts", on_disk=tmp_path / "table")
    X, y = FeatureTable.open(tmp_path / "table")
    pd.testing.assert_frame_equal(pd.DataFrame(X), one.X, check_exact=True)
    pd.testing.assert_frame_equal(y, one.y, check_exact=True)
    assert {"X": X.attrs, "y": y.attrs} == json.loads(
        json.dumps({"X": one.X.attrs, "y": one.y.attrs})
    )


def test_progress_counts_the_sources_that_are_taken(data, tmp_path):
    seen = []
    build_table(
        make_recipe(LIGHT),
        data,
        tmp_path / "p",
        subjects=2,
        progress=lambda *at: seen.append(at),
    )
    assert seen == [("sources", 1, 2), ("sources", 2, 2)]


def test_recordings_of_one_file_are_worked_on_side_by_side(tmp_path):
    rows = [f"{who},{i % 7},{i % 3 + 4}" for who in ("b/1", "B/1", "") for i in range(80) if who]
    (tmp_path / "a.csv").write_text("\n".join(["subject,eda,valence", *rows]))
    layout = {"name": "table", "columns": {"eda": {"modality": "eda", "unit": "uS"}}}
    layout |= {"labels": ["valence"], "sfreq": 4.0}
    recipe = make_recipe({"layout": layout, "windows": {"length": 5.0}})
    seen = []
    made = build_table(
        recipe, tmp_path / "a.csv", tmp_path / "p", n_jobs=2, progress=lambda *at: seen.append(at)
    )
    assert list(made.X.index.unique("subject")) == ["b/1", "B/1"]
    names = [path.name.casefold() for path in (tmp_path / "p").glob("*.parquet")]
    assert len(set(names)) == 2, "names must differ where upper case does not count"
    assert seen == [("recordings", 1, 0), ("recordings", 2, 0)]
    first = build_table(recipe, tmp_path / "a.csv", tmp_path / "p", subjects=1)
    assert list(first.X.index.unique("subject")) == ["b/1"]


def test_only_what_is_missing_or_changed_is_made(data, tmp_path, monkeypatch):
    recipe, folder = make_recipe(LIGHT), tmp_path / "parts"
    people = tmp_path / "people"
    people.mkdir()
    for path in data.iterdir():
        (people / path.name).write_bytes(path.read_bytes())
    first = build_table(recipe, people, folder)
    assert (first.kept, first.made, first.changes) == (0, 4, {})
    before = stamps(folder)

    with monkeypatch.context() as patch:
        patch.setattr(TableReader, "read", None)  # nothing is read again
        again = build_table(recipe, people, folder)
        other_model = make_recipe(LIGHT | {"model": {"name": "chain"}})
        build_table(other_model, people, folder)
    assert (again.kept, again.made) == (4, 0)
    pd.testing.assert_frame_equal(again.X, first.X, check_exact=True)
    assert stamps(folder) == before

    os.utime(people / "S02.csv", (1, 1))
    changed = build_table(recipe, people, folder)
    assert (changed.kept, changed.made, changed.changes) == (3, 1, {"files": 1})
    assert {name[:3] for name, at in stamps(folder).items() if at != before[name]} == {"S02"}

    stat, text = (people / "S02.csv").stat(), (people / "S02.csv").read_text()
    (people / "S02.csv").write_text(text.replace("1", "2", 1))
    os.utime(people / "S02.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert build_table(recipe, people, folder).changes == {"files": 1}, "same size and date"
    (people / "S02.csv").write_text(text)
    build_table(recipe, people, folder)

    half = next(folder.glob("S03*.parquet"))
    half.write_bytes(half.read_bytes()[:-30])
    with pytest.warns(PhysioVadWarning, match=f"{half.name}: damaged.* made again"):
        mended = build_table(recipe, people, folder)
    assert (mended.kept, mended.made) == (3, 1)
    pd.testing.assert_frame_equal(mended.X, first.X, check_exact=True)

    sheet = next(folder.glob("S04*.json"))
    whole = sheet.read_text()
    for text in ("", "[]", '{"how": 3}', "{", whole.replace("S04", "S05")):
        sheet.write_text(text)
        with pytest.warns(PhysioVadWarning, match=f"{sheet.name}: damaged.* made again"):
            assert build_table(recipe, people, folder).made == 1

    wider = make_recipe(LIGHT | {"windows": {"length": 6.0}})
    assert build_table(wider, people, folder).changes == {"recipe": 4}
    assert build_table(wider, people, folder, minutes=0.4).changes == {"minutes": 4}
    monkeypatch.setattr(table_store.metadata, "version", lambda name: "0")
    assert build_table(wider, people, folder, minutes=0.4).changes == {"versions": 4}


def test_the_first_people_that_can_be_read(data, tmp_path):
    people = tmp_path / "people"
    people.mkdir()
    for path in data.iterdir():
        (people / path.name).write_bytes(path.read_bytes())
    (people / "S01.csv").write_text("a,b\nc,d\n")
    recipe = make_recipe(LIGHT)
    with pytest.raises(ReadError, match=r"S01\.csv"):
        build_table(recipe, people, tmp_path / "p", subjects=2)
    with pytest.warns(SkippedWarning, match=r"left out: .*S01\.csv"):
        made = build_table(recipe, people, tmp_path / "p", subjects=2, on_error="skip")
    assert list(made.X.index.unique("subject")) == ["S02", "S03"]
    with pytest.raises(ArgumentError, match="unknown subject 'S9'"):
        build_table(recipe, people, tmp_path / "p", subjects=["S02", "S9"])
    with pytest.raises(ArgumentError, match="unknown target 'valnce'"):
        build_table(make_recipe(LIGHT | {"model": {"targets": ["valnce"]}}), data, tmp_path / "q")
    with pytest.raises(ArgumentError, match="as long as a window of 99 s"):
        build_table(make_recipe(LIGHT | {"windows": {"length": 99.0}}), data, tmp_path / "r")


def test_warnings_of_a_run_before_are_told_again(tmp_path):
    (person,) = simulate_recordings(n_subjects=1, minutes=0.5, seed=3)
    eda = person.signals["eda"]
    values = np.where(eda.times < 15, np.nan, eda.values)
    broken = replace(person, signals=dict(person.signals) | {"eda": replace(eda, values=values)})
    write([broken], tmp_path / "data")
    for _ in range(2):
        with pytest.warns(SignalWarning, match="eda"):
            build_table(make_recipe(LIGHT), tmp_path / "data", tmp_path / "p")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_killed_at_ten_random_moments_and_resumed(data, tmp_path):
    script = Path(__file__).with_name("killed_runs.py")
    done = subprocess.run(
        [sys.executable, str(script), str(data), str(tmp_path), "10", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    whole, *killed = map(json.loads, done.stdout.splitlines())
    assert len(killed) == 10
    assert all(one["digest"] == whole["digest"] for one in killed)
    assert all(one["left"] == [] for one in killed)
    assert len({one["finished"] for one in killed}) > 2, "the moments are not spread over the run"


@pytest.mark.parametrize("name", ["a\0.parquet", "\ud800.parquet", "../S01.parquet", "."])
def test_a_sheet_names_files_that_can_be(tmp_path, name):
    write_json(tmp_path / "S01.json", {"how": {}, "parts": [name], "warned": []})
    noted = []
    assert read_sheet(tmp_path / "S01.json", noted) is None
    assert "names of files" in noted[0]
