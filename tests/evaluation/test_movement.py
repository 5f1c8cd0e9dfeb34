"""How far features move in a stream, by hand."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation.movement import movement
from physio_vad.exceptions import ArgumentError

nan = np.nan


def table(**columns):
    index = pd.MultiIndex.from_product(
        [["a"], ["1"], range(5)], names=["subject", "trial", "window"]
    )
    return pd.DataFrame(columns, index).astype(float)


def test_as_a_share_of_the_range_of_each_feature():
    batch = table(eda__mean=[2, 4, nan, 10, 12], eda__flat=3, eda__quality=[0.5, 1, 1, 1, 1])
    live = batch.copy()
    live["eda__mean"] = [3, 4, 5, nan, 7]  # by a tenth and a half of the range
    live["eda__flat"] = [3, 3, 3, 3.25, 3]
    live["eda__quality"] = [0.7, 1, 1, 1, 1]
    found = movement(batch, live).loc["eda"]
    moved = [0.1, 0, 0.5, 0.25, *[0] * 4, 0.2, *[0] * 4]
    assert found["median"] == np.median(moved)
    assert found["q95"] == pytest.approx(np.quantile(moved, 0.95))
    assert found["largest"] == 0.5
    assert found["lost"] == pytest.approx(2 / 15)


def test_a_sensor_at_a_time_and_one_that_says_nothing():
    batch = table(eda__mean=range(5), ecg__hr=nan, ecg__sd=nan)
    found = movement(batch, batch + 1)
    assert found.index.tolist() == ["eda", "ecg"]
    assert found.loc["eda"].tolist() == [0.25, 0.25, 0.25, 0]
    assert found.loc["ecg"].isna().tolist() == [True, True, True, False]
    assert found.loc["ecg", "lost"] == 0


def test_other_rows_or_columns_are_refused():
    batch = table(eda__mean=range(5))
    for other in (batch.iloc[1:], batch.rename(columns={"eda__mean": "eda__sd"})):
        with pytest.raises(ArgumentError, match="same rows and columns"):
            movement(batch, other)
