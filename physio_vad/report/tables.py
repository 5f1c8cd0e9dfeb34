"""The tables behind the pictures, all computed from an evaluation's predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation import Evaluation
from physio_vad.evaluation.rows import group_codes
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.intervals import over_people
from physio_vad.metrics import METRICS

_WHEN = ["subject", "trial", "window", "start", "stop"]

MOST_STEPS = 24
"""A scale with more steps than this is drawn like one without."""

MODEL = "predicted"
"""Ending of the column that holds the model's predictions."""


def answers(evaluation: Evaluation, target: str) -> list[str]:
    """Name what answered for a target: ``"predicted"`` first, then the baselines that apply."""
    table = evaluation.predictions
    known = [
        name for name in evaluation.info["baselines"] if table[f"{target}_{name}"].notna().any()
    ]
    return [MODEL, *known]


def score_table(evaluation: Evaluation, metric: str = "rmse", level: float = 0.95) -> pd.DataFrame:
    """Score the model and its baselines, with intervals over subjects.

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
    DataFrame
        Index ``(target, answer)``; columns `value`, `low`, `high` (NaN with one subject).

    Raises
    ------
    ArgumentError
        If the metric is unknown.
    """
    chosen = METRICS.find(metric)
    rows = {}
    for target in evaluation.targets:
        for answer in answers(evaluation, target):
            baseline = None if answer == MODEL else answer
            values = chosen.formula(evaluation.left_out(target, baseline))
            shares = evaluation.by_subject(target, baseline).shares()
            bounds = over_people(values, shares, level, chosen.link)
            rows[target, answer] = (float(values[0]), *bounds)
    index = pd.MultiIndex.from_tuples(list(rows), names=["target", "answer"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["value", "low", "high"])


def subject_rmse(evaluation: Evaluation, baseline: bool = False) -> pd.DataFrame:
    """Root mean squared error of each subject.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    baseline : bool
        Of the best baseline of each target instead of the model.

    Returns
    -------
    DataFrame of shape (n_subjects, n_targets)
        NaN where a subject did not rate a target.
    """
    best = evaluation.best_baselines
    columns = {
        target: METRICS["rmse"].formula(
            evaluation.by_subject(target, best[target] if baseline else None)
        )
        for target in evaluation.targets
    }
    names = pd.Index(evaluation.predictions["subject"].unique(), name="subject")
    return pd.DataFrame(columns, index=names).dropna(how="all")


def skill_by_subject(evaluation: Evaluation) -> pd.DataFrame:
    """Skill of each subject: 1 - RMSE / RMSE of the baseline that is best over all subjects.

    Returns
    -------
    DataFrame of shape (n_subjects, n_targets)
        Sorted by mean skill, best first; NaN where the baseline makes no error.
    """
    model, baseline = subject_rmse(evaluation), subject_rmse(evaluation, baseline=True)
    skill = 1 - model / baseline.where(baseline > 0)
    return skill.loc[skill.mean(axis=1).sort_values(ascending=False, kind="stable").index]


def choose_subjects(evaluation: Evaluation) -> dict[str, str]:
    """Choose the subjects with the smallest, the middle and the largest mean RMSE.

    Returns
    -------
    dict of str to str
        From subject to ``"best"``, ``"median"`` or ``"worst"``; fewer with fewer subjects.
    """
    ranked = subject_rmse(evaluation).mean(axis=1).sort_values(kind="stable").index
    places = {0: "best", len(ranked) - 1: "worst", (len(ranked) - 1) // 2: "median"}
    if len(ranked) < 3:
        places.pop((len(ranked) - 1) // 2)
        places[0] = "best"
    return {ranked[place]: places[place] for place in sorted(places)}


def check_subjects(evaluation: Evaluation, subjects: Sequence[str] | None) -> dict[str, str]:
    """Resolve the subjects asked for; by default the ones of `choose_subjects`.

    Raises
    ------
    ArgumentError
        If there is no such subject.
    """
    if subjects is None:
        return choose_subjects(evaluation)
    asked = [subjects] if isinstance(subjects, str) else list(subjects)
    for name in asked:
        if name not in evaluation.subjects:
            raise ArgumentError(unknown_name("subject", name, evaluation.subjects))
    return dict.fromkeys(asked, "")


def course(evaluation: Evaluation, subject: str) -> pd.DataFrame:
    """Lay a subject's trials end to end.

    Returns
    -------
    DataFrame
        One row a window, folds averaged; columns of `predictions` that are numbers, `trial`, and
        `time`: seconds from the begin of the first trial to the middle of the window (windows are
        counted where their times are unknown).
    """
    table = evaluation.predictions
    return courses(table[table["subject"] == subject]).drop(columns="subject")


def courses(table: pd.DataFrame) -> pd.DataFrame:
    """Lay the trials of each subject end to end, all subjects in one go.

    Parameters
    ----------
    table : DataFrame
        Predictions, or some of their columns and rows.

    Returns
    -------
    DataFrame
        As of `course`, with the column `subject`; subjects and trials in the order of first
        appearance, windows in their own.
    """
    columns = [name for name in table.columns if name not in {"fold", "stimulus"}]
    keys = ["subject", "trial", "window"]
    means = table[columns].groupby(keys, sort=False).mean().reset_index()
    who = pd.factorize(means["subject"])[0]
    trials, _ = group_codes([who, means["trial"]])
    order = np.lexsort((means["window"], trials, who))
    means, who, trials = means.iloc[order].reset_index(drop=True), who[order], trials[order]
    first = np.flatnonzero(np.diff(trials, prepend=-1))
    return means.assign(time=_end_to_end(means, who, np.append(first, len(means))))


def _end_to_end(means: pd.DataFrame, who: IntArray, bounds: IntArray) -> FloatArray:
    """Seconds from the begin of a subject's first trial; trials begin at `bounds`."""
    starts, stops = means["start"].to_numpy(dtype=float), means["stop"].to_numpy(dtype=float)
    time, offset = np.empty(len(means)), 0.0
    for before, first, last in zip([0, *bounds[:-2]], bounds[:-1], bounds[1:], strict=True):
        begin, end = starts[first:last], stops[first:last]
        if np.isnan(begin).any():
            begin, end = np.arange(len(begin)), np.arange(1.0, len(begin) + 1)
        offset = offset if who[before] == who[first] else 0.0
        time[first:last] = offset + (begin + end) / 2 - begin[0]
        offset += end[-1] - begin[0]
    return time


def plane_points(
    evaluation: Evaluation, targets: Sequence[str], by: str | None = None, seconds: float = 30.0
) -> pd.DataFrame:
    """Average truth and prediction of two targets over trials or over stretches of time.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    targets : sequence of str
        The targets to average.
    by : {"trial", "time"}, optional
        Over whole trials, or over stretches of `seconds` (of as many windows where times are
        unknown); by default over trials where each has one rating.
    seconds : float
        Length of a stretch.

    Returns
    -------
    DataFrame
        Index ``(subject, trial, part)``; for each target ``t`` the columns ``t`` and
        ``t_predicted``. Rows in which a target was not rated are left out.
    """
    columns = [name for target in targets for name in (target, f"{target}_{MODEL}")]
    table = courses(evaluation.predictions[[*_WHEN, *columns]])
    table = table.dropna(subset=columns)
    if by is None:
        ratings = table.groupby(["subject", "trial"])[list(targets)].nunique()
        by = "trial" if ratings.max(axis=None) == 1 else "time"
    if by not in {"trial", "time"}:
        raise ArgumentError(unknown_name("way to average", by, ["trial", "time"]))
    part: FloatArray = np.floor(table["time"].to_numpy() / seconds) * (by == "time")
    keys = [table["subject"], table["trial"], pd.Series(part, table.index, name="part")]
    return table.groupby(keys, sort=False)[columns].mean()


def histogram(evaluation: Evaluation, target: str, n_bins: int = 16) -> pd.DataFrame:
    """Count ratings and predictions of the rated windows in bins of equal width.

    Where ratings keep to the steps of a scale (whole numbers, halves), each step has a bin around
    it, so that no step falls on an edge and no bin stays empty by construction.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    target : str
        Which target.
    n_bins : int
        Bins of ratings without steps, over the declared scale, or over what occurs where none is
        declared.

    Returns
    -------
    DataFrame of shape (n_bins, 4)
        `from`, `to`, and the shares of ratings ``t`` and predictions ``t_predicted``; what lies
        beyond the scale is counted in its last bin.
    """
    table = evaluation.predictions[[target, f"{target}_{MODEL}"]].dropna(subset=[target])
    low, high = evaluation.info["scale"].get(target, (table.min(axis=None), table.max(axis=None)))
    step = _step(table[target].to_numpy(), low, high)
    if step:
        edges = np.arange(low - step / 2, high + step, step)
    else:
        edges = np.linspace(low, high if high > low else low + 1, n_bins + 1)
    shares = {
        name: np.histogram(values.clip(edges[0], edges[-1]), edges)[0] / len(table)
        for name, values in table.items()
    }
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], **shares})


def _step(ratings: FloatArray, low: float, high: float) -> float:
    """Find the step of a scale to which all ratings keep; 0 where there is none or too many."""
    for step in (1.0, 0.5, 0.25):
        places = (ratings - low) / step
        if 1 < (high - low) / step <= MOST_STEPS and np.allclose(places, np.round(places)):
            return step
    return 0.0
