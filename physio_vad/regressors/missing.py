"""What a model does where features are missing: fill them in, and say what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.column_names import columns_by_modality, is_quality
from physio_vad.filling import FillMissing, warn_of_lacking_sensors
from physio_vad.regressors.groups import contiguous, deal
from physio_vad.regressors.sensors import SensorErrors, sensor_errors

FOLDS = 4
"""Folds of people in which the worth of a sensor is measured."""


class MissingFeatures:
    """Fill features in, and know what each sensor is worth; made by `learn`.

    Parameters
    ----------
    filler : FillMissing
        Fitted to the training rows.

    Attributes
    ----------
    filler : FillMissing
        Fills a table in.
    errors : SensorErrors or None
        What each sensor is worth; None where columns name fewer than two, or nothing was measured.
    """

    @classmethod
    def learn(cls, X: FloatArray, names: Sequence[str]) -> tuple[Self, FloatArray]:
        """Learn from the training rows, and fill them.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Training rows, NaN where missing.
        names : sequence of str
            Names of the columns, empty where they have none.
        """
        filler = FillMissing()
        table = pd.DataFrame(X, columns=list(names)) if any(names) else X
        filled = np.ascontiguousarray(filler.fit_transform(table))
        return cls(filler), filled

    def __init__(self, filler: FillMissing) -> None:
        self.filler = filler
        quality = np.array([is_quality(name) for name in self.filler.known_names_])
        self._telling = ~quality | quality.all()
        self.errors: SensorErrors | None = None

    def measure(
        self,
        X: FloatArray,
        Y: FloatArray,
        weight: FloatArray | None,
        subjects: IntArray | None,
        targets: list[str],
    ) -> None:
        """Measure what each sensor is worth, see `sensor_errors`.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Training rows, filled.
        Y : array of shape (n_rows, n_targets)
            Targets, NaN where missing.
        weight : array of shape (n_rows,), optional
            Weights of the rows.
        subjects : array of int of shape (n_rows,), optional
            Person of each row.
        targets : list of str
            Names of the targets.
        """
        modalities = columns_by_modality(self.filler.known_names_)
        if len(modalities) > 1:
            units = np.arange(len(X)) if subjects is None else subjects
            if units.max() == 0:
                units = contiguous(len(X), min(FOLDS, len(X)))
            folds = deal(units, FOLDS, check_random_state(0))
            Z = self.filler.scores_.transform(X)
            self.errors = sensor_errors(Z, Y, weight, folds, modalities, targets)

    def nothing_known(self, missing: BoolArray) -> BoolArray:
        """Mark rows in which no column that tells of the body is known.

        Parameters
        ----------
        missing : array of bool of shape (n_rows, n_features)
            What is missing.
        """
        return np.asarray(missing[:, self._telling].all(axis=1))

    def warn(self, X: pd.DataFrame) -> None:
        """Warn where somebody lacks a sensor.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)
            Table to predict, the columns as in training; people by its index level ``subject``.

        Warns
        -----
        MissingSensorWarning
            Once, with the sensors and what they cost.
        """
        warn_of_lacking_sensors(X, self.filler.known_names_, self.errors)
