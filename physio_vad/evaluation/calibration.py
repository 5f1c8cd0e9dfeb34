"""A new person's first labelled minutes set offset and gain of the predictions, shrunk.

From the labelled minutes come the mean error b of the predictions and the slope d of the error on
the prediction p (about its mean m). The calibrated prediction is ``p + w b + v d (p - m)``. How far
to trust the two, w and v in [0, 1], is learned from what they did for other people over the rest of
their session, each lowered by its jackknife error: where a few minutes say nothing about the rest,
both are 0 and nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.conformal import predicted_column
from physio_vad.evaluation.result import Evaluation
from physio_vad.evaluation.rows import group_codes
from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.recording.ratings import Scale

MINUTES = (0.0, 0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """How much some labelled minutes of a new person improve the predictions of the rest.

    Parameters
    ----------
    people : DataFrame
        Columns target, minutes, subject, `rmse` over the rest of the session, and `ratio` to the
        RMSE of the predictions as they are. The rows scored are the same for all minutes.
    """

    people: pd.DataFrame

    @property
    def curve(self) -> pd.DataFrame:
        """Means over people: index ``(target, minutes)``; rmse, ratio, share `worse`, people."""
        worse = self.people.assign(worse=self.people["ratio"] > 1 + 1e-9)
        return worse.groupby(["target", "minutes"], sort=False).agg(
            rmse=("rmse", "mean"),
            ratio=("ratio", "mean"),
            worse=("worse", "mean"),
            people=("subject", "nunique"),
        )


@dataclass(frozen=True, eq=False)
class Calibrator:
    """Calibrates the predictions for a new person.

    Parameters
    ----------
    weights : DataFrame
        Index target; columns `offset` and `gain`, how far to trust what a person's labelled
        minutes say, in [0, 1], and `spread`, the variance of predictions that steadies the slope.
    minutes : float
        Labelled minutes that the weights are meant for. Fewer are trusted as if they were as many,
        which may make predictions worse: fit another calibrator for fewer minutes.
    scale : mapping of str to (low, high)
        Declared range of targets; calibrated predictions are cut at it.

    Notes
    -----
    `conformal_intervals` guarantees its coverage about the predictions of the evaluation, not about
    calibrated ones: calibration changes the errors, and nothing here says how wide an interval
    about it must be. Put intervals about the predictions as the model gives them.
    """

    weights: pd.DataFrame
    minutes: float
    scale: Scale = field(default_factory=dict)

    def apply(self, labelled: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
        """Calibrate predictions with a person's labelled windows.

        Parameters
        ----------
        labelled : DataFrame
            The person's first windows: the ratings ``<target>``, NaN where there is none, and their
            predictions ``<target>_predicted``. Without these, the predictions are those of the same
            rows (subject, trial, window) of `predictions`, so that the ratings of `make_windows`
            can be given as they are.
        predictions : DataFrame
            Windows to calibrate: ``<target>_predicted``, as in `Evaluation.predictions`, or
            ``<target>``, as `Model.predict` gives them.

        Returns
        -------
        DataFrame
            A copy of `predictions` with its predictions calibrated and cut at the scale. A target
            of which no window is rated is only cut; columns of other targets stay.

        Raises
        ------
        ArgumentError
            If the ratings or predictions of a target are missing.
        """
        result = predictions.copy()
        for target in map(str, self.weights.index):
            name = predicted_column(predictions, target)
            rated = _rated(labelled, predictions[name], target)
            result[name] = self.move(target, *rated, predictions[name].to_numpy(dtype=float))
        return result

    def move(
        self, target: str, truth: FloatArray, answer: FloatArray, predictions: FloatArray
    ) -> FloatArray:
        """Calibrate predictions of one target.

        Parameters
        ----------
        target : str
            One of `weights`.
        truth, answer : array of shape (n_rated,)
            Ratings, and the predictions of the same windows.
        predictions : array of shape (n_windows,)
            What is calibrated.

        Returns
        -------
        array of shape (n_windows,)
            Cut at the scale.
        """
        offset, gain, spread = np.asarray(self.weights.loc[target], dtype=np.float64).tolist()
        told = _told(truth, answer, spread)
        moved = predictions + _moves(told, predictions) @ [offset, gain]
        return np.asarray(np.clip(moved, *self.scale.get(target, (-np.inf, np.inf))))


def _rated(
    labelled: pd.DataFrame, predictions: pd.Series[float], target: str
) -> tuple[FloatArray, FloatArray]:
    """Take a target's ratings out of the labelled windows, and the predictions of these windows."""
    if target not in labelled.columns:
        raise ArgumentError(
            f"labelled must hold the ratings of {target!r} in a column of that name, got "
            f"{list(labelled.columns)}; a column of NaN leaves the target uncalibrated"
        )
    known, name = labelled.dropna(subset=[target]), f"{target}_predicted"
    if name in known.columns:
        answers = known[name]
    elif _are_rows_of(known.index, predictions.index):
        answers = predictions.loc[known.index]
    else:
        raise ArgumentError(
            f"labelled must hold the predictions of its windows in a column {name!r}, or its rows "
            "(subject, trial, window) must be among those of predictions; join them with "
            "ratings.join(model.predict(windows).add_suffix('_predicted'))"
        )
    return known[target].to_numpy(dtype=float), answers.to_numpy(dtype=float)


