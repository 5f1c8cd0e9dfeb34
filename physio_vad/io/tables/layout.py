"""Tables with a column for each channel: the ``table`` layout, and the base of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, natural, one_name_each
from physio_vad.io.file_patterns import match_files
from physio_vad.io.tables.column_roles import (
    Column,
    ColumnPlan,
    ColumnRoles,
    has_column,
    make_columns,
    make_design,
)
from physio_vad.io.tables.open import SUFFIXES, open_table, stem_of, suffix_of
from physio_vad.io.timestamps import TimeGrid, measure
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal

_FEW_SAMPLES = 20
"""So many good samples may stand apart by chance."""

TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Units of a time column, in seconds."""


@dataclass(frozen=True, kw_only=True)
class TableReader(Reader):
    """Tables with a column a channel, in CSV, TSV, Parquet, Feather, ``.npy`` or ``.mat`` files.

    A folder of one file a person, or one long file with a column that names the person. How text
    is written (delimiter, decimal comma, byte order mark, gzip, header or none) is found out.
    A file without any of the label columns is read without ratings.

    A sensor that is slower than the rows, with blanks between its samples, gets its own rate where
    these stand on every second, third, ... row, always the same.

    All columns that are used are in memory while a file is read, as float64: 24 hours of 11 columns
    at 250 Hz take 1.9 GB. Text is parsed block by block, with little beside that; packed text is
    unpacked in memory first, and a Parquet, Feather or MATLAB table stands beside its columns. For
    less, cut long files into trials.

    Parameters
    ----------
    columns : mapping of str to Column
        What each column is: ``{"modality": "eda", "unit": "uS", "channel": "left"}``, the channel
        optional, by the column's name. In a file without a header the mapping's order is that of
        the columns, and the labels follow.
    labels : sequence of str or mapping of str to str
        Names of the columns with ratings, which are the targets, in the order of the file; or the
        column of each target: ``{"valence": "Valenz"}``.
    sfreq : float, optional
        Rate in Hz; may be left out where there is a time column, which decides in any case.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of all targets or of each.
    header : sequence of str, optional
        Names of all columns in their order, for files without a header or instead of theirs.
    ignore : sequence of str
        Columns to leave out; ``["*"]`` for all that have no part.
    time, subject, trial, stimulus : str
        Names of the columns with these parts, used where there are such columns. ``time`` is found
        as ``time_s``, ``time_ms`` and ``time_us`` too. A recording ends where subject, trial or
        stimulus changes; rows without a trial belong to none.
    time_unit : {"s", "ms", "us", "ns"}, optional
        Unit of the time column; by default what its name says, else seconds. Seconds that nobody
        declared and that give 1 Hz or less are refused.
    files : str, optional
        How files are named, such as ``"{subject}/*_{trial}.csv"``, with ``*`` for what does not
        matter. By default every table in the folder, named by its subject.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "table"

    columns: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[str] | Mapping[str, str] = ()
    sfreq: float | None = None
    scale: Any = None
    header: Sequence[str] | None = None
    ignore: Sequence[str] = ()
    time: str = "time"
    time_unit: str | None = None
    subject: str = "subject"
    trial: str = "trial"
    stimulus: str = "stimulus"
    files: str | None = None

    def __post_init__(self) -> None:
        if self.sfreq is not None and not (np.isfinite(self.sfreq) and self.sfreq > 0):
            raise ArgumentError(f"sfreq must be above 0 Hz, got {self.sfreq!r}")
        if self.time_unit is not None and self.time_unit not in TIME_UNITS:
            raise ArgumentError(
                f"time_unit must be one of {', '.join(TIME_UNITS)}, got {self.time_unit!r}"
            )
        for option in ("labels", "header", "ignore"):
            if isinstance(getattr(self, option), str):
                raise ArgumentError(f"{option} must be a list, got {getattr(self, option)!r}")
        if len(set(self._label_columns)) != len(self.labels):
            raise ArgumentError(f"labels must be unique, got {self.labels!r}")
        object.__setattr__(self, "columns", make_columns(self.columns))
        object.__setattr__(self, "scale", scale_of_each(self.scale, tuple(self.labels)))

    @property
    def _label_columns(self) -> list[str]:
        labels = self.labels
        return list(labels.values() if isinstance(labels, Mapping) else labels)

    def find(self, path: Path) -> list[Source]:
        """List the tables of a folder, or the one that is given."""
        if path.is_file():
            return [Source((path,))]
        if self.files is not None:
            return match_files(path, self.files)
        tables = [one for one in path.iterdir() if suffix_of(one) and one.is_file()]
        tables = [one for one in tables if not one.name.startswith(".")]
        if not tables:
            raise ReadError(
                f"{path}: holds no table ({', '.join(SUFFIXES)}); for tables in sub-folders say "
                "how they are named, such as files = '{subject}/{trial}.csv'"
            )
        # notes are often kept in text files beside the tables
        tables = [one for one in tables if suffix_of(one) != ".txt"] or tables
        tables.sort(key=lambda one: natural(one.name))
        return [Source((one,), self._subject(one)) for one in tables]

    def _subject(self, path: Path) -> str | None:
        """Name the person by the file, unless a column does; a bad file is told of when read."""
        try:
            names = self.header or open_table(path).names or []
        except (ReadError, OSError, ValueError):
            names = []
        return None if has_column(names, self.subject) else stem_of(path)

    def read(self, source: Source) -> Iterator[Recording]:
        """Read a table and cut it at every change of subject, trial or stimulus."""
        table = open_table(source.files[0])
        plan = make_design(table, self.columns, self._label_columns, self._roles())
        numbers, texts = table.load(plan.numbers, plan.texts)
        cells = dict(zip(plan.text_roles, texts, strict=True))
        default = source.subject or stem_of(source.files[0])
        sfreq = self.sfreq
        for run in _runs(cells, numbers.shape[1], default, source):
            part = numbers[:, run.rows]
            grid = self._grid(part, plan, sfreq, str(table.path), run.rows.start)
            sfreq = sfreq and grid.sfreq  # a wrong rate is warned about once
            yield Recording(
                run.subject,
                _signals(part, plan.signals, grid),
                self._ratings(part[plan.label_rows], grid),
                trial=run.trial,
                stimulus=run.stimulus,
            )

    def _roles(self) -> ColumnRoles:
        return ColumnRoles(
            names=self.header,
            ignore=self.ignore,
            time=self.time,
            subject=self.subject,
            trial=self.trial,
            stimulus=self.stimulus,
        )

    def _grid(
        self, part: FloatArray, plan: ColumnPlan, sfreq: float | None, where: str, first_row: int
    ) -> TimeGrid:
        if plan.time_row is not None:
            unit = self.time_unit or plan.time_unit
            times = part[plan.time_row] * TIME_UNITS[unit or "s"]
            return measure(times, sfreq, where, first_row, unit_is_known=bool(unit))
        if sfreq is None:
            raise ArgumentError(
                f"{where}: has no time column {self.time!r}, so the rate must be declared: "
                "sfreq = the rate in Hz, in a recipe under [layout]"
            )
        return TimeGrid(sfreq)

    def _ratings(self, values: FloatArray, grid: TimeGrid) -> Ratings | None:
        """Keep only what changes: a rating that stands on every row is one rating."""
        if len(values) == 0:
            return None
        before, after = values[:, :-1], values[:, 1:]
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        firsts = np.concatenate([[0], np.flatnonzero(~same.all(axis=0)) + 1])
        if len(firsts) == 1:
            return Ratings.constant(
                dict(zip(self.labels, values[:, 0], strict=True)), scale=self.scale
            )
        starts = grid.time(firsts)
        end = grid.time(np.array([values.shape[1] - 1])) + 1 / grid.sfreq
        stops = np.concatenate([starts[1:], end])
        return Ratings(starts, stops, values[:, firsts].T, tuple(self.labels), self.scale)


@dataclass(frozen=True)
class _Run:
    """Rows of one recording."""

    rows: slice
    subject: str
    trial: str
    stimulus: str | None


def _runs(
    cells: Mapping[str, list[str | None]], n_rows: int, default: str, source: Source
) -> list[_Run]:
    changes = np.zeros(n_rows, dtype=bool)
    changes[0] = True
    for column in cells.values():
        texts = np.array(column, dtype=object)
        changes[1:] |= texts[1:] != texts[:-1]
    firsts = np.flatnonzero(changes)
    runs: dict[str, list[_Run]] = {}
    for first, stop in zip(firsts, [*firsts[1:], n_rows], strict=True):
        subject, trial, stimulus = (
            cells[role][first] if role in cells else None
            for role in ("subject", "trial", "stimulus")
        )
        if "subject" in cells and subject is None:
            raise ReadError(f"{source.files[0]}: row {first + 1} names no subject")
        if "trial" in cells and trial is None:
            continue
        mine = runs.setdefault(subject or default, [])
        parts = [one for one in (source.trial, trial) if one is not None]
        name = "/".join(parts) or str(len(mine) + 1)
        mine.append(_Run(slice(int(first), int(stop)), subject or default, name, stimulus))
    return _with_unique_trials(runs)


def _with_unique_trials(runs: Mapping[str, list[_Run]]) -> list[_Run]:
    return [
        _Run(run.rows, run.subject, trial, run.stimulus)
        for mine in runs.values()
        for run, trial in zip(mine, one_name_each(run.trial for run in mine), strict=True)
    ]


def _signals(
    part: FloatArray, signals: Mapping[str, tuple[slice, list[Column]]], grid: TimeGrid
) -> dict[str, Signal]:
    made = {}
    for modality, (rows, columns) in signals.items():
        values = grid.place(part[rows])
        first, every = _own_grid(values)
        made[modality] = Signal(
            np.ascontiguousarray(values[:, first::every]),
            grid.sfreq / every,
            columns[0].unit,
            tuple(column.channel for column in columns),
            first / grid.sfreq,
        )
    return made


def _own_grid(values: FloatArray) -> tuple[int, int]:
    """Find every how many rows a slower sensor has its samples, and the first of these rows."""
    filled = np.flatnonzero(~np.isnan(values).all(axis=0))
    every = int(np.gcd.reduce(np.diff(filled))) if len(filled) > _FEW_SAMPLES else 1
    return (int(filled[0]) % every, every) if every > 1 else (0, 1)


def scale_of_each(scale: Any, targets: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Give every target its range: one for all, or a mapping.

    Raises
    ------
    ArgumentError
        If it is neither, or names something that is no target.
    """
    if scale is None:
        return {}
    if not isinstance(scale, Mapping):
        scale = dict.fromkeys(targets, scale)
    made = {}
    for target, limits in scale.items():
        try:
            low, high = (float(limit) for limit in limits)
        except (TypeError, ValueError):
            low, high = np.nan, np.nan
        if target not in targets or not (np.isfinite([low, high]).all() and low < high):
            raise ArgumentError(
                f"scale must be (low, high), or give that for some of the labels {list(targets)}; "
                f"got {target!r}: {limits!r}"
            )
        made[target] = (low, high)
    return made
