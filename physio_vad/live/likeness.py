"""Whether the sensors of a stream are like those of the people a model was trained on."""

from __future__ import annotations

import numpy as np

from physio_vad._arrays import FloatArray
from physio_vad.conditions import EncodeConditions
from physio_vad.persistence import Model
from physio_vad.unlike import LEAST_ROWS, People, unlike_training, with_advice

FIRST = LEAST_ROWS + 1
"""Windows that do not overlap after which a stream is looked at; again whenever they doubled."""

LAST = 16 * FIRST
"""Windows after which nobody looks again: a sensor that fitted for so long still does."""


class Likeness:
    """Looks at rows of a stream beside the range of the training.

    Parameters
    ----------
    model : Model
        Its first step after the extractor knows that range.

    Attributes
    ----------
    text : str
        Which sensors are unlike those of the training, and what to do; empty where none is.
    """

    def __init__(self, model: Model) -> None:
        steps = [one for _, one in model.pipeline.steps if isinstance(one, EncodeConditions)]
        knows = bool(steps) and steps[0].n_people_ > 0
        self._training = steps[0] if knows else None
        columns = steps[0].sensor_columns_ if knows else []
        self._places = [model.columns.index(one) for one in columns]
        self._rows: list[FloatArray] = []
        self._due, self._end = FIRST, -np.inf
        self._named: set[str] = set()
        self.text = ""

    def look(self, row: FloatArray, start: float, stop: float) -> bool:
        """Take a row in, unless its window overlaps with the last that was.

        Parameters
        ----------
        row : array of shape (n_columns,)
            Features before any scaling, of a window that is predicted.
        start, stop : float
            The window in seconds.

        Returns
        -------
        bool
            Whether `text` names a sensor that it did not name before.
        """
        known = self._training
        if known is None or start < self._end - 1e-9 or self._due > LAST:
            return False
        self._rows.append(row[self._places])
        self._end = stop
        if len(self._rows) < self._due:
            return False
        self._due *= 2
        one = People.of_one("this stream", known.sensor_columns_, np.array(self._rows))
        lines = unlike_training(
            one, known.sensor_columns_, known.low_, known.high_, known.n_people_
        )
        self.text = with_advice(lines.values()) if lines else ""
        new = set(lines) - self._named
        self._named |= new
        return bool(new)
