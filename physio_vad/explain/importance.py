"""What a model looks at: what its score loses when a group of columns tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from physio_vad._arrays import IntArray, Progress
from physio_vad.evaluation.design import Design, make_design
from physio_vad.evaluation.evaluate import evaluate_plan
from physio_vad.evaluation.folds import fit_fold, predict_fold
from physio_vad.evaluation.result import Evaluation
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.intervals import left_out, over_people

Groups = Mapping[str, Sequence[str]]


def by_modality(columns: Sequence[str]) -> dict[str, list[str]]:
    """Group columns by modality, the part of the name before the first ``__``.

    Parameters
    ----------
    columns : sequence of str
        Names such as ``eda__scr_rate``.

    Returns
    -------
    dict of str to list of str
        Columns of each modality, in order.

    Examples
    --------
    >>> by_modality(["eda__scr_rate", "eeg__alpha_power__Fz", "eda__scl_mean"])
    {'eda': ['eda__scr_rate', 'eda__scl_mean'], 'eeg': ['eeg__alpha_power__Fz']}
    """
    return _grouped(columns, 1)


def by_family(columns: Sequence[str]) -> dict[str, list[str]]:
    """Group columns by feature, the same over all channels.

    Parameters
    ----------
    columns : sequence of str
        Names such as ``eeg__alpha_power__Fz``.

    Returns
    -------
    dict of str to list of str
        Columns of each feature, in order.

    Examples
    --------
    >>> list(by_family(["eeg__alpha_power__Fz", "eeg__alpha_power__Cz", "eda__scl_mean"]))
    ['eeg__alpha_power', 'eda__scl_mean']
    """
    return _grouped(columns, 2)


GROUPINGS: dict[str, Callable[[Sequence[str]], dict[str, list[str]]]] = {
    "modality": by_modality,
    "family": by_family,
}
"""Ways to group columns, by name."""


def group_importance(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    groups: str | Groups = "modality",
    cv: Any = "grouped-k-fold",
    n_repeats: int = 5,
    level: float = 0.95,
    random_state: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Measure how much worse held-out people are predicted when columns are shuffled.

    All columns of a group change rows together, within each held-out person, so that neither the
    other columns nor a person's level come to the rescue or into play.

    Parameters
    ----------
    pipeline : estimator
        Fitted once a fold.
    X : DataFrame
        Feature table.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    groups : str or mapping of str to sequence of str
        A name in `GROUPINGS`, or the columns of each group.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    n_repeats : int
        Shuffles of each group and fold; their squared errors are averaged.
    level : float
        Coverage of the intervals over people, in (0, 1).
    random_state : int
        Seed of splits and shuffles.
    progress : callable, optional
        Called as ``progress("folds", done, total)``.

    Returns
    -------
    DataFrame
        Index ``(target, group)``; `importance`, the rise of the pooled RMSE in the unit of the
        ratings, with `low` and `high`; `columns`, how many the group has.

    References
    ----------
    Fisher, Rudin & Dominici 2019, All models are wrong, but many are useful, JMLR 20(177).
    """
    members = resolve_groups(X, groups)
    design = make_design(X, y, cv, random_state=random_state)
    models = fit_folds(pipeline, design, progress)
    shuffled = shuffled_predictions(
        models, design, members, n_repeats=n_repeats, random_state=random_state
    )
    table = rmse_increase(shuffled, level)
    return table.assign(columns=[len(members[name]) for _, name in table.index])


def fit_folds(pipeline: Any, design: Design, progress: Progress | None = None) -> list[Any]:
    """Fit a clone on the training side of each fold.

    Parameters
    ----------
    pipeline : estimator
        Cloned for each fold.
    design : Design
        Tables and folds.
    progress : callable, optional
        Called as ``progress("folds", done, total)``.

    Returns
    -------
    list of estimator
        One a fold.
    """
    models = []
    for number in range(len(design.splits)):
        models.append(fit_fold(pipeline, design, number))
        if progress is not None:
            progress("folds", number + 1, len(design.splits))
    return models


