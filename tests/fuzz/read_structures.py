"""Harm the structure of what is read: read_structures.py FOLDER SEED N_INPUTS [KIND ...].

Unlike flipped bytes, what comes of it is whole: its digests are made anew, its JSON, TOML and
Parquet parse. Prints one line of JSON: how many of each kind were read or refused, and every error
that is not ours.
"""

from __future__ import annotations

import collections
import json
import os
import random
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
from fuzz.damage_structure import ODD, damage_structure

from physio_vad import simulate_recordings, write_eleven_column
from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import PhysioVadError
from physio_vad.explain import Explanation
from physio_vad.integrity import read_json, write_json, write_table
from physio_vad.io import READERS, iter_recordings
from physio_vad.model_file import join_parts, read_parts
from physio_vad.persistence import load_model
from physio_vad.study import steps
from physio_vad.study.parts import read_about, write_part
from physio_vad.study.pictures import explain_model
from physio_vad.study.recipe import make_recipe
from physio_vad.study.table_store import build_table

RECIPE = {
    "layout": {"sfreq": 64},
    "windows": {"length": 5.0},
    "features": {"modalities": ["temperature"]},
    "model": {"name": "multioutput", "estimator": "ridge"},
}
PIPELINES = Path(__file__).parents[2] / "pipelines"
Try = Callable[[random.Random], None]


def small_study(folder: Path) -> None:
    """Run a study of three simulated people in a folder."""
    write_eleven_column(
        simulate_recordings(3, minutes=0.5, sfreq=64, seed=3), folder / "data", sfreq=64
    )
    tables = steps.make_tables(make_recipe(RECIPE), folder / "data", folder)
    evaluations = steps.evaluate_models(tables)
    explain_model(tables, evaluations, folder, fits=10, progress=lambda *_: None)
    steps.save_evaluations(evaluations, folder)
    steps.train(tables, folder / "model.joblib")


def recipes() -> Try:
    """Recipes: those of ``pipelines/`` and one of each layout's options."""
    whole = [tomllib.loads(path.read_text()) for path in sorted(PIPELINES.glob("*.toml"))]
    whole += [{"layout": {"name": name, "targets": ["a"], "scale": [1, 9]}} for name in READERS]

    def attempt(rng: random.Random) -> None:
        made = make_recipe(damage_structure(rng.choice(whole), rng))
        make_recipe(made.to_tables())

    return attempt


def notes(folder: Path) -> Try:
    """Notes behind a model."""
    path = folder / "model.joblib"
    body, note = read_parts(path)

    def attempt(rng: random.Random) -> None:
        harmed = json.dumps(damage_structure(note, rng)).encode()
        path.write_bytes(join_parts(body, harmed))
        model = load_model(path)
        repr(model)

    return attempt


def evaluations(folder: Path) -> Try:
    """Sheet and predictions of an evaluation, and what is told of it."""
    (home,) = (folder / "evaluations").iterdir()
    sheet = read_json(home / "evaluation.json", remedy="")
    predictions = pd.read_parquet(home / "predictions.parquet")

    def attempt(rng: random.Random) -> None:
        table = predictions if rng.random() < 0.5 else damage_table(predictions, rng)
        digest = write_table(home / "predictions.parquet", table)
        content = sheet if table is not predictions else damage_structure(sheet, rng)
        if isinstance(content, dict) and isinstance(content.get("files"), dict):
            content = content | {"files": content["files"] | {"predictions.parquet": digest}}
        write_json(home / "evaluation.json", content if isinstance(content, dict) else {})
        loaded = Evaluation.load(home)
        repr(loaded)
        loaded.summary()

    return attempt


def explanations(folder: Path) -> Try:
    """Tables of what a model looks at."""
    (home,) = (folder / "evaluations").iterdir()
    (path,) = home.glob("explanation.json")
    whole = read_json(path, remedy="")

    def attempt(rng: random.Random) -> None:
        content = damage_structure(whole, rng)
        write_json(path, content if isinstance(content, dict) else {})
        repr(Explanation.load(home))

    return attempt


