"""The commands from files to a feature table: ``init``, ``features``, ``check-leakage``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physio_vad.atomic import replacing
from physio_vad.cli.options import (
    Cache,
    DataArgument,
    Jobs,
    Minutes,
    OutFolder,
    Overwrite,
    RecipeFile,
    Skip,
    Subjects,
    TablesFolder,
)
from physio_vad.cli.outputs import run_folder
from physio_vad.cli.printing import out, progress_bars, say, say_marked
from physio_vad.exceptions import ArgumentError, ReadError, RecipeError


def init(
    data: DataArgument,
    out_: Annotated[Path, typer.Option("--out", help="Recipe to write.")] = Path("recipe.toml"),
) -> None:
    """Look at recordings and propose a recipe: the layout, or what the columns seem to be."""
    from physio_vad.study.propose import propose_recipe
    from physio_vad.study.recipe import load_recipe

    if out_.exists():
        raise ArgumentError(f"{out_} already exists; give another name with --out")
    with progress_bars():
        text = propose_recipe(data)
    say(text)
    with replacing(out_) as path:
        path.write_text(text, encoding="utf-8")
        try:
            load_recipe(path)
        except RecipeError:
            raise ArgumentError(
                "no column was recognised, so no recipe was written: save what stands above as "
                f"{out_} and say under [layout.columns] what the columns are"
            ) from None
    say(f"this recipe is in {out_}: it was guessed, so check it")


def features(
    data: DataArgument,
    out_: OutFolder,
    recipe: RecipeFile = None,
    layout: Annotated[
        str | None,
        typer.Option(help="Layout with its usual options, instead of a recipe; `list layouts`."),
    ] = None,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    cache: Cache = True,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Extract the feature table and the ratings of recordings, one at a time.

    A run that was stopped goes on where it stopped: give the same command again.
    """
    from physio_vad.cli.recipes import asked_recipe, other_layout
    from physio_vad.cli.summaries import say_table
    from physio_vad.study import steps as study
    from physio_vad.study.recipe import make_recipe

    if recipe is not None and layout is not None:
        raise ArgumentError("give --recipe or --layout, not both: a recipe names its layout")
    with progress_bars() as step, run_folder(out_, data, overwrite=overwrite):
        part = study.Subset(subjects, minutes, on_error)
        asked = asked_recipe(recipe)
        if layout is not None:
            asked = make_recipe({"layout": {"name": layout}}, where="--layout")
        try:
            tables = study.make_tables(
                asked, data, out_, part, cache=cache, n_jobs=jobs, progress=step
            )
        except ReadError as error:
            if recipe is None and layout is None:
                raise ReadError(f"{error}{other_layout(data)}") from None
            raise
    say_table(tables)
    say(f"features.parquet, labels.parquet and recipe.json stand in {out_}")


def table(
    file: Annotated[Path, typer.Argument(help="Table with a header and a column subject.")],
    out_: OutFolder,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of ratings, given once for each; by default valence, arousal, dominance.",
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Range of the ratings.", metavar="LOW HIGH", show_default=False),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(
            help="Folder that `features` wrote: put the columns beside its features.",
            show_default=False,
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Take features that were made elsewhere, such as one row a trial, or conditions.

    The columns subject, trial and stimulus say what a row is of; window, start and stop are left
    out. All else are features; columns of words, such as a condition, are encoded in training.
    """
    from physio_vad.cli.summaries import say_table
    from physio_vad.study import own_tables as own
    from physio_vad.study import steps as study

    if beside is not None and (target or scale):
        raise ArgumentError("--target and --scale are those of the folder that --beside names")
    with run_folder(out_, file, *[one for one in (beside,) if one], overwrite=overwrite):
        if beside is None:
            made = own.own_tables(file, target or (), scale)
        else:
            made = own.beside(study.StudyTables.load(beside), file)
        made.save(out_)
    say_table(made)
    say(f"features.parquet, labels.parquet and recipe.json stand in {out_}")


def check_leakage_(
    tables: TablesFolder,
    cv: Annotated[str, typer.Option(help="Split; see `list splits`.")] = "leave-one-subject-out",
) -> None:
    """Look for leaks in a feature table and a split; exit code 1 if one is certain."""
    from physio_vad.evaluation import check_leakage
    from physio_vad.study import steps as study

    loaded = study.StudyTables.load(tables)
    findings = check_leakage(loaded.X, loaded.y, cv=cv)
    for one in findings:
        text = f"{one.check}: {one.seen}. {one.meaning} {one.remedy}"
        say_marked(f"[bold]{one.level}[/bold]", text)
    if not findings:
        out.print("no leak found")
    raise typer.Exit(int(any(one.level == "error" for one in findings)))
