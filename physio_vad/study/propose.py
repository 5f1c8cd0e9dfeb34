"""A first recipe for a folder: which layout it has, or what its columns seem to be."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from physio_vad.exceptions import PhysioVadError, ReadError
from physio_vad.io import READERS
from physio_vad.io.base import natural
from physio_vad.io.rating_rows import RatingRows
from physio_vad.io.rating_tables import find_table
from physio_vad.io.tables.eleven_column import LABELS, SENSORS, USUAL_RATE, ElevenColumnReader
from physio_vad.io.tables.open import Table, open_table, suffix_of
from physio_vad.io.tables.text import TextTable
from physio_vad.modalities import MODALITIES
from physio_vad.study.column_guess import Guess, guess_columns, what_differs
from physio_vad.study.layout_text import layout_text, toml
from physio_vad.study.rating_guess import RatingGuess, guess_ratings
from physio_vad.study.recipe import make_recipe
from physio_vad.study.recognise import Recognised, find_layout
from physio_vad.study.sensor_files import find_sensor_files

_MOST_NAMED = 5


def propose_recipe(path: str | os.PathLike[str]) -> str:
    """Write a recipe for a file or folder, with comments that say what to check.

    Parameters
    ----------
    path : path
        File or folder of recordings.

    Returns
    -------
    str
        A recipe as TOML. Where no column was recognised, ``[layout.columns]`` is for you to fill
        in, with what was seen beside.

    Raises
    ------
    ReadError
        If there is nothing there, or nothing that any layout reads.
    """
    path = Path(path)
    if not path.exists():
        raise ReadError(f"{path}: there is no such file or folder")
    doubts: list[str] = []
    found = find_layout(path, doubts)
    if found is not None and found.is_sure:
        return _of_layout(path, found)
    try:
        text, is_known = _of_table(path, doubts)
    except ReadError:
        if found is None:
            raise
        return _of_layout(path, found)
    return text if is_known or found is None else _of_layout(path, found)


def _of_layout(path: Path, found: Recognised) -> str:
    why = f"The folder has the layout {found.reader.name}."
    return _head(path, why, *found.notes()) + layout_text(found.reader) + _rest()


def _head(path: Path, why: str, *more: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem) or "study"
    notes = "".join(f"# {' '.join(line.split())}\n" for line in more)
    return (
        f"# Proposed by `physio-vad init`. {why}\n{notes}# Check it, then:\n"
        "#   physio-vad run THIS_FILE --data FOLDER --out RESULTS\n"
        "# or first the features and ratings alone, which needs no ratings to be there:\n"
        "#   physio-vad features FOLDER --recipe THIS_FILE --out TABLES\n\n"
        f'[recipe]\nname = "{name}"\ntext = "What this is for."\n\n'
    )


_REST = """[windows]          # seconds
length = 10.0
step = 5.0
# how long the ratings trail the body: 2 to 4 s if they are continuous (joystick), 0 if there is one
# per film or block{seen}
label_lag = 0.0

[model]
name = "multioutput"
estimator = "blend"
# Where people differ more than their windows do, as in most real recordings, and a new person's
# whole recording is there before it is predicted, try this first:
# normalise = "subject"   # or "baseline", where recordings have a rest period; live "online"
# targets = ["valence", "arousal"]
random_state = 0

