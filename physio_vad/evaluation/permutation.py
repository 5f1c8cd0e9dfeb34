"""How often chance alone shows as much: ratings permuted within people, all fitted anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from physio_vad._arrays import Progress
from physio_vad.evaluation.baselines import Baseline
from physio_vad.evaluation.design import make_design
from physio_vad.evaluation.evaluate import predict_plan
from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.shuffling import Shuffler
from physio_vad.evaluation.within import mean_r_within_people
from physio_vad.exceptions import ArgumentError, unknown_name


@dataclass(frozen=True, eq=False, repr=False)
class PermutationTest:
    """A statistic beside what permuted ratings give.

    Parameters
    ----------
    statistic : str
        ``"skill"`` or ``"r_subject"``.
    value : Series
        The statistic by target on the ratings as they are.
    null : DataFrame of shape (n_permutations, n_targets)
        The statistic on permuted ratings.
    scheme : Series
        For each subject ``"trials"`` (whole trials were permuted) or ``"shift"`` (the person's
        ratings were shifted in a circle, for trials differ in length or there is only one).
    """

    statistic: str
    value: pd.Series[float]
    null: pd.DataFrame
    scheme: pd.Series[str]

    @property
    def p_values(self) -> pd.Series[float]:
        """Share of permutations, the ratings as they are among them, that reach the value."""
        return ((self.null >= self.value).sum() + 1) / (len(self.null) + 1)

    def __repr__(self) -> str:
        p, what = self.p_values, _SAID[self.statistic]
        lines = [f"{name}: {what} {self.value[name]:+.3f}, p = {p[name]:.3f}" for name in p.index]
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
    statistic: str = "skill",
    baselines: Sequence[str] | Mapping[str, Baseline] | None = None,
    n_permutations: int = 99,
    n_jobs: int | None = None,
    random_state: int = 0,
    progress: Progress | None = None,
) -> PermutationTest:
    """Test skill, or r within people, against ratings that are permuted within people.

    Windows of a trial share a rating, so permuting rows would make chance look too weak. Whole
    trials change places instead; where a person's trials differ in length, or there is only one,
    the person's ratings are shifted in a circle. The model is fitted anew each time, as
    predictions of different folds depend on each other through the training sides.

    Skill asks whether the model is better than what needs no body, r within people
    (``"r_subject"``) whether the body follows the rating of a person. Where stimuli repeat, the
    film may tell more than the body does, and the second is the question to ask.

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
    statistic : {"skill", "r_subject"}
        What is tested. Skill is against the error of the baseline that was best on the ratings as
        they are: permuted ratings have no mean of a stimulus.
    baselines : sequence of str or mapping of str to Baseline, optional
        As in `evaluate`; of no account for ``"r_subject"``.
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
        Value, null and p-values by target.

    Raises
    ------
    ArgumentError
        If there is no such statistic, or no permutation is asked for.

    References
    ----------
    Phipson & Smyth 2010, Permutation p-values should never be zero, doi:10.2202/1544-6115.1585.
    """
    if n_permutations < 1:
        raise ArgumentError(f"n_permutations must be at least 1, got {n_permutations!r}")
    if statistic not in _SAID:
        raise ArgumentError(unknown_name("statistic", statistic, list(_SAID)))
    design = make_design(X, y, cv, random_state=random_state)
    true = predict_plan(pipeline, design, baselines=baselines, n_jobs=n_jobs)
    reference = _rmse(true, dict(true.best_baselines.items()))
    compute: Callable[[Evaluation], pd.Series[float]] = (
        mean_r_within_people if statistic == "r_subject" else partial(_skill, reference)
    )
    rng, null = np.random.default_rng(random_state), []
    shuffler = Shuffler(design.rows)
    for done in range(n_permutations):
        permuted = design.with_ratings(design.y.to_numpy()[shuffler.draw(rng)])
        drawn = predict_plan(pipeline, permuted, baselines=["training_mean"], n_jobs=n_jobs)
        null.append(compute(drawn))
        if progress is not None:
            progress("permutations", done + 1, n_permutations)
    table = pd.DataFrame(null).reset_index(drop=True)
    return PermutationTest(statistic, compute(true), table, shuffler.scheme)


_SAID = {"skill": "skill", "r_subject": "r within people"}


def _rmse(evaluation: Evaluation, answer: Mapping[Any, str]) -> pd.Series[float]:
    """Pooled RMSE by target of the model (``"predicted"``) or a baseline."""
    table = evaluation.predictions
    errors = {name: table[name] - table[f"{name}_{answer[name]}"] for name in evaluation.targets}
    return pd.Series({name: float(np.sqrt((one**2).mean())) for name, one in errors.items()})


def _skill(reference: pd.Series[float], evaluation: Evaluation) -> pd.Series[float]:
    model = _rmse(evaluation, dict.fromkeys(evaluation.targets, "predicted"))
    return (1 - model / reference.where(reference > 0)).rename("skill").rename_axis("target")
