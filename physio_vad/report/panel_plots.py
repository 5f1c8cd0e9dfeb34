"""Pictures of ratings, intervals, calibration, importance and training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from physio_vad._arrays import FloatArray
from physio_vad.evaluation import CalibrationCurve, ConformalIntervals, Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.regressors import SharedNetwork
from physio_vad.report.panels import chosen_targets, panel_size, panels, put_legend, styled
from physio_vad.report.style import (
    BASELINE,
    FAINT,
    MANY_PEOPLE,
    PREDICTION,
    QUIET,
    TRUTH,
    readable,
    scale_label,
    short,
)
from physio_vad.report.tables import MODEL, histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physio_vad.report.panels import Panels


@styled
def plot_ratings(
    evaluation: Evaluation,
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw how ratings and predictions are distributed.

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
        One panel a target: ratings as bars, predictions as a line. Where ratings keep to the steps
        of their scale, each step has a bar.

    Raises
    ------
    ArgumentError
        If there is no such target, or `ax` are not as many axes as panels.
    """
    targets = chosen_targets(targets, evaluation.targets)
    figure, grid = panels(ax, 1, len(targets), panel_size(len(targets), 3.1))
    for axes, target in zip(grid[0], targets, strict=True):
        table = histogram(evaluation, target)
        edges = np.append(table["from"].to_numpy(), table["to"].iloc[-1])
        axes.stairs(
            100 * table[target],
            edges,
            fill=True,
            facecolor=FAINT,
            edgecolor=QUIET,
            linewidth=0.8,
            label="ratings",
        )
        axes.stairs(
            100 * table[f"{target}_{MODEL}"],
            edges,
            color=PREDICTION,
            linewidth=1.8,
            label="predictions",
        )
        axes.set_xlabel(scale_label(target, evaluation.info["scale"].get(target)))
    grid[0, 0].set_ylabel("% of windows")
    put_legend(figure, grid, ax)
    return figure


