"""Every recipe in pipelines/ runs the whole way on a small data set in its own layout."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from layouts.write_e4 import write_blocks, write_folder

from physio_vad import runs, simulate_recordings, write_eleven_column
from physio_vad.recipes import load_recipe

PIPELINES = Path(__file__).parents[1] / "pipelines"


def eleven_column(folder: Path) -> None:
    write_eleven_column(simulate_recordings(n_subjects=3, minutes=1, seed=5), folder)


def stress_predict(folder: Path) -> None:
    """Three people, two calm and two stressful minutes each, in the E4 export layout."""
    people = simulate_recordings(n_subjects=3, minutes=4, sfreq=64.0, seed=5)
    rows = ""
    for person in people:
        members = {}
        for name, modality, step in (
            ("BVP", "ppg", 1),
            ("EDA", "eda", 16),
            ("TEMP", "temperature", 16),
        ):
            signal = person.signals[modality]
            lines = [1.6e9, signal.sfreq / step, *signal.values[0, ::step]]
            members[f"{name}.csv"] = "\n".join(f"{value:.6f}" for value in lines)
        write_folder(folder / person.subject, members)
        for start, task, stress in (
            (0, "rest", 0),
            (60, "stroop", 1),
            (120, "talk", 1),
            (180, "end", 0),
        ):
            rows += f"{person.subject},{task},{start},{start + 60},{stress}\n"
    write_blocks(folder, rows)


WRITERS: dict[str, Callable[[Path], None]] = {
    "eleven_column": eleven_column,
    "stress_predict": stress_predict,
}


@pytest.mark.parametrize("path", sorted(PIPELINES.glob("*.toml")), ids=lambda path: path.stem)
def test_a_recipe_runs_on_its_own_layout(path, tmp_path):
    WRITERS[path.stem](tmp_path / "data")
    recipe = load_recipe(path)
    tables = runs.make_tables(recipe, runs.read(recipe, tmp_path / "data", runs.Part()))
    assert tables.X.index.get_level_values("subject").nunique() == 3
    modalities = {column.split("__")[0] for column in tables.X}
    defined = {column.split("__")[0] for column in tables.X.columns[tables.X.notna().all()]}
    assert defined == modalities, "a modality of this recipe gives nothing"
    evaluations = runs.evaluate_models(tables)
    assert list(evaluations) == recipe.models
    runs.train(tables, tmp_path / "model.joblib")
    predicted, _ = runs.predict(tmp_path / "model.joblib", tmp_path / "data", runs.Part())
    assert predicted.notna().all(axis=None)
    truth = tables.y[evaluations[recipe.models[0]].targets[0]]
    table = evaluations[recipe.models[0]].predictions
    np.testing.assert_array_equal(table.sort_values(["subject", "window"])[truth.name], truth)


@pytest.mark.realdata
@pytest.mark.slow
def test_stress_predict_on_the_real_recordings(shared_data):
    recipe = load_recipe(PIPELINES / "stress_predict.toml")
    recordings = runs.read(recipe, shared_data / "stress_predict_e4", runs.Part())
    assert len(recordings) == 20
    tables = runs.make_tables(recipe, recordings)
    assert tables.X.index.get_level_values("subject").nunique() == 20
    pure = tables.y["stress"].isin([0.0, 1.0])
    assert pure.mean() > 0.9  # the others lie across the border of two blocks that touch
    (evaluation,) = runs.evaluate_models(tables).values()
    assert evaluation.predictions["stress_predicted"].notna().all()
    assert {"training_mean", "scale_midpoint"} <= set(evaluation.info["baselines"])
