import pickle

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate

from physio_vad.exceptions import ArgumentError
from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import MaskedScorer, MultiOutput


def test_equals_scikit_learn_where_ratings_are_complete(people):
    X, y = people
    model = MultiOutput("ridge").fit(X, y)
    guess = model.predict(X)
    rmse = root_mean_squared_error(y, guess)
    assert MaskedScorer("r2")(model, X, y) == pytest.approx(r2_score(y, guess))
    assert MaskedScorer("rmse")(model, X, y) == pytest.approx(-rmse)
    assert MaskedScorer("mae")(model, X, y) == pytest.approx(-mean_absolute_error(y, guess))


def test_concordance_by_hand(people):
    X, y = people
    model = MultiOutput("ridge").fit(X, y["valence"])
    truth, guess = y["valence"].to_numpy(), model.predict(X)
    by_hand = 2 * np.cov(truth, guess, ddof=0)[0, 1]
    by_hand /= truth.var() + guess.var() + (truth.mean() - guess.mean()) ** 2
    assert MaskedScorer("ccc")(model, X, y["valence"]) == pytest.approx(by_hand)


def test_missing_ratings_are_left_out(partly_rated):
    X, y = partly_rated
    model = MultiOutput("ridge").fit(X, y)
    rated = y["dominance"].notna()
    by_hand = r2_score(y["dominance"][rated], model.predict(X)[rated, 2])
    scorer = MaskedScorer("r2", target="dominance")
    assert scorer(model, X, y) == pytest.approx(by_hand)
    assert np.isnan(scorer(model, X[~rated], y[~rated]))
    assert np.isfinite(MaskedScorer("r2")(model, X[~rated], y[~rated]))


def test_columns_that_are_not_predicted_are_left_out(people):
    X, y = people
    pipeline = build_pipeline(targets=["arousal"]).fit(X, y)
    assert MaskedScorer("r2")(pipeline, X, y) == pytest.approx(pipeline.score(X, y))


def test_cross_validate_and_grid_with_missing_ratings(partly_rated):
    X, y = partly_rated
    groups = X.index.get_level_values("subject")
    pipeline = build_pipeline("chain", estimator="ridge", random_state=0)
    scoring = {"r2": MaskedScorer("r2"), "d": MaskedScorer("rmse", target="dominance")}
    result = cross_validate(
        pipeline, X, y, groups=groups, cv=GroupKFold(4), scoring=scoring, error_score="raise"
    )
    assert np.isfinite(result["test_r2"]).all()
    grid = GridSearchCV(
        pipeline, {"model__estimator__alpha": [1, 1000]}, scoring=scoring["r2"], cv=GroupKFold(2)
    ).fit(X, y, groups=groups)
    assert np.isfinite(grid.cv_results_["mean_test_score"]).all()
    assert grid.best_params_["model__estimator__alpha"] == 1
    assert np.isfinite(scoring["r2"](grid, X, y))


def test_survives_a_pickle_and_names_what_is_unknown(people):
    assert pickle.loads(pickle.dumps(MaskedScorer("ccc"))) == MaskedScorer("ccc")
    with pytest.raises(ArgumentError, match="did you mean 'rmse'"):
        MaskedScorer("rmes")
    X, y = people
    with pytest.raises(ArgumentError, match="did you mean 'valence'"):
        MaskedScorer(target="valance")(MultiOutput("ridge").fit(X, y), X, y)
