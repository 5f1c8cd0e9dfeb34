"""Scores that leave missing ratings out, for models, `cross_validate` and grids."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import r2_score

from physio_vad.units import FloatArray


def masked_r2(Y: FloatArray, predictions: FloatArray, sample_weight: Any = None) -> float:
    """Return R2, averaged over the targets, of the rows where the truth is known.

    Parameters
    ----------
    Y : array of shape (n_rows, n_targets)
        Truth, NaN where missing.
    predictions : array of shape (n_rows, n_targets)
        Predictions.
    sample_weight : array of shape (n_rows,), optional
        Weights.

    Returns
    -------
    float
        Mean over the targets with at least two known rows; NaN if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> masked_r2(np.array([[1.0], [2.0], [np.nan]]), np.array([[1.0], [2.0], [9.0]]))
    1.0
    """
    values = []
    for truth, guess in zip(Y.T, predictions.T, strict=True):
        known = ~np.isnan(truth)
        if known.sum() >= 2:
            weight = None if sample_weight is None else np.asarray(sample_weight)[known]
            values.append(r2_score(truth[known], guess[known], sample_weight=weight))
    return float(np.mean(values)) if values else float("nan")
