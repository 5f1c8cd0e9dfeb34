"""The tables behind the pictures, all computed from an evaluation's predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.evaluation import Evaluation
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.intervals import over_people
from physio_vad.metrics import METRICS, Moments

MODEL = "predicted"
"""Ending of the column that holds the model's predictions."""


def answers(evaluation: Evaluation, target: str) -> list[str]:
    """Name what answered for a target: ``"predicted"`` first, then the baselines that apply."""
    table = evaluation.predictions
    known = [
        name for name in evaluation.info["baselines"] if table[f"{target}_{name}"].notna().any()
    ]
    return [MODEL, *known]


def by_subject(evaluation: Evaluation, target: str, answer: str = MODEL) -> Moments:
    """Compute the moments of each subject, in the order of first appearance."""
    table = evaluation.predictions
    codes, names = pd.factorize(table["subject"])
    truth, given = (table[name].to_numpy(dtype=float) for name in (target, f"{target}_{answer}"))
    return Moments.of(truth, given, codes.astype(np.intp), len(names))


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
            parts = by_subject(evaluation, target, answer)
            values = chosen.formula(parts.left_out())
            bounds = over_people(values, parts.shares(), level, chosen.link)
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
            by_subject(evaluation, target, best[target] if baseline else MODEL)
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
    mine = table[table["subject"] == subject].drop(columns=["subject", "fold", "stimulus"])
    mine = mine.groupby(["trial", "window"], sort=False).mean().reset_index()
    offset, parts = 0.0, []
    for _, trial in mine.groupby("trial", sort=False):
        part = trial.sort_values("window")
        starts, stops = part["start"].to_numpy(), part["stop"].to_numpy()
        if np.isnan(starts).any():
            starts, stops = np.arange(len(part)), np.arange(1.0, len(part) + 1)
        parts.append(part.assign(time=offset + (starts + stops) / 2 - starts[0]))
        offset += stops[-1] - starts[0]
    return pd.concat(parts, ignore_index=True)


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
    courses = {name: course(evaluation, name) for name in evaluation.subjects}
    table = pd.concat(courses, names=["subject", "row"]).reset_index("subject")
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

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    target : str
        Which target.
    n_bins : int
        Bins over the declared scale, or over what occurs where none is declared.

    Returns
    -------
    DataFrame of shape (n_bins, 4)
        `from`, `to`, and the shares of ratings ``t`` and predictions ``t_predicted``; what lies
        beyond the scale is counted in its last bin.
    """
    table = evaluation.predictions[[target, f"{target}_{MODEL}"]].dropna(subset=[target])
    low, high = evaluation.info["scale"].get(target, (table.min(axis=None), table.max(axis=None)))
    edges = np.linspace(low, high if high > low else low + 1, n_bins + 1)
    shares = {
        name: np.histogram(values.clip(edges[0], edges[-1]), edges)[0] / len(table)
        for name, values in table.items()
    }
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], **shares})
