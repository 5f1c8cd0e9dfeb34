"""The tables of a study as a stream would have computed them, to be evaluated as they will run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from physio_vad._arrays import Progress, under
from physio_vad.exceptions import ArgumentError
from physio_vad.live.rows import settling_of
from physio_vad.study.table_store import Delay, build_table
from physio_vad.study.tables import StudyTables, silent


def delays_of(texts: Iterable[str]) -> list[Delay]:
    """Read delays as they are typed: seconds, or "settling".

    Parameters
    ----------
    texts : iterable of str
        One a delay.

    Returns
    -------
    list of float or "settling"
        Each once, in the order given.

    Raises
    ------
    ArgumentError
        If one is neither.
    """
    found: list[Delay] = []
    for text in texts:
        try:
            found.append("settling" if text == "settling" else float(text))
        except ValueError:
            raise ArgumentError(
                f"a delay is 0 or more seconds, or 'settling', got {text!r}"
            ) from None
    return list(dict.fromkeys(found))


def live_tables(
    tables: StudyTables,
    data: Path,
    folder: Path,
    delays: Sequence[Delay],
    *,
    cache: bool = True,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> list[pd.DataFrame]:
    """Compute the rows of a study's feature table as a stream does, once with each delay.

    What a run before has finished in that folder is kept, as by `make_tables`.

    Parameters
    ----------
    tables : StudyTables
        Of the same recordings.
    data : Path
        File or folder of recordings.
    folder : Path
        The study's.
    delays : sequence of float or "settling"
        As of `physio_vad.live.Stream`.
    cache : bool
        Take recordings from those that `make_tables` kept in the folder, and keep them there.
    n_jobs : int, optional
        Processes side by side.
    progress : callable
        Called with what is worked on, how much is done and how much there is.

    Returns
    -------
    list of DataFrame
        Rows and columns of the feature table, those of one's own unchanged, for
        `evaluate(..., as_live=...)`.

    Raises
    ------
    ArgumentError
        If the tables were made of no recordings, or of others, or a delay is below 0.
    """
    if delays and tables.made_elsewhere:
        raise ArgumentError(
            "as_live computes features of recordings as a stream does; these tables were made "
            "elsewhere, so it cannot: leave it out"
        )
    people = list(dict.fromkeys(tables.X.index.get_level_values("subject")))
    found = []
    for delay in delays:
        named = delay if isinstance(delay, str) else f"{delay:g} s"
        made = build_table(
            tables.recipe,
            data,
            folder / "parts" / f"live-{named.replace(' ', '')}",
            subjects=people,
            cache=cache and folder / "parts" / "recordings",
            as_live=delay,
            n_jobs=n_jobs,
            progress=under(progress, f"streaming, delay {named}"),
        )
        lacking = tables.X.index.difference(made.X.index)
        if len(lacking):
            raise ArgumentError(
                f"{data}: {len(lacking)} windows of the feature table are not there, the first is "
                f"{lacking[0]}; give the recordings that the table was made of"
            )
        rows = made.X.reindex(index=tables.X.index, columns=tables.X.columns)
        rows = rows.assign(**{name: tables.X[name] for name in tables.own_columns()})
        rows.attrs["live"] = {"delay": _seconds(delay, tables), "step": 1.0}
        found.append(rows)
    return found


def _seconds(delay: Delay, tables: StudyTables) -> float:
    if delay != "settling":
        return delay
    used = {column.split("__")[0] for column in tables.X.columns}
    return settling_of(one for one in tables.recipe.modalities() if one.name in used)
