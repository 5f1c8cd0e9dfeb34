"""A person's ratings move the predictions, and it is told whether that helps."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.evaluation.calibration import Calibrator
from physio_vad.exceptions import ArgumentError
from physio_vad.live.calibration import Calibration
from physio_vad.live.sources import Replay
from physio_vad.live.stream import Stream

SCALE = {"valence": (1.0, 9.0)}


def test_the_mean_error_is_trusted_the_more_the_more_ratings():
    given = Calibration(["valence"], SCALE)
    assert given.move("valence", 4.0) == 4.0
    for number in range(1, 6):
        given.rate({"valence": 6.0}, {"valence": 4.0})
        assert given.move("valence", 4.0) == pytest.approx(4 + 2 * number / (number + 5))
    assert given.move("valence", 8.9) == 9.0
    assert given.state()["valence"].n_ratings == 5


def test_a_calibrator_of_other_people_decides_where_there_is_one():
    weights = pd.DataFrame({"offset": [0.5], "gain": [0.25], "spread": [1.0]}, index=["valence"])
    calibrator = Calibrator(weights, 3.0, SCALE)
    given = Calibration(["valence"], SCALE, calibrator)
    truth, answers = [5.0, 7.0, 4.0], [4.0, 5.0, 4.5]
    for rating, answer in zip(truth, answers, strict=True):
        given.rate({"valence": rating}, {"valence": answer})
    labelled = pd.DataFrame({"valence": truth, "valence_predicted": answers})
    expected = calibrator.apply(labelled, pd.DataFrame({"valence": [5.5]}))["valence"][0]
    assert given.move("valence", 5.5) == pytest.approx(expected)
    assert expected != 5.5


def test_it_says_from_which_rating_on_it_beats_the_own_mean():
    rng = np.random.default_rng(0)
    good, poor = Calibration(["valence"], {}), Calibration(["valence"], {})
    for _ in range(20):
        rating = rng.normal()
        good.rate({"valence": rating}, {"valence": rating + 1.0})
        poor.rate({"valence": rating}, {"valence": 3 * rng.normal()})
    state = good.state()["valence"]
    assert state.since is not None
    assert 4 <= state.since <= 12
    assert state.rmse < state.rmse_own_mean
    assert state.rmse < state.rmse_before == pytest.approx(1.0)
    assert poor.state()["valence"].since is None
    assert Calibration(["valence"], {}).state()["valence"].since is None


def test_a_rating_of_what_was_withheld_or_cannot_be_is_refused(skin_model):
    given = Calibration(["valence"], SCALE)
    with pytest.raises(ArgumentError, match="moment was withheld"):
        given.rate({"valence": 6.0}, {"valence": np.nan})
    assert given.state()["valence"].n_ratings == 0
    with pytest.raises(ArgumentError, match="no target 'joy'"):
        given.rate({"joy": 1.0}, {})
    with pytest.raises(ArgumentError, match="lies in 1 to 9, got 10"):
        given.rate({"valence": 10.0}, {"valence": 4.0})
    with pytest.raises(ArgumentError, match="no window around None s"):
        Stream(skin_model, skin_model.inputs).rate({"valence": 4.0})


def test_a_stream_calibrates_from_the_rating_on(skin_model, skin_people):
    plain, rated = (Stream(skin_model, skin_model.inputs, step=5, interval=0.8) for _ in range(2))
    found = {id(plain): [], id(rated): []}
    for chunk in Replay(skin_people[1].crop(0, 60), speed=np.inf):
        if chunk.modality not in plain.sensors:
            continue
        for stream in (plain, rated):
            stream.push(chunk.modality, chunk.samples, chunk.times)
            found[id(stream)] += stream.predictions()
            if stream is rated and len(found[id(rated)]) == 3 and not moved(rated):
                rated.rate({"valence": 9.0}, found[id(rated)][1].time)
    before, after = (pd.DataFrame([one.values for one in some]) for some in found.values())
    pd.testing.assert_frame_equal(before[:3], after[:3])
    pd.testing.assert_frame_equal(before[["arousal"]], after[["arousal"]])
    shift = (9.0 - before["valence"][1]) / 6
    assert np.allclose(after["valence"][3:], np.minimum(before["valence"][3:] + shift, 9.0))
    assert [one.low for one in found[id(plain)]] == [one.low for one in found[id(rated)]]


def test_a_rehearsal_leaves_no_trace(skin_model, skin_people):
    plain, rehearsed = (Stream(skin_model, skin_model.inputs, step=5) for _ in range(2))
    rehearsed.rehearse()
    found = ([], [])
    for chunk in Replay(skin_people[1].crop(0, 30), speed=np.inf):
        for stream, some in zip((plain, rehearsed), found, strict=True):
            if chunk.modality in stream.sensors:
                stream.push(chunk.modality, chunk.samples, chunk.times)
                some.extend(stream.predictions())
    assert len(found[0]) == 4
    assert [one.values for one in found[0]] == [one.values for one in found[1]]


def moved(stream):
    return stream.calibration.state()["valence"].n_ratings
