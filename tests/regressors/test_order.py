"""The order of people, rows and columns, and how memory is laid out, decide nothing."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from physio_vad import build_pipeline
from physio_vad.preprocessing import SelectFeatures
from physio_vad.regressors import ESTIMATORS, MODELS, MultiOutput
from physio_vad.regressors.models import takes_estimator

RANDOM = np.random.default_rng(1)


def reordered(X: pd.DataFrame, y: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """The same rated rows with the same features, in other orders."""
    people = RANDOM.permutation(X.index.unique("subject"))
    by_person = np.concatenate(
        [np.flatnonzero(X.index.get_level_values("subject") == who) for who in people]
    )
    rows, columns = RANDOM.permutation(len(X)), RANDOM.permutation(X.shape[1])
    return {
        "people": (X.iloc[by_person], y.iloc[by_person]),
        "rows": (X.iloc[rows], y.iloc[rows]),
        "columns": (X.iloc[:, columns], y),
        "layout": (X.T.copy().T, y.T.copy().T),
    }


def pipelines() -> dict[str, object]:
    alone = {name: ("multioutput", name) for name in ESTIMATORS}
    several = {
        name: (name, "lightgbm" if takes_estimator(cls) else "blend")
        for name, cls in MODELS.items()
        if name not in ("multioutput", "shared", "stack")
    }
    made = {
        key: build_pipeline(model, estimator=estimator, normalise="subject", random_state=0)
        for key, (model, estimator) in {**alone, **several}.items()
    }
    members = [MultiOutput("lightgbm"), MultiOutput("ridge")]
    made["stack"] = build_pipeline("stack", random_state=0).set_params(model__members=members)
    made["shared"] = build_pipeline("shared", random_state=0).set_params(model__max_epochs=5)
    return made


@pytest.mark.parametrize("name", pipelines())
def test_predictions_are_equal_to_the_last_bit(name, partly_rated):
    X, y = partly_rated
    X = X.mask(RANDOM.random(X.shape) < 0.02)
    pipeline, asked = pipelines()[name], X.iloc[::2]
    wanted = clone(pipeline).fit(X, y).predict(asked)
    for what, (other, ratings) in reordered(X, y).items():
        fitted = clone(pipeline).fit(other, ratings)
        np.testing.assert_array_equal(fitted.predict(asked[other.columns]), wanted, what)


def test_as_many_features_are_selected_and_the_same(people):
    X, y = people
    X = X.copy()
    X["eda__twice[1]"] = X["eda__{f}[0]"]  # a tie
    kept = {frozenset(SelectFeatures(k=1).fit(*one).transform(one[0])) for one in
            [(X, y), *reordered(X, y).values()]}  # fmt: skip
    assert len(kept) == 1
