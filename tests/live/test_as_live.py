"""Rows as a stream computes them: none knows what comes later, and evaluations can run on them."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation import evaluate, movement
from physio_vad.exceptions import ArgumentError
from physio_vad.features.extractor import extract_features
from physio_vad.features.windows import make_windows
from physio_vad.live import Stream, live_features
from physio_vad.live.sources import Replay
from physio_vad.pipeline import build_pipeline
from physio_vad.report.score_sections import how_section
from physio_vad.synthetic import simulate_recordings

SENSORS = ["eda", "temperature"]


@pytest.fixture(scope="module")
def windows():
    people = simulate_recordings(n_subjects=3, minutes=2, sfreq=64.0, seed=8)
    cut = [replace(one, signals={k: one.signals[k] for k in SENSORS}) for one in people]
    return make_windows(cut, length=10, step=10)


def test_settled_rows_are_those_of_the_batch(windows):
    batch, live = extract_features(windows[0]), live_features(windows[0], delay="settling")
    pd.testing.assert_frame_equal(live, batch, check_exact=False, rtol=1e-9, atol=1e-9)
    moved = movement(batch, live)
    assert list(moved.index) == SENSORS
    assert moved.to_numpy().max() < 1e-9


@pytest.mark.parametrize("delay", [0.0, 3.0])
def test_no_row_knows_what_comes_later(windows, delay):
    table, _ = windows
    before = live_features(table, delay=delay)
    row = 5  # of each person; what comes after it and the delay is another signal
    changed = []
    for _, part in table.groupby("subject", sort=False):
        recording, until = part["recording"].iloc[0], part["stop"].iloc[row] + delay
        signals = {
            name: replace(one, values=np.where(one.times < until, one.values, 3 + one.values[::-1]))
            for name, one in recording.signals.items()
        }
        changed.append(part.assign(recording=[replace(recording, signals=signals)] * len(part)))
    after = live_features(pd.concat(changed), delay=delay)
    first = before.index.get_level_values("window") <= row
    pd.testing.assert_frame_equal(after[first], before[first], check_exact=True)
    assert not np.allclose(after[~first], before[~first], equal_nan=True)
    assert not np.allclose(extract_features(table)[first], before[first], equal_nan=True)


def test_a_row_is_that_of_the_batch_on_all_that_came_until_then():
    (person,) = simulate_recordings(n_subjects=1, minutes=6, sfreq=64.0, seed=4)
    person = replace(person, signals={name: person.signals[name] for name in ("eda", "ppg")})
    table = make_windows([person], length=10, step=10)[0].iloc[[-2]]
    (until,) = table["stop"]
    batch = extract_features(table.assign(recording=[person.crop(0, until)]))
    table = table.assign(recording=[person])
    live = live_features(table, delay=0.0)
    pd.testing.assert_frame_equal(live, batch, check_exact=False, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("delay", "step"), [(0.0, 10.0), (1.0, 1.0), (1.0, 0.5)])
def test_rows_are_those_of_a_stream(windows, skin_model, delay, step):
    table, _ = windows
    person, columns = table["recording"].iloc[0].crop(0, 60), list(skin_model.columns)
    stream, found = Stream(skin_model, skin_model.inputs, step=step, delay=delay), {}
    for chunk in Replay(person, speed=np.inf, chunk=0.5):
        stream.push(chunk.modality, chunk.samples, chunk.times)
        found |= {one.time: one.features for one in stream.predictions()}
    table = table.loc[[person.subject]]
    table = table[[stop in found for stop in table["stop"]]]
    rows = np.array([found[stop] for stop in table["stop"]])
    if step >= 1:
        live = live_features(table, delay=delay, step=step)
        assert np.array_equal(rows, live[columns], equal_nan=True)
        assert live.attrs["live"] == {"delay": delay, "step": step}
        return
    whole, half = (live_features(table, delay=one)[columns].to_numpy() for one in (1.0, 0.5))
    for at, name in enumerate(SENSORS):  # in a stream that shares, all see one of both
        own = [column.startswith(name) for column in columns]
        same = [np.isclose(rows, one, equal_nan=True)[:, own].all(axis=1) for one in (whole, half)]
        assert np.logical_or(*same).all()
        some = live_features(table, delay=delay, step=step)[columns].to_numpy()
        odd = (np.arange(len(table)) + at) % 2 == 1
        assert np.array_equal(
            some[:, own], np.where(odd[:, np.newaxis], half, whole)[:, own], equal_nan=True
        )


def test_an_evaluation_as_live_scores_these_rows_and_keeps_the_others(windows):
    table, y = windows
    X, live = extract_features(table), live_features(table, delay=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = evaluate(build_pipeline(estimator="ridge"), X, y)
        told = evaluate(build_pipeline(estimator="ridge"), X, y, as_live=[live, X])
        same = evaluate(build_pipeline(estimator="ridge"), X, y, as_live=X)
    first, second = told.info["live"]["delays"]
    assert first["delay"] == 0
    for target, row in plain.summary().iterrows():
        assert told.info["live"]["whole"][target]["rmse"] == pytest.approx(row["rmse"])
        assert same.summary().loc[target, "rmse"] == pytest.approx(row["rmse"])
        assert told.summary().loc[target, "rmse"] != pytest.approx(row["rmse"], rel=1e-6)
        assert first["scores"][target]["rmse"] == pytest.approx(told.summary().loc[target, "rmse"])
        assert second["scores"][target]["rmse"] == pytest.approx(row["rmse"])
    moved = movement(X, live)
    assert first["movement"]["eda"]["q95"] == pytest.approx(moved.loc["eda", "q95"])
    assert second["movement"]["eda"]["largest"] == 0
    tables = {one.caption: one for one in how_section(told).tables}
    told_of = tables["Live and from whole recordings"].rows
    assert [row[1] for row in told_of[:3]] == [
        *("live, delay 0 s", "live, delay unknown", "whole recordings")
    ]
    assert told_of[0][2:] != told_of[2][2:] == told_of[1][2:]
    (how_far,) = (one for name, one in tables.items() if "95 %" in name)
    assert [row[0] for row in how_far.rows] == [*SENSORS]
    assert len(how_section(plain).tables) == 1
    with pytest.raises(ArgumentError, match="rows and columns of X"):
        evaluate(build_pipeline(estimator="ridge"), X, y, as_live=live.iloc[1:])
