"""The steps of a study, and what each leaves on disk.

==================== =============================================================
``parts/``           features of each recording, so that a stopped run goes on
``recipe.json``      the recipe that was run
``features.parquet`` feature table, row index (subject, trial, window)
``labels.parquet``   ratings of the same rows, with their scale
``evaluations/``     one folder a model: out-of-fold predictions and scores
``summary.csv``      models and baselines beside each other
``model.joblib``     the recipe's model, trained on everybody
``*.png``            pictures
==================== =============================================================
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import Progress, under
from physio_vad.atomic import remove_leftovers, replacing
from physio_vad.evaluation import (
    ConformalIntervals,
    Evaluation,
    ModelComparison,
    compare_models,
    conformal_intervals,
    evaluate,
    nested_search,
)
from physio_vad.exceptions import (
    ArgumentError,
    GroupsError,
    PhysioVadWarning,
    ReadError,
    SignalWarning,
)
from physio_vad.features.extractor import FeatureExtractor
from physio_vad.features.inputs import Input
from physio_vad.features.quality import SUFFIX, drop_poor_rows, row_quality
from physio_vad.features.windows import check_long_enough, check_unique, cut_recording
from physio_vad.integrity import read_json, read_table, write_json, write_table
from physio_vad.io import E4Reader, iter_recordings
from physio_vad.persistence import Model, load_model, save_model
from physio_vad.pipeline import deploy
from physio_vad.regressors import MODELS, search_space
from physio_vad.study.pictures import show_results
from physio_vad.study.recipe import Recipe, make_recipe
from physio_vad.study.table_store import BuiltTable, build_table

COVERAGES = (0.5, 0.8, 0.9)
"""Coverages of the intervals that a trained model holds."""


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Subset:
    """Which part of the data to use: start small.

    Parameters
    ----------
    subjects : int, optional
        Only the first people.
    minutes : float, optional
        Only the first minutes of each recording.
    on_error : {"raise", "skip"}
        What to do with a file that cannot be read.
    """

    subjects: int | None = None
    minutes: float | None = None
    on_error: Literal["raise", "skip"] = "raise"


WHOLE = Subset()
"""All of the data."""


@dataclass(frozen=True, eq=False)
class StudyTables:
    """Feature table and ratings of a study, with the recipe that made them.

    Parameters
    ----------
    X, y : DataFrame
        Features and ratings, row index (subject, trial, window).
    recipe : Recipe
        What they were made with.
    note : str
        What was kept from a run before, and why the rest was not.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    recipe: Recipe
    note: str = ""

    def save(self, folder: Path) -> None:
        """Write the tables and the recipe, with the digests of all three, into a folder."""
        files = {
            f"{name}.parquet": write_table(folder / f"{name}.parquet", table)
            for name, table in (("features", self.X), ("labels", self.y))
        }
        write_json(folder / "recipe.json", {**self.recipe.to_tables(), "files": files})

    def check_rated(self) -> None:
        """Check that there are ratings.

        Raises
        ------
        ArgumentError
            If there is none: says where to put them.
        """
        if self.y.notna().to_numpy().any():
            return
        reader, remedy = self.recipe.reader(), "see the layout's options for where they stand"
        if isinstance(reader, E4Reader):
            remedy = (
                f"put {reader.blocks} (columns subject, task, start, stop, and one for each "
                "target) beside the people's files, and make the tables again"
            )
        raise ArgumentError(
            f"no ratings, so nothing to fit or to score: the layout {reader.name} found none for "
            f"these recordings; {remedy}"
        )

    @classmethod
    def load(cls, folder: Path) -> StudyTables:
        """Read what `save` wrote.

        Raises
        ------
        ReadError
            If a file is missing, or a byte of it is not what `save` wrote.
        """
        make = "`physio-vad features DATA --out FOLDER`"
        remedy = f"restore it from a copy, or make it again with {make}"
        try:
            tables = read_json(folder / "recipe.json", remedy=remedy)
            files = tables.pop("files")
            X, y = (
                read_table(folder / name, files[name], remedy=remedy)
                for name in ("features.parquet", "labels.parquet")
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, ReadError):
                raise
            raise ReadError(
                f"{folder}: no feature table of physio_vad ({error}); make one with {make}"
            ) from None
        return cls(X, y, make_recipe(tables, where=str(folder / "recipe.json")))