def shuffled_predictions(
    models: Sequence[Any],
    design: Design,
    members: Groups,
    *,
    n_repeats: int = 5,
    random_state: int = 0,
) -> pd.DataFrame:
    """Predict held-out people with the columns of each group shuffled.

    Parameters
    ----------
    models : sequence of estimator
        One fitted model a fold.
    design : Design
        Tables and folds.
    members : mapping of str to sequence of str
        Columns of each group.
    n_repeats : int
        Shuffles of each group and fold.
    random_state : int
        Seed of the shuffles.

    Returns
    -------
    DataFrame
        One row a group (``""``: nothing shuffled), repeat and test window: columns `group`,
        `repeat`, `subject`, and for each target ``t`` the rating ``t``, NaN where there is none,
        and ``t_predicted``.
    """
    if n_repeats < 1:
        raise ArgumentError(f"n_repeats must be at least 1, got {n_repeats!r}")
    rng = np.random.default_rng(random_state)
    names, parts = [f"{target}_predicted" for target in design.targets], []
    for number, (model, (_, test)) in enumerate(zip(models, design.splits, strict=True)):
        truth = pd.DataFrame(design.y.to_numpy(dtype=float)[test], columns=list(design.targets))
        truth.insert(0, "subject", design.rows.subjects[test])
        for name, columns in {"": [], **members}.items():
            for repeat in range(n_repeats if columns else 1):
                X = _shuffled(design, test, list(columns), rng) if columns else None
                answer = pd.DataFrame(predict_fold(model, design, number, X), columns=names)
                part = pd.concat([truth, answer], axis=1)
                part.insert(0, "group", name)
                part.insert(1, "repeat", repeat)
                parts.append(part)
    return pd.concat(parts, ignore_index=True)