def parts(folder: Path) -> Try:
    """Sheets of sources and what stands beside the rows of a part."""
    recipe, home = make_recipe(RECIPE), folder / "parts"
    sheets = {path: read_json(path, remedy="") for path in home.glob("*.json")}
    about = {path: read_about(path, []) for path in home.glob("*.parquet")}
    rows = {path: pd.read_parquet(path) for path in about}
    whole = build_table(recipe, folder / "data", home).X
    before = {path: path.read_bytes() for path in home.iterdir() if path.is_file()}

    def attempt(rng: random.Random) -> None:
        if rng.random() < 0.5:
            path, sheet = rng.choice(list(sheets.items()))
            content = damage_structure(sheet, rng)
            write_json(path, content if isinstance(content, dict) else {})
        else:
            path, meta = rng.choice(list(about.items()))
            harmed = json.dumps(damage_structure(meta, rng), ensure_ascii=False)
            harmed = harmed.encode(errors="replace").decode()  # Arrow writes UTF-8 only
            write_part(path, rows[path].copy(), json.loads(harmed))
        try:
            build_table(recipe, folder / "data", home)
        finally:
            for path, content in before.items():
                if not path.exists() or path.read_bytes() != content:
                    path.write_bytes(content)

    assert whole.equals(build_table(recipe, folder / "data", home).X)
    return attempt


def layouts(folder: Path) -> Try:
    """Tables of text whose names, cells, rows and separators are odd."""
    names = ("time", "time_s", "eda_uS", "ecg [mV]", "valence", "subject", "trial", "marker", "a")
    (folder / "table").mkdir()
    reader = READERS["table"]

    def cell(rng: random.Random) -> str:
        return str(rng.choice((*ODD[:20], rng.random(), rng.randint(0, 99), "1,5", '"', "#", " ")))

    def attempt(rng: random.Random) -> None:
        separator = rng.choice(",;\t|")
        width, height = rng.randint(1, 6), rng.randint(0, 30)
        head = rng.sample(names, width)
        rows = [
            [f"{row / 4}" if name.startswith("time") else f"{rng.random():.3f}" for name in head]
            for row in range(height)
        ]
        for _ in range(rng.randint(0, 4)):
            line = rng.choice([head, *rows])
            line[rng.randrange(len(line))] = cell(rng)
        lines = [separator.join(line) for line in [head, *rows]]
        rng.random() < 0.1 and lines.insert(rng.randrange(len(lines)), cell(rng))
        path = folder / "table" / "a.csv"
        path.write_text("\n".join(lines) + "\n", errors="replace")
        options: dict[str, Any] = {
            "columns": {name: {"modality": "eda", "unit": "uS"} for name in head[:2]},
            "sfreq": rng.choice((None, 4, 4.0)),
            "time": rng.choice((None, "time", "time_s")),
            "labels": ["valence"] if "valence" in head else [],
            "ignore": ["*"],
        }
        if rng.random() < 0.3:
            options = damage_structure(options, rng)
        if isinstance(options, dict):
            table = make_recipe({"layout": {"name": "table"} | options}).reader()
        else:
            table = reader()
        for _ in iter_recordings(folder / "table", table):
            pass

    return attempt


def damage_table(table: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    """Copy a table and harm a column or its rows."""
    made, name = table.copy(), rng.choice(list(table.columns))
    way = rng.randrange(7)
    if way == 0:
        made = made.drop(columns=name)
    elif way == 1:
        made[name] = [str(rng.choice(ODD[:20])).encode("utf-8", "replace").decode()] * len(made)
    elif way == 2:
        made[name] = np.nan
    elif way == 3:
        made = made.iloc[: rng.randint(0, 3)]
    elif way == 4:
        made = pd.concat([made, made])
    elif way == 5:
        made[name] = made[name].sample(frac=1.0, random_state=rng.randrange(99)).to_numpy()
    else:
        made = made.rename(columns={name: str(rng.choice(list(table.columns))) + "_"})
    return made


def main(folder: Path, seed: int, n_inputs: int, kinds: list[str]) -> None:
    """Try harmed structures in turn and report."""
    small_study(folder)
    tries: dict[str, Try] = {
        "recipes": recipes(),
        "notes": notes(folder),
        "evaluations": evaluations(folder),
        "explanations": explanations(folder),
        "layouts": layouts(folder),
        "parts": parts(folder),
    }
    rng = random.Random(seed)
    counts: dict[str, collections.Counter[str]] = {one: collections.Counter() for one in tries}
    findings: list[str] = []
    chosen = kinds or list(tries)
    for number in range(n_inputs):
        kind = chosen[number % len(chosen)]
        own = random.Random(rng.random())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tries[kind](own)
            counts[kind]["read"] += 1
        except PhysioVadError:
            counts[kind]["refused"] += 1
        except Exception as error:
            counts[kind]["raw"] += 1
            import traceback

            where = traceback.extract_tb(error.__traceback__)[-1]
            findings.append(
                f"{kind} {number}: {type(error).__name__}: {str(error)[:100]!r} "
                f"({Path(where.filename).name}:{where.lineno})"
            )
    print(json.dumps({"counts": counts, "findings": findings}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
