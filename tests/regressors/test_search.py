import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, ParameterSampler, RandomizedSearchCV

from physio_vad.exceptions import ArgumentError
from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import ESTIMATORS, MODELS, MaskedScorer, search_space


@pytest.mark.parametrize("estimator", list(ESTIMATORS))
@pytest.mark.parametrize("model", list(MODELS))
def test_every_parameter_is_one_of_the_pipeline(model, estimator):
    takes_one = "estimator" in MODELS[model]().get_params()
    pipeline = build_pipeline(model, estimator=estimator if takes_one else "blend")
    for parameters in ParameterSampler(search_space(model, estimator) or {"verbose": [False]}, 3):
        pipeline.set_params(**parameters)


def test_a_search_by_subject(partly_rated):
    X, y = partly_rated
    search = RandomizedSearchCV(
        build_pipeline("chain", estimator="ridge", random_state=0),
        search_space("chain", "ridge"),
        n_iter=4,
        scoring=MaskedScorer("r2"),
        cv=GroupKFold(2),
        random_state=0,
        error_score="raise",
    ).fit(X, y, groups=X.index.get_level_values("subject"))
    assert np.isfinite(search.best_score_)


def test_unknown_names():
    with pytest.raises(ArgumentError, match="did you mean 'chain'"):
        search_space("chian")
    with pytest.raises(ArgumentError, match="did you mean 'ridge'"):
        search_space("chain", "rigde")
