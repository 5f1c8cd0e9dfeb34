"""Writing recordings in the eleven-column layout."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.atomic import replacing
from physio_vad.exceptions import ArgumentError, RateWarning, SignalWarning, unknown_name
from physio_vad.io.tables.eleven_column import LABELS, SENSORS, USUAL_RATE
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Recording, Signal
from physio_vad.recording.units import conversion

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = (".csv", ".csv.gz", ".tsv", ".parquet")
"""Endings that can be written."""

_DIGITS = 7


def write_eleven_column(
    recordings: Iterable[Recording],
    folder: str | os.PathLike[str],
    *,
    suffix: str = ".csv",
    sfreq: float = USUAL_RATE,
) -> list[Path]:
    """Write one file a person: a column a channel and a target, and the trial if there are several.

    Signals are written in their modality's own unit, to seven digits of the largest value; ratings
    as they are. A file appears under its name only when it is whole.

    Parameters
    ----------
    recordings : iterable of Recording
        Those of one person next to each other; one person is in memory at a time.
    folder : path
        Made if it is not there.
    suffix : {".csv", ".csv.gz", ".tsv", ".parquet"}
        Kind of file.
    sfreq : float
        Rate in Hz that the reader will be told; the files have no clock.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ArgumentError
        If signals of a recording differ in rate or length, the channels or targets of a person
        differ between trials, or a name cannot be that of a file.

    Warns
    -----
    RateWarning
        If signals have another rate than `sfreq`.
    SignalWarning
        If signals know which way up they are: the layout has no place for it.
    """
    if suffix not in FORMATS:
        raise ArgumentError(unknown_name("suffix", suffix, FORMATS))
    written: list[Path] = []
    others: set[float] = set()
    known: set[str] = set()
    for subject, mine in itertools.groupby(recordings, key=lambda one: one.subject):
        if subject in ("", ".", "..") or any(mark in subject for mark in "/\\\0"):
            raise ArgumentError(f"subject {subject!r} cannot be the name of a file")
        path = Path(folder) / f"{subject}{suffix}"
        if path in written:
            raise ArgumentError(f"recordings of subject {subject!r} must follow each other")
        trials = list(mine)
        table = _table(trials)
        others |= {
            one.sfreq
            for recording in trials
            for one in recording.signals.values()
            if isinstance(one, Signal) and one.sfreq != sfreq
        }
        known |= {
            name
            for recording in trials
            for name, one in recording.signals.items()
            if isinstance(one, Signal) and any(one.polarity)
        }
        with replacing(path) as temporary:
            _write(table, temporary, suffix)
        written.append(path)
    if known:
        tables = " and ".join(f"[features.{name}] polarity" for name in sorted(known))
        warnings.warn(
            f"{folder}: the layout has no place for which way up {' and '.join(sorted(known))} is; "
            f"say it when you read, in a recipe {tables} = 1 or -1",
            SignalWarning,
            stacklevel=2,
        )
    if others:
        rates = ", ".join(f"{rate:g}" for rate in sorted(others))
        warnings.warn(
            f"{folder}: holds signals of {rates} Hz, and the layout has no clock: it is read at "
            f"{sfreq:g} Hz unless told; read with ElevenColumnReader(sfreq={min(others):g}), in a "
            f"recipe [layout] sfreq = {min(others):g}; write_eleven_column(..., "
            f"sfreq={min(others):g}) says that it is meant",
            RateWarning,
            stacklevel=2,
        )
    return written


def _table(recordings: Sequence[Recording]) -> pa.Table:
    import pyarrow as pa

    several = len(recordings) > 1
    tables = [pa.table(_columns(one, several)) for one in recordings]
    for one, table in zip(recordings, tables, strict=True):
        if table.column_names != tables[0].column_names:
            raise ArgumentError(
                f"subject {one.subject!r}: trial {one.trial!r} has the columns "
                f"{table.column_names}, trial {recordings[0].trial!r} {tables[0].column_names}"
            )
    return pa.concat_tables(tables)


def _columns(recording: Recording, several: bool) -> dict[str, FloatArray | list[str]]:
    where = f"recording {recording.subject!r}, trial {recording.trial!r}"
    order = list(dict.fromkeys(column.modality for column in SENSORS.values()))
    signals = dict(
        sorted(
            recording.signals.items(),
            key=lambda item: order.index(item[0]) if item[0] in order else len(order),
        )
    )
    kinds = {
        (one.sfreq, one.n_samples, one.start) if isinstance(one, Signal) else None
        for one in signals.values()
    }
    if len(kinds) != 1 or None in kinds:
        raise ArgumentError(
            f"{where}: signals must share one rate, length and start to stand in one table, got "
            f"{sorted(map(str, kinds))}; leave out what differs or resample it first"
        )
    columns: dict[str, FloatArray | list[str]] = {}
    for modality, signal in signals.items():
        if isinstance(signal, Signal):
            values = conversion(modality, signal.unit)(signal.values)
            columns |= dict(
                zip(_names(modality, signal.channels), map(_round, values), strict=True)
            )
    times = next(one.times for one in signals.values() if isinstance(one, Signal))
    columns |= _labels(recording.ratings, times)
    if several:
        columns["trial"] = [recording.trial] * len(times)
    if recording.stimulus is not None:
        columns["stimulus"] = [recording.stimulus] * len(times)
    return columns


def _names(modality: str, channels: Sequence[str]) -> list[str]:
    usual = {name: column for name, column in SENSORS.items() if column.modality == modality}
    own = tuple(column.channel for column in usual.values())
    if len(usual) == len(channels) and (len(channels) == 1 or own == tuple(channels)):
        return list(usual)
    return [modality] if len(channels) == 1 else [f"{modality}_{name}" for name in channels]


def _labels(ratings: Ratings | None, times: FloatArray) -> dict[str, FloatArray]:
    """Look up which rating holds at each row."""
    if ratings is None:
        return {}
    held = np.searchsorted(ratings.starts, times + 1e-9, side="right") - 1
    rated = (held >= 0) & (times < ratings.stops[held])
    values = np.where(rated[:, np.newaxis], ratings.values[held], np.nan)
    columns = dict(zip(ratings.targets, values.T, strict=True))
    order = LABELS if set(LABELS) == set(columns) else ratings.targets
    return {target: columns[target] for target in order}


def _round(values: FloatArray) -> FloatArray:
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max(initial=0.0))
    if largest == 0.0:
        return values
    return np.round(values, _DIGITS - 1 - int(np.floor(np.log10(largest))))


def _write(table: pa.Table, path: Path, suffix: str) -> None:
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    if suffix == ".parquet":
        pa_parquet.write_table(table, path)
        return
    delimiter = "\t" if suffix == ".tsv" else ","
    options = pa_csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    compression = "gzip" if suffix == ".csv.gz" else None
    with pa.output_stream(path, compression=compression) as stream:
        pa_csv.write_csv(table, stream, options)
