"""How often chance alone shows as much skill: ratings permuted within people, all fitted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from physio_vad._arrays import Progress
from physio_vad.evaluation.baselines import Baseline
from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.evaluate import skill_of_plan
from physio_vad.evaluation.shuffling import Shuffler
from physio_vad.exceptions import ArgumentError


@dataclass(frozen=True, eq=False, repr=False)
class PermutationTest:
    """Skill beside the skill that permuted ratings give.

    Parameters
    ----------
    skill : Series
        Skill by target on the ratings as they are.
    null : DataFrame of shape (n_permutations, n_targets)
        Skill on permuted ratings.
    scheme : Series
        For each subject ``"trials"`` (whole trials were permuted) or ``"shift"`` (the person's
        ratings were shifted in a circle, for trials differ in length or there is only one).
    """

    skill: pd.Series[float]
    null: pd.DataFrame
    scheme: pd.Series[str]

    @property
    def p_values(self) -> pd.Series[float]:
        """Share of permutations, the ratings as they are among them, with at least this skill."""
        return ((self.null >= self.skill).sum() + 1) / (len(self.null) + 1)

    def __repr__(self) -> str:
        p = self.p_values
        lines = [f"{name}: skill {self.skill[name]:+.3f}, p = {p[name]:.3f}" for name in p.index]
        shifted = int((self.scheme == "shift").sum())
        how = f"whole trials permuted within {len(self.scheme) - shifted} people"
        if shifted:
            how += f", ratings shifted in a circle for {shifted} (unequal trials, or only one)"
        return f"PermutationTest with {len(self.null)} permutations, {how}\n  " + "\n  ".join(lines)


def permutation_test(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    n_permutations: int = 99,
    n_jobs: int | None = None,
    random_state: int = 0,
    progress: Progress | None = None,
) -> PermutationTest:
    """Test skill against ratings that are permuted within people.

    Windows of a trial share a rating, so permuting rows would make chance look too weak. Whole
    trials change places instead; where a person's trials differ in length, or there is only one,
    the person's ratings are shifted in a circle. Model and baselines are fitted anew each time,
    as predictions of different folds depend on each other through the training sides.

    Parameters
    ----------
    pipeline : estimator
        As in `evaluate`.
    X : DataFrame
        Feature table; with a raw window table features are extracted anew each time.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`; the folds are the same for every permutation.
    baselines : sequence of str or mapping of str to Baseline, optional
        As in `evaluate`; the best one is chosen anew each time, which the test needs to be exact.
    n_permutations : int
        The smallest p-value is ``1 / (n_permutations + 1)``; the time is that many evaluations.
    n_jobs : int, optional
        As in `evaluate`.
    random_state : int
        Seed of splits and permutations.
    progress : callable, optional
        Called as ``progress("permutations", done, total)``.

    Returns
    -------
    PermutationTest
        Skill, null and p-values by target.

    References
    ----------
    Phipson & Smyth 2010, Permutation p-values should never be zero, doi:10.2202/1544-6115.1585.
    """
    if n_permutations < 1:
        raise ArgumentError(f"n_permutations must be at least 1, got {n_permutations!r}")
    design = make_design(X, y, cv, random_state=random_state)
    options: dict[str, Any] = {"baselines": baselines, "n_jobs": n_jobs}
    skill = skill_of_plan(pipeline, design, **options)
    rng = np.random.default_rng(random_state)
    shuffler = Shuffler(design.rows)
    null = []
    for done in range(n_permutations):
        permuted = design.with_ratings(design.y.to_numpy()[shuffler.draw(rng)])
        null.append(skill_of_plan(pipeline, permuted, **options))
        if progress is not None:
            progress("permutations", done + 1, n_permutations)
    return PermutationTest(skill, pd.DataFrame(null).reset_index(drop=True), shuffler.scheme)
