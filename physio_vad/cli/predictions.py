"""The commands to a model and its predictions: ``run``, ``train``, ``predict``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from physio_vad.cli.options import (
    AsLive,
    Cache,
    DataOption,
    EstimatorName,
    Jobs,
    LookFor,
    Minutes,
    ModelFile,
    ModelName,
    OutFolder,
    Overwrite,
    RecipeArgument,
    Skip,
    Subjects,
    TablesFolder,
)
from physio_vad.cli.outputs import check_file, is_model, is_predictions, run_folder
from physio_vad.cli.printing import progress_bars, say


def run(
    recipe: RecipeArgument,
    data: DataOption,
    out_: OutFolder,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    as_live: AsLive = None,
    look: LookFor = None,
    cache: Cache = True,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Run a recipe: read, extract, evaluate, train, save.

    What `features` or a stopped run has extracted in --out is not extracted again.
    """
    from physio_vad.cli.summaries import say_files, say_study
    from physio_vad.study import steps as study
    from physio_vad.study.as_live import delays_of
    from physio_vad.study.recipe import load_recipe

    delays = delays_of(as_live or [])
    with progress_bars() as step, run_folder(out_, data, overwrite=overwrite):
        part = study.Subset(subjects, minutes, on_error)
        tables, summary, evaluations = study.run(
            load_recipe(recipe),
            data,
            out_,
            part,
            as_live=delays,
            fits=look,
            cache=cache,
            n_jobs=jobs,
            progress=step,
        )
    say_study(tables, summary, evaluations)
    say_files(out_)
    say(f"next: physio-vad predict {out_ / 'model.joblib'} NEW --out predictions.csv")


def train(
    tables: TablesFolder,
    out_: Annotated[Path, typer.Option("--out", help="Model file to write, such as m.joblib.")],
    model: ModelName = None,
    estimator: EstimatorName = None,
    overwrite: Overwrite = False,
) -> None:
    """Train a model on everybody and save it, ready for recordings, or tables of your columns."""
    from physio_vad.cli.recipes import changed
    from physio_vad.study import steps as study

    check_file(out_, is_ours=is_model, overwrite=overwrite)
    with progress_bars() as step:
        loaded = study.StudyTables.load(tables)
        loaded = replace(loaded, recipe=changed(loaded.recipe, model, estimator=estimator))
        step("training", 0, 1)
        saved = study.train(loaded, out_)
        step("training", 1, 1)
    say(f"{loaded.recipe.model.name} for {', '.join(saved.targets)} is in {out_}")
    own = loaded.own_columns()
    if own:
        say(f"it predicts tables, not recordings: {own[0]!r} is in none")


def predict(
    model: ModelFile,
    data: Annotated[
        Path,
        typer.Argument(
            help="Recordings in the layout of the training; a table for a model of own columns."
        ),
    ],
    out_: Annotated[Path, typer.Option("--out", help="CSV or Parquet file to write.")],
    recipe: Annotated[
        Path | None,
        typer.Option(
            help="Recipe (TOML) whose layout and windows are used; by default the model's own.",
            show_default=False,
        ),
    ] = None,
    intervals: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the model's evaluation, such as OUT/evaluations/multioutput: adds "
            "the columns <target>_low and <target>_high.",
            show_default=False,
        ),
    ] = None,
    coverage: Annotated[
        float,
        typer.Option(help="Share of a new person's windows that --intervals shall hold."),
    ] = 0.8,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    overwrite: Overwrite = False,
) -> None:
    """Predict recordings of people, rated or not, with a saved model.

    The table has start and stop of each window in seconds, a column for each target, and quality,
    from 0 to 1: the mean over the sensors that are there. A sensor of the training that a person
    lacks is filled in from the rest, with a warning that says what that costs. Intervals are
    infinite, or the whole scale, where the evaluation has too few people for the coverage; a
    warning says which coverage they allow.

    A model file runs code when it is loaded: use only files from people you trust.
    """
    from physio_vad.cli.summaries import save_predictions
    from physio_vad.study import steps as study
    from physio_vad.study.recipe import load_recipe

    check_file(out_, model, data, is_ours=is_predictions, overwrite=overwrite)
    with progress_bars() as step:
        part = study.Subset(subjects, minutes, on_error)
        asked = None if recipe is None else load_recipe(recipe)
        predicted = study.predict(
            model, data, part, step, asked, evaluation=intervals, coverage=coverage
        )
        save_predictions(predicted, out_)
    n_recordings = predicted.groupby(level=["subject", "trial"]).ngroups
    noun = "recording" if n_recordings == 1 else "recordings"
    rows = f"windows of {n_recordings} {noun}" if predicted["start"].notna().any() else "rows"
    say(f"{len(predicted)} {rows} stand in {out_}")
