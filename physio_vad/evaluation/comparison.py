"""Models beside each other: same folds, paired differences over people, cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, Progress, under
from physio_vad.evaluation.design import Design, make_design
from physio_vad.evaluation.evaluate import evaluate_plan
from physio_vad.evaluation.folds import fit_fold, predict_fold
from physio_vad.evaluation.result import Evaluation
from physio_vad.exceptions import ArgumentError
from physio_vad.intervals import left_out, over_people

ALL = "all targets"
"""Name of the rows that hold the mean over the targets."""

REPEATS = 5
"""Predictions of a single row that are timed; the fastest counts."""


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison:
    """Models evaluated on the same folds.

    Made by `compare_models`.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        Evaluations of the same rows, by the model's name.
    costs : DataFrame of shape (n_models, 3)
        Seconds to `fit` the training side of the first fold, to `predict` its test side, and to
        `predict_one` row of it.
    """

    evaluations: Mapping[str, Evaluation]
    costs: pd.DataFrame

    @property
    def skills(self) -> pd.DataFrame:
        """Skill by model and target; with several targets also their mean."""
        table = pd.DataFrame({name: one.skill for name, one in self.evaluations.items()}).T
        if table.shape[1] > 1:
            table[ALL] = table.mean(axis=1)
        return table.rename_axis(index="model", columns="target")

    def differences(self, level: float = 0.95) -> pd.DataFrame:
        """Compare every two models by the difference of their skill, paired over people.

        What makes a person hard for both models drops out of their difference. The intervals are
        those of `physio_vad.intervals`.

        Parameters
        ----------
        level : float
            Coverage of each interval, in (0, 1).

        Returns
        -------
        DataFrame
            Index ``(first, second, target)``; `difference` is the skill of the first less that of
            the second, `low` and `high` its interval, and `separate` says whether an interval
            that is widened for the number of comparisons (Bonferroni) leaves out 0.
        """
        parts = {name: _Errors(one) for name, one in self.evaluations.items()}
        shares = next(iter(parts.values())).shares
        skills = {name: part.skills(left_out(len(shares))) for name, part in parts.items()}
        pairs = list(combinations(parts, 2))
        targets = list(self.skills.columns)
        strict = 1 - (1 - level) / (len(pairs) * len(targets))
        rows = {}
        for one, other in pairs:
            for column, target in enumerate(targets):
                apart = (skills[one] - skills[other])[:, column]
                wide = over_people(apart, shares, strict, "difference")
                rows[one, other, target] = (
                    float(apart[0]),
                    *over_people(apart, shares, level, "difference"),
                    wide[0] > 0 or wide[1] < 0,
                )
        index = pd.MultiIndex.from_tuples(list(rows), names=["first", "second", "target"])
        columns = ["difference", "low", "high", "separate"]
        return pd.DataFrame(list(rows.values()), index=index, columns=columns)

    def verdict(self, level: float = 0.95) -> str:
        """Say which models differ, and that nothing separates them where nothing does.

        Parameters
        ----------
        level : float
            Coverage over all comparisons together, in (0, 1).
        """
        table = self.differences(level)
        apart = table.loc[table["separate"].astype(bool), "difference"]
        people = len(next(iter(self.evaluations.values())).subjects)
        if apart.empty:
            return (
                f"Nothing separates these models: over {people} people no difference of skill is "
                f"clear of 0 with all {len(table)} taken together. Take the simplest or the "
                "cheapest."
            )
        lines = []
        for (one, other, target), difference in zip(apart.index.tolist(), apart, strict=True):
            better, worse = (one, other) if difference > 0 else (other, one)
            lines.append(f"{better} beats {worse} on {target} by {abs(difference):.3f}")
        said = f"Clear over {people} people: {'; '.join(lines)}."
        rest = len(table) - len(apart)
        if rest == 0:
            return said
        return f"{said} Nothing separates the models in the other {rest} of {len(table)}."

    def __repr__(self) -> str:
        return (
            f"Skill\n{self.skills.round(3).to_string()}\n\n"
            f"Seconds\n{self.costs.round(4).to_string()}\n\n{self.verdict()}"
        )


def compare_models(
    models: Mapping[str, Any],
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    allow_leakage: bool = False,
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> ModelComparison:
    """Evaluate models on one table and the same folds.

    Parameters
    ----------
    models : mapping of str to estimator
        At least two, by the name that the result calls them.
    X : DataFrame
        As in `evaluate`.
    y : DataFrame of shape (n_rows, n_targets) or Series
        As in `evaluate`.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    allow_leakage : bool
        As in `evaluate`.
    n_jobs : int, optional
        As in `evaluate`. Costs are measured apart, one fit a model in this process.
    random_state : int, optional
        As in `evaluate`.
    progress : callable, optional
        Called as ``progress(name, done, total)`` after each fold of each model.

    Returns
    -------
    ModelComparison
        Evaluations, paired differences and costs.

    Raises
    ------
    ArgumentError
        If there are fewer than two models.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> from sklearn.linear_model import Ridge
    >>> index = pd.MultiIndex.from_product(
    ...     [list("abcdefgh"), ["1"], range(10)], names=["subject", "trial", "window"]
    ... )
    >>> X = pd.DataFrame({"scl": np.random.default_rng(0).normal(size=80)}, index=index)
    >>> y = pd.DataFrame({"arousal": 2 * X["scl"] + 1})
    >>> compare_models({"ridge": Ridge(), "mean": DummyRegressor()}, X, y).verdict()
    'Clear over 8 people: ridge beats mean on arousal by 0.984.'
    """
    if len(models) < 2:
        raise ArgumentError(f"a comparison needs at least two models, got {list(models)!r}")
    design = make_design(X, y, cv, allow_leakage=allow_leakage, random_state=random_state)
    evaluations = {}
    for name, model in models.items():
        told = None if progress is None else under(progress, name)
        evaluations[name] = evaluate_plan(model, design, n_jobs=n_jobs, progress=told)
    costs = pd.DataFrame({name: _cost(model, design) for name, model in models.items()}).T
    return ModelComparison(evaluations, costs.rename_axis("model"))


def _cost(model: Any, design: Design) -> dict[str, float]:
    """Time one fit and its predictions, alone on the machine as far as we know."""
    start = time.perf_counter()
    fitted = fit_fold(model, design, 0)
    fit = time.perf_counter() - start
    start = time.perf_counter()
    predict_fold(fitted, design, 0)
    predict = time.perf_counter() - start
    row = design.X.iloc[design.splits.test(0)[:1]]
    singles = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        fitted.predict(row)
        singles.append(time.perf_counter() - start)
    return {"fit": fit, "predict": predict, "predict_one": min(singles)}


class _Errors:
    """Squared errors of each subject, of a model and its best baselines."""

    def __init__(self, evaluation: Evaluation) -> None:
        table = evaluation.predictions
        codes, names = pd.factorize(table["subject"])
        best = evaluation.best_baselines
        sums, rated = [], np.zeros(len(names))
        for target in evaluation.targets:
            truth = table[target].to_numpy(dtype=float)
            rated += np.bincount(codes, ~np.isnan(truth), minlength=len(names))
            for column in (f"{target}_predicted", f"{target}_{best[target]}"):
                error = np.nan_to_num((truth - table[column].to_numpy(dtype=float)) ** 2)
                sums.append(np.bincount(codes, error, minlength=len(names)))
        self.sums = np.array(sums)[:, rated > 0]
        total = self.sums.sum(axis=1, keepdims=True)
        self.shares = np.divide(self.sums, total, where=total > 0, out=0 * self.sums)[1::2].sum(0)

    def skills(self, counts: FloatArray) -> FloatArray:
        """Return skill by counts of people and target, with several targets also their mean.

        The rows of model and baseline are the same, so that their number cancels out.
        """
        errors = counts @ self.sums.T
        with np.errstate(invalid="ignore", divide="ignore"):
            skills = 1 - np.sqrt(errors[:, ::2] / errors[:, 1::2])
        skills[~np.isfinite(skills)] = np.nan
        if skills.shape[1] > 1:
            skills = np.column_stack([skills, skills.mean(axis=1)])
        return np.asarray(skills)
