"""Pictures of an evaluation. Each function returns a matplotlib Figure; the caller saves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.metrics import METRICS
from physio_vad.report.panels import chosen_targets, panel_size, panels, put_legend, styled
from physio_vad.report.style import (
    BASELINE,
    BESIDE,
    FAINT,
    MODELS,
    PREDICTION,
    QUIET,
    TRUTH,
    fit_scale,
    readable,
    refuse_file,
    scale_label,
    short,
)
from physio_vad.report.tables import (
    MODEL,
    check_subjects,
    course,
    score_table,
    subject_rmse,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physio_vad.report.panels import Panels

THIN: Any = {"linewidth": 0.9, "linestyle": "--", "zorder": 0}


@styled
def plot_predictions(
    evaluation: Evaluation,
    subjects: Sequence[str] | None = None,
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw truth and out-of-fold prediction over time.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    subjects : sequence of str, optional
        Whom to draw; by default those with the smallest, the middle and the largest RMSE (mean
        over the targets), which the titles say.
    targets : str or sequence of str, optional
        Which targets get a row; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel, row by row; a new figure by default.

    Returns
    -------
    Figure
        One row a target, one column a subject. Trials stand end to end, thin lines between them.

    Raises
    ------
    ArgumentError
        If there is no such subject or target, or `ax` are not as many axes as panels.
    """
    refuse_file(subjects, "plot_predictions")
    chosen = check_subjects(evaluation, subjects)
    targets = chosen_targets(targets, evaluation.targets)
    rmse = subject_rmse(evaluation).mean(axis=1)
    error = "\nRMSE over all targets" if len(evaluation.targets) > 1 else ", RMSE"
    size = panel_size(max(len(chosen), 2), 1.9 * len(targets) + 1.5)
    figure, grid = panels(ax, len(targets), len(chosen), size, sharex="col", sharey="row")
    for column, (subject, place) in enumerate(chosen.items()):
        table = course(evaluation, subject)
        timed = bool(table["start"].notna().all())
        unit, label = (60.0, "minutes") if timed and table["time"].max() > 180 else (1.0, "seconds")
        for axes, target in zip(grid[:, column], targets, strict=True):
            _draw_course(axes, table, target, unit)
        name = f"{place}: {subject}" if place else subject
        grid[0, column].set_title(f"{name}{error} {rmse[subject]:.2f}")
        grid[-1, column].set_xlabel(label if timed else "windows")
    for axes, target in zip(grid[:, 0], targets, strict=True):
        fit_scale(axes, evaluation.info["scale"].get(target))
        axes.set_ylabel(scale_label(target, evaluation.info["scale"].get(target)))
    put_legend(figure, grid, ax)
    return figure


def _draw_course(axes: Axes, table: pd.DataFrame, target: str, unit: float) -> None:
    mean = f"{target}_training_mean"
    for number, (_, trial) in enumerate(table.groupby("trial", sort=False)):
        time = trial["time"] / unit
        dot = "o" if len(trial) < 4 else "none"
        name = iter(["rating", "prediction (out of fold)", "training mean"])
        lines = [(target, TRUTH, 2.0, "-", 2), (f"{target}_{MODEL}", PREDICTION, 1.6, "-", 3)]
        if mean in table:
            lines.append((mean, BASELINE, 0.9, "--", 1))
        for column, color, width, style, order in lines:
            axes.plot(
                time,
                trial[column],
                style,
                color=color,
                linewidth=width,
                zorder=order,
                label=next(name) if number == 0 else None,
                marker=dot,
                markersize=3,
            )
        if number:
            axes.axvline(time.iloc[0] - _half_step(time), color=FAINT, linewidth=0.8, zorder=0)
    axes.set_xlim(0, float(table["time"].max() / unit) * 1.01)


def _half_step(time: pd.Series[float]) -> float:
    return float(time.diff().median()) / 2 if len(time) > 1 else 0.0


