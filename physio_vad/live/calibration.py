"""A person's own ratings, given while the stream runs, set offset and gain of the predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from physio_vad.evaluation.calibration import Calibrator
from physio_vad.exceptions import ArgumentError
from physio_vad.recording.ratings import Scale

STEADY = 5.0
"""Ratings at which, without a calibrator, the mean error is trusted by half."""

LEAST = 3
"""Ratings that were foretold before anything is said of how well."""


@dataclass(frozen=True)
class Calibrated:
    """How calibration by ratings does, of one target.

    Parameters
    ----------
    n_ratings : int
        Ratings so far that fell on a prediction.
    rmse, rmse_before, rmse_own_mean : float
        Of the ratings from the second on, each foretold before it was given: by the calibrated
        prediction, the model's, and the mean of the person's ratings until then. NaN before that.
    since : int or None
        Ratings from which on calibrated predictions stayed ahead of the person's own mean; None
        while they do not, or too few were given to say.
    """

    n_ratings: int
    rmse: float
    rmse_before: float
    rmse_own_mean: float
    since: int | None


@dataclass(eq=False)
class _Rated:
    """Ratings of one target, what the model said of them, and what was foretold."""

    ratings: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    foretold: list[tuple[float, float, float]] = field(default_factory=list)  # errors


class Calibration:
    """Ratings of one person, and the predictions that they move.

    Parameters
    ----------
    targets : sequence of str
        Of the model.
    scale : mapping of str to (low, high)
        Declared ranges: ratings must lie in them, predictions are cut there.
    calibrator : Calibrator, optional
        How far to trust offset and gain, learned from other people (`fit_calibrator`). Without it
        predictions are moved by the mean error so far, times n / (n + 5) of n ratings.
    """

    def __init__(
        self, targets: Sequence[str], scale: Scale, calibrator: Calibrator | None = None
    ) -> None:
        self.scale, self.calibrator = scale, calibrator
        self._rated = {target: _Rated() for target in targets}

    def rate(self, ratings: Mapping[str, float], answers: Mapping[str, float]) -> None:
        """Take ratings in.

        Parameters
        ----------
        ratings : mapping of str to float
            By target.
        answers : mapping of str to float
            What the model said of that time, before any calibration; NaN where it was withheld.

        Raises
        ------
        ArgumentError
            If a target is unknown, a rating is not within its scale, or nothing was predicted that
            it could be held against.
        """
        for target, rating in ratings.items():
            if target not in self._rated:
                raise ArgumentError(f"no target {target!r}; the model has {', '.join(self._rated)}")
            low, high = self.scale.get(target, (-np.inf, np.inf))
            if not (np.isfinite(rating) and low <= rating <= high):
                raise ArgumentError(f"{target}: a rating lies in {low:g} to {high:g}, got {rating}")
            if not np.isfinite(answers[target]):
                raise ArgumentError(
                    f"{target}: the prediction of that moment was withheld, so that nothing can be "
                    "learned from its rating; rate one that was predicted"
                )
        for target, rating in ratings.items():
            answer, one = float(answers[target]), self._rated[target]
            if one.ratings:
                guesses = self.move(target, answer), answer, float(np.mean(one.ratings))
                first, second, third = (float(rating) - guess for guess in guesses)
                one.foretold.append((first, second, third))
            one.ratings.append(float(rating))
            one.answers.append(answer)

    def move(self, target: str, answer: float) -> float:
        """Calibrate a prediction by the ratings so far.

        Parameters
        ----------
        target : str
            Which.
        answer : float
            The model's prediction.

        Returns
        -------
        float
            Within the scale.
        """
        one = self._rated[target]
        if not one.ratings:
            return answer
        truth, before = np.array(one.ratings), np.array(one.answers)
        if self.calibrator is None:
            share = len(truth) / (len(truth) + STEADY)
            moved = answer + share * float((truth - before).mean())
        else:
            moved = float(self.calibrator.move(target, truth, before, np.array([answer]))[0])
        return float(np.clip(moved, *self.scale.get(target, (-np.inf, np.inf))))

    def state(self) -> dict[str, Calibrated]:
        """Say by target how the ratings so far would have been foretold."""
        return {target: _state(one) for target, one in self._rated.items()}


def _state(one: _Rated) -> Calibrated:
    errors = np.array(one.foretold).reshape(-1, 3) ** 2
    number = np.arange(1, len(errors) + 1)[:, np.newaxis]
    so_far = np.sqrt(np.cumsum(errors, axis=0) / number)
    rmse = so_far[-1] if len(so_far) else np.full(3, np.nan)
    behind = np.flatnonzero(so_far[:, 0] >= so_far[:, 2])
    first = int(behind[-1]) + 1 if len(behind) else 0
    ahead = len(errors) >= LEAST and first < len(errors)
    since = max(first + 2, LEAST + 1) if ahead else None
    own, before, mean = map(float, rmse)
    return Calibrated(len(one.ratings), own, before, mean, since)
