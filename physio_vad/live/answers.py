"""From one row of features to what the model says, without the tables of the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import FloatArray
from physio_vad.conditions import EncodeConditions
from physio_vad.features.windows import INDEX_NAMES
from physio_vad.persistence import Model
from physio_vad.preprocessing import OnlineScaler, SubjectScaler
from physio_vad.recording.ratings import clip_to_scale
from physio_vad.regressors.base import MultiTargetRegressor

_INDEX = pd.MultiIndex.from_tuples([("live", "1", 0)], names=INDEX_NAMES)


def _acts(step: Any) -> bool:
    """Tell steps that change a row; a stream has no words, so nothing is there to encode."""
    idle = isinstance(step, EncodeConditions) and not step.words_
    return not (idle or step in (None, "passthrough"))


class Answers:
    """The steps of a model after its extractor, one row at a time.

    Parameters
    ----------
    model : Model
        Fitted.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        steps = [one for _, one in model.pipeline.steps[1:] if _acts(one)]
        self._scaler = next(
            (one for one in steps if isinstance(one, OnlineScaler | SubjectScaler)), None
        )
        self.rest: FloatArray | None = None  # rows of the person's rest period
        self._steps = [one for one in steps if one is not self._scaler]
        self._past: FloatArray | None = None  # of the person's features
        last = self._steps[-1]
        self._bare = len(self._steps) == 1 and isinstance(last, MultiTargetRegressor)

    def scaled(self, row: FloatArray) -> FloatArray:
        """Scale a row by the person's own past, which it then joins, or by their rest period.

        Parameters
        ----------
        row : array of shape (n_columns,)
            Features, also of a row that will be withheld, as in the batch.
        """
        if self._scaler is None:
            return row
        if isinstance(self._scaler, SubjectScaler):
            rest = np.full((1, len(row)), np.nan) if self.rest is None else self.rest
            return np.asarray(self._scaler.scale_by(rest, row[np.newaxis])[0])
        scaled, self._past = self._scaler.carry_on(row[np.newaxis], self._past)
        return np.asarray(scaled[0])

    def predict(self, row: FloatArray) -> dict[str, float]:
        """Predict from a scaled row.

        Parameters
        ----------
        row : array of shape (n_columns,)
            What `scaled` returned.

        Returns
        -------
        dict of str to float
            By target, within its scale.
        """
        last, targets = self._steps[-1], self.model.targets
        if self._bare:
            predicted = last.predict_checked(row[np.newaxis])
        else:
            table = pd.DataFrame([row], _INDEX, list(self.model.columns))
            pipeline = Pipeline([(str(i), one) for i, one in enumerate(self._steps)])
            predicted = np.asarray(pipeline.predict(table))
        predicted = predicted.reshape(1, len(targets))
        values = clip_to_scale(predicted, targets, self.model.scale)[0]
        return dict(zip(targets, values.tolist(), strict=True))
