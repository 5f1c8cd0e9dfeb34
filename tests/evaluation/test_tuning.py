import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold

from physio_vad.evaluation import evaluate
from physio_vad.evaluation.tuning import nested_search
from physio_vad.exceptions import ArgumentError
from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import search_space


def test_people_stay_whole_in_the_inner_folds(make_tables):
    X, y = make_tables(n_subjects=7)
    search = nested_search(build_pipeline("multioutput", estimator="ridge"), {"x": [1]})
    for train, test in search.cv.split(X, y):
        subjects = X.index.get_level_values("subject")
        assert not set(subjects[train]) & set(subjects[test])


def test_the_outer_score_of_a_search(make_tables):
    X, y = make_tables()
    y.iloc[::5, 0] = np.nan
    search = nested_search(
        build_pipeline("chain", estimator="ridge", random_state=0),
        search_space("chain", "ridge"),
        n_iter=3,
        random_state=0,
    )
    result = evaluate(search, X, y, cv="grouped-k-fold", random_state=0)
    assert np.isfinite(result.skill).all()


def test_a_search_sees_the_rest_windows(make_tables):
    X, y = make_tables(n_windows=4)
    rows = [(subject, trial, window - 2) for subject, trial, window in X.index]
    index = pd.MultiIndex.from_tuples(rows, names=X.index.names)
    X, y = X.set_axis(index), y.set_axis(index)
    y[index.get_level_values("window") < 0] = np.nan
    pipeline = build_pipeline(estimator="ridge", normalise="baseline")
    search = nested_search(pipeline, {"model__estimator__alpha": [1.0]}, n_iter=1, random_state=0)
    found = evaluate(search, X, y, cv="grouped-k-fold", random_state=0).predictions
    plain = pipeline.set_params(model__estimator__alpha=1.0)
    expected = evaluate(plain, X, y, cv="grouped-k-fold", random_state=0).predictions
    pd.testing.assert_frame_equal(found, expected)


def test_nothing_to_tune(make_tables):
    with pytest.raises(ArgumentError, match="nothing to tune"):
        nested_search(build_pipeline(), {})


def test_a_search_by_groups_gets_the_people(make_tables):
    X, y = make_tables(6)
    grid = {"alpha": [0.1, 100.0]}
    by_groups = evaluate(GridSearchCV(Ridge(), grid, cv=GroupKFold(3)), X, y)
    people = X.index.get_level_values("subject")
    rest = people != "s00"
    search = GridSearchCV(Ridge(), grid, cv=GroupKFold(3)).fit(
        X[rest], y[rest], groups=people[rest]
    )
    ours = by_groups.predictions.query("subject == 's00'")[f"{y.columns[0]}_predicted"]
    np.testing.assert_allclose(ours, np.asarray(search.predict(X[~rest]))[:, 0])
    evaluate(GridSearchCV(Ridge(), grid, cv=KFold(3)), X, y)  # groups are not forced on others
