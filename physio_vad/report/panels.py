"""The figures and axes that pictures are drawn into: new ones, or those that were given."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.report.style import STYLE, short

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    AxesGrid = npt.NDArray[np.object_]
    Panels = Axes | Sequence[Axes] | AxesGrid

P = ParamSpec("P")
R = TypeVar("R")

WIDTH = 3.1
"""Inches of a panel; three of them with their labels are as wide as a page."""


def styled(plot: Callable[P, R]) -> Callable[P, R]:
    """Draw in the house style, leaving matplotlib's settings as they were."""

    @functools.wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl

        with mpl.rc_context(STYLE):
            figure = plot(*args, **kwargs)
            given: Any = kwargs.get("ax")
            for axes in getattr(figure, "axes", ()) if given is None else _ravel(given):
                _shorten_texts(axes)
            return figure

    return drawn


def _shorten_texts(axes: Axes) -> None:
    """Keep names of any length and kind from driving the rest of a picture out."""
    from matplotlib.text import Text

    legend = axes.get_legend()
    texts = [one for one in axes.get_children() if isinstance(one, Text)]
    for text in (*texts, axes.xaxis.label, axes.yaxis.label, *(legend.texts if legend else ())):
        text.set_parse_math(False)  # axes that were given may have been made in another style
        lines = text.get_text().split("\n")
        text.set_text("\n".join(short(line, 120) for line in lines[:3]))


def panels(
    ax: Panels | None, n_rows: int, n_columns: int, size: tuple[float, float], **options: Any
) -> tuple[Figure, AxesGrid]:
    """Take the axes that were given, or make a figure with a grid of new ones, outside pyplot.

    Parameters
    ----------
    ax : Axes, sequence of Axes or None
        Axes to draw into, one a panel, row by row.
    n_rows, n_columns : int
        Grid of panels.
    size : (float, float)
        Width and height of a new figure in inches.
    **options : object
        Options of ``Figure.subplots`` for a new figure, such as ``sharex="col"``.

    Returns
    -------
    figure : Figure
        A new one with constrained layout, or the whole one of the axes that were given.
    axes : array of shape (n_rows, n_columns)
        Its axes.

    Raises
    ------
    ArgumentError
        If `ax` are not as many axes as there are panels.
    """
    from matplotlib.axes import Axes

    from physio_vad.report.paper import PaperFigure

    if ax is None:
        figure = PaperFigure(figsize=size, layout="constrained")
        return figure, figure.subplots(n_rows, n_columns, squeeze=False, **options)
    given, n_panels = _ravel(ax), n_rows * n_columns
    if len(given) != n_panels or not all(isinstance(one, Axes) for one in given):
        raise ArgumentError(
            f"ax must be {n_panels} matplotlib Axes, one a panel, got "
            f"{len(given)} x {type(given[0]).__name__ if len(given) else 'nothing'}; choose with "
            f"targets= or subjects= what is drawn, or make them by "
            f"plt.subplots({n_rows}, {n_columns})"
        )
    return given[0].figure.figure, given.reshape(n_rows, n_columns)


def _ravel(ax: Panels) -> AxesGrid:
    return np.array(ax, dtype=object).ravel()


def panel_size(n_panels: int, height: float) -> tuple[float, float]:
    """Choose the size of a row of panels, so that pictures of as many targets are as wide."""
    return max(0.9 + WIDTH * n_panels, 5.5), height


def put_legend(
    figure: Figure | SubFigure, grid: AxesGrid, ax: Panels | None, n_columns: int = 3
) -> None:
    """Put one legend above all panels, or into the first of the axes that were given."""
    from matplotlib.lines import Line2D

    known: dict[str, Any] = {}
    all_axes: list[Axes] = list(grid.ravel())
    for axes in all_axes:
        handles, names = axes.get_legend_handles_labels()
        shown = zip(names, handles, strict=True)
        known = {name: one for name, one in shown if _is_drawn(one)} | known
    where: Any = {"loc": "outside upper left", "ncols": n_columns} if ax is None else {}
    legend = (figure if ax is None else all_axes[0]).legend(known.values(), known.keys(), **where)
    for handle in legend.legend_handles:
        if isinstance(handle, Line2D):
            handle.set_alpha(None)  # a pale line in a picture is a clear one in its legend


def _is_drawn(handle: Any) -> bool:
    from matplotlib.artist import Artist

    return not isinstance(handle, Artist) or handle.get_visible()


def chosen_targets(targets: str | Iterable[str] | None, known: Sequence[str]) -> list[str]:
    """Resolve the targets asked for; by default all that there are.

    Raises
    ------
    ArgumentError
        If there is no such target, or none is asked for.
    """
    if targets is None:
        return list(known)
    asked = [targets] if isinstance(targets, str) else list(targets)
    if not asked:
        raise ArgumentError(f"targets must name at least one of {list(known)}, got none")
    for name in asked:
        if name not in known:
            raise ArgumentError(unknown_name("target", name, known))
    return asked
