"""A feature table on disk, larger than memory: mapped, and read where it is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from physio_vad.atomic import replacing
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.integrity import damaged, read_json, read_table, write_json, write_table

_VALUES, _ROWS, _ABOUT = "features.f64", "rows.parquet", "table.json"
_REMEDY = "write the table again"


class FeatureTable(NamedTuple):
    """Features and ratings, the features mapped from a folder rather than held in memory.

    Parameters
    ----------
    X : DataFrame
        Features, row index ``(subject, trial, window)``; cannot be changed. What is taken from it
        is an ordinary table. Sent to another process, it is opened there, so that process must see
        the folder under the same name.
    y : DataFrame
        Ratings, same index.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> names = ["subject", "trial", "window"]
    >>> pieces = []
    >>> for person in ("anna", "ben"):
    ...     index = pd.MultiIndex.from_product([[person], ["1"], range(2)], names=names)
    ...     features = pd.DataFrame({"eda__scl_mean": [1.0, 2.0]}, index)
    ...     pieces.append((features, pd.DataFrame({"valence": [3.0, 5.0]}, index)))
    >>> table = FeatureTable.write(folder, pieces)
    >>> FeatureTable.open(folder).X["eda__scl_mean"].tolist()
    [1.0, 2.0, 1.0, 2.0]
    """

    X: pd.DataFrame
    y: pd.DataFrame

    @classmethod
    def open(cls, folder: str | Path) -> FeatureTable:
        """Open a table that `write` has written.

        Every byte is checked, which reads the files once.

        Parameters
        ----------
        folder : path
            Where it stands.

        Raises
        ------
        ReadError
            If a file is missing or damaged.
        """
        folder = Path(folder).resolve()
        about = _about(folder)
        with (folder / _VALUES).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != about["features"]:
                raise ReadError(damaged(folder / _VALUES, _REMEDY))
        return _opened(folder, about["features"])

    @classmethod
    def write(
        cls,
        folder: str | Path,
        pieces: Iterable[tuple[pd.DataFrame, pd.DataFrame]],
        *,
        columns: Sequence[str] | None = None,
    ) -> FeatureTable:
        """Write a table piece by piece; one piece is in memory at a time.

        Parameters
        ----------
        folder : path
            Where it is to stand; a table of before is replaced.
        pieces : iterable of (X, y)
            Features and ratings of some rows each, such as those of a recording. What is noted of
            the first (scale, windows, sensors) goes for all.
        columns : sequence of str, optional
            All features, where the first piece lacks some; what a piece lacks is NaN.

        Raises
        ------
        ArgumentError
            If a piece has other columns, or X and y have other rows; or there is no piece.
        WriteError
            If the files cannot be written.
        """
        folder = Path(folder).resolve()
        digest, ratings = hashlib.sha256(), []
        notes: dict[str, Any] = {}
        with replacing(folder / _VALUES) as temporary, temporary.open("wb") as file:
            for number, (X, y) in enumerate(pieces):
                if number == 0:
                    columns = [str(name) for name in (X if columns is None else columns)]
                    notes = {"X": X.attrs, "y": y.attrs}
                assert columns is not None
                values = _values(X, y, columns, number)
                file.write(values.data)
                digest.update(values.data)
                ratings.append(y)
            if not ratings:
                raise ArgumentError("no piece was given: there is no table to write")
            (folder / _ABOUT).unlink(missing_ok=True)  # a run that is killed leaves no wrong one
        rows = pd.concat(ratings)
        rows.attrs = {}
        files = {"features": digest.hexdigest(), "rows": write_table(folder / _ROWS, rows)}
        about = {"columns": columns, "n_rows": len(rows), **files}
        write_json(folder / _ABOUT, {**about, "notes": json.loads(json.dumps(notes))})
        return _opened(folder, files["features"])


def _values(X: pd.DataFrame, y: pd.DataFrame, columns: Sequence[str], number: int) -> Any:
    """Bring the features of a piece into the order of the columns, row after row."""
    if not X.index.equals(y.index):
        raise ArgumentError(f"piece {number}: X and y have different rows")
    if unknown := [name for name in X.columns if name not in columns]:
        raise ArgumentError(
            f"piece {number} has features that the ones before lack, first {unknown[0]!r}; name "
            "all of them: columns=[...]"
        )
    return np.ascontiguousarray(X.reindex(columns=list(columns)), dtype="<f8")


def _about(folder: Path) -> dict[str, Any]:
    """Read what is known of a table."""
    try:
        return read_json(folder / _ABOUT, remedy=_REMEDY)
    except FileNotFoundError:
        raise ReadError(
            f"{folder}: no feature table on disk; FeatureTable.write(folder, pieces) makes one"
        ) from None


@lru_cache(maxsize=1)
def _opened(folder: Path, digest: str) -> FeatureTable:
    """Map a table; a worker does so once for all its folds."""
    about = _about(folder)
    shape = (about["n_rows"], len(about["columns"]))
    path = folder / _VALUES
    if about["features"] != digest or path.stat().st_size != 8 * shape[0] * shape[1]:
        raise ReadError(damaged(path, _REMEDY))
    y = read_table(folder / _ROWS, about["rows"], remedy=_REMEDY)
    values = np.memmap(path, dtype="<f8", mode="r", shape=shape)
    X = _Mapped(values, y.index, about["columns"], copy=False)
    object.__setattr__(X, "_place", (folder, digest))
    X.attrs, y.attrs = about["notes"]["X"], about["notes"]["y"]
    return FeatureTable(X, y)


class _Mapped(pd.DataFrame):
    """Mapped features; in another process they are mapped there."""

    _place: tuple[Path, str]

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __reduce__(self) -> tuple[Any, ...]:
        return _features, self._place


def _features(folder: Path, digest: str) -> pd.DataFrame:
    return _opened(folder, digest).X