def _are_rows_of(some: pd.Index, rows: pd.Index) -> bool:
    """Say whether rows are named, not only numbered, and stand once among others."""
    named = "window" in some.names and list(some.names) == list(rows.names)
    return named and rows.is_unique and bool(some.isin(rows).all())


def calibrate(evaluation: Evaluation, minutes: Sequence[float] = MINUTES) -> CalibrationCurve:
    """Find out what labelled minutes of a new person are worth.

    Each person is calibrated with weights learned from the other people, and scored on the rest of
    the session after the longest of `minutes`: windows that overlap the border are left out, and so
    is the rest of a trial that lies across it where one rating holds for the whole trial. What is
    scored is clipped to the declared scale, as by `Calibrator.apply`.

    Parameters
    ----------
    evaluation : Evaluation
        Out-of-fold predictions by window, with times, each window once, split by subject.
    minutes : sequence of float
        Labelled minutes, counted over rated windows in the order of the table.

    Returns
    -------
    CalibrationCurve
        RMSE by person, and its mean over people beside the share of people made worse.

    Raises
    ------
    ArgumentError
        If minutes are negative, or windows have no times or repeat.
    GroupsError
        If fewer than three people have rated windows both before and after the border.
    """
    parts = []
    for target in evaluation.targets:
        people = _people(evaluation, target, minutes)
        spread = _spread(people)
        limits = evaluation.info["scale"].get(target, (-np.inf, np.inf))
        before = np.array([_rmse(one.error[one.scored]) for one in people])
        for length in minutes:
            told = [one.told(length, spread) for one in people]
            weights = _weights_without_each(people, told)
            after = [
                _rmse((one.truth - _within(one, tells, weight, limits))[one.scored])
                for one, tells, weight in zip(people, told, weights, strict=True)
            ]
            part = pd.DataFrame({"subject": [one.subject for one in people], "rmse": after})
            ratio = part["rmse"] / before
            parts.append(part.assign(target=target, minutes=float(length), ratio=ratio))
    table = pd.concat(parts, ignore_index=True)
    return CalibrationCurve(table[["target", "minutes", "subject", "rmse", "ratio"]])


def fit_calibrator(evaluation: Evaluation, minutes: float) -> Calibrator:
    """Learn from all people how far to trust a new person's labelled minutes.

    Parameters
    ----------
    evaluation : Evaluation
        As in `calibrate`.
    minutes : float
        Labelled minutes that a new person will give.

    Returns
    -------
    Calibrator
        Weights by target, and the scale that `evaluation` declares.
    """
    rows = {}
    for target in evaluation.targets:
        people = _people(evaluation, target, [minutes])
        spread = _spread(people)
        sums = _sums(people, [one.told(minutes, spread) for one in people])
        rows[target] = (*_cautious(*sums), spread)
    weights = pd.DataFrame.from_dict(rows, orient="index", columns=["offset", "gain", "spread"])
    scale = {name: (low, high) for name, (low, high) in evaluation.info["scale"].items()}
    return Calibrator(weights.rename_axis("target"), float(minutes), scale)


@dataclass(frozen=True, eq=False)
class _Person:
    """One person's rated windows of one target."""

    subject: str
    truth: FloatArray
    answer: FloatArray
    stops: FloatArray
    scored: BoolArray

    @property
    def error(self) -> FloatArray:
        return self.truth - self.answer

    def told(self, minutes: float, spread: float) -> FloatArray:
        known = self.stops <= 60 * minutes + 1e-6
        return _told(self.truth[known], self.answer[known], spread)


def _told(truth: FloatArray, answer: FloatArray, spread: float) -> FloatArray:
    """Compute what labelled windows tell: mean error, slope of the error, mean prediction."""
    if len(truth) == 0:
        return np.zeros(3)
    error, centre = truth - answer, answer.mean()
    about = answer - centre
    slope = np.mean(error * about) / (np.mean(about**2) + spread) if spread > 0 else 0.0
    return np.array([error.mean(), slope, centre])


def _moves(told: FloatArray, answer: FloatArray) -> FloatArray:
    """Move predictions by offset and by gain, fully trusted; shape (n_windows, 2)."""
    return np.column_stack([np.full(len(answer), told[0]), told[1] * (answer - told[2])])


def _within(
    one: _Person, told: FloatArray, weight: FloatArray, limits: Sequence[float]
) -> FloatArray:
    """Calibrate a person's predictions and clip them to the scale."""
    return np.clip(one.answer + _moves(told, one.answer) @ weight, limits[0], limits[1])


