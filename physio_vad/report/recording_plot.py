"""A picture of one recording: what came in, what was made of it, what was found in it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.dsp.gaps import runs
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import make_modalities
from physio_vad.modalities.base import AnyModality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.recording.ratings import Ratings
from physio_vad.recording.recording import Events, Recording
from physio_vad.report.panels import put_legend, styled
from physio_vad.report.style import (
    BLACK,
    FAINT,
    GREEN,
    MODELS,
    ORANGE,
    PREDICTION,
    PURPLE,
    VERMILION,
    fit_scale,
    readable,
    short,
    unit_text,
)
from physio_vad.report.traces import Found, Line, found_in
from physio_vad.report.zoom import draw_events, draw_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MOST_CHANNELS = 4
"""Channels of a modality that are drawn; the title says how many there are."""
GIVEN, COVERED = "#8C8C8C", "#BFBFBF"
MARK: Any = {"color": ORANGE, "markersize": 6, "markeredgecolor": BLACK, "markeredgewidth": 0.4}
TICK: Any = {"color": GREEN, "markersize": 8, "markeredgewidth": 1.5}
EXTREMES = ((np.min, 0.4), (np.max, 1.2))
"""The axis of inter-beat intervals shows at least these seconds."""


@styled
def plot_recording(
    recording: Recording,
    windows: pd.DataFrame | None = None,
    *,
    modalities: Iterable[str | AnyModality] | None = None,
    start: float | None = None,
    stop: float | None = None,
    fig: Figure | SubFigure | None = None,
) -> Figure:
    """Draw each modality raw and prepared, with what was found in it, its quality, and the ratings.

    Where many samples fall on a point of the picture, a pale band shows their extremes and a line
    their mean; events are drawn where they can be told apart, and counted in the title always. In a
    window of matplotlib, or in a notebook with ``%matplotlib widget`` (extra ``zoom``), each zoom
    draws what is shown anew from all samples: give a figure of pyplot, ``fig=plt.figure()``.

    Parameters
    ----------
    recording : Recording
        What to draw.
    windows : DataFrame, optional
        Window table of which the quality is drawn; by default windows of 10 s side by side.
    modalities : iterable of str or Modality, optional
        Which to draw, by name or as instances with parameters; all that the recording has by
        default.
    start, stop : float, optional
        Stretch to draw in seconds; the whole recording by default.
    fig : Figure or SubFigure, optional
        Empty figure to draw into; a new one outside pyplot by default.

    Returns
    -------
    Figure
        One panel a modality, below it the quality of each window, from 0 to 1; below all the
        ratings, where the recording has some. Channels that stand above each other share a scale
        bar.

    Raises
    ------
    ArgumentError
        If the recording has none of the modalities, the stretch is empty, or `windows` holds no
        window of the recording.
    """
    made = make_modalities(modalities)
    shown = [one for name, one in made.items() if name in recording.signals]
    if not shown:
        raise ArgumentError(
            f"the recording has none of the modalities {list(made)}; it has "
            f"{list(recording.signals)}"
        )
    start = recording.start if start is None else start
    stop = recording.stop if stop is None else stop
    if not start < stop:
        raise ArgumentError(f"start must be before stop, got {start!r} and {stop!r}")
    starts, stops = _spans(recording, windows)
    seen = (stops > start) & (starts < stop)
    rated = recording.ratings is not None
    figure, grid = _figure(fig, len(shown), rated=rated)
    for modality, axes, strip in zip(shown, grid[0::2], grid[1::2], strict=False):
        title = _draw_modality(axes, modality, recording, start, stop)
        quality = _quality(modality, recording, starts[seen], stops[seen])
        _draw_quality(strip, starts[seen], stops[seen], quality)
        middle = f", median quality {np.median(quality):.2f}" if len(quality) else ""
        axes.set_title(title + middle)
    if recording.ratings is not None:
        draw_ratings(grid[-1], recording.ratings, start, stop)
    _label_time(grid[-1], start, stop)
    put_legend(figure, np.array(grid[: 2 * len(shown)]), None, 6)
    return figure.figure


def _figure(
    fig: Figure | SubFigure | None, n_modalities: int, *, rated: bool
) -> tuple[Figure | SubFigure, list[Axes]]:
    """Make panels for signals and their quality, and one for ratings, below each other."""
    from physio_vad.report.paper import PaperFigure

    heights = [6, 1] * n_modalities + [5] * rated
    if fig is None:
        size = (10.0, 1.7 * n_modalities + 1.3 * rated + 1.0)
        fig = PaperFigure(figsize=size, layout="constrained")
    elif fig.figure.get_layout_engine() is None:
        fig.figure.set_layout_engine("constrained")
    grid = fig.subplots(len(heights), 1, squeeze=False, sharex=True, height_ratios=heights)
    return fig, list(grid[:, 0])


def _spans(recording: Recording, windows: pd.DataFrame | None) -> tuple[FloatArray, FloatArray]:
    if windows is None:
        starts = np.arange(recording.start, recording.stop - 10.0 + 1e-9, 10.0)
        return starts, starts + 10.0
    subjects, trials = (windows.index.get_level_values(name) for name in ("subject", "trial"))
    mine = windows[(subjects == recording.subject) & (trials == recording.trial)]
    if mine.empty:
        raise ArgumentError(
            f"windows holds no window of recording {recording.subject!r}, trial "
            f"{recording.trial!r}; give the table that make_windows made of it"
        )
    mine = mine.sort_values("start")
    return mine["start"].to_numpy(dtype=float), mine["stop"].to_numpy(dtype=float)


def _quality(
    modality: AnyModality, recording: Recording, starts: FloatArray, stops: FloatArray
) -> FloatArray:
    return modality.extract(recording, starts, stops).values[:, -1]


def _draw_modality(
    axes: Axes, modality: AnyModality, recording: Recording, start: float, stop: float
) -> str:
    """Draw the signal and what was found; return the title."""
    raw = recording.signals[modality.name]
    clean = modality.clean(raw)
    title = f"{modality.name} ({unit_text(modality.unit)})"
    if isinstance(raw, Events):
        return f"{title}{_draw_events(axes, modality, raw, start, stop)}"
    others = {name: one for name, one in recording.signals.items() if name != modality.name}
    given = modality.units[raw.unit](raw.values)
    n_shown = min(len(clean.channels), MOST_CHANNELS)
    found = _found(modality, clean, others)
    together = len(found) < n_shown and bool(found[0][0].lines)
    spacing = 0.0 if together else _spacing(clean, n_shown)
    lifts = _lifts(clean, n_shown, spacing)
    counts: dict[str, int] = {}
    for number, lift in enumerate(lifts):
        made = found[number][0] if number < len(found) else Found()
        channel = clean.channel(number)
        lines = (Line(raw.times, given[number], "raw"), *made.lines)
        _draw_lines(axes, lines, start, stop, lift, covered=bool(made.lines) and not together)
        for name, times in _draw_found(axes, channel, made, start, stop, lift).items():
            counts[name] = counts.get(name, 0) + times
        band = (_middle(channel) + lift - spacing / 2, spacing) if spacing else None
        _mark_bad(axes, channel, start, stop, band)
    _fit_values(axes, clean, lifts, found[0][0].lines if together else (), (start, stop))
    if spacing:
        _name_channels(axes, clean, spacing, n_shown, modality.unit)
    if len(clean.channels) > n_shown:
        title += f", first {n_shown} of {len(clean.channels)} channels"
    remarks = dict.fromkeys(filter(None, (remark for _, remark in found)))
    return ", ".join([title, *(_counted(*one) for one in counts.items()), *remarks])


def _counted(name: str, count: int) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def _found(modality: AnyModality, clean: CleanSignal, others: Others) -> list[tuple[Found, str]]:
    """Prepare a signal; what is there to draw and to say of each channel."""
    n_channels = len(clean.channels)
    with np.errstate(all="ignore"):
        if not modality.together:
            prepared = [modality.prepare(clean.channel(i), others) for i in range(n_channels)]
            return [(found_in(one), modality.remark(one)) for one in prepared]
        whole = modality.prepare(clean, others)
        remark = modality.remark(whole)
    if isinstance(whole, tuple):
        return [(found_in(one), remark) for one in whole]
    return [(found_in(whole), remark)]


def _draw_lines(
    axes: Axes, lines: tuple[Line, ...], start: float, stop: float, lift: float, *, covered: bool
) -> None:
    """Draw what was given, and on it what was made of it; `covered` makes the former wider."""
    given = (COVERED, 2.4, "-") if covered else (GIVEN, 0.7, "-")
    styles = [given, (PREDICTION, 1.1, "-"), (PURPLE, 1.3, "--")]
    for line, (color, width, dash) in zip(lines, styles, strict=False):
        draw_line(
            axes,
            Line(line.times, line.values + lift, line.name),
            (start, stop),
            color=color,
            linewidth=width,
            linestyle=dash,
        )


def _draw_found(
    axes: Axes, channel: CleanSignal, found: Found, start: float, stop: float, lift: float
) -> dict[str, int]:
    """Mark the events on the line they were found in, a second kind below; return how many."""
    seconds = channel.start + np.arange(channel.n_samples) / channel.sfreq
    base = found.lines[0] if found.lines else Line(seconds, channel.values[0])
    counts = {}
    for place, (name, times) in enumerate(found.events.items()):
        inside = times[(times >= start) & (times < stop)]
        counts[name] = len(inside)
        if len(inside) and place == 0:
            heights = lift + np.interp(inside, base.times, base.values)
            draw_events(axes, inside, heights, marker="v", label="found (see title)", **MARK)
        elif len(inside):
            low, at = axes.get_xaxis_transform(), np.full(len(inside), 0.06)
            draw_events(axes, inside, at, marker="|", transform=low, label=name, **TICK)
    return counts


def _draw_events(axes: Axes, modality: AnyModality, raw: Events, start: float, stop: float) -> str:
    """Draw values that came as events, and those that count."""
    values = modality.units[raw.unit](raw.values)
    axes.plot(raw.times, values, "o", color=FAINT, markersize=4, label="raw")
    found = found_in(modality.prepare(modality.clean(raw).channel(0), {}))
    if not found.lines:
        return ""
    used = found.lines[0]
    axes.plot(used.times, used.values, ".", color=PREDICTION, markersize=4, label=used.name)
    low, high = (extreme(used.values, initial=usual) for extreme, usual in EXTREMES)
    axes.set_ylim(low - 0.1, high + 0.1)
    n_used, n_given = (
        int(((times >= start) & (times <= stop)).sum()) for times in (used.times, raw.times)
    )
    return f", {n_used} of the {n_given} intervals there are used"


def _mark_bad(
    axes: Axes, channel: CleanSignal, start: float, stop: float, band: tuple[float, float] | None
) -> None:
    """Shade what is missing, flat, impossible or clipped, in the channel's own band."""
    for mask, color, name in (
        (channel.bad[0], VERMILION, "no signal"),
        (channel.clipped[0] & ~channel.bad[0], PURPLE, "clipped"),
    ):
        first, last = (channel.start + edge / channel.sfreq for edge in runs(mask))
        seen = (last > start) & (first < stop)
        if seen.any():
            axes.broken_barh(
                np.column_stack([first, last - first])[seen].tolist(),
                (0.0, 1.0) if band is None else band,
                transform=axes.get_xaxis_transform() if band is None else axes.transData,
                color=color,
                alpha=0.2,
                linewidth=0,
                label=name,
            )