def ablation(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    groups: str | Groups = "modality",
    cv: Any = "leave-one-subject-out",
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Evaluate with all columns, without each group, and with each group alone.

    Parameters
    ----------
    pipeline : estimator
        As in `evaluate`.
    X : DataFrame
        Feature table.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    groups : str or mapping of str to sequence of str
        A name in `GROUPINGS`, or the columns of each group.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`.
    n_jobs : int, optional
        As in `evaluate`.
    random_state : int, optional
        Seed of splits that draw.
    progress : callable, optional
        Called as ``progress("evaluations", done, total)``.

    Returns
    -------
    DataFrame
        Index ``(target, kept)`` with ``"all"``, ``"without <group>"`` and ``"only <group>"``;
        columns rmse, ccc, skill, skill_low, skill_high.
    """
    members = resolve_groups(X, groups)
    evaluations = ablate(
        pipeline, X, y, members, cv=cv, n_jobs=n_jobs, random_state=random_state, progress=progress
    )
    return ablation_table(evaluations)


def ablate(
    pipeline: Any,
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    members: Groups,
    *,
    cv: Any = "leave-one-subject-out",
    n_jobs: int | None = None,
    random_state: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Evaluation]:
    """Evaluate with all columns, without each group, and with each group alone.

    Parameters
    ----------
    pipeline, X, y, cv, n_jobs, random_state, progress : object
        As in `ablation`.
    members : mapping of str to sequence of str
        Columns of each group.

    Returns
    -------
    dict of str to Evaluation
        By what was kept: ``"all"``, ``"without <group>"``, ``"only <group>"``.
    """
    tables = {"all": X}
    for name, columns in members.items() if len(members) > 1 else ():
        tables[f"without {name}"] = X.drop(columns=list(columns))
    for name, columns in members.items():
        tables[f"only {name}"] = X[list(columns)]
    evaluations = {}
    for done, (name, table) in enumerate(tables.items(), start=1):
        design = make_design(table, y, cv, random_state=random_state)
        evaluations[name] = evaluate_plan(pipeline, design, n_jobs=n_jobs, check=False)
        if progress is not None:
            progress("evaluations", done, len(tables))
    return evaluations


def ablation_table(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Put the scores of what was kept beside each other.

    Parameters
    ----------
    evaluations : mapping of str to Evaluation
        By what was kept.

    Returns
    -------
    DataFrame
        Index ``(target, kept)``; columns rmse, ccc, skill, skill_low, skill_high.
    """
    columns = ["rmse", "ccc", "skill", "skill_low", "skill_high"]
    parts = {name: one.summary().reindex(columns=columns) for name, one in evaluations.items()}
    table = pd.concat(parts, names=["kept"]).swaplevel()
    return pd.concat([table.loc[[target]] for target in table.index.unique("target")])


def resolve_groups(X: pd.DataFrame, groups: str | Groups) -> dict[str, list[str]]:
    """Find the columns of each group.

    Parameters
    ----------
    X : DataFrame
        Feature table.
    groups : str or mapping of str to sequence of str
        A name in `GROUPINGS`, or the columns of each group.

    Returns
    -------
    dict of str to list of str
        Columns by group.

    Raises
    ------
    ArgumentError
        If a grouping or column is unknown, or X is a raw window table.
    """
    if "recording" in X.columns:
        raise ArgumentError(
            "importance needs the feature table, got a raw window table: extract_features(X) first"
        )
    if isinstance(groups, str):
        if groups not in GROUPINGS:
            raise ArgumentError(unknown_name("grouping", groups, GROUPINGS))
        return GROUPINGS[groups](list(X.columns))
    for name, columns in groups.items():
        for column in columns:
            if column not in X.columns:
                raise ArgumentError(f"group {name!r}: " + unknown_name("column", column, X.columns))
    return {name: list(columns) for name, columns in groups.items()}


def _grouped(columns: Sequence[str], depth: int) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for column in columns:
        groups.setdefault("__".join(str(column).split("__")[:depth]), []).append(column)
    return groups


def _shuffled(
    design: Design, test: IntArray, columns: list[str], rng: np.random.Generator
) -> pd.DataFrame:
    """Give each row of a test side the group's columns of another row of the same person."""
    rows, source = design.rows, np.arange(len(test))
    for subject in pd.unique(rows.subjects[test]):
        mine = np.flatnonzero((rows.subjects[test] == subject) & ~rows.rest[test])
        source[mine] = rng.permutation(mine)
    X = design.X.iloc[test].copy()
    X[columns] = X[columns].to_numpy()[source]
    return X


def rmse_increase(shuffled: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Compute the rise of the pooled RMSE above that without shuffling.

    Parameters
    ----------
    shuffled : DataFrame
        What `shuffled_predictions` returned; squared errors of the repeats are averaged.
    level : float
        Coverage of the intervals over people, in (0, 1).

    Returns
    -------
    DataFrame
        Index ``(target, group)``; columns `importance`, `low`, `high`.
    """
    codes, people = pd.factorize(shuffled["subject"])
    groups, names = pd.factorize(shuffled["group"])
    shape, cells = (len(names), len(people)), groups * len(people) + codes
    rows = {}
    for target in (name for name in shuffled if f"{name}_predicted" in shuffled):
        rated = shuffled[target].notna().to_numpy()
        error = (shuffled[target] - shuffled[f"{target}_predicted"]).to_numpy()[rated]
        n = np.bincount(cells[rated], minlength=len(names) * len(people)).reshape(shape)
        square = np.bincount(cells[rated], error**2, len(names) * len(people)).reshape(shape)
        plain = list(names).index("")
        kept = n[plain] > 0
        n, square, counts = n[:, kept], square[:, kept], left_out(int(kept.sum()))
        rmse = np.sqrt((square @ counts.T) / (n @ counts.T))
        for name, rise in zip(names, rmse - rmse[plain], strict=True):
            if name:
                rows[target, name] = (
                    float(rise[0]),
                    *over_people(rise, square[plain], level, "difference"),
                )
    index = pd.MultiIndex.from_tuples(list(rows), names=["target", "group"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["importance", "low", "high"])