def _people(evaluation: Evaluation, target: str, minutes: Sequence[float]) -> list[_Person]:
    if len(minutes) == 0 or min(minutes) < 0:
        raise ArgumentError(f"minutes must be 0 or more, at least one, got {list(minutes)!r}")
    table = evaluation.predictions.dropna(subset=[target])
    if table[["start", "stop"]].isna().any(axis=None):
        raise ArgumentError('calibration needs the times of windows: keep y.attrs["window"]')
    if table.duplicated(["subject", "trial", "window"]).any():
        raise ArgumentError("calibration needs each window once: take a split without repeats")
    border = 60 * max(minutes)
    people = list(_each_person(table, target, border))
    people = [
        one for one in people if one.scored.any() and (border == 0 or one.stops[0] <= border + 1e-6)
    ]
    if len(people) < 3:
        raise GroupsError(
            f"{len(people)} people have rated windows of {target!r} before and after "
            f"{max(minutes):g} minutes; calibration needs at least 3: take fewer minutes"
        )
    return people


def _each_person(table: pd.DataFrame, target: str, border: float) -> Iterator[_Person]:
    """Take people out of the rated rows, trials one after the other, in order of appearance."""
    who, names = pd.factorize(table["subject"])
    trials, _ = group_codes([who, table["trial"]])
    order = np.lexsort((trials, who))
    starts, stops, truth, answer = (
        table[name].to_numpy(dtype=float)[order]
        for name in ("start", "stop", target, f"{target}_predicted")
    )
    who, trials = who[order], trials[order]
    places = np.arange(len(names) + 1)
    for number, (first, last) in enumerate(pairwise(np.searchsorted(who, places))):
        rows = slice(first, last)
        clock, scored = _lay_out(trials[rows], starts[rows], stops[rows], truth[rows], border)
        yield _Person(str(names[number]), truth[rows], answer[rows], clock, scored)


def _lay_out(
    trials: IntArray, starts: FloatArray, stops: FloatArray, truth: FloatArray, border: float
) -> tuple[FloatArray, BoolArray]:
    """Put a person's trials end to end: when windows stop, and whether they are scored."""
    clock, ends, scored = 0.0, np.empty(len(stops)), np.empty(len(stops), dtype=bool)
    edges = np.flatnonzero(np.diff(trials, prepend=-1, append=-1))
    for first, last in pairwise(edges):
        rows = slice(first, last)
        begin = starts[rows].min()
        ends[rows] = clock + stops[rows] - begin
        one_rating = truth[rows].max() == truth[rows].min()
        known_before = one_rating and bool((ends[rows] <= border + 1e-6).any())
        scored[rows] = (clock + starts[rows] - begin >= border - 1e-6) & (not known_before)
        clock = float(ends[rows].max())
    return ends, scored


def _spread(people: list[_Person]) -> float:
    return float(np.mean([np.var(one.answer) for one in people]))


def _sums(
    people: list[_Person], told: list[FloatArray]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add up normal equations of the weights for each person, and the square of the error."""
    normal, cross, power = [], [], []
    for one, tells in zip(people, told, strict=True):
        moves, error = _moves(tells, one.answer)[one.scored], one.error[one.scored]
        normal.append(moves.T @ moves / len(moves))
        cross.append(moves.T @ error / len(moves))
        power.append(np.mean(error**2))
    return np.array(normal), np.array(cross), np.array(power)


def _weights_without_each(people: list[_Person], told: list[FloatArray]) -> FloatArray:
    sums, keep = _sums(people, told), ~np.eye(len(people), dtype=bool)
    return np.array([_cautious(*(one[mask] for one in sums)) for mask in keep])


def _cautious(normal: FloatArray, cross: FloatArray, power: FloatArray) -> FloatArray:
    """Solve for the weights and lower each by its jackknife standard error over people.

    Each person counts in units of their own error, so that no loud one decides alone.
    """
    unit = power + 0.1 * np.median(power) + 1e-12
    normal, cross = normal / unit[:, np.newaxis, np.newaxis], cross / unit[:, np.newaxis]
    best = _solve(normal.sum(axis=0), cross.sum(axis=0))
    left = _solve(normal.sum(axis=0) - normal, cross.sum(axis=0) - cross)
    n = len(normal)
    error = np.sqrt((n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    return np.asarray(np.clip(best - error, 0.0, 1.0))


def _solve(normal: FloatArray, cross: FloatArray) -> FloatArray:
    """Minimise over offset and gain, neither below 0; arrays (..., 2, 2) and (..., 2)."""
    a, b, d = normal[..., 0, 0] + 1e-9, normal[..., 0, 1], normal[..., 1, 1] + 1e-9
    e, f = cross[..., 0], cross[..., 1]
    both = np.stack([d * e - b * f, a * f - b * e], axis=-1) / (a * d - b * b)[..., np.newaxis]
    first = np.stack([np.maximum(e / a, 0), np.zeros_like(e)], axis=-1)
    second = np.stack([np.zeros_like(e), np.maximum(f / d, 0)], axis=-1)
    gains = [(side * cross).sum(axis=-1) for side in (first, second)]
    single = np.where((gains[0] >= gains[1])[..., np.newaxis], first, second)
    return np.where((both >= 0).all(axis=-1, keepdims=True), both, single)


def _rmse(error: FloatArray) -> float:
    return float(np.sqrt(np.mean(error**2)))
