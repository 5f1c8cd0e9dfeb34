"""Lines and events that follow a zoom: drawn anew from all samples for what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from physio_vad._arrays import FloatArray
from physio_vad.report.traces import Line, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_EVENTS = 150
"""More events than this cannot be told apart in a panel, and are not drawn."""
BESIDE_BAND = 1.2
"""Greatest width of the line of means in points."""
PALE = 0.35
"""How much of its colour a band of extremes has."""


def draw_line(axes: Axes, line: Line, stretch: tuple[float, float], **look: Any) -> None:
    """Draw a stretch of a line: its samples, or a pale band of extremes and the mean in it.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    line : Line
        All its samples.
    stretch : (float, float)
        Seconds that are shown first.
    **look : object
        Options of ``Axes.plot``.
    """
    (band,) = axes.plot([], [], **look, label=line.name)
    (middle,) = axes.plot([], [], **look)
    if middle.get_linewidth() > BESIDE_BAND:
        middle.set_linewidth(BESIDE_BAND)

    def show(start: float, stop: float) -> None:
        shown, mean = thinned(line, start, stop)
        band.set_data(shown.times, shown.values)
        band.set_alpha(None if mean is None else PALE)
        middle.set_data([], []) if mean is None else middle.set_data(mean.times, mean.values)

    show(*stretch)
    axes.callbacks.connect("xlim_changed", lambda changed: show(*changed.get_xlim()))


def draw_events(axes: Axes, times: FloatArray, heights: FloatArray, **look: Any) -> None:
    """Mark events wherever at most `MOST_EVENTS` of them are shown.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    times, heights : array of shape (n_events,)
        Seconds, and where the marks stand.
    **look : object
        Options of ``Axes.plot``.
    """
    (marks,) = axes.plot(times, heights, linestyle="none", zorder=4, **look)

    def show(start: float, stop: float) -> None:
        marks.set_visible(bool(((times >= start) & (times <= stop)).sum() <= MOST_EVENTS))

    show(-float("inf"), float("inf"))
    axes.callbacks.connect("xlim_changed", lambda changed: show(*changed.get_xlim()))
