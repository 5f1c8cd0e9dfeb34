"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

DataArgument = Annotated[Path, typer.Argument(help="File or folder of recordings.")]
DataOption = Annotated[Path, typer.Option(help="File or folder of recordings.")]
RecipeArgument = Annotated[Path, typer.Argument(help="Recipe (TOML), such as pipelines/*.toml.")]
TablesFolder = Annotated[Path, typer.Argument(help="Folder that `features` or `table` wrote.")]
ModelFile = Annotated[Path, typer.Argument(help="Model file that `train` or `run` wrote.")]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
Split = Annotated[str | None, typer.Option(help="Split; see `list splits`.")]
Subjects = Annotated[
    int | None,
    typer.Option(help="Start small: only the first N people.", min=1, show_default=False),
]
Minutes = Annotated[
    float | None,
    typer.Option(help="Start small: only the first minutes of each recording.", show_default=False),
]


def _checked_jobs(jobs: int) -> int:
    from physio_vad.validation import check_jobs

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
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Replace what is in the way, though no command of physio-vad wrote it."
    ),
]
Cache = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache",
        help="Keep recordings as they were read (8 GiB at most): the next run, with another recipe "
        "too, need not parse the files again.",
    ),
]
AsLive = Annotated[
    list[str] | None,
    typer.Option(
        help="Predict test rows as a stream with this delay does, in seconds or `settling`. Given "
        "again, the first is scored, the others stand beside it.",
        metavar="DELAY",
        show_default=False,
    ),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option("--recipe", help="Recipe (TOML); by default the eleven-column layout."),
]
ModelName = Annotated[
    str | None, typer.Option("--model", help="Model instead of the recipe's; see `list models`.")
]
EstimatorName = Annotated[
    str | None,
    typer.Option(
        "--estimator", help="What the model is made of, instead of the recipe's; `list estimators`."
    ),
]
LookFor = Annotated[
    int | None,
    typer.Option(
        "--look",
        help="Fits for finding out what the model looks at: 0 for none, 5 for importance only; by "
        "default 80, or 5 for tables of more than 5000 windows.",
        min=0,
        show_default=False,
    ),
]
