"""Notes on predictions off the scale, and on a model that answers one value."""

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge

from physio_vad import build_pipeline
from physio_vad.evaluation import evaluate


def notes_of(model, X, y):
    return {one.check: one for one in evaluate(model, X, y).findings if one.level == "note"}


def test_honest_predictions_have_no_note(make_tables):
    assert notes_of(Ridge(), *make_tables()) == {}


def test_a_person_unlike_the_others_throws_a_linear_model_off_the_scale(make_tables):
    X, y = make_tables()
    X[X.index.get_level_values("subject") == "s03"] += 100.0
    note = notes_of(Ridge(), X, y)["outside_scale"]
    assert "of the predictions of valence lie outside its scale 1 to 9 (from" in note.seen
    assert 'normalise="subject"' in note.remedy
    y.attrs["scale"] = {"arousal": (-1e6, 1e6)}
    assert "outside_scale" not in notes_of(Ridge(), X, y)


def test_what_is_scored_is_clipped_to_the_scale_and_the_note_gives_both_scores(make_tables):
    X, y = make_tables()
    X[X.index.get_level_values("subject") == "s03"] += 100.0
    result = evaluate(Ridge(), X, y)
    assert result.predictions[["valence_predicted", "arousal_predicted"]].max(axis=None) == 9.0
    assert 0 < result.info["clipped"]["valence"] < 0.5
    note = next(one for one in result.findings if one.check == "outside_scale")
    assert f"the RMSE is {result.summary().loc['valence', 'rmse']:.3g} with" in note.seen
    y.attrs["scale"] = {"arousal": (1, 9)}
    free = evaluate(Ridge(), X, y)
    assert (free.predictions["valence_predicted"] - 5).abs().max() > 4.0
    assert set(free.info["clipped"]) == {"arousal"}


def test_slightly_off_is_not_off(make_tables):
    X, y = make_tables()
    y.attrs["scale"] = {"valence": (1.0, 9.0)}
    X["valence"] = np.where(y["valence"] > 5, 1.0, 0.0)
    y["valence"] = np.where(y["valence"] > 5, 9.0, 1.0)
    assert "outside_scale" not in notes_of(Ridge(), X[["valence"]], y)


@pytest.mark.parametrize(
    "model", [DummyRegressor(), build_pipeline(estimator="lightgbm", random_state=0)]
)
def test_a_model_of_few_rows_answers_one_value(model, make_tables):
    note = notes_of(model, *make_tables(n_subjects=3, n_windows=1))["one_answer"]
    assert note.seen.endswith("the same value for every window of valence, arousal")
    assert "(8 in training)" in note.remedy
