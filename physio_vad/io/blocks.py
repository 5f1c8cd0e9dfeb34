"""A table of labelled blocks: who did what from when to when, and how it is rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physio_vad.exceptions import ReadError, unknown_name
from physio_vad.io.columns import scale_of_each
from physio_vad.io.tables import open_table
from physio_vad.ratings import Ratings
from physio_vad.units import FloatArray

_NEEDED = ("subject", "start", "stop")


@dataclass(frozen=True)
class Blocks:
    """Blocks of one person, in order of time.

    Parameters
    ----------
    starts, stops : array of shape (n_blocks,)
        Seconds from the recording's start.
    tasks : list of str
        What was done.
    values : array of shape (n_blocks, n_targets)
        Ratings, NaN where there is none.
    targets : tuple of str
        Names of the ratings.
    scale : dict of str to (low, high)
        Declared range of each target.
    """

    starts: FloatArray
    stops: FloatArray
    tasks: list[str]
    values: FloatArray
    targets: tuple[str, ...]
    scale: dict[str, tuple[float, float]]

    def within(self, start: float, stop: float) -> Blocks:
        """Cut the blocks to a span of time; those outside are gone."""
        starts, stops = np.clip(self.starts, start, stop), np.clip(self.stops, start, stop)
        kept = np.flatnonzero(stops > starts)
        return Blocks(
            starts[kept],
            stops[kept],
            [self.tasks[row] for row in kept],
            self.values[kept],
            self.targets,
            self.scale,
        )

    def ratings(self) -> Ratings | None:
        """Ratings that hold during the blocks; None without targets."""
        if not self.targets:
            return None
        return Ratings(self.starts, self.stops, self.values, self.targets, self.scale)


def read_blocks(
    path: Path,
    subject: str,
    targets: Sequence[str] | None = None,
    scale: Any = None,
    *,
    trial: str = "1",
    several: bool = False,
) -> Blocks:
    """Read the blocks of one recording: ``subject, start, stop`` and maybe ``task, trial``.

    Parameters
    ----------
    path : Path
        Table in any of the formats of `open_table`, with a header.
    subject : str
        Whose blocks.
    targets : sequence of str, optional
        Columns with ratings; by default all but those named above.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.
    trial : str
        Which recording of the person, where the table has that column.
    several : bool
        The person has several recordings, so the table must say which.

    Raises
    ------
    ReadError
        If a column is missing, the person has no blocks, or a block ends before it starts.
    """
    table = open_table(path)
    names = table.names or []
    own = [name for name in names if name not in (*_NEEDED, "task", "trial")]
    targets = tuple(own if targets is None else targets)
    for name in (*_NEEDED, *targets):
        if name not in names:
            raise ReadError(f"{path}: {unknown_name('column', name, names)}")
    if several and "trial" not in names:
        raise ReadError(
            f"{path}: {subject} has several sessions: a column trial must say which one a block "
            "is of, 1 for the first by name"
        )
    columns = [names.index(name) for name in ("start", "stop", *targets)]
    labels = [name for name in ("subject", "task", "trial") if name in names]
    numbers, read = table.load(columns, [names.index(name) for name in labels])
    texts = dict(zip(labels, read, strict=True))
    rows = _rows_of(path, texts, "subject", subject, np.arange(numbers.shape[1]))
    if "trial" in texts:
        rows = _rows_of(path, texts, "trial", trial, rows)
    rows = rows[np.argsort(numbers[0, rows], kind="stable")]
    starts, stops = numbers[0, rows], numbers[1, rows]
    bad = np.flatnonzero(~(stops > starts))
    if len(bad):
        raise ReadError(
            f"{path}: row {rows[bad[0]] + 1}: a block must stop after it starts, got "
            f"{starts[bad[0]]:g} to {stops[bad[0]]:g} s"
        )
    tasks = [str(texts["task"][row] or "") if "task" in texts else "" for row in rows]
    return Blocks(starts, stops, tasks, numbers[2:, rows].T, targets, scale_of_each(scale, targets))


def _rows_of(
    path: Path,
    texts: Mapping[Any, Sequence[str | None]],
    column: str,
    name: str,
    rows: NDArray[np.intp],
) -> NDArray[np.intp]:
    cells = [texts[column][row] for row in rows]
    found = rows[[cell == name for cell in cells]]
    if len(found) == 0:
        known = dict.fromkeys(cell for cell in cells if cell is not None)
        raise ReadError(f"{path}: {unknown_name(column, name, known)}")
    return found
