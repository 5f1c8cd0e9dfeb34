import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad.evaluation import evaluate, per_trial, smoothed
from physio_vad.exceptions import ArgumentError
from physio_vad.metrics import METRICS


def test_trials_are_scored_at_their_own_level(make_tables) -> None:
    X, y = make_tables(4, constant=False, coupling=0.5)
    y.loc[("s01", "t1", 2)] = np.nan
    y.loc[("s02", "t0")] = np.nan
    evaluation = evaluate(Ridge(), X, y)
    trials = per_trial(evaluation)
    assert len(trials.predictions) == 15
    table = evaluation.predictions
    one = table[(table["subject"] == "s01") & (table["trial"] == "t1")][:2]
    row = trials.predictions.query("subject == 's01' and trial == 't1'").iloc[0]
    for column in ("valence", "valence_predicted", "arousal_training_mean"):
        assert row[column] == pytest.approx(one[column].mean())
    assert (row["window"], row["start"], row["stop"]) == (2, 0.0, 20.0)
    assert list(trials.predictions) == list(table)
    assert trials.info["level"] == "trial"
    assert repr(trials).startswith("Evaluation by leave-one-subject-out: 4 subjects, trial\n")
    means = table.dropna(subset="valence").groupby(["subject", "trial"])
    means = means[["valence", "valence_predicted"]].mean()
    expected = METRICS["rmse"](means["valence"], means["valence_predicted"])
    assert trials.summary().loc["valence", "rmse"] == pytest.approx(expected)


def test_smoothing_looks_back_only(make_tables) -> None:
    X, y = make_tables(3, 2, 6)
    evaluation = evaluate(Ridge(), X, y)
    table, smooth = evaluation.predictions, smoothed(evaluation, 15).predictions
    for start in range(0, len(table), 6):
        values = table["valence_predicted"].iloc[start : start + 6].to_numpy()
        expected = [values[max(0, row - 2) : row + 1].mean() for row in range(6)]
        got = smooth["valence_predicted"].iloc[start : start + 6]
        np.testing.assert_allclose(got, expected)
    same = [name for name in table if not name.endswith("_predicted")]
    pd.testing.assert_frame_equal(table[same], smooth[same])


def test_smoothing_helps_where_noise_is_between_windows(make_tables) -> None:
    X, y = make_tables(6, 6, 8, coupling=0.7)
    evaluation = evaluate(Ridge(), X, y)
    rmse = [one.summary()["rmse"] for one in (per_trial(evaluation), smoothed(evaluation, 60))]
    assert all((one < evaluation.summary()["rmse"]).all() for one in rmse)


def test_times_are_needed(make_tables) -> None:
    X, y = make_tables(3)
    with pytest.raises(ArgumentError, match="seconds"):
        smoothed(evaluate(Ridge(), X, y), 0)
    y.attrs = {}
    with pytest.raises(ArgumentError, match="times of windows are unknown"):
        smoothed(evaluate(Ridge(), X, y), 30)
