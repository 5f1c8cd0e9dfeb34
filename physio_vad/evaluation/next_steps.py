"""What to look at, in order, when no model is better than its baselines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.within import r_within_people

PAGE = "docs/howto/negative_skill.md"
"""The page that goes through the same list with real data."""


LEVEL = 0.95
"""Chance of saying nothing where r within people is 0."""


def without_skill(evaluations: Mapping[str, Evaluation]) -> list[str]:
    """Name the targets for which no model is better than its best baseline.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        Evaluations of the same rows, by the model's name.
    """
    targets = next(iter(evaluations.values())).targets if evaluations else []
    return [
        target
        for target in targets
        if not any(one.skill[target] > 0 for one in evaluations.values())
    ]


def next_steps(evaluations: Mapping[str, Evaluation]) -> list[str]:
    """Say what to look at where no model has skill; the numbers are those of the first model.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        Evaluations of the same rows, by the model's name.

    Returns
    -------
    list of str
        One sentence a step, in the order in which to look, with the numbers of the targets without
        skill; empty where for every target some model is better than the best baseline.
    """
    targets = without_skill(evaluations)
    if not targets:
        return []
    first = next(iter(evaluations.values()))
    return [
        "Order and units of the columns: plot one person with plot_recording and check that each "
        "signal is what its name says.",
        "Quality: sensors whose quality is 0 for most people carry nothing.",
        "Lag and windows: ratings trail the body by 2 to 4 s where they are given continuously; "
        f"label_lag is 0 where one rating covers a whole film{_lag(first)}.",
        "Trials and labels: a window must not straddle two ratings, and there must be a rating to "
        f"predict: {_spreads(first, targets)}.",
        f"Within people: {_within(first, targets)}.",
        f"Levels: {_levels(first)}.",
        f"Number of people: {_resolution(first, targets)}.",
        f"A simpler model: {_simpler(first)}, fewer features (select=0.2), one modality alone.",
        "Stop: that these sensors do not tell these ratings of new people is a result; report it "
        "beside its baselines.",
    ]


def _spreads(evaluation: Evaluation, targets: list[str]) -> str:
    table = evaluation.predictions
    parts = []
    for target in targets:
        people = table.groupby("subject")[target]
        within, between = (
            "an unknown amount" if np.isnan(one) else f"{one:.2f}"
            for one in (people.std().mean(), people.mean().std())
        )
        parts.append(f"{target} varies by {within} within people and {between} between them")
    return ", ".join(parts)


def _lag(evaluation: Evaluation) -> str:
    windows = (evaluation.info.get("recipe") or {}).get("windows")
    return "" if windows is None else f", and {windows.get('label_lag', 0.0):g} s here"


def _within(evaluation: Evaluation, targets: list[str]) -> str:
    """Say for which targets r within people is above 0, and what that means."""
    r = r_within_people(evaluation).loc[targets]
    told = ", ".join(
        f"{target}: none" if np.isnan(value) else f"mean r of {target} is {value:.2f}"
        for target, value in r["value"].items()
    )
    shown = [str(target) for target, p in r["p"].items() if p < 1 - LEVEL]
    if shown:
        return (
            f"{told}. The body follows {' and '.join(shown)}: the level of each person hides it, "
            "or the design tells more than the body does"
        )
    return f"{told}. None is shown to be above 0: if steps 1 to 4 find nothing wrong, go to step 9"


def _levels(evaluation: Evaluation) -> str:
    if "SubjectScaler" in (used := evaluation.info.get("pipeline", "")) or "OnlineScaler" in used:
        return "each person's level is taken out here (normalise), so it is not what hides a rating"
    return (
        'normalise="subject" takes each person\'s level out where a whole recording of the person '
        'is there; "baseline" where there is a rest period'
    )


def _simpler(evaluation: Evaluation) -> str:
    if evaluation.info.get("estimator", "").startswith("Ridge"):
        return (
            'estimator="blend" is drawn to the training mean where nothing holds, as ridge is not'
        )
    return 'estimator="ridge"'


def _resolution(evaluation: Evaluation, targets: list[str]) -> str:
    bounds = evaluation.skill_interval().loc[targets]
    half = ((bounds["high"] - bounds["low"]) / 2).mean()
    people = len(evaluation.subjects)
    if np.isnan(half):
        return f"{people} are too few for an interval; record more"
    if half > 1:
        return f"with {people} the interval of skill is wider than any skill: record more"
    return (
        f"with {people} the interval of skill is about {half:.2f} to each side, so a smaller skill "
        "cannot be shown"
    )
