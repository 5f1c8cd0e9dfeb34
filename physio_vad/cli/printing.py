"""What the command shows in a terminal: bars, warnings, tables."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from physio_vad.exceptions import PhysioVadWarning
from physio_vad.visible import visible

if TYPE_CHECKING:  # they are not imported for help
    import pandas as pd
    from rich.table import Table

    from physio_vad._arrays import Progress
from physio_vad.cli.stopping import first_to_say

_MOST_NAMED = 3
out = Console()
"""Results, on standard output."""
err = Console(stderr=True)
"""Progress, warnings and errors, on standard error."""


def say(text: str, console: Console | None = None, style: str | None = None) -> None:
    """Print a text with names in it as it is, in lines that can be copied whole."""
    (console or out).print(
        visible(text), style=style, markup=False, highlight=False, soft_wrap=True
    )


def say_marked(mark: str, text: str) -> None:
    """Print a text on standard error behind a mark of ours, such as ``[bold]error:[/bold]``."""
    err.print(f"{mark} ", end="")
    say(text, err)


def _cell(text: str) -> str:
    return escape(visible(text))


def comparison_table(summary: pd.DataFrame) -> Table:
    """Draw models and baselines of every target, narrow enough for 80 characters."""
    from rich.table import Table

    metrics = [name for name in summary.columns if not name.startswith("skill")]
    header = ["", *(name.upper() if name != "r" else name for name in metrics), "skill [95 %]"]
    table = Table(*header, box=None, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for target, rows in summary.groupby(level="target", sort=False):
        table.add_row(f"[bold]{_cell(str(target))}[/bold]")
        for what, row in rows.droplevel("target").iterrows():
            name = str(what).removeprefix("baseline: ").replace("_", " ")
            style = "dim" if str(what).startswith("baseline: ") else "green"
            numbers = (_number(row[metric]) for metric in metrics)
            table.add_row(f" {_cell(name)}", *numbers, _skill(row), style=style)
    return table


def _number(value: float) -> str:
    return "\N{EN DASH}" if math.isnan(value) else f"{value:.3f}"


def _skill(row: pd.Series[float]) -> str:
    if math.isnan(row["skill"]):
        return "baseline"
    if math.isnan(row["skill_low"]):
        return f"{row['skill']:+.2f}"
    return f"{row['skill']:+.2f} [{row['skill_low']:+.2f}, {row['skill_high']:+.2f}]"


def names_table(title: str, rows: Sequence[tuple[str, str]]) -> Table:
    """Draw names and what they are."""
    from rich.table import Table

    table = Table("name", "what it is", title=title, title_justify="left")
    table.columns[0].overflow = "fold"
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show a bar for each step, and say warnings once at the end instead of between the bars.

    A step that does not know how much there is gives a total of 0.
    """
    from rich import progress as rich  # slow to import, as the tables are

    columns = (
        rich.TextColumn("{task.description:<24}"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeElapsedColumn(),
    )
    tasks: dict[str, Any] = {}
    with (
        warnings.catch_warnings(record=True) as caught,
        rich.Progress(*columns, console=err) as bars,
    ):
        warnings.simplefilter("always", PhysioVadWarning)

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks or bars.tasks[tasks[what]].finished:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        try:
            yield step
        except KeyboardInterrupt:
            if text := first_to_say():
                err.print(text)
            raise
        finally:
            _say_warnings(together(dict.fromkeys(str(one.message) for one in caught)))


def together(messages: Iterable[str]) -> list[str]:
    """Say once what is the same of several files or people, whose names stand before it."""
    places: dict[str, list[str]] = {}
    for message in messages:
        where, mark, what = message.partition(": ")
        places.setdefault(what if mark else message, []).append(where if mark else "")
    told = []
    for what, names in places.items():
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        where = ", ".join(filter(None, names[:_MOST_NAMED])) + more
        told.append(f"{where}: {what}" if where else what)
    return told


def _say_warnings(messages: list[str], shown: int = 5) -> None:
    for message in messages[:shown]:
        say_marked("[yellow]warning:[/yellow]", message)
    if len(messages) > shown:
        err.print(f"[yellow]... and {len(messages) - shown} more warnings[/yellow]")
