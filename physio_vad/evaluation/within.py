"""Does the body follow the rating within a person? Correlation within people, interval and p."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.rows import Rows
from physio_vad.evaluation.shuffling import Shuffler
from physio_vad.intervals import mean_over_people

if TYPE_CHECKING:
    from physio_vad.evaluation.result import Evaluation

TRAINED_ON_EACH_OTHER = 2.0
"""Variance of the mean r under chance, as a multiple of that for predictions held fixed.

Under chance each pair of people counts twice: the ratings of one train what predicts the other.
"""


def r_within_people(evaluation: Evaluation, level: float = 0.95) -> pd.DataFrame:
    """Average the correlation of prediction and rating within each person over people.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    DataFrame
        Index: targets; columns `value`, `low`, `high` and `p`: one-sided, from ratings that change
        places within people while the predictions stay, with the variance doubled, as the models
        were trained on each other's people. `permutation_test` fits anew each time.
    """
    table = evaluation.predictions
    rows = {}
    for target in evaluation.targets:
        rated = table[table[target].notna()]
        people = _Centred(rated, target)
        rows[target] = (*mean_over_people(people.r(people.truth), level), people.p_value())
    columns = ["value", "low", "high", "p"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("target")


def mean_r_within_people(evaluation: Evaluation) -> pd.Series[float]:
    """Average r within people of each target, without interval and p."""
    table, found = evaluation.predictions, {}
    for target in evaluation.targets:
        people = _Centred(table[table[target].notna()], target)
        r = people.r(people.truth)
        found[target] = float(np.nanmean(r)) if not np.isnan(r).all() else np.nan
    return pd.Series(found, name="r_subject").rename_axis("target")


class _Centred:
    """Ratings and predictions about the mean of each person, one person after the other."""

    def __init__(self, table: pd.DataFrame, target: str) -> None:
        codes = pd.factorize(table["subject"])[0]
        order = np.argsort(codes, kind="stable")
        table, codes = table.iloc[order], codes[order]
        names = ("subject", "trial", "window", "start", "stop", "stimulus")
        self.rows = Rows(*(table[name].to_numpy() for name in names))
        self.starts = np.flatnonzero(np.diff(codes, prepend=-1))
        self.codes = codes
        self.truth = self._centre(table[target])
        self.prediction = self._centre(table[f"{target}_predicted"])

    def _centre(self, column: pd.Series[float]) -> FloatArray:
        values = column.to_numpy(dtype=float)
        means = np.add.reduceat(values, self.starts) / np.bincount(self.codes)
        values = values - means[self.codes]
        return np.where(np.abs(values) > 1e-12 * np.abs(means[self.codes]), values, 0.0)

    def r(self, truth: FloatArray) -> FloatArray:
        """Correlation within each person: 0 for a constant prediction, NaN for a constant truth."""
        xx, yy, xy = (
            np.add.reduceat(one, self.starts)
            for one in (self.prediction**2, truth**2, truth * self.prediction)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(yy > 0, np.where(xx > 0, xy / np.sqrt(xx * yy), 0.0), np.nan)

    def p_value(self) -> float:
        """Chance of the mean r, or a larger one, where ratings and body have nothing in common."""
        seen, shuffler, rng = self.r(self.truth), Shuffler(self.rows), np.random.default_rng(0)
        used = ~np.isnan(seen)
        if not used.any():
            return float("nan")
        n_draws = int(np.clip(2000 // len(seen), 10, 99))
        draws: list[IntArray] = [shuffler.draw(rng) for _ in range(n_draws)]
        chance = np.array([self.r(self.truth[draw])[used] for draw in draws])
        spread = np.sqrt(TRAINED_ON_EACH_OTHER * chance.var(axis=0, ddof=1).sum())
        if not spread > 0:
            return float("nan")
        return float(stats.norm.sf((seen[used].sum() - chance.mean(axis=0).sum()) / spread))


def within_sentence(evaluation: Evaluation, target: str, level: float = 0.95) -> str:
    """Say whether the body follows a rating within people, beside what needs no body.

    Parameters
    ----------
    evaluation : Evaluation
        The result.
    target : str
        One of its targets.
    level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    str
        One sentence.
    """
    value, low, high, p = r_within_people(evaluation, level).loc[[target]].to_numpy()[0]
    if np.isnan(value):
        return f"Within people {target} does not vary, or nothing is known of it."
    numbers = f"r {value:.2f}" + ("" if np.isnan(low) else f", {low:.2f} to {high:.2f}")
    if np.isnan(p):
        return (
            f"Within people the ratings of {target}, or what the model predicts of it, vary too "
            f"little for a test ({numbers})."
        )
    numbers += f", p {p:.3f}" if p >= 0.001 else ", p below .001"
    if p > 1 - level:
        return f"That the body follows {target} within people is not shown ({numbers})."
    best = evaluation.best_baselines[target]
    if evaluation.skill_interval(level).loc[[target]].to_numpy()[0, 0] > 0:
        rest = ", and more than any baseline does"
    elif best.startswith("stimulus"):
        rest = ", but the model is not shown to tell more than the stimulus does"
    else:
        rest = (
            ", but the model is not shown to predict better than the best baseline "
            f"({best.replace('_', ' ')})"
        )
    return f"The body follows {target} within people ({numbers}){rest}."
