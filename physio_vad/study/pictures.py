"""What is made last, when all that was computed is saved: the look inside, pictures, the report."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from physio_vad._arrays import Progress, under
from physio_vad.atomic import replacing
from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import PhysioVadWarning
from physio_vad.explain import Explanation, explain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physio_vad.study.steps import StudyTables


def show_results(
    tables: StudyTables,
    evaluations: Mapping[str, Evaluation],
    folder: Path,
    *,
    report: Path | None = None,
    fits: int | None = None,
    n_jobs: int | None = None,
    progress: Progress,
) -> None:
    """Look inside the first model, draw pictures and write the report.

    One that cannot be made is warned about, and the others are made nevertheless.

    Parameters
    ----------
    tables : StudyTables
        Features and ratings of the evaluations.
    evaluations : mapping of str to Evaluation
        By the model's name, the recipe's first.
    folder : Path
        Where ``evaluations/`` stands.
    report : Path, optional
        The HTML file to write; by default ``report.html`` in the folder.
    fits : int, optional
        Fits that the look inside may take; as in `explain`.
    n_jobs : int, optional
        Processes side by side.
    progress : callable
        Called with what is worked on, how much is done and how much there is.

    Raises
    ------
    OSError
        If a file cannot be written.

    Warns
    -----
    PhysioVadWarning
        If one cannot be made for another reason.
    """
    explanation = None
    with _costing_only_itself("look inside the model"):
        explanation = explain_model(
            tables, evaluations, folder, fits=fits, n_jobs=n_jobs, progress=progress
        )
    with _costing_only_itself("report"):
        _write_report(
            evaluations,
            report or folder / "report.html",
            explanation,
            study=tables.recipe.recipe.name,
        )
    _draw(evaluations, folder)


def show_comparison(evaluations: Mapping[str, Evaluation], folder: Path, *, study: str) -> None:
    """Draw models beside each other and report on the first with them; as `show_results`."""
    with _costing_only_itself("report"):
        _write_report(evaluations, folder / "report.html", None, study=study)
    _draw_scores(evaluations, folder)


def explain_model(
    tables: StudyTables,
    evaluations: Mapping[str, Evaluation],
    folder: Path,
    *,
    fits: int | None,
    n_jobs: int | None = None,
    progress: Progress,
) -> Explanation:
    """Find out what the recipe's model looks at, and keep it beside its evaluation."""
    name, evaluation = next(iter(evaluations.items()))
    explanation = explain(
        tables.recipe.pipeline(name),
        tables.X,
        tables.y,
        evaluation,
        fits=fits,
        n_jobs=n_jobs,
        random_state=tables.recipe.model.random_state,
        progress=under(progress, f"looking inside {name}"),
    )
    explanation.save(folder / "evaluations" / name)
    return explanation


def _write_report(
    evaluations: Mapping[str, Evaluation],
    path: Path,
    explanation: Explanation | None,
    *,
    study: str,
) -> None:
    from physio_vad.report import write_report

    (main, evaluation), *rest = evaluations.items()
    write_report(
        evaluation, path, name=main, others=dict(rest), explanation=explanation, study=study
    )


def _draw(evaluations: Mapping[str, Evaluation], folder: Path) -> None:
    from physio_vad.report import plot_predictions

    _draw_scores(evaluations, folder)
    for name, evaluation in evaluations.items():
        with _costing_only_itself(f"predictions_{name}.png"):
            _save(plot_predictions(evaluation), folder / f"predictions_{name}.png")


def _draw_scores(evaluations: Mapping[str, Evaluation], folder: Path) -> None:
    from physio_vad.report import plot_scores

    with _costing_only_itself("scores.png"):
        _save(plot_scores(evaluations), folder / "scores.png")


def _save(figure: Figure, path: Path) -> None:
    with replacing(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        figure.savefig(temporary, dpi=120)


@contextlib.contextmanager
def _costing_only_itself(what: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        warnings.warn(
            f"the {what} could not be made ({type(error).__name__}: {error}); tables, evaluations "
            "and model are saved",
            PhysioVadWarning,
            stacklevel=2,
        )
