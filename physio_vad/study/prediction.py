"""Predictions of a saved model for the recordings of a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad._arrays import Progress, under
from physio_vad.evaluation import ConformalIntervals, Evaluation, conformal_intervals
from physio_vad.evaluation.model_names import made_of, model_name
from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.quality import SUFFIX, row_quality
from physio_vad.features.together import CutNote, check_together
from physio_vad.features.windows import cut_recording
from physio_vad.io import iter_recordings
from physio_vad.persistence import Model, load_model
from physio_vad.study.own_tables import own_features
from physio_vad.study.recipe import Recipe, make_recipe
from physio_vad.study.tables import WHOLE, StudyTables, Subset, silent


def predict(
    model_path: Path,
    data: Path,
    part: Subset = WHOLE,
    progress: Progress = silent,
    recipe: Recipe | None = None,
    *,
    evaluation: Path | None = None,
    coverage: float = 0.8,
) -> pd.DataFrame:
    """Predict recordings, rated or not, with a saved model, or tables where it takes those.

    Layout and windows are those of a recipe: by default the one that the model was saved with. A
    person who lacks a sensor of the training is warned about, with what that costs.

    Parameters
    ----------
    model_path, data : Path
        Model file; file or folder of recordings. For a model with columns that no recording holds,
        a table with these columns or a folder of tables.
    part : Subset
        Which part of the data to use.
    progress : callable
        Called with what is worked on, how much is done and how much there is.
    recipe : Recipe, optional
        Read and cut as this one says instead.
    evaluation : Path, optional
        Folder of a saved evaluation of the same model; its errors give intervals.
    coverage : float
        Share of a new person's windows that the intervals shall hold, in (0, 1).

    Returns
    -------
    DataFrame
        Start and stop of each window in seconds, NaN for rows of a table; one column a target;
        ``<target>_low`` and ``<target>_high`` where an evaluation is given; and `quality`, the mean
        over the sensors that are there (`row_quality`), where the model has such columns.

    Raises
    ------
    ArgumentError
        If the model file holds no layout, a part of a table is asked for, or the evaluation has
        other targets or no new people.
    ReadError
        If recordings, the table or the evaluation cannot be read.
    """
    model = load_model(model_path)
    intervals = None if evaluation is None else _intervals(model, evaluation, coverage)
    extractor = model.pipeline.steps[0][1]
    if hasattr(extractor, "columns_"):
        asked = _own_recipe(model, model_path) if recipe is None else recipe
        spans, features = _extracted(extractor, data, asked, part, progress)
    else:
        spans, features = _from_table(model_path, data, part)
    predicted = model.predict(features)
    columns = [spans, predicted]
    if intervals is not None:
        columns.append(intervals.apply(predicted))
    if any(str(name).endswith(SUFFIX) for name in features) and "quality" not in predicted:
        columns.append(pd.DataFrame({"quality": row_quality(features)}, features.index))
    return pd.concat(columns, axis=1)


def _own_recipe(model: Model, path: Path) -> Recipe:
    """Make the recipe that a model was saved with."""
    if "layout" not in model.recipe:
        raise ArgumentError(
            f"{path}: this model file holds no layout, so how to read recordings is not "
            "known; give --recipe FILE (such as pipelines/eleven_column.toml), save the model "
            "with `physio-vad run` or `train`, or with save_model(..., recipe=...)"
        )
    return make_recipe(model.recipe, where=f"{path}: recipe")


def _from_table(model_path: Path, data: Path, part: Subset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read features from a table, whose rows have no times."""
    if replace(part, on_error="raise") != WHOLE:
        raise ArgumentError(
            f"{model_path}: takes feature tables, of which no part can be asked for; leave out "
            "what limits people and minutes"
        )
    try:
        features = StudyTables.load(data).X if data.is_dir() else own_features(data)
    except ReadError as error:
        raise ReadError(
            f"{model_path}: takes feature tables, as it was trained with columns that no recording "
            f"holds, or without an extractor: {error}"
        ) from None
    return pd.DataFrame(np.nan, features.index, ["start", "stop"]), features


def _intervals(model: Model, folder: Path, coverage: float) -> ConformalIntervals:
    """Make intervals for a model from its saved evaluation."""
    evaluation = _load_evaluation(folder)
    scored, given = _kind_of_evaluated(evaluation), _kind_of(model)
    if scored != given:
        raise ArgumentError(
            f"{folder}: evaluates {scored}, the model file holds {given}, whose errors are others; "
            "give the evaluation of the same model"
        )
    others = [name for name in model.targets if name not in evaluation.targets]
    if others:
        raise ArgumentError(
            f"{folder}: the evaluation has no {', '.join(map(repr, others))}, which the model "
            f"predicts; it has {', '.join(map(repr, evaluation.targets))}; give the evaluation of "
            "the same model"
        )
    if not evaluation.info.get("new_people", True):
        raise ArgumentError(
            f"{folder}: the split {evaluation.info['cv']} has people on both sides, so its errors "
            "say nothing about a new person; evaluate by leave-one-subject-out"
        )
    tried = evaluation.info.get("window", {}).get("length")
    if None not in (tried, model.window_length) and tried != model.window_length:
        raise ArgumentError(
            f"{folder}: evaluated on windows of {tried:g} s, the model was trained on "
            f"{model.window_length:g} s; give the evaluation of the same model"
        )
    intervals = conformal_intervals(evaluation, coverage)
    return replace(intervals, half_widths=intervals.half_widths[list(model.targets)])


def _kind_of_evaluated(evaluation: Evaluation) -> str:
    """Name the model and estimator that were evaluated, without settings."""
    made = str(evaluation.info.get("estimator", ""))
    return f"{evaluation.info.get('model', 'model')} of {made.partition('(')[0] or 'itself'}"


def _kind_of(model: Model) -> str:
    """Name the model and estimator of a model file in the same way."""
    made = made_of(model.pipeline).partition("(")[0] or "itself"
    return f"{model_name(model.pipeline)} of {made}"


def _load_evaluation(folder: Path) -> Evaluation:
    """Load an evaluation; where there is none say which folders below hold one."""
    try:
        return Evaluation.load(folder)
    except ReadError as error:
        below = sorted(path.parent for path in folder.glob("**/evaluation.json"))
        if not below or folder in below:
            raise
        raise ReadError(f"{error}, here {' or '.join(map(str, below))}") from None


def _extracted(
    extractor: FeatureExtractor, data: Path, recipe: Recipe, part: Subset, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read recordings one at a time, and give times and features of their windows."""
    notes, spans, tables = [], [], []
    for recording in iter_recordings(
        data,
        recipe.reader(),
        **vars(part),
        progress=under(progress, "reading and extracting"),
    ):
        windows, _ = cut_recording(recording, **vars(recipe.windows), keep_unrated=True)
        note = CutNote.of(recording, windows.index)
        notes.append(replace(note, scale={}))  # how these are rated plays no part
        spans.append(windows[["start", "stop"]])
        if len(windows):
            tables.append(extractor.transform(windows))
        del recording, windows  # the next one is read without this one in memory
    check_together(notes, recipe.windows.length, recipe.windows.step)
    return pd.concat(spans), pd.concat(tables)