@styled
def plot_scores(
    evaluations: Mapping[str, Evaluation] | Evaluation,
    metric: str = "rmse",
    level: float = 0.95,
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw models beside baselines, with intervals over subjects.

    Parameters
    ----------
    evaluations : Evaluation or mapping of str to Evaluation
        One result, or several of the same rows by the model's name; the baselines are those of
        the first.
    metric : str
        A name in `METRICS`.
    level : float
        Coverage of the intervals, in (0, 1).
    targets : str or sequence of str, optional
        Which targets get a panel; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel; a new figure by default, with a line
        above the panels that says what is drawn.

    Returns
    -------
    Figure
        One panel a target; a dot for the pooled score, a line for its interval.

    Raises
    ------
    ArgumentError
        If there is no evaluation, their targets differ, a target or the metric is unknown, or `ax`
        are not as many axes as panels.
    """
    refuse_file(metric, "plot_scores")
    if isinstance(evaluations, Evaluation):
        evaluations = {evaluations.info.get("model", "model"): evaluations}
    if not evaluations or len({one.targets for one in evaluations.values()}) > 1:
        raise ArgumentError("plot_scores needs at least one evaluation, all of the same targets")
    tables = {name: score_table(one, metric, level) for name, one in evaluations.items()}
    first = next(iter(evaluations.values()))
    baselines = list(first.info["baselines"])
    targets = chosen_targets(targets, first.targets)
    figure, grid = panels(
        ax,
        1,
        len(targets),
        panel_size(len(targets), 1.4 + 0.36 * (len(tables) + len(baselines))),
        sharey=True,
        sharex=_same_scale(first) or METRICS[metric].unitless,
    )
    ends, cut = _ends(pd.concat(tables.values())), False
    for axes, target in zip(grid[0], targets, strict=True):
        own = next(iter(tables.values())).xs(target).drop(index=MODEL)
        models = pd.DataFrame({name: one.loc[(target, MODEL)] for name, one in tables.items()}).T
        axes.axvline(own.loc[first.best_baselines[target], "value"], color=BASELINE, **THIN)
        cut |= _draw_scores(axes, models, pd.DataFrame(own, index=baselines), ends)
        axes.set_title(readable(target))
        better = "higher" if METRICS[metric].greater_is_better else "lower"
        axes.set_xlabel(f"{METRICS[metric].shown} ({better} is better)")
    if ax is not None:
        return figure
    figure.suptitle(
        f"pooled, with {level:.0%} intervals over {len(first.subjects)} subjects "
        f"({first.info['cv']}); dashed: best baseline"
        + ("; an interval goes on beyond its arrow" if cut else ""),
        x=0.01,
        ha="left",
        fontsize=11,
        color=QUIET,
    )
    return figure


def _ends(table: pd.DataFrame) -> tuple[float, float]:
    """How far intervals are drawn: very wide ones, of few people, would hide the scores."""
    values = table["value"].to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    if not len(known):
        return -np.inf, np.inf
    reach = 1.5 * float(np.abs(known).max())
    return float(known.min()) - reach, float(known.max()) + reach


def _draw_scores(
    axes: Axes, models: pd.DataFrame, baselines: pd.DataFrame, ends: tuple[float, float]
) -> bool:
    """Draw a panel; return whether an interval was cut."""
    cut = False
    table, n_models = pd.concat([models, baselines]).astype(float), len(models)
    for place, (value, low, high) in enumerate(table.to_numpy()):
        color = MODELS[place % len(MODELS)] if place < n_models else QUIET
        if np.isnan(value):
            at = axes.get_yaxis_transform()
            axes.text(0.02, place, "not defined", transform=at, va="center", color=QUIET)
            continue
        for end, limit, arrow in ((low, ends[0], "<"), (high, ends[1], ">")):
            if abs(end - value) > abs(limit - value):
                cut = True
                axes.plot(limit, place, arrow, color=color, markersize=6)
        left, right = np.clip([low, high], *ends)
        axes.plot([left, right], [place, place], color=color, linewidth=2.5, alpha=0.55)
        axes.plot(value, place, "o" if place < n_models else "D", color=color, markersize=7)
        at_end = (value if np.isnan(high) else right, place)
        text = TRUTH if place < n_models else QUIET
        axes.annotate(f"{value:.2f}", at_end, (7, 0), color=text, va="center", **BESIDE)
    axes.set_yticks(range(len(table)), [short(readable(name)) for name in table.index])
    axes.set_ylim(len(table) - 0.5, -0.7)
    axes.axhline(n_models - 0.5, color=FAINT, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.28)  # room for the number beside the longest interval
    return cut


def _same_scale(evaluation: Evaluation) -> bool:
    scale = evaluation.info["scale"]
    return len({tuple(scale.get(target, ())) for target in evaluation.targets}) == 1