@styled
def plot_coverage(
    intervals: Sequence[ConformalIntervals],
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw the share of each person's windows that lie inside the intervals.

    Parameters
    ----------
    intervals : sequence of ConformalIntervals
        Of one evaluation, at one or several coverages.
    targets : str or sequence of str, optional
        Which targets get a panel; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel; a new figure by default.

    Returns
    -------
    Figure
        One panel a target, one column of dots for each coverage, a dot for each person, or a line
        through many people; the dashed lines are what is asked for, the thick ones the mean.

    Raises
    ------
    ArgumentError
        If there is no such target, or `ax` are not as many axes as panels.
    """
    targets = chosen_targets(targets, list(intervals[0].half_widths.index))
    figure, grid = panels(ax, 1, len(targets), panel_size(len(targets), 3.4), sharey=True)
    for axes, target in zip(grid[0], targets, strict=True):
        for place, one in enumerate(intervals):
            shares = one.people.query("target == @target")["coverage"].to_numpy()
            _draw_coverage(axes, place, 100 * np.sort(shares), 100 * one.coverage)
        axes.set_xticks(range(len(intervals)), [f"{one.coverage:.0%} asked" for one in intervals])
        axes.set(title=readable(str(target)), ylim=(-3, 103))
    grid[0, 0].set_ylabel("% of a person's windows inside")
    put_legend(figure, grid, ax)
    return figure


def _draw_coverage(axes: Axes, place: int, shares: FloatArray, asked: float) -> None:
    along = place + 0.5 * (np.arange(len(shares)) + 0.5) / len(shares) - 0.25
    if len(shares) > MANY_PEOPLE:
        name = "people, least covered first"
        axes.plot(along, shares, color=PREDICTION, linewidth=2.4, label=name)
    else:
        axes.scatter(along, shares, s=22, color=PREDICTION, alpha=0.7, label="a person")
    ends = [place - 0.35, place + 0.35]
    axes.plot(ends, [asked] * 2, color=BASELINE, ls="--", lw=1.4, label="asked for")
    axes.plot(ends, [shares.mean()] * 2, color=TRUTH, lw=2, label="mean of people")


@styled
def plot_calibration(
    calibration: CalibrationCurve,
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw what labelled minutes of a new person are worth.

    Parameters
    ----------
    calibration : CalibrationCurve
        What `calibrate` returned.
    targets : str or sequence of str, optional
        Which targets get a panel; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel; a new figure by default.

    Returns
    -------
    Figure
        One panel a target: RMSE over the rest of the session as a share of that without
        calibration, a thin line a person (of many, bands with the middle half and the middle 80 %),
        a thick one the mean.

    Raises
    ------
    ArgumentError
        If there is no such target, or `ax` are not as many axes as panels.
    """
    people = calibration.people
    targets = chosen_targets(targets, list(people["target"].unique()))
    figure, grid = panels(ax, 1, len(targets), panel_size(len(targets), 3.4), sharey=True)
    for axes, target in zip(grid[0], targets, strict=True):
        mine = people[people["target"] == target].pivot(
            index="minutes", columns="subject", values="ratio"
        )
        axes.axhline(100, color=TRUTH, linewidth=0.8, label="uncalibrated")
        if mine.shape[1] > MANY_PEOPLE:
            band: Any = {"color": QUIET, "alpha": 0.3, "linewidth": 0}
            for tail, name in ((0.1, "middle 80 % of people"), (0.25, "middle half")):
                low, high = (100 * mine.quantile(one, axis=1) for one in (tail, 1 - tail))
                axes.fill_between(mine.index, low, high, label=name, **band)
        else:
            each: Any = {"color": QUIET, "linewidth": 0.8, "alpha": 0.75, "label": "a person"}
            axes.plot(mine.index, 100 * mine.to_numpy(), **each)
        mean: Any = {"color": PREDICTION, "linewidth": 2.4, "label": "mean of people"}
        axes.plot(mine.index, 100 * mine.mean(axis=1), "o-", **mean)
        axes.set(title=readable(str(target)), xlabel="labelled minutes")
    grid[0, 0].set_ylabel("RMSE, % of uncalibrated")
    put_legend(figure, grid, ax, 4)
    return figure


@styled
def plot_importance(
    table: pd.DataFrame,
    value: str = "importance",
    *,
    targets: str | Sequence[str] | None = None,
    ax: Panels | None = None,
) -> Figure:
    """Draw how much groups of columns matter, with intervals over people.

    Parameters
    ----------
    table : DataFrame
        Index ``(target, group)``; columns `value`, `low` and `high`, as `rmse_increase` and
        `mean_shap_values` return them.
    value : str
        Column to draw.
    targets : str or sequence of str, optional
        Which targets get a panel; all by default.
    ax : Axes or sequence of Axes, optional
        Axes to draw into, one a panel; a new figure by default.

    Returns
    -------
    Figure
        One panel a target, the group with the highest mean over all targets on top.

    Raises
    ------
    ArgumentError
        If there is no such target, or `ax` are not as many axes as panels.
    """
    targets = chosen_targets(targets, list(table.index.unique("target")))
    means = table[value].groupby(level="group").mean()
    order = means.sort_values(ascending=False, kind="stable").index
    size = panel_size(len(targets), 1.5 + 0.3 * len(order))
    figure, grid = panels(ax, 1, len(targets), size, sharey=True)
    for axes, target in zip(grid[0], targets, strict=True):
        _draw_importance(axes, pd.DataFrame(table.loc[target]).reindex(order), value)
        axes.set_title(readable(str(target)))
        axes.set_xlabel("rise of RMSE" if value == "importance" else "mean |SHAP|")
        axes.set_ylim(len(order) - 0.5, -0.5)
    put_legend(figure, grid, ax)
    return figure


def _draw_importance(axes: Axes, table: pd.DataFrame, value: str) -> None:
    places = np.arange(len(table))
    sure = (table["low"] > 0).to_numpy()
    colors = [PREDICTION if one else QUIET for one in sure]
    axes.axvline(0, color=TRUTH, linewidth=0.8)
    axes.hlines(places, table["low"], table["high"], colors=colors, linewidth=2.2, alpha=0.55)
    kinds = ((sure, PREDICTION, "shown to be above 0"), (~sure, QUIET, "not shown to be above 0"))
    for named, color, name in kinds:
        if named.any():
            axes.scatter(table[value][named], places[named], c=color, s=34, zorder=3, label=name)
    axes.set_yticks(places, [short(readable(str(name))) for name in table.index])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


@styled
def plot_loss(model: SharedNetwork | Pipeline, *, ax: Axes | None = None) -> Figure:
    """Draw the loss of training people and of people held out, epoch by epoch.

    Parameters
    ----------
    model : SharedNetwork or Pipeline
        Fitted; of a pipeline the last step.
    ax : Axes, optional
        Axes to draw into; a new figure by default.

    Returns
    -------
    Figure
        One pair of lines a network of the ensemble, with a mark where it stopped.

    Raises
    ------
    ArgumentError
        If it is no shared-layers network.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> network = SharedNetwork(max_epochs=5, random_state=0).fit(X, X, groups=np.arange(60) // 5)
    >>> plot_loss(network).axes[0].get_xlabel()
    'epoch'
    """
    network = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if not isinstance(network, SharedNetwork):
        raise ArgumentError(
            f"plot_loss draws a fitted SharedNetwork (model='shared'), got {type(network).__name__}"
        )
    check_is_fitted(network)
    figure, grid = panels(ax, 1, 1, (7.0, 3.6))
    ax = grid[0, 0]
    for number, curve in enumerate(network.loss_curves_):
        epochs = np.arange(1, len(curve) + 1)
        best = int(curve[:, 1].argmin())
        train, held_out = ("training people", "people held out") if number == 0 else (None, None)
        ax.plot(epochs, curve[:, 0], color=PREDICTION, alpha=0.6, linewidth=1.0, label=train)
        ax.plot(epochs, curve[:, 1], color=BASELINE, alpha=0.8, linewidth=1.0, label=held_out)
        kept = "weights kept" if number == 0 else None
        ax.plot(epochs[best], curve[best, 1], "o", color=BASELINE, markersize=5, label=kept)
    ax.set(xlabel="epoch", ylabel="loss of standardised ratings", title="Loss of the network")
    ax.legend()
    return figure
