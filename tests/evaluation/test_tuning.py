import numpy as np
import pytest

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


def test_nothing_to_tune(make_tables):
    with pytest.raises(ArgumentError, match="nothing to tune"):
        nested_search(build_pipeline(), {})