def _spacing(clean: CleanSignal, n_shown: int) -> float:
    """Choose the distance between channels so that they hardly touch."""
    if n_shown < 2 or clean.n_samples == 0:
        return 0.0
    low, high = np.quantile(clean.values[:n_shown], [0.005, 0.995], axis=1)
    return 1.15 * float(np.max(high - low)) or 1.0


def _middle(channel: CleanSignal) -> float:
    good = channel.values[0][~channel.bad[0]]
    return float(np.median(good)) if len(good) else 0.0


def _lifts(clean: CleanSignal, n_shown: int, spacing: float) -> list[float]:
    """Choose how far each channel is moved: to levels side by side, where there are several."""
    if not spacing:
        return [0.0] * n_shown
    return [-spacing * number - _middle(clean.channel(number)) for number in range(n_shown)]


def _fit_values(
    axes: Axes,
    clean: CleanSignal,
    lifts: list[float],
    also: tuple[Line, ...],
    stretch: tuple[float, float],
) -> None:
    """Show the range of the good samples drawn; what is impossible may leave the picture."""
    seconds = clean.start + np.arange(clean.n_samples) / clean.sfreq
    seen = (seconds >= stretch[0]) & (seconds <= stretch[1])
    good = np.where(clean.bad, np.nan, clean.values)[: len(lifts), seen]
    lines = (line.values[(line.times >= stretch[0]) & (line.times <= stretch[1])] for line in also)
    shown = np.concatenate([(good + np.array(lifts)[:, np.newaxis]).ravel(), *lines])
    if np.isfinite(shown).any():
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
        slack = 0.08 * (high - low) or 1.0
        axes.set_ylim(low - slack, high + slack)


