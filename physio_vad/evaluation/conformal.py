"""Intervals about predictions that hold for people never seen.

Windows of one person are alike, so people, not windows, are exchangeable. The half-width is a
quantile of the absolute out-of-fold residuals in which every person weighs the same, 1 / (K + 1),
and the person to come stands with an infinite residual. Then a random window of a random new person
lies inside with at least the nominal probability (Dunn, Wasserman & Ramdas 2023, two-layer
hierarchical models, doi:10.1080/01621459.2022.2060112).

That is what is guaranteed: the mean over people. Some people lie below; how many is reported.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.result import Evaluation
from physio_vad.exceptions import ArgumentError, GroupsError, GroupsWarning


@dataclass(frozen=True, eq=False)
class ConformalIntervals:
    """Half-widths by target, and how the intervals did on each person.

    Parameters
    ----------
    coverage : float
        Nominal coverage.
    half_widths : Series
        By target, in the unit of the ratings; infinite where people are too few.
    people : DataFrame
        Columns target, subject, `windows` and `coverage`: share of a person's windows inside the
        intervals that the other people's residuals give.
    scale : mapping of str to (low, high)
        Declared range of targets; intervals are cut at it.
    """

    coverage: float
    half_widths: pd.Series[float]
    people: pd.DataFrame
    scale: Mapping[str, tuple[float, float]]

    def apply(self, predictions: pd.DataFrame) -> pd.DataFrame:
        """Put intervals about predictions.

        Parameters
        ----------
        predictions : DataFrame
            Columns ``<target>_predicted``, as in `Evaluation.predictions`, or ``<target>``, as
            `Model.predict` gives them; those of the model that was evaluated, not calibrated.

        Returns
        -------
        DataFrame
            Same index; columns ``<target>_low`` and ``<target>_high``. Where the half-width is
            infinite they are the ends of the scale, or infinite too.

        Raises
        ------
        ArgumentError
            If the predictions of a target are missing.
        """
        bounds = {}
        for target, half in self.half_widths.items():
            answer = predictions[predicted_column(predictions, str(target))]
            low, high = self.scale.get(str(target), (-np.inf, np.inf))
            bounds[f"{target}_low"] = (answer - half).clip(low, high)
            bounds[f"{target}_high"] = (answer + half).clip(low, high)
        return pd.DataFrame(bounds, index=predictions.index)

    def summary(self) -> pd.DataFrame:
        """Put half-width and coverage side by side, one row a target.

        Returns
        -------
        DataFrame
            `half_width`; `coverage`, the mean over people; `people_below`, the share of people more
            than 10 points below nominal; `worst`, the lowest coverage of a person; `people`.
        """
        groups = self.people.groupby("target", sort=False)["coverage"]
        below = groups.apply(lambda shares: float((shares < self.coverage - 0.1).mean()))
        return pd.DataFrame(
            {
                "half_width": self.half_widths,
                "coverage": groups.mean(),
                "people_below": below,
                "worst": groups.min(),
                "people": groups.size(),
            }
        )


def conformal_intervals(
    evaluation: Evaluation, coverage: float = 0.9, *, correct: bool = True
) -> ConformalIntervals:
    """Turn out-of-fold residuals of people into intervals for people never seen.

    Parameters
    ----------
    evaluation : Evaluation
        Made by a split by subject.
    coverage : float
        Share of windows that should lie inside, in (0, 1).
    correct : bool
        Count the person to come, which the guarantee needs; without it the intervals are a little
        narrower and hold only as people grow many.

    Returns
    -------
    ConformalIntervals
        Half-widths by target, coverage by person.

    Raises
    ------
    ArgumentError
        If coverage is not in (0, 1).
    GroupsError
        If a target has fewer than three people.

    Warns
    -----
    GroupsWarning
        If people are too few for the coverage: with K of them at most K / (K + 1) can be
        guaranteed, and the intervals are infinite.
    """
    if not 0 < coverage < 1:
        raise ArgumentError(f"coverage must be a share between 0 and 1, got {coverage!r}")
    halves, parts = {}, []
    for target in evaluation.targets:
        table = evaluation.predictions.dropna(subset=[target])
        error = (table[target] - table[f"{target}_predicted"]).abs()
        people = {who: part.to_numpy() for who, part in error.groupby(table["subject"], sort=False)}
        if len(people) < 3:
            raise GroupsError(
                f"intervals for {target!r} need residuals of at least 3 people, got {len(people)}"
            )
        halves[target] = person_quantile(list(people.values()), coverage, correct=correct)
        if np.isinf(halves[target]):
            _warn_of_few(target, len(people), coverage)
        without = quantiles_without_each(list(people.values()), coverage, correct=correct)
        for (who, mine), half in zip(people.items(), without, strict=True):
            parts.append((target, who, len(mine), float((mine <= half).mean())))
    return ConformalIntervals(
        coverage,
        pd.Series(halves, name="half_width", dtype=float).rename_axis("target"),
        pd.DataFrame(parts, columns=["target", "subject", "windows", "coverage"]),
        {name: (limits[0], limits[1]) for name, limits in evaluation.info["scale"].items()},
    )


def _warn_of_few(target: str, n_people: int, coverage: float) -> None:
    most = int(1000 * n_people / (n_people + 1)) / 1000  # cut, so that it can be given as it stands
    warnings.warn(
        f"intervals for {target!r} are infinite: {n_people} people guarantee a coverage of at most "
        f"{most:g} (K / (K + 1)), asked was {coverage:g}; take coverage={most:g} or less, or more "
        "people",
        GroupsWarning,
        stacklevel=3,
    )


def predicted_column(table: pd.DataFrame, target: str) -> str:
    """Name the column with the predictions of a target.

    Parameters
    ----------
    table : DataFrame
        Predictions, in columns ``<target>_predicted`` or ``<target>``.
    target : str
        Name of the target.

    Returns
    -------
    str
        ``<target>_predicted`` where there is such a column.

    Raises
    ------
    ArgumentError
        If neither is there.
    """
    for name in (f"{target}_predicted", target):
        if name in table.columns:
            return name
    raise ArgumentError(
        f"predictions of {target!r} are missing: there must be a column '{target}_predicted' or "
        f"{target!r}, got {list(table.columns)}; give what predict returned for a model with the "
        "targets of the evaluation"
    )


def person_quantile(residuals: list[FloatArray], coverage: float, *, correct: bool = True) -> float:
    """Take the quantile of absolute residuals in which every person weighs the same.

    Parameters
    ----------
    residuals : list of array of shape (n_windows,)
        Absolute residuals of each person.
    coverage : float
        Share that should lie at or below, in (0, 1).
    correct : bool
        Count the person to come with an infinite residual.

    Returns
    -------
    float
        Infinite if there are too few people for the corrected coverage.

    Examples
    --------
    >>> person_quantile([np.array([1.0]), np.array([2.0, 4.0]), np.array([3.0])], 0.5)
    3.0
    """
    values, share, _ = _sorted(residuals)
    place = int(np.searchsorted(share, _mass(len(residuals), coverage, correct=correct)))
    return float(values[place]) if place < len(values) else np.inf


def quantiles_without_each(
    residuals: list[FloatArray], coverage: float, *, correct: bool = True
) -> FloatArray:
    """Take `person_quantile` of all people but one, for each of them; sorts only once.

    Parameters
    ----------
    residuals, coverage, correct : object
        As in `person_quantile`.

    Returns
    -------
    array of shape (n_people,)
    """
    values, share, people = _sorted(residuals)
    mass = _mass(len(residuals) - 1, coverage, correct=correct)
    order = np.argsort(people, kind="stable")
    bounds = np.searchsorted(people[order], np.arange(len(residuals) + 1))
    found = np.full(len(residuals), np.inf)
    for person, (first, last) in enumerate(pairwise(bounds)):
        own = order[first:last]  # places of this person's residuals, rising
        # where the sum is reached if the first 0, 1, ... of them count too much before it
        reached = np.searchsorted(share, mass + np.arange(len(own) + 1) / len(own))
        places = reached[reached < np.append(own, len(values))]
        if len(places):
            found[person] = values[places[0]]
    return found


def _sorted(residuals: list[FloatArray]) -> tuple[FloatArray, FloatArray, IntArray]:
    """Sort all residuals; add up their weights, 1 a person; tell whose each one is."""
    values = np.concatenate(residuals)
    sizes = [len(one) for one in residuals]
    weights = np.concatenate([np.full(size, 1 / size) for size in sizes])
    order = np.argsort(values, kind="stable")
    people = np.repeat(np.arange(len(residuals)), sizes)[order]
    return values[order], np.cumsum(weights[order]), people


def _mass(n_people: int, coverage: float, *, correct: bool) -> float:
    """Return the weight that must lie at or below the quantile, where each person weighs 1."""
    return (coverage - 1e-12) * (n_people + int(correct))
