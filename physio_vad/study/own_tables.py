"""Tables made elsewhere: rows of one's own features, and columns beside those of a study."""

from __future__ import annotations

import re
import warnings
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from physio_vad._arrays import IntArray
from physio_vad.evaluation import as_tables
from physio_vad.exceptions import ArgumentError, PhysioVadWarning, ReadError
from physio_vad.io.tables.open import open_table, stem_of
from physio_vad.io.tables.scales import scale_of_each
from physio_vad.modalities import MODALITIES
from physio_vad.study.recipe import Recipe, RecipeTable
from physio_vad.study.tables import StudyTables

KEYS = ("subject", "trial", "window", "stimulus", "start", "stop")
"""Columns that say what a row is of; they are never features."""
_USUAL = ("valence", "arousal", "dominance")


def read_rows(path: Path) -> pd.DataFrame:
    """Read a table with a header: words as text, the rest as numbers.

    Parameters
    ----------
    path : Path
        Table in any of the formats of `open_table`, with a column ``subject``.

    Raises
    ------
    ReadError
        If it has no header or no column ``subject``, or names occur twice.

    Warns
    -----
    PhysioVadWarning
        If a column without a name is left out.
    """
    table = open_table(path)
    names = table.names or []
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReadError(f"{path}: several columns are called {', '.join(map(repr, twice))}")
    if "subject" not in names:
        raise ReadError(
            f"{path}: needs a header with a column subject, which says whose row it is; it has "
            f"{_listed(names) or 'no header'}"
        )
    unnamed = [name for name in names if re.fullmatch(r"(Unnamed: \d+)?", name)]
    if unnamed:
        warnings.warn(
            f"{path}: a column without a name, such as the row numbers that to_csv writes, is left "
            "out; give it a name if it is a feature",
            PhysioVadWarning,
            stacklevel=3,
        )
    words = [i for i, name in enumerate(names) if i in table.words or name in KEYS]
    numbers = [i for i in range(len(names)) if i not in words]
    values, texts = table.load(numbers, words)
    columns = dict(zip(numbers, values, strict=True)) | dict(zip(words, texts, strict=True))
    kept = ((place, name) for place, name in enumerate(names) if name not in unnamed)
    return pd.DataFrame({name: columns[place] for place, name in kept})


def _listed(names: Iterable[Hashable], most: int = 12) -> str:
    """Write the first names of columns."""
    names = list(names)
    return ", ".join(map(repr, names[:most])) + f" and {len(names) - most} more" * (
        len(names) > most
    )


def own_features(path: Path) -> pd.DataFrame:
    """Read the features of a table that need not hold ratings; as `own_tables`."""
    rows = read_rows(path)
    return _tables(rows, rows[[]], None)[0]


def own_tables(
    path: Path,
    targets: Sequence[str] = (),
    scale: tuple[float, float] | None = None,
) -> StudyTables:
    """Make the tables of a study from one that was made elsewhere, such as one row a trial.

    Parameters
    ----------
    path : Path
        Table with a column ``subject`` and, where known, ``trial`` and ``stimulus``; ``window``,
        ``start`` and ``stop`` are left out. All else are features, words as conditions.
    targets : sequence of str
        Columns of ratings; by default those called valence, arousal or dominance, in any case.
    scale : (low, high), optional
        Range of the ratings.

    Raises
    ------
    ArgumentError
        If a column of ratings is missing or holds words, or there is no feature.
    ReadError
        As in `read_rows`.
    """
    rows = read_rows(path)
    targets = list(targets) or [str(name) for name in rows if str(name).lower() in _USUAL]
    bad = [name for name in targets if name not in rows or rows[name].dtype.kind != "f"]
    if bad or not targets:
        raise ArgumentError(
            f"{path}: ratings must be columns of numbers, "
            + (f"got {', '.join(map(repr, bad))}" if bad else "none is called valence or the like")
            + f"; name them with --target, it has {_listed(rows)}"
        )
    X, y = _tables(rows, rows[targets], scale_of_each(scale, targets) or None)
    if X.shape[1] == 0:
        raise ArgumentError(f"{path}: holds no column besides {_listed(rows)}")
    return StudyTables(X, y, Recipe(RecipeTable(name=stem_of(path))), made_elsewhere=True)


def _tables(
    rows: pd.DataFrame, ratings: pd.DataFrame, scale: dict[str, tuple[float, float]] | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part rows into features and ratings; the index names a window where a trial has several."""
    X, y = as_tables(
        rows.drop(columns=[name for name in rows if name in (*KEYS, *ratings)]),
        ratings,
        groups=rows["subject"],
        trials=rows.get("trial"),
        stimuli=rows.get("stimulus"),
        scale=scale,
    )
    by_trial = X.droplevel("window").index
    if "trial" in rows and not {"window", "start"} & set(rows) and by_trial.is_unique:
        X.index = y.index = by_trial
    return X, y


def beside(tables: StudyTables, path: Path) -> StudyTables:
    """Put columns of one's own beside the features, such as conditions or questionnaires.

    Parameters
    ----------
    tables : StudyTables
        Features and ratings.
    path : Path
        Table with a row a person, or a row a trial or window where it has such columns.

    Raises
    ------
    ArgumentError
        If a column is there already or named like a feature, or no row is one of the study.
    ReadError
        As in `read_rows`, or if two rows are of the same person, trial and window.

    Warns
    -----
    PhysioVadWarning
        If rows of the study have none in the table.
    """
    rows, there = read_rows(path), tables.X.index.to_frame(index=False).astype(str)
    keys = [str(name) for name in there if name in rows]
    added = [str(name) for name in rows if name not in KEYS]
    taken = [name for name in added if name in tables.X or name in tables.y]
    if taken or not added:
        what = f"{', '.join(map(repr, taken))} is there already" if taken else "it holds no other"
        raise ArgumentError(f"{path}: nothing to put beside the features: {what}")
    sensors = [name for name in added if name.split("__")[0] in MODALITIES]
    if sensors:
        raise ArgumentError(
            f"{path}: {_listed(sensors)} is named like a feature, which a model would look for in "
            "recordings; give it another name"
        )
    if rows.duplicated(keys).any():
        first = rows[rows.duplicated(keys)].iloc[0]
        raise ReadError(
            f"{path}: two rows are of {'/'.join(map(str, first[keys]))}; a column trial or window "
            "tells them apart"
        )
    known = pd.MultiIndex.from_frame(rows[keys].astype(str))
    place = known.get_indexer(pd.MultiIndex.from_frame(there[keys]))
    _check_found(path, rows, there, place, keys)
    X = tables.X.copy()
    for name in added:
        X[name] = rows[name].reindex(place).to_numpy()
    X.attrs = dict(tables.X.attrs)
    return replace(tables, X=X)


def _check_found(
    path: Path, rows: pd.DataFrame, there: pd.DataFrame, place: IntArray, keys: list[str]
) -> None:
    """Refuse a table of other people, and warn where some have no row."""
    lacking = there.loc[place == -1, keys].drop_duplicates()
    if len(lacking) == 0:
        return
    first = "/".join(lacking.iloc[0])
    if (place == -1).all():
        raise ArgumentError(
            f"{path}: no row is of this study, whose first is {first!r}; the first of the table is "
            f"{'/'.join(rows[keys].astype(str).iloc[0])!r}"
        )
    warnings.warn(
        f"{path}: has no row for {len(lacking)} of the study, such as {first}; nothing is known of "
        "them there",
        PhysioVadWarning,
        stacklevel=3,
    )