[evaluation]
cv = "leave-one-subject-out"
"""


def _rest(seen: RatingGuess | None = None) -> str:
    """Write the tables after [layout], with what was seen of the ratings."""
    change = f"; here they change {seen.changes} times in {seen.where}" if seen else ""
    return _REST.replace("{seen}", change if seen and seen.changes else "")


def _of_table(path: Path, doubts: Sequence[str]) -> tuple[str, bool]:
    """Write a recipe for tables, and say whether any of their columns is known."""
    tables, ratings = _find_tables(path)
    if not tables:
        said = f" ({'; '.join(doubts)})" if doubts else ""
        raise ReadError(
            f"{path}: holds nothing that a layout reads{said}; known layouts: {', '.join(READERS)}"
        )
    opened, broken = _open_all(tables)
    if not opened:
        raise ReadError(next(iter(broken.values())))
    found = list(opened.values())
    if (by_sensor := find_sensor_files(path, opened)) is not None:
        notes = [*_notes(found[0], ratings), *by_sensor.notes, *_agreement(tables, broken), *doubts]
        why = "There is a file for each sensor: check every line of [layout]."
        guess = by_sensor.guess
        seen = _ratings_beside(guess, ratings)
        layout = _table_layout(found[0], guess, by_sensor.files, seen)
        return _checked(_head(path, why, *notes) + layout + _rest(), guess), True
    table = next((one for one in found if one.names is not None), found[0])  # names say most
    names = table.names or [f"column{i}" for i in range(1, table.n_columns + 1)]
    notes = [*_notes(table, ratings), *doubts]
    eleven = [*SENSORS, *LABELS]
    if names == eleven or (table.names is None and table.n_columns == len(eleven)):
        why = "The tables have eleven columns: check their units and the order of the labels."
        odd = {one: "" for one, other in opened.items() if other.n_columns != table.n_columns}
        notes += _agreement(tables, {**odd, **broken})
        notes += [f"Without a header they are, in this order: {', '.join(eleven)};"]
        notes += ["any other order can be declared: header = [names], with the same names."]
        layout, seen = _eleven_columns(found, _files(path, tables))
        return _head(path, why, *notes) + layout + _rest(seen), True
    guess = guess_columns(table, names)
    odd = {one: said for one, other in opened.items() if (said := _difference(guess, names, other))}
    notes += _agreement(tables, {**odd, **broken})
    why = f"Columns were guessed from {table.path.name}: check every line of [layout]."
    if guess.labels:
        who = guess.roles.get("subject")
        seen = guess_ratings(found, names, guess.labels, guess.sfreq, who)
    else:
        seen = _ratings_beside(guess, ratings)
    layout = _table_layout(table, guess, _files(path, tables), seen, _header(found, names))
    text = _head(path, why, *notes) + layout + _rest(seen)
    return _checked(text, guess), bool(guess.columns)


def _ratings_beside(guess: Guess, ratings: Sequence[Path]) -> RatingGuess:
    """Look at the table of ratings, whose columns of numbers become the labels."""
    if not ratings:
        return RatingGuess()
    try:
        table, targets = open_table(ratings[0]), RatingRows(ratings[0]).targets
    except ReadError:
        return RatingGuess()  # what is wrong with it is said when it is read
    seen = guess_ratings([table], [], targets, None)
    guess.labels = list(seen.scales)
    return RatingGuess(seen.scales)


def _eleven_columns(tables: Sequence[Table], files: str | None) -> tuple[str, RatingGuess]:
    """Write [layout] of eleven columns, and what was seen of the ratings."""
    seen = guess_ratings(tables, [*SENSORS, *LABELS], LABELS, USUAL_RATE)
    usual = ElevenColumnReader()
    low, high = usual.scale
    within = all(low <= one[0] and one[1] <= high for one in seen.scales.values())
    reader = ElevenColumnReader(
        trial="ratings" if seen.by_trial else usual.trial,
        scale=usual.scale if within else dict.fromkeys(LABELS, (low, high)) | seen.scales,
        files=files,
    )
    return layout_text(reader), seen


def _find_tables(path: Path) -> tuple[list[Path], tuple[Path, ...]]:
    """List the tables of a folder or, where it has none, of the folders in it."""
    if path.is_file():
        return ([path] if suffix_of(path) else []), ()
    for pattern in ("*", "*/*"):
        ratings = find_table(path, "ratings.csv", "ratings.csv")
        files = [one for one in path.glob(pattern) if one.is_file() and suffix_of(one)]
        files = [one for one in files if one not in ratings and not one.name.startswith(".")]
        tables = [one for one in files if suffix_of(one) != ".txt"] or files
        if tables:
            return sorted(tables, key=lambda one: natural(str(one))), ratings
    return [], ()


def _open_all(tables: Sequence[Path]) -> tuple[dict[Path, Table], dict[Path, str]]:
    """Look into every file: those that are tables, and why the others are none."""
    opened, broken = {}, {}
    for one in tables:
        try:
            opened[one] = open_table(one)
        except (PhysioVadError, OSError, ValueError) as error:
            broken[one] = str(error)
    return opened, broken


def _notes(table: Table, ratings: Sequence[Path]) -> list[str]:
    notes = []
    if isinstance(table, TextTable):
        notes.append(f"How {table.path.name} is written: {table.dialect.describe()}.")
    notes += [f"{one.name} beside is taken for the ratings of all files." for one in ratings]
    return notes


def _difference(guess: Guess, names: Sequence[str], other: Table) -> str:
    """Say what a file lacks of the columns that were guessed; empty if nothing."""
    if other.names is None:
        same = other.n_columns == len(names)
        return "" if same else f"has {other.n_columns} columns, not {len(names)}"
    lacking = what_differs(guess, other.names)
    return f"has no {', '.join(map(repr, lacking))}" if lacking else ""


def _agreement(tables: Sequence[Path], odd: dict[Path, str]) -> list[str]:
    """Say how many files have these columns, and show those that do not."""
    if len(tables) == 1:
        return []
    notes = [f"{len(tables) - len(odd)} of {len(tables)} files agree with it."]
    for one, said in list(odd.items())[:_MOST_NAMED]:
        notes.append(f"  other: {one.name} {said}".rstrip())
    more = len(odd) - _MOST_NAMED
    return notes + ([f"  and {more} more"] if more > 0 else [])


def _files(path: Path, tables: Sequence[Path]) -> str | None:
    """Say how files in sub-folders are named; None for those in the folder itself."""
    if path.is_file() or tables[0].parent == path:
        return None
    parents = [one.parent for one in tables]
    names = {one.name for one in tables}
    if len(set(parents)) == len(parents) and len(names) == 1:
        return "{subject}/" + names.pop()
    return "{subject}/{trial}" + str(suffix_of(tables[0]))


def _header(tables: Sequence[Table], names: Sequence[str]) -> list[str]:
    """Name the columns of files without names, by those with names if these are of one mind."""
    bare = [one for one in tables if one.names is None]
    if not bare:
        return []
    said = f"header = {toml(list(names))}"
    if len(bare) == len(tables):
        return [f"{said}  # the files have none"]
    who = bare[0].path.name + (f" and {len(bare) - 1} more" if len(bare) > 1 else "")
    if len({tuple(one.names) for one in tables if one.names is not None}) == 1:
        return [f"{said}  # of {who}, without names: as in the files with names, check it"]
    return [
        f"# {who} without names, and those with names differ in order: say it, or the run stops",
        f"# {said}",
    ]


def _table_layout(
    table: Table,
    guess: Guess,
    files: str | dict[str, str] | None,
    seen: RatingGuess,
    header: Sequence[str] = (),
) -> str:
    """Write [layout] of a table."""
    lines = ["[layout]", 'name = "table"']
    lines += [f"files = {toml(files)}"] if files else []
    lines += _clock_lines(guess)
    lines += header
    lines += _trial_lines(guess, seen)
    targets = guess.targets
    limits = {to: seen.scales[one] for to, one in targets.items() if one in seen.scales}
    named = ", ".join(f"{toml(to)} = {toml(name)}" for to, name in targets.items())
    said = toml(guess.labels) if list(targets) == guess.labels else f"{{ {named} }}"
    if guess.labels:
        alone = f"{table.path.name} alone" if seen.n_files else "the table of ratings"
        source = f"the ratings of {seen.n_files} files" if seen.n_files > 1 else alone
        lines.append(f"# the scale is guessed from {source}: the form may have offered more")
        lines += [f"labels = {said}", f"scale = {toml(limits)}"]
    lines.append('ignore = ["*"]')
    for role, name in guess.roles.items():
        usual = f"# the column {name} is used as what its name says"
        lines.append(usual if role == name.casefold() else f"{role} = {toml(name)}  # by its name")
    lines += [
        f"# column {toml(name)} is left out: {' '.join(why.split())}"
        for name, why in guess.left_out.items()
    ]
    columns = [
        f'{toml(name)} = {{ modality = "{one.modality}", unit = "{one.unit}" }}  # {one.seen}'
        for name, one in guess.columns.items()
    ]
    columns = columns or ['# "my column" = { modality = "eda", unit = "uS" }']
    return "\n".join([*lines, "", "[layout.columns]", *columns]) + "\n\n"


def _trial_lines(guess: Guess, seen: RatingGuess) -> list[str]:
    """Propose to cut trials where the ratings change, unless something else does."""
    if {"trial", "stimulus"} & set(guess.roles) or not seen.changes:
        return []
    if seen.by_trial:
        return ['trial = "ratings"  # a trial ends where the ratings change']
    if guess.sfreq is not None:
        return []
    return [
        "# if each rating is for a whole trial, cut trials where the ratings change:",
        '# trial = "ratings"',
    ]


def _clock_lines(guess: Guess) -> list[str]:
    if guess.clock is None and guess.sfreq is not None:
        return [f"sfreq = {guess.sfreq:g}  # as the files say"]
    irregular = bool(guess.columns) and all(
        one.unit in MODALITIES[one.modality].irregular_units for one in guess.columns.values()
    )
    if guess.clock is None:
        if irregular:
            return ["# no clock was found, and none is needed: intervals follow each other"]
        return ["# no clock was found: add sfreq = the rate in Hz, without it the run stops"]
    rate = f"gives {guess.sfreq:.4g} Hz" if guess.sfreq else guess.remarks.get("rate", "check it")
    lines = [f"time = {toml(guess.clock)}{guess.remarks.get('clock', '')}"]
    if guess.time_unit is None:
        return [*lines, f"# its dates or times of day: {rate}"]
    doubt = guess.remarks.get("unit", "")
    return [*lines, f'time_unit = "{guess.time_unit}"  # {rate}{doubt}']


def _checked(text: str, guess: Guess) -> str:
    """Make sure that what is proposed can be loaded."""
    if guess.columns:
        make_recipe(tomllib.loads(text), where="the proposed recipe").reader()
    return text
