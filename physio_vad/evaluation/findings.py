"""Notes on a model's predictions: what a table of scores alone does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.design import Design
from physio_vad.evaluation.leakage import Finding
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
        truth = np.concatenate(
            [design.y[target].to_numpy(float)[test] for _, test in design.splits]
        )
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
    flat = []
    for column, target in enumerate(design.targets):
        spreads = [
            (float(np.std(output[:, column])), float(np.nanstd(ratings[train, column])))
            for (train, _), output in zip(design.splits, outputs, strict=True)
            if len(output) > 1 and np.isfinite(ratings[train, column]).any()
        ]
        if spreads and all(given <= LEAST_SPREAD * known and known > 0 for given, known in spreads):
            flat.append(target)
    if flat:
        rows = int(np.median([len(train) for train, _ in design.splits]))
        yield Finding(
            "note",
            "one_answer",
            f"in every fold the model gives almost the same value for every window of "
            f"{', '.join(flat)}",
            "It tells no window from another: it answers about the mean of the training ratings.",
            f"Boosted trees do that where rows are few ({rows} in training): take more people or "
            'minutes, or estimator="ridge". A stack does it where nothing beats the mean.',
        )
