"""Missing features become what the others let expect; whole sensors are told."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.exceptions import MissingSensorWarning
from physio_vad.filling import FillMissing, lacking_sensors
from physio_vad.normal_scores import NormalScores

NAMES = ["eda__level", "eda__quality", "ppg__rate", "ppg__quality"]


@pytest.fixture
def X():
    """Two sensors that follow one course; their quality follows it too."""
    random = np.random.default_rng(0)
    course = random.normal(size=(400, 1))
    values = course + 0.3 * random.normal(size=(400, 4))
    return pd.DataFrame(np.exp(values), columns=NAMES)


def test_the_expected_value_is_the_conditional_mean_of_jointly_normal_columns():
    random = np.random.default_rng(1)
    covariance = np.array([[1.0, 0.8, 0.3], [0.8, 1.0, 0.1], [0.3, 0.1, 1.0]])
    X = random.multivariate_normal(np.zeros(3), covariance, size=20_000)
    filler = FillMissing(shrinkage=1e-3).fit(X)
    filled = filler.transform([[1.0, np.nan, np.nan], [np.nan, 1.0, -1.0]])
    np.testing.assert_allclose(filled[0], [1.0, 0.8, 0.3], atol=0.04)
    given = np.linalg.solve(covariance[1:, 1:], [1.0, -1.0])
    np.testing.assert_allclose(filled[1], [covariance[0, 1:] @ given, 1.0, -1.0], atol=0.04)


def test_complete_rows_stay_as_they_are_and_empty_ones_get_the_medians(X):
    filler = FillMissing().fit(X)
    pd.testing.assert_frame_equal(filler.transform(X), X)
    nothing = filler.fill(X.iloc[:2].to_numpy() * np.nan)
    np.testing.assert_allclose(nothing, [X.median()] * 2)


def test_quality_neither_fills_nor_is_filled_by_the_sensors(X):
    filler = FillMissing().fit(X)
    row = X.iloc[:1].assign(ppg__rate=np.nan)
    other = row.assign(eda__quality=0.0, ppg__quality=np.nan)
    filled, again = filler.fill(row.to_numpy()), filler.fill(other.to_numpy())
    assert filled[0, 2] == again[0, 2] != X["ppg__rate"].median()
    assert again[0, 3] == X["ppg__quality"].median()


def test_a_cell_is_filled_the_same_whatever_other_rows_lack(X):
    holed = X.mask(np.random.default_rng(2).random(X.shape) < 0.3)
    filler = FillMissing().fit(holed)
    together = filler.fill(holed.to_numpy())
    alone = np.vstack([filler.fill(row[np.newaxis]) for row in holed.to_numpy()])
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    known = holed.notna().to_numpy()
    np.testing.assert_array_equal(together[known], holed.to_numpy()[known])
    single = ~known[:, 0] & known[:, 2]
    wrong = np.log(together)[single, 0] - np.log(X.to_numpy())[single, 0]
    assert np.std(wrong) < 0.6 * np.std(np.log(X.to_numpy())[single, 0])


def test_sensors_that_nobody_had_together_are_no_error(X):
    X.iloc[:200, :2], X.iloc[200:, 2:] = np.nan, np.nan
    assert np.isfinite(FillMissing().fit(X).fill(X.to_numpy())).all()


def test_who_lacks_what():
    index = pd.MultiIndex.from_product([["a", "b"], [0, 1]], names=["subject", "window"])
    table = pd.DataFrame(1.0, index, NAMES)
    table.loc["a", NAMES[2:]] = np.nan
    table.loc[("b", 0), NAMES[:2]] = np.nan  # there in the other window
    assert lacking_sensors(table, NAMES) == {"ppg": ["a"]}
    assert lacking_sensors(table.assign(ppg__quality=0.0), NAMES) == {}  # there, and poor


def test_it_warns_when_it_is_used_and_not_when_it_learns(X):
    X.iloc[:, :2] = np.nan
    filler = FillMissing()
    filler.fit_transform(X)
    filler.transform(X)  # nobody in training had it: no news
    with pytest.warns(MissingSensorWarning, match="no ppg; .*no sensor at all"):
        filler.transform(X * np.nan)


@pytest.mark.parametrize("n_rows", [3, 200])  # both ways of interpolating
def test_scores_go_there_and_back(n_rows):
    X = np.column_stack([np.arange(n_rows) ** 2.0, np.repeat(7.0, n_rows)])
    scores = NormalScores(X)
    back = scores.inverse(scores.transform(X), np.arange(2))
    np.testing.assert_allclose(back[1:-1], X[1:-1], rtol=1e-6, atol=1e-6)


def test_few_rows_get_the_scores_of_many():
    random = np.random.default_rng(3)
    X = np.column_stack([random.normal(size=300), random.integers(0, 3, 300)])
    X[random.random(X.shape) < 0.1] = np.nan
    scores = NormalScores(X)
    alone = np.vstack([scores.transform(row[np.newaxis]) for row in X])
    np.testing.assert_allclose(alone, scores.transform(X), atol=1e-12)


def test_last_digits_of_tied_values_do_not_matter():
    rng = np.random.default_rng(0)
    X = np.round(8 * rng.normal(size=(300, 3))) / 8  # as times on a raster are
    scores = NormalScores(X)
    near = scores.transform(X + 1e-13 * rng.normal(size=X.shape))
    assert np.allclose(near, scores.transform(X), rtol=0, atol=1e-9)
