"""A trained model holds the intervals that its evaluation can tell, and the sensors it had."""

import warnings

import numpy as np
import pandas as pd

from physio_vad.evaluation import conformal_intervals, evaluate
from physio_vad.features.inputs import inputs_of
from physio_vad.io import read_recordings, write_eleven_column
from physio_vad.persistence import load_model
from physio_vad.study import steps
from physio_vad.study.recipe import make_recipe
from physio_vad.synthetic import simulate_recordings


def tables(n_people):
    """Made-up skin features of some people, whose ratings follow them."""
    rng = np.random.default_rng(0)
    people = [f"S{number}" for number in range(n_people)]
    index = pd.MultiIndex.from_product(
        [people, ["1"], range(12)], names=["subject", "trial", "window"]
    )
    X = pd.DataFrame({"temperature__mean": rng.normal(33, 1, len(index))}, index)
    y = pd.DataFrame({"valence": (X["temperature__mean"] - 28) + rng.normal(0, 0.3, len(index))})
    y.attrs["scale"] = {"valence": (1.0, 9.0)}
    recipe = make_recipe(
        {
            "layout": {"name": "eleven-column"},
            "model": {"name": "multioutput", "estimator": "ridge"},
        }
    )
    return steps.StudyTables(X, y, recipe)


def test_intervals_are_saved_with_the_model(tmp_path):
    given = tables(8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluation = evaluate(given.recipe.pipeline(), given.X, given.y)
        steps.train(given, tmp_path / "m.joblib", evaluation)
        half = conformal_intervals(evaluation, 0.8).half_widths
    model = load_model(tmp_path / "m.joblib")
    assert model.half_widths_of(0.8) == half.to_dict()
    assert list(model.half_widths) == ["0.5", "0.8"]  # eight people cannot tell nine in ten
    steps.train(given, tmp_path / "plain.joblib")
    assert load_model(tmp_path / "plain.joblib").half_widths == {}


def test_a_model_says_which_sensors_it_was_trained_on(tmp_path):
    people = simulate_recordings(n_subjects=3, minutes=1, sfreq=64.0, seed=0)
    write_eleven_column(people, tmp_path / "data", sfreq=64.0)
    recipe = make_recipe(
        {
            "layout": {"name": "eleven-column", "sfreq": 64.0},
            "features": {"modalities": ["eda", "temperature"]},
            "model": {"name": "multioutput", "estimator": "ridge"},
        }
    )
    made = steps.make_tables(recipe, tmp_path / "data", tmp_path / "out", n_jobs=1)
    made.save(tmp_path / "out")
    steps.train(steps.StudyTables.load(tmp_path / "out"), tmp_path / "m.joblib")
    (person,) = read_recordings(next((tmp_path / "data").iterdir()), recipe.reader())
    wanted = {one.modality: one for one in inputs_of([person])}
    assert set(load_model(tmp_path / "m.joblib").inputs) == {wanted["eda"], wanted["temperature"]}
    assert wanted["eda"].sfreq == 64
