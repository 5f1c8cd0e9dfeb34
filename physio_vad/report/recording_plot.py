"""A picture of one recording: what came in, what was made of it, what was found in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.dsp.gaps import runs
from physio_vad.exceptions import ArgumentError
from physio_vad.modalities import make_modalities
from physio_vad.modalities.base import AnyModality, Others
from physio_vad.modalities.clean import CleanSignal
from physio_vad.recording.recording import Events, Recording
from physio_vad.report.style import (
    BLACK,
    FAINT,
    GREEN,
    ORANGE,
    PREDICTION,
    PURPLE,
    VERMILLION,
    new_figure,
    short,
    styled,
)
from physio_vad.report.traces import Found, Line, found_in, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CHANNELS = 4
"""Channels of a modality that are drawn; the title says how many there are."""
GIVEN, COVERED = "#8C8C8C", "#BFBFBF"
MARK: Any = {"color": ORANGE, "markersize": 6, "markeredgecolor": BLACK, "markeredgewidth": 0.4}
MANY = 200
"""So many events are drawn small."""
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
) -> Figure:
    """Draw each modality raw and prepared, with what was found in it and its quality.

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

    Returns
    -------
    Figure
        One panel a modality, below it the quality of each window, from 0 to 1.

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
    figure, grid = new_figure(
        2 * len(shown),
        1,
        (11.0, 1.9 * len(shown) + 1.0),
        sharex=True,
        height_ratios=[6, 1] * len(shown),
    )
    for modality, axes, strip in zip(shown, grid[::2, 0], grid[1::2, 0], strict=True):
        title = _draw_modality(axes, modality, recording, start, stop)
        quality = _quality(modality, recording, starts[seen], stops[seen])
        _draw_quality(strip, starts[seen], stops[seen], quality)
        middle = f", median quality of windows {np.median(quality):.2f}" if len(quality) else ""
        axes.set_title(title + middle)
    _label_time(grid[-1, 0], start, stop)
    _legend(figure, grid[::2, 0])
    return figure


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
    title = f"{modality.name} ({modality.unit})"
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
    _fit_values(axes, clean, lifts, found[0][0].lines if together else (), spacing)
    if len(clean.channels) > n_shown:
        title += f", first {n_shown} of {len(clean.channels)} channels"
    remarks = dict.fromkeys(filter(None, (remark for _, remark in found)))
    return ", ".join([title, *(f"{count} {name}" for name, count in counts.items()), *remarks])


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
        seen = thinned(line, start, stop)
        axes.plot(
            seen.times, seen.values + lift, dash, color=color, linewidth=width, label=line.name
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
            mark = MARK if len(inside) < MANY else MARK | {"markersize": 3, "markeredgewidth": 0}
            axes.plot(inside, heights, "v", label="found (named above)", zorder=4, **mark)
        elif len(inside):
            low = axes.get_xaxis_transform()
            axes.plot(inside, np.full(len(inside), 0.06), "|", transform=low, label=name, **TICK)
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
        (channel.bad[0], VERMILLION, "no signal"),
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
    return float(np.max(high - low)) or 1.0


def _middle(channel: CleanSignal) -> float:
    good = channel.values[0][~channel.bad[0]]
    return float(np.median(good)) if len(good) else 0.0


def _lifts(clean: CleanSignal, n_shown: int, spacing: float) -> list[float]:
    """Choose how far each channel is moved: to levels side by side, where there are several."""
    if not spacing:
        return [0.0] * n_shown
    return [-spacing * number - _middle(clean.channel(number)) for number in range(n_shown)]


def _fit_values(
    axes: Axes, clean: CleanSignal, lifts: list[float], also: tuple[Line, ...], spacing: float
) -> None:
    """Show the range of the good samples; what is impossible may leave the picture."""
    n_shown = len(lifts)
    lifted = np.where(clean.bad, np.nan, clean.values)[:n_shown] + np.array(lifts)[:, np.newaxis]
    if spacing:
        axes.set_yticks(
            [-spacing * number for number in range(n_shown)],
            [short(name) for name in clean.channels[:n_shown]],
        )
    shown = np.concatenate([lifted.ravel(), *(line.values for line in also)])
    if np.isfinite(shown).any():
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
        slack = 0.08 * (high - low) or 1.0
        axes.set_ylim(low - slack, high + slack)


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


def _legend(figure: Figure, panels: Iterable[Axes]) -> None:
    """One legend for all panels, each name once."""
    known: dict[str, Any] = {}
    for axes in panels:
        handles, names = axes.get_legend_handles_labels()
        known |= {name: one for name, one in zip(names, handles, strict=True) if name not in known}
    figure.legend(known.values(), known.keys(), loc="outside upper left", ncols=6)
