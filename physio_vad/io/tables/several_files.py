"""Several tables of one person, one a sensor, become one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from physio_vad.exceptions import ReadError
from physio_vad.io.base import Source, natural
from physio_vad.io.file_patterns import compile_template, match_files
from physio_vad.io.joined import Part, join, merge
from physio_vad.io.tables.column_roles import has_column
from physio_vad.io.tables.open import open_table
from physio_vad.recording.recording import Recording

if TYPE_CHECKING:
    from physio_vad.io.tables.layout import TableReader


def find_groups(folder: Path, files: Mapping[str, str], ratings: Sequence[Path]) -> list[Source]:
    """List the people and trials of whom there is a file or more.

    Parameters
    ----------
    folder : Path
        Where the names of files begin.
    files : mapping of str to str
        How the files of each sensor are named: ``{"eda": "{subject}/eda.csv"}``.
    ratings : sequence of Path
        Tables of ratings, which come last.

    Raises
    ------
    ReadError
        If a sensor has no file at all.
    """
    groups: dict[tuple[str | None, str | None], list[Path]] = {}
    for template in files.values():
        for source in match_files(folder, template):
            groups.setdefault((source.subject, source.trial), []).extend(source.files)
    return [
        Source((*groups[key], *ratings), *key)
        for key in sorted(groups, key=lambda one: natural("/".join(part or "" for part in one)))
    ]


def read_group(reader: TableReader, source: Source, files: Mapping[str, str]) -> Recording:
    """Read the tables of one person and trial, and bring them on one time.

    They meet by the clock on the wall where all have one, else they begin together.

    Parameters
    ----------
    reader : TableReader
        What columns are; it names those of this file, or the sensor itself where the file has one
        column beside the time.
    source : Source
        One that `find_groups` listed.
    files : mapping of str to str
        How the files of each sensor are named.

    Raises
    ------
    ReadError
        If a file has none of the columns, or holds several people or trials.
    """
    parts = []
    for sensor, path in _by_sensor(source, files):
        own = _reader_of(reader, sensor, path)
        found = list(own.read(Source((path,), source.subject, source.trial)))
        if len(found) != 1:
            raise ReadError(f"{path}: must be of one person and trial, it holds {len(found)}")
        parts.append(Part(dict(found[0].signals), found[0].start_time))
    timed = all(part.start_time is not None for part in parts)
    joined = join(parts, str(source.files[0])) if timed else merge(parts, str(source.files[0]))
    began = joined.start_time if timed else None
    return Recording(
        source.subject or source.files[0].parent.name,
        joined.signals,
        trial=source.trial or "1",
        start_time=began,
    )


def _by_sensor(source: Source, files: Mapping[str, str]) -> list[tuple[str, Path]]:
    """Say of which sensor each file is, by its name."""
    found = []
    for sensor, template in files.items():
        pattern, depth = compile_template(template), template.count("/") + 1
        fits = [one for one in source.files if pattern.fullmatch("/".join(one.parts[-depth:]))]
        found += [(sensor, one) for one in fits]
    return found


def _reader_of(reader: TableReader, sensor: str, path: Path) -> TableReader:
    """Make the reader of one file: with the columns that it has."""
    table = open_table(path, reader.text_options())
    names = table.names or []
    columns = {name: one for name, one in reader.columns.items() if has_column(names, name)}
    told = reader.columns.get(sensor)
    if not columns and told is not None:
        others = [name for name in names if not name.lower().startswith(reader.time.lower())]
        if names and len(others) != 1:
            raise ReadError(
                f"{path}: has the columns {', '.join(map(repr, names))}; say in columns which of "
                f"them is {sensor!r}, by its name"
            )
        columns = {others[0] if names else sensor: told}
    if not columns:
        raise ReadError(
            f"{path}: has none of the columns {', '.join(map(repr, reader.columns))}; it has "
            f"{', '.join(map(repr, names)) or 'no header'}"
        )
    sfreq = reader.sfreq.get(sensor) if isinstance(reader.sfreq, Mapping) else reader.sfreq
    return replace(reader, files=None, columns=columns, labels=(), sfreq=sfreq, ignore=("*",))