def make_tables(
    recipe: Recipe,
    data: Path,
    folder: Path,
    part: Subset = WHOLE,
    *,
    cache: bool = True,
    n_jobs: int | None = None,
    progress: Progress = _silent,
) -> StudyTables:
    """Read recordings and extract features as the recipe says, and save the tables in a folder.

    What a run before has finished in that folder is kept; see `physio_vad.study.table_store`. With
    `cache`, so are the recordings as they were read: another recipe does not parse the files again.
    """
    remove_leftovers(folder)
    made = build_table(
        recipe,
        data,
        folder / "parts",
        **vars(part),
        cache=cache,
        n_jobs=n_jobs,
        progress=under(progress, "reading and extracting"),
    )
    _warn_of_absent(recipe, made.X)
    X, poor = _good_rows(made.X, recipe.model.min_quality)
    unrated = f"windows left out as nothing rates them: {made.unrated}" if made.unrated else ""
    note = "; ".join(filter(None, [_note(made), unrated, poor]))
    tables = StudyTables(X, made.y.loc[X.index], recipe, note)
    tables.save(folder)
    return tables


def _warn_of_absent(recipe: Recipe, X: pd.DataFrame) -> None:
    """Warn of modalities that the recipe names and no recording has."""
    there = {column.split("__")[0] for column in X.columns}
    absent = [one.name for one in recipe.modalities() if one.name not in there]
    if recipe.features.modalities is not None and absent:
        warnings.warn(
            f"no recording has {', '.join(map(repr, absent))}, so the table has no feature of "
            "what [features] modalities asks for there; take it out, or see which columns of the "
            "files [layout] makes it of",
            SignalWarning,
            stacklevel=3,
        )


def _good_rows(X: pd.DataFrame, min_quality: float | None) -> tuple[pd.DataFrame, str]:
    """Leave rows below the floor of a recipe out, and say how many."""
    if min_quality is None:
        return X, ""
    rest, said = drop_poor_rows(X, min_quality)
    if len(rest) == 0:
        raise ArgumentError(f"[model] min_quality: {said}, so nothing is left; lower it")
    return rest, said


def _note(made: BuiltTable) -> str:
    """Say what was kept from a run before."""
    changed = ", ".join(
        f"{what} ({count} {'source' if count == 1 else 'sources'})"
        for what, count in made.changes.items()
    )
    kept = f"{made.kept} of {made.kept + made.made} sources were done before"
    anew = f"made anew because of a change in {changed}"
    return "; ".join([kept] * bool(made.kept) + [anew] * bool(changed))


def evaluate_models(
    tables: StudyTables, *, n_jobs: int | None = None, progress: Progress = _silent
) -> dict[str, Evaluation]:
    """Evaluate every model of the recipe on the same folds."""
    tables.check_rated()
    recipe, evaluations = tables.recipe, {}
    for name in recipe.models:
        result = evaluate(
            recipe.pipeline(name),
            tables.X,
            tables.y,
            cv=recipe.evaluation.cv,
            n_jobs=n_jobs,
            random_state=recipe.model.random_state,
            progress=under(progress, f"evaluating {name}"),
        )
        info = {**result.info, "recipe": recipe.to_tables()}
        evaluations[name] = Evaluation(result.predictions, info)
    return evaluations


def compare_on(
    tables: StudyTables,
    names: Sequence[str] | None = None,
    *,
    n_jobs: int | None = None,
    progress: Progress = _silent,
) -> ModelComparison:
    """Compare models on the same folds; all there are by default."""
    tables.check_rated()
    chosen = list(names or MODELS)
    return compare_models(
        {name: _pipeline(tables.recipe, name) for name in chosen},
        tables.X,
        tables.y,
        cv=tables.recipe.evaluation.cv,
        n_jobs=n_jobs,
        random_state=tables.recipe.model.random_state,
        progress=lambda name, done, total: progress(f"evaluating {name}", done, total),
    )


def save_comparison(comparison: ModelComparison, folder: Path) -> pd.DataFrame:
    """Save evaluations, differences, costs, and what they come to in words."""
    summary = save_evaluations(dict(comparison.evaluations), folder)
    for name, table in (("differences", comparison.differences()), ("costs", comparison.costs)):
        with replacing(folder / f"{name}.csv") as path:
            table.to_csv(path)
    with replacing(folder / "verdict.txt") as path:
        path.write_text(comparison.verdict() + "\n", encoding="utf-8")
    return summary


