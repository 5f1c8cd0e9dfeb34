"""The command ``physio-vad``: every step of a study from the shell."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import pandas as pd
import typer

from physio_vad import __version__
from physio_vad.atomic import replacing
from physio_vad.cli.live import run_live
from physio_vad.cli.outputs import (
    check_file,
    is_model,
    is_predictions,
    is_report,
    run_folder,
)
from physio_vad.cli.printing import (
    comparison_table,
    names_table,
    out,
    progress_bars,
    say,
    say_marked,
)
from physio_vad.cli.stopping import end, received, stopping
from physio_vad.evaluation import (
    BASELINES,
    SPLITS,
    Evaluation,
    ModelComparison,
    baseline_text,
    check_leakage,
)
from physio_vad.evaluation.next_steps import next_steps
from physio_vad.exceptions import ArgumentError, PhysioVadError, ReadError, RecipeError
from physio_vad.explain import Explanation
from physio_vad.features.quality import describe_table
from physio_vad.io import READERS, write_eleven_column
from physio_vad.metrics import METRICS
from physio_vad.modalities import MODALITIES
from physio_vad.regressors import ESTIMATORS, MODELS
from physio_vad.study import steps as study
from physio_vad.study.pictures import show_results
from physio_vad.study.recipe import EvaluationTable, Recipe, load_recipe, make_recipe
from physio_vad.synthetic import simulate_recordings
from physio_vad.validation import check_jobs

app = typer.Typer(
    help="From raw body recordings of several people to valence, arousal and dominance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


_FEW_PEOPLE = 6
"""With fewer, an interval by resampling people is rough."""

Subjects = Annotated[
    int | None,
    typer.Option(help="Start small: only the first N people.", min=1, show_default=False),
]
Minutes = Annotated[
    float | None,
    typer.Option(help="Start small: only the first minutes of each recording.", show_default=False),
]


def _checked_jobs(jobs: int) -> int:
    check_jobs(jobs)
    return jobs


Jobs = Annotated[
    int,
    typer.Option(help="Processes side by side; -1 for one a core.", callback=_checked_jobs),
]
Skip = Annotated[
    Literal["raise", "skip"],
    typer.Option(help="A file that cannot be read: stop, or leave it out."),
]
Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Replace what is in the way, though no command of physio-vad wrote it."
    ),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option("--recipe", help="Recipe (TOML); by default the eleven-column layout."),
]
ModelName = Annotated[
    str | None, typer.Option("--model", help="Model instead of the recipe's; see `list models`.")
]
LookFor = Annotated[
    float,
    typer.Option("--look", help="Seconds for finding out what the model looks at; 0 for none."),
]


@app.command()
def demo(
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("demo-output"),
    subjects: Annotated[int, typer.Option(help="People to simulate.", min=3)] = 20,
    minutes: Annotated[float, typer.Option(help="Minutes of each person.", min=1.0)] = 5.0,
    seed: Annotated[int, typer.Option(help="Seed of the simulation.")] = 0,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Run the whole way on simulated people, in a few minutes.

    Simulates people, reads them back from disk, extracts features, evaluates two models by
    leave-one-subject-out, trains, saves, and predicts a person never seen.
    """
    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        people = simulate_recordings(n_subjects=subjects + 1, minutes=minutes, seed=seed)
        step("writing CSV files", 0, 2)
        write_eleven_column(people[:-1], out_ / "data")
        step("writing CSV files", 1, 2)
        write_eleven_column(people[-1:], out_ / "new_person")
        step("writing CSV files", 2, 2)
        recipe = replace(Recipe(), evaluation=EvaluationTable(models=["chain"]))
        tables, summary, evaluations = study.run(
            recipe, out_ / "data", out_, n_jobs=jobs, progress=step
        )
        person = out_ / "new_person"
        predicted = study.predict(out_ / "model.joblib", person, progress=step)
        _save_predictions(predicted, out_ / "new_person_predictions.csv")
    _say_study(tables, summary, evaluations)
    out.print(
        "\nThese people are [bold]simulated[/bold]: the scores show that the way works and say "
        "nothing about emotion."
    )
    _say_files(out_)


