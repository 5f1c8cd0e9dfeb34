"""A note says when levels of people hide what changes within them, and only then."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from physio_vad import build_pipeline
from physio_vad.evaluation import as_tables, evaluate
from physio_vad.evaluation.levels import between_people


def study(offset, n_people=8):
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(n_people), 30)
    X = rng.normal(size=(len(people), 4)) + offset * rng.normal(size=(n_people, 4))[people]
    X[::7, 0] = np.nan
    trials = np.tile(np.repeat(list("abc"), 10), n_people)
    return as_tables(X, X[:, 1] + rng.normal(size=len(people)), groups=people, trials=trials)


def noted(result):
    return [one.seen for one in result.findings if one.check == "levels_of_people"]


def test_the_share_of_variance_between_people_is_the_one_that_made_the_columns():
    rng = np.random.default_rng(1)
    people = np.repeat(np.arange(400), 20)
    sizes = np.array([0.0, 0.5, 1.0, 3.0])
    X = rng.normal(size=(len(people), 4)) + (rng.normal(size=(400, 4)) * sizes)[people]
    rows = [np.flatnonzero(people == one) for one in range(400)]
    expected = sizes**2 / (sizes**2 + 1)
    np.testing.assert_allclose(between_people(X.T, rows), expected, atol=0.03)
    X[:, 1], X[:, 2] = 7.0, np.nan
    share = between_people(X.T, rows)
    assert np.isnan(share[[1, 2]]).all()


@pytest.mark.parametrize(("offset", "said"), [(0.5, 0), (3.0, 1)])
def test_it_is_said_where_people_differ_more(offset, said):
    X, y = study(offset)
    model = build_pipeline(estimator="ridge")
    found = noted(evaluate(model, X, y))
    assert len(found) == said
    if said:
        assert found == ["4 of 4 features differ more between people than between the windows of a "
                         "person"]  # fmt: skip
    assert noted(evaluate(build_pipeline(estimator="ridge", normalise="subject"), X, y)) == []


def test_it_is_not_said_where_people_are_known_or_few():
    X, y = study(3.0)
    assert noted(evaluate(Ridge(), X.fillna(0), y, cv="within-subject-chronological")) == []
    X, y = study(3.0, n_people=2)
    assert noted(evaluate(Ridge(), X.fillna(0), y)) == []