def tune(
    tables: StudyTables,
    *,
    n_iter: int = 20,
    n_jobs: int | None = None,
    progress: Progress = _silent,
) -> tuple[ModelComparison, Pipeline]:
    """Tune the recipe's model inside each fold, and once more on everybody.

    Returns
    -------
    comparison : ModelComparison
        The outer scores of the ``tuned`` model beside its ``default`` settings.
    pipeline : Pipeline
        Fitted on everybody with the settings that a search among all people chose.
    """
    tables.check_rated()
    recipe, seed = tables.recipe, tables.recipe.model.random_state
    default = _pipeline(recipe, recipe.model.name)
    space = search_space(recipe.model.name, recipe.model.estimator)
    search = nested_search(default, space, n_iter=n_iter, random_state=seed)
    comparison = compare_models(
        {"default": default, "tuned": search},
        tables.X,
        tables.y,
        cv=recipe.evaluation.cv,
        n_jobs=n_jobs,
        random_state=seed,
        progress=lambda name, done, total: progress(f"evaluating {name}", done, total),
    )
    progress("tuning on everybody", 0, 1)
    best: Pipeline = search.fit(tables.X, tables.y).best_estimator_
    progress("tuning on everybody", 1, 1)
    return comparison, best


def _pipeline(recipe: Recipe, name: str) -> Pipeline:
    """Make a model; those that are no single estimator do not look at the recipe's."""
    if "estimator" not in MODELS[name]().get_params(deep=False):
        recipe = replace(recipe, model=replace(recipe.model, estimator="blend"))
    return recipe.pipeline(name)


def train(tables: StudyTables, path: Path, evaluation: Evaluation | None = None) -> Model:
    """Train the recipe's model on all rows and save it, ready for raw signals.

    Parameters
    ----------
    tables : StudyTables
        What it learns from.
    path : Path
        File to write.
    evaluation : Evaluation, optional
        Of the same model: the file then holds intervals (`COVERAGES`) about its predictions.
    """
    tables.check_rated()
    return save(tables, tables.recipe.pipeline().fit(tables.X, tables.y), path, evaluation)


def save(
    tables: StudyTables, pipeline: Pipeline, path: Path, evaluation: Evaluation | None = None
) -> Model:
    """Save a pipeline that was fitted on the tables, ready for raw signals; as of `train`."""
    recipe = tables.recipe
    return save_model(
        path,
        deploy(pipeline, recipe.extractor()),
        targets=list(pipeline[-1].target_names_),
        scale=tables.y.attrs.get("scale"),
        recipe=recipe.to_tables(),
        inputs=_inputs(tables.X),
        half_widths={} if evaluation is None else _half_widths(evaluation),
    )


def _inputs(X: pd.DataFrame) -> list[Input] | None:
    """Sensors of the recordings that a table was made of, None where it does not say them."""
    noted = X.attrs.get("inputs")
    return noted and [Input(**{**one, "channels": tuple(one["channels"])}) for one in noted]


