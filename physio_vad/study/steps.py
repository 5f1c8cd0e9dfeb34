"""The steps of a study, and what each leaves on disk.

==================== =============================================================
``parts/``           features of each recording, also as live, so that a stopped run goes on
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
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import Progress, under
from physio_vad.atomic import replacing
from physio_vad.evaluation import (
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
)
from physio_vad.features.inputs import Input
from physio_vad.persistence import Model, save_model
from physio_vad.pipeline import deploy
from physio_vad.regressors import MODELS, search_space
from physio_vad.regressors.models import takes_estimator
from physio_vad.study.as_live import live_tables
from physio_vad.study.pictures import show_results
from physio_vad.study.prediction import predict
from physio_vad.study.recipe import Recipe
from physio_vad.study.table_store import Delay
from physio_vad.study.tables import WHOLE, StudyTables, Subset, make_tables, silent
from physio_vad.workers import will_need, worker_processes

__all__ = [
    "COVERAGES",
    "WHOLE",
    "StudyTables",
    "Subset",
    "compare",
    "compare_on",
    "evaluate_models",
    "live_tables",
    "make_tables",
    "predict",
    "run",
    "save",
    "save_comparison",
    "save_evaluations",
    "train",
    "tune",
]

COVERAGES = (0.5, 0.8, 0.9)
"""Coverages of the intervals that a trained model holds."""


def evaluate_models(
    tables: StudyTables,
    *,
    as_live: Sequence[pd.DataFrame] = (),
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> dict[str, Evaluation]:
    """Evaluate every model of the recipe on the same folds; `as_live` as in `evaluate`."""
    tables.check_rated()
    recipe, evaluations = tables.recipe, {}
    for name in recipe.models:
        result = evaluate(
            recipe.pipeline(name),
            tables.X,
            tables.y,
            cv=recipe.evaluation.cv,
            as_live=as_live,
            n_jobs=n_jobs,
            random_state=recipe.model.random_state,
            progress=under(progress, f"evaluating {name}"),
        )
        info = {**result.info, "recipe": tables.how_made()}
        evaluations[name] = Evaluation(result.predictions, info)
    return evaluations


def compare_on(
    tables: StudyTables,
    names: Sequence[str] | None = None,
    estimators: Sequence[str] | None = None,
    *,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> ModelComparison:
    """Compare models on the same folds.

    Parameters
    ----------
    tables : StudyTables
        What they learn from.
    names : sequence of str, optional
        Models; all there are by default.
    estimators : sequence of str, optional
        What they are made of, each model of each; by default what the recipe says. With several, a
        model is called ``"chain-ridge"``, and one that takes no estimator stands there once.
    n_jobs : int, optional
        Processes side by side.
    progress : callable
        Called with what is worked on, how much is done and how much there is.
    """
    tables.check_rated()
    return compare_models(
        _pipelines(tables.recipe, list(names or MODELS), list(estimators or [])),
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
    progress: Progress = silent,
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
    with worker_processes():
        best: Pipeline = search.fit(tables.X, tables.y).best_estimator_
    progress("tuning on everybody", 1, 1)
    return comparison, best


def _pipelines(
    recipe: Recipe, names: Sequence[str], estimators: Sequence[str]
) -> dict[str, Pipeline]:
    """Make each model of each estimator."""
    made = {}
    for name in names:
        several = len(estimators) > 1 and takes_estimator(MODELS.find(name))
        for one in estimators or [recipe.model.estimator]:
            chosen = replace(recipe, model=replace(recipe.model, estimator=one))
            made[f"{name}-{one}" if several else name] = _pipeline(chosen, name)
    return made


def _pipeline(recipe: Recipe, name: str) -> Pipeline:
    """Make a model; those that are no single estimator do not look at the recipe's."""
    if not takes_estimator(MODELS[name]):
        recipe = replace(recipe, model=replace(recipe.model, estimator="blend"))
    return recipe.pipeline(name)


def train(tables: StudyTables, path: Path, evaluation: Evaluation | None = None) -> Model:
    """Train the recipe's model on all rows and save it, ready for what the rows were made of.

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
    """Save a pipeline that was fitted on the tables, as `train` does.

    It is ready for raw signals, or for tables where some columns were made elsewhere.
    """
    recipe, targets = tables.recipe, list(pipeline[-1].target_names_)
    scale = tables.y.attrs.get("scale") or {}  # of all that people rated, learned or not
    return save_model(
        path,
        pipeline if tables.own_columns() else deploy(pipeline, recipe.extractor()),
        targets=targets,
        scale={name: scale[name] for name in targets if name in scale} or None,
        recipe=tables.how_made(),
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
    as_live: Sequence[Delay] = (),
    fits: int | None = None,
    cache: bool = True,
    n_jobs: int | None = None,
    progress: Progress = silent,
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
    as_live : sequence of float or "settling"
        Delays with which test rows are computed as a stream does; the first one is scored, and the
        model's intervals are those about such predictions. By default from whole recordings.
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
    will_need("lightgbm")  # the workers of the tables go on to the models
    tables = make_tables(recipe, data, folder, part, cache=cache, n_jobs=n_jobs, progress=progress)
    live = live_tables(tables, data, folder, as_live, cache=cache, n_jobs=n_jobs, progress=progress)
    evaluations = evaluate_models(tables, as_live=live, n_jobs=n_jobs, progress=progress)
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
