"""A table of ratings beside the files: one row a trial, or one row a stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from physio_vad.exceptions import ReadError, unknown_name
from physio_vad.io.blocks import read_blocks, warn_of_no_row
from physio_vad.io.columns import scale_of_each
from physio_vad.io.tables import open_table
from physio_vad.ratings import Ratings
from physio_vad.recording import Recording


def rate(
    recording: Recording, path: Path, targets: Sequence[str] | None = None, scale: Any = None
) -> Recording:
    """Give a recording the ratings that a table has for it; without a row it has none.

    Parameters
    ----------
    recording : Recording
        Without ratings.
    path : Path
        Table with a header. With columns ``start`` and ``stop`` it is one of labelled blocks, see
        `read_blocks`; else it has ``subject``, maybe ``trial``, and one row a recording.
    targets : sequence of str, optional
        Columns with ratings; by default all others.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.

    Raises
    ------
    ReadError
        If a column is missing, the recording has several rows, or all blocks lie outside it.
    """
    table = open_table(path)
    names = table.names or []
    if {"start", "stop"} <= set(names):
        blocks = read_blocks(path, recording, targets, scale)
        return replace(recording, ratings=None if blocks is None else blocks.ratings())
    keys = [name for name in ("subject", "trial") if name in names]
    if targets is None:
        targets = [name for name in names if name not in ("subject", "trial", "stimulus")]
    for name in ("subject", *targets):
        if name not in names:
            raise ReadError(f"{path}: {unknown_name('column', name, names)}")
    values, texts = table.load(
        [names.index(name) for name in targets], [names.index(name) for name in keys]
    )
    wanted = tuple(getattr(recording, key) for key in keys)
    known = list(zip(*texts, strict=True))
    rows = [row for row, key in enumerate(known) if key == wanted]
    if not rows:
        warn_of_no_row(path, dict(zip(keys, wanted, strict=True)), known)
        return recording
    if len(rows) > 1:
        raise ReadError(
            f"{path}: must have one row for {', '.join(map(repr, wanted))} "
            f"({', '.join(keys)}), it has {len(rows)}"
        )
    ratings = dict(zip(targets, values[:, rows[0]].tolist(), strict=True))
    declared = scale_of_each(scale, tuple(targets))
    return replace(recording, ratings=Ratings.constant(ratings, declared))


def find_table(folder: Path, name: str, usual: str) -> tuple[Path, ...]:
    """Find a table of ratings in a folder: needed if it was named, used if it has its usual name.

    Raises
    ------
    ReadError
        If a table was named that is not there.
    """
    path = folder / name
    if path.is_file():
        return (path,)
    if name != usual:
        raise ReadError(f"{path}: there is no such table of ratings")
    return ()
