"""What the command shows in a terminal: bars, warnings, tables."""

from __future__ import annotations

import contextlib
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from physio_vad.exceptions import PhysioVadWarning
from physio_vad.modalities.base import AnyModality
from physio_vad.runs import Progress as Steps

out = Console()
"""Results, on standard output."""
err = Console(stderr=True)
"""Progress, warnings and errors, on standard error."""


def comparison_table(summary: pd.DataFrame) -> Table:
    """Draw models and baselines of every target, narrow enough for 80 characters."""
    metrics = [name for name in summary.columns if not name.startswith("skill")]
    header = ["", *(name.upper() if name != "r" else name for name in metrics), "skill [95 %]"]
    table = Table(*header, box=None, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for target, rows in summary.groupby(level="target", sort=False):
        table.add_row(f"[bold]{target}[/bold]")
        for what, row in rows.droplevel("target").iterrows():
            name = str(what).removeprefix("baseline: ").replace("_", " ")
            style = "dim" if str(what).startswith("baseline: ") else "green"
            numbers = (f"{row[metric]:.3f}" for metric in metrics)
            table.add_row(f" {name}", *numbers, _skill(row), style=style)
    return table


def _skill(row: pd.Series[float]) -> str:
    if math.isnan(row["skill"]):
        return "baseline"
    return f"{row['skill']:+.2f} [{row['skill_low']:+.2f}, {row['skill_high']:+.2f}]"


def table_lines(X: pd.DataFrame, y: pd.DataFrame, modalities: Iterable[AnyModality]) -> list[str]:
    """Say what a feature table holds: its size, what is empty in it, and who is not rated.

    Parameters
    ----------
    X, y : DataFrame
        Features and ratings, row index (subject, trial, window).
    modalities : iterable of Modality
        What the features were made with.

    Returns
    -------
    list of str
        Lines to print.
    """
    empty = X.isna().all()
    undefined = float(X.loc[:, ~empty].isna().to_numpy().mean()) if not empty.all() else 1.0
    people = X.index.get_level_values("subject").nunique()
    head = (
        f"{len(X)} windows of {people} people, {X.shape[1]} features ({undefined:.1%} of the "
        f"cells undefined{', without the empty features' * bool(empty.any())}), targets: "
        f"{', '.join(y.columns) or 'none'}"
    )
    names = [str(name) for name in X.columns[empty]]
    length = y.attrs.get("window", {}).get("length", 0.0)
    return [head, *_empty_lines(names, X, modalities, length), *_unrated_lines(y)]


def _empty_lines(
    names: Sequence[str], X: pd.DataFrame, modalities: Iterable[AnyModality], length: float
) -> list[str]:
    """Say which features are empty everywhere, those with the same reason in one line."""
    known = {f"{made.name}__{one.name}": one for made in modalities for one in made.features}
    there = {str(column).split("__")[0] for column in X.columns}
    reasons: dict[str, list[str]] = {}
    for name in names:
        feature = known.get("__".join(name.split("__")[:2]))
        reason = ""
        if feature is not None and re.search(r"\bECG\b", feature.text) and "ecg" not in there:
            reason = ": needs an ECG"
        elif feature is not None and feature.minimum > length:
            reason = f": needs {feature.minimum:g} s of signal"
        reasons.setdefault(reason, []).append(name)
    return [
        f"empty in all windows{reason}: {', '.join(some[:4])}"
        + (f" and {len(some) - 4} more" if len(some) > 4 else "")
        for reason, some in reasons.items()
    ]


def _unrated_lines(y: pd.DataFrame) -> list[str]:
    """Say how many windows lack a rating, and whose they are; rest windows need none."""
    missing = y[y.index.get_level_values("window") >= 0].isna()
    lines = []
    for target, lacking in missing.items():
        if lacking.any():
            whose = list(lacking[lacking].index.unique("subject"))
            names = ", ".join(whose[:4]) + ", ..." * (len(whose) > 4)
            lines.append(
                f"{target}: {lacking.sum()} of {len(lacking)} windows are not rated ({names})"
            )
    return lines


def names_table(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    """Draw names and what they are."""
    table = Table("name", "what it is", title=title, title_justify="left")
    table.columns[0].overflow = "fold"
    for row in rows:
        table.add_row(*map(escape, row))
    return table


@contextlib.contextmanager
def steps() -> Iterator[Steps]:
    """Show a bar for each step, and say warnings once at the end instead of between the bars.

    A step that does not know how much there is gives a total of 0.
    """
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    tasks: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught, Progress(*columns, console=err) as bars:
        warnings.simplefilter("always", PhysioVadWarning)

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks or bars.tasks[tasks[what]].finished:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        try:
            yield step
        except KeyboardInterrupt:
            err.print("stopped; finished files stay, and the same command goes on from them")
            raise
        finally:
            _say_warnings(list(dict.fromkeys(str(one.message) for one in caught)))


def _say_warnings(messages: list[str], shown: int = 5) -> None:
    for message in messages[:shown]:
        err.print("[yellow]warning:[/yellow] ", end="")
        err.print(message, markup=False, highlight=False, soft_wrap=True)
    if len(messages) > shown:
        err.print(f"[yellow]... and {len(messages) - shown} more warnings[/yellow]")
