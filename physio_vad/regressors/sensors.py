"""What a sensor that is missing costs, told from the training people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray, IntArray, same_rows
from physio_vad.one_thread import one_thread
from physio_vad.regressors.rank_ridge import INTERCEPT

PENALTIES = (0.03, 0.3, 3.0, 30.0)
"""Ridge penalties of which the best counts, as shares of the total weight of the rows."""


@dataclass(frozen=True)
class SensorErrors:
    """RMSE for people left out, with all sensors and without each.

    Parameters
    ----------
    targets : list of str
        Names of the targets.
    mean : array of shape (n_targets,)
        RMSE of the training mean.
    full : array of shape (n_targets,)
        RMSE with all sensors.
    without : dict of str to array of shape (n_targets,)
        By modality the RMSE without it.
    """

    targets: list[str]
    mean: FloatArray
    full: FloatArray
    without: dict[str, FloatArray]

    def cost_of(self, modalities: Sequence[str]) -> str:
        """Say what people are to expect who lack some sensors; empty if nothing is known.

        Parameters
        ----------
        modalities : sequence of str
            Sensors that are missing.
        """
        lines = [self._cost_of(name) for name in modalities if name in self.without]
        told = [line for line in lines if line]
        if not told:
            return ""
        return f"Expected error (RMSE of a ridge, people left out): {'; '.join(told)}"

    def _cost_of(self, modality: str) -> str:
        rows = zip(self.targets, self.without[modality], self.full, self.mean, strict=True)
        errors = [
            f"{target} {without:.3g} (with it {full:.3g}, training mean {mean:.3g})"
            for target, without, full, mean in rows
            if np.isfinite(without)
        ]
        return f"without {modality} {', '.join(errors)}" if errors else ""


@one_thread()
def sensor_errors(
    Z: FloatArray,
    Y: FloatArray,
    weight: FloatArray | None,
    folds: IntArray,
    modalities: Mapping[str, Sequence[int]],
    targets: list[str],
) -> SensorErrors:
    """Measure what each sensor is worth to a ridge regression, for people left out.

    From one inverse a fold follow the coefficients without any block of columns, so this costs
    no fit a sensor.

    Parameters
    ----------
    Z : array of shape (n_rows, n_features)
        Features with a spread of about 1, none missing.
    Y : array of shape (n_rows, n_targets)
        Targets, NaN where missing.
    weight : array of shape (n_rows,), optional
        Weights of the rows.
    folds : array of int of shape (n_rows,)
        Fold in which each row is left out.
    modalities : mapping of str to sequence of int
        Columns of each sensor.
    targets : list of str
        Names of the targets.

    Returns
    -------
    SensorErrors
        NaN for a target that is rated in one fold only.
    """
    blocks = [[], *modalities.values()]
    weights = np.ones(len(Z)) if weight is None else weight
    design = np.column_stack([Z, np.full(len(Z), INTERCEPT)])
    errors = np.full((len(blocks) + 1, len(targets)), np.nan)
    rated = ~np.isnan(Y)
    for columns in same_rows(rated.T):
        used = rated[:, columns[0]] & (weights > 0)
        if len(np.unique(folds[used])) > 1:
            root = np.sqrt(weights[used])[:, np.newaxis]
            left_out = _left_out(
                design[used] * root, Y[np.ix_(used, columns)] * root, folds[used], blocks
            )
            errors[:, columns] = np.sqrt(left_out / weights[used].sum())
    without = dict(zip(modalities, errors[1:-1], strict=True))
    return SensorErrors(targets, errors[-1], errors[0], without)


def _left_out(
    Z: FloatArray, Y: FloatArray, folds: IntArray, blocks: Sequence[Sequence[int]]
) -> FloatArray:
    """Sum squared errors of rows left out: without each block, and last of the mean alone."""
    sides: list[BoolArray] = [folds == number for number in np.unique(folds)]
    grams = np.array([Z[side].T @ Z[side] for side in sides])
    moments = np.array([Z[side].T @ Y[side] for side in sides])
    powers = np.array([(Y[side] ** 2).sum(axis=0) for side in sides])
    total = grams[:, -1, -1].sum() / INTERCEPT**2
    errors = np.zeros((len(blocks) + 1, len(PENALTIES), Y.shape[1]))
    for gram, moment, power in zip(grams, moments, powers, strict=True):
        rest, known = grams.sum(axis=0) - gram, moments.sum(axis=0) - moment
        for place, penalty in enumerate(PENALTIES):
            inverse = np.linalg.inv(rest + penalty * total * np.eye(len(rest)))
            full = inverse @ known
            for number, block in enumerate(blocks):
                coef = _without(inverse, full, block)
                errors[number, place] += _error(coef, gram, moment, power)
        alone = np.zeros_like(known)
        alone[-1] = known[-1] / rest[-1, -1]
        errors[-1] += _error(alone, gram, moment, power)
    return np.asarray(np.maximum(errors.min(axis=1), 0.0))


def _without(inverse: FloatArray, coef: FloatArray, block: Sequence[int]) -> FloatArray:
    """Coefficients of the same ridge with a block of them held at 0."""
    if not len(block):
        return coef
    within = inverse[np.ix_(block, block)]
    return np.asarray(coef - inverse[:, block] @ np.linalg.solve(within, coef[block]))


def _error(coef: FloatArray, gram: FloatArray, moment: FloatArray, power: FloatArray) -> FloatArray:
    return np.asarray(power - 2 * (coef * moment).sum(axis=0) + (coef * (gram @ coef)).sum(axis=0))
