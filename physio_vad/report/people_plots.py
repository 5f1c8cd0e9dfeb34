"""The picture of each person's skill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.evaluation import Evaluation
from physio_vad.report.panels import chosen_targets, panel_size, panels, styled
from physio_vad.report.style import (
    BASELINE,
    BESIDE,
    MANY_PEOPLE,
    PREDICTION,
    TRUTH,
    readable,
    short,
)
from physio_vad.report.tables import skill_by_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physio_vad.report.panels import Panels

LOWEST_SKILL = -1.0
"""Skill below is drawn at the edge, with its number beside."""


@styled
def plot_skill(
    evaluation: Evaluation,
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw each subject's skill: where the model helps, and whom it does not.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    targets : str or sequence of str, optional
        Which targets get a panel; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel; a new figure by default.

    Returns
    -------
    Figure
        One panel a target, subjects from the best mean skill to the worst; of many, how many have
        which skill. Left of 0 the best baseline is better than the model.

    Raises
    ------
    ArgumentError
        If there is no such target, or `ax` are not as many axes as panels.
    """
    targets = chosen_targets(targets, evaluation.targets)
    skill, best = skill_by_subject(evaluation), evaluation.best_baselines
    many = len(skill) > MANY_PEOPLE
    size = panel_size(len(targets), 3.4 if many else 1.4 + 0.24 * len(skill))
    figure, grid = panels(ax, 1, len(targets), size, sharex=True, sharey=True)
    for axes, target in zip(grid[0], targets, strict=True):
        values = skill[target].to_numpy()
        axes.axvline(0, color=TRUTH, linewidth=1.0)
        (_draw_distribution if many else _draw_people)(axes, values)
        n_better, n_known = int((values > 0).sum()), int(np.isfinite(values).sum())
        axes.set_title(f"{readable(target)}: better for {n_better} of {n_known}")
        cut = (values < LOWEST_SKILL).any()
        note = f"\n(axis cut at {LOWEST_SKILL:g}; {'' if many else '< '}lies beyond)" if cut else ""
        note = note.replace("; lies beyond", "; what lies beyond is in the first bar")
        axes.set_xlabel(f"skill against {readable(best[target])}{note}")
        axes.margins(x=0.08)
        if not many:
            axes.set_yticks(np.arange(len(skill)), [short(str(name)) for name in skill.index])
            axes.set_ylim(len(skill) - 0.4, -0.6)
    if many:
        grid[0, 0].set_ylabel("people")
    return figure


def _draw_people(axes: Axes, values: FloatArray) -> None:
    """Draw a stick for each person."""
    shown, places = np.clip(values, LOWEST_SKILL, None), np.arange(len(values))
    color = [PREDICTION if value > 0 else BASELINE for value in values]
    axes.hlines(places, 0, shown, colors=color, linewidth=1.2, alpha=0.6)
    axes.scatter(shown, places, c=color, s=28, zorder=3)
    cut = np.flatnonzero(values < LOWEST_SKILL)
    axes.scatter(shown[cut], cut, c=BASELINE, s=60, marker="<", zorder=3)
    for place in cut:
        at = (LOWEST_SKILL, float(place))
        axes.annotate(f"{values[place]:.1f}", at, (6, 4), color=BASELINE, **BESIDE)


def _draw_distribution(axes: Axes, values: FloatArray) -> None:
    """Draw how many people have which skill, with a bar edge at 0 and a line at the median."""
    known = np.clip(values[np.isfinite(values)], LOWEST_SKILL, None)
    low, high = min(known.min(initial=0.0), 0.0), max(known.max(initial=0.0), 0.0)
    width = max(high - low, 1e-9) / 30
    edges = width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)
    counts = np.histogram(known, edges)[0]
    color = np.where(edges[:-1] + width / 2 > 0, PREDICTION, BASELINE)
    axes.bar(edges[:-1], counts, width, align="edge", color=color, alpha=0.75)
    axes.axvline(float(np.median(known)), color=TRUTH, linewidth=1.6, linestyle=":")