@app.command()
def simulate(
    out_: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to.")],
    subjects: Annotated[int, typer.Option(help="People to simulate.", min=1)] = 20,
    minutes: Annotated[float, typer.Option(help="Minutes of each person.", min=0.1)] = 5.0,
    sfreq: Annotated[float, typer.Option(help="Sampling rate in Hz.", min=64.0)] = 250.0,
    coupling: Annotated[
        float, typer.Option(help="How much the body follows the ratings.", min=0.0, max=1.0)
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed: same seed, same people.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Write simulated people in the eleven-column layout, one CSV file each."""
    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        step("simulating", 0, 1)
        people = simulate_recordings(
            n_subjects=subjects, minutes=minutes, sfreq=sfreq, coupling=coupling, seed=seed
        )
        step("simulating", 1, 1)
        write_eleven_column(people, out_)
    say(f"{len(people)} simulated people of {minutes:g} minutes stand in {out_}")


@app.command()
def features(
    data: Annotated[Path, typer.Argument(help="File or folder of recordings.")],
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    recipe: RecipeFile = None,
    layout: Annotated[
        str | None,
        typer.Option(help="Layout with its usual options, instead of a recipe; `list layouts`."),
    ] = None,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Extract the feature table and the ratings of recordings, one at a time.

    A run that was stopped goes on where it stopped: give the same command again.
    """
    if recipe is not None and layout is not None:
        raise ArgumentError("give --recipe or --layout, not both: a recipe names its layout")
    with progress_bars() as step, run_folder(out_, data, overwrite=overwrite):
        part = study.Subset(subjects, minutes, on_error)
        asked = _recipe(recipe, None)
        if layout is not None:
            asked = make_recipe({"layout": {"name": layout}}, where="--layout")
        try:
            tables = study.make_tables(asked, data, out_, part, n_jobs=jobs, progress=step)
        except ReadError as error:
            if recipe is None and layout is None:
                raise ReadError(f"{error}{_other_layout(data)}") from None
            raise
    _say_table(tables)
    say(f"features.parquet, labels.parquet and recipe.json stand in {out_}")


@app.command()
def evaluate(
    tables: Annotated[Path, typer.Argument(help="Folder that `features` wrote.")],
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    model: ModelName = None,
    cv: Annotated[str | None, typer.Option(help="Split; see `list splits`.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="HTML report; by default report.html in --out.", show_default=False),
    ] = None,
    look: LookFor = 60.0,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Evaluate models on people never seen, beside their baselines."""
    if report is not None:
        check_file(report, tables, is_ours=is_report, overwrite=overwrite)
    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        loaded = study.StudyTables.load(tables)
        loaded = replace(loaded, recipe=_changed(loaded.recipe, model, cv))
        evaluations = study.evaluate_models(loaded, n_jobs=jobs, progress=step)
        summary = study.save_evaluations(evaluations, out_)
        show_results(
            loaded, evaluations, out_, report=report, seconds=look, n_jobs=jobs, progress=step
        )
    _say_study(loaded, summary, evaluations)
    _say_files(out_)


@app.command()
def live(
    model: Annotated[Path, typer.Argument(help="Model file that `train` or `run` wrote.")],
    source: Annotated[str, typer.Option(help="Where samples come from: replay:FILE.")],
    out_: Annotated[Path, typer.Option("--out", help="New folder for the recording.")],
    delay: Annotated[
        float, typer.Option(help="Seconds that predictions wait for signal after their window.")
    ] = 0.0,
    step: Annotated[float, typer.Option(help="Seconds between predictions.")] = 1.0,
    speed: Annotated[float, typer.Option(help="How many times real time a replay runs.")] = 1.0,
    interval: Annotated[
        float | None,
        typer.Option(help="Coverage of intervals that the model has.", show_default=False),
    ] = None,
) -> None:
    """Predict as samples come, a line a prediction, and record them.

    Poor signal is withheld, with the reason. The recording is read with the layout `live`.

    A model file runs code when it is loaded: use only files from people you trust.
    """
    run_live(model, source, out_, delay=delay, step=step, speed=speed, interval=interval)


@app.command()
def train(
    tables: Annotated[Path, typer.Argument(help="Folder that `features` wrote.")],
    out_: Annotated[Path, typer.Option("--out", help="Model file to write, such as m.joblib.")],
    model: ModelName = None,
    overwrite: Overwrite = False,
) -> None:
    """Train a model on everybody and save it, ready for raw recordings."""
    check_file(out_, is_ours=is_model, overwrite=overwrite)
    with progress_bars() as step:
        loaded = study.StudyTables.load(tables)
        loaded = replace(loaded, recipe=_changed(loaded.recipe, model, None))
        step("training", 0, 1)
        saved = study.train(loaded, out_)
        step("training", 1, 1)
    say(f"{loaded.recipe.model.name} for {', '.join(saved.targets)} stands in {out_}")


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="Model file that `train` or `run` wrote.")],
    data: Annotated[Path, typer.Argument(help="Recordings in the layout of the training.")],
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
    from 0 to 1: the mean over the sensors that are there. A recording that lacks a sensor of the
    training is predicted from the rest, with a warning. Intervals are infinite, or the whole
    scale, where the evaluation has too few people for the coverage; a warning says which coverage
    they allow.

    A model file runs code when it is loaded: use only files from people you trust.
    """
    check_file(out_, model, data, is_ours=is_predictions, overwrite=overwrite)
    with progress_bars() as step:
        part = study.Subset(subjects, minutes, on_error)
        asked = None if recipe is None else load_recipe(recipe)
        predicted = study.predict(
            model, data, part, step, asked, evaluation=intervals, coverage=coverage
        )
        _save_predictions(predicted, out_)
    n_recordings = predicted.groupby(level=["subject", "trial"]).ngroups
    noun = "recording" if n_recordings == 1 else "recordings"
    say(f"{len(predicted)} windows of {n_recordings} {noun} stand in {out_}")


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="Recipe (TOML), such as pipelines/*.toml.")],
    data: Annotated[Path, typer.Option(help="File or folder of recordings.")],
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    look: LookFor = 60.0,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Run a recipe: read, extract, evaluate, train, save.

    What `features` or a stopped run has extracted in --out is not extracted again.
    """
    with progress_bars() as step, run_folder(out_, data, overwrite=overwrite):
        part = study.Subset(subjects, minutes, on_error)
        tables, summary, evaluations = study.run(
            load_recipe(recipe), data, out_, part, seconds=look, n_jobs=jobs, progress=step
        )
    _say_study(tables, summary, evaluations)
    _say_files(out_)
    say(f"next: physio-vad predict {out_ / 'model.joblib'} NEW --out predictions.csv")


@app.command()
def compare(
    tables: Annotated[Path, typer.Argument(help="Folder that `features` wrote.")],
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model, given twice or more; all by default.", show_default=False),
    ] = None,
    cv: Annotated[str | None, typer.Option(help="Split; see `list splits`.")] = None,
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Compare models on the same folds: who is better, and whether people tell them apart."""
    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        loaded = study.StudyTables.load(tables)
        for name in model or []:
            _changed(loaded.recipe, name, None)
        loaded = replace(loaded, recipe=_changed(loaded.recipe, None, cv))
        comparison = study.compare_on(loaded, model, n_jobs=jobs, progress=step)
        summary = study.save_comparison(comparison, out_)
    _say_comparison(loaded, summary, comparison)
    _say_files(out_)


@app.command()
def tune(
    recipe: Annotated[Path, typer.Argument(help="Recipe (TOML), such as pipelines/*.toml.")],
    data: Annotated[Path, typer.Option(help="File or folder of recordings.")],
    out_: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    model: ModelName = None,
    tries: Annotated[int, typer.Option(help="Settings tried in each fold.", min=1)] = 20,
    subjects: Subjects = None,
    minutes: Minutes = None,
    on_error: Skip = "raise",
    jobs: Jobs = -1,
    overwrite: Overwrite = False,
) -> None:
    """Tune the recipe's model; the score is that of people no search has seen."""
    with progress_bars() as step, run_folder(out_, data, overwrite=overwrite):
        part = study.Subset(subjects, minutes, on_error)
        asked = _recipe(recipe, model)
        tables = study.make_tables(asked, data, out_, part, n_jobs=jobs, progress=step)
        comparison, pipeline = study.tune(tables, n_iter=tries, n_jobs=jobs, progress=step)
        summary = study.save_comparison(comparison, out_)
        study.save(tables, pipeline, out_ / "model.joblib")
    _say_comparison(tables, summary, comparison)
    _say_files(out_)


@app.command()
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
    check_file(out_, is_ours=is_report, overwrite=overwrite)
    Evaluation.load(evaluation).to_html(
        out_,
        name=evaluation.name,
        subjects=person,
        explanation=Explanation.load(evaluation),
    )
    say(f"the report stands in {out_}")


@app.command()
def init(
    data: Annotated[Path, typer.Argument(help="File or folder of recordings.")],
    out_: Annotated[Path, typer.Option("--out", help="Recipe to write.")] = Path("recipe.toml"),
) -> None:
    """Look at recordings and propose a recipe: the layout, or what the columns seem to be."""
    from physio_vad.study.propose import propose_recipe

    if out_.exists():
        raise ArgumentError(f"{out_} is there already; give another name with --out")
    with progress_bars():
        text = propose_recipe(data)
    say(text)
    with replacing(out_) as path:
        path.write_text(text, encoding="utf-8")
        try:
            load_recipe(path)
        except RecipeError:
            raise ArgumentError(
                "no column could be told, so no recipe was written: save what stands above as "
                f"{out_} and say under [layout.columns] what the columns are"
            ) from None
    say(f"this recipe stands in {out_}; check it, it was guessed")


@app.command("check-leakage")
def check_leakage_(
    tables: Annotated[Path, typer.Argument(help="Folder that `features` wrote.")],
    cv: Annotated[str, typer.Option(help="Split; see `list splits`.")] = "leave-one-subject-out",
) -> None:
    """Look for leaks in a feature table and a split; exit code 1 if one is certain."""
    loaded = study.StudyTables.load(tables)
    findings = check_leakage(loaded.X, loaded.y, cv=cv)
    for one in findings:
        text = f"{one.check}: {one.seen}. {one.meaning} {one.remedy}"
        say_marked(f"[bold]{one.level}[/bold]", text)
    if not findings:
        out.print("no leak found")
    raise typer.Exit(int(any(one.level == "error" for one in findings)))


@app.command("list")
def list_(
    what: Annotated[
        str, typer.Argument(help="modalities, features, layouts, models, ... (all by default)")
    ] = "",
) -> None:
    """List the names that recipes, options and functions know."""
    listings = _listings()
    if what and what not in listings:
        raise ArgumentError(f"nothing is called {what!r}; there are {', '.join(listings)}")
    for name, rows in listings.items():
        if what == name or (not what and name != "features"):
            out.print(names_table(name, rows()))


def main() -> NoReturn:
    """Run the command; errors of ours become one line and exit code 1."""
    with stopping():
        code = _run_command()
        try:
            if sys.stdout is not None:  # it is None where it was closed before the start
                sys.stdout.flush()
        except OSError as error:
            code = _fail(f"standard output: {error.strerror}")
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more at its end
        if received:
            end(128 + received[0])
    sys.exit(code)


def _run_command() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except PhysioVadError as error:
        return _fail(f"{type(error).__name__}: {error}")
    except BrokenExecutor:
        return _fail(
            "a worker process was killed, often for want of memory; what was finished stays, and "
            "the same command goes on from it: give fewer --jobs or more memory"
        )
    except OSError as error:
        return _fail(f"{error.filename or 'a file or stream'}: {error.strerror or error}")
    return 0


def _fail(text: str) -> int:
    with contextlib.suppress(OSError):  # standard error may be what failed
        say_marked("[bold red]error:[/bold red]", text)
    return 1


def _recipe(path: Path | None, model: str | None) -> Recipe:
    return _changed(Recipe() if path is None else load_recipe(path), model, None)


def _other_layout(data: Path) -> str:
    """Say which layout files have that are not in the usual one."""
    from physio_vad.study.propose import recognise

    reader = recognise(data) if data.exists() else None
    if reader is None:
        return ""
    return (
        f". This looks like {reader.name}: give --layout {reader.name}, or write a recipe with "
        f"`physio-vad init {data}` and give it as --recipe; in Python "
        f"read_recordings({str(data)!r}, {reader.name!r})"
    )


def _changed(recipe: Recipe, model: str | None, cv: str | None) -> Recipe:
    """Put what the command line asks for in place of what the recipe says."""
    if model is not None:
        MODELS.find(model)
        recipe = replace(
            recipe,
            model=replace(recipe.model, name=model),
            evaluation=replace(recipe.evaluation, models=None),
        )
    if cv is not None:
        recipe = replace(recipe, evaluation=replace(recipe.evaluation, cv=cv))
    return recipe


def _save_predictions(predicted: pd.DataFrame, path: Path) -> None:
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            predicted.to_parquet(temporary)
        else:
            predicted.to_csv(temporary)


def _listings() -> dict[str, Callable[[], list[tuple[str, str]]]]:
    def described(registry: dict[str, Any]) -> Callable[[], list[tuple[str, str]]]:
        return lambda: [(name, _first_line(thing)) for name, thing in registry.items()]

    return {
        "modalities": described(dict(MODALITIES)),
        "features": lambda: [
            (f"{name}__{one.name}", f"{one.text} [{one.unit}]")
            for name, cls in MODALITIES.items()
            for one in cls().features
        ],
        "layouts": described(dict(READERS)),
        "models": described(dict(MODELS)),
        "estimators": lambda: [
            (name, " ".join(repr(make()).split())) for name, make in ESTIMATORS.items()
        ],
        "splits": lambda: [(name, _first_line(type(make(0)))) for name, make in SPLITS.items()],
        "metrics": described(dict(METRICS)),
        "baselines": described(dict(BASELINES)),
    }


def _first_line(thing: Any) -> str:
    return (getattr(thing, "__doc__", None) or "").strip().split("\n", maxsplit=1)[0]


def _say_study(
    tables: study.StudyTables, summary: pd.DataFrame, evaluations: Mapping[str, Evaluation]
) -> None:
    _say_table(tables)
    out.print("\nOut-of-fold predictions of people never seen, beside the baselines:")
    out.print(comparison_table(summary))
    out.print("[dim]skill = 1 - RMSE / RMSE of the best baseline; interval over people[/dim]")
    rated = min(tables.y[name].dropna().index.unique("subject").size for name in tables.y)
    if rated < _FEW_PEOPLE:
        out.print(
            f"[dim]a target is rated by {rated} people only: intervals over so few are rough, and "
            "with one there is none[/dim]"
        )
    names = dict.fromkeys(str(name) for name in summary.index.get_level_values("what"))
    for name in (one.removeprefix("baseline: ") for one in names if one.startswith("baseline: ")):
        say(f"{name.replace('_', ' ')}: {baseline_text(name)}", style="dim")
    _say_findings(evaluations)
    steps = next_steps(evaluations)
    if steps:
        out.print("\nNo model is better than its baselines. What to look at, in this order:")
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")


def _say_findings(evaluations: Mapping[str, Evaluation]) -> None:
    """Print what the checks saw, once where it is the same for all models."""
    first: dict[str, str] = {}
    for name, evaluation in evaluations.items():
        for finding in evaluation.findings:
            first.setdefault(str(finding), name)
    for text, name in first.items():
        say(f"{name}: {text}")


def _say_comparison(
    tables: study.StudyTables, summary: pd.DataFrame, comparison: ModelComparison
) -> None:
    _say_study(tables, summary, comparison.evaluations)
    out.print("\nSeconds to fit, to predict a fold and to predict one row:")
    for name, cost in comparison.costs.iterrows():
        say(f" {name}: {cost['fit']:.2f}, {cost['predict']:.3f}, {cost['predict_one']:.4f}")
    say(f"\n{comparison.verdict()}")


def _say_table(tables: study.StudyTables) -> None:
    for line in describe_table(tables.X, tables.y, tables.recipe.modalities()):
        say(line)
    if tables.note:
        say(tables.note)


def _say_files(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    say(f"\nIn {folder}: {', '.join(names)}")


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """From raw body recordings of several people to valence, arousal and dominance."""
    if version:
        out.print(__version__)
        raise typer.Exit


if __name__ == "__main__":
    main()
