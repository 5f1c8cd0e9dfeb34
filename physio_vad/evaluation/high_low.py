"""High or low: the same predictions read as two classes, as much of the literature reports them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.intervals import left_out, over_people

if TYPE_CHECKING:
    from physio_vad.evaluation.result import Evaluation


def high_low(
    evaluation: Evaluation,
    threshold: float | Mapping[str, float] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Score predictions as high or low, with intervals over people.

    A rating above the threshold is high, others are low; the prediction is cut at the same place.
    The threshold comes from the scale, never from the ratings of test people: their median would
    tell the classes' share.

    Parameters
    ----------
    evaluation : Evaluation
        Out-of-fold predictions.
    threshold : float or mapping of str to float, optional
        Where high begins, of all targets or of each; by default the midpoint of the declared scale.
    level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row a target: `threshold`; `high`, the share of high ratings; `balanced_accuracy`, the
        mean share of high and of low ratings that were told right (chance: .5), with `_low` and
        `_high` ends of its interval; `auc`, the share of pairs of a high and a low rating whose
        predictions are in that order (chance: .5), with its interval; `auc_subject`, its mean over
        the people who gave both (the differences between people do not count there); `baseline`,
        the best one by RMSE, with `balanced_accuracy_baseline`; `subjects` and `windows`. NaN where
        all ratings are on one side.

    Raises
    ------
    ArgumentError
        If a target has neither a threshold nor a scale, or a name is no target.

    References
    ----------
    Brodersen et al. (2010), The balanced accuracy and its posterior distribution,
    doi:10.1109/ICPR.2010.764. Hanley & McNeil (1982), The meaning and use of the area under a
    receiver operating characteristic curve, doi:10.1148/radiology.143.1.7063747.
    """
    cuts = _thresholds(evaluation, threshold)
    rows = {}
    for target in evaluation.targets:
        known = evaluation.predictions[evaluation.predictions[target].notna()]
        people = pd.factorize(known["subject"])[0].astype(np.intp)
        high = known[target].to_numpy(dtype=float) > cuts[target]
        answer = known[f"{target}_predicted"].to_numpy(dtype=float)
        best = evaluation.best_baselines[target]
        other = known[f"{target}_{best}"].to_numpy(dtype=float) > cuts[target]
        n = np.bincount(people).astype(float)
        counts = left_out(len(n))
        without, alone = _auc(high, answer, people)
        rows[target] = {
            "threshold": cuts[target],
            "high": float(high.mean()),
            **_with_ends(
                "balanced_accuracy",
                _balanced_accuracy(high, answer > cuts[target], people, counts),
                n,
                level,
            ),
            **_with_ends("auc", without, n, level),
            "auc_subject": _mean(alone),
            "baseline": best,
            "balanced_accuracy_baseline": _balanced_accuracy(high, other, people, counts)[0],
            "subjects": len(n),
            "windows": len(known),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("target")


def _thresholds(
    evaluation: Evaluation, threshold: float | Mapping[str, float] | None
) -> dict[str, float]:
    targets = evaluation.targets
    scale = evaluation.info.get("scale") or {}
    cuts = {name: float(np.mean(scale[name])) for name in targets if name in scale}
    if isinstance(threshold, Mapping):
        for name in threshold:
            if name not in targets:
                raise ArgumentError(unknown_name("target in threshold", name, targets))
        cuts.update({name: float(value) for name, value in threshold.items()})
    elif threshold is not None:
        cuts = dict.fromkeys(targets, float(threshold))
    lacking = [name for name in targets if not np.isfinite(cuts.get(name, np.nan))]
    if lacking:
        raise ArgumentError(
            f"no scale is declared for {', '.join(lacking)}: give threshold=, the rating above "
            "which it counts as high, or evaluate with scale=(low, high)"
        )
    return cuts


def _balanced_accuracy(
    high: BoolArray, said: BoolArray, people: IntArray, counts: FloatArray
) -> FloatArray:
    """Mean share of each class told right, shape (n_sets,)."""
    with np.errstate(invalid="ignore"):
        shares = [
            counts
            @ np.bincount(people, side & (said == high), counts.shape[1])
            / (counts @ np.bincount(people, side, counts.shape[1]))
            for side in (high, ~high)
        ]
    return np.asarray(np.mean(shares, axis=0))


def _auc(high: BoolArray, answer: FloatArray, people: IntArray) -> tuple[FloatArray, FloatArray]:
    """Area under the ROC curve; ties count half.

    Returns
    -------
    without : array of shape (1 + n_people,)
        Of all people, and without each.
    alone : array of shape (n_people,)
        Of each person alone.
    """
    n_high, n_low = (np.bincount(people, side) for side in (high, ~high))
    below, above = _pairs(high, answer, np.zeros_like(people))
    own, _ = _pairs(high, answer, people)
    right = np.bincount(people, np.where(high, below, above))  # pairs that a person is part of
    inside = np.bincount(people, own * high)
    gone = np.r_[0, right - inside]  # with all people, nothing is
    sizes = (n_high.sum() - np.r_[0, n_high]) * (n_low.sum() - np.r_[0, n_low])
    with np.errstate(invalid="ignore"):
        return (below[high].sum() - gone) / sizes, inside / (n_high * n_low)


def _pairs(high: BoolArray, answer: FloatArray, group: IntArray) -> tuple[FloatArray, FloatArray]:
    """Count, for each row, the low rows of its group below it, and the high ones above it."""
    order = np.lexsort((answer, group))
    values, groups = answer[order], group[order]
    new = np.r_[True, (values[1:] != values[:-1]) | (groups[1:] != groups[:-1])]
    tie = np.empty(len(order), dtype=np.intp)
    tie[order] = np.cumsum(new) - 1
    first = np.searchsorted(groups[new], np.arange(len(np.bincount(group)) + 1))  # tie of a group
    n_low, n_high = np.bincount(tie, ~high), np.bincount(tie, high)
    lower, higher = np.r_[0, np.cumsum(n_low)], np.r_[0, np.cumsum(n_high)]
    of_tie = groups[new]
    below = lower[:-1] + n_low / 2 - lower[first[of_tie]]
    above = higher[first[of_tie + 1]] - higher[:-1] - n_high / 2
    return below[tie], above[tie]


def _with_ends(name: str, values: FloatArray, n: FloatArray, level: float) -> dict[str, float]:
    low, high = np.clip(over_people(values, n, level), 0.0, 1.0)  # a share, whatever t says
    return {name: float(values[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
