"""The tables of a study: features and ratings, with the recipe that made them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from physio_vad._arrays import Progress, under
from physio_vad.atomic import remove_leftovers
from physio_vad.exceptions import ArgumentError, ReadError, SignalWarning
from physio_vad.features.quality import drop_poor_rows
from physio_vad.integrity import read_json, read_table, write_json, write_table
from physio_vad.io import E4Reader
from physio_vad.study.recipe import Recipe, make_recipe
from physio_vad.study.table_store import BuiltTable, build_table


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Subset:
    """Which part of the data to use: start small.

    Parameters
    ----------
    subjects : int, optional
        Only the first people.
    minutes : float, optional
        Only the first minutes of each recording.
    on_error : {"raise", "skip"}
        What to do with a file that cannot be read.
    """

    subjects: int | None = None
    minutes: float | None = None
    on_error: Literal["raise", "skip"] = "raise"


WHOLE = Subset()
"""All of the data."""


@dataclass(frozen=True, eq=False)
class StudyTables:
    """Feature table and ratings of a study, with the recipe that made them.

    Parameters
    ----------
    X, y : DataFrame
        Features and ratings, row index (subject, trial, window).
    recipe : Recipe
        What they were made with.
    note : str
        What was kept from a run before, and why the rest was not.
    made_elsewhere : bool
        The features were not made by the recipe, of which only model and evaluation count.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    recipe: Recipe
    note: str = ""
    made_elsewhere: bool = False

    def save(self, folder: Path) -> None:
        """Write the tables and the recipe, with the digests of all three, into a folder."""
        files = {
            f"{name}.parquet": write_table(folder / f"{name}.parquet", table)
            for name, table in (("features", self.X), ("labels", self.y))
        }
        write_json(folder / "recipe.json", {**self.how_made(), "files": files})

    def how_made(self) -> dict[str, Any]:
        """Return the tables of the recipe that count."""
        tables = self.recipe.to_tables()
        if self.made_elsewhere:
            tables = {name: tables[name] for name in ("recipe", "model", "evaluation")}
        return tables

    def own_columns(self) -> list[str]:
        """Name the columns that the recipe does not make of recordings."""
        made = () if self.made_elsewhere else self.recipe.extractor().made()
        return [str(name) for name in self.X if str(name).split("__")[0] not in made]

    def check_rated(self) -> None:
        """Check that there are ratings.

        Raises
        ------
        ArgumentError
            If there is none: says where to put them.
        """
        if self.y.notna().to_numpy().any():
            return
        if self.made_elsewhere:
            raise ArgumentError("no ratings, so nothing to fit or to score: all are empty")
        reader, remedy = self.recipe.reader(), "see the layout's options for where they stand"
        if isinstance(reader, E4Reader):
            remedy = (
                f"put {reader.blocks} (columns subject, task, start, stop, and one for each "
                "target) beside the people's files, and make the tables again"
            )
        raise ArgumentError(
            f"no ratings, so nothing to fit or to score: the layout {reader.name} found none for "
            f"these recordings; {remedy}"
        )

    @classmethod
    def load(cls, folder: Path) -> StudyTables:
        """Read what `save` wrote.

        Raises
        ------
        ReadError
            If a file is missing, or a byte of it is not what `save` wrote.
        """
        make = "`physio-vad features DATA --out FOLDER`"
        remedy = f"restore it from a copy, or make it again with {make}"
        try:
            tables = read_json(folder / "recipe.json", remedy=remedy)
            files = tables.pop("files")
            X, y = (
                read_table(folder / name, files[name], remedy=remedy)
                for name in ("features.parquet", "labels.parquet")
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, ReadError):
                raise
            raise ReadError(
                f"{folder}: no feature table of physio_vad ({error}); make one with {make}"
            ) from None
        recipe = make_recipe(tables, where=str(folder / "recipe.json"))
        return cls(X, y, recipe, made_elsewhere="layout" not in tables)


def make_tables(
    recipe: Recipe,
    data: Path,
    folder: Path,
    part: Subset = WHOLE,
    *,
    cache: bool = True,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> StudyTables:
    """Read recordings and extract features as the recipe says, and save the tables in a folder.

    What a run before has finished in that folder is kept; see `physio_vad.study.table_store`. With
    `cache`, so are the recordings as they were read: another recipe does not parse the files again.
    """
    remove_leftovers(folder)
    made = build_table(
        recipe,
        data,
        folder / "parts",
        **vars(part),
        cache=cache,
        n_jobs=n_jobs,
        progress=under(progress, "reading and extracting"),
    )
    _warn_of_absent(recipe, made.X)
    X, poor = _good_rows(made.X, recipe.model.min_quality)
    unrated = f"windows left out as nothing rates them: {made.unrated}" if made.unrated else ""
    note = "; ".join(filter(None, [_note(made), unrated, poor]))
    tables = StudyTables(X, made.y.loc[X.index], recipe, note)
    tables.save(folder)
    return tables


def _warn_of_absent(recipe: Recipe, X: pd.DataFrame) -> None:
    """Warn of modalities that the recipe names and no recording has."""
    there = {column.split("__")[0] for column in X.columns}
    absent = [one.name for one in recipe.modalities() if one.name not in there]
    if recipe.features.modalities is not None and absent:
        warnings.warn(
            f"no recording has {', '.join(map(repr, absent))}, so the table has no feature of "
            "what [features] modalities asks for there; take it out, or see which columns of the "
            "files [layout] makes it of",
            SignalWarning,
            stacklevel=3,
        )


def _good_rows(X: pd.DataFrame, min_quality: float | None) -> tuple[pd.DataFrame, str]:
    """Leave rows below the floor of a recipe out, and say how many."""
    if min_quality is None:
        return X, ""
    rest, said = drop_poor_rows(X, min_quality)
    if len(rest) == 0:
        raise ArgumentError(f"[model] min_quality: {said}, so nothing is left; lower it")
    return rest, said


def _note(made: BuiltTable) -> str:
    """Say what was kept from a run before."""
    changed = ", ".join(
        f"{what} ({count} {'source' if count == 1 else 'sources'})"
        for what, count in made.changes.items()
    )
    kept = f"{made.kept} of {made.kept + made.made} sources were done before"
    anew = f"made anew because of a change in {changed}"
    return "; ".join([kept] * bool(made.kept) + [anew] * bool(changed))