def _name_channels(axes: Axes, clean: CleanSignal, spacing: float, n_shown: int, unit: str) -> None:
    """Name the channels where they lie, and draw a bar of a round length as their common scale."""
    levels = [-spacing * number for number in range(n_shown)]
    axes.set_yticks(levels, [short(name) for name in clean.channels[:n_shown]])
    length = _round_below(0.9 * spacing)
    middle = levels[-1] / 2
    ends = [middle - length / 2, middle + length / 2]
    at_edge: Any = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    axes.plot([1.008, 1.008], ends, color=BLACK, linewidth=2, solid_capstyle="butt", **at_edge)
    text = f"{length:g} {unit_text(unit)}"
    axes.text(1.014, middle, text, rotation=90, va="center", fontsize=9, **at_edge)


def _round_below(length: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not above a length."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(power * max(one for one in (1, 2, 5) if one * power <= length * (1 + 1e-9)))


def draw_ratings(axes: Axes, ratings: Ratings, start: float, stop: float) -> None:
    """Draw what was rated: each value as long as it holds."""
    first, last = (np.clip(edge, start, stop) for edge in (ratings.starts, ratings.stops))
    seen = last > first
    edges = np.column_stack([first, last, last])[seen]
    levels = np.repeat(ratings.values[seen, :, np.newaxis], 3, axis=2)
    apart = np.append(edges[1:, 0] > edges[:-1, 1], [False])  # nothing leads over a gap
    levels[apart, :, 2] = np.nan
    looks = zip(cycle(MODELS), cycle(["-", "--", ":", "-."]), strict=False)
    for number, (target, (color, dash)) in enumerate(zip(ratings.targets, looks, strict=False)):
        values = levels[:, number].ravel()
        axes.plot(edges.ravel(), values, dash, color=color, label=short(readable(target)))
    scales = {ratings.scale[name] for name in ratings.targets if name in ratings.scale}
    if len(scales) == 1:
        fit_scale(axes, scales.pop())
    axes.set_title("ratings")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, fontsize=10, borderaxespad=0.2)


def _draw_quality(strip: Axes, starts: FloatArray, stops: FloatArray, quality: FloatArray) -> None:
    if len(starts):
        lengths = stops - starts
        apart = np.min(np.diff(starts), initial=lengths[0])  # bars of overlapping windows are cut
        width = np.minimum(lengths, apart)
        strip.bar((starts + stops) / 2, quality, width=width, color=GREEN, alpha=0.55, linewidth=0)
    strip.set_ylim(0, 1)
    strip.set_yticks([0, 1], ["0", "quality 1"], fontsize=8)
    strip.tick_params(axis="x", length=0)


def _label_time(axes: Axes, start: float, stop: float) -> None:
    axes.set_xlim(start, stop)
    axes.tick_params(axis="x", length=3)
    axes.set_xlabel("seconds from the recording's start")
