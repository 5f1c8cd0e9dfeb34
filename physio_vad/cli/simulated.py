"""The commands that make people up: ``demo`` and ``simulate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from physio_vad.cli.options import Jobs, OutFolder, Overwrite
from physio_vad.cli.outputs import run_folder
from physio_vad.cli.printing import out, progress_bars, say


def demo(
    out_: OutFolder = Path("demo-output"),
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
    from physio_vad.cli.summaries import save_predictions, say_files, say_study
    from physio_vad.io import write_eleven_column
    from physio_vad.study import steps as study
    from physio_vad.study.recipe import EvaluationTable, Recipe
    from physio_vad.synthetic import simulate_recordings

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
        save_predictions(predicted, out_ / "new_person_predictions.csv")
    say_study(tables, summary, evaluations)
    out.print(
        "\nThese people are [bold]simulated[/bold]: the scores show that the way works and say "
        "nothing about emotion."
    )
    say_files(out_)
    (file,) = person.glob("*.csv")
    say(
        f"next, live: physio-vad live {out_ / 'model.joblib'} --source replay:{file} "
        f"--out {out_ / 'session'}"
    )


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
    from physio_vad.io import write_eleven_column
    from physio_vad.synthetic import simulate_recordings

    with progress_bars() as step, run_folder(out_, overwrite=overwrite):
        step("simulating", 0, 1)
        people = simulate_recordings(
            n_subjects=subjects, minutes=minutes, sfreq=sfreq, coupling=coupling, seed=seed
        )
        step("simulating", 1, 1)
        write_eleven_column(people, out_)
    who = f"{len(people)} simulated {'person' if len(people) == 1 else 'people'}"
    say(f"{who} of {minutes:g} min stand in {out_}")
