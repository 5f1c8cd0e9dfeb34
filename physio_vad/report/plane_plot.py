"""The picture of the valence-arousal plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.recording.roles import target_of
from physio_vad.report.panels import panels, put_legend, styled
from physio_vad.report.style import (
    FAINT,
    PREDICTION,
    QUIET,
    TRUTH,
    fit_scale,
    refuse_file,
    scale_label,
)
from physio_vad.report.tables import MODEL, check_subjects, plane_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physio_vad.report.panels import Panels

PLANE = ("valence", "arousal")
MOST_POINTS = 1000
"""More points than this are drawn in part, evenly over people and time."""


@styled
def plot_plane(
    evaluation: Evaluation,
    x: str | None = None,
    y: str | None = None,
    *,
    subjects: Sequence[str] | None = None,
    by: str | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw ratings and predictions in the plane of two targets.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    x, y : str, optional
        Targets of the axes; by default those whose names say valence and arousal, see `role_of`.
    subjects : sequence of str, optional
        Who gets a panel; by default those with the smallest, the middle and the largest RMSE.
    by : {"trial", "time"}, optional
        One point a trial, or one for every 30 s; by default trials where each has one rating.
    ax : Axes or sequence of Axes, optional
        Axes to draw into: one for all people, or one more for each of the subjects; a new figure
        by default.

    Returns
    -------
    Figure
        One panel for all people, then one a subject, in which a line leads from each rating to
        its prediction.

    Raises
    ------
    ArgumentError
        If a target or subject does not exist, or `ax` are not as many axes as panels.
    """
    import matplotlib.axes

    refuse_file(x, "plot_plane")
    x, y = _axes_of_plane(evaluation, x, y)
    chosen = {} if isinstance(ax, matplotlib.axes.Axes) else check_subjects(evaluation, subjects)
    points = plane_points(evaluation, [x, y], by)
    n_panels = 1 + len(chosen)
    n_rows, n_columns = (1, n_panels) if ax is not None or n_panels < 3 else (-(-n_panels // 2), 2)
    size = (4.1 * n_columns, 4.1 * n_rows + 0.4)
    figure, grid = panels(ax, n_rows, n_columns, size, sharex=True, sharey=True)
    flat = list(grid.ravel())
    every = drawn_in_part(len(points))
    title = "all people" if every == 1 else f"all people, one point of {every}"
    _draw_points(flat[0], points.iloc[::every], x, y, title, joined=False)
    for axes, (subject, place) in zip(flat[1:], chosen.items(), strict=False):
        name = f"{place}: {subject}" if place else subject
        mine = points[points.index.get_level_values("subject") == subject]
        _draw_points(axes, mine, x, y, name, joined=True)
    for axes in flat[n_panels:]:
        axes.set_visible(False)
    for axes in flat[:n_panels]:
        _fit_plane(axes, evaluation, x, y)
    for axes in grid[:, 0]:
        axes.set_ylabel(scale_label(y, evaluation.info["scale"].get(y)))
    for axes in grid[-1]:
        axes.set_xlabel(scale_label(x, evaluation.info["scale"].get(x)))
    put_legend(figure, grid, ax)
    return figure


def _axes_of_plane(evaluation: Evaluation, x: str | None, y: str | None) -> tuple[str, str]:
    """Take the targets that were named, or the ones that are valence and arousal by their names."""
    found = []
    for given, role in zip((x, y), PLANE, strict=True):
        target = given or target_of(role, evaluation.targets)
        if target is None or target not in evaluation.targets:
            raise ArgumentError(
                f"plot_plane draws valence and arousal; no target is called {given or role!r}, the "
                f"evaluation has {evaluation.targets!r}; name two of these as x= and y="
            )
        found.append(target)
    return found[0], found[1]


def drawn_in_part(n_points: int) -> int:
    """Return of how many points of all people one is drawn."""
    return -(-n_points // MOST_POINTS) if n_points else 1


def _draw_points(
    axes: Axes, points: pd.DataFrame, x: str, y: str, title: str, *, joined: bool
) -> None:
    size, alpha = (26, 0.9) if joined else (14, 0.5)
    guess_x, guess_y = points[f"{x}_{MODEL}"], points[f"{y}_{MODEL}"]
    if joined:
        axes.plot(
            [points[x], guess_x],
            [points[y], guess_y],
            color=QUIET,
            linewidth=0.7,
            alpha=0.5,
            zorder=1,
        )
    axes.scatter(
        points[x],
        points[y],
        s=size,
        alpha=alpha,
        facecolors="none",
        edgecolors=TRUTH,
        label="rating",
    )
    axes.scatter(
        guess_x, guess_y, s=size, alpha=alpha, color=PREDICTION, linewidths=0, label="prediction"
    )
    axes.set_title(title)


def _fit_plane(axes: Axes, evaluation: Evaluation, x: str, y: str) -> None:
    """Show the whole scales, square, with lines through their middles."""
    scale = evaluation.info["scale"]
    fit_scale(axes, scale.get(x), "x")
    fit_scale(axes, scale.get(y), "y")
    axes.set_box_aspect(1)
    if x in scale:
        axes.axvline(sum(scale[x]) / 2, color=FAINT, linewidth=0.8, zorder=0)
    if y in scale:
        axes.axhline(sum(scale[y]) / 2, color=FAINT, linewidth=0.8, zorder=0)
