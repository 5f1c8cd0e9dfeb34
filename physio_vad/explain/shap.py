"""SHAP values of boosted trees, as LightGBM itself gives them, on held-out people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from physio_vad._arrays import FloatArray
from physio_vad.evaluation.design import Design, make_design
from physio_vad.exceptions import ArgumentError
from physio_vad.explain.importance import Groups, fit_folds, resolve_groups
from physio_vad.intervals import left_out, over_people
from physio_vad.regressors import ChainEnsemble, CrossFittedChain
from physio_vad.regressors.base import MultiTargetRegressor
from physio_vad.regressors.estimators import predict_estimator

CHAINED = "earlier targets"
"""The group of the predictions that the links of a chain are given."""


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
        Fitted once a fold; LightGBM, one LightGBM a target (`MultiOutput`), or chains of them
        (`CrossFittedChain`, `ChainEnsemble`), alone or as the last step of a pipeline.
    X : DataFrame
        Feature table.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    groups : str or mapping of str to sequence of str
        ``"modality"``, ``"family"``, or the columns of each group.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    level : float
        Coverage of the intervals over people, in (0, 1).
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
    design = make_design(X, y, cv, random_state=random_state)
    moves = shap_by_group(fit_folds(pipeline, design), design, members)
    if moves is None:
        raise ArgumentError(
            "SHAP values need LightGBM, alone, one a target or in chains, as the last step; take "
            'build_pipeline("multioutput", estimator="lightgbm"), or group_importance, which '
            "takes any model"
        )
    return mean_shap_values(moves, level)


def shap_by_group(models: Sequence[Any], design: Design, members: Groups) -> pd.DataFrame | None:
    """Sum the SHAP values of each group's columns for every held-out window.

    Parameters
    ----------
    models : sequence of estimator
        One fitted model a fold.
    design : Design
        Tables and folds.
    members : mapping of str to sequence of str
        Columns of each group.

    Returns
    -------
    DataFrame or None
        One row a group and test window: columns `group`, `subject`, and for each target how far
        the group moves the prediction away from the mean. The predictions that a chain's links
        are given are one more group, `CHAINED`. None where the model has no SHAP values.
    """
    parts = []
    for model, (_, test) in zip(models, design.splits, strict=True):
        asked = test[~design.rows.rest[test]]
        values = shap_values(model, design.X.iloc[asked])
        if values is None or len(values) != len(design.targets):
            return None
        chained = [name for name in map(str, values[0]) if name.startswith(CHAINED)]
        for name, columns in {**members, **({CHAINED: chained} if chained else {})}.items():
            sums = {
                target: _sum(table, columns)
                for target, table in zip(design.targets, values, strict=True)
            }
            parts.append(pd.DataFrame(sums).assign(group=name, subject=design.rows.subjects[asked]))
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
        One a target: a row a window, a column a feature that the model was given, in chains also
        ``"earlier targets: <number>"`` for the predictions that a link is given, and ``bias``;
        each row adds up to the prediction. None where the model is not made of LightGBM.
    """
    if isinstance(model, Pipeline):
        X, model = _given(model, X), model[-1]
    if isinstance(model, MultiTargetRegressor):
        X = model.complete(X)
    if isinstance(model, CrossFittedChain):
        order = tuple(model.order_)
        prefixes = [order[: link + 1] for link in range(len(order))]
        links, orders = dict(zip(prefixes, model.estimators_, strict=True)), [order]
    elif isinstance(model, ChainEnsemble):
        links, orders = model.links_, model.orders_
    else:
        trees = getattr(model, "estimators_", [model])
        explained = all(_boosted(tree, X.shape[1]) for tree in trees)
        return [_of_trees(tree, X) for tree in trees] if explained else None
    explained = all(_boosted(link, X.shape[1] + len(prefix) - 1) for prefix, link in links.items())
    return _of_chains(links, orders, X) if explained else None


def _given(model: Pipeline, X: pd.DataFrame) -> pd.DataFrame:
    """Compute what the last step of a pipeline is given, with names."""
    values = model[:-1].transform(X)
    if isinstance(values, pd.DataFrame):
        return values
    known = values.shape[1] == X.shape[1]  # steps that drop columns give tables, in this package
    return pd.DataFrame(values, columns=X.columns if known else None)


def _boosted(tree: Any, n_features: int) -> bool:
    return hasattr(tree, "booster_") and tree.n_features_in_ == n_features


def _of_trees(tree: Any, X: pd.DataFrame) -> pd.DataFrame:
    values = tree.booster_.predict(X.to_numpy(dtype=float), pred_contrib=True, num_threads=1)
    return pd.DataFrame(np.asarray(values), columns=[*map(str, X.columns), "bias"])


def _of_chains(
    links: Mapping[tuple[int, ...], Any], orders: Sequence[tuple[int, ...]], X: pd.DataFrame
) -> list[pd.DataFrame]:
    """Average the SHAP values of each target's links over the chains.

    What a link takes from the predictions before it stays a column of its own: shared out among
    the features that made them it would hide that the link did not look at the signals.
    """
    known: dict[tuple[int, ...], pd.DataFrame] = {}
    answers: dict[tuple[int, ...], FloatArray] = {}
    for prefix, link in links.items():  # shorter prefixes stand before longer ones
        before = {
            f"{CHAINED}: {prefix[length - 1]}": answers[prefix[:length]]
            for length in range(1, len(prefix))
        }
        given = X.assign(**before)
        known[prefix] = _of_trees(link, given)
        answers[prefix] = predict_estimator(link, given.to_numpy(dtype=float))
    averages: list[pd.DataFrame] = []
    for target in range(len(orders[0])):
        mine = [known[order[: order.index(target) + 1]] for order in orders]
        columns = [
            *map(str, X.columns),
            *(f"{CHAINED}: {one}" for one in sorted(orders[0])),
            "bias",
        ]
        parts = [one.reindex(columns=columns, fill_value=0.0).to_numpy() for one in mine]
        averages.append(pd.DataFrame(np.mean(parts, axis=0), columns=columns))
    return averages


def mean_shap_values(moves: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Average how far each group moves the predictions.

    Parameters
    ----------
    moves : DataFrame
        What `shap_by_group` returned.
    level : float
        Coverage of the intervals over people, in (0, 1).

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
            counts = left_out(len(people))
            with np.errstate(invalid="ignore"):
                mean = counts @ total / (counts @ n)
            low, high = over_people(mean, n, level, "difference")
            rows[str(target), str(name)] = (float(mean[0]), max(low, 0.0), high)
    index = pd.MultiIndex.from_tuples(list(rows), names=["target", "group"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["shap", "low", "high"])


def _sum(table: pd.DataFrame, columns: Sequence[str]) -> FloatArray:
    """Add up a group's columns; those that the pipeline dropped count nothing."""
    kept = [column for column in columns if column in table.columns]
    return table[kept].sum(axis=1).to_numpy(dtype=float)
