"""
Add a model
===========

A model predicts several targets at once. It needs two methods: fit on checked arrays, and predict.
The base class takes care of names, missing values, weights, people and scikit-learn's rules.

Here: each target is the mean of its ratings, shifted by what the nearest people said.
"""

from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings
from physio_vad.regressors import MODELS
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet


class NeighbourMean(MultiTargetRegressor):
    """Mean rating of the most similar windows of the training people.

    Parameters
    ----------
    n_neighbors : int
        How many windows.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order.
    """

    def __init__(self, n_neighbors: int = 20, *, targets: Any = None) -> None:
        self.n_neighbors = n_neighbors
        self.targets = targets

    def _fit(self, training: TrainingSet) -> None:
        self.ratings_ = training.Y
        self.search_ = NearestNeighbors(n_neighbors=self.n_neighbors).fit(training.X)

    def _predict(self, X: np.ndarray) -> np.ndarray:
        near = self.search_.kneighbors(X, return_distance=False)
        return np.nanmean(self.ratings_[near], axis=1)  # a missing rating is left out


MODELS["neighbours"] = NeighbourMean  # in the library: one line in regressors/models.py

# %%
# From here on it has a name in this process: for `build_pipeline` and for recipes.

windows, y = make_windows(simulate_recordings(n_subjects=6, minutes=2, seed=1))
X = extract_features(windows, ["eda", "temperature", "emg"])
evaluate(build_pipeline("neighbours"), X, y)

# %%
# The command ``physio-vad`` imports none of your code: a recipe from a stranger names what is
# registered, and must not run code. With the class and its line in ``neighbours.py``, this script
# beside it is the command that knows it, as in
# ``python study.py evaluate tables --model neighbours --out results``:
#
# .. code-block:: python
#
#     import neighbours
#     from physio_vad.cli.commands import main
#     main()
#
# To put it into the library: the class in a file of ``physio_vad/regressors/``, one line in
# `MODELS`, one in ``tests/regressors/test_check_estimator.py``, a test of a known answer, a row
# in the README's and in the models page's table.
#
# A single-target regressor needs none of this: give it as ``estimator=``.

from sklearn.linear_model import BayesianRidge

evaluate(build_pipeline("chain", estimator=BayesianRidge(), random_state=0), X, y)
