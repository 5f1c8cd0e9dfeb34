"""Notes on a model's predictions: what a table of scores alone does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.design import Design
from physio_vad.evaluation.leakage import Finding
from physio_vad.metrics import CONSTANT
from physio_vad.recording.ratings import clip_to_scale

BEYOND = 0.05
"""How far off a scale a prediction must be, as a share of its range, to count as outside."""

MOST_OUTSIDE = 0.03
"""Share of predictions outside their scale from which a note says so."""

LEAST_SPREAD = 0.01
"""Spread within a fold, as a share of that of the training ratings, below which it is one value."""


def prediction_notes(design: Design, outputs: Sequence[FloatArray]) -> list[Finding]:
    """Note predictions off the scale, and a model that answers one value.

    Parameters
    ----------
    design : Design
        Tables and folds.
    outputs : sequence of array of shape (n_test, n_targets)
        Predictions of the model in each fold, before they are clipped to the scale.

    Returns
    -------
    list of Finding
        Notes; none where all is well.
    """
    return [*_outside_scale(design, outputs), *_one_answer(design, outputs)]


def share_clipped(design: Design, outputs: Sequence[FloatArray]) -> dict[str, float]:
    """Count the predictions that lie outside their declared scale.

    Parameters
    ----------
    design : Design
        Tables and folds.
    outputs : sequence of array of shape (n_test, n_targets)
        Predictions of the model in each fold, before they are clipped.

    Returns
    -------
    dict of str to float
        Share by target, for each target that declares a scale.
    """
    given = np.concatenate(outputs)
    bounded = clip_to_scale(given, design.targets, design.scale)
    outside = (given != bounded).mean(axis=0)
    pairs = zip(design.targets, outside, strict=True)
    return {name: float(share) for name, share in pairs if name in design.scale}


def _outside_scale(design: Design, outputs: Sequence[FloatArray]) -> Iterator[Finding]:
    seen = []
    for column, target in enumerate(design.targets):
        if target not in design.scale:
            continue
        low, high = design.scale[target]
        given = np.concatenate([output[:, column] for output in outputs])
        truth = design.y[target].to_numpy(float)[np.concatenate(design.splits.tests)]
        slack = BEYOND * (high - low)
        share = float(np.mean((given < low - slack) | (given > high + slack)))
        if share > MOST_OUTSIDE:
            seen.append(
                f"{share:.0%} of the predictions of {target} lie outside its scale {low:g} to "
                f"{high:g} (from {given.min():.3g} to {given.max():.3g}); the RMSE is "
                f"{_rmse(np.clip(given, low, high) - truth):.3g} with predictions clipped to the "
                f"scale, as scored here, and {_rmse(given - truth):.3g} without"
            )
    if seen:
        yield Finding(
            "note",
            "outside_scale",
            "; ".join(seen),
            "The model extrapolates: features of a new person are unlike those of the training "
            "people, and a linear model follows them anywhere.",
            'Try normalise="subject", or an estimator that cannot leave the ratings it has seen, '
            'such as "lightgbm" or "extra_trees".',
        )


def _rmse(error: FloatArray) -> float:
    return float(np.sqrt(np.nanmean(error**2)))


def _one_answer(design: Design, outputs: Sequence[FloatArray]) -> Iterator[Finding]:
    ratings = design.y.to_numpy(dtype=float)
    known = _training_spread(design, ratings)
    given = np.array([output.std(axis=0) for output in outputs])
    judged = (np.array([len(output) for output in outputs]) > 1)[:, np.newaxis] & ~np.isnan(known)
    one_value = (given <= LEAST_SPREAD * known) & (known > 0)
    flat = [
        target
        for target, asked, same in zip(design.targets, judged.T, one_value.T, strict=True)
        if asked.any() and same[asked].all()
    ]
    if flat:
        rows = int(np.median(design.splits.n_train))
        yield Finding(
            "note",
            "one_answer",
            f"in every fold the model gives almost the same value for every window of "
            f"{', '.join(flat)}",
            "It tells no window from another: it answers about the mean of the training ratings.",
            "The default and a stack do that where nothing they learn holds for people left out, "
            f"boosted trees where rows are few ({rows} in training): take more people or minutes, "
            'or try estimator="ridge".',
        )


def _training_spread(design: Design, ratings: FloatArray) -> FloatArray:
    """Return the spread (SD) of the ratings of each training side, shape (n_folds, n_targets).

    From sums over everybody without the rows that are left out, about the mean of all.
    """
    there = ~np.isnan(ratings)
    mean = np.nanmean(ratings, axis=0)
    centred = np.where(there, ratings - mean, 0.0)
    n, first, second = np.moveaxis(
        design.splits.training_sums(np.stack([there, centred, centred**2], axis=1)), 1, 0
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = second / n - (first / n) ** 2
    rounding = np.maximum(CONSTANT * mean**2, 1e-12 * centred.var(axis=0))
    return np.sqrt(np.where(variance > rounding, variance, np.where(n > 0, 0.0, np.nan)))
