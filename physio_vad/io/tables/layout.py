"""Tables with a column for each channel: the ``table`` layout, and the base of others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.base import Reader, Source, named, natural
from physio_vad.io.clocks import TIME_UNITS, Clock, clock_of_numbers, clock_of_texts
from physio_vad.io.file_patterns import match_files
from physio_vad.io.rating_tables import find_table, rate_or_warn
from physio_vad.io.tables.column_roles import (
    ColumnPlan,
    ColumnRoles,
    check_order,
    has_column,
    make_columns,
    make_design,
)
from physio_vad.io.tables.dialect import TextOptions
from physio_vad.io.tables.open import SUFFIXES, open_table, stem_of, suffix_of
from physio_vad.io.tables.runs import (
    Cells,
    Run,
    find_runs,
    rating_changes,
    trials_of_ratings,
    turns,
)
from physio_vad.io.tables.scales import scale_of_each
from physio_vad.io.tables.several_files import find_groups, read_group
from physio_vad.io.tables.signals import event_times, make_signals
from physio_vad.io.timestamps import EventTimes, TimeGrid, measure
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording

_USUAL_RATINGS = "ratings.csv"


@dataclass(frozen=True, kw_only=True)
class TableReader(Reader):
    """Tables with a column a channel, in text, Excel, Parquet, Feather, ``.npy`` or ``.mat`` files.

    A folder of one file a person, or one long file with a column that names the person. How text
    is written is found out: delimiter, decimal comma, encoding, gzip, what stands above the table,
    a header or none, a row of units. A text without names takes them, and the rate, from a
    ``.json`` beside it as BIDS has them. A file without any of the label columns is read without
    ratings, or with those of a table of ratings beside it.

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
        the columns, and the labels follow. Inter-beat intervals in s or ms become `Events`, as
        does any column with ``"events": true``; intervals alone need no clock.
    labels : sequence of str or mapping of str to str
        Names of the columns with ratings, which are the targets, in the order of the file; or the
        column of each target: ``{"valence": "Valenz"}``.
    sfreq : float or mapping of str to float, optional
        Rate in Hz, or that of each sensor of `files`; may be left out where there is a time column,
        which decides in any case.
    scale : (low, high) or mapping of str to (low, high), optional
        Declared range of all targets or of each.
    header : sequence of str, optional
        Names of all columns in their order, for files without names. A file with names is believed:
        header then only serves where its names are none of `columns`, and none of them stands
        elsewhere in it.
    ignore : sequence of str
        Columns to leave out; ``["*"]`` for all that have no part.
    time, subject, trial, stimulus : str
        Names of the columns with these parts, used where there are such columns. ``time`` is found
        as ``time_s``, ``time_ms``, ``time_us``, ``time_ns`` and ``time_min`` too. A recording ends
        where subject, trial or stimulus changes; rows without a trial belong to none.
        ``trial = "ratings"`` cuts where the ratings change instead.
    time_unit : {"s", "ms", "us", "ns", "min", "ticks"}, optional
        Unit of the time column; by default what its name or a row of units says, else what its
        size says of a time since 1970, else seconds. Seconds that nobody declared and that give
        1 Hz or less are refused. Dates and times of day need no unit.
    day_first : bool, optional
        Whether 03/05/2023 is the third of May, where no row tells.
    files : str or mapping of str to str, optional
        How files are named, such as ``"{subject}/*_{trial}.csv"``, with ``*`` for what does not
        matter. By default every table in the folder, named by its subject. Where a person has a
        file a sensor, how each is named: ``{"eda": "{subject}/eda.csv", "bvp":
        "{subject}/bvp.csv"}``. They meet by the clock on the wall if all have one, else they begin
        together; a column may be named by the sensor where it is the only one beside the time.
        Ratings then stand in the table beside.
    ratings : str
        Name of a table of ratings beside the files, used if it is there and a file has no labels
        itself, as for ``mne``.
    delimiter, comment, skip, header_row, units_row : optional
        How text is written, where it is found out wrongly: what stands between cells (``" "`` for
        blanks), what lines to leave out begin with, how many lines to skip, and the lines of names
        and of units, counted from 1, 0 for none.

    Raises
    ------
    ArgumentError
        If an option cannot be.
    """

    name: ClassVar[str] = "table"
    distinctive: ClassVar[bool] = False

    columns: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[str] | Mapping[str, str] = ()
    sfreq: float | Mapping[str, float] | None = None
    scale: Any = None
    header: Sequence[str] | None = None
    ignore: Sequence[str] = ()
    time: str = "time"
    time_unit: str | None = None
    subject: str = "subject"
    trial: str = "trial"
    stimulus: str = "stimulus"
    day_first: bool | None = None
    files: str | Mapping[str, str] | None = None
    ratings: str = _USUAL_RATINGS
    delimiter: str | None = None
    comment: str | None = None
    skip: int | None = None
    header_row: int | None = None
    units_row: int | None = None

    def __post_init__(self) -> None:
        for rate_hz in self.sfreq.values() if isinstance(self.sfreq, Mapping) else [self.sfreq]:
            if rate_hz is not None and not (np.isfinite(rate_hz) and rate_hz > 0):
                raise ArgumentError(f"sfreq must be above 0 Hz, got {rate_hz!r}")
        if isinstance(self.sfreq, Mapping) and not isinstance(self.files, Mapping):
            raise ArgumentError("a rate for each sensor needs files that say which file is whose")
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
        if self.labels or isinstance(self.scale, Mapping):
            scale_of_each(self.scale, tuple(self.labels) or tuple(self.scale))
        elif self.scale is not None:
            scale_of_each(self.scale, ("all",))
        self.text_options()

    def text_options(self) -> TextOptions:
        """Say how text is written."""
        return TextOptions(self.delimiter, self.comment, self.skip, self.header_row, self.units_row)

    @property
    def _label_columns(self) -> list[str]:
        labels = self.labels
        return list(labels.values() if isinstance(labels, Mapping) else labels)

    def find(self, path: Path) -> list[Source]:
        """List the tables of a folder, or the one that is given."""
        folder = path.parent if path.is_file() else path
        ratings = find_table(folder, self.ratings, _USUAL_RATINGS)
        if path.is_file():
            return [Source((path, *(one for one in ratings if one != path)))]
        if isinstance(self.files, Mapping):
            return find_groups(path, self.files, ratings)
        if self.files is not None:
            found = match_files(path, self.files)
            self._names([one.files[0] for one in found])
            return [replace(one, files=(*one.files, *ratings)) for one in found]
        tables = [one for one in path.iterdir() if suffix_of(one) and one.is_file()]
        tables = [one for one in tables if one not in ratings and not one.name.startswith(".")]
        if not tables:
            raise ReadError(
                f"{path}: holds no table ({', '.join(SUFFIXES)}); for tables in sub-folders say "
                "how they are named, such as files = '{subject}/{trial}.csv'"
            )
        # notes are often kept in text files beside the tables
        tables = [one for one in tables if suffix_of(one) != ".txt"] or tables
        tables.sort(key=lambda one: natural(one.name))
        named = self._names(tables)
        return [Source((one, *ratings), self._subject(one, named.get(one))) for one in tables]

    def _names(self, tables: Sequence[Path]) -> dict[Path, Sequence[str] | None]:
        """Look at the names in each file; a bad file is told of when read.

        Raises
        ------
        ReadError
            If the columns of a file without names cannot be told, since others differ in order.
        """
        named: dict[Path, Sequence[str] | None] = {}
        for path in tables:
            with contextlib.suppress(ReadError, OSError, ValueError):
                named[path] = open_table(path, self.text_options()).names
        if self.header is None:
            check_order(named, self.columns, self._label_columns)
        return named

    def _subject(self, path: Path, names: Sequence[str] | None) -> str | None:
        """Name the person by the file, unless a column does."""
        return None if has_column(names or self.header or [], self.subject) else stem_of(path)

    def read(self, source: Source) -> Iterator[Recording]:
        """Read a table and cut it at every change of subject, trial or stimulus."""
        if isinstance(self.files, Mapping):
            recording = read_group(self, source, self.files)
            last = source.files[-1]
            beside = last if last.stem == Path(self.ratings).stem else None
            yield recording if beside is None else self._rated(recording, beside)
            return
        table = open_table(source.files[0], self.text_options())
        design = make_design(table, self.columns, self._label_columns, self._roles())
        numbers, texts = table.load(design.numbers, design.texts)
        cells = dict(zip(design.text_roles, texts, strict=True))
        order = turns(cells)
        if order is not None:
            numbers = numbers[:, order]
            cells = {role: [column[i] for i in order] for role, column in cells.items()}
        clock = self._clock(numbers, cells, design, str(table.path))
        cells.pop("time", None)
        labels = numbers[design.label_rows]
        if self.trial == "ratings" and len(labels):
            cells["trial"] = trials_of_ratings(labels, cells.get("subject"))
        default = source.subject or stem_of(source.files[0])
        sfreq = (None if isinstance(self.sfreq, Mapping) else self.sfreq) or table.sfreq
        for run in find_runs(cells, numbers.shape[1], default, source):
            recording, measured = self._recording(
                run, numbers[:, run.rows], clock, design, sfreq, str(table.path)
            )
            sfreq = sfreq and measured  # a wrong rate is warned about once
            if recording.ratings is None and len(source.files) > 1:
                recording = self._rated(recording, source.files[1])
            yield recording

    def _rated(self, recording: Recording, path: Path) -> Recording:
        return rate_or_warn(recording, path, tuple(self.labels) or None, self.scale)

    def _recording(
        self,
        run: Run,
        part: FloatArray,
        clock: Clock | None,
        design: ColumnPlan,
        sfreq: float | None,
        where: str,
    ) -> tuple[Recording, float]:
        """Make the recording of some rows, and measure their rate."""
        times = None if clock is None else clock.times[run.rows]
        sampled = any(not columns[0].events for _, columns in design.signals.values())
        grid: TimeGrid | EventTimes
        if sampled:
            known = clock is None or clock.unit_is_known
            grid = self._grid(times, sfreq, where, run.rows.start, unit_is_known=known)
        else:
            grid = event_times(part, times, design.signals, where)
        with named(f"{where}: {run.subject}, trial {run.trial}"):
            ratings = self._ratings(part[design.label_rows], grid)
        recording = Recording(
            run.subject,
            make_signals(part, design.signals, grid),
            ratings,
            trial=run.trial,
            stimulus=run.stimulus,
            start_time=None if clock is None else clock.began(run.rows.start),
        )
        return recording, grid.sfreq

    def _roles(self) -> ColumnRoles:
        return ColumnRoles(
            names=self.header,
            ignore=self.ignore,
            time=self.time,
            subject=self.subject,
            trial=self.trial,
            stimulus=self.stimulus,
        )

    def _clock(
        self, numbers: FloatArray, cells: Cells, design: ColumnPlan, where: str
    ) -> Clock | None:
        if "time" in cells:
            return clock_of_texts(cells["time"], where, self.day_first)
        if design.time_row is None:
            return None
        return clock_of_numbers(
            numbers[design.time_row], self.time_unit or design.time_unit or None
        )

    def _grid(
        self,
        times: FloatArray | None,
        sfreq: float | None,
        where: str,
        first_row: int,
        *,
        unit_is_known: bool,
    ) -> TimeGrid:
        if times is not None:
            return measure(times, sfreq, where, first_row, unit_is_known=unit_is_known)
        if sfreq is None:
            raise ArgumentError(
                f"{where}: has no time column {self.time!r}, so the rate must be declared: "
                "sfreq = the rate in Hz, in a recipe under [layout]"
            )
        return TimeGrid(sfreq)

    def _ratings(self, values: FloatArray, grid: TimeGrid | EventTimes) -> Ratings | None:
        """Keep only what changes: a rating that stands on every row is one rating."""
        if len(values) == 0:
            return None
        scale = scale_of_each(self.scale, tuple(self.labels))
        firsts = np.flatnonzero(rating_changes(values))
        if len(firsts) == 1:
            return Ratings.constant(dict(zip(self.labels, values[:, 0], strict=True)), scale)
        starts = grid.time(firsts)
        end = grid.time(np.array([values.shape[1] - 1])) + 1 / grid.sfreq
        stops = np.concatenate([starts[1:], end])
        return Ratings(starts, stops, values[:, firsts].T, tuple(self.labels), scale)