def _half_widths(evaluation: Evaluation) -> dict[float, dict[str, float]]:
    """Half the width of intervals, of the coverages that so many people can tell."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PhysioVadWarning)
        for coverage in COVERAGES:
            try:
                widths = conformal_intervals(evaluation, coverage).half_widths
            except (ArgumentError, GroupsError):  # too few people, or not split by person
                continue
            if np.isfinite(widths).all():
                found[coverage] = {str(name): float(half) for name, half in widths.items()}
    return found


def predict(
    model_path: Path,
    data: Path,
    part: Subset = WHOLE,
    progress: Progress = _silent,
    recipe: Recipe | None = None,
    *,
    evaluation: Path | None = None,
    coverage: float = 0.8,
) -> pd.DataFrame:
    """Predict recordings, rated or not, with a saved model.

    Layout and windows are those of a recipe: by default the one that the model was saved with. A
    person who lacks a sensor of the training is warned about, with what that costs.

    Parameters
    ----------
    model_path, data : Path
        Model file; file or folder of recordings.
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
        Start and stop of each window in seconds; one column a target; ``<target>_low`` and
        ``<target>_high`` where an evaluation is given; and `quality`, the mean quality of the
        sensors that are there (`row_quality`), where the model has such columns.

    Raises
    ------
    ArgumentError
        If the model file holds no layout or takes feature tables, or the evaluation has other
        targets or no new people.
    ReadError
        If recordings or the evaluation cannot be read.
    """
    model = load_model(model_path)
    intervals = None if evaluation is None else _intervals(model, evaluation, coverage)
    if recipe is None:
        if "layout" not in model.recipe:
            raise ArgumentError(
                f"{model_path}: this model file holds no layout, so how to read recordings is not "
                "known; give --recipe FILE (such as pipelines/eleven_column.toml), save the model "
                "with `physio-vad run` or `train`, or with save_model(..., recipe=...)"
            )
        recipe = make_recipe(model.recipe, where=f"{model_path}: recipe")
    extractor = model.pipeline.steps[0][1]
    if not hasattr(extractor, "columns_"):
        raise ArgumentError(
            f"{model_path}: takes feature tables; save deploy(pipeline, FeatureExtractor()) to "
            "predict recordings"
        )
    spans, features = _extracted(extractor, data, recipe, part, progress)
    predicted = model.predict(features)
    columns = [spans, predicted]
    if intervals is not None:
        columns.append(intervals.apply(predicted))
    if any(str(name).endswith(SUFFIX) for name in features) and "quality" not in predicted:
        columns.append(pd.DataFrame({"quality": row_quality(features)}, features.index))
    return pd.concat(columns, axis=1)


def _intervals(model: Model, folder: Path, coverage: float) -> ConformalIntervals:
    """Make intervals for a model from its saved evaluation."""
    evaluation = _load_evaluation(folder)
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
    names, durations = [], {}
    spans, tables = [], []
    for recording in iter_recordings(
        data,
        recipe.reader(),
        **vars(part),
        progress=under(progress, "reading and extracting"),
    ):
        windows, _ = cut_recording(recording, **vars(recipe.windows), keep_unrated=True)
        names.append((recording.subject, recording.trial))
        durations["/".join(names[-1])] = recording.stop - recording.start
        spans.append(windows[["start", "stop"]])
        if len(windows):
            tables.append(extractor.transform(windows))
        del recording, windows  # the next one is read without this one in memory
    check_unique(names)
    check_long_enough(durations, [one.index for one in spans], recipe.windows.length)
    return pd.concat(spans), pd.concat(tables)


def save_evaluations(evaluations: Mapping[str, Evaluation], folder: Path) -> pd.DataFrame:
    """Save each evaluation, and one table with the models beside the baselines."""
    for name, evaluation in evaluations.items():
        evaluation.save(folder / "evaluations" / name)
    summary = compare(evaluations)
    with replacing(folder / "summary.csv") as path:
        summary.to_csv(path)
    return summary


def run(
    recipe: Recipe,
    data: Path,
    folder: Path,
    part: Subset = WHOLE,
    *,
    fits: int | None = None,
    cache: bool = True,
    n_jobs: int | None = None,
    progress: Progress = _silent,
) -> tuple[StudyTables, pd.DataFrame, dict[str, Evaluation]]:
    """Run a whole study: tables, evaluations, the model, and then pictures and the report.

    Parameters
    ----------
    recipe : Recipe
        What to read and how.
    data : Path
        File or folder of recordings.
    folder : Path
        Where everything is written.
    part : Subset
        Which part of the data to use.
    fits : int, optional
        Fits that finding out what the model looks at may take; as in `explain`.
    cache : bool
        As in `make_tables`.
    n_jobs : int, optional
        Processes side by side.
    progress : callable
        Called with what is worked on, how much is done and how much there is.

    Returns
    -------
    tables : StudyTables
        Features and ratings.
    summary : DataFrame
        Models beside baselines.
    evaluations : dict of str to Evaluation
        By the model's name.
    """
    tables = make_tables(recipe, data, folder, part, cache=cache, n_jobs=n_jobs, progress=progress)
    evaluations = evaluate_models(tables, n_jobs=n_jobs, progress=progress)
    summary = save_evaluations(evaluations, folder)
    progress("training", 0, 1)
    train(tables, folder / "model.joblib", evaluations.get(recipe.model.name))
    progress("training", 1, 1)
    show_results(tables, evaluations, folder, fits=fits, n_jobs=n_jobs, progress=progress)
    return tables, summary, evaluations


def compare(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Put models and baselines of the same folds beside each other.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        Evaluations of the same rows, by the model's name.

    Returns
    -------
    DataFrame
        Index ``(target, what)``, baselines first; pooled metrics, and for models the skill over
        the best baseline with its 95 % interval over subjects.
    """
    first = next(iter(evaluations.values()))
    columns = [*first.info["metrics"], "skill", "skill_low", "skill_high"]
    models = {name: evaluation.summary() for name, evaluation in evaluations.items()}
    parts = []
    for target in first.targets:
        baselines = first.baselines.xs(target, level="target")
        rows = {f"baseline: {name}": row for name, row in baselines.iterrows()}
        rows |= {name: summary.loc[target] for name, summary in models.items()}
        parts.append(pd.DataFrame(rows).T.reindex(columns=columns).astype(float))
    return pd.concat(parts, keys=first.targets, names=["target", "what"])
