"""What an evaluation offers a reader: its pictures and its report, as its methods.

The report stands above the evaluation and imports it. These methods import it back, when they are
called and not before: the only import of the package that points up, for ``result.to_html(...)`` is
what a person types. Pictures are matplotlib figures outside pyplot: ``figure.savefig(...)`` writes
them, notebooks show them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from physio_vad.evaluation.inside import Inside
    from physio_vad.evaluation.result import Evaluation


def to_html(
    evaluation: Evaluation,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    others: Mapping[str, Evaluation] | None = None,
    subjects: Sequence[str] | None = None,
    inside: Inside | None = None,
    title: str = "Evaluation report",
) -> Path:
    """Write the report that a person reads: one HTML file that needs no network.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    path : path
        The file to write.
    name : str, optional
        What the model is called; by default its name in `MODELS`, or ``"model"``.
    others : mapping of str to Evaluation, optional
        Other models on the same rows, shown beside it in the score table.
    subjects : sequence of str, optional
        Whose predictions are drawn; by default those of the best, the median and the worst person.
    inside : Inside, optional
        What `look_inside` found; adds signals, importance and scores without modalities.
    title : str
        Title of the report.

    Returns
    -------
    Path
        The file.

    See Also
    --------
    physio_vad.report.write_report : Also takes sections of your own.
    """
    from physio_vad import report

    extra = [] if inside is None else report.inside_sections(inside)
    return report.write_report(
        evaluation,
        path,
        name=name,
        others=others,
        subjects=subjects,
        extra=extra,
        title=title,
    )


def plot_scores(evaluation: Evaluation, metric: str = "rmse", level: float = 0.95) -> Figure:
    """Draw the model beside its baselines: `physio_vad.report.plot_scores`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    metric : str
        A name in `METRICS`.
    level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    Figure
        One panel a target.
    """
    from physio_vad import report

    return report.plot_scores(evaluation, metric, level)


def plot_skill(evaluation: Evaluation) -> Figure:
    """Draw the skill of each person: `physio_vad.report.plot_skill`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.

    Returns
    -------
    Figure
        One panel a target, people from the best to the worst.
    """
    from physio_vad import report

    return report.plot_skill(evaluation)


def plot_predictions(evaluation: Evaluation, subjects: Sequence[str] | None = None) -> Figure:
    """Draw truth and prediction over time: `physio_vad.report.plot_predictions`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    subjects : sequence of str, optional
        Whom to draw; by default the best, the median and the worst.

    Returns
    -------
    Figure
        One row a target, one column a subject.
    """
    from physio_vad import report

    return report.plot_predictions(evaluation, subjects)


def plot_plane(
    evaluation: Evaluation,
    x: str = "valence",
    y: str = "arousal",
    *,
    subjects: Sequence[str] | None = None,
    by: str | None = None,
) -> Figure:
    """Draw ratings and predictions in the plane of two targets: `physio_vad.report.plot_plane`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    x, y : str
        Targets of the axes.
    subjects : sequence of str, optional
        Who gets a panel; by default the best, the median and the worst.
    by : {"trial", "time"}, optional
        One point a trial, or one for every 30 s.

    Returns
    -------
    Figure
        One panel for all people, then one a subject.
    """
    from physio_vad import report

    return report.plot_plane(evaluation, x, y, subjects=subjects, by=by)


def plot_ratings(evaluation: Evaluation) -> Figure:
    """Draw how ratings and predictions are distributed: `physio_vad.report.plot_ratings`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.

    Returns
    -------
    Figure
        One panel a target.
    """
    from physio_vad import report

    return report.plot_ratings(evaluation)


def plot_coverage(evaluation: Evaluation, coverages: Sequence[float] = (0.8, 0.9)) -> Figure:
    """Draw on whom conformal intervals hold: `physio_vad.report.plot_coverage`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    coverages : sequence of float
        Nominal coverages, each in (0, 1), as in `conformal_intervals`.

    Returns
    -------
    Figure
        One panel a target.
    """
    from physio_vad import report
    from physio_vad.evaluation.conformal import conformal_intervals

    return report.plot_coverage([conformal_intervals(evaluation, one) for one in coverages])


def plot_calibration(evaluation: Evaluation, minutes: Sequence[float] | None = None) -> Figure:
    """Draw what labelled minutes are worth: `physio_vad.report.plot_calibration`.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    minutes : sequence of float, optional
        Labelled minutes, as in `calibrate`.

    Returns
    -------
    Figure
        One panel a target.
    """
    from physio_vad import report
    from physio_vad.evaluation.calibration import MINUTES, calibrate

    return report.plot_calibration(calibrate(evaluation, MINUTES if minutes is None else minutes))
