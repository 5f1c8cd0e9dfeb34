"""Tables of ratings beside the files: one row a trial, or one row a stretch of time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.exceptions import RatingsWarning, ReadError, RecordingError, unknown_name
from physio_vad.io.rating_rows import SINCE_1970, RatingRows
from physio_vad.io.tables.scales import scale_of_each
from physio_vad.recording.ratings import Ratings, is_outside
from physio_vad.recording.recording import Recording

_NEEDED = ("subject", "start", "stop")
_ZONES = sorted((half / 2 for half in range(-28, 29) if half), key=abs)
"""Hours by which clocks of two zones may differ."""


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
    recording: Recording,
    targets: Sequence[str] | None = None,
    scale: Any = None,
    *,
    several: bool = False,
    alone: bool = False,
) -> Blocks | None:
    """Read the blocks of one recording: ``subject, start, stop`` and maybe ``task, trial``.

    A recording without a row has no blocks, which is warned of.

    Parameters
    ----------
    path : Path
        Table in any of the formats of `open_table`, with a header; see `RatingRows`. Times are
        seconds from the recording's start, or on the wall if the recording's own are known.
    recording : Recording
        Whose blocks; they are cut to its time.
    targets : sequence of str, optional
        Columns with ratings; by default all but those named above.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.
    several : bool
        The person has several recordings, so the table must say which.
    alone : bool
        The table is of this recording alone, and need not name the person.

    Raises
    ------
    ReadError
        If a column is missing, a block ends before it starts, or all lie outside the recording.
    """
    table = RatingRows(path)
    targets = tuple(table.targets if targets is None else targets)
    _check_columns(path, table.names, targets, alone=alone)
    if several and "trial" not in table.names:
        raise ReadError(
            f"{path}: {recording.subject} has several sessions: a column trial must say which one "
            "a block is of, 1 for the first by name"
        )
    starts, stops = table.spans(recording.start_time)
    values = np.array([table.numbers(name) for name in targets]).reshape(-1, len(starts)).T
    if alone:
        rows = np.flatnonzero(np.isfinite(values).any(axis=1) | (len(targets) == 0))
    else:
        rows = _rows_of(recording, table, path)
    if len(rows) == 0:
        return None
    rows = rows[np.argsort(starts[rows], kind="stable")]
    starts, stops = starts[rows], stops[rows]
    bad = np.flatnonzero(~(stops > starts))
    if len(bad):
        first, last = starts[bad[0]], stops[bad[0]]
        lacking = "start" if np.isnan(first) else "stop" if np.isnan(last) else ""
        got = f"this one has no {lacking}" if lacking else f"got {first:g} to {last:g} s"
        raise ReadError(f"{path}: row {rows[bad[0]] + 1}: a block must stop after it starts, {got}")
    named = table.texts("task") if "task" in table.names else None
    tasks = ["" if named is None else str(named[row] or "") for row in rows]
    declared = scale_of_each(scale, targets)
    by_target = dict(zip(targets, values[rows].T, strict=True))
    check_scale(path, rows, recording.subject, by_target, declared)
    blocks = Blocks(starts, stops, tasks, values[rows], targets, declared)
    inside = blocks.within(recording.start, recording.stop)
    if len(inside.starts) == 0:
        raise ReadError(f"{path}: {_outside(recording, starts[0], stops[-1])}")
    return inside


def _rows_of(recording: Recording, table: RatingRows, path: Path) -> IntArray:
    """Find the rows of a recording by person and maybe trial; where there are none, warn."""
    keys = {"subject": recording.subject}
    if "trial" in table.names:
        keys["trial"] = recording.trial
    cells = list(zip(*(table.texts(name) for name in keys), strict=True))
    rows = np.array([cell == tuple(keys.values()) for cell in cells]).nonzero()[0]
    if len(rows) == 0:
        warn_of_no_row(path, keys, cells)
    return np.asarray(rows)


def warn_of_no_row(
    path: Path, keys: Mapping[str, str], known: Iterable[tuple[str | None, ...]]
) -> None:
    """Warn that a table has no row for a recording, and say for whom it has some.

    Parameters
    ----------
    path : Path
        The table.
    keys : mapping of str to str
        Columns by which the row was looked for, and what was looked for.
    known : iterable of tuple
        The same of all rows.
    """
    there = [" ".join(map(repr, one)) for one in dict.fromkeys(known)]
    listing = ", ".join(there[:8]) + ", ..." * (len(there) > 8)
    wanted = ", ".join(f"{name} {value!r}" for name, value in keys.items())
    warnings.warn(
        f"{path}: no row for {wanted}, so this recording is not rated: its features are made, no "
        f"model is fitted to it. The table has rows for {listing}; add some, or correct the name",
        RatingsWarning,
        stacklevel=2,
    )


def _check_columns(
    path: Path, names: Sequence[str], targets: Sequence[str], *, alone: bool
) -> None:
    for name in _NEEDED[1:] if alone else _NEEDED:
        if name not in names:
            raise ReadError(
                f"{path}: has no column {name!r}; a row is a block of one subject, and its start "
                "and stop are seconds from the beginning of the recording. It has "
                f"{', '.join(map(repr, names)) or 'no header'}"
            )
    for name in targets:
        if name not in names:
            raise ReadError(f"{path}: {unknown_name('column', name, names)}")


def _outside(recording: Recording, first: float, last: float) -> str:
    """Say that no block lies in the recording, and what the times may be instead."""
    said = (
        f"all blocks of {recording.subject!r} lie outside the recording: they go from "
        f"{_seconds(first)} to {_seconds(last)} s, the recording from "
        f"{_seconds(recording.start)} to {_seconds(recording.stop)} s; start and stop must be "
        "seconds from the beginning of the recording"
    )
    if first > SINCE_1970:
        return f"{said}. These are seconds since 1970, and its files do not say when it began"
    if recording.start_time is not None:
        hours = next((one for one in _ZONES if _meet(recording, first, last, one)), None)
        if hours is not None:
            return f"{said}. They would fit if moved by {hours:g} h: is it another time zone?"
    return said


def _meet(recording: Recording, first: float, last: float, hours: float) -> bool:
    return first + 3600 * hours < recording.stop and last + 3600 * hours > recording.start


def _seconds(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


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
    table = RatingRows(path)
    if {"start", "stop"} <= set(table.names):
        blocks = read_blocks(path, recording, targets, scale)
        return replace(recording, ratings=None if blocks is None else blocks.ratings())
    keys = [name for name in ("subject", "trial") if name in table.names]
    targets = table.targets if targets is None else targets
    for name in ("subject", *targets):
        if name not in table.names:
            raise ReadError(f"{path}: {unknown_name('column', name, table.names)}")
    wanted = tuple(getattr(recording, key) for key in keys)
    known = list(zip(*(table.texts(name) for name in keys), strict=True))
    rows = [row for row, key in enumerate(known) if key == wanted]
    if not rows:
        warn_of_no_row(path, dict(zip(keys, wanted, strict=True)), known)
        return recording
    if len(rows) > 1:
        raise ReadError(
            f"{path}: must have one row for {', '.join(map(repr, wanted))} "
            f"({', '.join(keys)}), it has {len(rows)}"
        )
    ratings = of_row(table, path, rows[0], recording.subject, targets, scale)
    return replace(recording, ratings=ratings)


def rate_or_warn(
    recording: Recording, path: Path, targets: Sequence[str] | None = None, scale: Any = None
) -> Recording:
    """Give a recording its ratings, see `rate`; a fault of the table does not cost the recording.

    Warns
    -----
    RatingsWarning
        If the table cannot be read, or not for this recording, which has no ratings then.
    """
    try:
        return rate(recording, path, targets, scale)
    except ReadError as error:
        said = f"{error}. {recording.subject} is read without ratings"
        warnings.warn(said, RatingsWarning, stacklevel=2)
        return recording


def of_row(
    table: RatingRows, path: Path, row: int, subject: str, targets: Sequence[str], scale: Any
) -> Ratings:
    """Read a row that rates a whole recording.

    Parameters
    ----------
    table, path : RatingRows, Path
        Where it stands, and its file.
    row : int
        Its number, from 0.
    subject : str
        Whose it is.
    targets : sequence of str
        Columns with ratings.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of the targets.

    Raises
    ------
    RecordingError
        If a rating lies outside its scale.
    """
    values = {name: table.numbers(name)[[row]] for name in targets}
    declared = scale_of_each(scale, tuple(targets))
    check_scale(path, [row], subject, values, declared)
    return Ratings.constant({name: float(one[0]) for name, one in values.items()}, declared)


def check_scale(
    path: Path,
    rows: Sequence[int] | IntArray,
    subject: str,
    values: Mapping[str, FloatArray],
    scale: Mapping[str, tuple[float, float]],
) -> None:
    """Refuse ratings that are infinite or outside their scale.

    Parameters
    ----------
    path : Path
        The table.
    rows : sequence of int
        Rows that the values stand in, from 0.
    subject : str
        Whose they are.
    values : mapping of str to array of shape (n_rows,)
        Ratings of each target.
    scale : mapping of str to (low, high)
        Declared range of targets.

    Raises
    ------
    RecordingError
        Names the table, the row and the person.
    """
    for target, given in values.items():
        limits = scale.get(target)
        bad = np.isinf(given) | (is_outside(given, limits) if limits else False)
        if bad.any():
            first = int(np.argmax(bad))
            scale_said = f"its scale {limits[0]:g} to {limits[1]:g}" if limits else "any scale"
            raise RecordingError(
                f"{path}: row {rows[first] + 1}: the rating of {target!r} of {subject}, "
                f"{given[first]:g}, lies outside {scale_said}; correct the table or declare the "
                "right scale"
            )


def find_table(folder: Path, name: str, usual: str) -> tuple[Path, ...]:
    """Find a table of ratings in a folder: needed if it was named, used if it has its usual name.

    By the usual name a ``.tsv`` or ``.xlsx`` file is found too.

    Raises
    ------
    ReadError
        If a table was named that is not there.
    """
    path = folder / name
    others = [path.with_suffix(end) for end in (".tsv", ".xlsx")] if name == usual else []
    for one in (path, *others):
        if one.is_file():
            return (one,)
    if name != usual:
        raise ReadError(f"{path}: there is no such table of ratings")
    return ()
