"""What the command says of a feature table."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.cli.printing import comparison_table, together
from physio_vad.features.quality import describe_table
from physio_vad.modalities import make_modalities


def test_a_score_that_is_not_defined_is_a_dash():
    rows = pd.MultiIndex.from_tuples([("valence", "baseline: training_mean")], names=["target", ""])
    summary = pd.DataFrame({"rmse": [1.5], "r": [np.nan], "skill": [np.nan]}, index=rows)
    cells = [column._cells for column in comparison_table(summary).columns]
    assert cells[1:] == [["", "1.500"], ["", "\N{EN DASH}"], ["", "baseline"]]


def test_what_is_the_same_of_several_files_is_said_once():
    said = [f"P{number}.csv: is short; cut it: here" for number in range(5)]
    assert together([*said[:1], "no place", "P9.csv: is long", *said[1:]]) == [
        "P0.csv, P1.csv, P2.csv and 2 more: is short; cut it: here",
        "no place",
        "P9.csv: is long",
    ]


@pytest.fixture
def tables():
    index = pd.MultiIndex.from_product(
        [["anna", "ben"], ["1"], [-1, 0, 1]], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame({"eda__scl": np.arange(6.0), "ppg__heart_rate": 60.0}, index=index)
    y = pd.DataFrame({"Valenz": [np.nan, 1.0, 2.0, np.nan, 3.0, 4.0]}, index=index)
    y["Dominanz"] = [np.nan, 1.0, 2.0, np.nan, np.nan, 4.0]
    y.attrs["window"] = {"length": 10.0, "step": 5.0}
    return X, y


def lines_of(X, y):
    return describe_table(X, y, make_modalities(["eda", "ppg"]).values())


def test_size_and_who_is_not_rated(tables):
    assert lines_of(*tables) == [
        "6 windows of 2 people, 2 features (0.0% of the cells undefined), targets: Valenz, "
        "Dominanz",
        "Dominanz: 1 of 4 windows are not rated (ben)",
    ]


def test_empty_features_are_named_with_the_reason(tables):
    X, y = tables
    X["ppg__pulse_arrival_time"] = X["ppg__lf"] = X["eda__own"] = np.nan
    X.iloc[0, 0] = np.nan
    said = lines_of(X, y[["Valenz"]])
    assert "(8.3% of the cells undefined, without the empty features)" in said[0]
    assert said[1] == "empty in all windows: needs ecg: ppg__pulse_arrival_time"
    assert said[2].startswith("empty in all windows: needs 1")
    assert said[2].endswith("s of signal: ppg__lf")
    assert said[3] == "empty in all windows: eda__own"
    X["ecg__heart_rate"] = 60.0
    assert "empty in all windows: ppg__pulse_arrival_time, eda__own" in lines_of(X, y)


def test_a_table_without_ratings(tables):
    X, y = tables
    assert lines_of(X, y[[]])[0].endswith("targets: none")
