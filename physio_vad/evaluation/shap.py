"""SHAP values of boosted trees, as LightGBM itself gives them, on held-out people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad.evaluation.bootstrap import percentiles, subject_draws
from physio_vad.evaluation.importance import Groups, fit_folds, resolve_groups
from physio_vad.evaluation.plan import Plan, make_plan
from physio_vad.exceptions import ArgumentError
from physio_vad.units import FloatArray


def shap_importance(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    groups: str | Groups = "modality",
    cv: Any = "grouped-k-fold",
    level: float = 0.95,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure how far groups of columns move the predictions of held-out people.

    Unlike `group_importance` it looks at the predictions only: a group can move them much and
    wrongly.

    Parameters
    ----------
    pipeline : estimator
        Fitted once a fold; LightGBM, or one LightGBM a target (`MultiOutput`), alone or as the last
        step of a pipeline.
    X : DataFrame
        Feature table.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    groups : str or mapping of str to sequence of str
        ``"modality"``, ``"family"``, or the columns of each group.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    level : float
        Coverage of the intervals by resampling people, in (0, 1).
    random_state : int
        Seed of splits.

    Returns
    -------
    DataFrame
        Index ``(target, group)``; `shap`, the mean over windows of the absolute sum of the SHAP
        values of the group's columns, in the unit of the ratings, with `low` and `high`.

    Raises
    ------
    ArgumentError
        If the model is not made of LightGBM.

    References
    ----------
    Lundberg et al. 2020, From local explanations to global understanding with explainable AI for
    trees, doi:10.1038/s42256-019-0138-9.
    """
    members = resolve_groups(X, groups)
    plan = make_plan(X, y, cv, random_state=random_state)
    moves = shap_moves(fit_folds(pipeline, plan), plan, members)
    if moves is None:
        raise ArgumentError(
            "SHAP values need LightGBM, alone or one a target, as the last step; take "
            'build_pipeline("multioutput", estimator="lightgbm"), or group_importance, which '
            "takes any model"
        )
    return mean_moves(moves, level)


def shap_moves(models: Sequence[Any], plan: Plan, members: Groups) -> pd.DataFrame | None:
    """Sum the SHAP values of each group's columns for every held-out window.

    Parameters
    ----------
    models : sequence of estimator
        One fitted model a fold.
    plan : Plan
        Tables and folds.
    members : mapping of str to sequence of str
        Columns of each group.

    Returns
    -------
    DataFrame or None
        One row a group and test window: columns `group`, `subject`, and for each target how far
        the group moves the prediction away from the mean. None where the model has no SHAP values.
    """
    parts = []
    for model, (_, test) in zip(models, plan.splits, strict=True):
        values = shap_values(model, plan.X.iloc[test[~plan.rows.rest[test]]])
        if values is None or len(values) != len(plan.targets):
            return None
        tables = dict(zip(plan.targets, values, strict=True))
        subjects = plan.rows.subjects[test[~plan.rows.rest[test]]]
        for name, columns in members.items():
            sums = {target: _sum(table, columns) for target, table in tables.items()}
            parts.append(pd.DataFrame(sums).assign(group=name, subject=subjects))
    return pd.concat(parts, ignore_index=True)


def shap_values(model: Any, X: pd.DataFrame) -> list[pd.DataFrame] | None:
    """Compute the SHAP values of a fitted model.

    Parameters
    ----------
    model : estimator
        Fitted, alone or a pipeline.
    X : DataFrame
        Rows to explain.

    Returns
    -------
    list of DataFrame, or None
        One a target: a row a window, a column a feature that the model was given, and ``bias``;
        each row adds up to the prediction. None where the model is not made of LightGBM.
    """
    if isinstance(model, Pipeline):
        X, model = model[:-1].transform(X), model[-1]
    trees = getattr(model, "estimators_", [model])
    width = X.shape[1]
    if not all(hasattr(tree, "booster_") and tree.n_features_in_ == width for tree in trees):
        return None
    columns = [*map(str, X.columns), "bias"]
    values = X.to_numpy(dtype=float)
    return [
        pd.DataFrame(np.asarray(tree.booster_.predict(values, pred_contrib=True)), columns=columns)
        for tree in trees
    ]


def mean_moves(moves: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Average how far each group moves the predictions.

    Parameters
    ----------
    moves : DataFrame
        What `shap_moves` returned.
    level : float
        Coverage of the intervals by resampling people, in (0, 1).

    Returns
    -------
    DataFrame
        Index ``(target, group)``; columns `shap`, `low`, `high`.
    """
    rows: dict[tuple[str, str], tuple[float, float, float]] = {}
    for target in moves.columns.drop(["group", "subject"]):
        for name, part in moves.groupby("group", sort=False):
            codes, people = pd.factorize(part["subject"])
            n = np.bincount(codes, minlength=len(people)).astype(float)
            total = np.bincount(codes, part[target].abs(), len(people))
            counts = np.vstack([np.ones(len(people)), subject_draws(n, 2000, random_state=0)])
            mean = counts @ total / (counts @ n)
            rows[str(target), str(name)] = (float(mean[0]), *percentiles(mean[1:], n, level))
    index = pd.MultiIndex.from_tuples(list(rows), names=["target", "group"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["shap", "low", "high"])


def _sum(table: pd.DataFrame, columns: Sequence[str]) -> FloatArray:
    """Add up a group's columns; those that the pipeline dropped count nothing."""
    kept = [column for column in columns if column in table.columns]
    return table[kept].sum(axis=1).to_numpy(dtype=float)
