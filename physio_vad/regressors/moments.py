"""Mean and spread of targets, some of them missing."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray


def target_moments(Y: FloatArray, weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Return weighted mean and standard deviation of each target where it is known.

    Parameters
    ----------
    Y : array of shape (n_rows, n_targets)
        Targets, NaN where missing.
    weight : array of shape (n_rows,), optional
        Weights of the rows.

    Returns
    -------
    mean, scale : array of shape (n_targets,)
        The scale of a constant target is 1.

    Examples
    --------
    >>> import numpy as np
    >>> mean, scale = target_moments(np.array([[1.0, 7.0], [3.0, np.nan]]), None)
    >>> mean.tolist(), scale.tolist()
    ([2.0, 7.0], [1.0, 1.0])
    """
    weights = np.ones(len(Y)) if weight is None else weight
    known = np.where(np.isnan(Y), 0.0, weights[:, np.newaxis])
    filled = np.where(np.isnan(Y), 0.0, Y)
    mean = (known * filled).sum(axis=0) / known.sum(axis=0)
    scale = np.sqrt((known * (filled - mean) ** 2).sum(axis=0) / known.sum(axis=0))
    return mean, np.where(scale > 1e-12 * np.abs(mean), scale, 1.0)
