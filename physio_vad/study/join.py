"""Putting a feature table together from its parts, in memory or on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.feature_table import FeatureTable
from physio_vad.features.together import CutNote, check_together
from physio_vad.study.parts import Meta, read_part
from physio_vad.study.recipe import Recipe

LABEL = "label:"
"""Stands before the name of a target in a part."""
Head = tuple[pd.Index, pd.Index]
"""Rows and columns of a part, without its values."""
_NOTED = ("subject", "trial", "stimulus", "seconds", "scale")


def join_parts(
    recipe: Recipe, folder: Path, parts: Sequence[Meta], on_disk: Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the table together from its parts, in the order of the files.

    Parameters
    ----------
    recipe : Recipe
        What the parts were made with.
    folder : path
        Where they stand.
    parts : sequence of dict
        What is known of each.
    on_disk : path, optional
        Folder to write a `FeatureTable` to, one part at a time; by default the table is in memory.

    Returns
    -------
    X, y : DataFrame
        Features and ratings.

    Raises
    ------
    ArgumentError
        If no part has a feature or target that the recipe asks for.
    """
    paths = [folder / part["file"] for part in parts]
    if on_disk is None:
        frames = [read_part(path) for path in paths]
        layout = _Layout.of(recipe, parts, [_head(frame) for frame in frames])
        tables = [layout.of_part(frame) for frame in frames if len(frame)]
        X, y = (pd.concat(some) for some in zip(*tables, strict=True))
        X.attrs |= layout.notes[0]
        y.attrs |= layout.notes[1]
        return X, y
    layout = _Layout.of(recipe, parts, [_head(read_part(path)) for path in paths])
    return FeatureTable.write(on_disk, _pieces(layout, paths))


def _pieces(layout: _Layout, paths: Sequence[Path]) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    for path in paths:
        X, y = layout.of_part(read_part(path))
        if len(X):
            X.attrs |= layout.notes[0]
            y.attrs |= layout.notes[1]
            yield X, y


def check_targets(asked: list[str], there: list[str]) -> list[str]:
    """Return the targets that are asked for, all of which must be there."""
    for name in asked:
        if name not in there:
            raise ArgumentError(f"[model] targets: {unknown_name('target', name, there)}")
    return asked


def _head(frame: pd.DataFrame) -> Head:
    return frame.index, frame.columns


@dataclass(frozen=True)
class _Layout:
    """Columns of a table, and what is noted of it."""

    columns: list[str]
    targets: list[str]
    notes: tuple[dict[str, Any], dict[str, Any]]

    @classmethod
    def of(cls, recipe: Recipe, parts: Sequence[Meta], heads: Sequence[Head]) -> _Layout:
        """Decide on what the whole table has."""
        windows = recipe.windows
        notes = [
            CutNote(**{name: part[name] for name in _NOTED}, rows=rows)
            for part, (rows, _) in zip(parts, heads, strict=True)
        ]
        rated = check_together(notes, windows.length, windows.step)
        names = [one.name for one in recipe.modalities()]
        columns = _ordered([columns for rows, columns in heads if len(rows)], names)
        if not columns:
            there = sorted({name for part in parts for name in part["signals"]})
            raise ArgumentError(
                f"no recording has one of the modalities {names}; the recordings have {there}"
            )
        known = list(dict.fromkeys(target for part in parts for target in part["targets"]))
        asked = recipe.model.targets
        targets = check_targets(known if asked is None else asked, known)
        inputs = {one["modality"]: one for part in reversed(parts) for one in part["inputs"]}
        used = dict.fromkeys(column.split("__")[0] for column in columns)
        sensors = {"inputs": [inputs[name] for name in used if name in inputs]}
        return cls(columns, targets, (sensors, rated))

    def of_part(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Bring the rows of a part into the columns of the table."""
        y = frame.reindex(columns=[LABEL + name for name in self.targets]).astype(float)
        return frame.reindex(columns=self.columns), y.set_axis(self.targets, axis=1)


def _ordered(parts: Sequence[pd.Index], modalities: Sequence[str]) -> list[str]:
    """Order columns as a table made in one piece has them: by modality, its quality last."""
    found = dict.fromkeys(column for columns in parts for column in columns)
    ordered: list[str] = []
    for name in modalities:
        own = [column for column in found if column.split("__")[0] == name]
        quality = [column for column in own if column == f"{name}__quality"]
        ordered += [column for column in own if column not in quality] + quality
    return ordered
