"""The commands that judge models: ``evaluate``, ``compare``, ``tune``, ``report``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from physio_vad.cli.options import (
    AsLive,
    Cache,
    EstimatorName,
    Jobs,
    LookFor,
    Minutes,
    ModelName,
    OutFolder,
    Overwrite,
    Skip,
    Split,
    Subjects,
    TablesFolder,
)
from physio_vad.cli.outputs import check_file, is_report, run_folder
from physio_vad.cli.printing import progress_bars, say
from physio_vad.exceptions import ArgumentError


def evaluate(
    tables: TablesFolder,
    out_: OutFolder,
    model: ModelName = None,
    estimator: EstimatorName = None,
    cv: Split = None,
    report: Annotated[
        Path | None,
        typer.Option(help="HTML report; by default report.html in --out.", show_default=False),
    ] = None,
    as_live: AsLive = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Recordings that the tables were made of, for --as-live.", show_default=False
        ),
    ] = None,
    look: LookFor = None,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Evaluate models on people never seen, beside their baselines."""
    from physio_vad.cli.recipes import changed
    from physio_vad.cli.summaries import say_files, say_study
    from physio_vad.study import steps as study
    from physio_vad.study.as_live import delays_of
    from physio_vad.study.pictures import show_results

    delays = delays_of(as_live or [])
    if bool(delays) != (data is not None):
        raise ArgumentError(
            "--as-live needs the recordings that the tables were made of, as --data"
            if delays
            else "--data is for --as-live; without it the tables are all that is needed"
        )
    if report is not None:
        check_file(report, tables, is_ours=is_report, overwrite=overwrite)
    read = [one for one in (data,) if one]
    with progress_bars() as step, run_folder(out_, *read, overwrite=overwrite):
        loaded = study.StudyTables.load(tables)
        loaded = replace(loaded, recipe=changed(loaded.recipe, model, cv, estimator))
        live = data and study.live_tables(
            loaded, data, out_, delays, cache=False, n_jobs=jobs, progress=step
        )
        evaluations = study.evaluate_models(loaded, as_live=live or (), n_jobs=jobs, progress=step)
        summary = study.save_evaluations(evaluations, out_)
        show_results(
            loaded, evaluations, out_, report=report, fits=look, n_jobs=jobs, progress=step
        )
    say_study(loaded, summary, evaluations)
    say_files(out_)


def compare(
    tables: TablesFolder,
    out_: OutFolder,
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model, given twice or more; all by default.", show_default=False),
    ] = None,
    estimator: Annotated[
        list[str] | None,
        typer.Option(
            help="What the models are made of; given again, each model of each. By default as the "
            "recipe says; see `list estimators`.",
            show_default=False,
        ),
    ] = None,
    cv: Split = None,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Compare models on the same folds: who is better, and whether people tell them apart."""
    from physio_vad.cli.recipes import changed
    from physio_vad.cli.summaries import say_comparison, say_files
    from physio_vad.study import steps as study
    from physio_vad.study.pictures import show_comparison

    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        loaded = study.StudyTables.load(tables)
        for name in model or []:
            changed(loaded.recipe, name)
        for name in estimator or []:
            changed(loaded.recipe, estimator=name)
        loaded = replace(loaded, recipe=changed(loaded.recipe, cv=cv))
        comparison = study.compare_on(loaded, model, estimator, n_jobs=jobs, progress=step)
        summary = study.save_comparison(comparison, out_)
        show_comparison(comparison.evaluations, out_, study=loaded.recipe.recipe.name)
    say_comparison(loaded, summary, comparison)
    say_files(out_)


def tune(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="RECIPE|TABLES",
            help="Recipe (TOML), with --data; or folder that `features` or `table` wrote.",
        ),
    ],
    out_: OutFolder,
    data: Annotated[
        Path | None,
        typer.Option(help="File or folder of recordings, for a recipe.", show_default=False),
    ] = None,
    model: ModelName = None,
    estimator: EstimatorName = None,
    tries: Annotated[
        int, typer.Option(help="Settings tried in each fold.", min=1, max=10_000)
    ] = 20,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    cache: Cache = True,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Tune the recipe's model; the score is that of people no search has seen."""
    from physio_vad.cli.recipes import asked_recipe, changed
    from physio_vad.cli.summaries import say_comparison, say_files
    from physio_vad.study import steps as study

    part = study.Subset(subjects, minutes, on_error)
    if data is None and (not what.is_dir() or part != study.WHOLE):
        raise ArgumentError(
            f"{what} is no folder of tables: a recipe needs the recordings too, as --data"
            if not what.is_dir()
            else "--subjects, --minutes and --on-error are for recordings, with a recipe and --data"
        )
    with progress_bars() as step, run_folder(out_, data or what, overwrite=overwrite):
        if data is None:
            tables = study.StudyTables.load(what)
            tables = replace(tables, recipe=changed(tables.recipe, model, estimator=estimator))
        else:
            asked = asked_recipe(what, model, estimator)
            tables = study.make_tables(
                asked, data, out_, part, cache=cache, n_jobs=jobs, progress=step
            )
        comparison, pipeline = study.tune(tables, n_iter=tries, n_jobs=jobs, progress=step)
        summary = study.save_comparison(comparison, out_)
        study.save(tables, pipeline, out_ / "model.joblib")
    say_comparison(tables, summary, comparison)
    say_files(out_)


def report(
    evaluation: Annotated[Path, typer.Argument(help="Folder of one evaluation.")],
    out_: Annotated[Path, typer.Option("--out", help="HTML file to write.")] = Path("report.html"),
    person: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw this person's predictions; give it once a person. "
            "By default the best, the median and the worst.",
            show_default=False,
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the HTML report of a saved evaluation: one file, nothing from the network."""
    from physio_vad.evaluation import Evaluation
    from physio_vad.explain import Explanation

    check_file(out_, is_ours=is_report, overwrite=overwrite)
    Evaluation.load(evaluation).to_html(
        out_,
        name=evaluation.name,
        subjects=person,
        explanation=Explanation.load(evaluation),
    )
    say(f"the report is in {out_}")
