"""Flip single bits of everything that is saved, and count what reads as if nothing had happened.

``python benchmarks/bit_flips.py [N]``: N flips (10 000 by default) spread over model files of both
formats, the feature and label tables with their recipe, the parts of the recordings, the recordings
kept beside them, an evaluation and an explanation of a small simulated study. A flip is *refused*
when it is named in one of our errors, or for what can be made again in a warning, after which it
must equal the first. It has *no effect* where all that is read equals the first, such as in the
padding of a kept recording. All else is *silent*.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad import simulate_recordings, write_eleven_column
from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import PhysioVadError
from physio_vad.explain import Explanation
from physio_vad.persistence import load_model, save_model
from physio_vad.study import steps
from physio_vad.study.pictures import explain_model
from physio_vad.study.recipe import Recipe, make_recipe
from physio_vad.study.table_store import BuiltTable, build_table

RECIPE = {
    "layout": {"sfreq": 64},
    "windows": {"length": 5.0},
    "features": {"modalities": ["temperature"]},
    "model": {"name": "multioutput", "estimator": "ridge"},
}


def small_study(folder: Path) -> Recipe:
    """Run a study of three simulated people in a folder."""
    write_eleven_column(
        simulate_recordings(3, minutes=0.5, sfreq=64, seed=3), folder / "data", sfreq=64
    )
    recipe = make_recipe(RECIPE)
    tables = steps.make_tables(recipe, folder / "data", folder)
    evaluations = steps.evaluate_models(tables)
    options = {"fits": 35, "progress": lambda *_: None}
    explain_model(tables, evaluations, folder, **options)
    steps.save_evaluations(evaluations, folder)
    model = steps.train(tables, folder / "model.joblib")
    pipeline, targets = model.pipeline, list(model.targets)
    save_model(folder / "model.skops", pipeline, targets=targets, format="skops")
    return recipe


def readers_of(folder: Path, recipe: Recipe) -> dict[Path, Callable[[], object]]:
    """Every file that is read back, and how."""
    (model,) = (folder / "evaluations").iterdir()
    readers: dict[Path, Callable[[], object]] = {}
    for path in (folder / "model.joblib", folder / "model.skops"):
        readers[path] = lambda path=path: load_model(path)  # type: ignore[misc]
    for path in [*sorted(folder.glob("*.parquet")), folder / "recipe.json"]:
        readers[path] = lambda: steps.StudyTables.load(folder)
    for path in sorted(model.iterdir()):
        mine = path.name in ("evaluation.json", "predictions.parquet")
        load = Evaluation.load if mine else Explanation.load
        readers[path] = lambda load=load: load(model)  # type: ignore[misc]
    parts = folder / "parts"
    for path in sorted(one for one in parts.iterdir() if one.is_file()):
        readers[path] = lambda: build_table(recipe, folder / "data", parts)
    for path in sorted((parts / "recordings").iterdir()):
        readers[path] = lambda: from_kept_recordings(recipe, folder)
    return readers


def from_kept_recordings(recipe: Recipe, folder: Path) -> BuiltTable:
    """Make the parts again, which reads the recordings that were kept."""
    for path in (folder / "parts").iterdir():
        if path.is_file():
            path.unlink()
    return build_table(recipe, folder / "data", folder / "parts")


def flip(path: Path, rng: np.random.Generator) -> bytes:
    """Flip one bit of a file, and give what was there."""
    before = path.read_bytes()
    after = bytearray(before)
    bit = int(rng.integers(8 * len(after)))
    after[bit // 8] ^= 1 << bit % 8
    path.write_bytes(after)
    return before


def outcome(path: Path, read: Callable[[], object], whole: pd.DataFrame) -> str:
    """Read after a flip: refused, raw (an error not ours) or silent."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made = read()
    except PhysioVadError as error:
        return "refused" if str(path) in str(error) else f"without name: {error}"
    except Exception as error:
        return f"raw: {type(error).__name__}"
    named = any(path.name.removesuffix(".sha256") in str(one.message) for one in caught)
    equal = getattr(made, "X", None) is not None and whole.equals(made.X)  # type: ignore[attr-defined]
    if not equal:
        return "silent"
    return "refused" if named else "no effect"


def count_outcomes(folder: Path, n_flips: int, seed: int) -> Counter[tuple[str, str]]:
    """Flip bits of the files in turn, and count what comes of it by kind of file."""
    recipe = small_study(folder)
    whole = build_table(recipe, folder / "data", folder / "parts").X
    readers, rng = readers_of(folder, recipe), np.random.default_rng(seed)
    found: Counter[tuple[str, str]] = Counter()
    for _, (path, read) in zip(range(n_flips), _round(readers), strict=False):
        before = flip(path, rng)
        found[_kind(path, folder), outcome(path, read, whole)] += 1
        path.write_bytes(before)
    return found


def _round(readers: dict[Path, Callable[[], object]]):  # type: ignore[no-untyped-def]
    while True:
        yield from readers.items()


def _kind(path: Path, folder: Path) -> str:
    place = path.relative_to(folder).parts
    return "/".join(place[:-1][:2]) if place[0] == "parts" else place[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        n_flips = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
        for (kind, what), n in sorted(count_outcomes(Path(name), n_flips, 0).items()):
            print(f"{kind:20} {what:10} {n}")
