"""Predictions at coarser levels, each scored at its own: smoothed in time, or one a trial."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.result import Evaluation
from physio_vad.exceptions import ArgumentError

TRIAL = ["fold", "subject", "trial"]


def per_trial(evaluation: Evaluation) -> Evaluation:
    """Average truth and predictions over the rated windows of each trial.

    Parameters
    ----------
    evaluation : Evaluation
        Predictions by window.

    Returns
    -------
    Evaluation
        One row a fold and trial; `window` is the number of windows averaged for the target that
        has most. Trials without any rating are left out. Every trial weighs the same.
    """
    table = evaluation.predictions
    keys = [table[name] for name in TRIAL]
    means = {}
    for target in evaluation.targets:
        columns = [target, *evaluation.columns_of(target)]
        rated = table[columns].where(table[target].notna())
        means[target] = rated.groupby(keys, sort=False).mean()
    values = pd.concat(list(means.values()), axis=1)
    counts = table[list(evaluation.targets)].groupby(keys, sort=False).count().max(axis=1)
    whole = table.groupby(TRIAL, sort=False).agg(
        start=("start", "min"), stop=("stop", "max"), stimulus=("stimulus", "first")
    )
    joined = whole.assign(window=counts).join(values)[(counts > 0).to_numpy()].reset_index()
    return evaluation.with_predictions(joined[list(table.columns)], level="trial")


def smoothed(evaluation: Evaluation, seconds: float) -> Evaluation:
    """Replace each prediction by the mean of the model's predictions over the last seconds.

    Only what came before in the same trial is used, so the result can be had while recording.

    Parameters
    ----------
    evaluation : Evaluation
        Predictions by window, with known times.
    seconds : float
        How far back the mean reaches: windows that stop less than `seconds` before this one.

    Returns
    -------
    Evaluation
        Same rows, truth and baselines; predictions of the model smoothed.

    Raises
    ------
    ArgumentError
        If `seconds` is not above 0, or the times of windows are unknown.
    """
    if not seconds > 0:
        raise ArgumentError(f"seconds must be above 0, got {seconds!r}")
    table = evaluation.predictions.copy()
    if table["stop"].isna().any():
        raise ArgumentError(
            'the times of windows are unknown: keep y.attrs["window"] of make_windows, or evaluate '
            "the window table"
        )
    columns = [f"{target}_predicted" for target in evaluation.targets]
    stops, values = table["stop"].to_numpy(dtype=float), table[columns].to_numpy(float, copy=True)
    trials = table.groupby(TRIAL, sort=False).ngroup().to_numpy()
    order = np.lexsort((stops, trials))
    for first, last in pairwise(np.flatnonzero(np.diff(trials[order], prepend=-1, append=-1))):
        rows = order[first:last]
        values[rows] = _trailing_mean(values[rows], stops[rows], seconds)
    table[columns] = values
    return evaluation.with_predictions(table, level=f"smoothed over {seconds:g} s")


def _trailing_mean(values: FloatArray, stops: FloatArray, seconds: float) -> FloatArray:
    first = np.searchsorted(stops, stops - seconds + 1e-9, side="left")
    total = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
    last = np.arange(1, len(values) + 1)
    return np.asarray((total[last] - total[first]) / (last - first)[:, np.newaxis])
